import { endOfString } from './jsonSource.ts';
import type { DocumentForm, DocumentText } from './parseDocument.ts';
import { lineStartsOf, type Position, positionIn } from './position.ts';
import { refusedCharacter } from './yamlScanner.ts';

/**
 * Splits a file's text into documents as kubectl does: a line that begins with `---` ends a document wherever it
 * stands, even inside a block scalar, and holds nothing else but a comment. A text that begins with `{` is a stream of
 * JSON values until one of them is none; after the first of them, YAML may follow. So splitting is exact, and a broken
 * document never harms its neighbours: kubectl itself stops at the first.
 *
 * Source: k8s.io/apimachinery (0.36.4) pkg/util/yaml/decoder.go `YAMLOrJSONDecoder`, `YAMLReader`. Left out: white
 * space of more than 4,096 characters before the first `{`.
 */
export interface DocumentPiece extends DocumentText {
  /** Where its text begins in the file. */
  readonly at: Position;
}

/** What is known of an earlier text; its documents hold all of it, but for what is empty at its end. */
export interface EarlierStream {
  readonly text: string;
  readonly documents: readonly DocumentPiece[];
}

/** The documents of a text. Those that `before` begins or ends with too aren't read. */
export function splitStream(text: string, before: EarlierStream): readonly DocumentPiece[] {
  if (startsAsJson.test(text)) return jsonPieces(text);
  return yamlPieces(text, startsAsJson.test(before.text) ? noStream : before, behindMark(text, 0));
}

/** Go's `unicode.IsSpace`. */
const goSpace = '[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const separator = new RegExp(`^---${goSpace}*(?:#|$)`);
const startsAsJson = new RegExp(`^\\ufeff?${goSpace}*\\{`);
const spaceToLineEnd = new RegExp(`^(?:(?!\\n)${goSpace})*\\n?`);
const noStream: EarlierStream = { text: '', documents: [] };

/** `first`: where the first line begins, behind the file's byte order mark. */
function yamlPieces(text: string, before: EarlierStream, first: number): DocumentPiece[] {
  const { pieces, length } = atBeginning(text, before);
  const endings = startsAtEnd(text, before, length);
  let start = length;
  let startLine = before.documents[pieces.length]?.at.line ?? 0;
  let line = startLine;
  /** Whether nothing came since the last separator: then the next is a line of the document. */
  let isFresh = pieces.length === 0 || pieces.at(-1)?.form === 'broken separator';
  let from = behindMark(text, Math.max(length, first));
  let hasContent = false;
  const finish = (end: number, form: DocumentForm): void => {
    const at = { line: startLine, character: 0 };
    pieces.push({ at, text: text.slice(start, end), from: Math.max(from - start, 0), form });
    start = end;
    hasContent = false;
  };
  for (let at = length; at < text.length; line++) {
    const newline = text.indexOf('\n', at);
    const next = newline === -1 ? text.length : newline + 1;
    const own = text.slice(at === 0 ? first : at, newline === -1 ? next : newline);
    if (!own.startsWith('---')) {
      isFresh = false;
      hasContent ||= !isEmptyLine(own);
    } else if (!separator.test(own)) {
      finish(next, 'broken separator');
      startLine = line + 1;
      isFresh = true;
      from = behindMark(text, next);
    } else if (isFresh) {
      isFresh = false;
      // What it is for YAML, YAML says.
      hasContent = own.startsWith('---#') || !isEmptyLine(own.slice(3));
    } else {
      if (hasContent) {
        finish(at, 'yaml');
        startLine = line;
        const atEnd = endings.get(at);
        if (atEnd !== undefined) return [...pieces, ...movedTo(line, before.documents.slice(atEnd))];
      }
      isFresh = true;
      from = behindMark(text, next);
    }
    at = next;
  }
  if (hasContent) finish(text.length, 'yaml');
  return pieces;
}

/** Behind a byte order mark, where one stands. */
function behindMark(text: string, offset: number): number {
  return text.startsWith('\ufeff', offset) ? offset + 1 : offset;
}

/** Whether a line holds a comment at most. */
function isEmptyLine(line: string): boolean {
  return /^ *(?:#[^\r\x85\u2028\u2029]*)?\r?$/.test(line) && !refusedCharacter.test(line);
}

/** The documents that both texts begin with, and how long they are; but for the last, which may go on now. */
function atBeginning(
  text: string,
  before: EarlierStream,
): { readonly pieces: DocumentPiece[]; readonly length: number } {
  const pieces: DocumentPiece[] = [];
  const same = longestSame(text, before.text, (all, length) => all.slice(0, length));
  let length = 0;
  for (const document of before.documents) {
    if (length + document.text.length > same) break;
    pieces.push(document);
    length += document.text.length;
  }
  return { length: length - (pieces.pop()?.text.length ?? 0), pieces };
}

/** Where, behind `from`, the documents begin that both texts end with: their indices, by their offsets. */
function startsAtEnd(text: string, before: EarlierStream, from: number): ReadonlyMap<number, number> {
  const starts = new Map<number, number>();
  const same = longestSame(text, before.text, (all, length) => all.slice(all.length - length));
  // What a text ends with and holds nothing is in no document.
  let start = text.length - before.text.length;
  for (const { text: own } of before.documents) start += own.length;
  for (let index = before.documents.length - 1; index > 0; index--) {
    start -= before.documents[index]?.text.length ?? 0;
    if (start <= from || text.length - start > same) break;
    // Behind a broken separator, the next one is a line of the document.
    if (before.documents[index - 1]?.form !== 'broken separator') starts.set(start, index);
  }
  return starts;
}

/** The longest length for which a part of both texts is the same: compared as wholes, which is the fastest by far. */
function longestSame(a: string, b: string, part: (text: string, length: number) => string): number {
  let low = 0;
  let high = Math.min(a.length, b.length);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (part(a, middle) === part(b, middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function movedTo(line: number, documents: readonly DocumentPiece[]): DocumentPiece[] {
  const lines = line - (documents[0]?.at.line ?? 0);
  return documents.map(({ at, text, from, form }) => ({ at: { ...at, line: at.line + lines }, text, from, form }));
}

/** The values of a text that begins as JSON, and the YAML that may follow the first. */
function jsonPieces(text: string): DocumentPiece[] {
  const first = endOfValue(text, text.indexOf('{'));
  // The usual file has one value: it is read once.
  if (text.startsWith('{') && text.length > 3 && isSpace(text, first) && !text.includes('\n---'))
    return [{ at: { line: 0, character: 0 }, text, from: 0, form: 'either' }];
  const pieces: DocumentPiece[] = [];
  const lineStarts = lineStartsOf(text);
  let start = behindMark(text, 0);
  for (let end = first; !isSpace(text, start); end = endOfValue(text, skipJsonSpace(text, start))) {
    const own = text.slice(start, end);
    if (isJson(own)) {
      pieces.push({ at: positionIn(lineStarts, start), text: own, from: 0, form: 'json' });
      start = end;
      continue;
    }
    const rest = text.slice(start);
    const yaml = pieces.length > 1 ? null : startOfRest(rest);
    if (yaml === null) return [...pieces, { at: positionIn(lineStarts, start), text: rest, from: 0, form: 'json' }];
    const at = positionIn(lineStarts, start + yaml);
    const others = yamlPieces(rest.slice(yaml), noStream, 0);
    // The first may begin amid a line.
    const moved = others.map((each, index) => ({
      ...each,
      at: { line: at.line + each.at.line, character: index === 0 ? at.character : 0 },
    }));
    return [...pieces, ...moved];
  }
  return pieces;
}

/**
 * Where YAML begins in what is no JSON: white space up to a line's end is passed, four bytes at a time. Null where so
 * little is left that the decoder gives up.
 */
function startOfRest(rest: string): number | null {
  const passed = spaceToLineEnd.exec(rest)?.[0].length ?? 0;
  const seen = rest[passed - 1] === '\n' ? passed - 1 : passed;
  return new TextEncoder().encode(rest.slice(seen, seen + 4)).length < 4 ? null : passed;
}

/** Where the JSON value ends that begins at an offset, if one does. */
function endOfValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return endOfString(text, start) + 1;
  if (first !== '{' && first !== '[') {
    jsonScalar.lastIndex = start;
    return start + (jsonScalar.exec(text)?.[0].length ?? 1);
  }
  let depth = 0;
  for (let index = start; index < text.length; index++) {
    const character = text[index];
    if (character === '"') index = endOfString(text, index);
    else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && --depth === 0) return index + 1;
  }
  return text.length;
}

/** The longest that may become a number, or a word: `01` are two. */
const jsonScalar = /-?(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][-+]?\d*)?|true|false|null/y;

function skipJsonSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text[at] ?? '')) at++;
  return at;
}

function isSpace(text: string, from: number): boolean {
  return skipJsonSpace(text, from) === text.length;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
