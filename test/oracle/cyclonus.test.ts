import { expect, test } from 'vitest';
import {
  buildCyclonus,
  Cyclonus,
  differences,
  isCyclonusBuilt,
  keptOfCyclonus,
  lettersOf,
  ownAnswers,
  policySetOf,
} from './cyclonus.ts';

/** What cyclonus' own matcher came to, kept by `KEEP=1 npm run oracle -- cyclonus 300`. */
const { version, answers } = keptOfCyclonus();

test(`${answers.length} random sets of policies let through what cyclonus ${version} lets through`, () => {
  const disagreeing = answers.filter(([seed, letters]) => {
    const set = policySetOf(seed);
    return letters.length !== set.probes.length || differences(set, ownAnswers(set), letters).length > 0;
  });
  expect(disagreeing.map(([seed]) => `SEED=${seed} npm run oracle -- cyclonus 1`)).toEqual([]);
});

const fresh = { first: 300_001, count: 200 };
const notBuilt = 'the judge was never built here: npm run oracle -- cyclonus';
const orSkipped = isCyclonusBuilt() ? '' : `: skipped, ${notBuilt}`;

test(
  `${fresh.count} more, asked now (seeds from ${fresh.first})${orSkipped}`,
  { timeout: 600_000 },
  async ({ skip }) => {
    if (!isCyclonusBuilt()) return skip(notBuilt);
    const problem = buildCyclonus();
    if (problem !== null) return skip(problem);
    const judge = new Cyclonus();
    const disagreeing: string[] = [];
    for (let seed = fresh.first; seed < fresh.first + fresh.count; seed++) {
      const set = policySetOf(seed);
      if (differences(set, ownAnswers(set), lettersOf(await judge.answers(set))).length > 0)
        disagreeing.push(`SEED=${seed} npm run oracle -- cyclonus 1`);
    }
    judge.close();
    expect(disagreeing).toEqual([]);
  },
);
