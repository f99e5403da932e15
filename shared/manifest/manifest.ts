import type { ParsedFile } from './parseFile.ts';
import { type Position, shiftedBy, type Site } from './position.ts';
import { deepestAt, type Path, textAt, textsAt, type Value, valueAt } from './value.ts';

/** One Kubernetes object as written: a YAML document of a known shape (`apiVersion`, `kind`), or an item of a `List`. */
export interface Manifest {
  readonly uri: string;
  /** The file's line on which the document begins; the value's ranges are relative to it. */
  readonly line: number;
  readonly value: Value;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** As written; see `namespaceOf` for the default. */
  readonly namespace: string | null;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
}

/** The manifests of a file, `List` kinds opened. Documents that are no Kubernetes object are not among them. */
export function manifestsOf(file: ParsedFile): Manifest[] {
  return file.documents.flatMap(({ line, content }) =>
    content.value === null ? [] : open(file.uri, line, content.value),
  );
}

function open(uri: string, line: number, value: Value): Manifest[] {
  const kind = textAt(value, 'kind');
  const apiVersion = textAt(value, 'apiVersion');
  if (kind === undefined || apiVersion === undefined) return [];
  const items = valueAt(value, 'items');
  if (kind.endsWith('List') && items?.kind === 'list') {
    return items.items.flatMap((item) =>
      textAt(item, 'kind') === undefined && kind !== 'List' ? [] : open(uri, line, item),
    );
  }
  return [
    {
      uri,
      line,
      value,
      apiVersion,
      kind,
      name: textAt(value, 'metadata', 'name') ?? '',
      namespace: textAt(value, 'metadata', 'namespace') ?? null,
      labels: textsAt(value, 'metadata', 'labels') ?? new Map(),
      annotations: textsAt(value, 'metadata', 'annotations') ?? new Map(),
    },
  ];
}

/** The namespace that the object lands in. Without one written, `kubectl apply` uses the context's, by default `default`. */
export function namespaceOf(manifest: Manifest): string {
  return manifest.namespace ?? 'default';
}

/** The API group: empty for the core group. */
export function groupOf(manifest: Manifest): string {
  const slash = manifest.apiVersion.indexOf('/');
  return slash === -1 ? '' : manifest.apiVersion.slice(0, slash);
}

/** Where a field's value stands; the nearest enclosing value where the field is missing. */
export function siteOf(manifest: Manifest, ...path: Path): Site {
  return { uri: manifest.uri, range: shiftedBy(manifest.line, deepestAt(manifest.value, ...path).range) };
}

/** Where a value that belongs to this manifest stands. */
export function siteOfValue(manifest: Manifest, value: Value): Site {
  return { uri: manifest.uri, range: shiftedBy(manifest.line, value.range) };
}

/** Where a field's key stands, for messages on the field itself; the value's own place for a list's item. */
export function siteOfKey(manifest: Manifest, ...path: Path): Site {
  const parent = valueAt(manifest.value, ...path.slice(0, -1));
  const last = path.at(-1);
  const entry = parent?.kind === 'map' && typeof last === 'string' ? parent.entries.get(last) : undefined;
  return entry === undefined
    ? siteOf(manifest, ...path)
    : { uri: manifest.uri, range: shiftedBy(manifest.line, entry.keyRange) };
}

/** The manifest that stands at a position of its file; null between manifests. */
export function manifestAt(manifests: readonly Manifest[], { line }: Position): Manifest | null {
  return (
    manifests.find(
      ({ line: first, value: { range } }) => first + range.start.line <= line && line <= first + range.end.line,
    ) ?? null
  );
}
