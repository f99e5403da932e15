import { expect, test } from 'vitest';
import { Graph, Index, type Input, KeyedFamily } from '../shared/cluster/derived.ts';
import { seededRandom } from './seededRandom.ts';

test('what becomes stale while it is being made is made again', () => {
  const graph = new Graph();
  const [first, second] = [graph.input(1), graph.input(1)];
  const stop = graph.derived(() => second.get(), { eager: true });
  const plain = graph.derived(() => stop.get() * 10);
  // It is made before `stop` is settled: it reads an old value, and settles the new one itself behind it.
  const both = graph.derived(() => [first.get(), plain.get(), stop.get()], { eager: true }).pin();
  expect(both.get()).toEqual([1, 10, 1]);
  first.set(2);
  second.set(2);
  expect(both.get()).toEqual([2, 20, 2]);
});

test('what becomes stale while it is being looked through is looked through again', () => {
  const graph = new Graph();
  const [first, second] = [graph.input(false), graph.input(1)];
  const stop = graph.derived(() => second.get(), { eager: true }).pin();
  const plain = graph.derived(() => stop.get() * 10);
  // It comes out the same, and settles `stop` on the way.
  const other = graph.derived(() => (first.get() ? stop.get() > 0 : true));
  const both = graph.derived(() => [plain.get(), other.get()], { eager: true }).pin();
  expect(both.get()).toEqual([10, true]);
  first.set(true);
  second.set(2);
  expect(both.get()).toEqual([20, true]);
  second.set(3);
  expect(both.get()).toEqual([30, true]);
});

test('what is made of a list is, after any changes of it, what is made of it at once', () => {
  const seed = Number(process.env['SEED'] ?? 1);
  const random = seededRandom(seed);
  const graph = new Graph();
  const item = (): Item => ({ key: random.pick(['a', 'b', 'c']), number: random.below(9) });
  const list = graph.input<readonly Item[]>([]);
  const times = graph.input(1);
  const each = graph
    .each(
      () => list.get(),
      made,
      () => times.get(),
    )
    .pin();
  const sorted = graph.sorted(() => list.get(), byNumber).pin();
  const index = new Index(graph, list, ({ key }) => [key]);
  const ofKeys = graph.derived(() => ['a', 'b', 'c'].map((key) => index.get(key))).pin();
  for (let step = 0; step < 500; step++) {
    const now = [...list.get()];
    for (let change = random.below(4); change >= 0; change--) {
      const at = random.below(now.length + 1);
      const kind = random.below(10);
      if (kind === 0) now.reverse();
      else if (kind === 1) now.push(...now.splice(0, at));
      else if (kind === 2 && now.length > 0) now.splice(at, 0, random.pick(now));
      else now.splice(at, random.below(3), ...Array.from({ length: random.below(3) }, item));
    }
    list.set(now);
    if (random.below(10) === 0) times.set(random.below(3));
    const context = `seed ${seed}, step ${step}`;
    expect(each.get(), context).toEqual(now.flatMap((one) => made(one, times.get())));
    expect(
      sorted.get().map(({ number }) => number),
      context,
    ).toEqual(now.toSorted(byNumber).map(({ number }) => number));
    // While an item stands twice, as between two steps of one edit, their order is nobody's.
    const found = ofKeys.get().map((items) => (new Set(now).size === now.length ? items : items.toSorted(byNumber)));
    const own = new Set(now).size === now.length ? now : now.toSorted(byNumber);
    expect(found, context).toEqual(['a', 'b', 'c'].map((key) => own.filter((one) => one.key === key)));
  }
});

const failing = 'a value that fails';

/** Fails where the number is 1. */
function unlessOne(number: number): number {
  if (number === 1) throw new Error(failing);
  return number;
}

/** What reads a number that fails at 1, in every way in which a value can be read. */
const readings: Readonly<Record<string, (graph: Graph, number: Input<number>) => () => unknown>> = {
  'an eager value': (graph, number) => {
    const eager = graph.derived(() => unlessOne(number.get()), { eager: true });
    return () => eager.get();
  },
  'a value that is not eager': (graph, number) => {
    const lazy = graph.derived(() => unlessOne(number.get()));
    return () => lazy.get();
  },
  'an eager value behind others': (graph, number) => {
    const first = graph.derived(() => unlessOne(number.get()));
    const second = graph.derived(() => first.get(), { eager: true });
    const third = graph.derived(() => second.get());
    const fourth = graph.derived(() => third.get(), { eager: true });
    return () => fourth.get();
  },
  'a list made of another': (graph, number) => {
    const each = graph.each(
      () => [number.get()],
      (item) => [unlessOne(item)],
    );
    return () => each.get()[0];
  },
  'a list in its order': (graph, number) => {
    const sorted = graph.sorted(
      () => [-1, number.get()],
      (a, b) => unlessOne(a) - unlessOne(b),
    );
    return () => sorted.get()[1];
  },
  'an index': (graph, number) => {
    const items = graph.derived(() => [{ number: number.get() }]);
    const index = new Index(graph, items, (item) => [unlessOne(item.number) === 1 ? 'one' : 'other']);
    return () => index.get('other')[0]?.number;
  },
  'a family': (graph, number) => {
    const family = new KeyedFamily(graph, (key) => `${key}${unlessOne(number.get())}`, { eager: true });
    return () => Number(family.get('n').slice(1));
  },
};

test.each(Object.entries(readings))('what failed is made again when it may succeed: %s', (_, reading) => {
  const graph = new Graph();
  const number = graph.input(0);
  const other = graph.input(0);
  let [heard, otherHeard] = [0, 0];
  const read = reading(graph, number);
  const reader = graph.derived(read, { onStale: () => heard++ }).pin();
  const nobody = graph.derived(() => other.get(), { onStale: () => otherHeard++ }).pin();
  expect([reader.get(), nobody.get()]).toEqual([0, 0]);
  const stepTo = (value: number): void => {
    heard = 0;
    number.set(value);
    graph.settle();
    expect(heard, `at ${value}`).toBe(1);
  };
  // It comes out as before, as another, and after having failed twice.
  for (const values of [
    [1, 0],
    [1, 2],
    [1, 3, 1, 3],
    [1, 0],
  ]) {
    for (const value of values) {
      stepTo(value);
      if (value !== 1) expect(reader.get()).toBe(value);
      else for (let time = 0; time < 2; time++) expect(() => reader.get()).toThrow(failing);
      // Whoever doesn't read it has nothing to do with it.
      expect(nobody.get()).toBe(0);
    }
  }
  expect(otherHeard).toBe(0);
});

test('what fails the first time is made again too', () => {
  for (const reading of Object.values(readings)) {
    const graph = new Graph();
    const number = graph.input(1);
    const reader = graph.derived(reading(graph, number)).pin();
    expect(() => reader.get()).toThrow(failing);
    number.set(2);
    expect(reader.get()).toBe(2);
  }
});

test('a failure costs the answers that rest on it, no others', () => {
  const graph = new Graph();
  const number = graph.input(0);
  const eager = graph.derived(() => unlessOne(number.get()), { eager: true });
  const reader = graph.derived(() => eager.get()).pin();
  const nobody = graph.derived(() => 'nobody').pin();
  expect([reader.get(), nobody.get()]).toEqual([0, 'nobody']);
  number.set(1);
  expect(nobody.get()).toBe('nobody');
  expect(() => reader.get()).toThrow(failing);
});

test('what failed on values that were others by then is made again at once', () => {
  const graph = new Graph();
  const number = graph.input(1);
  const stop = graph.derived(() => number.get(), { eager: true });
  const plain = graph.derived(() => stop.get());
  // `both` is settled before `stop`, reads what `plain` was, and settles `stop` behind it.
  const both = graph
    .derived(
      () => {
        number.get();
        const [old, now] = [plain.get(), stop.get()];
        if (old !== now) throw new Error('they are the same');
        return now;
      },
      { eager: true },
    )
    .pin();
  expect(both.get()).toBe(1);
  number.set(2);
  expect(both.get()).toBe(2);
});

interface Item {
  readonly key: string;
  readonly number: number;
}

function made({ key, number }: Item, times: number): string[] {
  return Array.from({ length: (number % 3) * times }, () => `${key}${number}`);
}

function byNumber(a: Item, b: Item): number {
  return a.number - b.number;
}

test('a question in steps keeps what it read, and hears where that is another', () => {
  const graph = new Graph();
  const [first, other] = [graph.input(1), graph.input(1)];
  let made = 0;
  const isEven = graph.derived(() => {
    made++;
    return first.get() % 2 === 0;
  });
  const asking = graph.asking();
  const states = [1, 3, 4].map((value) => {
    asking.step(() => isEven.get());
    first.set(value);
    other.set(value);
    return [asking.isStale, made];
  });
  expect(states).toEqual([
    [false, 1],
    [false, 2],
    [true, 3],
  ]);
  asking.stop();
  isEven.get();
  expect(made).toBe(4);
});
