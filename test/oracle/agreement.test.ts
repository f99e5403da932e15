import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { randomQuestion } from '../randomModel.ts';
import { seededRandom } from '../seededRandom.ts';
import { allocationDisagreement, randomCreation, theirRefusals } from './allocation.ts';
import { digest } from './compare.ts';
import { buildOracle, disagreement, Oracle, ownRules } from './judge.ts';
import { kinds, randomKind } from './randomKind.ts';
import { randomObject } from './randomObject.ts';
import { answerDigest, ownErrors, validationDisagreement } from './validation.ts';

/** What kube-proxy's own packages answered, kept by `KEEP=1 npm run oracle`. */
const kept: {
  version: string;
  answers: readonly (readonly [number, string])[];
  objects: readonly (readonly [number, readonly string[]])[];
  creations: readonly (readonly [number, readonly (readonly string[])[]])[];
  kinds: Readonly<Record<string, string>>;
} = JSON.parse(readFileSync(join(import.meta.dirname, 'agreement.json'), 'utf8'));

test(
  `the rules of ${kept.answers.length} random clusters, in both modes and families, ` +
    `are those of kube-proxy ${kept.version}`,
  () => {
    const disagreeing = kept.answers.filter(
      ([seed, theirs]) => digest(ownRules(randomQuestion(seed).asked)) !== theirs,
    );
    expect(disagreeing.map(([seed]) => `SEED=${seed} COUNT=1 npm run oracle`)).toEqual([]);
  },
);

test(
  `${kept.objects.length} random Services and EndpointSlices are refused, field by ` +
    `field, as by the API server ${kept.version}`,
  () => {
    const disagreeing = kept.objects.filter(
      ([seed, theirs]) => ownErrors(randomObject(seededRandom(seed))).join() !== theirs.join(),
    );
    expect(disagreeing.map(([seed]) => `SEED=${seed} COUNT=1 npm run oracle`)).toEqual([]);
  },
);

test(`${kept.creations.length} random sets of Services are refused as by the allocators of ${kept.version}`, () => {
  const disagreeing = kept.creations.filter(
    ([seed, theirs]) => allocationDisagreement(randomCreation(seededRandom(seed)), theirs) !== null,
  );
  expect(disagreeing.map(([seed]) => `SEED=${seed} COUNT=1 npm run oracle`)).toEqual([]);
});

test.each(Object.entries(kept.kinds))(
  `random objects of kind %s are judged as ${kept.version} does`,
  (kind, digests) => {
    const disagreeing = digests
      .split(' ')
      .map((theirs, index) => ({ theirs, seed: index + 1 }))
      .filter(({ theirs, seed }) => answerDigest(ownErrors(randomKind(kind, seededRandom(seed)))) !== theirs);
    expect(disagreeing.map(({ seed }) => `SEED=${seed} COUNT=1 npm run oracle`)).toEqual([]);
  },
);

const fresh = { first: 100_001, count: 100 };

test(`${fresh.count} more, asked now (seeds from ${fresh.first})`, { timeout: 600_000 }, async ({ skip }) => {
  const problem = buildOracle();
  if (problem !== null) return skip(problem);
  const oracle = new Oracle();
  const disagreeing: string[] = [];
  for (let seed = fresh.first; seed < fresh.first + fresh.count; seed++) {
    const creation = randomCreation(seededRandom(seed));
    const isOther =
      allocationDisagreement(creation, await theirRefusals(oracle, creation)) !== null ||
      (await disagreement(oracle, randomQuestion(seed).asked)) !== null ||
      (await validationDisagreement(oracle, randomObject(seededRandom(seed)))) !== null ||
      (await validationDisagreement(oracle, ofAnyKind(seed))) !== null;
    if (isOther) disagreeing.push(`SEED=${seed} COUNT=1 npm run oracle`);
  }
  oracle.close();
  expect(disagreeing).toEqual([]);
});

function ofAnyKind(seed: number): object {
  const random = seededRandom(seed);
  return randomKind(random.pick(kinds), random);
}
