import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  areKept,
  buildContour,
  compared,
  Contour,
  isContourBuilt,
  isRefused,
  type Kept,
  type KeptEdge,
  kinds,
  ourAnswers,
} from './contour.ts';
import { askedText } from './gatewayAnswers.ts';
import { edges } from './gatewayEdges.ts';

/** What Contour's own code came to, kept by `KEEP=1 npm run oracle -- contour 300` (and `-- contour-gateway 302`). */
const kept: { version: string; edges: readonly KeptEdge[] } & Readonly<Record<keyof typeof kinds, readonly Kept[]>> =
  JSON.parse(readFileSync(join(import.meta.dirname, 'contour.json'), 'utf8'));

const each = [
  ['Ingresses', 'contour', 16],
  ['Gateways and routes', 'contour-gateway', 12],
] as const;
const sets = 300;

test.each(each)(`${sets} random sets of %s end each request as with Contour ${kept.version}`, (_, kind, requests) => {
  expect(kept[kind]).toHaveLength(sets);
  const disagreeing = kept[kind].filter(([seed, digests]) => {
    const set = kinds[kind].setOf(seed);
    expect(set.requests).toHaveLength(requests);
    return !areKept(ourAnswers(set), digests);
  });
  expect(disagreeing.map(([seed]) => `SEED=${seed} npm run oracle -- ${kind} 1`)).toEqual([]);
});

test(`${kept.edges.length} requests at the edges end as there, or as they are known to be read otherwise`, () => {
  const got = edges.flatMap(({ name, set }) =>
    ourAnswers({ kind: 'contour-gateway', ...set }).map((answer, index) => {
      const asked = set.requests[index];
      return [name, asked === undefined ? '' : askedText(asked), answer] as const;
    }),
  );
  expect(got.map(([name, asked]) => `${name}: ${asked}`)).toEqual(
    kept.edges.map(([name, asked]) => `${name}: ${asked}`),
  );
  const disagreeing = got.filter(([, , answer], index) => {
    const [, , theirs, known] = kept.edges[index] ?? [];
    return answer !== theirs && answer !== known;
  });
  expect(disagreeing).toEqual([]);
});

const fresh = { first: 200_001, count: 30 };

const notBuilt = 'the judge was never built here: npm run oracle -- contour';

const orSkipped = isContourBuilt() ? '' : `: skipped, ${notBuilt}`;

test.for(each)(
  `${fresh.count} more sets of %s, asked now (seeds from ${fresh.first})${orSkipped}`,
  { timeout: 600_000 },
  async ([, kind], { skip }) => {
    if (!isContourBuilt()) return skip(notBuilt);
    const problem = buildContour();
    if (problem !== null) return skip(problem);
    const judge = new Contour();
    const disagreeing: string[] = [];
    let judged = 0;
    for (let seed = fresh.first; judged < fresh.count; seed++) {
      try {
        const { differing } = await compared(judge, kinds[kind].setOf(seed));
        if (differing.length > 0) disagreeing.push(`SEED=${seed} npm run oracle -- ${kind} 1`);
        judged++;
      } catch (error) {
        if (!isRefused(error)) throw error;
      }
    }
    judge.close();
    expect(disagreeing).toEqual([]);
  },
);
