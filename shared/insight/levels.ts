import { closest } from 'fastest-levenshtein';
import { otherFindings } from './otherFindings.ts';
import { type Severity, severities } from './rule.ts';
import { rules } from './rules/all.ts';
import { isLike } from './spelling.ts';

/** How grave somebody takes a finding to be; `off`: it isn't said. */
export type Level = Severity | 'off';

export const levels: readonly Level[] = [...severities, 'off'];

/** What can be found: the rules' ids, then the others'. */
export const findingIds: readonly string[] = [...rules, ...otherFindings].map(({ id }) => id);

const known: ReadonlySet<string> = new Set(findingIds);

/** By id. */
export type Levels = ReadonlyMap<string, Level>;

export const noLevels: Levels = new Map();

/** What is wrong with an id; null for one that there is. */
export function faultOfId(id: string): string | null {
  if (known.has(id)) return null;
  const near = closest(id, [...known]);
  return `There is no rule ${id}${isLike(near, id) ? `; ${near} is one` : ''}.`;
}

/** What is wrong with a level; null for one that there is. */
export function faultOfLevel(level: string): string | null {
  return levels.some((each) => each === level) ? null : `A rule can be ${levels.join(', ')}, not ${level}.`;
}

/** Levels as they are written, by id; those that mean nothing are left out. */
export function readLevels(written: Iterable<readonly [id: string, level: unknown]>): Levels {
  return new Map(
    [...written].flatMap(([id, level]) => {
      const found = known.has(id) ? levels.find((each) => each === level) : undefined;
      return found === undefined ? [] : [[id, found] as const];
    }),
  );
}

/** Whose levels count: of several that name an id, the first. */
export function layered(layers: readonly Levels[]): Levels {
  const [first, ...others] = layers;
  if (first === undefined) return noLevels;
  return others.every(({ size }) => size === 0) ? first : new Map(layers.toReversed().flatMap((each) => [...each]));
}
