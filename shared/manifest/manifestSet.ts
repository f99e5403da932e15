import { groupOf, type Manifest, namespaceOf } from './manifest.ts';
import { valueAt } from './value.ts';

/**
 * Which manifests would be applied together. What is applied together is judged together; two variants of one
 * application side by side never mix.
 *
 * A set is a chart's folder (`Chart.yaml`), a kustomization's own folder, a cluster dump's file, else a folder with its
 * sub-folders up to the next such root. Where two places in a folder define the same object they are variants, and each
 * is a set of its own; each takes along the files beside it that don't contradict it.
 */
export interface ManifestSet {
  /** The root: a folder's URI without a trailing slash, or the URI of a dump or of a variant's file. */
  readonly root: string;
  readonly kind: 'chart' | 'kustomization' | 'dump' | 'folder';
  /** Sorted. A file may be in several sets. */
  readonly uris: readonly string[];
}

/** A set that a workspace's files fall into. */
export interface GroupedSet extends ManifestSet {
  /** Those of its files that are judged in it, each file in one set alone. The others help to judge them. */
  readonly own: readonly string[];
}

/** What a file can contradict others by. */
export interface GroupedFile {
  readonly uri: string;
  /** The objects that only one variant of an application can define: see `identitiesOf`. */
  readonly identities: readonly string[];
}

export interface PlacedFile {
  readonly uri: string;
  readonly isDump: boolean;
}

/** Where files belong by their places, whatever they define. */
export interface Layout {
  /** Dumps, charts and kustomizations. */
  readonly fixed: readonly GroupedSet[];
  /** The folders of all other files, by URI. */
  readonly folders: ReadonlyMap<string, LooseFolder>;
}

export interface LooseFolder {
  /** The folder whose set its files join if nothing contradicts; null for an outermost one. */
  readonly parent: string | null;
  /** The files directly in it, sorted. */
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

export function isKustomization(uri: string): boolean {
  return /\/(?:kustomization\.ya?ml|Kustomization)$/.test(uri);
}

export function isChart(uri: string): boolean {
  return /\/Chart\.ya?ml$/.test(uri);
}

export function folderOf(uri: string): string {
  return uri.slice(0, Math.max(0, uri.lastIndexOf('/')));
}

/** Lays out a workspace's files. `folders` are the workspace's own, the outermost that a set can reach. */
export function layoutOf(files: readonly PlacedFile[], folders: readonly string[]): Layout {
  const kinds = new Map<string, ManifestSet['kind']>();
  for (const { uri } of files) if (isKustomization(uri)) kinds.set(folderOf(uri), 'kustomization');
  for (const { uri } of files) if (isChart(uri)) kinds.set(folderOf(uri), 'chart');

  const fixed = new Map<string, { readonly kind: ManifestSet['kind']; readonly uris: string[] }>();
  const loose = new Map<
    string,
    { readonly parent: string | null; readonly files: string[]; readonly folders: string[] }
  >();
  const looseFolder = (folder: string, top: string): string[] => {
    const known = loose.get(folder);
    if (known !== undefined) return known.files;
    const made = { parent: folder === top ? null : folderOf(folder), files: [], folders: [] };
    loose.set(folder, made);
    if (made.parent !== null) {
      looseFolder(made.parent, top);
      loose.get(made.parent)?.folders.push(folder);
    }
    return made.files;
  };
  /** The files that those of a folder belong to. */
  const companyIn = (folder: string): string[] => {
    const top =
      folders.filter((each) => `${folder}/`.startsWith(`${each}/`)).toSorted((a, b) => b.length - a.length)[0] ??
      folder;
    const root = nearestRoot(folder, kinds, top);
    if (root === null) return looseFolder(folder, top);
    const set = fixed.get(root) ?? { kind: kinds.get(root) ?? 'folder', uris: [] };
    fixed.set(root, set);
    return set.uris;
  };
  const companies = new Map<string, string[]>();
  for (const { uri, isDump } of files.toSorted((a, b) => (a.uri < b.uri ? -1 : 1))) {
    if (isDump) {
      fixed.set(uri, { kind: 'dump', uris: [uri] });
      continue;
    }
    const folder = folderOf(uri);
    const company = companies.get(folder) ?? companyIn(folder);
    companies.set(folder, company);
    company.push(uri);
  }
  return { fixed: [...fixed].map(([root, { kind, uris }]) => ({ root, kind, uris, own: uris })), folders: loose };
}

function nearestRoot(inner: string, roots: ReadonlyMap<string, unknown>, top: string): string | null {
  for (let folder = inner; folder.length >= top.length && folder !== ''; folder = folderOf(folder)) {
    if (roots.has(folder)) return folder;
  }
  return null;
}

/** The set that some files of a folder are; none without files. */
export function folderSet(root: string, files: readonly GroupedFile[]): readonly GroupedSet[] {
  const uris = urisOf(files);
  return uris.length === 0 ? [] : [{ root, kind: 'folder', uris, own: uris }];
}

/**
 * The sets of the files directly in a folder where some contradict one another: one for each of these. What nobody
 * contradicts is judged with the first, and helps to judge each.
 */
export function variantsOf(files: readonly GroupedFile[], contested: ReadonlySet<GroupedFile>): readonly GroupedSet[] {
  const rivals = files.filter((file) => contested.has(file));
  const uncontested = files.filter((file) => !contested.has(file));
  return rivals.map((file, index) => ({
    root: file.uri,
    kind: 'folder',
    uris: urisOf([file, ...compatibleWith(file, rivals), ...uncontested]),
    own: urisOf(index === 0 ? [file, ...uncontested] : [file]),
  }));
}

function urisOf(files: readonly GroupedFile[]): string[] {
  return files.map(({ uri }) => uri).toSorted();
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
 * The objects of a file that no second place in a set can define, each once. A set has one profile at most, so its name
 * says nothing.
 */
export function identitiesOf(manifests: readonly Manifest[]): string[] {
  const identities = manifests
    .filter((manifest) => manifest.name !== '' && isOfVariant(manifest))
    .map((manifest) =>
      manifest.kind === 'ClusterProfile'
        ? 'ClusterProfile'
        : `${manifest.kind}/${namespaceOf(manifest)}/${manifest.name}`,
    );
  return [...new Set(identities)];
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
