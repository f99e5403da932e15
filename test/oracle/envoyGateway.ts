import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Fraction from 'fraction.js';
import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import { addressOfGateway } from '../../shared/network/gateway/assumedGateway.ts';
import type { Path } from '../../shared/trace/trace.ts';
import { clusterOf } from '../scene.ts';
import { seededRandom } from '../seededRandom.ts';
import { shrink } from '../shrink.ts';
import { type Edge, edges } from './gatewayEdges.ts';
import { buildJudge, isJudgeBuilt, JudgeProgram } from './judgeProgram.ts';
import {
  base,
  type GatewayObject,
  type GatewayRequest,
  type GatewaySet,
  randomGateways,
  serviceAt,
} from './randomGateways.ts';
import { follow, type Followed } from '../follow.ts';

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

export const isBuilt = (): boolean => isJudgeBuilt(source);

/** What a judge says of one way in which a request can end. */
export interface Outcome {
  readonly share: string;
  readonly refused?: string;
  readonly status?: number;
  readonly location?: string;
  readonly endpoints?: readonly string[];
  readonly host?: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  readonly mirrors?: readonly { readonly endpoints: readonly string[] | null; readonly share: string }[];
  /** The virtual host and the route that decided. */
  readonly route?: string;
  /** Why Envoy wouldn't take the routes of this port. */
  readonly rejected?: string;
}

interface Judgement {
  readonly answers: readonly (readonly Outcome[])[];
  readonly conditions: Readonly<Record<string, readonly string[]>>;
}

export class EnvoyGateway {
  readonly #judge = new JudgeProgram<Partial<Judgement>>(source);

  async judge({ objects, requests }: GatewaySet): Promise<Judgement> {
    const all = [...base, ...objects].filter(({ kind }) => kind !== 'Pod');
    const { answers = [], conditions = {} } = await this.#judge.ask({ objects: all, requests });
    return { answers, conditions };
  }

  close(): void {
    this.#judge.close();
  }
}

/** How a request can end, in one text: what both sides are brought to. Equal ends are added up. */
export function ends(shares: readonly (readonly [end: string, share: Fraction])[]): string {
  const added = new Map<string, Fraction>();
  for (const [end, share] of shares) added.set(end, share.add(added.get(end) ?? 0));
  return [...added]
    .map(([end, share]) => (share.equals(1) ? end : `${share.toFraction()} ${end}`))
    .toSorted()
    .join('\n');
}

/** The headers that the sets speak of; a proxy's own are looked at elsewhere. */
function comparedHeaders(entries: Iterable<readonly [string, string]>): string {
  return [...entries]
    .filter(([name]) => /^x-(?:one|two|three)$/.test(name))
    .map(([name, value]) => `${name}: ${value}`)
    .toSorted()
    .join('; ');
}

export function theirEnd(
  { refused, status, location, endpoints, host, target, headers, mirrors }: Outcome,
  whose: (endpoint: string) => string = serviceAt,
): string {
  if (refused !== undefined) return 'refused';
  if (status !== undefined) return location === undefined ? `${status}` : `${status} ${location}`;
  const service = whose(endpoints?.[0] ?? '');
  const seen = comparedHeaders(Object.entries(headers ?? {}).map(([name, given]) => [name, given.join(',')] as const));
  const copies = (mirrors ?? [])
    .filter((each) => (each.endpoints ?? []).length > 0)
    .map((each) => `${whose(each.endpoints?.[0] ?? '')} ${new Fraction(each.share).toFraction()}`);
  return received(service, { host: host ?? '', target: target ?? '', headers: seen, copies });
}

function received(
  service: string,
  { host, target, headers, copies }: { host: string; target: string; headers: string; copies: readonly string[] },
): string {
  return [
    `${service} gets ${target} of ${host}`,
    ...(headers === '' ? [] : [`with ${headers}`]),
    ...copies.toSorted().map((each) => `copied to ${each}`),
  ].join(', ');
}

function ourEnd({ verdict, received: http, mirrors }: Path): string {
  switch (verdict.kind) {
    case 'delivered':
      return received(`${verdict.namespace}/${verdict.service}`, {
        host: http?.host ?? '?',
        target: `${http?.path}${http?.search}`,
        headers: comparedHeaders(http?.headers ?? []),
        copies: mirrors
          .filter(({ share }) => share.compare(0) > 0)
          .map(({ namespace, service, share }) => `${namespace}/${service} ${share.toFraction()}`),
      });
    case 'answered':
      return verdict.reason === 'redirect' ? `${verdict.status} ${verdict.location}` : `${verdict.status}`;
    case 'refused':
      return 'refused';
    default:
      return `${verdict.kind} ${verdict.reason}`;
  }
}

export function ours({ paths }: Followed): string {
  return ends(paths.map((path) => [ourEnd(path), path.probability]));
}

function traced(model: ClusterModel, asked: GatewayRequest): Followed {
  const gateway = model.gatewayApi.gateways.find(({ namespace, name }) => `${namespace}/${name}` === asked.gateway);
  if (gateway === undefined) throw new Error(`no Gateway ${asked.gateway}`);
  return tracedAt(model, asked, addressOfGateway(model.declared, gateway));
}

/** What comes of a request that is sent to an address; with TLS, to the name in its handshake. */
export function tracedAt(model: ClusterModel, asked: GatewayRequest, address: string): Followed {
  const [path = '/'] = asked.target.split('?');
  const search = asked.target.slice(path.length);
  return follow(model, {
    from: { kind: 'internet' },
    target: {
      kind: 'url',
      scheme: asked.serverName === null ? 'http' : 'https',
      host: asked.serverName ?? address,
      port: asked.port,
      path,
      query: new Map(new URLSearchParams(search)),
      search,
    },
    protocol: 'TCP',
    method: asked.method,
    headers: new Map([...Object.entries(asked.headers), ['host', asked.host]]),
  });
}

/** What we say of each request of a set: the cluster holds all of it but the other Gateways. */
export function ourAnswers({ objects, requests }: GatewaySet, around: readonly GatewayObject[] = base): string[] {
  const models = new Map<string, ClusterModel>();
  return requests.map((asked) => {
    const model =
      models.get(asked.gateway) ??
      clusterOf([
        ...around,
        ...objects.filter(
          ({ kind, metadata: { namespace, name } }) => kind !== 'Gateway' || `${namespace}/${name}` === asked.gateway,
        ),
      ]);
    models.set(asked.gateway, model);
    return ours(traced(model, asked));
  });
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
  const theirs = answers.map((outcomes) => ends(outcomes.map((each) => [theirEnd(each), new Fraction(each.share)])));
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

export function askedText({ method, target, host, port, serverName }: GatewayRequest): string {
  return `${method} ${target} of ${host} at ${port}${serverName === null ? '' : `, TLS for ${serverName}`}`;
}

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
