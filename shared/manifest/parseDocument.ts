import {
  type Alias,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument as parseYaml,
  Scalar,
} from 'yaml';
import { range, type Range } from './position.ts';
import type { Entry, Value } from './value.ts';

/**
 * One YAML document's text → its value, and what kept it from being understood.
 *
 * The `yaml` library parses (YAML 1.2 core schema, merge keys). This module turns its tree into plain values with
 * ranges and refuses what would cost unbounded time or memory: alias bombs and nesting beyond any real manifest.
 * Left out: YAML 1.1 booleans (`yes`, `on`) stay texts, as the API server's decoder also keeps them for text fields.
 */
export interface DocumentContent {
  /** Absent when the document is empty, broken, a template, or refused. */
  readonly value: Value | null;
  readonly problems: readonly DocumentProblem[];
}

export type DocumentProblemCode = 'yaml-syntax' | 'yaml-template' | 'yaml-too-deep' | 'yaml-too-large';

export interface DocumentProblem {
  readonly code: DocumentProblemCode;
  readonly message: string;
  /** Relative to the document's first line. */
  readonly range: Range;
}

/** Deeper than any manifest (a CustomResourceDefinition's schema reaches about 60), shallower than any stack's end. */
const deepestNesting = 200;
/** Values that one document may come to once its aliases are followed. */
const mostValues = 200_000;

export function parseDocument(text: string): DocumentContent {
  const tooDeep = lineNestedTooDeep(text);
  if (tooDeep !== null) {
    return failed(
      'yaml-too-deep',
      `Nested more than ${deepestNesting} levels deep; Hoplens leaves this document alone.`,
      range(tooDeep, 0, tooDeep + 1, 0),
    );
  }
  const lines = new LineCounter();
  const document = parseYaml(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    uniqueKeys: false,
    logLevel: 'silent',
  });
  const rangeOf = (start: number, end: number): Range => {
    const from = lines.linePos(start);
    const to = lines.linePos(Math.max(start, end));
    return range(from.line - 1, from.col - 1, to.line - 1, to.col - 1);
  };

  const markup = templateMarkup.exec(text);
  const [error] = document.errors;
  if (error !== undefined) {
    if (markup !== null) return template(rangeOf(markup.index, markup.index + markup[0].length));
    const problems = document.errors.slice(0, 5).map((each) => ({
      code: 'yaml-syntax' as const,
      message: `Not valid YAML: ${sentence(each.message)}`,
      range: rangeOf(each.pos[0], Math.max(each.pos[1], each.pos[0] + 1)),
    }));
    return { value: null, problems };
  }
  if (document.contents === null) return { value: null, problems: [] };

  let count = 0;
  let refused: DocumentProblem | null = null;
  let templated: Range | null = null;
  let templatedValue: Range | null = null;

  const convert = (node: Node | null | undefined, depth: number): Value => {
    const [start, end] = node?.range ?? [0, 0];
    const here = rangeOf(start, end);
    const nothing: Value = { kind: 'scalar', value: null, range: here };
    if (refused !== null) return nothing;
    if (++count > mostValues) {
      refused = {
        code: 'yaml-too-large',
        message: `Its aliases expand to more than ${mostValues} values; Hoplens leaves this document alone.`,
        range: here,
      };
      return nothing;
    }
    if (depth > deepestNesting) {
      refused = {
        code: 'yaml-too-deep',
        message: `Nested more than ${deepestNesting} levels deep; Hoplens leaves this document alone.`,
        range: here,
      };
      return nothing;
    }
    if (isAlias(node)) return convert((node as Alias).resolve(document), depth + 1);
    if (isMap(node)) {
      if (node.flow === true && text.startsWith('{{', start)) templatedValue ??= here;
      const entries = new Map<string, Entry>();
      const merged = new Map<string, Entry>();
      for (const pair of node.items) {
        if (!isPair(pair) || !isScalar(pair.key)) continue;
        const key = pair.key as Scalar;
        const keyRange = rangeOf(key.range?.[0] ?? start, key.range?.[1] ?? start);
        const value = convert(pair.value as Node | null, depth + 1);
        if (key.value === '<<' || typeof key.value === 'symbol') {
          for (const source of value.kind === 'list' ? value.items : [value]) {
            if (source.kind === 'map')
              for (const [name, entry] of source.entries) if (!merged.has(name)) merged.set(name, entry);
          }
        } else {
          entries.set(String(key.value), { keyRange, value });
        }
      }
      for (const [name, entry] of merged) if (!entries.has(name)) entries.set(name, entry);
      return { kind: 'map', entries, range: here };
    }
    if (isSeq(node))
      return { kind: 'list', items: node.items.map((item) => convert(item as Node, depth + 1)), range: here };
    if (isScalar(node)) {
      const { value } = node;
      if (
        typeof value === 'string' &&
        value.includes('{{') &&
        node.type !== Scalar.BLOCK_LITERAL &&
        node.type !== Scalar.BLOCK_FOLDED &&
        templateMarkup.test(value)
      ) {
        templated ??= here;
      }
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null)
        return { kind: 'scalar', value, range: here };
      return { kind: 'scalar', value: String(value), range: here };
    }
    return nothing;
  };

  const value = convert(document.contents, 0);
  if (refused !== null) return { value: null, problems: [refused] };
  if (templatedValue !== null) return template(templatedValue);
  if (templated !== null && isTemplateOf(value)) return template(templated);
  return { value, problems: [] };
}

const templateMarkup = /\{\{-?[^{}\n]*-?\}?\}?/;

/** Markup inside a name makes the object itself unknown; markup elsewhere in a text is the application's own business. */
function isTemplateOf(value: Value): boolean {
  const holds = (each: Value | undefined): boolean => {
    if (each === undefined) return false;
    if (each.kind === 'scalar') return typeof each.value === 'string' && templateMarkup.test(each.value);
    if (each.kind === 'list') return each.items.some(holds);
    return [...each.entries].some(([key, entry]) => templateMarkup.test(key) || holds(entry.value));
  };
  return value.kind !== 'map' || holds(value.entries.get('metadata')?.value) || holds(value.entries.get('kind')?.value);
}

function template(at: Range): DocumentContent {
  return failed(
    'yaml-template',
    'This document is a template (it holds {{ }}); Hoplens reads rendered manifests and leaves it alone.',
    at,
  );
}

function failed(code: DocumentProblemCode, message: string, at: Range): DocumentContent {
  return { value: null, problems: [{ code, message, range: at }] };
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}

/** The line at which nesting passes the limit, counted without parsing; null for every reasonable document. */
function lineNestedTooDeep(text: string): number | null {
  if (text.length < deepestNesting) return null;
  let flow = 0;
  let line = 0;
  const indents: number[] = [];
  let atLineStart = true;
  let column = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character === 10) {
      line++;
      atLineStart = true;
      column = 0;
      continue;
    }
    if (atLineStart && character !== 32) {
      const isDash = character === 45 && text.charCodeAt(index + 1) === 32;
      while (indents.length > 0 && indents[indents.length - 1]! >= column) indents.pop();
      indents.push(column);
      if (!isDash) atLineStart = false;
    }
    column++;
    if (character === 91 || character === 123) flow++;
    else if ((character === 93 || character === 125) && flow > 0) flow--;
    if (flow + indents.length > deepestNesting) return line;
  }
  return null;
}
