import { expect, test } from 'vitest';
import { Graph, Index } from '../shared/cluster/derived.ts';
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
    expect(ofKeys.get(), context).toEqual(['a', 'b', 'c'].map((key) => now.filter((one) => one.key === key)));
  }
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
