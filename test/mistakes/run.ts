import { parseArgs } from 'node:util';
import { rendererBeside } from '../../render/beside.ts';
import { mistakes } from './all.ts';
import { objectsOf, repositories, repositoryAt } from './corpus.ts';
import { enough, plantingsOf } from './plan.ts';
import { type Outcome, planted } from './planting.ts';
import { isPassed, report, summary } from './report.ts';

/**
 * `npm run mistakes`: every mistake of `all.ts` is made in real folders, one at a time, and mended again. `--kind TEXT`
 * takes those whose name matches it, `--seed` the same places again, `--count` how many of each, `--in` one repository.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '20261126' },
    kind: { type: 'string', default: '' },
    count: { type: 'string', default: String(enough) },
    in: { type: 'string', default: '' },
  },
});
const seed = Number(values.seed);
const since = performance.now();
const renderer = rendererBeside({ mostMilliseconds: 60_000 });
try {
  const objects = [];
  for (const name of repositories())
    if (name.includes(values.in)) objects.push(...objectsOf(await repositoryAt(renderer, name)));
  console.log(`SEED=${seed}, ${objects.length} objects, read in ${secondsSince(since)} s`);
  const outcomes: Outcome[] = [];
  for (const mistake of mistakes.filter(({ name }) => new RegExp(values.kind).test(name))) {
    const own: Outcome[] = [];
    for (const planting of plantingsOf(mistake, objects, { seed, count: Number(values.count) }))
      own.push(await planted(planting));
    outcomes.push(...own);
    console.log(report(mistake, own, seed));
  }
  console.log(`${summary(outcomes)} In ${secondsSince(since)} s.`);
  if (!isPassed(outcomes)) process.exitCode = 1;
} finally {
  renderer.stop();
}

function secondsSince(start: number): number {
  return Math.round((performance.now() - start) / 1000);
}
