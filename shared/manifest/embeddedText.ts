import type { Field } from './manifest.ts';
import { type ParsedFile, parseFile } from './parseFile.ts';
import { placesIn } from './places.ts';
import { type Range, range, shiftedBy, type Site } from './position.ts';
import type { FieldPath, Value } from './value.ts';

/**
 * YAML that is written inside YAML, as a text: a kustomization's patch, a HelmRelease's values. What stands in it
 * stands, for a person, in the lines of the file around it.
 */
export interface EmbeddedText {
  readonly value: Value | null;
  /** Where a path of it stands in the file around it. */
  readonly siteOf: (path: FieldPath, part: Field['part']) => Site;
}

/** The documents of a text that stands at a place of a file; empty where nothing can be read there. */
export function embeddedAt(file: ParsedFile, { range: around }: Site, text: string): EmbeddedText[] {
  const lines = file.text.split('\n');
  const column = columnOf(lines, around, text);
  return parseFile(file.uri, text).documents.map((document) => ({
    value: document.content.value,
    siteOf: (inner, part) => {
      if (column === null) return { uri: file.uri, range: around };
      const places = placesIn(document);
      const found = part === 'key' ? places.keyRange(inner) : places.valueRange(inner);
      const { start, end } = shiftedBy({ line: around.start.line + 1 + document.at.line, character: 0 }, found);
      return {
        uri: file.uri,
        range: range(start.line, start.character + column, end.line, end.character + column),
      };
    },
  }));
}

/** By how much a literal block is indented; null for a text that is written otherwise: its lines aren't the file's. */
function columnOf(lines: readonly string[], { start }: Range, text: string): number | null {
  if (lines[start.line]?.[start.character] !== '|') return null;
  const own = text.split('\n');
  const index = own.findIndex((line) => line.trim() !== '');
  const written = lines[start.line + 1 + index];
  const first = own[index];
  if (written === undefined || first === undefined || !written.trimEnd().endsWith(first.trimEnd())) return null;
  return written.trimEnd().length - first.trimEnd().length;
}

/** Where a path stands in a file of one document that needn't be an object: a values file, a kustomization. */
export function siteOfPath(file: ParsedFile, path: FieldPath, part: Field['part'], document = 0): Site | null {
  const found = file.documents[document];
  if (found === undefined) return null;
  const places = placesIn(found);
  return {
    uri: file.uri,
    range: shiftedBy(found.at, part === 'key' ? places.keyRange(path) : places.valueRange(path)),
  };
}
