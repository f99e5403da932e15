import { expect, test } from 'vitest';
import { cyclonus } from './cyclonus.ts';
import { kubeNetworkPolicies } from './kubeNetworkPolicies.ts';
import { buildEngine, differences, isEngineBuilt, keptOf, ownAnswers, PolicyJudge } from './policyJudge.ts';

const engines = [cyclonus, kubeNetworkPolicies];

/** What the engines came to, kept by `KEEP=1 npm run oracle -- cyclonus 300`, and so of the other. */
test.each(engines)(
  'random sets of policies let through what $name $version lets through',
  (engine) => {
    const { answers } = keptOf(engine);
    expect(answers).toHaveLength(300);
    const disagreeing = answers.filter(([seed, letters]) => {
      const set = engine.setOf(seed);
      return letters.length !== set.probes.length || differences(set, ownAnswers(set), letters).length > 0;
    });
    expect(disagreeing.map(([seed]) => `SEED=${seed} npm run oracle -- ${engine.name} 1`)).toEqual([]);
  },
  60_000,
);

const fresh = { first: 300_001, count: 100 };
const notBuilt = ({ name }: { readonly name: string }): string =>
  `the judge was never built here: npm run oracle -- ${name}`;

for (const engine of engines)
  test(
    `${fresh.count} more of ${engine.name}, asked now (seeds from ${fresh.first})` +
      `${isEngineBuilt(engine) ? '' : `: skipped, ${notBuilt(engine)}`}`,
    { timeout: 600_000 },
    async ({ skip }) => {
      if (!isEngineBuilt(engine)) return skip(notBuilt(engine));
      const problem = buildEngine(engine);
      if (problem !== null) return skip(problem);
      const judge = new PolicyJudge(engine);
      const disagreeing: string[] = [];
      for (let seed = fresh.first; seed < fresh.first + fresh.count; seed++) {
        const set = engine.setOf(seed);
        if (differences(set, ownAnswers(set), await judge.letters(set)).length > 0)
          disagreeing.push(`SEED=${seed} npm run oracle -- ${engine.name} 1`);
      }
      judge.close();
      expect(disagreeing).toEqual([]);
    },
  );
