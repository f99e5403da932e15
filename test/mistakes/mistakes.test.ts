import { afterAll, expect, test } from 'vitest';
import { rendererBeside } from '../../render/beside.ts';
import { mistakes } from './all.ts';
import { objectsOf, repositories, repositoryAt } from './corpus.ts';
import { plantingsOf } from './plan.ts';
import { planted } from './planting.ts';
import { isPassed, report, summary } from './report.ts';

const seed = Number(process.env.SEED ?? 20261126);

/** Those that are read in a few seconds; `npm run mistakes` takes all. */
const sampled = [
  'corpus/dockersamples__example-voting-app',
  'corpus/kubernetes__examples',
  'corpus/nginxinc__kubernetes-ingress',
  'corpus/stefanprodan__podinfo',
  'corpus-more/istio__istio',
  'corpus-more/kubernetes-sigs__gateway-api',
];
const isThere = sampled.every((name) => repositories().includes(name));

const renderer = rendererBeside({ mostMilliseconds: 60_000 });
afterAll(() => renderer.stop());

// One place for each mistake; `npm run mistakes` makes each in 20 folders.
test.skipIf(!isThere)(
  `mistakes in real folders are found, nothing else is said, and mended they are forgotten (SEED=${seed})` +
    (isThere ? '' : ' (skipped: ../shared is not there)'),
  { timeout: 240_000 },
  async () => {
    const objects = [];
    for (const name of sampled) objects.push(...objectsOf(await repositoryAt(renderer, name)));
    const outcomes = [];
    const wrong = [];
    for (const mistake of mistakes.filter(({ missing }) => missing === undefined)) {
      const own = [];
      for (const planting of plantingsOf(mistake, objects, { seed, count: 1 })) own.push(await planted(planting));
      outcomes.push(...own);
      if (!isPassed(own)) wrong.push(report(mistake, own, seed));
    }
    expect(isPassed(outcomes), [...wrong, summary(outcomes)].join('\n')).toBe(true);
    expect(outcomes.length).toBeGreaterThan(50);
  },
);
