import type { Position, Range } from './position.ts';

/**
 * A parsed YAML or JSON value that knows where it stands. Ranges are relative to the document's first line,
 * so a document that merely moves within its file keeps its values. Anchors, aliases and merge keys are resolved;
 * an alias's value carries the range of what it points at.
 */
export type Value = MapValue | ListValue | ScalarValue;

export interface MapValue {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Entry>;
  readonly range: Range;
}

export interface Entry {
  readonly keyRange: Range;
  readonly value: Value;
}

export interface ListValue {
  readonly kind: 'list';
  readonly items: readonly Value[];
  readonly range: Range;
}

export interface ScalarValue {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  readonly range: Range;
}

export type Path = readonly (string | number)[];

/** The value at a path of keys and indices; undefined where any step is missing or of another kind. */
export function valueAt(value: Value | undefined, ...path: Path): Value | undefined {
  let here = value;
  for (const step of path) {
    if (here?.kind === 'map' && typeof step === 'string') here = here.entries.get(step)?.value;
    else if (here?.kind === 'list' && typeof step === 'number') here = here.items[step];
    else return undefined;
  }
  return here;
}

/** The deepest value on the path that exists: what to underline when a field is missing. */
export function deepestAt(value: Value, ...path: Path): Value {
  for (let length = path.length; length > 0; length--) {
    const found = valueAt(value, ...path.slice(0, length));
    if (found !== undefined) return found;
  }
  return value;
}

/** The text of a scalar. Numbers and booleans are printed: Kubernetes would refuse them, a reader understands them. */
export function textOf(value: Value | undefined): string | undefined {
  if (value?.kind !== 'scalar' || value.value === null) return undefined;
  return String(value.value);
}

export function textAt(value: Value | undefined, ...path: Path): string | undefined {
  return textOf(valueAt(value, ...path));
}

export function integerOf(value: Value | undefined): number | undefined {
  return value?.kind === 'scalar' && typeof value.value === 'number' && Number.isInteger(value.value)
    ? value.value
    : undefined;
}

export function integerAt(value: Value | undefined, ...path: Path): number | undefined {
  return integerOf(valueAt(value, ...path));
}

export function booleanAt(value: Value | undefined, ...path: Path): boolean | undefined {
  const found = valueAt(value, ...path);
  return found?.kind === 'scalar' && typeof found.value === 'boolean' ? found.value : undefined;
}

/** The items of a list; empty when there is none. */
export function itemsAt(value: Value | undefined, ...path: Path): readonly Value[] {
  const found = valueAt(value, ...path);
  return found?.kind === 'list' ? found.items : [];
}

/** A map of texts (labels, a selector, annotations); undefined when there is no map, entries that are no scalars left out. */
export function textsAt(value: Value | undefined, ...path: Path): ReadonlyMap<string, string> | undefined {
  const found = valueAt(value, ...path);
  if (found?.kind !== 'map') return undefined;
  const texts = new Map<string, string>();
  for (const [key, entry] of found.entries) {
    const text = textOf(entry.value);
    if (text !== undefined) texts.set(key, text);
  }
  return texts;
}

/** The path of keys and indices to what stands at a position of the document (its own coordinates); null where nothing does. */
export function pathAt(value: Value, position: Position): (string | number)[] | null {
  if (!contains(value.range, position)) return null;
  if (value.kind === 'list') {
    for (const [index, item] of value.items.entries()) {
      const rest = pathAt(item, position);
      if (rest !== null) return [index, ...rest];
    }
    return [];
  }
  if (value.kind === 'scalar') return [];
  for (const [key, entry] of value.entries) {
    if (contains(entry.keyRange, position)) return [key];
    const rest = pathAt(entry.value, position);
    if (rest !== null) return [key, ...rest];
  }
  return [];
}

function contains({ start, end }: Range, { line, character }: Position): boolean {
  const isAfter = line > start.line || (line === start.line && character >= start.character);
  return isAfter && (line < end.line || (line === end.line && character <= end.character));
}
