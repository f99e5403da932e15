import { expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';

const seed = Number(process.env.SEED ?? 20261126);

// `npm run fuzz` takes many more.
test(`1,200 inputs and requests: no crash, no hang, no stale answer (SEED=${seed})`, { timeout: 240_000 }, async () => {
  expect(await fuzz({ seed, count: 1200, every: 400 })).toBeNull();
});
