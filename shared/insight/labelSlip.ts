import { distance } from 'fastest-levenshtein';
import { type LabelExpression, type LabelSelector, matchesLabels } from '../cluster/labelSelector.ts';
import type { FieldPath } from '../manifest/value.ts';
import { isSlipOf } from './spelling.ts';

/** Something with labels that a selector would pick if one key or value of it were written otherwise. */
export interface LabelSlip<T> {
  readonly meant: T;
  /** What is misspelt: from the selector on, and whether the key there is meant. */
  readonly at: FieldPath;
  readonly part: 'key' | 'value';
  /** What was meant in its place. */
  readonly text: string;
  /** `app: web`, and `app: web instead of ap: web` */
  readonly has: string;
  readonly difference: string;
}

/** Things with labels, and all that these say: by key, the values. */
export interface Labelled<T extends WithLabels> {
  readonly words: ReadonlyMap<string, ReadonlySet<string>>;
  readonly things: readonly T[];
}

interface WithLabels {
  readonly labels: ReadonlyMap<string, string>;
}

export function labelled<T extends WithLabels>(things: readonly T[]): Labelled<T> {
  const words = new Map<string, Set<string>>();
  for (const { labels } of things)
    for (const [key, value] of labels) {
      const values = words.get(key);
      if (values === undefined) words.set(key, new Set([value]));
      else values.add(value);
    }
  return { words, things };
}

/** What a selector that picks none of some things was plainly meant for; null for none. */
export function labelSlip<T extends WithLabels>(
  { labels, expressions }: LabelSelector,
  { words, things }: Labelled<T>,
): LabelSlip<T> | null {
  const meant = (others: LabelSelector, { key, value }: Word): T | undefined =>
    things.find((each) => each.labels.get(key) === value && matchesLabels(others, each.labels));
  for (const [key, value] of labels)
    for (const slip of slipsOf({ key, values: [value] }, words)) {
      const found = meant({ labels: new Map([...labels].filter(([each]) => each !== key)), expressions }, slip);
      const { part, text } = slip;
      const has = `${slip.key}: ${slip.value}`;
      const difference = `${has} instead of ${key}: ${value}`;
      if (found !== undefined) return { meant: found, at: ['matchLabels', key], part, text, has, difference };
    }
  for (const [index, each] of expressions.entries())
    for (const slip of each.operator === 'In' ? slipsOf(each, words) : []) {
      const found = meant({ labels, expressions: expressions.filter((one) => one !== each) }, slip);
      const at = ['matchExpressions', index, ...(slip.part === 'key' ? ['key'] : ['values', slip.index])];
      const has = `${slip.key}: ${slip.value}`;
      const difference = `${has} instead of ${each.key} in (${each.values.join(', ')})`;
      if (found !== undefined) return { meant: found, at, part: 'value', text: slip.text, has, difference };
    }
  return null;
}

/** A label that is there. */
interface Word {
  readonly key: string;
  readonly value: string;
}

interface Slip extends Word, Pick<LabelSlip<unknown>, 'part' | 'text'> {
  /** Of the values, the one that is misspelt. */
  readonly index: number;
}

/** Whether a selector picks any of some things. */
export function picksAny<T extends WithLabels>(selector: LabelSelector, { words, things }: Labelled<T>): boolean {
  const isOfNone = selector.expressions.some(
    ({ key, operator, values }) => operator === 'In' && !values.some((each) => words.get(key)?.has(each)),
  );
  return !isOfNone && things.some(({ labels }) => matchesLabels(selector, labels));
}

/** The labels that one wanted may be a slip of. A key that something has is no slip of another. */
function* slipsOf(
  { key, values }: Pick<LabelExpression, 'key' | 'values'>,
  words: Labelled<never>['words'],
): Generator<Slip> {
  for (const [index, wanted] of values.entries())
    for (const value of words.get(key) ?? [])
      if (isValueSlip(value, wanted)) yield { key, value, part: 'value', text: value, index };
  for (const [own, known] of words.has(key) ? [] : words)
    for (const value of values)
      if (isKeySlip(own, key, value) && known.has(value)) yield { key: own, value, part: 'key', text: own, index: 0 };
}

function isValueSlip(has: string, wanted: string): boolean {
  if (Math.abs(has.length - wanted.length) > 1) return false;
  return (isNear(has, wanted) && isSlipOf(has, wanted)) || isOtherCase(has, wanted);
}

/** Whether two texts differ in no more than two letters beside each other: most do in more, and this is quick. */
function isNear(has: string, wanted: string): boolean {
  const length = Math.min(has.length, wanted.length);
  let start = 0;
  while (start < length && has[start] === wanted[start]) start += 1;
  let end = 0;
  while (end < length - start && has[has.length - 1 - end] === wanted[wanted.length - 1 - end]) end += 1;
  return Math.max(has.length, wanted.length) - start - end <= 2;
}

/** Where the value is one that little else has, one letter of the key is a slip, wherever it stands. */
function isKeySlip(has: string, wanted: string, value: string): boolean {
  if (isValueSlip(has, wanted)) return true;
  const isLetterAway = distance(has, wanted) === 1 && has.length >= 3 && !/\d/.test(changed(has, wanted));
  return isLetterAway && !saysLittle.test(value) && !isLetterAlone(has, wanted);
}

function isOtherCase(has: string, wanted: string): boolean {
  return has !== wanted && has.length === wanted.length && has.toLowerCase() === wanted.toLowerCase();
}

/** The letters in which two names differ. */
function changed(has: string, wanted: string): string {
  const start = [...has].findIndex((letter, index) => letter !== wanted[index]);
  const at = start === -1 ? has.length : start;
  return `${has[at] ?? ''}${wanted[at] ?? ''}`;
}

/** `side-a` and `side-b` are two names. */
function isLetterAlone(has: string, wanted: string): boolean {
  const [own, other] = [has, wanted].map((each) => each.split(/[-._/]/));
  return (own ?? []).some((part, index) => part !== other?.[index] && part.length === 1);
}

/** Of these values many labels have the same. */
const saysLittle = /^(?:true|false|yes|no|on|off|enabled?|disabled?|allow(?:ed)?|\d*)$/i;
