import Fraction from 'fraction.js';

/** One of several equally likely choices. */
export interface Share<T> {
  readonly item: T;
  readonly share: Fraction;
  /** How many it stands for: 1. The last one shown stands for all the rest, which are alike. */
  readonly standsFor: number;
}

/** As many nodes, or endpoints of one port, as a trace follows one by one. Their product bounds the number of paths. */
export const mostFollowed = 64;

/**
 * Equal shares among the items. If there are very many, the first 63 are followed one by one and the 64th stands for
 * all the rest. So a trace stays finite work, and its probabilities still sum to exactly 1.
 */
export function spread<T>(items: readonly T[]): Share<T>[] {
  return items.slice(0, mostFollowed).map((item, index) => {
    const standsFor = index === mostFollowed - 1 ? items.length - index : 1;
    return { item, standsFor, share: new Fraction(standsFor, items.length) };
  });
}
