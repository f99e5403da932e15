import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shrink } from '../shrink.ts';
import { type Difference, digestOf, isRefused, type Kept, type KeptEdge } from './envoyGateway.ts';
import { type Outcome, theirEnds } from './envoyOutcome.ts';
import { askedText } from './gatewayAnswers.ts';
import type { Edge } from './gatewayEdges.ts';
import { istioGateways } from './istioGateways.ts';
import { istioIngresses } from './istioIngresses.ts';
import type { IstioKind } from './istioKind.ts';
import { istioRoutes } from './istioRoutes.ts';
import { buildJudge, isJudgeBuilt, JudgeProgram } from './judgeProgram.ts';
import type { GatewayObject, GatewaySet } from './randomGateways.ts';

/**
 * `npm run oracle -- istio-gateway COUNT`, `-- istio-routes COUNT` and `-- istio COUNT`: random Gateways with their
 * routes, and random Ingresses, from a seed. Istio's own pilot says what it would send to an Envoy, and the judge
 * (`istio/`) what Envoy does with a request then; beside it stands the trace of the same request. SEED=N starts
 * elsewhere, REPLAY=FILE asks a printed set again, ALL=1 goes on after a difference and prints each, KEEP=1 keeps the
 * answers' digests for the tests that run without Go.
 */
const source = {
  folder: join(import.meta.dirname, 'istio'),
  name: 'oracle-istio',
  flags: ['-p', '1'],
};
const keptFile = join(import.meta.dirname, 'istio.json');
export const version = 'v0.0.0-20260827124520-eed52ebb66ad';
const mostKept = 300;

export const buildIstio = (): string | null => buildJudge(source);

export const isIstioBuilt = (): boolean => isJudgeBuilt(source);

export const kinds = { istio: istioIngresses, 'istio-gateway': istioGateways, 'istio-routes': istioRoutes } as const;

export type IstioKindName = keyof typeof kinds;

/** After so many questions it is started anew: pilot's tests never end all that they begin. */
const mostAsked = 200;

export class Istio {
  #judge = new JudgeProgram<{ readonly answers?: readonly (readonly Outcome[])[]; readonly sent?: unknown }>(source);
  #asked = 0;

  async ask(kind: IstioKind, set: GatewaySet, sent = false): Promise<{ answers: Outcome[][]; sent: unknown }> {
    if (++this.#asked % mostAsked === 0) {
      this.#judge.close();
      this.#judge = new JudgeProgram(source);
    }
    const { requests } = set;
    const answer = await this.#judge.ask({ objects: kind.seen(set), proxies: kind.proxies(set), requests, sent });
    return { answers: (answer.answers ?? []).map((each) => [...each]), sent: answer.sent };
  }

  close(): void {
    this.#judge.close();
  }
}

export async function compared(
  judge: Istio,
  kind: IstioKind,
  set: GatewaySet,
): Promise<{ readonly theirs: readonly string[]; readonly differing: readonly Difference[] }> {
  const { answers } = await judge.ask(kind, set);
  const theirs = answers.map((outcomes) => theirEnds(outcomes, kind.serviceAt));
  const own = kind.ours(set);
  const differing = set.requests.flatMap((asked, index): Difference[] => {
    const [our = '', their = ''] = [own[index], theirs[index]];
    const [first] = answers[index] ?? [];
    return our === their
      ? []
      : [{ index, asked, ours: our, theirs: their, decidedBy: first?.route ?? first?.rejected ?? '' }];
  });
  return { theirs, differing };
}

/** How an edge's requests end with Istio, and how we read those that we read otherwise. */
export async function keptEdges(judge: Istio, kind: IstioKind, { name, set }: Edge): Promise<KeptEdge[]> {
  const { theirs, differing } = await compared(judge, kind, set);
  return set.requests.map((asked, index): KeptEdge => {
    const otherwise = differing.find((each) => each.index === index);
    const edge = [name, askedText(asked), theirs[index] ?? ''] as const;
    return otherwise === undefined ? edge : [...edge, otherwise.ours];
  });
}

/** The smallest set in which the request still ends so, on both sides. Who is called how stays. */
export async function smallestOf(
  judge: Istio,
  kind: IstioKind,
  { objects }: GatewaySet,
  of: Difference,
): Promise<GatewaySet> {
  const isWhole = ({ apiVersion, kind: own, metadata, spec }: Partial<GatewayObject>): boolean =>
    apiVersion !== undefined &&
    own !== undefined &&
    metadata?.name !== undefined &&
    metadata.namespace !== undefined &&
    // Without rules a route has one by default.
    !(own.endsWith('Route') && (typeof spec !== 'object' || spec === null || !('rules' in spec)));
  const smallest = await shrink(
    objects,
    async (candidate) => {
      if (!candidate.every(isWhole)) return false;
      const { differing } = await compared(judge, kind, { objects: candidate, requests: [of.asked] });
      return differing.some(({ ours, theirs }) => ours === of.ours && theirs === of.theirs);
    },
    300,
  );
  return { objects: smallest, requests: [of.asked] };
}

/** Asks random sets; the exit status. */
export async function askIstio(name: IstioKindName, count: number): Promise<number> {
  const problem = buildIstio();
  if (problem !== null) {
    console.log(`skipped: the judge could not be built: ${problem}`);
    return problem.startsWith('Go is not') ? 0 : 1;
  }
  const kind = kinds[name];
  const judge = new Istio();
  if (process.env.REPLAY !== undefined) {
    const set: GatewaySet = JSON.parse(readFileSync(process.env.REPLAY, 'utf8'));
    const { differing } = await compared(judge, kind, set);
    console.log(JSON.stringify({ ...(await judge.ask(kind, set, true)), differing }, null, 1));
    judge.close();
    return 0;
  }
  const first = Number(process.env.SEED ?? 1);
  const kept: Kept[] = [];
  let [agreed, requests, agreeing, invalid] = [0, 0, 0, 0];
  for (let seed = first; seed < first + count; seed++) {
    const set = kind.setOf(seed);
    let found: readonly Difference[];
    try {
      const { theirs, differing } = await compared(judge, kind, set);
      found = differing;
      if (found.length === 0 && kept.length < mostKept) kept.push([seed, theirs.map(digestOf).join(' ')]);
    } catch (error) {
      if (!isRefused(error)) throw error;
      invalid++;
      continue;
    }
    requests += set.requests.length;
    agreeing += set.requests.length - found.length;
    const [one] = found;
    if (one === undefined) {
      agreed++;
      continue;
    }
    if (process.env.ALL === '1') {
      for (const each of found) console.log(JSON.stringify({ seed, ...each }));
      continue;
    }
    const smallest = await smallestOf(judge, kind, set, one);
    const [shown = one] = (await compared(judge, kind, smallest)).differing;
    console.log(
      `seed ${seed}: ${askedText(one.asked)}\n--- Hoplens\n${shown.ours}\n--- Istio\n${shown.theirs}\n` +
        `The smallest set that shows it, for REPLAY=FILE npm run oracle -- ${name}:\n` +
        `${JSON.stringify(smallest)}\nOr SEED=${seed} npm run oracle -- ${name} 1`,
    );
    break;
  }
  const atEdges: KeptEdge[] = [];
  for (const edge of kind.edges) atEdges.push(...(await keptEdges(judge, kind, edge)));
  judge.close();
  const otherEdges = atEdges.filter(([, , , own]) => own !== undefined);
  for (const [edge, asked, their, own] of otherEdges)
    console.log(`${edge}: ${asked}\n  Hoplens: ${own}\n  Istio: ${their}`);
  if (process.env.KEEP === '1') keep(name, { answers: kept, edges: atEdges });
  console.log(
    `${agreed} of ${count} random sets agree with Istio ${version} (seeds ${first} to ${first + count - 1}), ` +
      `${agreeing} of ${requests} requests; ${invalid} sets were refused by the API's schemas`,
  );
  if (atEdges.length > 0)
    console.log(`${atEdges.length - otherEdges.length} of ${atEdges.length} requests at the edges agree`);
  const known = keptOf(name).edges;
  const isKnown = (edge: KeptEdge): boolean => known.some((each) => JSON.stringify(each) === JSON.stringify(edge));
  return agreed + invalid === count && otherEdges.every(isKnown) ? 0 : 1;
}

/** What pilot came to: of random sets by their seeds, and at the edges. */
export interface KeptKind {
  readonly answers: readonly Kept[];
  readonly edges: readonly KeptEdge[];
}

type KeptKinds = Readonly<Record<IstioKindName, KeptKind>>;

export function keptOf(name: IstioKindName): KeptKind {
  return keptKinds()[name] ?? { answers: [], edges: [] };
}

function keptKinds(): Partial<KeptKinds> {
  if (!existsSync(keptFile)) return {};
  const { kinds: found }: { kinds: Partial<KeptKinds> } = JSON.parse(readFileSync(keptFile, 'utf8'));
  return found;
}

function keep(name: IstioKindName, own: KeptKind): void {
  const lines = (rows: readonly unknown[]): string => rows.map((each) => JSON.stringify(each)).join(',\n');
  const texts = Object.entries({ ...keptKinds(), [name]: own })
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([kind, { edges, answers }]) =>
        `"${kind}": { "edges": [\n${lines(edges)}\n],\n"answers": [\n${lines(answers)}\n] }`,
    );
  writeFileSync(keptFile, `{ "version": "${version}",\n"kinds": {\n${texts.join(',\n')}\n} }\n`);
}
