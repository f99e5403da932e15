import type { Manifest } from './manifest.ts';

/**
 * Which manifests would be applied together. What is applied together is judged together; two variants of one
 * application side by side never mix.
 *
 * A set's root is, nearest first: a chart (a folder with `Chart.yaml`), a kustomization's folder, a file that is a
 * cluster dump, else the topmost folder up to the next such root. Native kustomize and Helm will replace
 * `setRootOf` by what those tools really gather.
 */
export interface ManifestSet {
  /** The root: a folder's URI without a trailing slash, or a dump file's URI. */
  readonly root: string;
  readonly kind: 'chart' | 'kustomization' | 'dump' | 'folder';
  readonly uris: readonly string[];
}

export interface WorkspaceFile {
  readonly uri: string;
  readonly isDump: boolean;
}

const kustomizationFile = /\/(?:kustomization\.ya?ml|Kustomization)$/;
const chartFile = /\/Chart\.ya?ml$/;

export function folderOf(uri: string): string {
  return uri.slice(0, Math.max(0, uri.lastIndexOf('/')));
}

/** Groups a workspace's files into sets. `folders` are the workspace's own, the outermost a set can reach. */
export function manifestSetsOf(files: readonly WorkspaceFile[], folders: readonly string[]): ManifestSet[] {
  const roots = new Map<string, ManifestSet['kind']>();
  for (const { uri } of files) {
    if (chartFile.test(uri)) roots.set(folderOf(uri), 'chart');
  }
  for (const { uri } of files) {
    if (kustomizationFile.test(uri) && !roots.has(folderOf(uri))) roots.set(folderOf(uri), 'kustomization');
  }
  const sets = new Map<string, { kind: ManifestSet['kind']; uris: string[] }>();
  for (const file of files) {
    const [root, kind] = file.isDump ? [file.uri, 'dump' as const] : rootOf(file.uri, roots, folders);
    const set = sets.get(root);
    if (set === undefined) sets.set(root, { kind, uris: [file.uri] });
    else set.uris.push(file.uri);
  }
  return [...sets].map(([root, { kind, uris }]) => ({ root, kind, uris: uris.sort() }));
}

function rootOf(uri: string, roots: ReadonlyMap<string, ManifestSet['kind']>, folders: readonly string[]): [string, ManifestSet['kind']] {
  const top = folders.filter((folder) => uri.startsWith(`${folder}/`)).sort((a, b) => b.length - a.length)[0] ?? folderOf(uri);
  for (let folder = folderOf(uri); folder.length >= top.length && folder !== ''; folder = folderOf(folder)) {
    const kind = roots.get(folder);
    if (kind !== undefined) return [folder, kind];
  }
  return [top, 'folder'];
}

/** What `kubectl get -o yaml` writes carries what only the API server sets. */
export function looksLikeDump(manifests: readonly Manifest[]): boolean {
  return manifests.length > 1 && manifests.some(({ kind }) => kind === 'Node' || kind === 'Pod' || kind === 'EndpointSlice')
    && manifests.every(({ value }) => value.kind === 'map' && hasUid(value));
}

function hasUid(value: Manifest['value']): boolean {
  const metadata = value.kind === 'map' ? value.entries.get('metadata')?.value : undefined;
  return metadata?.kind === 'map' && metadata.entries.has('uid');
}
