import { type Node, parseTree } from 'jsonc-parser';
import { lineStartsOf, type Position, positionIn } from './position.ts';
import type { Value } from './value.ts';

/** A JSON text and what it holds. Its tree is made when a place is first asked for. */
export interface JsonSource {
  readonly kind: 'json';
  readonly value: Value;
  /** Where the value begins. */
  readonly start: Position;
  readonly lineStarts: readonly number[];
  readonly tree: () => Node | null;
}

/** Reads a text that is JSON through and through; null for any other, which is YAML's to judge. */
export function readJson(text: string): JsonSource | null {
  const first = /[^\s\ufeff]/.exec(text);
  if (first === null || (first[0] !== '{' && first[0] !== '[')) return null;
  const value = parsed(text);
  if (value === undefined) return null;
  const lineStarts = lineStartsOf(text);
  let tree: Node | null | undefined;
  return {
    kind: 'json',
    value,
    lineStarts,
    start: positionIn(lineStarts, first.index),
    tree: () => (tree ??= parseTree(text) ?? null),
  };
}

function parsed(text: string): Value | undefined {
  try {
    // What `JSON.parse` gives is a Value by its grammar.
    return JSON.parse(text.replace(/^\ufeff/, '')) as Value;
  } catch {
    return undefined;
  }
}
