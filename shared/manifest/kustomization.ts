import { folderOf, isKustomization } from './fileNames.ts';
import type { ParsedFile } from './parseFile.ts';
import { type FieldPath, isMap, itemsAt, textAt, textOf, type Value, valueAt } from './value.ts';

/**
 * What a kustomization names: the files and folders that it builds from, its patches. Nothing is built here: that is
 * done by kustomize's own code (`render/`).
 *
 * Source: kubernetes-sigs/kustomize api/types/kustomization.go, api/types/patch.go, api/types/selector.go (v0.21.0).
 */
export interface Kustomization {
  readonly uri: string;
  readonly folder: string;
  /** A component changes what others build, and is never built for itself. */
  readonly isComponent: boolean;
  readonly value: Value;
  readonly file: ParsedFile;
}

/** The kustomization that a file is; null for any other file, and for one that can't be read. */
export function readKustomization(file: ParsedFile): Kustomization | null {
  if (!isKustomization(file.uri)) return null;
  const value = file.documents[0]?.content.value ?? null;
  if (!isMap(value)) return null;
  const isComponent = textAt(value, 'kind') === 'Component';
  return { uri: file.uri, folder: folderOf(file.uri), isComponent, value, file };
}

/** The names that kustomize looks for in a folder, in its order. */
export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** The kustomization of a folder; null for a file of objects, and for a folder without one. */
export function kustomizationAt(file: (uri: string) => ParsedFile | null, folder: string): Kustomization | null {
  for (const name of kustomizationNames) {
    const found = file(`${folder}/${name}`);
    if (found !== null) return readKustomization(found);
  }
  return null;
}

/** Something that a kustomization names, with the place where it does. */
export interface Reference {
  readonly path: FieldPath;
  /** As written. */
  readonly text: string;
  /** The file's or folder's URI; null for what is fetched from elsewhere. */
  readonly uri: string | null;
}

const includingFields = ['resources', 'bases', 'components'] as const;
const otherFields = ['crds', 'configurations', 'generators', 'transformers', 'validators'] as const;

/** What it includes: other kustomizations' folders, and files of objects. */
export function includedBy(kustomization: Kustomization): Reference[] {
  return includingFields.flatMap((field) => referencesAt(kustomization, field));
}

export function resourcesOf(kustomization: Kustomization): Reference[] {
  return [...referencesAt(kustomization, 'resources'), ...referencesAt(kustomization, 'bases')];
}

export function componentsOf(kustomization: Pick<Kustomization, 'folder' | 'value'>): Reference[] {
  return referencesAt(kustomization, 'components');
}

function referencesAt({ folder, value }: Pick<Kustomization, 'folder' | 'value'>, field: string): Reference[] {
  return itemsAt(value, field).flatMap((item, index) => {
    const text = textOf(item);
    return text === undefined || text.includes('\n') ? [] : [{ path: [field, index], text, uri: uriIn(folder, text) }];
  });
}

/** A patch, and the objects that it is for. */
export interface Patch {
  /** In a file of its own, or written into the kustomization at this path. */
  readonly written:
    | { readonly kind: 'file'; readonly uri: string }
    | { readonly kind: 'inline'; readonly text: string };
  /** Where the kustomization has it. */
  readonly path: FieldPath;
  /** Null for one that names its object itself. */
  readonly target: PatchTarget | null;
}

/** Regular expressions, matched against the whole; null for any. */
export interface PatchTarget {
  readonly kind: string | null;
  readonly name: string | null;
  readonly namespace: string | null;
  readonly labelSelector: string | null;
}

/** The patches of a field, in the order in which they are applied. */
export function patchesAt({ folder, value }: Pick<Kustomization, 'folder' | 'value'>, field: PatchField): Patch[] {
  return itemsAt(value, field).flatMap((item, index): Patch[] => {
    const bare = textOf(item);
    if (bare !== undefined) {
      const path = [field, index];
      const uri = bare.includes('\n') ? null : uriIn(folder, bare);
      return uri === null
        ? [{ written: { kind: 'inline', text: bare }, path, target: null }]
        : [{ written: { kind: 'file', uri }, path, target: null }];
    }
    const target = readTarget(valueAt(item, 'target'));
    const inline = textAt(item, 'patch');
    if (inline !== undefined && inline !== '')
      return [{ written: { kind: 'inline', text: inline }, path: [field, index, 'patch'], target }];
    const named = textAt(item, 'path');
    const uri = named === undefined ? null : uriIn(folder, named);
    return uri === null ? [] : [{ written: { kind: 'file', uri }, path: [field, index, 'path'], target }];
  });
}

export type PatchField = 'patches' | 'patchesStrategicMerge' | 'patchesJson6902';

function readTarget(value: Value | undefined): PatchTarget | null {
  if (!isMap(value)) return null;
  const read = (field: string): string | null => textAt(value, field) ?? null;
  return {
    kind: read('kind'),
    name: read('name'),
    namespace: read('namespace'),
    labelSelector: read('labelSelector'),
  };
}

/** The files that it needs beside what it includes: patches, generators' files, configurations. */
export function filesNamedBy(kustomization: Kustomization): string[] {
  const { folder, value } = kustomization;
  const patches = (['patches', 'patchesStrategicMerge', 'patchesJson6902'] as const)
    .flatMap((field) => patchesAt(kustomization, field))
    .flatMap(({ written }) => (written.kind === 'file' ? [written.uri] : []));
  const others = otherFields.flatMap((field) => referencesAt(kustomization, field)).flatMap(({ uri }) => uri ?? []);
  const generated = (['configMapGenerator', 'secretGenerator'] as const).flatMap((field) =>
    itemsAt(value, field).flatMap((item) =>
      [...itemsAt(item, 'files'), ...itemsAt(item, 'envs'), valueAt(item, 'env')].flatMap((each) => {
        const text = textOf(each);
        // `key=path` names the key too.
        return text === undefined ? [] : (uriIn(folder, text.replace(/^[^=/]+=/, '')) ?? []);
      }),
    ),
  );
  const values = itemsAt(value, 'helmCharts').flatMap((chart) =>
    [valueAt(chart, 'valuesFile'), ...itemsAt(chart, 'additionalValuesFiles')].flatMap((each) => {
      const text = textOf(each);
      return text === undefined ? [] : (uriIn(folder, text) ?? []);
    }),
  );
  const replacements = itemsAt(value, 'replacements').flatMap((item) => {
    const path = textAt(item, 'path');
    return path === undefined ? [] : (uriIn(folder, path) ?? []);
  });
  const schema = textAt(value, 'openapi', 'path');
  return [
    ...patches,
    ...others,
    ...generated,
    ...values,
    ...replacements,
    ...(schema === undefined ? [] : (uriIn(folder, schema) ?? [])),
  ];
}

/** Where a kustomization names a file or a folder, and which. */
export function fileLinksOf(file: ParsedFile): { readonly path: FieldPath; readonly uri: string }[] {
  const kustomization = readKustomization(file);
  if (kustomization === null) return [];
  const { folder, value } = kustomization;
  const named = [
    ...includedBy(kustomization),
    ...otherFields.flatMap((field) => referencesAt(kustomization, field)),
    ...(['patches', 'patchesStrategicMerge', 'patchesJson6902'] as const)
      .flatMap((field) => patchesAt(kustomization, field))
      .flatMap(({ written, path }) => (written.kind === 'file' ? [{ path, uri: written.uri }] : [])),
    ...[
      ...itemsAt(value, 'replacements').map((_, index) => ['replacements', index, 'path']),
      ...itemsAt(value, 'helmCharts').flatMap((chart, index) => [
        ['helmCharts', index, 'valuesFile'],
        ...itemsAt(chart, 'additionalValuesFiles').map((_, number) => [
          'helmCharts',
          index,
          'additionalValuesFiles',
          number,
        ]),
      ]),
      ...['configMapGenerator', 'secretGenerator'].flatMap((field) =>
        itemsAt(value, field).flatMap((each, index) => [
          [field, index, 'env'],
          ...['files', 'envs'].flatMap((list) => itemsAt(each, list).map((_, number) => [field, index, list, number])),
        ]),
      ),
      ['openapi', 'path'],
    ].flatMap((path) => {
      // `key=path` names the key, too.
      const text = textAt(value, ...path)?.replace(/^[^=/]+=/, '');
      return text === undefined ? [] : [{ path, uri: uriIn(folder, text) }];
    }),
  ];
  return named.flatMap(({ path, uri }) => (uri === null ? [] : [{ path, uri }]));
}

/** What a kustomization names, as URIs: manifests, and files that are no manifests of their own. */
export interface NamedFiles {
  readonly resources: readonly string[];
  readonly fragments: readonly string[];
}

export function namedFilesOf(kustomization: Kustomization): NamedFiles {
  return {
    resources: resourcesOf(kustomization).flatMap(({ uri }) => uri ?? []),
    fragments: filesNamedBy(kustomization),
  };
}

/**
 * The URI of a path as a kustomization writes it; null for what is fetched: a URL, or a repository's address, which
 * begins with a host's name.
 * Source: kubernetes-sigs/kustomize api/internal/git/repospec.go.
 */
export function uriIn(folder: string, path: string): string | null {
  if (path === '' || path.includes('://') || /^[\w.-]+@[\w.-]+:/.test(path) || /[?&](?:ref|version)=/.test(path))
    return null;
  if (/^(?:github\.com|bitbucket\.org|gitlab\.com)[/:]/.test(path)) return null;
  if (path.startsWith('/')) return null;
  const steps = folder.split('/');
  for (const step of path.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return steps.join('/');
}
