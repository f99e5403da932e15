import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  casesIn,
  copyOf,
  putAll,
  readSandbox,
  renderDifference,
  renderJudgesMissing,
  variationDifference,
} from './render.ts';

const missing = renderJudgesMissing();
const orSkipped = missing === null ? '' : ` (skipped: ${missing})`;

/** Of each a few: `npm run oracle -- render 500` asks all. */
const repository = 'stefanprodan__podinfo';

test(`${repository} is built as by the real kustomize and helm${orSkipped}`, async ({ skip }) => {
  if (missing !== null) return skip(missing);
  const sandbox = await readSandbox();
  const copy = copyOf(repository);
  putAll(sandbox, copy);
  const differing = casesIn(copy)
    .filter(({ root }) => root.startsWith(copy))
    .flatMap((each) => renderDifference(sandbox, each) ?? []);
  for (let seed = 1; seed <= 10; seed++) differing.push(...[variationDifference(sandbox, copy, seed) ?? []].flat());
  rmSync(copy, { recursive: true });
  expect(differing).toEqual([]);
});
