import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  buildCrds,
  CrdJudge,
  crdDisagreement,
  isCrdsBuilt,
  objectOf,
  ownErrors,
  questions,
  toldObjects,
} from './crds.ts';

/** What the API server's own code answered, kept by `KEEP=1 npm run oracle -- crds 2000`. */
const kept: { version: string; objects: readonly (readonly [string, number, readonly string[]])[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'crds.json'), 'utf8'),
);
const byName = new Map(questions.map((each) => [`${each.release} ${each.apiVersion} ${each.kind}`, each]));

test(`${kept.objects.length} objects are judged by their CRDs as by ${kept.version}`, () => {
  const differing = kept.objects.filter(([name, seed, theirs]) => {
    const question = byName.get(name);
    return question === undefined || ownErrors(question, objectOf(question, seed)).join() !== theirs.join();
  });
  expect(differing.map(([name, seed]) => `${name}: SEED=${seed} npm run oracle -- crds 1`)).toEqual([]);
});

const fresh = { first: 100_001, count: 5 };
const notBuilt = 'the judge was never built here: npm run oracle -- crds';
const orSkipped = isCrdsBuilt() ? '' : `: skipped, ${notBuilt}`;

test(
  `the objects of every manifest beside the project, and ${fresh.count} of each kind, are judged as ` +
    `by the API server's own code${orSkipped}`,
  { timeout: 600_000 },
  async ({ skip }) => {
    if (!isCrdsBuilt()) return skip(notBuilt);
    const problem = buildCrds();
    if (problem !== null) return skip(problem);
    const judge = new CrdJudge();
    await judge.learn();
    const differing: string[] = [];
    for (const { question, object, path } of toldObjects())
      if ((await crdDisagreement(judge, question, object)) !== null) differing.push(path);
    for (const question of questions)
      for (let seed = fresh.first; seed < fresh.first + fresh.count; seed++)
        if ((await crdDisagreement(judge, question, objectOf(question, seed))) !== null)
          differing.push(`KIND=${question.kind} SEED=${seed} npm run oracle -- crds 1`);
    judge.close();
    expect(differing).toEqual([]);
  },
);
