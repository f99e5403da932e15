import type { Node as JsonNode } from 'jsonc-parser';
import { isAlias, isMap, isPair, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { JsonSource } from './jsonSource.ts';
import { isMergeKey, type DocumentSource, sourceOf } from './parseDocument.ts';
import { offsetIn, type Position, positionIn, type Range } from './position.ts';
import type { FieldPath } from './value.ts';
import type { YamlSource } from './yamlSource.ts';

/**
 * Where the values of one document stand in its text. Nothing remembers places: they are read off the syntax tree when
 * something is shown. Through an alias or a merge key, a place is that of what it points at.
 */
export interface Places {
  /** Of a field's value; of the nearest enclosing value that is written, where the field isn't. */
  readonly valueRange: (path: FieldPath) => Range;
  /** Of a field's key; of its value, for a list's item. */
  readonly keyRange: (path: FieldPath) => Range;
  /** The path of keys and indices to what stands at a position; null where nothing does. */
  readonly pathAt: (position: Position) => FieldPath | null;
}

/** The places of a document's text. Positions are relative to it. */
export function placesIn(text: string): Places {
  const source = recentSource(text);
  return source.kind === 'json' ? jsonPlaces(source) : yamlPlaces(source);
}

/** The syntax trees of the texts that were last read. It is a bounded memory: without it the answers are the same. */
const recentSources = new Map<string, DocumentSource>();
/** In characters. Enough for what is open and edited. */
const mostRemembered = 8_000_000;
let remembered = 0;

/** Remembers a syntax tree that was just made: places in an edited text are likely to be asked for. */
export function rememberSource(text: string, source: DocumentSource): void {
  if (recentSources.delete(text)) remembered -= text.length;
  recentSources.set(text, source);
  remembered += text.length;
  for (const oldest of recentSources.keys()) {
    if (remembered <= mostRemembered && recentSources.size <= 200) return;
    recentSources.delete(oldest);
    remembered -= oldest.length;
  }
}

function recentSource(text: string): DocumentSource {
  const source = recentSources.get(text) ?? sourceOf(text);
  rememberSource(text, source);
  return source;
}

function jsonPlaces({ lineStarts, tree, items }: JsonSource): Places {
  /** Below an item of a List, from the item's own tree, whose offsets count from where it begins. */
  const nodeAt = (path: FieldPath): { readonly node: JsonNode; readonly from: number } | undefined => {
    const [list, index, ...rest] = path;
    const item = list === 'items' && typeof index === 'number' ? items()[index] : undefined;
    const root = item === undefined ? tree() : item.tree();
    const node = root === null ? undefined : nodeIn(root, item === undefined ? path : rest);
    return node === undefined ? undefined : { node, from: item?.offset ?? 0 };
  };
  const rangeOf = ({ offset, length }: JsonNode, from: number): Range => ({
    start: positionIn(lineStarts, from + offset),
    end: positionIn(lineStarts, from + offset + length),
  });
  const valueRange = (path: FieldPath): Range => {
    for (let length = path.length; length >= 0; length--) {
      const found = nodeAt(path.slice(0, length));
      if (found !== undefined) return rangeOf(found.node, found.from);
    }
    return { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  };
  return {
    valueRange,
    keyRange: (path) => {
      const found = nodeAt(path);
      const property = found?.node.parent;
      const key = property?.type === 'property' ? property.children?.[0] : undefined;
      return found === undefined || key === undefined ? valueRange(path) : rangeOf(key, found.from);
    },
    pathAt: (position) => {
      const root = tree();
      if (root === null) return null;
      const offset = offsetIn(lineStarts, position);
      if (offset < root.offset || offset > root.offset + root.length) return null;
      return pathToOffset(root, offset);
    },
  };
}

/** The node at a path. Of two keys of one name, `JSON.parse` takes the last. */
function nodeIn(root: JsonNode, path: FieldPath): JsonNode | undefined {
  let node: JsonNode | undefined = root;
  for (const key of path) {
    if (typeof key === 'number') node = node?.type === 'array' ? node.children?.[key] : undefined;
    else
      node =
        node?.type === 'object'
          ? node.children?.findLast(({ children }) => children?.[0]?.value === key)?.children?.[1]
          : undefined;
  }
  return node;
}

function pathToOffset(node: JsonNode, offset: number): (string | number)[] {
  for (const [index, child] of (node.children ?? []).entries()) {
    if (offset < child.offset || offset > child.offset + child.length) continue;
    if (node.type === 'array') return [index, ...pathToOffset(child, offset)];
    const [key, value] = child.children ?? [];
    const isInValue = value !== undefined && offset >= value.offset && offset <= value.offset + value.length;
    return [String(key?.value), ...(isInValue ? pathToOffset(value, offset) : [])];
  }
  return [];
}

function yamlPlaces({ document, rangeOf }: YamlSource): Places {
  const root = document.contents;
  const resolved = (node: Node | null | undefined): Node | null => {
    let here = node ?? null;
    for (let hops = 0; isAlias(here); hops++) here = hops > 100 ? null : (here.resolve(document) ?? null);
    return here;
  };
  const rangeOfNode = (node: Node | null): Range => rangeOf(node?.range?.[0] ?? 0, node?.range?.[1] ?? 0);
  /** The last pair of that key; else what a merge key brings in. */
  const pairAt = (map: Node | null, key: string, depth = 0): Pair<unknown, unknown> | null => {
    if (!isMap(map) || depth > 20) return null;
    const own = map.items.findLast(
      (pair) => isScalar(pair.key) && !isMergeKey(pair.key) && String(pair.key.value) === key,
    );
    if (own !== undefined) return own;
    for (const pair of map.items) {
      if (!isScalar(pair.key) || !isMergeKey(pair.key)) continue;
      const value = resolved(pair.value as Node | null);
      for (const source of isSeq(value) ? value.items : [value]) {
        const found = pairAt(resolved(source as Node | null), key, depth + 1);
        if (found !== null) return found;
      }
    }
    return null;
  };
  const step = (node: Node | null, key: string | number): Node | null | undefined => {
    if (typeof key === 'number') return isSeq(node) ? (node.items[key] as Node | undefined) : undefined;
    const pair = pairAt(node, key);
    return pair === null ? undefined : ((pair.value as Node | null) ?? (pair.key as Node));
  };
  const deepest = (path: FieldPath): { readonly node: Node | null; readonly reached: number } => {
    let node = resolved(root);
    for (const [index, key] of path.entries()) {
      const next = step(node, key);
      if (next === undefined) return { node, reached: index };
      node = resolved(next);
    }
    return { node, reached: path.length };
  };
  const pathTo = (node: Node | null, position: Position): (string | number)[] | null => {
    if (node === null || !contains(rangeOfNode(node), position)) return null;
    if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) {
        const rest = pathTo(item as Node | null, position);
        if (rest !== null) return [index, ...rest];
      }
    }
    if (isMap(node)) {
      for (const pair of node.items) {
        if (!isPair(pair) || !isScalar(pair.key)) continue;
        const key = String(pair.key.value);
        if (contains(rangeOfNode(pair.key), position)) return [key];
        const rest = pathTo(pair.value as Node | null, position);
        if (rest !== null) return [key, ...rest];
      }
    }
    return [];
  };
  return {
    valueRange: (path) => rangeOfNode(deepest(path).node),
    keyRange: (path) => {
      const last = path.at(-1);
      const { node, reached } = deepest(path.slice(0, -1));
      const pair = typeof last === 'string' && reached === path.length - 1 ? pairAt(node, last) : null;
      return pair !== null && isScalar(pair.key) ? rangeOfNode(pair.key) : rangeOfNode(deepest(path).node);
    },
    pathAt: (position) => pathTo(root, position),
  };
}

function contains({ start, end }: Range, { line, character }: Position): boolean {
  const isAfter = line > start.line || (line === start.line && character >= start.character);
  return isAfter && (line < end.line || (line === end.line && character <= end.character));
}
