import { distance } from 'fastest-levenshtein';

/**
 * Whether one text is the other with a slip of the finger: at most two letters are changed, left out or added. Two
 * names that differ as names of two things do (`web-1` and `web-2`, `db-ro` and `db-rw`, `internal` and `external`) are
 * none.
 */
export function isLike(has: string, wanted: string): boolean {
  if (wanted.length < 3 || Math.abs(has.length - wanted.length) > 2 || distance(has, wanted) > 2) return false;
  const [parts, others] = [partsOf(has), partsOf(wanted)];
  if (parts.length !== others.length) return parts.join('') === others.join('') || !isOneLonger(parts, others);
  return parts.every((part, index) => part === others[index] || isSlip(part, others[index] ?? ''));
}

function partsOf(name: string): string[] {
  return name.toLowerCase().split(/[-._/]/);
}

/** `web` and `web-2`: a part of its own isn't a slip. */
function isOneLonger(parts: readonly string[], others: readonly string[]): boolean {
  const [shorter, longer] = parts.length < others.length ? [parts, others] : [others, parts];
  return shorter.every((part) => longer.includes(part));
}

const opposites = ['internal external', 'inbound outbound', 'read write', 'blue green'].map((pair) => pair.split(' '));

function isSlip(part: string, other: string): boolean {
  const isShort = part.length <= 2 && other.length <= 2;
  const isNumbered = part.replace(/\d+$/, '') === other.replace(/\d+$/, '');
  const isOpposite = opposites.some((pair) => pair.includes(part) && pair.includes(other));
  return !isShort && !isNumbered && !isOpposite;
}
