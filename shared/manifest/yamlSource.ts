import { type Document, parseDocument } from 'yaml';
import { lineStartsOf, positionIn, type Range } from './position.ts';

/** A YAML document's text and syntax tree. */
export interface YamlSource {
  readonly kind: 'yaml';
  readonly text: string;
  readonly document: Document.Parsed;
  readonly rangeOf: (start: number, end: number) => Range;
}

export function readYaml(text: string): YamlSource {
  const document = parseDocument(text, { prettyErrors: false, merge: true, uniqueKeys: false, logLevel: 'silent' });
  let lineStarts: readonly number[] | null = null;
  const rangeOf = (start: number, end: number): Range => {
    lineStarts ??= lineStartsOf(text);
    return { start: positionIn(lineStarts, start), end: positionIn(lineStarts, Math.max(start, end)) };
  };
  return { kind: 'yaml', text, document, rangeOf };
}
