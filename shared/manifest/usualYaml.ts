import { plainScalar } from './plainScalar.ts';
import type { Position } from './position.ts';
import type { MapValue, Value } from './value.ts';

/**
 * YAML as manifests are usually written, read straight into plain data: what `yamlValue.ts` would make of it, some
 * times as fast, without a syntax tree. One map from the first column on; in it block maps and lists, scalars and flow
 * collections of one line, literal blocks.
 *
 * It never judges a text. Whatever goes beyond is left to the other reader, the whole document: anchors, tags, merge
 * keys, folded scalars and those of several lines, quoted keys and those that come twice, templates, every mistake.
 * `test/usualYaml.test.ts` holds the two against each other.
 */
export interface UsualYaml {
  readonly value: MapValue;
  /** Where the value begins. */
  readonly start: Position;
}

/** Null for a text that isn't written so. */
export function readUsualYaml(text: string): UsualYaml | null {
  if (unusual.test(text)) return null;
  const reader = new Reader(text);
  if (reader.isAt('---') && !reader.skipMarker()) return null;
  const start = { line: reader.line, character: 0 };
  const value = reader.column === 0 ? reader.map(0) : undefined;
  return value === undefined || reader.column !== textEnd ? null : { value, start };
}

/** Templates, tabs, control characters, what else ends a line in YAML 1.1. */
// oxlint-disable-next-line no-control-regex
const unusual = /\{\{|[\0-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)/;

/** The column behind the last line. */
const textEnd = -1;
const deepest = 60;
/** YAML allows 1,024 characters; no name in Kubernetes has as many as these. */
const longestKey = 400;

const [carriageReturn, space, hash, colon, dash] = [13, 32, 35, 58, 45];
const [doubleQuote, singleQuote, bar, openBrace, openBracket] = [34, 39, 124, 123, 91];

/**
 * Stands on a line that holds something, at what is to be read of it. What it reads is undefined where the text isn't
 * usual; then nothing else is asked of it.
 */
class Reader {
  readonly #text: string;
  #at = 0;
  /** Where the line ends. */
  #end = 0;
  #next = 0;
  #depth = 0;
  #linesBefore = -1;
  column = textEnd;

  constructor(text: string) {
    this.#text = text;
    this.#nextLine();
  }

  get line(): number {
    return this.#linesBefore;
  }

  isAt(word: string): boolean {
    return this.#text.startsWith(word, this.#at);
  }

  /** Skips the `---` before the document; false if more than that stands on the line. */
  skipMarker(): boolean {
    const isAlone = this.column === 0 && this.#isBlankFrom(this.#at + 3, this.#end);
    this.#nextLine();
    return isAlone;
  }

  map(column: number): MapValue | undefined {
    if (++this.#depth > deepest) return undefined;
    const entries: Record<string, Value> = {};
    while (this.column === column) {
      const keyEnd = this.#keyEnd();
      if (keyEnd === -1) return undefined;
      const key = this.#text.slice(this.#at, keyEnd);
      const value = this.#valueOfKey(keyEnd + 1, column);
      if (value === undefined || Object.hasOwn(entries, key)) return undefined;
      entries[key] = value;
    }
    this.#depth--;
    return this.column > column ? undefined : entries;
  }

  #list(column: number): readonly Value[] | undefined {
    if (++this.#depth > deepest) return undefined;
    const items: Value[] = [];
    while (this.column === column && this.#isAtDash()) {
      const inside = this.#skipSpaces(this.#at + 1);
      if (inside >= this.#end || this.#text.charCodeAt(inside) === hash) return undefined;
      this.column += inside - this.#at;
      this.#at = inside;
      if (this.#isAtDash()) return undefined;
      const item = this.#keyEnd() === -1 ? this.#scalar(inside, column) : this.map(this.column);
      if (item === undefined) return undefined;
      items.push(item);
    }
    this.#depth--;
    return this.column > column ? undefined : items;
  }

  /** What follows a key's colon, on its line or below. */
  #valueOfKey(from: number, column: number): Value | undefined {
    const start = this.#skipSpaces(from);
    if (start < this.#end && this.#text.charCodeAt(start) !== hash) return this.#scalar(start, column);
    if (start < this.#end && start === from) return undefined;
    this.#nextLine();
    if (this.column >= column && this.#isAtDash()) return this.#list(this.column);
    if (this.column <= column) return null;
    return this.#keyEnd() === -1 ? undefined : this.map(this.column);
  }

  /** What ends on its line, or is a literal block; `column` is that of the key or the dash it belongs to. */
  #scalar(start: number, column: number): Value | undefined {
    const first = this.#text.charCodeAt(start);
    if (first === bar) return this.#literal(start + 1, column);
    let value: Value | undefined;
    let end = this.#end;
    if (first === doubleQuote || first === singleQuote || first === openBrace || first === openBracket) {
      const flow = this.#flow(start, 0);
      if (flow === undefined || !this.#isBlankFrom(flow.end, this.#end)) return undefined;
      value = flow.value;
    } else {
      end = this.#plainEnd(start);
      value = end === -1 ? undefined : plainValue(this.#text.slice(start, end));
    }
    this.#nextLine();
    return value;
  }

  /** Where a plain scalar ends on its line; -1 where it is none, or something in it reads as more than one. */
  #plainEnd(start: number): number {
    if (!startsPlain.test(this.#text[start] ?? '')) return -1;
    if (this.#text.charCodeAt(start) === dash && this.#isSpaceOrEnd(start + 1)) return -1;
    let end = start;
    for (let index = start; index < this.#end; index++) {
      const code = this.#text.charCodeAt(index);
      if (code === space) continue;
      if (code === hash && this.#text.charCodeAt(index - 1) === space) break;
      if (code === colon && this.#isSpaceOrEnd(index + 1)) return -1;
      end = index + 1;
    }
    return end;
  }

  /** A quoted text or a flow collection, and where it ends. */
  #flow(start: number, depth: number): { readonly value: Value; readonly end: number } | undefined {
    const text = this.#text;
    switch (text.charCodeAt(start)) {
      case doubleQuote: {
        const quoted = matchAt(doubleQuoted, text, start);
        if (quoted === null) return undefined;
        // The escapes that are let through mean the same in JSON.
        const value = quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
        return { value, end: start + quoted.length };
      }
      case singleQuote: {
        const quoted = matchAt(singleQuoted, text, start);
        if (quoted === null) return undefined;
        return { value: quoted.slice(1, -1).replaceAll("''", "'"), end: start + quoted.length };
      }
      case openBrace:
      case openBracket:
        return depth > deepest ? undefined : this.#collection(start, depth);
      default: {
        const plain = matchAt(plainInFlow, text, start);
        const value = plain === null ? undefined : plainValue(plain);
        return plain === null || value === undefined ? undefined : { value, end: start + plain.length };
      }
    }
  }

  #collection(start: number, depth: number): { readonly value: Value; readonly end: number } | undefined {
    const text = this.#text;
    const isMap = text.charCodeAt(start) === openBrace;
    const close = isMap ? '}' : ']';
    const entries: Record<string, Value> = {};
    const items: Value[] = [];
    let at = this.#skipSpaces(start + 1);
    if (text[at] === close) return { value: isMap ? entries : items, end: at + 1 };
    for (;;) {
      const key = isMap ? matchAt(keyInFlow, text, at) : null;
      if (isMap && (key === null || isOtherKey.test(key))) return undefined;
      if (key !== null) at = this.#skipSpaces(at + key.length + 1);
      const item = this.#flow(at, depth + 1);
      if (item === undefined) return undefined;
      if (key === null) items.push(item.value);
      else if (Object.hasOwn(entries, key)) return undefined;
      else entries[key] = item.value;
      at = this.#skipSpaces(item.end);
      if (text[at] === close) return { value: isMap ? entries : items, end: at + 1 };
      if (text[at] !== ',') return undefined;
      at = this.#skipSpaces(at + 1);
    }
  }

  /** A literal block: `|` or `|-`. */
  #literal(from: number, column: number): string | undefined {
    const isStripped = this.#text.charCodeAt(from) === dash;
    if (!this.#isBlankFrom(isStripped ? from + 1 : from, this.#end)) return undefined;
    const lines: string[] = [];
    let indent = -1;
    let filled = 0;
    for (; this.#next < this.#text.length; this.#linesBefore++) {
      const start = this.#next;
      const end = this.#lineEnd(start);
      const inside = this.#skipSpacesTo(start, end);
      const own = inside - start;
      if (inside === end) {
        if (own > Math.max(indent, 0)) return undefined;
        lines.push('');
      } else {
        if (indent === -1) indent = own;
        if (own <= column) break;
        if (own < indent) return undefined;
        lines.push(this.#text.slice(start + indent, end));
        filled = lines.length;
      }
      this.#next = this.#after(start);
    }
    this.#nextLine();
    return filled === 0 ? undefined : lines.slice(0, filled).join('\n') + (isStripped ? '' : '\n');
  }

  /** Where the key ends that stands here; -1 where none does, or one that needs to be understood. */
  #keyEnd(): number {
    const key = matchAt(usualKey, this.#text, this.#at);
    if (key === null || key.length > longestKey || isOtherKey.test(key)) return -1;
    const end = this.#at + key.length;
    return this.#isSpaceOrEnd(end + 1) ? end : -1;
  }

  #isAtDash(): boolean {
    return this.#text.charCodeAt(this.#at) === dash && this.#isSpaceOrEnd(this.#at + 1);
  }

  #isSpaceOrEnd(index: number): boolean {
    return index >= this.#end || this.#text.charCodeAt(index) === space;
  }

  #skipSpaces(from: number): number {
    return this.#skipSpacesTo(from, this.#end);
  }

  #skipSpacesTo(from: number, end: number): number {
    let index = from;
    while (index < end && this.#text.charCodeAt(index) === space) index++;
    return index;
  }

  /** Whether nothing but a comment follows on the line. */
  #isBlankFrom(from: number, end: number): boolean {
    const index = this.#skipSpacesTo(from, end);
    return index >= end || (index > from && this.#text.charCodeAt(index) === hash);
  }

  /** Goes to the next line that holds something. */
  #nextLine(): void {
    while (this.#next < this.#text.length) {
      const start = this.#next;
      const end = this.#lineEnd(start);
      this.#next = this.#after(start);
      this.#linesBefore++;
      const inside = this.#skipSpacesTo(start, end);
      if (inside === end || this.#text.charCodeAt(inside) === hash) continue;
      this.#at = inside;
      this.#end = end;
      this.column = inside - start;
      return;
    }
    this.column = textEnd;
  }

  #lineEnd(start: number): number {
    const end = this.#text.indexOf('\n', start);
    if (end === -1) return this.#text.length;
    return end > start && this.#text.charCodeAt(end - 1) === carriageReturn ? end - 1 : end;
  }

  /** Where the line after the one begins that begins here. */
  #after(start: number): number {
    const end = this.#text.indexOf('\n', start);
    return end === -1 ? this.#text.length : end + 1;
  }
}

const usualKey = /[A-Za-z][\w./-]*(?=:)/y;
/** Keys that YAML reads as something else than a text. */
const isOtherKey = /^(?:null|true|false|yes|no|on|off|y|n)$/i;
const startsPlain = /[\w./$+(-]/;
const doubleQuoted = /"(?:[^"\\\n]|\\["\\nt])*"/y;
const singleQuoted = /'(?:[^'\n]|'')*'/y;
const plainInFlow = /-?[\w./][\w./-]*(?=[ ,\]}])/y;
const keyInFlow = /[A-Za-z][\w./-]*(?=: )/y;

function matchAt(expression: RegExp, text: string, index: number): string | null {
  expression.lastIndex = index;
  return expression.exec(text)?.[0] ?? null;
}

/** A plain scalar's value; undefined for numbers that JSON hasn't. */
function plainValue(text: string): Value | undefined {
  if (isUsualNumber.test(text)) return Number(text);
  const { kind, value } = plainScalar(text);
  return kind === 'float' && !Number.isFinite(value) ? undefined : value;
}

const isUsualNumber = /^(?:0|-?[1-9]\d{0,14})(?:\.\d{1,15})?$/;
