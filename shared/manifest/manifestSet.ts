import { groupOf, type Manifest, namespaceOf } from './manifest.ts';
import { valueAt } from './value.ts';

/**
 * Which manifests would be applied together. What is applied together is judged together; two variants of one
 * application side by side never mix.
 *
 * A set is a chart's folder (`Chart.yaml`), a kustomization's own folder, a cluster dump's file, else a folder with its
 * sub-folders up to the next such root. Where two places in a folder define the same object they are variants, and each
 * is a set of its own; each takes along the files beside it that don't contradict it.
 * Native kustomize and Helm will replace this by what those tools really gather.
 */
export interface ManifestSet {
  /** The root: a folder's URI without a trailing slash, or the URI of a dump or of a variant's file. */
  readonly root: string;
  readonly kind: 'chart' | 'kustomization' | 'dump' | 'folder';
  /** Sorted. A file may be in several sets; see `homes`. */
  readonly uris: readonly string[];
}

export interface ManifestSets {
  readonly sets: readonly ManifestSet[];
  /** For each file the one set that it is judged in. */
  readonly homes: ReadonlyMap<string, ManifestSet>;
}

/** What grouping needs to know of a file. */
export interface GroupedFile {
  readonly uri: string;
  readonly isDump: boolean;
  /** The objects that only one variant of an application can define: see `identitiesOf`. */
  readonly identities: readonly string[];
}

const kustomizationFile = /\/(?:kustomization\.ya?ml|Kustomization)$/;
const chartFile = /\/Chart\.ya?ml$/;

export function folderOf(uri: string): string {
  return uri.slice(0, Math.max(0, uri.lastIndexOf('/')));
}

/** Groups a workspace's files. `folders` are the workspace's own, the outermost that a set can reach. */
export function manifestSetsOf(files: readonly GroupedFile[], folders: readonly string[]): ManifestSets {
  const roots = new Map<string, ManifestSet['kind']>();
  for (const { uri } of files) if (kustomizationFile.test(uri)) roots.set(folderOf(uri), 'kustomization');
  for (const { uri } of files) if (chartFile.test(uri)) roots.set(folderOf(uri), 'chart');

  const sets: ManifestSet[] = [];
  const homes = new Map<string, ManifestSet>();
  const add = (
    root: string,
    kind: ManifestSet['kind'],
    members: readonly GroupedFile[],
    context: readonly GroupedFile[] = [],
  ): void => {
    const set = { root, kind, uris: [...members, ...context].map(({ uri }) => uri).toSorted() };
    sets.push(set);
    for (const { uri } of members) homes.set(uri, set);
  };

  const rooted = new Map<string, GroupedFile[]>();
  const loose = new Map<string, GroupedFile[]>();
  for (const file of files) {
    if (file.isDump) {
      add(file.uri, 'dump', [file]);
      continue;
    }
    const top =
      folders.filter((folder) => file.uri.startsWith(`${folder}/`)).toSorted((a, b) => b.length - a.length)[0] ??
      folderOf(file.uri);
    const root = nearestRoot(file.uri, roots, top);
    const [groups, key] = root === null ? [loose, top] : [rooted, root];
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [file]);
    else group.push(file);
  }
  for (const [root, members] of rooted) add(root, roots.get(root) ?? 'folder', members);
  for (const [top, members] of loose) {
    const whole = splitVariants(top, members, (root, own, context) => add(root, 'folder', own, context));
    if (whole.length > 0) add(top, 'folder', whole);
  }
  return { sets, homes };
}

function nearestRoot(uri: string, roots: ReadonlyMap<string, unknown>, top: string): string | null {
  for (let folder = folderOf(uri); folder.length >= top.length && folder !== ''; folder = folderOf(folder)) {
    if (roots.has(folder)) return folder;
  }
  return null;
}

/** Emits the sets that have to stand alone, and gives back the files that may join the enclosing folder's set. */
function splitVariants(
  folder: string,
  files: readonly GroupedFile[],
  emit: (root: string, members: readonly GroupedFile[], context: readonly GroupedFile[]) => void,
): readonly GroupedFile[] {
  const children = Map.groupBy(files, ({ uri }) => {
    const slash = uri.indexOf('/', folder.length + 1);
    return slash === -1 ? folder : uri.slice(0, slash);
  });
  const direct = children.get(folder) ?? [];
  children.delete(folder);
  const directConflicts = conflicting(direct.map((file) => [file, file.identities]));
  const groups: [string, readonly GroupedFile[]][] = [...children].map(([child, members]) => [
    child,
    splitVariants(child, members, emit),
  ]);
  const asGroups = [[folder, direct] as const, ...groups].filter(([, members]) => members.length > 0);
  const isContradicted =
    conflicting(asGroups.map((group) => [group, [...new Set(group[1].flatMap(({ identities }) => identities))]])).size >
    0;
  if (directConflicts.size > 0) {
    const uncontested = direct.filter((file) => !directConflicts.has(file));
    const rivals = direct.filter((file) => directConflicts.has(file));
    for (const [index, file] of rivals.entries()) {
      const company = compatibleWith(file, rivals);
      // What nobody contradicts is judged with the first variant, and helps to judge each.
      if (index === 0) emit(file.uri, [file, ...uncontested], company);
      else emit(file.uri, [file], [...company, ...uncontested]);
    }
    for (const [child, members] of groups) if (members.length > 0) emit(child, members, []);
    return [];
  }
  if (!isContradicted) return asGroups.flatMap(([, members]) => members);
  for (const [root, members] of asGroups) emit(root, members, []);
  return [];
}

/** Of a file's rivals, in their order, those that contradict neither it nor one another. */
function compatibleWith(file: GroupedFile, rivals: readonly GroupedFile[]): GroupedFile[] {
  const defined = new Set(file.identities);
  return rivals.filter((each) => {
    if (each === file || each.identities.some((identity) => defined.has(identity))) return false;
    for (const identity of each.identities) defined.add(identity);
    return true;
  });
}

/** Those of the things that define an object which another of them defines too. */
function conflicting<T>(things: readonly (readonly [T, readonly string[]])[]): Set<T> {
  const owners = new Map<string, T>();
  const clashing = new Set<T>();
  for (const [thing, identities] of things) {
    for (const identity of identities) {
      const owner = owners.get(identity);
      if (owner === undefined) owners.set(identity, thing);
      else if (owner !== thing) clashing.add(owner).add(thing);
    }
  }
  return clashing;
}

const variantKinds = new Set([
  'Service',
  'Ingress',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Pod',
  'Job',
  'CronJob',
  'EndpointSlice',
  'ClusterProfile',
]);

/** Of the Gateway API's objects all but the classes, which like an IngressClass are the cluster's. */
function isOfVariant(manifest: Manifest): boolean {
  const { kind } = manifest;
  return variantKinds.has(kind) || (kind !== 'GatewayClass' && groupOf(manifest).startsWith('gateway.networking.'));
}

/**
 * The objects of a manifest that no second place in a set can define. A set has one profile at most, so its name says
 * nothing.
 */
export function identitiesOf(manifests: readonly Manifest[]): string[] {
  return manifests
    .filter((manifest) => manifest.name !== '' && isOfVariant(manifest))
    .map((manifest) =>
      manifest.kind === 'ClusterProfile'
        ? 'ClusterProfile'
        : `${manifest.kind}/${namespaceOf(manifest)}/${manifest.name}`,
    );
}

/** What `kubectl get -o yaml` writes carries what only the API server sets. */
export function looksLikeDump(manifests: readonly Manifest[]): boolean {
  return (
    manifests.length > 1 &&
    manifests.some(({ kind }) => kind === 'Node' || kind === 'Pod' || kind === 'EndpointSlice') &&
    manifests.every(({ value }) => hasUid(value))
  );
}

function hasUid(value: Manifest['value']): boolean {
  return valueAt(value, 'metadata', 'uid') !== undefined;
}
