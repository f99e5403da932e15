import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  askedText,
  compared,
  digestOf,
  EnvoyGateway,
  isBuilt,
  type Kept,
  type KeptEdge,
  ourAnswers,
  setOf,
} from './envoyGateway.ts';
import { edges } from './gatewayEdges.ts';

/** What Envoy Gateway's own translators came to, kept by `KEEP=1 ALL=1 npm run oracle -- envoy-gateway 500`. */
const kept: { version: string; edges: readonly KeptEdge[]; answers: readonly Kept[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'envoyGateway.json'), 'utf8'),
);
const count = kept.answers.reduce(
  (sum, [, digests, differing]) => sum + digests.split(' ').length - differing.length,
  0,
);
const sets = `${kept.answers.length} random sets of Gateways`;

test(`${count} requests at ${sets} end as with Envoy Gateway ${kept.version}`, () => {
  const disagreeing = kept.answers.filter(([seed, digests, differing]) => {
    const ours = ourAnswers(setOf(seed)).map(digestOf);
    return digests.split(' ').some((theirs, index) => !differing.includes(index) && ours[index] !== theirs);
  });
  expect(disagreeing.map(([seed]) => `SEED=${seed} npm run oracle -- envoy-gateway 1`)).toEqual([]);
});

test(`${kept.edges.length} requests at the edges end as there, or as they are known to be read otherwise`, () => {
  const got = edges.flatMap(({ name, set }) =>
    ourAnswers(set).map((answer, index) => {
      const asked = set.requests[index];
      return [name, asked === undefined ? '' : askedText(asked), answer] as const;
    }),
  );
  const names = got.map(([name, asked]) => `${name}: ${asked}`);
  expect(names).toEqual(kept.edges.map(([name, asked]) => `${name}: ${asked}`));
  const disagreeing = got.filter(([, , answer], index) => {
    const [, , theirs, known] = kept.edges[index] ?? [];
    return answer !== theirs && answer !== known;
  });
  expect(disagreeing).toEqual([]);
});

const anew = kept.answers.slice(0, 30);

test(`${anew.length} of these sets, asked now`, { timeout: 600_000 }, async ({ skip }) => {
  if (!isBuilt()) return skip('the judge was never built here: npm run oracle -- envoy-gateway');
  const judge = new EnvoyGateway();
  const others: number[] = [];
  for (const [seed, digests] of anew) {
    const { theirs } = await compared(judge, setOf(seed));
    if (theirs.map(digestOf).join(' ') !== digests) others.push(seed);
  }
  judge.close();
  expect(others).toEqual([]);
});
