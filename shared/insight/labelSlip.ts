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

/** The first of some things that a selector which picks none of them was plainly meant for; null for none. */
export function labelSlip<T extends { readonly labels: ReadonlyMap<string, string> }>(
  { labels, expressions }: LabelSelector,
  things: readonly T[],
): LabelSlip<T> | null {
  const known = new Set(things.flatMap((each) => [...each.labels.keys()]));
  const picked = (selector: LabelSelector): readonly T[] =>
    things.filter((each) => matchesLabels(selector, each.labels));
  for (const [key, value] of labels) {
    const others = picked({ labels: new Map([...labels].filter(([each]) => each !== key)), expressions });
    const found = slipOf({ key, values: [value] }, others, known);
    const path = ['matchLabels', key];
    if (found !== null) return { ...found, at: path, difference: `${found.has} instead of ${key}: ${value}` };
  }
  for (const [index, each] of expressions.entries()) {
    if (each.operator !== 'In') continue;
    const others = picked({ labels, expressions: expressions.filter((one) => one !== each) });
    const found = slipOf(each, others, known);
    if (found === null) continue;
    const path = ['matchExpressions', index, ...(found.part === 'key' ? ['key'] : ['values', found.index])];
    const difference = `${found.has} instead of ${each.key} in (${each.values.join(', ')})`;
    return { ...found, at: path, part: 'value', difference };
  }
  return null;
}

interface Slip<T> extends Pick<LabelSlip<T>, 'meant' | 'part' | 'text' | 'has'> {
  /** Of the values, the one that is misspelt. */
  readonly index: number;
}

/** A key that something has is no slip of another. */
function slipOf<T extends { readonly labels: ReadonlyMap<string, string> }>(
  { key, values }: Pick<LabelExpression, 'key' | 'values'>,
  things: readonly T[],
  known: ReadonlySet<string>,
): Slip<T> | null {
  for (const meant of things)
    for (const [own, value] of meant.labels) {
      const has = `${own}: ${value}`;
      const index = values.findIndex((each) => isValueSlip(value, each));
      if (own === key && index >= 0) return { meant, part: 'value', text: value, index, has };
      if (!known.has(key) && values.includes(value) && isKeySlip(own, key, value))
        return { meant, part: 'key', text: own, index: 0, has };
    }
  return null;
}

function isValueSlip(has: string, wanted: string): boolean {
  return isSlipOf(has, wanted) || isOtherCase(has, wanted);
}

/** Where the value is one that little else has, one letter of the key is a slip, wherever it stands. */
function isKeySlip(has: string, wanted: string, value: string): boolean {
  if (isSlipOf(has, wanted) || isOtherCase(has, wanted)) return true;
  const isLetterAway = distance(has, wanted) === 1 && has.length >= 3 && !/\d/.test(changed(has, wanted));
  return isLetterAway && !saysLittle.test(value) && !isLetterAlone(has, wanted);
}

function isOtherCase(has: string, wanted: string): boolean {
  return has !== wanted && has.toLowerCase() === wanted.toLowerCase();
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
