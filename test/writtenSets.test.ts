import { expect, test } from 'vitest';
import { completionsAt } from '../shared/insight/completing/completions.ts';
import { Workspace } from '../shared/insight/workspace.ts';

const service = (port: number): string =>
  `{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: ${port}}]}}`;
const deployment =
  '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {metadata: {labels: {app: web}}}}}';
const profile = (name: string, cidr: string): string =>
  `{apiVersion: hoplens.dev/v1alpha1, kind: ClusterProfile, metadata: {name: ${name}}, ` +
  `spec: {podNetwork: {cidr: ${cidr}}}}`;
const sets = (...each: readonly string[]): string =>
  `{apiVersion: hoplens.dev/v1alpha1, kind: ManifestSets, metadata: {name: s}, spec: {sets: [${each.join(', ')}]}}`;

function workspaceOf(hoplens: readonly string[]): Workspace {
  const workspace = new Workspace(['/work']);
  workspace.put('/work/hoplens.yaml', hoplens.join('\n---\n'));
  workspace.put('/work/base/app.yaml', deployment);
  workspace.put('/work/dev/service.yaml', service(80));
  workspace.put('/work/prod/deep/service.yaml', service(80));
  workspace.put('/work/prod/service.txt.yaml', deployment);
  return workspace;
}

test('what is written down is a set, whatever the folders look like, judged by the profile that it names', () => {
  const workspace = workspaceOf([
    profile('one', '10.1.0.0/16'),
    profile('two', '10.2.0.0/16'),
    sets(
      '{name: dev, files: [base/**, "dev/*.yaml"], profile: two}',
      '{name: prod, files: ["{base,prod/deep}/**"], profile: one}',
    ),
  ]);
  const said = workspace.sets().map(({ root, uris, profile: by }) => `${root} (${by ?? ''}): ${uris.join(' ')}`);
  expect(said).toEqual([
    '/work/hoplens.yaml#dev (two): /work/base/app.yaml /work/dev/service.yaml',
    '/work/hoplens.yaml#prod (one): /work/base/app.yaml /work/prod/deep/service.yaml',
    '/work (): /work/hoplens.yaml /work/prod/service.txt.yaml',
  ]);
  const networks = ['dev', 'prod/deep'].map(
    (folder) => workspace.sceneOf(`/work/${folder}/service.yaml`)?.model.profile.podNetwork.cidrs,
  );
  expect(networks).toEqual([['10.2.0.0/16'], ['10.1.0.0/16']]);
  expect(workspace.findings('/work/hoplens.yaml')).toEqual([]);
});

const faults: readonly (readonly [set: string, said: readonly string[]])[] = [
  [
    '{name: a, files: [base/*], flies: []}',
    ['error ManifestSets has no field flies here; known are name, files, profile.'],
  ],
  ['{name: a, files: ["no/*"]}', ['warning no/* matches no file.']],
  ['{name: a, files: ["../x"]}', ['error ../x leads out of the folder of this document: a set has files beneath it.']],
  ['{name: a, files: [base/*], profile: none}', ['error There is no ClusterProfile none.']],
  ['{files: [base/*]}', ['error A set has a name, of letters, digits, - and dots.']],
  ['{name: a}', ['error A set has files: a list of globs, from the folder of this document.']],
  ['{name: a, files: [base/*]}, {name: a, files: [dev/*]}', ['error A set before is called a, too.']],
  ['{name: a, files: ["*a*a*a*a*a*a*a*a*b"]}', ['error A glob takes *, **, ?, [a-z] and {a,b}, few of them.']],
];

test.each(faults)('%s', (set, said) => {
  const found = workspaceOf([sets(set)]).findings('/work/hoplens.yaml');
  expect(found.map(({ severity, message }) => `${severity} ${message}`)).toEqual(said);
});

test('files that come and go are heard of', () => {
  const workspace = workspaceOf([sets('{name: a, files: ["new/*"]}')]);
  const watch = workspace.watchFindings('/work/hoplens.yaml', 'with infos', () => undefined);
  expect(watch.get()).toHaveLength(1);
  workspace.put('/work/new/a.yaml', deployment);
  expect(watch.get()).toEqual([]);
  workspace.remove('/work/new/a.yaml');
  expect(watch.get()).toHaveLength(1);
  watch.stop();
});

/** What is offered at the end of a text. */
function offered(text: string): string[] {
  const workspace = workspaceOf([text]);
  const lines = text.split('\n');
  const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
  const { items } = workspace.ask(() => completionsAt(workspace, '/work/hoplens.yaml', text, position));
  return items.map(({ label }) => label);
}

const sayingSets = 'apiVersion: hoplens.dev/v1alpha1\nkind: ManifestSets\nspec:';

test('the fields of a set, and the names of profiles, are completed', () => {
  const profile = 'apiVersion: hoplens.dev/v1alpha1\nkind: ClusterProfile\nmetadata: { name: prod }';
  const at = (line: string): string[] => offered(`${profile}\n---\n${sayingSets}\n  sets:\n${line}`);
  expect(at('    - ')).toEqual(['name', 'files', 'profile']);
  expect(at('    - name: a\n      fi')).toEqual(['files', 'profile']);
  expect(at('    - profile: p')).toEqual(['prod']);
});

test('rules and how grave they are, are completed', () => {
  const at = (line: string): string[] => offered(`${sayingSets}\n  rules:\n    no-weight: info\n${line}`);
  expect(at('    alias').filter((each) => /alias|unread/.test(each))).toEqual(
    expect.arrayContaining(['alias-loop', 'yaml-unread']),
  );
  expect(at('    alias-loop: ')).toEqual(['error', 'warning', 'info', 'hint', 'off']);
});
