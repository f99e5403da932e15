import { isList, isMap, type FieldPath, sameValue, textAt, textsAt, type Value, valueAt } from './value.ts';

/**
 * One Kubernetes object as written: a document of a known shape (`apiVersion`, `kind`), or an item of a `List`. It
 * knows nothing of where it stands: that is looked up by its key (`places.ts`), so what moves within a file stays the
 * same.
 */
export interface Manifest {
  readonly key: ObjectKey;
  readonly uri: string;
  readonly value: Value;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** As written; see `namespaceOf` for the default. */
  readonly namespace: string | null;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
}

/**
 * Names an object for as long as it is called so: its file, kind, namespace and name, and which of several alike it is.
 */
export type ObjectKey = string;

/** A field of an object, by name. */
export interface Field {
  readonly object: ObjectKey;
  readonly path: FieldPath;
  /**
   * What is meant: the key, for what is said of the field itself; its value; the quotes that its value lacks, which a
   * template may have to put there and not whoever gives the value.
   */
  readonly part: 'key' | 'value' | 'quotes';
}

export function fieldOf({ key }: Pick<Manifest, 'key'>, ...path: FieldPath): Field {
  return { object: key, path, part: 'value' };
}

export function keyFieldOf({ key }: Pick<Manifest, 'key'>, ...path: FieldPath): Field {
  return { object: key, path, part: 'key' };
}

export function quotesFieldOf({ key }: Pick<Manifest, 'key'>, ...path: FieldPath): Field {
  return { object: key, path, part: 'quotes' };
}

/** The file of an object. */
export function uriOf(key: ObjectKey): string {
  return key.slice(0, key.indexOf('\n'));
}

/** An object that was found in a document, and where in it: the path of a List's item, else empty. */
export interface FoundObject {
  readonly path: FieldPath;
  readonly apiVersion: string;
  readonly kind: string;
  readonly value: Value;
}

/**
 * The objects of a document, `List` kinds opened; empty for what is no Kubernetes object. An item of a PodList is a Pod
 * if it says neither `kind` nor `apiVersion`, as lists come from the API server.
 * Source: k8s.io/apimachinery v0.36.4 pkg/apis/meta/v1/unstructured/helpers.go `decodeToList`.
 */
export function objectsIn(
  value: Value,
  path: FieldPath = [],
  itemOf: Pick<FoundObject, 'apiVersion' | 'kind'> | null = null,
): FoundObject[] {
  const says = isMap(value) && (textAt(value, 'kind') ?? textAt(value, 'apiVersion')) !== undefined;
  const kind = says ? textAt(value, 'kind') : itemOf?.kind;
  const apiVersion = says ? textAt(value, 'apiVersion') : itemOf?.apiVersion;
  if (!isMap(value) || kind === undefined || apiVersion === undefined) return [];
  const items = valueAt(value, 'items');
  if (!kind.endsWith('List') || !isList(items)) return [{ path, apiVersion, kind, value }];
  const own = kind === 'List' ? null : { apiVersion, kind: kind.slice(0, -'List'.length) };
  return items.flatMap((item, index) => objectsIn(item, [...path, 'items', index], own));
}

/** `number` counts the objects of this kind, namespace and name in the file, from 1. */
export function objectKey(uri: string, { kind, value }: FoundObject, number: number): ObjectKey {
  const namespace = textAt(value, 'metadata', 'namespace') ?? '';
  const key = `${uri}\n${kind}/${namespace}/${textAt(value, 'metadata', 'name') ?? ''}`;
  return number === 1 ? key : `${key}~${number}`;
}

export function manifestOf(uri: string, key: ObjectKey, { apiVersion, kind, value }: FoundObject): Manifest {
  return {
    key,
    uri,
    value,
    apiVersion,
    kind,
    name: textAt(value, 'metadata', 'name') ?? '',
    namespace: textAt(value, 'metadata', 'namespace') ?? null,
    labels: textsAt(value, 'metadata', 'labels') ?? new Map(),
    annotations: textsAt(value, 'metadata', 'annotations') ?? new Map(),
  };
}

/** A manifest of an object that nobody wrote, as it would be written. `uri` names what it is assumed by. */
export function madeUp(uri: string, object: Value): Manifest {
  const [found] = objectsIn(object);
  if (found === undefined) throw new Error('no object');
  return manifestOf(uri, objectKey(uri, found, 1), found);
}

/** Whether two manifests of one key say the same. */
export function saysTheSame(a: Manifest, b: Manifest): boolean {
  return a.key === b.key && a.apiVersion === b.apiVersion && sameValue(a.value, b.value);
}

/**
 * The namespace that the object lands in. Without one written, `kubectl apply` uses the context's,
 * by default `default`.
 */
export function namespaceOf(manifest: Manifest): string {
  return manifest.namespace ?? 'default';
}

/** The API group: empty for the core group. */
export function groupOf(manifest: Manifest): string {
  const slash = manifest.apiVersion.indexOf('/');
  return slash === -1 ? '' : manifest.apiVersion.slice(0, slash);
}
