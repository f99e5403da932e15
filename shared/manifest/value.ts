/**
 * A parsed YAML or JSON value: plain data that knows nothing of where it stands. Anchors, aliases and merge keys are
 * resolved. A key's own place, and a value's, are looked up where they are shown: see `places.ts`.
 */
export type Value = string | number | boolean | null | ListValue | MapValue;

export type ListValue = readonly Value[];

export interface MapValue {
  readonly [key: string]: Value;
}

export type FieldPath = readonly (string | number)[];

export function isMap(value: Value | undefined): value is MapValue {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: Value | undefined): value is ListValue {
  return Array.isArray(value);
}

export function isScalar(value: Value | undefined): value is string | number | boolean | null {
  return value !== undefined && (typeof value !== 'object' || value === null);
}

/** The value at a path of keys and indices; undefined where any step is missing or of another kind. */
export function valueAt(value: Value | undefined, ...path: FieldPath): Value | undefined {
  let here = value;
  for (const step of path) {
    if (typeof step === 'string') here = isMap(here) && Object.hasOwn(here, step) ? here[step] : undefined;
    else here = isList(here) ? here[step] : undefined;
    if (here === undefined) return undefined;
  }
  return here;
}

/** A map's keys in the order in which they are written; empty for anything else. */
export function keysAt(value: Value | undefined, ...path: FieldPath): string[] {
  const found = valueAt(value, ...path);
  return isMap(found) ? Object.keys(found) : [];
}

/** The text of a scalar. Numbers and booleans are printed: Kubernetes would refuse them, a reader understands them. */
export function textOf(value: Value | undefined): string | undefined {
  return !isScalar(value) || value === null ? undefined : String(value);
}

export function textAt(value: Value | undefined, ...path: FieldPath): string | undefined {
  return textOf(valueAt(value, ...path));
}

function integerOf(value: Value | undefined): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}

export function integerAt(value: Value | undefined, ...path: FieldPath): number | undefined {
  return integerOf(valueAt(value, ...path));
}

export function booleanAt(value: Value | undefined, ...path: FieldPath): boolean | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'boolean' ? found : undefined;
}

/** The items of a list; empty when there is none. */
export function itemsAt(value: Value | undefined, ...path: FieldPath): ListValue {
  const found = valueAt(value, ...path);
  return isList(found) ? found : [];
}

/**
 * A map of texts (labels, a selector, annotations);
 * undefined when there is no map, entries that are no scalars left out. One that is null is empty, as Go decodes it
 * into a map of strings (encoding/json: `null` leaves the zero value, and the key is set).
 */
export function textsAt(value: Value | undefined, ...path: FieldPath): ReadonlyMap<string, string> | undefined {
  const found = valueAt(value, ...path);
  if (!isMap(found)) return undefined;
  const texts = new Map<string, string>();
  for (const key of Object.keys(found)) {
    const text = found[key] === null ? '' : textOf(found[key]);
    if (text !== undefined) texts.set(key, text);
  }
  return texts;
}

/**
 * Whether two values hold the same. The order of a map's keys counts, as it decides the order of what is made of them.
 */
export function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (isList(a))
    return isList(b) && a.length === b.length && a.every((item, index) => sameValue(item, b[index] ?? null));
  if (!isMap(a) || !isMap(b)) return Number.isNaN(a) && Number.isNaN(b);
  const keys = Object.keys(a);
  const others = Object.keys(b);
  return (
    keys.length === others.length &&
    keys.every((key, index) => key === others[index] && sameValue(a[key] ?? null, b[key] ?? null))
  );
}

/** The same with the keys of every map in the order of the alphabet: for what is said alone, in whatever order. */
export function inKeyOrder(value: Value): Value {
  if (isList(value)) return value.map(inKeyOrder);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, inKeyOrder(each)]),
  );
}
