import Fraction from 'fraction.js';
import { once } from '../../cluster/once.ts';
import { type Met, readingTexts } from './readings.ts';
import type { What } from './what.ts';

/** Whether somebody reaches somebody, and why not. */
export interface Answer {
  /** `partly` where pods or ways differ; `unknown` where these files don't decide it for all of them. */
  readonly kind: 'yes' | 'partly' | 'no' | 'unknown';
  /** What comes of it, each with its share; the shares sum to 1. What reaches comes first, then the largest. */
  readonly outcomes: readonly Outcome[];
  /** What other network plug-ins would make of it, or the same one asked otherwise, in sentences. */
  readonly otherwise: readonly string[];
  /** Equal where the same comes of it. */
  readonly key: string;
  /** Equal where others make the same of it, too. */
  readonly wholeKey: string;
}

export interface Outcome {
  readonly share: Fraction;
  readonly what: What;
}

const whole = new Fraction(1);

/** Of what comes of it, and how often. */
export function answerOf(counts: readonly (readonly [met: Met, count: Fraction | number])[]): Answer {
  const merged = new Map<string, { readonly what: What; readonly count: Fraction }>();
  for (const [{ what }, count] of counts) {
    const key = keyOf(what);
    const known = merged.get(key);
    merged.set(key, {
      what: known?.what ?? what,
      count: known === undefined ? new Fraction(count) : known.count.add(count),
    });
  }
  const otherwise = readingTexts(counts);
  const [[onlyKey = '', only] = []] = [...merged];
  if (only !== undefined && merged.size === 1) return answerAlone(only.what, onlyKey, otherwise);
  const all = [...merged.values()].reduce((sum, { count }) => sum.add(count), new Fraction(0));
  const outcomes = [...merged]
    .map(([key, { what, count }]) => ({ key, what, share: count.div(all) }))
    .toSorted((a, b) => rank(a.what) - rank(b.what) || b.share.compare(a.share) || (a.key < b.key ? -1 : 1));
  const kinds = new Set(outcomes.map(({ what }) => what.kind));
  const key = outcomes.map((each) => `${each.share.toFraction()} ${each.key}`).join('; ');
  return {
    kind: kinds.has('undecided') ? 'unknown' : kinds.has('reaches') || kinds.has('limited') ? 'partly' : 'no',
    outcomes: outcomes.map(({ what, share }) => ({ what, share })),
    otherwise,
    key,
    wholeKey: wholeKeyOf(key, otherwise),
  };
}

function rank({ kind }: What): number {
  return kind === 'reaches' ? 0 : 1;
}

/** The same for all. */
export const always = once((each: Met): Answer => answerAlone(each.what, keyOf(each.what), readingTexts([[each, 1]])));

function answerAlone(what: What, key: string, otherwise: readonly string[]): Answer {
  const outcomes = [{ what, share: whole }];
  return { kind: kindOf[what.kind], outcomes, otherwise, key, wholeKey: wholeKeyOf(key, otherwise) };
}

function wholeKeyOf(key: string, otherwise: readonly string[]): string {
  return otherwise.length === 0 ? key : [key, ...otherwise].join('\n');
}

const kindOf: Readonly<Record<What['kind'], Answer['kind']>> = {
  reaches: 'yes',
  limited: 'partly',
  denied: 'no',
  undecided: 'unknown',
  ends: 'no',
};

function keyOf(what: What): string {
  switch (what.kind) {
    case 'reaches':
      return 'reaches';
    case 'limited':
      return `limited ${what.to.join(', ')} ${what.policies.join(' ')}`;
    case 'denied':
      return `${what.direction} ${what.rule ?? what.policies.join(' ')} ${what.nearest ?? ''}`;
    case 'undecided':
    case 'ends':
      return `${what.kind} ${what.text}`;
    default:
      return what satisfies never;
  }
}
