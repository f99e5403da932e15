import { writeFileSync } from 'node:fs';
import { shrink } from '../shrink.ts';
import { replayed, walk } from './walk.ts';

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
  const { start, steps } = failure;
  const isFailure = async (candidate: { start: typeof start; steps: typeof steps }): Promise<boolean> =>
    replayed(candidate) !== null;
  const last = { start, steps };
  if (await isFailure(last)) {
    const smallest = await shrink(last, isFailure, 4000);
    const text = JSON.stringify(smallest, null, 2);
    if (process.env.FAILURE === undefined) console.log(text);
    else writeFileSync(process.env.FAILURE, text);
    console.log(replayed(smallest));
  } else console.log('The same steps agree when nothing is held against a cold start between them.');
  process.exitCode = 1;
}
