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
import { type DocumentPiece, splitStream } from './documentStream.ts';
import { type DocumentContent, type DocumentProblemCode, parseDocument } from './parseDocument.ts';
import { placesIn, rememberSource } from './places.ts';
import { type Position, positionBehind, positionFrom, type Range, shiftedBy, type Site } from './position.ts';
import type { FieldPath } from './value.ts';

/**
 * Turns a file's text into documents and their objects. An edit re-parses only the document that it touches: unchanged
 * documents come from the previous parse, and so do objects that say what they said.
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

export interface ParsedDocument extends DocumentPiece {
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
  /** The text that it is about: the document's; the file's, where what is wrong stands between documents. */
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
  const pieces = splitStream(text, previous);
  const before = previous.documents;
  const shortest = Math.min(pieces.length, before.length);
  let same = 0;
  while (same < shortest && readsAlike(pieces[same], before[same])) same++;
  let sameAtEnd = 0;
  while (sameAtEnd < shortest - same && readsAlike(pieces.at(-1 - sameAtEnd), before.at(-1 - sameAtEnd))) sameAtEnd++;
  const others = new Map(before.slice(same, before.length - sameAtEnd).map((each) => [each.text, each]));
  return pieces.map((piece, index): ParsedDocument => {
    const { at, text } = piece;
    const isAtEnd = index >= pieces.length - sameAtEnd;
    const known =
      index < same ? before[index] : isAtEnd ? before[before.length - pieces.length + index] : others.get(text);
    if (known !== undefined && readsAlike(piece, known)) {
      const isThere = known.at.line === at.line && known.at.character === at.character;
      return isThere ? known : { ...known, at };
    }
    const { content, source } = parseDocument(piece);
    if (source !== null && before.length > 0) rememberSource(text, source);
    return { ...piece, content, objects: content.value === null ? [] : objectsIn(content.value) };
  });
}

function readsAlike(piece: DocumentPiece | undefined, other: DocumentPiece | undefined): boolean {
  return piece?.text === other?.text && piece?.from === other?.from && piece?.form === other?.form;
}

export function problemsOf({ uri, text: whole, documents }: ParsedFile): FileProblem[] {
  return documents.flatMap(({ at, text, from, form, content }) =>
    content.problems.map(({ code, message, range }) => ({
      code,
      message,
      text: form === 'broken separator' || text.startsWith('%', from) ? whole : text,
      site: { uri, range: shiftedBy(at, range) },
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
  return { uri: file.uri, range: shiftedBy(document.at, range) };
}

/** Where a value of the first document stands, which may be no object: a kustomization's. Null without one. */
export function siteOfDocument(file: ParsedFile, path: FieldPath): Site | null {
  const [document] = file.documents;
  return document === undefined
    ? null
    : { uri: file.uri, range: shiftedBy(document.at, rangeIn(document, path, 'value')) };
}

/**
 * The ranges that were looked up in a document: they are asked for again at each key in another document of the file.
 */
const rangesShown = new WeakMap<ParsedDocument['content'], Map<string, Range>>();

function rangeIn(document: ParsedDocument, path: FieldPath, part: Field['part']): Range {
  const known = rangesShown.get(document.content) ?? new Map<string, Range>();
  rangesShown.set(document.content, known);
  const name = JSON.stringify([part, ...path]);
  let range = known.get(name);
  if (range === undefined) {
    const places = placesIn(document);
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
  const start = path.length === 0 ? document.content.start : rangeIn(document, path, 'value').start;
  return positionBehind(document.at, start);
}

/** An object of the file, and the path of what stands at a position in it. */
export interface FieldAt {
  readonly manifest: Manifest;
  readonly path: FieldPath;
}

/** What stands at a position; null between objects. */
export function fieldAt(file: ParsedFile, { line, character }: Position): FieldAt | null {
  const isBefore = (at: Position): boolean => at.line < line || (at.line === line && at.character <= character);
  const document = file.documents.findLast(({ at }) => isBefore(at));
  if (document === undefined || document.objects.length === 0) return null;
  const path = placesIn(document).pathAt(positionFrom(document.at, { line, character }));
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
