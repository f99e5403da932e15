import {
  type Field,
  type FoundObject,
  type Manifest,
  manifestOf,
  type ObjectKey,
  objectKey,
  objectsIn,
  saysTheSame,
} from './manifest.ts';
import { type DocumentContent, type DocumentProblemCode, parseDocument } from './parseDocument.ts';
import { placesIn, rememberSource } from './places.ts';
import { type Position, type Range, shiftedBy, type Site } from './position.ts';
import type { FieldPath } from './value.ts';

/**
 * Turns a file's text into documents and their objects. A line that starts with `---` ends a document wherever it
 * stands, even inside a block scalar (YAML 1.2, 9.1.2). So splitting by lines is exact, and a broken document never
 * harms its neighbours. An edit re-parses only the document that it touches: unchanged documents come from the previous
 * parse, and so do objects that say what they said.
 */
export interface ParsedFile {
  readonly uri: string;
  readonly text: string;
  readonly documents: readonly ParsedDocument[];
  /** Every object of the file, `List` kinds opened. Documents that are no Kubernetes object have none. */
  readonly manifests: readonly Manifest[];
  /** Where each of them stands. */
  readonly standing: ReadonlyMap<ObjectKey, Standing>;
  /** Whether some document couldn't be understood. */
  readonly hasProblems: boolean;
}

export interface ParsedDocument {
  readonly text: string;
  /** The file's line on which the document's text begins. */
  readonly line: number;
  readonly content: DocumentContent;
  readonly objects: readonly FoundObject[];
}

/** The document that an object is, or is an item of. */
export interface Standing {
  readonly document: ParsedDocument;
  /** The object's own path in it: empty unless it is an item of a List. */
  readonly path: FieldPath;
}

export interface FileProblem {
  readonly code: DocumentProblemCode;
  readonly message: string;
  readonly site: Site;
  /** The text of the document that it is about. */
  readonly text: string;
}

/** Parses a file; `previous` is an earlier parse of the same file, whose unchanged documents and objects are reused. */
export function parseFile(uri: string, text: string, previous?: ParsedFile): ParsedFile {
  const documents = documentsOf(text, previous ?? nothingBefore);
  const known = new Map(previous?.manifests.map((manifest) => [manifest.key, manifest]));
  const manifests: Manifest[] = [];
  const standing = new Map<ObjectKey, Standing>();
  const numbers = new Map<string, number>();
  for (const document of documents) {
    for (const object of document.objects) {
      const first = firstKey(uri, object);
      const number = (numbers.get(first) ?? 0) + 1;
      numbers.set(first, number);
      const key = number === 1 ? first : objectKey(uri, object, number);
      const before = known.get(key);
      standing.set(key, { document, path: object.path });
      if (before?.value === object.value) manifests.push(before);
      else {
        const manifest = manifestOf(uri, key, object);
        manifests.push(before !== undefined && saysTheSame(before, manifest) ? before : manifest);
      }
    }
  }
  const hasProblems = documents.some(({ content }) => content.problems.length > 0);
  return { uri, text, documents, manifests, standing, hasProblems };
}

/** The key that each object has where no other of its file is alike. An object is of one file. */
const firstKeys = new WeakMap<FoundObject, ObjectKey>();

function firstKey(uri: string, object: FoundObject): ObjectKey {
  let key = firstKeys.get(object);
  if (key === undefined) {
    key = objectKey(uri, object, 1);
    firstKeys.set(object, key);
  }
  return key;
}

const nothingBefore: ParsedFile = {
  uri: '',
  text: '',
  documents: [],
  manifests: [],
  standing: new Map(),
  hasProblems: false,
};

/** The file's documents; those at the beginning and the end that `previous` has too are the same values. */
function documentsOf(text: string, previous: ParsedFile): ParsedDocument[] {
  const pieces = split(text, previous);
  const before = previous.documents;
  const shortest = Math.min(pieces.length, before.length);
  let same = 0;
  while (same < shortest && pieces[same]?.text === before[same]?.text) same++;
  let sameAtEnd = 0;
  while (sameAtEnd < shortest - same && pieces.at(-1 - sameAtEnd)?.text === before.at(-1 - sameAtEnd)?.text)
    sameAtEnd++;
  const others = new Map(before.slice(same, before.length - sameAtEnd).map((each) => [each.text, each]));
  return pieces.map(({ line, text }, index): ParsedDocument => {
    const isAtEnd = index >= pieces.length - sameAtEnd;
    const known =
      index < same ? before[index] : isAtEnd ? before[before.length - pieces.length + index] : others.get(text);
    if (known !== undefined) return known.line === line ? known : { ...known, line };
    const { content, source } = parseDocument(text);
    if (source !== null && before.length > 0) rememberSource(text, source);
    return { line, text, content, objects: content.value === null ? [] : objectsIn(content.value) };
  });
}

export function problemsOf({ uri, documents }: ParsedFile): FileProblem[] {
  return documents.flatMap(({ line, text, content }) =>
    content.problems.map(({ code, message, range }) => ({
      code,
      message,
      text,
      site: { uri, range: shiftedBy(line, range) },
    })),
  );
}

/**
 * Where a field stands; for one that isn't written, its nearest enclosing value.
 * Null for an object that the file lacks.
 */
export function siteOfField(file: ParsedFile, { object, path, part }: Field): Site | null {
  const standing = file.standing.get(object);
  if (standing === undefined) return null;
  const { document } = standing;
  const range = rangeIn(document, [...standing.path, ...path], path.length === 0 ? 'value' : part);
  return { uri: file.uri, range: shiftedBy(document.line, range) };
}

/**
 * The ranges that were looked up in a document: they are asked for again at each key in another document of the file.
 */
const rangesShown = new WeakMap<ParsedDocument['content'], Map<string, Range>>();

function rangeIn({ content, text }: ParsedDocument, path: FieldPath, part: Field['part']): Range {
  const known = rangesShown.get(content) ?? new Map<string, Range>();
  rangesShown.set(content, known);
  const name = JSON.stringify([part, ...path]);
  let range = known.get(name);
  if (range === undefined) {
    const places = placesIn(text);
    range = part === 'key' ? places.keyRange(path) : places.valueRange(path);
    known.set(name, range);
  }
  return range;
}

/** Where an object begins; null for one that the file lacks. */
export function startOfObject(file: ParsedFile, key: ObjectKey): Position | null {
  const standing = file.standing.get(key);
  if (standing === undefined) return null;
  const { document, path } = standing;
  const { line, character } = path.length === 0 ? document.content.start : rangeIn(document, path, 'value').start;
  return { line: line + document.line, character };
}

/** An object of the file, and the path of what stands at a position in it. */
export interface FieldAt {
  readonly manifest: Manifest;
  readonly path: FieldPath;
}

/** What stands at a position; null between objects. */
export function fieldAt(file: ParsedFile, { line, character }: Position): FieldAt | null {
  const document = file.documents.findLast((each) => each.line <= line);
  if (document === undefined || document.objects.length === 0) return null;
  const path = placesIn(document.text).pathAt({ line: line - document.line, character });
  if (path === null) return null;
  for (const manifest of file.manifests) {
    const standing = file.standing.get(manifest.key);
    if (standing?.document !== document || standing.path.some((step, index) => path[index] !== step)) continue;
    return { manifest, path: path.slice(standing.path.length) };
  }
  return null;
}

/** The range from a field's key to the end of its value. */
export function rangeOfEntry(file: ParsedFile, { manifest, path }: FieldAt): Range | null {
  const key = siteOfField(file, { object: manifest.key, path, part: 'key' });
  const value = siteOfField(file, { object: manifest.key, path, part: 'value' });
  return key === null || value === null ? null : { start: key.range.start, end: value.range.end };
}

/** A document's text, and the line on which it begins. */
type Piece = Pick<ParsedDocument, 'text' | 'line'>;

/** Splits a text into documents. Those that `before` begins or ends with too aren't read. */
function split(text: string, before: ParsedFile): Piece[] {
  const { pieces, length } = atBeginning(text, before);
  const endings = startsAtEnd(text, before, length);
  let pieceStart = length;
  let pieceLine = before.documents[pieces.length]?.line ?? 0;
  let line = pieceLine;
  let index = pieceStart;
  let hasContent = false;
  const finish = (end: number): void => {
    if (hasContent) pieces.push({ line: pieceLine, text: text.slice(pieceStart, end) });
  };
  while (index <= text.length) {
    let end = text.indexOf('\n', index);
    if (end === -1) end = text.length;
    const first = text.charCodeAt(index === 0 && text.charCodeAt(0) === 0xfeff ? 1 : index);
    if (first === 45 /* - */ && documentStart.test(text.slice(index, index + 5).replace('\ufeff', ''))) {
      if (hasContent) {
        finish(index);
        const atEnd = endings.get(index);
        if (atEnd !== undefined) return [...pieces, ...movedTo(line, before.documents.slice(atEnd))];
        pieceStart = index;
        pieceLine = line;
      }
      hasContent =
        text
          .slice(index, end)
          .replace(/^\ufeff?---/, '')
          .trim() !== '';
    } else if (!hasContent && first !== 35 /* # */ && first !== 37 /* % */ && text.slice(index, end).trim() !== '') {
      hasContent = true;
    }
    if (end === text.length) break;
    index = end + 1;
    line++;
  }
  finish(text.length);
  return pieces;
}

/** The documents that both texts begin with, and how long they are; but for the last, which may go on now. */
function atBeginning(text: string, before: ParsedFile): { readonly pieces: Piece[]; readonly length: number } {
  const pieces: Piece[] = [];
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
function startsAtEnd(text: string, before: ParsedFile, from: number): ReadonlyMap<number, number> {
  const starts = new Map<number, number>();
  const same = longestSame(text, before.text, (all, length) => all.slice(all.length - length));
  // What a text ends with and holds nothing is in no document.
  let start = text.length - before.text.length;
  for (const { text: own } of before.documents) start += own.length;
  for (let index = before.documents.length - 1; index > 0; index--) {
    start -= before.documents[index]?.text.length ?? 0;
    if (start <= from || text.length - start > same) break;
    starts.set(start, index);
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

function movedTo(line: number, documents: readonly ParsedDocument[]): Piece[] {
  const lines = line - (documents[0]?.line ?? 0);
  return documents.map((each) => ({ text: each.text, line: each.line + lines }));
}

const documentStart = /^---(?:\s|$)/;
