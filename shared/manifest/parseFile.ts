import { type DocumentContent, type DocumentProblemCode, parseDocument } from './parseDocument.ts';
import { shiftedBy, type Site } from './position.ts';

/**
 * A file's text → its documents.
 *
 * A line that starts with `---` ends a document wherever it stands, even inside a block scalar (YAML 1.2, 9.1.2), so
 * splitting by lines is exact, a broken document never harms its neighbours, and an edit re-parses only the document
 * that it touched: documents whose text is unchanged are taken over from the previous parse.
 */
export interface ParsedFile {
  readonly uri: string;
  readonly text: string;
  readonly documents: readonly ParsedDocument[];
}

export interface ParsedDocument {
  readonly text: string;
  /** The file's line on which the document's text begins. */
  readonly line: number;
  readonly content: DocumentContent;
}

export interface FileProblem {
  readonly code: DocumentProblemCode;
  readonly message: string;
  readonly site: Site;
}

/** Parses a file; `previous` is an earlier parse of the same file, whose unchanged documents are reused. */
export function parseFile(uri: string, text: string, previous?: ParsedFile): ParsedFile {
  const reusable = new Map(previous?.documents.map((document) => [document.text, document.content]));
  const documents = split(text).map(({ line, text }) => ({
    line,
    text,
    content: reusable.get(text) ?? parseDocument(text),
  }));
  return { uri, text, documents };
}

export function problemsOf(file: ParsedFile): FileProblem[] {
  return file.documents.flatMap(({ line, content }) =>
    content.problems.map(({ code, message, range }) => ({
      code,
      message,
      site: { uri: file.uri, range: shiftedBy(line, range) },
    })),
  );
}

function split(text: string): { line: number; text: string }[] {
  const pieces: { line: number; text: string }[] = [];
  let pieceStart = 0;
  let pieceLine = 0;
  let line = 0;
  let index = 0;
  let hasContent = false;
  const finish = (end: number): void => {
    const piece = text.slice(pieceStart, end);
    if (hasContent) pieces.push({ line: pieceLine, text: piece });
  };
  while (index <= text.length) {
    let end = text.indexOf('\n', index);
    if (end === -1) end = text.length;
    const first = text.charCodeAt(index === 0 && text.charCodeAt(0) === 0xfeff ? 1 : index);
    if (first === 45 /* - */ && documentStart.test(text.slice(index, index + 5).replace('\ufeff', ''))) {
      if (hasContent) {
        finish(index);
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

const documentStart = /^---(?:\s|$)/;
