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

/**
 * The same row by row. That the only pod of a workload reaches itself is left out, unless nothing else is asked: it is
 * one with those that say of it what most do, and what such a row says is of the others.
 */
export function* foldingRows({ rows, receivers }: Reachability): InSteps<RowGroup[]> {
  const numberOf = numbering();
  const groups = new Map<
    string,
    { readonly senders: Sender[]; readonly row: Row; readonly asOthers: Row['answers'] }
  >();
  const mostly = usualOf(rows, receivers, numberOf);
  for (const [index, row] of rows.entries()) {
    yield index / rows.length;
    const { sender, otherwise, lookups } = row;
    const asOthers = row.answers.map((answer, at) => (isItself(sender, receivers[at]) ? mostly(at) : answer));
    const key = [sender.kind, ...[otherwise, lookups, ...asOthers].map(numberOf)].join(' ');
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { senders: [row.sender], row, asOthers });
    else known.senders.push(row.sender);
  }
  return [...groups.values()].map(({ senders, row: { answers, otherwise, lookups }, asOthers }) => {
    const [only] = senders.length === 1 ? senders : [];
    const isOther = (at: number): boolean => only === undefined || !isItself(only, receivers[at]);
    if (!receivers.some((_, at) => isOther(at))) return { senders, answers, otherwise, lookups };
    return { senders, answers: asOthers.map((each, at) => (isOther(at) ? each : null)), otherwise, lookups };
  });
}

/** Whether it is a workload's one pod that asks itself. */
function isItself(sender: Sender, receiver: Receiver | undefined): boolean {
  return (
    sender.kind === 'workload' &&
    receiver?.kind === 'workload' &&
    sender.workload === receiver.workload &&
    sender.workload.pods.length === 1
  );
}

/** What most workloads besides it say of a receiver. */
function usualOf(
  rows: readonly Row[],
  receivers: readonly Receiver[],
  numberOf: (answer: Answer | null) => number,
): (at: number) => Answer | null {
  return (at) => {
    const counts = new Map<number, { readonly answer: Answer | null; count: number }>();
    for (const { sender, answers } of rows) {
      if (sender.kind !== 'workload' || isItself(sender, receivers[at])) continue;
      const answer = answers[at] ?? null;
      const known = counts.get(numberOf(answer));
      if (known === undefined) counts.set(numberOf(answer), { answer, count: 1 });
      else known.count++;
    }
    let most: { readonly answer: Answer | null; readonly count: number } | null = null;
    for (const each of counts.values()) if (most === null || each.count > most.count) most = each;
    return most?.answer ?? null;
  };
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
