/**
 * Where something stands in a text, in the editor's own coordinates.
 *
 * Lines and characters count from 0, characters in UTF-16 code units, as in the Language Server Protocol.
 */
export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Range {
  readonly start: Position;
  /** Exclusive. */
  readonly end: Position;
}

/** A range in a file of the workspace. */
export interface Site {
  readonly uri: string;
  readonly range: Range;
}

export function range(startLine: number, startCharacter: number, endLine: number, endCharacter: number): Range {
  return { start: { line: startLine, character: startCharacter }, end: { line: endLine, character: endCharacter } };
}

/** The same range in a text that begins `lines` further down. */
export function shiftedBy(lines: number, { start, end }: Range): Range {
  return range(start.line + lines, start.character, end.line + lines, end.character);
}
