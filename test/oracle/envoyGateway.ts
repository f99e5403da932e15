import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../seededRandom.ts';
import { shrink } from '../shrink.ts';
import { type Outcome, theirEnds } from './envoyOutcome.ts';
import { askedText, gatewayAnswers } from './gatewayAnswers.ts';
import { type Edge, edges } from './gatewayEdges.ts';
import { buildJudge, isJudgeBuilt, JudgeProgram } from './judgeProgram.ts';
import {
  baseOf,
  type GatewayObject,
  type GatewayRequest,
  type GatewaySet,
  randomGateways,
  serviceAt,
} from './randomGateways.ts';

/**
 * `npm run oracle -- envoy-gateway COUNT`: random Gateways and routes from a seed. Envoy Gateway's own translators say
 * what they would send to Envoy, and the judge (`envoy-gateway/`) what Envoy does with a request then; beside it stands
 * the trace of the same request. SEED=N starts elsewhere, REPLAY=FILE asks a printed set again, ALL=1 goes on after a
 * difference and counts, KEEP=1 keeps the answers' digests for the tests that run without Go.
 */
const source = { folder: join(import.meta.dirname, 'envoy-gateway'), name: 'oracle-envoy-gateway' };
const keptFile = join(import.meta.dirname, 'envoyGateway.json');
export const version = 'v1.9.1';
const mostKept = 500;
const controllerName = 'gateway.envoyproxy.io/gatewayclass-controller';

export const isBuilt = (): boolean => isJudgeBuilt(source);

interface Judgement {
  readonly answers: readonly (readonly Outcome[])[];
  readonly conditions: Readonly<Record<string, readonly string[]>>;
}

export class EnvoyGateway {
  readonly #judge = new JudgeProgram<Partial<Judgement>>(source);

  async judge({ objects, requests }: GatewaySet): Promise<Judgement> {
    const all = [...baseOf(controllerName), ...objects].filter(({ kind }) => kind !== 'Pod');
    const { answers = [], conditions = {} } = await this.#judge.ask({ objects: all, requests });
    return { answers, conditions };
  }

  close(): void {
    this.#judge.close();
  }
}

export function ourAnswers(set: GatewaySet): string[] {
  return gatewayAnswers(set, baseOf(controllerName));
}

/** What they answered to each request of a set. */
export type Kept = readonly [seed: number, digests: string];

/** The API's own schemas refuse such a set: no controller would see it. */
export function isRefused(error: unknown): boolean {
  return error instanceof Error && / is invalid: /.test(error.message);
}

export function digestOf(answer: string): string {
  return createHash('sha256').update(answer).digest('hex').slice(0, 6);
}

export interface Difference {
  /** Which request of the set. */
  readonly index: number;
  readonly asked: GatewayRequest;
  readonly ours: string;
  readonly theirs: string;
  /** The virtual host and the route that decided, or why Envoy has no routes. */
  readonly decidedBy: string;
}

/** Where we and they say otherwise, request by request. */
export async function differences(judge: EnvoyGateway, set: GatewaySet): Promise<Difference[]> {
  return (await compared(judge, set)).differing;
}

export async function compared(
  judge: EnvoyGateway,
  set: GatewaySet,
): Promise<{ readonly theirs: readonly string[]; readonly differing: Difference[] }> {
  const { answers } = await judge.judge(set);
  const theirs = answers.map((outcomes) => theirEnds(outcomes, serviceAt));
  const own = ourAnswers(set);
  const differing = set.requests.flatMap((asked, index): Difference[] => {
    const [our = '', their = ''] = [own[index], theirs[index]];
    const [first] = answers[index] ?? [];
    return our === their
      ? []
      : [{ index, asked, ours: our, theirs: their, decidedBy: first?.route ?? first?.rejected ?? '' }];
  });
  return { theirs, differing };
}

export function setOf(seed: number): GatewaySet {
  return randomGateways(seededRandom(seed));
}

/** The smallest set in which the request still ends so, on both sides. Who is called how stays. */
export async function smallestOf(judge: EnvoyGateway, { objects }: GatewaySet, of: Difference): Promise<GatewaySet> {
  const isNamed = ({ apiVersion, kind, metadata }: Partial<GatewayObject>): boolean =>
    apiVersion !== undefined && kind !== undefined && metadata?.name !== undefined && metadata.namespace !== undefined;
  const smallest = await shrink(
    objects,
    async (candidate) =>
      candidate.every(isNamed) &&
      (await differences(judge, { objects: candidate, requests: [of.asked] })).some(
        ({ ours: our, theirs: their }) => our === of.ours && their === of.theirs,
      ),
    600,
  );
  return { objects: smallest, requests: [of.asked] };
}

/** A request at an edge, how it ends with Envoy Gateway, and how we read it where that is otherwise. */
export type KeptEdge = readonly [name: string, asked: string, theirs: string, ours?: string];

export async function keptEdges(judge: EnvoyGateway, { name, set }: Edge): Promise<KeptEdge[]> {
  const { theirs, differing } = await compared(judge, set);
  return set.requests.map((asked, index): KeptEdge => {
    const otherwise = differing.find((each) => each.index === index);
    const kept = [name, askedText(asked), theirs[index] ?? ''] as const;
    return otherwise === undefined ? kept : [...kept, otherwise.ours];
  });
}

/** Asks random sets; whether all that the API's schemas take agree, and the edges but for what is known of them. */
export async function ask(count: number): Promise<boolean> {
  const problem = buildJudge(source);
  if (problem !== null) {
    console.log(`skipped: the judge could not be built: ${problem}`);
    return problem.startsWith('Go is not');
  }
  const judge = new EnvoyGateway();
  if (process.env.REPLAY !== undefined) {
    const set: GatewaySet = JSON.parse(readFileSync(process.env.REPLAY, 'utf8'));
    const { answers, conditions } = await judge.judge(set);
    console.log(JSON.stringify({ answers, conditions, differences: await differences(judge, set) }, null, 1));
    judge.close();
    return true;
  }
  const keeps = process.env.KEEP === '1';
  if (keeps && process.env.ALL !== '1')
    throw new Error('KEEP=1 needs ALL=1: else the list ends at the first difference');
  const first = Number(process.env.SEED ?? 1);
  const kept: Kept[] = [];
  let [agreed, requests, agreeing, invalid] = [0, 0, 0, 0];
  for (let seed = first; seed < first + count; seed++) {
    const set = setOf(seed);
    let found: Difference[];
    try {
      const { theirs, differing } = await compared(judge, set);
      found = differing;
      if (kept.length < mostKept) kept.push([seed, theirs.map(digestOf).join(' ')]);
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
    const smallest = await smallestOf(judge, set, one);
    const [shown] = await differences(judge, smallest);
    console.log(
      `seed ${seed}:\n--- Hoplens\n${shown?.ours}\n--- Envoy Gateway\n${shown?.theirs}\n` +
        'The smallest set that shows it, for REPLAY=FILE npm run oracle -- envoy-gateway:\n' +
        `${JSON.stringify(smallest)}\nOr SEED=${seed} npm run oracle -- envoy-gateway 1`,
    );
    break;
  }
  const atEdges: KeptEdge[] = [];
  for (const edge of edges) atEdges.push(...(await keptEdges(judge, edge)));
  const otherEdges = atEdges.filter(([, , , own]) => own !== undefined);
  for (const [name, asked, their, own] of otherEdges)
    console.log(`${name}: ${asked}\n  Hoplens: ${own}\n  Envoy Gateway: ${their}`);
  judge.close();
  if (keeps)
    writeFileSync(
      keptFile,
      `{ "version": "${version}",\n"edges": [\n${lines(atEdges)}\n],\n"answers": [\n${lines(kept)}\n] }\n`,
    );
  console.log(
    `${agreed} of ${count} random sets agree with Envoy Gateway ${version} (seeds ${first} to ${first + count - 1}), ` +
      `${agreeing} of ${requests} requests; ${invalid} sets were refused by the API's schemas`,
  );
  console.log(`${atEdges.length - otherEdges.length} of ${atEdges.length} requests at the edges agree`);
  const known: readonly KeptEdge[] = JSON.parse(readFileSync(keptFile, 'utf8')).edges;
  const isKnown = (edge: KeptEdge): boolean => known.some((each) => JSON.stringify(each) === JSON.stringify(edge));
  return agreed + invalid === count && otherEdges.every(isKnown);
}

function lines(rows: readonly unknown[]): string {
  return rows.map((each) => JSON.stringify(each)).join(',\n');
}
