import { expect, test } from 'vitest';
import { filesNamedIn } from '../shared/insight/navigation/fileLinks.ts';
import { Workspace } from '../shared/insight/workspace.ts';

const files: Readonly<Record<string, string>> = {
  'base/kustomization.yaml': 'resources: [shop.yaml, gone.yaml]\n',
  'base/shop.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: shop }\n',
  'prod/kustomization.yaml':
    'resources: [../base]\npatches: [{ path: patch.yaml }]\nhelmCharts: [{ name: web, valuesFile: web-values.yaml }]\n',
  'prod/patch.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: shop }\n',
  'prod/web-values.yaml': 'a: b\n',
  'charts/web/Chart.yaml': 'apiVersion: v2\nname: web\ndependencies: [{ name: lib, repository: file://../lib }]\n',
  'charts/web/values-prod.yaml': 'a: b\n',
  'charts/lib/Chart.yaml': 'apiVersion: v2\nname: lib\n',
  'env/values-prod.yaml': 'a: b\n',
  'apps/argo.yaml': `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: web }
spec:
  sources:
    - path: charts/web
      helm: { valueFiles: [values-prod.yaml, ../../env/values-prod.yaml, $here/env/values-prod.yaml, none.yaml] }
    - { ref: here }
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: shop }
spec: { source: { path: prod } }
`,
  'apps/flux.yaml': `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: shop }
spec: { path: ./prod }
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: web }
spec:
  chart:
    spec:
      chart: ./charts/web
      sourceRef: { kind: GitRepository, name: repo }
      valuesFiles: [./charts/web/values-prod.yaml]
`,
  'hoplens.yaml': `apiVersion: hoplens.dev/v1alpha1
kind: ManifestSets
metadata: { name: sets }
spec: { charts: [{ name: web, path: charts/web, values: [env/values-prod.yaml] }] }
`,
};

/** What a file names, and where that leads. */
function links(name: string): string[] {
  const workspace = new Workspace(['/w']);
  for (const [path, text] of Object.entries(files)) workspace.put(`/w/${path}`, text);
  const lines = (files[name] ?? '').split('\n');
  return filesNamedIn(workspace, `/w/${name}`).map(({ site: { range }, target }) => {
    const text = lines[range.start.line]?.slice(range.start.character, range.end.character);
    return `${text} → ${target.replace('/w/', '')}`;
  });
}

test.each([
  ['base/kustomization.yaml', ['shop.yaml → base/shop.yaml']],
  [
    'prod/kustomization.yaml',
    ['../base → base/kustomization.yaml', 'patch.yaml → prod/patch.yaml', 'web-values.yaml → prod/web-values.yaml'],
  ],
  ['charts/web/Chart.yaml', ['file://../lib → charts/lib/Chart.yaml']],
  [
    'apps/argo.yaml',
    [
      'charts/web → charts/web/Chart.yaml',
      'values-prod.yaml → charts/web/values-prod.yaml',
      '../../env/values-prod.yaml → env/values-prod.yaml',
      '$here/env/values-prod.yaml → env/values-prod.yaml',
      'prod → prod/kustomization.yaml',
    ],
  ],
  [
    'apps/flux.yaml',
    [
      './prod → prod/kustomization.yaml',
      './charts/web → charts/web/Chart.yaml',
      './charts/web/values-prod.yaml → charts/web/values-prod.yaml',
    ],
  ],
  ['hoplens.yaml', ['charts/web → charts/web/Chart.yaml', 'env/values-prod.yaml → env/values-prod.yaml']],
])('%s', (name, found) => {
  expect(links(name)).toEqual(found);
});
