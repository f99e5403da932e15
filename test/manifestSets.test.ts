import { expect, test } from 'vitest';
import { Graph } from '../shared/cluster/derived.ts';
import { Grouping } from '../shared/insight/grouping.ts';
import { Workspace } from '../shared/insight/workspace.ts';
import type { GroupedSet, ManifestSet } from '../shared/manifest/manifestSet.ts';
import { parseFile } from '../shared/manifest/parseFile.ts';
import { type SeededRandom, seededRandom } from './seededRandom.ts';

/** What files define, by path: `Service web, Deployment web`; `dump` makes it what `kubectl get -o yaml` writes. */
type Tree = Readonly<Record<string, string>>;

const apiVersions: Readonly<Record<string, string>> = {
  Gateway: 'gateway.networking.k8s.io/v1',
  GatewayClass: 'gateway.networking.k8s.io/v1',
  ClusterProfile: 'hoplens.dev/v1alpha1',
  Ingress: 'networking.k8s.io/v1',
  Deployment: 'apps/v1',
};

/** What one names of the others: an Ingress the Service, that the pods of the Deployment, all of one name. */
const specs: Readonly<Record<string, (name: string) => string>> = {
  Ingress: (name) => `{defaultBackend: {service: {name: "${name}"}}}`,
  Service: (name) => `{selector: {app: "${name}"}}`,
  Deployment: (name) => `{template: {metadata: {labels: {app: "${name}"}}}}`,
};

function manifestsOf(uri: string, defined: string): ReturnType<typeof parseFile>['manifests'] {
  const [, dump, objects = ''] = /^(dump )?(.*)$/.exec(defined) ?? [];
  const documents = objects.split(', ').map((object) => {
    const [kind = '', name] = object.split(' ');
    const uid = dump === undefined ? '' : ', uid: u';
    const spec = specs[kind]?.(name ?? '') ?? '{}';
    return `{apiVersion: ${apiVersions[kind] ?? 'v1'}, kind: ${kind}, metadata: {name: ${name}${uid}}, spec: ${spec}}`;
  });
  return parseFile(uri, documents.join('\n---\n')).manifests;
}

function groupedAnew(tree: Tree, folders: readonly string[]): Grouping {
  const graph = new Graph();
  const grouping = new Grouping(graph, graph.input(folders));
  for (const [uri, defined] of Object.entries(tree)) grouping.put(uri, manifestsOf(uri, defined));
  return grouping;
}

/** A set a line: its kind if it isn't a folder, its root, the files judged in it, and in brackets those that help. */
function said({ root, kind, uris, own }: GroupedSet): string {
  const company = uris.filter((uri) => !own.includes(uri));
  const files = [...own, ...company.map((uri) => `(${uri})`)];
  return `${kind === 'folder' ? '' : `${kind} `}${root}: ${files.join(' ')}`;
}

const cases: readonly (readonly [what: string, tree: Tree, sets: readonly string[]])[] = [
  [
    'a folder and its sub-folders are one set',
    { '/work/web.yaml': 'Service web', '/work/api/api.yaml': 'Service api', '/work/api/db/db.yaml': 'Service db' },
    ['/work: /work/api/api.yaml /work/api/db/db.yaml /work/web.yaml'],
  ],
  [
    'folders that define the same object are variants, and so is what lies beside them',
    { '/work/a/web.yaml': 'Service web', '/work/b/web.yaml': 'Service web', '/work/api.yaml': 'Service api' },
    ['/work/a: /work/a/web.yaml', '/work/b: /work/b/web.yaml', '/work: /work/api.yaml'],
  ],
  [
    'where a folder falls apart, those around it can still be one',
    {
      '/work/x/a/web.yaml': 'Service web',
      '/work/x/b/web.yaml': 'Service web',
      '/work/web.yaml': 'Service web',
      '/work/y/api.yaml': 'Service api',
    },
    ['/work/x/a: /work/x/a/web.yaml', '/work/x/b: /work/x/b/web.yaml', '/work: /work/web.yaml /work/y/api.yaml'],
  ],
  [
    'files of one folder that contradict one another are variants, with what nobody contradicts as company',
    {
      '/work/1.yaml': 'Service web',
      '/work/2.yaml': 'Service web',
      '/work/app.yaml': 'Deployment web',
      '/work/sub/api.yaml': 'Service api',
    },
    [
      '/work/sub: /work/sub/api.yaml',
      '/work/1.yaml: /work/1.yaml (/work/app.yaml)',
      '/work/2.yaml: /work/2.yaml (/work/app.yaml)',
      '/work: /work/app.yaml',
    ],
  ],
  [
    'where many contradict one another, each file is a scene of its own; what no variant can define is company of none',
    {
      '/work/1.yaml': 'Service web',
      '/work/2.yaml': 'Service web',
      '/work/3.yaml': 'Service db',
      '/work/4.yaml': 'Service db',
      '/work/app.yaml': 'Deployment web',
      '/work/secrets.yaml': 'Secret web',
    },
    [
      '/work/1.yaml: /work/1.yaml',
      '/work/2.yaml: /work/2.yaml',
      '/work/3.yaml: /work/3.yaml',
      '/work/4.yaml: /work/4.yaml',
      '/work/app.yaml: /work/app.yaml',
      '/work: /work/secrets.yaml',
    ],
  ],
  [
    'an object that one file defines twice, a GatewayClass and a ConfigMap are no variants',
    {
      '/work/a/web.yaml': 'Service web, Service web, GatewayClass eg, ConfigMap c',
      '/work/b/api.yaml': 'GatewayClass eg, ConfigMap c',
    },
    ['/work: /work/a/web.yaml /work/b/api.yaml'],
  ],
  [
    'a set has one profile, whatever its name',
    { '/work/a/hoplens.yaml': 'ClusterProfile a', '/work/b/hoplens.yaml': 'ClusterProfile b' },
    ['/work/a: /work/a/hoplens.yaml', '/work/b: /work/b/hoplens.yaml'],
  ],
  [
    'a chart and a kustomization hold whatever is in them, up to the next',
    {
      '/work/web.yaml': 'Service web',
      '/work/c/Chart.yaml': 'Chart c',
      '/work/c/kustomization.yaml': 'Kustomization c',
      '/work/c/templates/a.yaml': 'Service web',
      '/work/c/templates/b.yaml': 'Service web',
      '/work/c/k/Kustomization': 'Kustomization k',
      '/work/c/k/web.yaml': 'Service web',
    },
    [
      'chart /work/c: /work/c/Chart.yaml /work/c/kustomization.yaml /work/c/templates/a.yaml /work/c/templates/b.yaml',
      'kustomization /work/c/k: /work/c/k/Kustomization /work/c/k/web.yaml',
      '/work: /work/web.yaml',
    ],
  ],
  [
    'a dump stands alone, wherever it lies',
    { '/work/c/Chart.yaml': 'Chart c', '/work/c/dump.yaml': 'dump Pod web, Service web', '/work/web.yaml': 'Pod web' },
    ['chart /work/c: /work/c/Chart.yaml', 'dump /work/c/dump.yaml: /work/c/dump.yaml', '/work: /work/web.yaml'],
  ],
  [
    'no set reaches beyond the innermost folder of the workspace, or beyond its own outside of it',
    {
      '/work/kustomization.yaml': 'Kustomization a',
      '/work/inner/deep/web.yaml': 'Service web',
      '/work/inner/api.yaml': 'Service api',
      '/else/web.yaml': 'Service web',
      '/else/deep/api.yaml': 'Service api',
    },
    [
      '/else/deep: /else/deep/api.yaml',
      '/else: /else/web.yaml',
      '/work/inner: /work/inner/api.yaml /work/inner/deep/web.yaml',
      'kustomization /work: /work/kustomization.yaml',
    ],
  ],
];

test.each(cases)('%s', (_, tree, sets) => {
  const grouping = groupedAnew(tree, ['/work', '/work/inner']);
  expect(grouping.sets.get().map(said).toSorted()).toEqual(sets.toSorted());
});

const places = [
  '/work',
  '/work/a',
  '/work/a/x',
  '/work/a/x/deep',
  '/work/a/y',
  '/work/b',
  '/work/b/x',
  '/else',
  '/else/a',
];
const names = ['1.yaml', '2.yaml', '3.yaml', '4.yaml'];
const markers = ['Chart.yaml', 'kustomization.yaml', 'Kustomization'];

function randomObjects(random: SeededRandom): string {
  const objects = Array.from(
    { length: 1 + random.below(3) },
    // Few names, so that some files contradict one another, and others don't.
    () => `${random.pick(['Service', 'Service', 'Deployment', 'Gateway', 'ConfigMap'])} ${random.below(15)}`,
  );
  return random.below(12) === 0 ? `dump Pod 1, ${objects.join(', ')}` : objects.join(', ');
}

/** The tree with a file more, less, moved or called otherwise. */
function changed(random: SeededRandom, tree: Tree): Tree {
  const uris = Object.keys(tree);
  const roll = random.below(20);
  const folder = random.pick(places);
  if (roll < 3 && uris.length > 0) {
    const gone = random.pick(uris);
    return Object.fromEntries(Object.entries(tree).filter(([uri]) => uri !== gone));
  }
  if (roll === 3) {
    const to = random.pick(places);
    return Object.fromEntries(
      Object.entries(tree).map(([uri, defined]) => [
        uri.startsWith(`${folder}/`) ? to + uri.slice(folder.length) : uri,
        defined,
      ]),
    );
  }
  if (roll === 4) return { ...tree, [`${folder}/${random.pick(markers)}`]: 'Kustomization a' };
  if (roll < 8 || uris.length === 0) return { ...tree, [`${folder}/${random.pick(names)}`]: randomObjects(random) };
  return { ...tree, [random.pick(uris)]: randomObjects(random) };
}

const seed = Number(process.env.SEED ?? 20270301);

test(`after each change the sets are those of all files grouped anew (SEED=${seed})`, () => {
  const random = seededRandom(seed);
  for (let run = 0; run < 25; run++) {
    const graph = new Graph();
    const folders = graph.input<readonly string[]>(['/work']);
    const grouping = new Grouping(graph, folders);
    const sets = graph.derived(() => grouping.sets.get()).pin();
    const told = new Set<string>();
    const homes = new Map<string, { readonly get: () => string | null; was: string | null }>();
    let tree: Tree = {};
    for (let step = 0; step < 60; step++) {
      const before = tree;
      for (let changes = 1 + random.below(3); changes > 0; changes--) tree = changed(random, tree);
      for (const uri of Object.keys(before)) if (tree[uri] === undefined) grouping.remove(uri);
      for (const [uri, defined] of Object.entries(tree)) {
        if (before[uri] !== defined) grouping.put(uri, manifestsOf(uri, defined));
        if (!homes.has(uri)) {
          const home = graph.derived(() => grouping.homeOf(uri), { onStale: () => told.add(uri) }).pin();
          homes.set(uri, { get: () => home.get(), was: null });
          told.add(uri);
        }
      }
      if (random.below(15) === 0) folders.set(random.pick([['/work'], ['/work', '/work/a'], ['/work/a/x'], []]));
      // Sometimes several changes come before anybody looks.
      if (random.below(4) === 0) continue;

      const known = new Map(sets.isStale ? [] : sets.get().map((set) => [set.root, set]));
      graph.settle();
      const fresh = groupedAnew(tree, folders.get());
      expect(sets.get(), `run ${run}, step ${step}`).toEqual(fresh.sets.get());
      for (const set of sets.get()) {
        const old = known.get(set.root);
        if (old !== undefined && said(old) === said(set)) expect(set === old, `${set.root} is kept`).toBe(true);
      }
      for (const [uri, home] of homes) {
        const now = told.has(uri) ? home.get() : home.was;
        expect(now, uri).toBe(fresh.homeOf(uri));
        if (home.was !== null && home.was === now) expect(told.has(uri), `${uri} hears of nothing`).toBe(false);
        if (now !== null) expect(grouping.setsAt(now)[0]?.uris).toContain(uri);
        home.was = now;
      }
      told.clear();
    }
  }
});

test(`after each change each set borrows what it borrows in all files grouped anew (SEED=${seed})`, () => {
  const random = seededRandom(seed);
  const few = ['/work', '/work', '/work/a', '/work/b', '/work/b/c'];
  let [borrowed, chosen] = [0, 0];
  for (let run = 0; run < 20; run++) {
    const graph = new Graph();
    const grouping = new Grouping(graph, graph.input<readonly string[]>(['/work']));
    const known = new Map<string, { readonly get: () => readonly ManifestSet[] }>();
    const tree: Record<string, string> = {};
    for (let step = 0; step < 40; step++) {
      const uri = `${random.pick(few)}/${random.pick(names)}`;
      const objects = Array.from(
        { length: 1 + random.below(2) },
        () => `${random.pick(['Service', 'Deployment', 'Ingress'])} ${random.below(6)}`,
      );
      if (tree[uri] !== undefined && random.below(4) === 0) {
        delete tree[uri];
        grouping.remove(uri);
      } else {
        tree[uri] = objects.join(', ');
        grouping.put(uri, manifestsOf(uri, tree[uri]));
      }
      const fresh = groupedAnew(tree, ['/work']);
      for (const { root } of grouping.sets.get()) {
        const cell = known.get(root) ?? graph.derived(() => grouping.setsAt(root)).pin();
        known.set(root, cell);
        const anew = fresh.setsAt(root);
        expect(cell.get(), `run ${run}, step ${step}: ${root}`).toEqual(anew);
        borrowed += anew[0]?.borrowed.length ?? 0;
        if (anew.length > 1) chosen++;
      }
    }
  }
  expect([borrowed > 300, chosen > 100], `${borrowed} borrowed, ${chosen} times with a choice`).toEqual([true, true]);
});

test('what is made of a set is forgotten with the last who looks at it', () => {
  const workspace = new Workspace(['/work']);
  workspace.put('/work/a/web.yaml', '{apiVersion: v1, kind: Service, metadata: {name: web}}');
  const scene = (): unknown => workspace.ask(() => workspace.sceneOf('/work/a/web.yaml'));
  const watch = workspace.watchFindings('/work/a/web.yaml', 'faults alone', () => undefined);
  watch.get();
  const watched = scene();
  expect(scene()).toBe(watched);
  // Now it stands in another set.
  workspace.put('/work/a/Chart.yaml', '{apiVersion: v2, name: a, version: 1.0.0}');
  watch.get();
  expect(scene()).not.toBe(watched);
  workspace.remove('/work/a/Chart.yaml');
  watch.get();
  expect(scene()).not.toBe(watched);
});
