import type { Field } from '../../manifest/manifest.ts';
import { printable } from '../../manifest/printable.ts';
import type { Protocol } from '../../cluster/service.ts';

/** A line for a person, and what in it leads somewhere. */
export interface LinkedLine {
  readonly kind: 'heading' | 'reaches' | 'partly' | 'stopped' | 'note';
  readonly text: string;
  readonly links: readonly Link[];
  /** Whether it goes on with the line before, which had no more room. */
  readonly isContinued?: boolean;
}

export interface Link {
  readonly start: number;
  readonly end: number;
  readonly to: Lead;
  /** What somebody is told who looks at it. */
  readonly about?: About;
}

export interface About {
  readonly text: string;
  /** Where what it speaks of stands. */
  readonly at: readonly { readonly name: string; readonly field: Field }[];
}

/** Where a name leads: to the line that it stands for, or to a trace. */
export type Lead =
  | { readonly kind: 'field'; readonly field: Field }
  | { readonly kind: 'trace'; readonly from: string; readonly target: string; readonly protocol: Protocol };

/** Some words that stay together. */
export interface Piece {
  readonly text: string;
  readonly to: Lead | null;
}

export function words(text: string): Piece[] {
  return text.split(' ').map((each) => ({ text: each, to: null }));
}

/** `a, b and 3 more`: as many as have room in so many characters, but one at least. */
export function listed(pieces: readonly Piece[], room: number): Piece[] {
  const texts = pieces.map(({ text }) => text.length + 2);
  let shown = 0;
  for (let used = 0; shown < pieces.length; shown++) {
    used += texts[shown] ?? 0;
    if (used > room && shown > 0) break;
  }
  const left = pieces.length - shown;
  const some = pieces.slice(0, shown).map((piece, index) => {
    const isLast = index === shown - 1;
    return isLast ? piece : { ...piece, text: `${piece.text},` };
  });
  return left === 0 ? some : [...some, { text: `and ${left} more`, to: null }];
}

/** Words as lines of at most `width` characters: the first begins with a label, the others stand beneath its text. */
export function laidOut(
  kind: LinkedLine['kind'],
  label: string,
  pieces: readonly Piece[],
  { width, indent }: { readonly width: number; readonly indent: number },
): LinkedLine[] {
  const lines: { text: string; links: Link[] }[] = [];
  let line = { text: label.padEnd(indent), links: [] as Link[] };
  let isFirst = true;
  for (const { text, to } of pieces) {
    const word = fitting(printable(text), width - indent);
    if (!isFirst && line.text.length + 1 + word.length > width) {
      lines.push(line);
      line = { text: ' '.repeat(indent), links: [] };
      isFirst = true;
    }
    const start = line.text.length + (isFirst ? 0 : 1);
    line.text += `${isFirst ? '' : ' '}${word}`;
    if (to !== null) line.links.push({ start, end: start + word.replace(/[,:;]$/, '').length, to });
    isFirst = false;
  }
  return [...lines, line].map(({ text, links }, index) => ({
    kind,
    text: text.trimEnd(),
    links,
    isContinued: index > 0,
  }));
}

/** The same lines for whoever wraps them by himself: none goes on with another. */
export function unwrapped(lines: readonly LinkedLine[]): LinkedLine[] {
  const whole: LinkedLine[] = [];
  for (const line of lines) {
    const before = line.isContinued === true ? whole.pop() : undefined;
    if (before === undefined) {
      whole.push(line);
      continue;
    }
    const own = line.text.trimStart();
    const shift = before.text.length + 1 - (line.text.length - own.length);
    const links = line.links.map((each) => ({ ...each, start: each.start + shift, end: each.end + shift }));
    whole.push({ ...before, text: `${before.text} ${own}`, links: [...before.links, ...links] });
  }
  return whole;
}

function fitting(text: string, room: number): string {
  const most = Math.max(8, room);
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
