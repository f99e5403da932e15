import { type Node, parseTree } from 'jsonc-parser';
import { lineStartsOf, type Position, positionIn, type Range } from './position.ts';
import { itemsAt, type Value } from './value.ts';

/** A JSON text and what it holds. Its tree is made when a place is first asked for. */
export interface JsonSource {
  readonly kind: 'json';
  readonly text: string;
  readonly value: Value;
  /** Where the value begins. */
  readonly start: Position;
  readonly lineStarts: readonly number[];
  readonly tree: () => Node | null;
  /** Of a List, where each item stands: its offset, and a tree of its own; empty for any other text. */
  readonly items: () => readonly JsonItem[];
}

/** Offsets in an item's tree count from its own. */
export interface JsonItem {
  readonly offset: number;
  readonly length: number;
  readonly tree: () => Node | null;
}

/** Reads a text that is JSON through and through; null for any other, which is YAML's to judge. */
export function readJson(text: string): JsonSource | null {
  const first = /\S/.exec(text);
  if (first === null || !startsValue.test(first[0])) return null;
  const value = parsed(text);
  if (value === undefined) return null;
  const lineStarts = lineStartsOf(text);
  return {
    kind: 'json',
    text,
    value,
    lineStarts,
    start: positionIn(lineStarts, first.index),
    tree: onFirstCall(() => parseTree(text) ?? null),
    items: onFirstCall(() => {
      const found = itemsOf(text);
      // Something among them is no object: then the numbers differ.
      return found.length === itemsAt(value, 'items').length ? found : [];
    }),
  };
}

const startsValue = /[[{"\-\dtfn]/;

/**
 * The objects in the list `items`, found by their braces alone: a dump has thousands, of which few are shown. The text
 * is JSON, as was found out before.
 */
function itemsOf(text: string): JsonItem[] {
  const found: JsonItem[] = [];
  let depth = 0;
  let isInItems = false;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case quote: {
        const end = endOfString(text, index);
        if (depth === 1 && isItemsKey(text, index, end)) {
          // Of two lists of that name, the last counts.
          found.length = 0;
          isInItems = true;
        }
        index = end;
        break;
      }
      case openBrace:
      case openBracket:
        if (depth === 2 && isInItems) start = index;
        depth++;
        break;
      case closeBrace:
      case closeBracket: {
        depth--;
        if (depth === 1) isInItems = false;
        if (depth !== 2 || !isInItems) break;
        const own = text.slice(start, index + 1);
        found.push({ offset: start, length: own.length, tree: onFirstCall(() => parseTree(own) ?? null) });
        break;
      }
      default:
    }
  }
  return found;
}

const [newline, quote, colon, backslash] = [10, 34, 58, 92];
const [openBrace, closeBrace, openBracket, closeBracket] = [123, 125, 91, 93];

/** The offset of the quote that ends the JSON string which begins at an offset. */
export function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === backslash) index++;
    else if (code === quote) return index;
  }
  return text.length;
}

/**
 * The line at which brackets are nested deeper than `deepest`; null where they never are. Whoever descends level by
 * level has a stack to overflow.
 */
export function jsonLineDeeperThan(deepest: number, text: string): number | null {
  let depth = 0;
  let line = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character === quote) index = endOfString(text, index);
    else if (character === newline) line++;
    else if (character === openBracket || character === openBrace) depth++;
    else if (character === closeBracket || character === closeBrace) depth--;
    if (depth > deepest) return line;
  }
  return null;
}

/** Of each object with keys that it has before already, these keys as they are written, and where the first stands. */
export function repeatedKeys(source: JsonSource): { readonly names: readonly string[]; readonly range: Range }[] {
  // A tree of the whole is made only where one is.
  if (entriesIn(source.text) === entriesOf(source.value)) return [];
  const found: { readonly names: readonly string[]; readonly range: Range }[] = [];
  const placeOf = (offset: number): Position => positionIn(source.lineStarts, offset);
  const collect = ({ type, children = [] }: Node): void => {
    const keys = type === 'object' ? children.flatMap((child) => child.children?.[0] ?? []) : [];
    const seen = new Set<unknown>();
    const repeated = keys.filter(({ value }) => seen.size === seen.add(value).size);
    const [first] = repeated;
    if (first !== undefined) {
      const names = repeated.map(({ offset, length }) => source.text.slice(offset, offset + length));
      found.push({ names, range: { start: placeOf(first.offset), end: placeOf(first.offset + first.length) } });
    }
    for (const child of children) collect(child);
  };
  const tree = source.tree();
  if (tree !== null) collect(tree);
  return found;
}

/** Whether a number is too large for Go, which refuses it; `JSON.parse` makes it infinite. */
export function holdsEndlessNumber({ text, value }: JsonSource): boolean {
  return /\d[eE]\+?\d{3}|\d{309}/.test(text) && isEndlessIn(value);
}

function isEndlessIn(value: Value): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(isEndlessIn);
}

/** How many keys a JSON text has: colons outside of strings. */
function entriesIn(text: string): number {
  let entries = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character === quote) index = endOfString(text, index);
    else if (character === colon) entries++;
  }
  return entries;
}

/** How many keys are left when it is read. */
function entriesOf(value: Value): number {
  if (typeof value !== 'object' || value === null) return 0;
  let entries = 0;
  for (const each of Object.values(value)) entries += entriesOf(each);
  return Array.isArray(value) ? entries : entries + Object.keys(value).length;
}

function isItemsKey(text: string, start: number, end: number): boolean {
  return end - start === 6 && text.startsWith('items', start + 1) && /^\s*:\s*\[/.test(text.slice(end + 1, end + 200));
}

function onFirstCall<T>(make: () => T): () => T {
  let made: { readonly is: T } | null = null;
  return () => (made ??= { is: make() }).is;
}

function parsed(text: string): Value | undefined {
  try {
    // What `JSON.parse` gives is a Value by its grammar.
    return JSON.parse(text) as Value;
  } catch {
    return undefined;
  }
}
