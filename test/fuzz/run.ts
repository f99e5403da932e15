import { fuzz } from './fuzz.ts';

/**
 * `npm run fuzz`: seeded inputs and requests over the pipe (SEED, COUNT; 100,000 without). After each EVERYth the
 * server is held against a cold start.
 */
const seed = Number(process.env.SEED ?? 20261126);
const count = Number(process.env.COUNT ?? 100_000);
const every = Number(process.env.EVERY ?? 500);

const since = performance.now();
const fault = await fuzz({
  seed,
  count,
  every,
  onStep(number) {
    if (number % 1000 === 0) console.log(`${number} steps, ${Math.round((performance.now() - since) / 1000)} s`);
  },
});
console.log(fault === null ? `${count} steps, none wrong (SEED=${seed}).` : `SEED=${seed}, ${fault}`);
process.exitCode = fault === null ? 0 : 1;
