import { printable } from '../../manifest/printable.ts';
import { namesText } from '../../network/policy/policyText.ts';
import { counted } from '../counted.ts';
import type { Answer } from './answers.ts';
import { type ColumnGroup, foldedColumns, foldedRows, type RowGroup } from './folding.ts';
import { type About, laidOut, type Link, type LinkedLine, listed, type Piece, words } from './pieces.ts';
import type { Reachability, Receiver, Sender } from './reachability.ts';
import { headOf, type Names, namesIn, receiverName, senderName, traceOf, whatText } from './reachText.ts';

const marks: Readonly<Record<Answer['kind'] | 'none', string>> = {
  yes: '+',
  partly: '~',
  unknown: '?',
  no: '-',
  none: '.',
};

/** As wide as the names of a row may be. */
const widestName = 40;

/** Who reaches whom as a grid, with what it rests on and by whom each no is. */
export function matrixLines(reach: Reachability, width: number): LinkedLine[] {
  const names = namesIn(reach);
  const grid = gridLines(reach, names, width);
  const head = headOf(reach, names, width);
  return head.length === 0 ? grid : [...head, plain(''), ...grid];
}

/** Senders beneath each other, receivers by number beside each other, alike ones as one. Each cell leads to a trace. */
export function gridLines(reach: Reachability, names: Names, width: number): LinkedLine[] {
  const rows = foldedRows(reach);
  const columns = foldedColumns(reach.receivers, rows);
  if (rows.length === 0 || columns.length === 0) return [plain('Nobody asks, or nobody is asked.')];
  const titles = rows.map((row) => nameOf(row, names));
  const nameWidth = Math.min(widestName, Math.floor(width / 2), Math.max(...titles.map(({ text }) => text.length)));
  const isStarred = rows.some(({ answers }) => columns.some(({ number }) => isOtherwise(answers[number] ?? null)));
  const cell = Math.max(2, String(columns.length).length + 1) + (isStarred ? 1 : 0);
  const perBand = Math.max(1, Math.floor((width - nameWidth) / cell));
  const bands = Array.from({ length: Math.ceil(columns.length / perBand) }, (_, index) =>
    columns.slice(index * perBand, (index + 1) * perBand),
  );
  const grid = bands.flatMap((band, index): LinkedLine[] => {
    const from = index * perBand + 1;
    const head = ' '.repeat(nameWidth) + band.map((_, at) => endingAt(String(from + at), cell, isStarred)).join('');
    return [
      ...(index === 0 ? [] : [plain('')]),
      { kind: 'heading', text: head.trimEnd(), links: [] },
      ...rows.map((row, at) =>
        rowLine(cut(titles[at]?.text ?? '', nameWidth).padEnd(nameWidth), row, { band, cell, isStarred }),
      ),
    ];
  });
  const room = { width, indent: String(columns.length).length + 2 };
  const legend = columns.flatMap((column, index) =>
    columnLines(column, index + 1, { names, rows, receivers: reach.receivers, room }),
  );
  const cutOnes = rows.flatMap((row, index) =>
    titles[index]?.isWhole === false ? membersLines(row, names, width) : [],
  );
  const keptIn = rows.flatMap((row) => keptInLines(row, names, width));
  const others = otherTexts(rows).flatMap((text) => laidOut('note', '*', words(text), { width, indent: 2 }));
  const star = isStarred ? '  * other network plug-ins decide otherwise' : '';
  return [
    ...grid,
    plain(''),
    ...legend,
    ...[cutOnes, keptIn, others].flatMap((lines) => (lines.length === 0 ? [] : [plain(''), ...lines])),
    plain(''),
    ...laidOut('note', '', words(`+ reaches  ~ partly  ? not decided here  - stopped  . never asks${star}`), {
      width,
      indent: 0,
    }),
  ];
}

function isOtherwise(answer: Answer | null): boolean {
  return answer !== null && answer.otherwise.length > 0;
}

function endingAt(text: string, cell: number, isStarred: boolean): string {
  return isStarred ? `${text.padStart(cell - 1)} ` : text.padStart(cell);
}

interface Columns {
  readonly band: readonly ColumnGroup[];
  readonly cell: number;
  readonly isStarred: boolean;
}

/** Each mark leads to the trace of the first of its senders to the first of its receivers. */
function rowLine(title: string, { senders, answers }: RowGroup, { band, cell, isStarred }: Columns): LinkedLine {
  const [sender] = senders;
  const links: Link[] = [];
  let text = title;
  for (const { number, receivers } of band) {
    const answer = answers[number] ?? null;
    const [receiver] = receivers;
    const start = text.length + cell - (isStarred ? 2 : 1);
    const to = sender === undefined || receiver === undefined || answer === null ? null : traceOf(sender, receiver);
    if (to !== null && answer !== null)
      links.push({ start, end: start + 1, to, about: aboutCell(senders, receivers, answer) });
    const mark = marks[answer?.kind ?? 'none'].padStart(cell - (isStarred ? 1 : 0));
    text += isStarred ? `${mark}${isOtherwise(answer) ? '*' : ' '}` : mark;
  }
  return { kind: 'note', text: text.trimEnd(), links };
}

/** What comes of the first of its pairs, and where the policies stand by which it is so. */
function aboutCell([sender]: readonly Sender[], [receiver]: readonly Receiver[], answer: Answer): About {
  const pair = [sender === undefined ? '' : senderName(sender), receiver === undefined ? '' : receiverName(receiver)];
  const by = [...deniersOf(answer, 'egress'), ...deniersOf(answer, 'ingress')];
  const at = by.flatMap(({ name, to }) => (to?.kind === 'field' ? [{ name, field: to.field }] : []));
  const outcomes = answer.outcomes.map(
    ({ share, what }) => `${share.equals(1) ? '' : `${share.toFraction()} `}${whatText(what)}`,
  );
  return { text: `${pair.join(' → ')}: ${[outcomes.join(', '), ...answer.otherwise].join('. ')}`, at };
}

function plain(text: string): LinkedLine {
  return { kind: 'note', text, links: [] };
}

/** `isWhole`: whether all of them are named. */
function nameOf({ senders }: RowGroup, { short }: Names): { readonly text: string; readonly isWhole: boolean } {
  const start = senders[0]?.kind === 'entry' ? 'internet, by ' : '';
  const all = senders.map((each): Piece => ({ text: short(senderName(each)), to: null }));
  const pieces = listed(all, widestName - start.length);
  const text = printable(start + pieces.map((each) => each.text).join(' '));
  return { text: cut(text, widestName), isWhole: pieces.length === all.length && text.length <= widestName };
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** Who is a column, and which policies keep out those that don't reach it. */
function columnLines(
  { receivers, number }: ColumnGroup,
  index: number,
  {
    names,
    rows,
    receivers: all,
    room,
  }: {
    readonly names: Names;
    readonly rows: readonly RowGroup[];
    readonly receivers: Reachability['receivers'];
    readonly room: { readonly width: number; readonly indent: number };
  },
): LinkedLine[] {
  const called = receivers.map((each): Piece => {
    const to = each.kind === 'workload' ? ({ kind: 'field', field: each.workload.at } as const) : null;
    return { text: receiverName(each, names), to };
  });
  const count = receivers.length > 1 ? words(`(${counted(receivers.length, 'port')})`) : [];
  const numbers = receivers.length === 1 ? [number] : receivers.map((each) => all.indexOf(each));
  const by = rows.flatMap(({ answers }) => numbers.flatMap((each) => deniersOf(answers[each] ?? null, 'ingress')));
  const kept = by.length === 0 ? [] : [{ text: '-', to: null }, ...words('kept out by'), ...policyNames(by)];
  return laidOut(
    'note',
    String(index).padStart(room.indent - 1),
    [...listed(called, room.width), ...count, ...kept],
    room,
  );
}

type Denier = { readonly name: string; readonly to: Piece['to'] };

/** The policies, or the rule of a tier, by which an answer is no. */
function deniersOf(answer: Answer | null, direction: 'ingress' | 'egress'): Denier[] {
  return (answer?.outcomes ?? []).flatMap(({ what }): Denier[] => {
    if (what.kind !== 'denied' || what.direction !== direction) return [];
    const to: Piece['to'] = what.at === null ? null : { kind: 'field', field: what.at };
    return what.rule === null ? what.policies.map((name) => ({ name, to })) : [{ name: what.rule, to }];
  });
}

function policyNames(by: readonly Denier[]): Piece[] {
  const leads = new Map<string, Piece['to']>();
  for (const { name, to } of by) if (!leads.has(name)) leads.set(name, to);
  return words(namesText([...leads.keys()])).map((each) => ({
    ...each,
    to: leads.get(each.text.replace(/,$/, '')) ?? null,
  }));
}

function membersLines({ senders }: RowGroup, { short }: Names, width: number): LinkedLine[] {
  const [first, ...others] = senders.map((each): Piece => ({ text: short(senderName(each)), to: null }));
  if (first === undefined) return [];
  const all = listed(others, width * 3);
  return laidOut('note', '', [{ ...first, text: `${first.text} and ${others.length} more:` }, ...all], {
    width,
    indent: 0,
  });
}

/** Whom policies keep in, and who can't look up names. */
function keptInLines({ senders, answers, lookups }: RowGroup, names: Names, width: number): LinkedLine[] {
  const { text: who } = nameOf({ senders, answers, lookups, otherwise: null }, names);
  const told = [
    [answers.flatMap((each) => deniersOf(each, 'egress')), 'kept in by'],
    [
      lookups === null ? [] : [...deniersOf(lookups, 'egress'), ...deniersOf(lookups, 'ingress')],
      "can't look up names because of",
    ],
  ] as const;
  return told.flatMap(([by, what]) =>
    by.length === 0 ? [] : laidOut('note', '', [...words(`${who}: ${what}`), ...policyNames(by)], { width, indent: 0 }),
  );
}

/** As many sentences of other readings as a grid has. */
const mostSentences = 6;

function otherTexts(rows: readonly RowGroup[]): string[] {
  const texts = new Set(
    rows.flatMap(({ answers, otherwise }) => [otherwise, ...answers].flatMap((each) => each?.otherwise ?? [])),
  );
  const shown = [...texts].slice(0, mostSentences);
  const left = texts.size - shown.length;
  return left === 0 ? shown : [...shown, `and ${left} more such differences: --format text or json has them`];
}
