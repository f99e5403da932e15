import { folderOf, isChart, isKustomization } from './fileNames.ts';
import type { NamedFiles } from './kustomization.ts';
import { groupOf, type Manifest, namespaceOf, type ObjectKey } from './manifest.ts';
import { valueAt } from './value.ts';
import { matcherOf, type WrittenSet } from './writtenSets.ts';

/**
 * Which manifests would be applied together. What is applied together is judged together; two variants of one
 * application side by side never mix.
 *
 * A set is what somebody says (`ManifestSets`), a chart's folder (`Chart.yaml`), a kustomization's own folder, a
 * cluster dump's file, else a folder with its sub-folders up to the next such root. Same kind, namespace and name in
 * two places are variants of one object: then each of these files, or of these folders, is a set of its own. What it
 * names and lacks it borrows from the others, as a person would look it up (`insight/borrowing.ts`). Files of a folder
 * of which many are variants are each a scene of its own: test fixtures, a documentation's examples.
 */
export interface ManifestSet {
  /** The root: a folder's URI without a trailing slash, the URI of a dump or of a variant's file, or a build's. */
  readonly root: string;
  /** `built`: what kustomize or Helm made of a kustomization or a chart. */
  readonly kind: 'chart' | 'kustomization' | 'dump' | 'folder' | 'built';
  /** Sorted. A file may be in several sets. */
  readonly uris: readonly string[];
  /** Sorted: single objects of other files that it needs. */
  readonly borrowed: readonly ObjectKey[];
  /** The name of the ClusterProfile that it is judged by, where somebody says it. */
  readonly profile: string | null;
  /** The file that was chosen to borrow from, where several define the same object; null without a choice. */
  readonly lender: Lender | null;
}

/** Whether its definition is a variant of what would be applied, or one of several examples of what could be. */
export interface Lender {
  readonly uri: string;
  readonly kind: 'variant' | 'example';
}

export interface Borrowing {
  /** From where it looks. */
  readonly folder: string;
  /** What the other definitions in this folder are. */
  readonly others: Lender['kind'];
}

/** A set that a workspace's files fall into. */
export interface GroupedSet extends ManifestSet {
  /** Those of its files that are judged in it, each file in one set alone. The others help to judge them. */
  readonly own: readonly string[];
  /** How it borrows; null for a set that has all that there is. */
  readonly borrowing: Borrowing | null;
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
  /** Of a kustomization: what it names. */
  readonly named: NamedFiles | null;
  /** The sets that it says there are. */
  readonly sets: readonly WrittenSet[];
}

/** Where files belong by their places, whatever they define. */
export interface Layout {
  /** The sets that somebody wrote down, dumps, charts and kustomizations. */
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

/**
 * Lays out a workspace's files; what is a part of a manifest alone is in no set. `folders` are the workspace's own, the
 * outermost that a set can reach.
 */
export function layoutOf(all: readonly PlacedFile[], folders: readonly string[]): Layout {
  const fragments = fragmentsAmong(all);
  const written = writtenSetsAmong(all);
  const taken = new Set(written.flatMap(({ own }) => own));
  const files = all.filter(({ uri }) => !fragments.has(uri) && !taken.has(uri));
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
  return {
    fixed: [
      ...written,
      ...[...fixed].map(([root, { kind, uris }]) => ({
        root,
        kind,
        uris,
        own: uris,
        borrowed: [],
        lender: null,
        profile: null,
        borrowing: null,
      })),
    ],
    folders: loose,
  };
}

/** The files that kustomizations name as parts of manifests, and none as a manifest. */
function fragmentsAmong(files: readonly PlacedFile[]): ReadonlySet<string> {
  const named = (of: keyof NamedFiles): string[] => files.flatMap(({ named: names }) => names?.[of] ?? []);
  const resources = new Set(named('resources'));
  return new Set(named('fragments').filter((uri) => !resources.has(uri)));
}

/** A file that several sets have is judged in the first of them, and helps to judge the others. */
function writtenSetsAmong(files: readonly PlacedFile[]): readonly GroupedSet[] {
  const taken = new Set<string>();
  return files
    .flatMap(({ sets }) => sets)
    .toSorted((a, b) => (a.uri < b.uri ? -1 : a.uri > b.uri ? 1 : 0))
    .flatMap((set): GroupedSet[] => {
      const uris = filesOfWrittenSet(
        set,
        files.map(({ uri }) => uri),
      ).toSorted();
      const own = uris.filter((uri) => !taken.has(uri));
      for (const uri of own) taken.add(uri);
      const { name, profile } = set;
      if (own.length === 0) return [];
      return [
        {
          root: `${set.uri}#${name}`,
          kind: 'folder',
          uris,
          own,
          borrowed: [],
          lender: null,
          profile,
          borrowing: null,
        },
      ];
    });
}

/** The files that a set's globs match, beneath the folder of the document that says it; that one is none of them. */
export function filesOfWrittenSet(
  { globs, uri }: Pick<WrittenSet, 'globs' | 'uri'>,
  files: readonly string[],
): string[] {
  const folder = `${folderOf(uri)}/`;
  const matchers = globs.map(matcherOf);
  return files.filter(
    (each) => each !== uri && each.startsWith(folder) && matchers.some((matches) => matches(each.slice(folder.length))),
  );
}

function nearestRoot(inner: string, roots: ReadonlyMap<string, unknown>, top: string): string | null {
  for (let folder = inner; folder.length >= top.length && folder !== ''; folder = folderOf(folder)) {
    if (roots.has(folder)) return folder;
  }
  return null;
}

/** The set that some files of a folder are; none without files. */
export function folderSet(
  root: string,
  files: readonly GroupedFile[],
  borrowing: Borrowing | null,
): readonly GroupedSet[] {
  const uris = urisOf(files);
  return uris.length === 0
    ? []
    : [{ root, kind: 'folder', uris, own: uris, borrowed: [], lender: null, profile: null, borrowing }];
}

/**
 * The sets of the files directly in a folder where some contradict one another: one for each of these, with what nobody
 * contradicts as company, and one of all that nobody contradicts.
 */
export function variantsOf(
  root: string,
  files: readonly GroupedFile[],
  contested: ReadonlySet<GroupedFile>,
): readonly GroupedSet[] {
  const shared = files.filter((file) => !contested.has(file));
  const variants = files.filter((file) => contested.has(file));
  const borrowing: Borrowing = { folder: root, others: 'variant' };
  return [...variants.map((file) => setOfFile(file, shared, borrowing)), ...folderSet(root, shared, borrowing)];
}

/** The same where each file is a scene of its own: none has company. */
export function scenesOf(root: string, files: readonly GroupedFile[]): readonly GroupedSet[] {
  const scenes = files.filter(({ identities }) => identities.length > 0);
  const others = files.filter(({ identities }) => identities.length === 0);
  const borrowing: Borrowing = { folder: root, others: 'example' };
  return [...scenes.map((file) => setOfFile(file, [], borrowing)), ...folderSet(root, others, borrowing)];
}

function setOfFile(file: GroupedFile, company: readonly GroupedFile[], borrowing: Borrowing): GroupedSet {
  return {
    root: file.uri,
    kind: 'folder',
    uris: urisOf([file, ...company]),
    own: [file.uri],
    borrowed: [],
    lender: null,
    profile: null,
    borrowing,
  };
}

/**
 * Whether files that can't all be applied are scenes, each for itself (test fixtures, a documentation's examples), and
 * not variants of one application's parts: a fifth of those that define something define or claim what others do.
 */
export function areScenes(rivals: number, defining: number): boolean {
  return rivals >= fewestScenes && rivals * 5 >= defining;
}

/** Fewer are variants of one application's parts. */
export const fewestScenes = 4;

function urisOf(files: readonly GroupedFile[]): string[] {
  return files.map(({ uri }) => uri).toSorted();
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
