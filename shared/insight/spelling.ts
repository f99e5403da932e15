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

/**
 * Whether one name can hardly be anything but the other with one slip of the finger: two neighbours have changed
 * places, or a letter inside a word is left out, comes twice or, in a long word, is another. Where the other name may
 * as well be of something that is applied from elsewhere, `isLike` says too much: `store` and `stork`, `order` and
 * `border`, `user` and `users` are names of two things.
 */
export function isSlipOf(has: string, wanted: string): boolean {
  if (Math.abs(has.length - wanted.length) > 1) return false;
  const [parts, others] = [partsOf(has), partsOf(wanted)];
  if (parts.length !== others.length) return has !== wanted && parts.join('') === others.join('');
  const [at, another] = [...parts.keys()].filter((index) => parts[index] !== others[index]);
  return at !== undefined && another === undefined && isWordSlipped(parts[at] ?? '', others[at] ?? '');
}

function isWordSlipped(has: string, wanted: string): boolean {
  const start = [...has].findIndex((letter, index) => letter !== wanted[index]);
  const from = start === -1 ? has.length : start;
  let end = 0;
  while (end < Math.min(has.length, wanted.length) - from && has.at(-1 - end) === wanted.at(-1 - end)) end += 1;
  const [inHas, inWanted] = [has.slice(from, has.length - end), wanted.slice(from, wanted.length - end)];
  if (!/^[a-z]*$/.test(inHas + inWanted)) return false;
  if (inHas.length === 2 && inWanted.length === 2) return inHas[0] === inWanted[1] && inHas[1] === inWanted[0];
  const isInside = from > 0 && end > 0;
  if (inHas.length + inWanted.length === 1) return isInside && Math.max(has.length, wanted.length) >= 4;
  return isInside && inHas.length === 1 && inWanted.length === 1 && has.length >= longWord;
}

/** From so many letters on, two words that differ in one letter are hardly two words. */
export const longWord = 6;

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
