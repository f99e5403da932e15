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

/** Whether a cursor at a position touches a range: at its end too. */
export function rangeHolds({ start, end }: Range, { line, character }: Position): boolean {
  const isBehind = line > start.line || (line === start.line && character >= start.character);
  return isBehind && (line < end.line || (line === end.line && character <= end.character));
}

/** The same range, where its text begins at a position of a larger one. */
export function shiftedBy(at: Position, { start, end }: Range): Range {
  return { start: positionBehind(at, start), end: positionBehind(at, end) };
}

export function positionBehind(at: Position, { line, character }: Position): Position {
  return { line: line + at.line, character: line === 0 ? character + at.character : character };
}

/** A position of a larger text, as it is in the part that begins at `at`: the other way round. */
export function positionFrom(at: Position, { line, character }: Position): Position {
  return { line: line - at.line, character: line === at.line ? character - at.character : character };
}

/** The offset at which each line of a text begins. */
export function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let index = text.indexOf('\n'); index !== -1; index = text.indexOf('\n', index + 1)) starts.push(index + 1);
  return starts;
}

/** The position of an offset; `lineStarts` are the text's. */
export function positionIn(lineStarts: readonly number[], offset: number): Position {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low, character: offset - (lineStarts[low] ?? 0) };
}

/** The offset of a position, for a tree that is asked by offsets. */
export function offsetIn(lineStarts: readonly number[], { line, character }: Position): number {
  return (lineStarts[line] ?? 0) + character;
}
