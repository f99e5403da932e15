import { type Node, parseTree } from 'jsonc-parser';
import { lineStartsOf, type Position, positionIn } from './position.ts';
import { itemsAt, type Value } from './value.ts';

/** A JSON text and what it holds. Its tree is made when a place is first asked for. */
export interface JsonSource {
  readonly kind: 'json';
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
  const first = /[^\s\ufeff]/.exec(text);
  if (first === null || (first[0] !== '{' && first[0] !== '[')) return null;
  const value = parsed(text);
  if (value === undefined) return null;
  const lineStarts = lineStartsOf(text);
  return {
    kind: 'json',
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

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = [34, 92, 123, 125, 91, 93];

/** The offset of the quote that ends the JSON string which begins at an offset. */
export function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === backslash) index++;
    else if (code === quote) return index;
  }
  return text.length;
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
    return JSON.parse(text.replace(/^\ufeff/, '')) as Value;
  } catch {
    return undefined;
  }
}
