import { counted } from '../counted.ts';
import type { Answer } from './answers.ts';
import { type ColumnGroup, foldedColumns, foldedRows, type RowGroup } from './folding.ts';
import { laidOut, type LinkedLine, listed, type Piece } from './pieces.ts';
import type { Reachability } from './reachability.ts';
import { receiverName, senderName } from './reachText.ts';
import { printable } from '../../manifest/printable.ts';

const marks: Readonly<Record<Answer['kind'] | 'none', string>> = {
  yes: '+',
  partly: '~',
  unknown: '?',
  no: '-',
  none: '.',
};

/** As wide as the names of a row may be. */
const widestName = 40;

/** Who reaches whom as a grid: senders beneath each other, receivers by number beside each other, alike ones as one. */
export function matrixLines(reach: Reachability, width: number): LinkedLine[] {
  const rows = foldedRows(reach);
  const columns = foldedColumns(reach.receivers, rows);
  if (rows.length === 0 || columns.length === 0) return [plain('Nobody asks, or nobody is asked.')];
  const names = rows.map((row) => nameOf(row));
  const nameWidth = Math.min(widestName, Math.floor(width / 2), Math.max(...names.map((each) => each.length)));
  const cell = Math.max(2, String(columns.length).length + 1);
  const perBand = Math.max(1, Math.floor((width - nameWidth) / cell));
  const bands = Array.from({ length: Math.ceil(columns.length / perBand) }, (_, index) =>
    columns.slice(index * perBand, (index + 1) * perBand),
  );
  const grid = bands.flatMap((band, index): LinkedLine[] => {
    const from = index * perBand + 1;
    const head = ' '.repeat(nameWidth) + band.map((_, at) => String(from + at).padStart(cell)).join('');
    return [
      ...(index === 0 ? [] : [plain('')]),
      { kind: 'heading', text: head, links: [] },
      ...rows.map((row, at) =>
        plain(
          cut(names[at] ?? '', nameWidth).padEnd(nameWidth) +
            band.map(({ number }) => marks[row.answers[number]?.kind ?? 'none'].padStart(cell)).join(''),
        ),
      ),
    ];
  });
  const legend = columns.flatMap((column, index) => legendOf(column, index + 1, { width, indent: cell + 1 }));
  return [
    ...grid,
    plain(''),
    ...legend,
    plain(''),
    plain('+ reaches  ~ partly  ? not decided here  - stopped  . never asks'),
  ];
}

function plain(text: string): LinkedLine {
  return { kind: 'note', text, links: [] };
}

function nameOf({ senders }: RowGroup): string {
  const start = senders[0]?.kind === 'entry' ? 'internet, by ' : '';
  const names = senders.map((each): Piece => ({ text: senderName(each), to: null }));
  return cut(
    printable(
      start +
        listed(names, widestName - start.length)
          .map(({ text }) => text)
          .join(' '),
    ),
    widestName,
  );
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

function legendOf(
  { receivers }: ColumnGroup,
  number: number,
  room: { readonly width: number; readonly indent: number },
): LinkedLine[] {
  const names = receivers.map((each): Piece => ({ text: receiverName(each), to: null }));
  const count = receivers.length > 1 ? [{ text: `(${counted(receivers.length, 'port')})`, to: null }] : [];
  return laidOut('note', String(number).padStart(room.indent - 1), [...listed(names, room.width), ...count], room);
}
