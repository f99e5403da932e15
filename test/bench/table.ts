/** What one row of the table measured. */
export interface Measured {
  readonly row: number;
  readonly what: string;
  readonly unit: 'ms' | '×' | '%';
  readonly values: readonly number[];
  /** When each began, on this process's clock; empty where whole processes were measured. */
  readonly began: readonly number[];
  /** Null where the table has no goal. */
  readonly goal: Goal | null;
  /** The part of each value until the answer that was asked for was there, in ms; the rest is what was published. */
  readonly answered: readonly number[];
  /** What the server's main thread worked for each value, in ms: what other programs on the machine don't change. */
  readonly work: readonly number[];
  /** Diagnostics published for each value, and those of them that say something new. */
  readonly sent: readonly number[];
  readonly changed: readonly number[];
  /** What is peculiar to this run: cut short, refused, what was subtracted. */
  readonly notes: readonly string[];
}

/** The most that the median, the 95th percentile and the diagnostics published for each value may be. */
export interface Goal {
  readonly median: number;
  readonly p95: number | null;
  readonly sent: number | null;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Null where there is no goal. What was cut, or refused, before anything was measured has missed it. */
export function isMet({ values, goal, sent }: Measured): boolean | null {
  if (goal === null) return null;
  return (
    values.length > 0 &&
    percentile(values, 0.5) <= goal.median &&
    (goal.p95 === null || percentile(values, 0.95) <= goal.p95) &&
    (goal.sent === null || sent.every((each) => goal.sent === null || each <= goal.sent))
  );
}

const heads = ['row', 'measured', 'n', 'median', 'p95', 'goal', '', 'answer', 'work', 'sent', 'changed'];

/** The table as text, each note under its row. */
export function table(rows: readonly Measured[]): string {
  const lines = rows.map((each) => cells(each));
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...lines.map((line) => (line[column] ?? '').length)),
  );
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, column) => (column === 1 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [
    line(heads),
    ...rows.flatMap(({ notes }, index) => [
      line(lines[index] ?? []),
      ...notes.map((note) => `${' '.repeat((widths[0] ?? 0) + 4)}${note}`),
    ]),
  ].join('\n');
}

function cells(measured: Measured): string[] {
  const { row, what, unit, values, goal, answered, work, sent, changed } = measured;
  const met = isMet(measured);
  return [
    String(row),
    what,
    String(values.length),
    values.length === 0 ? '-' : `${short(percentile(values, 0.5))} ${unit}`,
    values.length < 2 ? '' : `${short(percentile(values, 0.95))} ${unit}`,
    goal === null ? '' : goalAsText(goal, unit),
    met === null ? '' : met ? 'met' : 'missed',
    answered.length === 0 ? '' : `${short(percentile(answered, 0.5))} ms`,
    work.every((each) => each === 0) ? '' : `${short(percentile(work, 0.5))} ms`,
    sent.length === 0 ? '' : short(mean(sent)),
    changed.length === 0 ? '' : short(mean(changed)),
  ];
}

function goalAsText({ median, p95, sent }: Goal, unit: string): string {
  return `${median}${p95 === null ? '' : ` / ${p95}`} ${unit}${sent === null ? '' : `, ${sent} sent`}`;
}

function short(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}
