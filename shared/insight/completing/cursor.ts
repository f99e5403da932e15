import { type Manifest, manifestOf, objectKey, objectsIn } from '../../manifest/manifest.ts';
import { parseDocument } from '../../manifest/parseDocument.ts';
import type { Position, Range } from '../../manifest/position.ts';
import { type FieldPath, isList, isMap, type Value } from '../../manifest/value.ts';

/**
 * What a text that somebody is typing means at the cursor. What is half written is no YAML yet, so a word is put in the
 * place of what was typed, as a value and as a key: where that word stands in what is then read, the cursor is. So
 * whoever reads manifests reads unfinished ones too.
 */
export interface Cursor {
  readonly typed: Typed;
  /** What the text may become: the value at the cursor a scalar, or the key of an entry. */
  readonly readings: readonly Reading[];
}

/** The word at the cursor. */
export interface Typed {
  /** All of it, with its quotes. */
  readonly range: Range;
  /** What stands of it before the cursor, without the quote. */
  readonly before: string;
  readonly quote: '' | '"' | "'";
  /** Whether a colon follows, so that it is a key. */
  readonly hasColon: boolean;
  /** Whether it is but the host of a URL. */
  readonly isHost: boolean;
}

export interface Reading {
  readonly part: 'key' | 'value';
  /** The path of the value; of a key, with the key itself. */
  readonly path: FieldPath;
  /** The object as it is read, the word in it; null for a document that is none. */
  readonly manifest: Manifest | null;
  readonly value: Value;
}

/** Stands for what is being typed. It is a name that every reader takes. */
export const cursorWord = 'zz-hoplens-cursor-zz';

/** `mask` makes YAML of a text that is none, every character at its place. */
export function cursorAt(
  uri: string,
  text: string,
  { line, character }: Position,
  mask: (text: string) => string = (same) => same,
): Cursor | null {
  const own = lineAt(text, line);
  const typed = typedAt(own, { line, character });
  if (typed === null) return null;
  const { start, end } = typed.range;
  const [before, after] = [own.slice(0, start.character), own.slice(end.character)];
  const isKeyAlone = typed.hasColon;
  const isValueAlone = typed.isHost || (/:\s+$/.test(before) && !/[{[,]\s*$/.test(before));
  const readings = (['value', 'key'] as const).flatMap((part) => {
    if (part === 'value' ? isKeyAlone : isValueAlone) return [];
    const word = `${typed.quote}${cursorWord}${typed.quote}`;
    const entry = part === 'key' && !isKeyAlone ? `${word}: ${typed.quote}${cursorWord}-value${typed.quote}` : word;
    const closed = after.trim() === '' ? closersOf(mask(before)) : after;
    const found = readWith(uri, text, {
      line,
      written: mask(before) + entry + mask(closed),
      mask,
      isHost: typed.isHost,
    });
    return found === null || (found.part === 'key') !== (part === 'key') ? [] : [found];
  });
  return { typed, readings };
}

function lineAt(text: string, line: number): string {
  let start = 0;
  for (let count = 0; count < line; count++) {
    const newline = text.indexOf('\n', start);
    if (newline === -1) return '';
    start = newline + 1;
  }
  const end = text.indexOf('\n', start);
  return text.slice(start, end === -1 ? undefined : end).replace(/\r$/, '');
}

/** The word at a place of a line; null within a comment, and right behind a colon. */
function typedAt(own: string, { line, character }: Position): Typed | null {
  const before = own.slice(0, character);
  const after = own.slice(character);
  const [url] = /[a-z][a-z0-9+.-]*:\/\/(?:[^\s/@"']*@)?[\w-]*$/.exec(before) ?? [];
  if (url !== undefined) {
    const word = /[\w-]*$/.exec(url)?.[0] ?? '';
    const rest = /^[\w-]*/.exec(after)?.[0] ?? '';
    const range = rangeOf(line, character - word.length, character + rest.length);
    return { range, before: word, quote: '', hasColon: false, isHost: true };
  }
  const opened = openQuoteIn(before);
  if (opened !== null) {
    const quote = before[opened] === "'" ? "'" : '"';
    const rest = new RegExp(`^[^${quote}]*${quote}`).exec(after)?.[0] ?? '';
    return {
      range: rangeOf(line, opened, character + rest.length),
      before: before.slice(opened + 1),
      quote,
      hasColon: /^\s*:(?:\s|$)/.test(after.slice(rest.length)),
      isHost: false,
    };
  }
  if (/(?:^|\s)#/.test(before)) return null;
  const word = /[^\s,[\]{}"'#]*$/.exec(before)?.[0] ?? '';
  if (word.endsWith(':') || /^["']/.test(after)) return null;
  const rest = /^[^\s,[\]{}"'#:]*/.exec(after)?.[0] ?? '';
  return {
    range: rangeOf(line, character - word.length, character + rest.length),
    before: word,
    quote: '',
    hasColon: /^\s*:(?:\s|$)/.test(after.slice(rest.length)),
    isHost: false,
  };
}

/** Where a quote begins that isn't closed before a line's end; null where none is. */
function openQuoteIn(before: string): number | null {
  let opened: number | null = null;
  for (let index = 0; index < before.length; index++) {
    const character = before[index] ?? '';
    if (opened !== null) {
      if (character === before[opened]) opened = null;
    } else if ((character === '"' || character === "'") && /[\s:[{,]/.test(before[index - 1] ?? ' ')) opened = index;
  }
  return opened;
}

/** The brackets that close those that a line leaves open. */
function closersOf(before: string): string {
  let closers = '';
  let quote = '';
  for (const character of before) {
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '{' || character === '[') closers = (character === '{' ? ' }' : ']') + closers;
    else if (character === '}' || character === ']') closers = closers.trimStart().slice(1);
  }
  return closers;
}

function rangeOf(line: number, start: number, end: number): Range {
  return { start: { line, character: start }, end: { line, character: end } };
}

interface ChangedLine {
  readonly line: number;
  readonly written: string;
  readonly mask: (text: string) => string;
  readonly isHost: boolean;
}

/** The document of a line as it is with the line changed, and where the word stands in it; null where it can't be. */
function readWith(uri: string, text: string, { line, written, mask, isHost }: ChangedLine): Reading | null {
  const all = text.split('\n');
  const start = all.slice(0, line).findLastIndex(isSeparator) + 1;
  const end = all.slice(line).findIndex(isSeparator);
  const lines = all
    .slice(start, end === -1 ? undefined : line + end)
    .map((each, index) => (index + start === line ? written : mask(each)));
  const value = mended(lines, line - start);
  if (value === null) return null;
  for (const object of objectsIn(value)) {
    const found = whereIn(object.value, isHost);
    if (found !== null) return { ...found, value, manifest: manifestOf(uri, objectKey(uri, object, 1), object) };
  }
  const found = whereIn(value, isHost);
  return found === null ? null : { ...found, value, manifest: null };
}

function isSeparator(line: string): boolean {
  return line.startsWith('---');
}

/** As often as another line that can't be read is left out. */
const mostMended = 4;

/** The value of a document, without lines that keep it from being read; null where the cursor's own does. */
function mended(lines: readonly string[], cursor: number): Value | null {
  let here = lines;
  for (let round = 0; round <= mostMended; round++) {
    const { content } = read(here);
    if (content.value !== null) return content.value;
    const [problem] = content.problems;
    if (problem?.code !== 'yaml-syntax') return null;
    const at = problem.range.start.line;
    const without = [at, at - 1].flatMap((broken) =>
      broken < 0 || broken === cursor || here[broken] === undefined || here[broken].trim() === ''
        ? []
        : [here.map((each, index) => (index === broken ? '' : each))],
    );
    const [first] = without;
    if (first === undefined) return null;
    here = without.find((each) => read(each).content.value !== null) ?? first;
  }
  return null;
}

function read(lines: readonly string[]): ReturnType<typeof parseDocument> {
  return parseDocument({ text: lines.join('\n'), from: 0, form: 'either' });
}

/** Where the word stands in a value, as a whole or as a part of a text. */
function whereIn(value: Value, isPart: boolean): Pick<Reading, 'part' | 'path'> | null {
  if (value === cursorWord || (isPart && typeof value === 'string' && value.includes(cursorWord)))
    return { part: 'value', path: [] };
  if (isList(value)) {
    for (const [index, each] of value.entries()) {
      const found = whereIn(each, isPart);
      if (found !== null) return { ...found, path: [index, ...found.path] };
    }
    return null;
  }
  if (!isMap(value)) return null;
  for (const key of Object.keys(value)) {
    if (key === cursorWord) return { part: 'key', path: [key] };
    const found = whereIn(value[key] ?? null, isPart);
    if (found !== null) return { ...found, path: [key, ...found.path] };
  }
  return null;
}

/** Whether a path of fields leads to a place: `spec.rules.*.host`. */
export function isAt(path: FieldPath, pattern: string): boolean {
  const steps = pattern.split('.');
  return path.length === steps.length && steps.every((step, index) => step === '*' || step === String(path[index]));
}
