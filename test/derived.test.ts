import { expect, test } from 'vitest';
import { Graph } from '../shared/cluster/derived.ts';

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
