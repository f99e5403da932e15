import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Workspace } from '../../shared/insight/workspace.ts';

/** Real manifests beside the project; without them, these tests are skipped. */
const corpus = join(import.meta.dirname, '..', '..', '..', 'shared', 'corpus');
const isThere = existsSync(corpus);

function workspaceOf(folder: string): Workspace {
  const workspace = new Workspace([folder]);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && /\.(?:ya?ml|json)$/.test(entry.name))
      workspace.put(join(entry.parentPath, entry.name), readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  }
  return workspace;
}

describe.skipIf(!isThere)(
  `the corpus of real manifests${isThere ? '' : ' (skipped: ../shared/corpus is not there)'}`,
  () => {
    test.each(
      isThere
        ? readdirSync(corpus, { withFileTypes: true })
            .filter((entry) => entry.isDirectory())
            .map(({ name }) => name)
        : [],
    )('%s: no false alarm', { timeout: 60_000 }, (name) => {
      const workspace = workspaceOf(join(corpus, name));
      const alarms = workspace
        .uris()
        .flatMap((uri) => workspace.findings(uri))
        .filter(({ severity }) => severity !== 'info')
        .map(({ rule, site }) => `${rule} ${site.uri.slice(corpus.length + 1)}`);
      // The first two say `extensions/v1beta1`, which the API server has not taken since 1.16; then a `prots` that asks
      // to be found, and a nodePort on a Service of type ClusterIP; a Deployment of v1, and one of apps/v1alpha1, which
      // no release had; a path with parentheses and pathType: Prefix, which ingress-nginx's webhook refuses since 1.12:
      // no false alarms.
      const true_ = [
        'gone-api-version kubernetes__examples/_archived/newrelic-infrastructure/newrelic-infra-daemonset.yaml',
        'gone-api-version kubernetes__examples/_archived/volumes/flexvolume/deploy/ds.yaml',
        'refused-by-api-server ' +
          'kubernetes-sigs__kustomize/functions/examples/validator-kubeval/local-resource/example-use.yaml',
        'no-such-api-version kubernetes-sigs__kustomize/examples/transformerconfigs/images/resources.yaml',
        ...['expected', 'input'].map(
          (each) =>
            'no-such-api-version kubernetes-sigs__kustomize/kyaml/fn/framework/testdata/patch-selector/' +
            `apiversionselector/${each}.yaml`,
        ),
        ...['expected', 'localupdates'].map(
          (each) =>
            'refused-by-api-server ' +
            `kubernetes-sigs__kustomize/kyaml/kio/filters/testdata/dataset1-${each}/wordpress/` +
            'wordpress-service.resource.yaml',
        ),
        'ingress-nginx-refuses kubernetes__examples/AI/model-serving-tensorflow/ingress.yaml',
      ];
      expect(alarms.filter((each) => !true_.includes(each) && !each.startsWith('yaml-syntax'))).toEqual([]);
      for (const uri of workspace.uris()) {
        workspace.lenses(uri);
      }
    });

    test("microservices-demo's release manifest has the right lenses", () => {
      const folder = join(corpus, 'GoogleCloudPlatform__microservices-demo', 'release');
      const workspace = workspaceOf(folder);
      const lenses = workspace.lenses(join(folder, 'kubernetes-manifests.yaml'));
      expect(lenses.map(({ name, way }) => `${name}: ${way}`).toSorted()).toEqual([
        ...['adservice', 'cartservice', 'checkoutservice', 'currencyservice', 'emailservice'].map(
          (name) => `${name}: 1 hop from pod, no SNAT`,
        ),
        'frontend-external: 2 hops from LB, SNAT applied',
        'frontend: 1 hop from pod, no SNAT',
        ...['paymentservice', 'productcatalogservice', 'recommendationservice', 'redis-cart', 'shippingservice'].map(
          (name) => `${name}: 1 hop from pod, no SNAT`,
        ),
      ]);
      expect(lenses.every(({ notes }) => notes[0] === '→ 1 pod')).toBe(true);
    });
  },
);
