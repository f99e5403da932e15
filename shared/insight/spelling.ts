import { distance } from 'fastest-levenshtein';

/** Whether one text is the other with a slip of the finger: at most two letters are changed, left out or added. */
export function isLike(has: string, wanted: string): boolean {
  return wanted.length >= 3 && Math.abs(has.length - wanted.length) <= 2 && distance(has, wanted) <= 2;
}
