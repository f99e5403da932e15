import { once } from './once.ts';

/** How one list becomes another, found so that what follows from a list costs what changed of it. */

/** All items of some lists. A few long ones are put together faster by `concat`, which can't take very many. */
function concatenated<T>(lists: readonly (readonly T[])[]): T[] {
  return lists.length > 1000 ? lists.flatMap((list) => list) : ([] as T[]).concat(...lists);
}

/** Whether two lists hold the same items in the same order. */
export function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

/** A list made anew, with the items of the one before that are the same: known by a key, and by what they say. */
export function keptItems<T>(
  keyOf: (item: T) => string,
  same: (a: T, b: T) => boolean,
): (before: readonly T[], now: readonly T[]) => readonly T[] {
  return (before, now) => {
    const known = new Map(before.map((item) => [keyOf(item), item]));
    return now.map((item) => {
      const old = known.get(keyOf(item));
      return old !== undefined && same(old, item) ? old : item;
    });
  };
}

/** Whether two sets hold the same. */
export function sameMembers<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}

/** Whether two maps hold the same under the same keys. */
export function sameEntries<K, V>(
  a: ReadonlyMap<K, V>,
  b: ReadonlyMap<K, V>,
  same: (a: V, b: V) => boolean = Object.is,
): boolean {
  const isSame = ([key, value]: [K, V]): boolean => {
    const other = b.get(key);
    return other === undefined ? value === undefined && b.has(key) : same(value, other);
  };
  return a === b || (a.size === b.size && [...a].every(isSame));
}

/** What of a list is another than before: from `start` on, `gone` was replaced by `come`. */
interface Splice<T> extends Place {
  readonly gone: readonly T[];
  readonly come: readonly T[];
}

interface Place {
  /** In the list as it was. */
  readonly start: number;
  readonly gone: { readonly length: number };
}

const lastSplices = new WeakMap<readonly unknown[], { readonly before: unknown; readonly splices: unknown }>();

/** What makes one list of another, in its order, found once for the same two; empty where nothing changed. */
export function splicesOf<T>(before: readonly T[], now: readonly T[]): readonly Splice<T>[] {
  const known = lastSplices.get(now);
  if (known?.before === before) return known.splices as readonly Splice<T>[];
  const splices = findSplices(before, now);
  noteSplices(before, now, splices);
  return splices;
}

function noteSplices<T>(before: readonly T[], now: readonly T[], splices: readonly Splice<T>[]): void {
  // Else each list would keep the one before it, and that the one before.
  lastSplices.delete(before);
  lastSplices.set(now, { before, splices });
}

/** A list with its changes made. */
function spliced<T>(list: readonly T[], changes: readonly (Place & { readonly come: readonly T[] })[]): T[] {
  let read = 0;
  const runs = changes.flatMap(({ start, gone, come }) => {
    const kept = list.slice(read, start);
    read = start + gone.length;
    return [kept, come];
  });
  return concatenated([...runs, list.slice(read)]);
}

/** The same; whoever asks how the two differ is told without a look at them. */
function noted<T>(list: readonly T[], changes: readonly Splice<T>[]): readonly T[] {
  const now = spliced(list, changes);
  noteSplices(list, now, changes);
  return now;
}

function findSplices<T>(before: readonly T[], now: readonly T[]): readonly Splice<T>[] {
  if (before === now) return [];
  const shortest = Math.min(before.length, now.length);
  let start = 0;
  while (start < shortest && before[start] === now[start]) start++;
  if (start === shortest && before.length === now.length) return [];
  let end = 0;
  while (end < shortest - start && before[before.length - 1 - end] === now[now.length - 1 - end]) end++;
  const whole = { start, gone: before.slice(start, before.length - end), come: now.slice(start, now.length - end) };
  return runsOf(whole) ?? [whole];
}

/** The runs of changes in a longer one, with what is in both between them; null where the order is another. */
function runsOf<T>({ start, gone, come }: Splice<T>): readonly Splice<T>[] | null {
  if (Math.min(gone.length, come.length) < 2) return null;
  const [were, are] = [new Set(gone), new Set(come)];
  const runs: Splice<T>[] = [];
  let [read, written] = [0, 0];
  while (read < gone.length || written < come.length) {
    const [from, into] = [read, written];
    while (read < gone.length && !are.has(gone[read] as T)) read++;
    while (written < come.length && !were.has(come[written] as T)) written++;
    if (read > from || written > into)
      runs.push({ start: start + from, gone: gone.slice(from, read), come: come.slice(into, written) });
    if (read === gone.length && written === come.length) break;
    if (gone[read++] !== come[written++]) return null;
  }
  return runs;
}

/** A sorted list after some of its items were replaced by others. */
export function sortedAgain<T>(
  sorted: readonly T[],
  splices: readonly Splice<T>[],
  compare: (a: T, b: T) => number,
): readonly T[] {
  if (splices.length === 0) return sorted;
  const come = splices.flatMap((each) => each.come).sort(compare);
  const { kept } = without(
    sorted,
    splices.flatMap((each) => each.gone),
  );
  const merged: T[] = [];
  let next = 0;
  for (const item of kept) {
    for (let fresh = come[next]; fresh !== undefined && compare(fresh, item) < 0; fresh = come[++next])
      merged.push(fresh);
    merged.push(item);
  }
  return [...merged, ...come.slice(next)];
}

/** Where each item of a list stands. */
const placesIn = once((list: readonly unknown[]): ReadonlyMap<unknown, number> => {
  const places = new Map<unknown, number>();
  for (const [index, item] of list.entries()) places.set(item, index);
  return places;
});

/** The pieces that a list's items were made into, and all of them in a row. */
export class Pieces<T, U, W> {
  readonly #make: (item: T, by: W) => readonly U[];
  #list: readonly T[] = [];
  #by: { readonly is: W } | null = null;
  #pieces: (readonly U[])[] = [];
  #all: readonly U[] = [];

  constructor(make: (item: T, by: W) => readonly U[]) {
    this.#make = make;
  }

  next(list: readonly T[], by: W): readonly U[] {
    const isBySame = this.#by !== null && this.#by.is === by;
    const splices = isBySame ? splicesOf(this.#list, list) : [{ start: 0, gone: this.#list, come: list }];
    // All of it first: what is made may fail.
    const made = splices.map(({ start, gone, come }) => ({
      start,
      gone,
      come: come.map((each) => this.#make(each, by)),
    }));
    const changes = this.#changesBy(made);
    const isInPlace = made.every(({ gone, come }) => gone.length === come.length);
    if (!isInPlace) this.#pieces = spliced(this.#pieces, made);
    else for (const { start, come } of made) come.forEach((piece, index) => (this.#pieces[start + index] = piece));
    if (changes.length > 0) this.#all = noted(this.#all, changes);
    this.#list = list;
    this.#by = { is: by };
    return this.#all;
  }

  /** What of all pieces in a row is another by these. */
  #changesBy(made: readonly (Place & { readonly come: readonly (readonly U[])[] })[]): Splice<U>[] {
    const changes: Splice<U>[] = [];
    let [read, place] = [0, 0];
    for (const { start, gone, come } of made)
      for (const change of findSplices(
        concatenated(this.#pieces.slice(start, start + gone.length)),
        concatenated(come),
      )) {
        for (; read < start; read++) place += this.#pieces[read]?.length ?? 0;
        changes.push({ ...change, start: place + change.start });
      }
    return changes;
  }

  clear(): void {
    this.#list = [];
    this.#by = null;
    this.#pieces = [];
    this.#all = [];
  }
}

/**
 * Some of a list's items after `gone` of them left and `fresh` ones came, in the order of the list as it is `now`; in
 * any order where that is null.
 */
export function replaced<T>(
  known: readonly T[],
  gone: readonly T[],
  fresh: readonly T[],
  { isOneRun, now }: { readonly isOneRun: boolean; readonly now: readonly T[] | null },
): readonly T[] {
  if (known.length === 0) return fresh;
  // In one run, what has come stands where what has gone stood.
  const place = isOneRun && now !== null ? placeOfRun(known, gone) : null;
  if (place !== null) return noted(known, [{ start: place, gone, come: fresh }]);
  const { kept, stoodTwice } = without(known, gone);
  if (now === null) return [...kept, ...fresh];
  if (!stoodTwice && fresh.length === 0) return kept;
  if (kept.length === 0) return fresh;
  return stoodTwice || fresh.length > few ? inOrder([...kept, ...fresh], now) : inserted(kept, fresh, now);
}

/** So few items are looked for one by one. */
const few = 8;

/** Where a few items stand in a row and each nowhere else; null where they don't. */
function placeOfRun<T>(items: readonly T[], [first, ...others]: readonly T[]): number | null {
  if (first === undefined || others.length >= few) return null;
  const start = items.indexOf(first);
  const isThere = [first, ...others].every(
    (each, index) => items.indexOf(each) === start + index && items.lastIndexOf(each) === start + index,
  );
  return start !== -1 && isThere ? start : null;
}

/** Puts a few items among others that are in the order of a list already. */
function inserted<T>(items: readonly T[], fresh: readonly T[], list: readonly T[]): readonly T[] {
  const changes = fresh
    .map((each) => ({ each, place: list.indexOf(each) }))
    .sort((a, b) => a.place - b.place)
    .map(({ each, place }) => {
      let [low, high] = [0, items.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (list.indexOf(items[middle] as T) < place) low = middle + 1;
        else high = middle;
      }
      return { start: low, gone: [], come: [each] };
    });
  return noted(items, changes);
}

function inOrder<T>(items: readonly T[], list: readonly T[]): readonly T[] {
  const places = placesIn(list);
  return items.toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
}

/**
 * What is left of some items, each gone as often as it went: between two steps of one edit an item may stand twice in a
 * list. Which of the two is left can't be told then.
 */
function without<T>(
  items: readonly T[],
  gone: readonly T[],
): { readonly kept: readonly T[]; readonly stoodTwice: boolean } {
  if (gone.length === 0) return { kept: items, stoodTwice: false };
  const left = new Set(gone);
  const others = items.filter((item) => !left.has(item));
  if (others.length === items.length - gone.length) return { kept: others, stoodTwice: false };
  const counts = new Map<T, number>();
  for (const item of gone) counts.set(item, (counts.get(item) ?? 0) + 1);
  const kept = items.filter((item) => {
    const count = counts.get(item) ?? 0;
    counts.set(item, count - 1);
    return count <= 0;
  });
  return { kept, stoodTwice: true };
}
