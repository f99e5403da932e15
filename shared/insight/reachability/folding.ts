import { atOnce, type InSteps } from '../inSteps.ts';
import type { Answer } from './answers.ts';
import type { Reachability, Receiver, Row, Sender } from './reachability.ts';

/** Rows that say the same of every receiver, as one. */
export interface RowGroup {
  readonly senders: readonly Sender[];
  readonly answers: Row['answers'];
  readonly otherwise: Answer | null;
  readonly lookups: Answer | null;
}

/** In the order of the first of each; ways in and workloads never are one. */
export function foldedRows(reach: Reachability): RowGroup[] {
  return atOnce(foldingRows(reach));
}

/** The same row by row. */
export function* foldingRows({ rows }: Reachability): InSteps<RowGroup[]> {
  const numberOf = numbering();
  const groups = new Map<string, { readonly senders: Sender[]; readonly row: Row }>();
  for (const [index, row] of rows.entries()) {
    yield index / rows.length;
    const { sender, otherwise, lookups, answers } = row;
    const key = [sender.kind, ...[otherwise, lookups, ...answers].map(numberOf)].join(' ');
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { senders: [row.sender], row });
    else known.senders.push(row.sender);
  }
  return [...groups.values()].map(({ senders, row: { answers, otherwise, lookups } }) => {
    return { senders, answers, otherwise, lookups };
  });
}

/** A number for each answer, the same for equal ones. */
function numbering(): (answer: Answer | null) => number {
  const byKey = new Map<string, number>();
  const known = new Map<Answer | null, number>();
  return (answer) => {
    const before = known.get(answer);
    if (before !== undefined) return before;
    const key = answer?.wholeKey ?? '';
    const number = byKey.get(key) ?? byKey.size;
    byKey.set(key, number);
    known.set(answer, number);
    return number;
  };
}

/** Receivers that every sender reaches alike, as one; each with its number among all. */
export interface ColumnGroup {
  readonly receivers: readonly Receiver[];
  readonly number: number;
}

export function foldedColumns(receivers: readonly Receiver[], groups: readonly RowGroup[]): ColumnGroup[] {
  const columns = new Map<string, { readonly receivers: Receiver[]; readonly number: number }>();
  receivers.forEach((receiver, number) => {
    const key = `${receiver.kind} ${groups.map(({ answers }) => answers[number]?.kind ?? '.').join(' ')}`;
    const known = columns.get(key);
    if (known === undefined) columns.set(key, { receivers: [receiver], number });
    else known.receivers.push(receiver);
  });
  return [...columns.values()];
}

/** The receivers that a row says the same of, the reached ones first. */
export interface Part {
  readonly answer: Answer;
  readonly receivers: readonly Receiver[];
}

export function partsOf(receivers: readonly Receiver[], { answers }: Pick<RowGroup, 'answers'>): Part[] {
  const parts = new Map<string, { readonly answer: Answer; readonly receivers: Receiver[] }>();
  receivers.forEach((receiver, number) => {
    const answer = answers[number] ?? null;
    if (answer === null) return;
    const known = parts.get(answer.key);
    if (known === undefined) parts.set(answer.key, { answer, receivers: [receiver] });
    else known.receivers.push(receiver);
  });
  return [...parts.values()].toSorted((a, b) => order.indexOf(a.answer.kind) - order.indexOf(b.answer.kind));
}

const order: readonly Answer['kind'][] = ['yes', 'partly', 'unknown', 'no'];
