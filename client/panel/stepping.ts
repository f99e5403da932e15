import * as l10n from '@vscode/l10n';
import type { Folded, GroupArrow } from './folding.ts';
import type { Placed } from './placing.ts';

/** Something of the picture that can be looked at: a box, an arrow, or the frame of a node; by its index. */
export interface Spot {
  readonly kind: 'box' | 'arrow' | 'frame';
  readonly index: number;
}

export type Direction = 'right' | 'left' | 'up' | 'down';

/** A picture and the arrows in it: a request's, or its reply's. */
export interface Shown {
  readonly folded: Folded;
  readonly arrows: readonly GroupArrow[];
  readonly placed: Placed;
}

export const isSame = (a: Spot | null, b: Spot): boolean => a !== null && a.kind === b.kind && a.index === b.index;

/** What an arrow key leads to; the same spot where there is nothing. */
export function beside(shown: Shown, spot: Spot, direction: Direction): Spot {
  switch (direction) {
    case 'right':
      return onwards(shown, spot, 'right');
    case 'left':
      return onwards(shown, spot, 'left');
    default: {
      const all = neighbours(shown, spot);
      const at = all.findIndex((each) => isSame(each, spot));
      return all[at + (direction === 'down' ? 1 : -1)] ?? spot;
    }
  }
}

function onwards({ folded: { groups }, arrows, placed }: Shown, { kind, index }: Spot, to: 'right' | 'left'): Spot {
  const columnOf = (group: number): number => groups[group]?.column ?? 0;
  const ends = ({ from, to: target }: GroupArrow): readonly [left: number, right: number] =>
    columnOf(from) <= columnOf(target) ? [from, target] : [target, from];
  switch (kind) {
    case 'frame':
      return { kind, index };
    case 'arrow': {
      const arrow = arrows[index];
      if (arrow === undefined) return { kind, index };
      return { kind: 'box', index: ends(arrow)[to === 'right' ? 1 : 0] };
    }
    case 'box': {
      const near = arrows.flatMap((arrow, each) => (ends(arrow)[to === 'right' ? 0 : 1] === index ? each : []));
      const [first] = near.toSorted((a, b) => (placed.arrows[a]?.label.y ?? 0) - (placed.arrows[b]?.label.y ?? 0));
      return first === undefined ? { kind, index } : { kind: 'arrow', index: first };
    }
    default:
      return kind satisfies never;
  }
}

/** All that stands above and below a spot, from top to bottom. */
function neighbours({ folded: { groups, frames }, arrows, placed }: Shown, { kind, index }: Spot): Spot[] {
  const columnOf = (group: number | undefined): number => groups[group ?? 0]?.column ?? 0;
  if (kind === 'arrow') {
    const channel = ({ from, to }: GroupArrow): number => Math.max(columnOf(from), columnOf(to));
    const own = arrows[index];
    return placed.arrows
      .filter((each) => {
        const other = arrows[each.index];
        return own !== undefined && other !== undefined && channel(other) === channel(own);
      })
      .toSorted((a, b) => a.label.y - b.label.y)
      .map((each) => ({ kind, index: each.index }));
  }
  const firstFramed = Math.min(...groups.flatMap(({ frame, column }) => (frame > 0 ? column : [])));
  const column = kind === 'box' ? columnOf(index) : firstFramed;
  return [
    ...placed.boxes.filter((box) => columnOf(box.index) === column).map(({ index: box, y }) => ({ box, y })),
    ...placed.frames
      .filter(({ index: frame }) => isSpot(frames[frame]) && (column === firstFramed || firstFramed === Infinity))
      .map(({ index: frame, y }) => ({ frame, y })),
  ]
    .toSorted((a, b) => a.y - b.y)
    .map((each): Spot => ('box' in each ? { kind: 'box', index: each.box } : { kind: 'frame', index: each.frame }));
}

/** Whether there is anything to say about a frame itself. */
export function isSpot(frame: Folded['frames'][number] | undefined): boolean {
  return frame !== undefined && (frame.count > 1 || frame.members[0]?.leftOut != null);
}

/** The next step on the request's way, or the one before; null at its end. */
export function stepFrom(shown: Shown, spot: Spot, by: 1 | -1): Spot | null {
  const { folded, arrows } = shown;
  if (spot.kind === 'arrow') {
    const arrow = arrows[spot.index];
    const at = by === 1 ? arrow?.to : arrow?.from;
    const next = arrows.findIndex(({ from, to }) => (by === 1 ? from : to) === at);
    return next === -1 ? null : { kind: 'arrow', index: next };
  }
  const at = spot.kind === 'box' ? spot.index : folded.groups.findIndex(({ first }) => first.isAsking);
  const next = arrows.findIndex(({ from, to }) => (by === 1 ? from : to) === at);
  return next === -1 ? null : { kind: 'arrow', index: next };
}

/** `step 2 of 3`, of an arrow. */
export function stepText({ arrows }: Shown, index: number): string {
  const arrow = arrows[index];
  if (arrow === undefined) return '';
  const before = chainLength(arrows, arrow.from, 'from');
  const after = chainLength(arrows, arrow.to, 'to');
  return l10n.t('step {0} of {1}', before + 1, before + 1 + after);
}

/** How many arrows lead to a group, or on from it, at most. */
function chainLength(
  arrows: readonly GroupArrow[],
  start: number,
  side: 'from' | 'to',
  met: readonly number[] = [],
): number {
  if (met.includes(start)) return 0;
  const next = arrows.flatMap(({ from, to }) => {
    if (side === 'from') return to === start ? from : [];
    return from === start ? to : [];
  });
  return Math.max(0, ...next.map((each) => 1 + chainLength(arrows, each, side, [...met, start])));
}
