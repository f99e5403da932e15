import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  compared,
  digestOf,
  EnvoyGateway,
  isBuilt,
  isRefused,
  type Kept,
  type KeptEdge,
  ourAnswers,
  setOf,
} from './envoyGateway.ts';
import { askedText } from './gatewayAnswers.ts';
import { edges } from './gatewayEdges.ts';

const notBuilt = 'the judge was never built here: npm run oracle -- envoy-gateway';

/** What Envoy Gateway's own translators came to, kept by `KEEP=1 ALL=1 npm run oracle -- envoy-gateway 500`. */
const kept: { version: string; edges: readonly KeptEdge[]; answers: readonly Kept[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'envoyGateway.json'), 'utf8'),
);
const sets = 497;
const requests = 12;

test(`${sets * requests} requests at ${sets} random sets of Gateways end as with Envoy Gateway ${kept.version}`, () => {
  expect(kept.answers).toHaveLength(sets);
  const disagreeing = kept.answers.filter(([seed, digests]) => {
    const set = setOf(seed);
    expect(set.requests).toHaveLength(requests);
    return ourAnswers(set).map(digestOf).join(' ') !== digests;
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

const fresh = { first: 200_001, count: 30 };

test(
  `${fresh.count} more sets, asked now (seeds from ${fresh.first})${isBuilt() ? '' : `: skipped, ${notBuilt}`}`,
  { timeout: 600_000 },
  async ({ skip }) => {
    if (!isBuilt()) return skip(notBuilt);
    const judge = new EnvoyGateway();
    const disagreeing: string[] = [];
    let judged = 0;
    for (let seed = fresh.first; judged < fresh.count; seed++) {
      try {
        const { differing } = await compared(judge, setOf(seed));
        if (differing.length > 0) disagreeing.push(`SEED=${seed} npm run oracle -- envoy-gateway 1`);
        judged++;
      } catch (error) {
        if (!isRefused(error)) throw error;
      }
    }
    judge.close();
    expect(disagreeing).toEqual([]);
  },
);
