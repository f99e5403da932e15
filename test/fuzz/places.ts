import type { TextDocument } from 'vscode-languageserver-textdocument';

type TextOf = (uri: string) => TextDocument | null;

/** The first place in an answer that isn't in its document; null where all are. A place belongs to the nearest URI. */
export function outside(answer: unknown, uri: string, textOf: TextOf): string | null {
  if (typeof answer !== 'object' || answer === null) return null;
  const its = uriOf(answer) ?? uri;
  const document = textOf(its);
  if (document !== null && isPosition(answer) && !isWithin(answer, document))
    return `${answer.line}:${answer.character} isn't in ${its}: ${JSON.stringify(lineOf(document, answer.line))}`;
  for (const [key, value] of Object.entries(answer)) {
    const fault = outside(value, key.startsWith('file:') ? key : its, textOf);
    if (fault !== null) return fault;
  }
  return null;
}

function uriOf(value: object): string | null {
  if ('uri' in value && typeof value.uri === 'string') return value.uri;
  if ('targetUri' in value && typeof value.targetUri === 'string') return value.targetUri;
  // Where a caller calls is in the caller's document.
  if ('fromRanges' in value && 'from' in value && typeof value.from === 'object' && value.from !== null)
    return uriOf(value.from);
  if ('textDocument' in value && typeof value.textDocument === 'object' && value.textDocument !== null)
    return uriOf(value.textDocument);
  return null;
}

interface Place {
  readonly line: number;
  readonly character: number;
}

function isPosition(value: object): value is Place {
  return (
    'line' in value && 'character' in value && typeof value.line === 'number' && typeof value.character === 'number'
  );
}

function lineOf(document: TextDocument, line: number): string {
  return document.getText({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } });
}

function isWithin({ line, character }: Place, document: TextDocument): boolean {
  if (line < 0 || character < 0 || line >= document.lineCount) return false;
  // A carriage return may count: whoever shows a place beyond a line's end shows that end.
  return character <= lineOf(document, line).replace(/\n$/, '').length;
}
