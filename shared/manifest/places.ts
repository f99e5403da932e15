import type { Node as JsonNode } from 'jsonc-parser';
import type { JsonSource } from './jsonSource.ts';
import { type DocumentSource, type DocumentText, sourceOf } from './parseDocument.ts';
import { offsetIn, type Position, positionIn, type Range } from './position.ts';
import type { FieldPath } from './value.ts';
import type { YamlNode, YamlPair, YamlSource } from './yamlTree.ts';
import { isMergeKey, keyText } from './yamlValue.ts';

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
  /** Whether what stands at a position is part of a scalar; in JSON, which has no comments, whatever does. */
  readonly isInScalar: (position: Position) => boolean;
}

/** The places of a document. Positions are relative to its text. */
export function placesIn(document: DocumentText): Places {
  const source = recentSource(document);
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

/** A document's syntax tree. */
export function recentSource(document: DocumentText): DocumentSource {
  const source = recentSources.get(document.text) ?? sourceOf(document);
  rememberSource(document.text, source);
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
    isInScalar: () => true,
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

function yamlPlaces({ root, text, lineStarts, rangeOf }: YamlSource): Places {
  const rangeOfNode = (node: YamlNode | null): Range => rangeOf(node?.start ?? 0, node?.end ?? 0);
  /** What is at the end of a path, or the nearest above; the pair that it is the value of, where it was reached. */
  const deepest = (path: FieldPath): { readonly node: YamlNode | null; readonly pair: YamlPair | null } => {
    let node = resolved(root);
    let pair: YamlPair | null = null;
    for (const step of path) {
      pair = typeof step === 'string' ? pairAt(node, step, 0) : null;
      const next = typeof step === 'string' ? pair?.value : node?.kind === 'list' ? node.items[step] : undefined;
      if (next === undefined) return { node, pair: null };
      node = resolved(next);
    }
    return { node, pair };
  };
  return {
    valueRange: (path) => rangeOfNode(deepest(path).node),
    keyRange: (path) => {
      const { node, pair } = deepest(path);
      return rangeOfNode(pair?.key ?? node);
    },
    pathAt: (position) => (root === null ? null : pathToNode(root, offsetIn(lineStarts(), position))),
    isInScalar: (position) => root !== null && holdsInScalar(root, offsetIn(lineStarts(), position), text),
  };
}

/** Behind a block scalar's mark, a comment may stand on the same line. */
function holdsInScalar(node: YamlNode, offset: number, text: string): boolean {
  if (offset < node.start || offset >= node.end) return false;
  switch (node.kind) {
    case 'alias':
      return false;
    case 'scalar':
      return node.style !== 'block' || text.slice(node.start, offset).includes('\n');
    case 'list':
      return node.items.some((item) => holdsInScalar(item, offset, text));
    case 'map':
      return node.pairs.some(({ key, value }) => [key, value].some((each) => holdsInScalar(each, offset, text)));
    default:
      return node satisfies never;
  }
}

/** What an alias stands for; null where aliases lead in a circle. */
function resolved(node: YamlNode | null): YamlNode | null {
  let here = node;
  for (let hops = 0; here?.kind === 'alias'; hops++) here = hops > 100 ? null : here.target;
  return here;
}

/** The pair that gives a key its value: of those that bring it, the last; of a merge key's sources, the first. */
function pairAt(map: YamlNode | null, name: string, depth: number): YamlPair | null {
  if (map?.kind !== 'map' || depth > 20) return null;
  for (let index = map.pairs.length - 1; index >= 0; index--) {
    const pair = map.pairs[index];
    if (pair === undefined) continue;
    if (!isMergeKey(pair.key)) {
      if (keyText(pair.key) === name) return pair;
      continue;
    }
    const value = resolved(pair.value);
    for (const source of value?.kind === 'list' ? value.items : [value]) {
      const found = pairAt(resolved(source), name, depth + 1);
      if (found !== null) return found;
    }
  }
  return null;
}

/** The path to what holds an offset; null where the node doesn't. */
function pathToNode(node: YamlNode, offset: number): (string | number)[] | null {
  if (offset < node.start || offset > node.end) return null;
  if (node.kind === 'list') {
    for (const [index, item] of node.items.entries()) {
      const rest = pathToNode(item, offset);
      if (rest !== null) return [index, ...rest];
    }
  }
  if (node.kind === 'map') {
    for (const { key, value } of node.pairs) {
      const name = keyText(key);
      if (name === null) continue;
      if (offset >= key.start && offset <= key.end) return [name];
      const rest = pathToNode(value, offset);
      if (rest !== null) return [name, ...rest];
    }
  }
  return [];
}
