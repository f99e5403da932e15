import { expect, test } from 'vitest';
import { digestOf, isRefused } from './envoyGateway.ts';
import { askedText } from './gatewayAnswers.ts';
import { buildIstio, compared, Istio, isIstioBuilt, keptEdges, keptOf, kinds, version } from './istio.ts';

/** What Istio's own pilot came to, kept by `KEEP=1 ALL=1 npm run oracle -- istio 400`, and so of the other two. */
const each = [
  ['Ingresses', 'istio'],
  ['Gateways', 'istio-gateway'],
  ['HTTPRoutes', 'istio-routes'],
] as const;
const sets = 300;
const notBuilt = 'the judge was never built here: npm run oracle -- istio-gateway';

test.each(each)(`${sets} random sets of %s get every request where Istio ${version} sends it`, (_, name) => {
  const { answers } = keptOf(name);
  expect(answers).toHaveLength(sets);
  const disagreeing = answers.filter(([seed, digests]) => {
    const kind = kinds[name];
    return kind.ours(kind.setOf(seed)).map(digestOf).join(' ') !== digests;
  });
  expect(disagreeing.map(([seed]) => `SEED=${seed} npm run oracle -- ${name} 1`)).toEqual([]);
});

const { edges } = keptOf('istio-gateway');

test(`${edges.length} requests at the edges end as there, or as they are known to be read otherwise`, () => {
  const kind = kinds['istio-gateway'];
  const read = kind.edges.flatMap(({ name, set }) => {
    const own = kind.ours(set);
    return set.requests.map((asked, index) => [name, askedText(asked), own[index]]);
  });
  expect(read).toEqual(edges.map(([name, asked, theirs, ours]) => [name, asked, ours ?? theirs]));
});

const fresh = { first: 200_001, count: 30 };
const orSkipped = isIstioBuilt() ? '' : `: skipped, ${notBuilt}`;

test.for(each)(
  `${fresh.count} more sets of %s, asked now (seeds from ${fresh.first})${orSkipped}`,
  { timeout: 600_000 },
  async ([, name], { skip }) => {
    if (!isIstioBuilt()) return skip(notBuilt);
    const problem = buildIstio();
    if (problem !== null) return skip(problem);
    const kind = kinds[name];
    const judge = new Istio();
    const disagreeing: string[] = [];
    for (let seed = fresh.first; seed < fresh.first + fresh.count; seed++) {
      try {
        const { differing } = await compared(judge, kind, kind.setOf(seed));
        if (differing.length > 0) disagreeing.push(`SEED=${seed} npm run oracle -- ${name} 1`);
      } catch (error) {
        if (!isRefused(error)) throw error;
      }
    }
    const atEdges = [];
    for (const edge of kind.edges) atEdges.push(...(await keptEdges(judge, kind, edge)));
    judge.close();
    expect(disagreeing).toEqual([]);
    expect(atEdges).toEqual(keptOf(name).edges);
  },
);
