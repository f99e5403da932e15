import { afterAll, expect, test } from 'vitest';
import { rendererBeside } from '../../render/beside.ts';
import { checkedIn, foldersMissing, misled } from './originsOf.ts';

const renderer = rendererBeside({ mostMilliseconds: 60_000 });
afterAll(() => renderer.stop());
const missing = foldersMissing();
const orSkipped = missing === null ? '' : ` (skipped: ${missing})`;

/** A few values of each build; `npm run origins` takes more. */
test.for(['stefanprodan__podinfo', 'kubernetes-sigs__kustomize', 'GoogleCloudPlatform__microservices-demo'])(
  `each value of %s leads to the line that decides it (SEED=1)${orSkipped}`,
  { timeout: 120_000 },
  async (repository, { skip }) => {
    if (missing !== null) return skip(missing);
    const checked = await checkedIn(renderer, repository, { seed: 1, count: 4 });
    expect(checked.length).toBeGreaterThan(10);
    expect(misled(checked)).toEqual([]);
  },
);
