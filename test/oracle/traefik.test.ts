import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { seededRandom } from '../seededRandom.ts';
import { answersOf, buildTraefik, differencesOf, digestOf, isTraefikBuilt, kinds, Traefik } from './traefik.ts';

/** What Traefik's own code answered, kept by `KEEP=1 npm run oracle -- traefik` (and `-- traefik-gateway`). */
const kept: { version: string } & Readonly<Record<keyof typeof kinds, readonly (readonly [number, string])[]>> =
  JSON.parse(readFileSync(join(import.meta.dirname, 'traefik.json'), 'utf8'));

const each = [
  ['Ingresses', 'traefik'],
  ['Gateways and HTTPRoutes', 'traefik-gateway'],
] as const;
const sets = 300;

test.each(each)(`${sets} random sets of %s get every request where Traefik ${kept.version} sends it`, (_, kind) => {
  expect(kept[kind]).toHaveLength(sets);
  const disagreeing = kept[kind].filter(
    ([seed, theirs]) => digestOf(answersOf(kinds[kind].random(seededRandom(seed)))) !== theirs,
  );
  expect(disagreeing.map(([seed]) => `SEED=${seed} npm run oracle -- ${kind} 1`)).toEqual([]);
});

const fresh = { first: 200_001, count: 30 };

const notBuilt = 'the judge was never built here: npm run oracle -- traefik';

const orSkipped = isTraefikBuilt() ? '' : `: skipped, ${notBuilt}`;

test.for(each)(
  `${fresh.count} more sets of %s, asked now (seeds from ${fresh.first})${orSkipped}`,
  { timeout: 600_000 },
  async ([, kind], { skip }) => {
    if (!isTraefikBuilt()) return skip(notBuilt);
    const problem = buildTraefik();
    if (problem !== null) return skip(problem);
    const traefik = new Traefik();
    const { random, often } = kinds[kind];
    const disagreeing: string[] = [];
    for (let seed = fresh.first; seed < fresh.first + fresh.count; seed++) {
      const differing = await differencesOf(traefik, random(seededRandom(seed)), often);
      if (differing.length > 0) disagreeing.push(`SEED=${seed} npm run oracle -- ${kind} 1`);
    }
    traefik.close();
    expect(disagreeing).toEqual([]);
  },
);
