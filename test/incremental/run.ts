import { writeFileSync } from 'node:fs';
import type { Step } from './live.ts';
import { type Failure, replayed, walk } from './walk.ts';

/**
 * `npm run incremental`: seeded steps (SEED, COUNT; 20,000 without), each held against a cold start (each EVERYth). A
 * disagreement is made smaller and written to FAILURE, if that is set, else printed.
 */
const seed = Number(process.env.SEED ?? 20261121);
const count = Number(process.env.COUNT ?? 20_000);
const every = Number(process.env.EVERY ?? 1);

const since = performance.now();
const failure = walk({
  seed,
  count,
  every,
  onStep(number) {
    if (number % 500 === 0) console.log(`${number} steps, ${Math.round((performance.now() - since) / 1000)} s`);
  },
});
if (failure === null) {
  console.log(`${count} steps agree with a cold start (SEED=${seed}).`);
} else {
  console.log(`SEED=${seed}, step ${failure.step}: ${failure.message}`);
  const smallest = fewest(failure);
  const text = JSON.stringify(smallest, null, 2);
  if (process.env.FAILURE === undefined) console.log(text);
  else writeFileSync(process.env.FAILURE, text);
  console.log(replayed(smallest) ?? 'The same steps agree when nothing is held against a cold start between them.');
  process.exitCode = 1;
}

/** As few steps and files as still disagree. */
function fewest({ start, steps }: Pick<Failure, 'start' | 'steps'>): Pick<Failure, 'start' | 'steps'> {
  const fails = (files: readonly [string, string][], some: readonly Step[]): boolean =>
    replayed({ start: { ...start, texts: Object.fromEntries(files) }, steps: some }) !== null;
  let files = Object.entries(start.texts);
  const few = without(steps, (some) => fails(files, some));
  files = without(files, (some) => fails(some, few));
  const fewer = without(few, (some) => fails(files, some));
  return { start: { ...start, texts: Object.fromEntries(files) }, steps: fewer };
}

/** Leaves out halves, then quarters, down to single items, for as long as it fails. */
function without<T>(items: readonly T[], fails: (items: T[]) => boolean): T[] {
  let left = [...items];
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = left.length - size; at > -size; at -= size) {
      const fewer = left.toSpliced(Math.max(0, at), size + Math.min(0, at));
      if (fails(fewer)) left = fewer;
    }
  }
  return left;
}
