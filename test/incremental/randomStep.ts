import type { SeededRandom } from '../seededRandom.ts';
import type { State, Step } from './live.ts';
import { randomEdit } from './randomWorkspace.ts';

/** What has been, so that it can come back. */
export interface Past {
  /** Every file's first text. */
  readonly first: ReadonlyMap<string, string>;
  /** The last texts of files that are gone. */
  readonly deleted: Map<string, string>;
}

type Files = NonNullable<Step['files']>;

/** So many files keep a run from growing. */
const mostFiles = 90;
const longestText = 5000;

/**
 * A step that suits a state. Most are edits of a text; the others change which files there are, or what groups them.
 */
export function randomStep(random: SeededRandom, state: State, past: Past): Step {
  const uris = Object.keys(state.texts);
  const isHurried = random.below(5) === 0;
  const roll = random.below(100);
  if (uris.length < 10) return { files: restored(random, past), isHurried };
  const uri = random.pick(uris);
  const text = state.texts[uri] ?? '';
  const folder = folderOf(random.pick(uris));
  const gone = (at: string): void => void past.deleted.set(at, state.texts[at] ?? '');
  if (uris.length > mostFiles || (roll >= 50 && roll < 56)) {
    gone(uri);
    return { files: [{ uri, text: null }], isHurried };
  }
  if (text.length > longestText) return { files: [{ uri, text: past.first.get(uri) ?? '' }], isHurried };
  if (roll < 50) return { files: [{ uri, text: randomEdit(random, text) }], isHurried };
  if (roll < 62) return { files: readded(random, past), isHurried };
  if (roll < 68) return { files: restored(random, past), isHurried };
  if (roll < 73)
    return { files: moved(random, [[uri, `${folderOf(uri)}/${random.below(5)}-${nameOf(uri)}`]], state), isHurried };
  if (roll < 78) return { files: moved(random, [[uri, `${folder}/${nameOf(uri)}`]], state), isHurried };
  if (roll < 80) return { files: [{ uri: `${folder}/copy-${random.below(3)}.yaml`, text }], isHurried };
  if (roll < 87) return { files: profileChange(random, folder, state), isHurried };
  if (roll < 91) return { files: groupingChange(random, folder, state), isHurried };
  if (roll < 93) return { files: dump(random, folder, state), isHurried };
  if (roll < 94) {
    const target = random.pick([`${folder}-moved`, `${folder}/sub`, '/work', folder.replace('-moved', '')]);
    const inside = uris.filter((each) => each.startsWith(`${folder}/`));
    return {
      files: moved(
        random,
        inside.map((each) => [each, target + each.slice(folder.length)]),
        state,
      ),
      isHurried,
    };
  }
  if (roll < 95) {
    const inside = uris.filter((each) => each.startsWith(`${folder}/`));
    for (const each of inside) gone(each);
    return { files: inside.map((each) => ({ uri: each, text: null })), isHurried };
  }
  if (roll < 96) {
    const profiles = uris.filter((each) => each.endsWith('hoplens.yaml'));
    return { chosenProfile: profiles.length > 0 && random.below(2) === 0 ? random.pick(profiles) : null, isHurried };
  }
  if (roll < 97) return { folders: random.pick([['/work'], ['/work'], ['/work', folder], [folder], []]), isHurried };
  return { toggled: uri, isHurried };
}

function folderOf(uri: string): string {
  return uri.slice(0, uri.lastIndexOf('/'));
}

function nameOf(uri: string): string {
  return uri.slice(uri.lastIndexOf('/') + 1);
}

/** A file as it first was, as a branch's checkout brings it back. */
function restored(random: SeededRandom, { first }: Past): Files {
  const [uri, text] = random.pick([...first]);
  return [{ uri, text }];
}

function readded(random: SeededRandom, past: Past): Files {
  if (past.deleted.size === 0) return restored(random, past);
  const [uri, text] = random.pick([...past.deleted]);
  past.deleted.delete(uri);
  return [{ uri, text }];
}

/** The old names may go before the new ones come, or after. */
function moved(random: SeededRandom, moves: readonly (readonly [string, string])[], { texts }: State): Files {
  const real = moves.filter(([from, to]) => from !== to);
  const targets = new Set(real.map(([, to]) => to));
  const goes = real.filter(([from]) => !targets.has(from)).map(([uri]) => ({ uri, text: null }));
  const comes = real.map(([from, to]) => ({ uri: to, text: texts[from] ?? '' }));
  return random.below(2) === 0 ? [...goes, ...comes] : [...comes, ...goes];
}

function profileChange(random: SeededRandom, folder: string, { texts }: State): Files {
  const uri = `${random.pick([folder, folder, '/work', folderOf(folder)])}/hoplens.yaml`;
  if (texts[uri] !== undefined && random.below(3) === 0) return [{ uri, text: null }];
  const spec = random.pick([
    `nodes: { count: ${1 + random.below(5)} }`,
    'kubeProxy: { mode: ipvs }',
    'kubeProxy: { mode: nftables, nodePortAddresses: [primary] }',
    'podNetwork: { cidr: 10.7.0.0/16, cni: calico, routable: true }',
    `podNetwork: { cidr: 'fd00:7::/56,10.7.0.0/16' }`,
    'loadBalancer: { target: address }',
    'loadBalancer: { kind: nothing-known }',
    'serviceCIDR: 10.200.0.0/16',
    'nodes: [{ name: n-1, zone: a }, { name: n-2, zone: b }]',
    'nodes: what',
    'podNetwork: { policies: cilium }',
    'podNetwork: { policies: none }',
  ]);
  const head = 'apiVersion: hoplens.dev/v1alpha1\nkind: ClusterProfile\nmetadata: { name: made }\n';
  return [{ uri, text: `${head}spec: { ${spec} }\n` }];
}

/** What makes a folder a set of its own comes, goes, or says otherwise. */
function groupingChange(random: SeededRandom, folder: string, { texts }: State): Files {
  const uri = `${folder}/${random.pick(['kustomization.yaml', 'Kustomization', 'Chart.yaml'])}`;
  if (texts[uri] !== undefined && random.below(3) > 0) return [{ uri, text: null }];
  if (uri.endsWith('Chart.yaml')) return [{ uri, text: 'apiVersion: v2\nname: made\nversion: 1.0.0\n' }];
  const line = random.pick(['resources: [app-0.yaml]', 'namePrefix: a-', 'resources: [../team-0]']);
  return [{ uri, text: `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n${line}\n` }];
}

/** What `kubectl get -o json` writes; without its uids it is one file among the others. */
function dump(random: SeededRandom, folder: string, { texts }: State): Files {
  const uri = `${folder}/dump.json`;
  if (texts[uri] !== undefined && random.below(3) === 0) return [{ uri, text: null }];
  const name = `app-${random.below(5)}`;
  const metadata = (uid: string): object => ({
    name,
    labels: { app: name },
    ...(random.below(4) === 0 ? {} : { uid }),
  });
  const items = [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata('s'),
      spec: { type: random.pick(['NodePort', 'LoadBalancer']), selector: { app: name }, ports: [{ port: 80 }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: metadata('p'),
      spec: { nodeName: 'n-1', containers: [{ name: 'main', image: 'example/main' }] },
      status: { podIP: `10.244.1.${1 + random.below(9)}`, conditions: [{ type: 'Ready', status: 'True' }] },
    },
  ];
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, random.pick([0, 2]));
  return [{ uri, text }];
}
