import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { readTarget } from '../../shared/trace/readRequest.ts';
import { follow } from '../follow.ts';
import { clusterOf } from '../scene.ts';
import { seededRandom } from '../seededRandom.ts';
import { shrink } from '../shrink.ts';
import { ourEnds, type Outcome, theirEnds } from './envoyOutcome.ts';
import { askedText, gatewayAnswers } from './gatewayAnswers.ts';
import { edges } from './gatewayEdges.ts';
import { built, buildJudge, isJudgeBuilt, JudgeProgram, said } from './judgeProgram.ts';
import { baseOf, type GatewayObject, type GatewayRequest, randomGateways, serviceAt } from './randomGateways.ts';
import { type IngressSet, randomIngressesOfContour } from './randomIngresses.ts';
import type { WrittenRequest } from './traefikQuestion.ts';

/**
 * `npm run oracle -- contour COUNT` and `-- contour-gateway COUNT`: random Ingresses, or Gateways and routes, from a
 * seed. Contour's own DAG builder and xDS caches say what they would send to Envoy, and the judge (`contour/`) what
 * Envoy does with a request then; beside it stands the trace of the same request. SEED=N starts elsewhere, REPLAY=FILE
 * asks a printed set again, ALL=1 goes on after a difference and counts, KEEP=1 keeps the answers' digests for the
 * tests that run without Go.
 */
export const version = 'v1.33.8';
const folder = join(import.meta.dirname, 'contour');
const source = { folder, name: 'oracle-contour', prepare: withDefinitions };
const keptFile = join(import.meta.dirname, 'contour.json');
const mostKept = 300;

export const buildContour = (): string | null => buildJudge(source);

export const isContourBuilt = (): boolean => isJudgeBuilt(source);

/** The Gateway API's definitions that Contour installs, from its module: the judge reads them beside itself. */
function withDefinitions(): string | null {
  const copy = join(built, 'contour-crds.yaml');
  if (existsSync(copy)) return null;
  const { status, stdout, stderr } = spawnSync(
    'go',
    ['mod', 'download', '-json', `github.com/projectcontour/contour@${version}`],
    { cwd: folder, encoding: 'utf8' },
  );
  if (status !== 0) return stderr || stdout;
  const { Dir }: { Dir: string } = JSON.parse(stdout);
  mkdirSync(built, { recursive: true });
  cpSync(join(Dir, 'examples', 'gateway', '00-crds.yaml'), copy);
  return null;
}

/** A set of either kind, with its requests as the judge takes them. */
export interface ContourSet {
  readonly kind: ContourKind;
  readonly objects: readonly GatewayObject[];
  readonly requests: readonly GatewayRequest[];
}

export const kinds = {
  contour: { setOf: ingressSet, nameOf: (endpoint: string): string => endpoint },
  'contour-gateway': { setOf: gatewaySet, nameOf: serviceAt },
} as const;

export type ContourKind = keyof typeof kinds;

const controllerName = 'projectcontour.io/gateway-controller';
/** Contour's definitions are those of Gateway API 1.3. */
const statuses = [301, 302];

function gatewaySet(seed: number): ContourSet {
  return { kind: 'contour-gateway', ...randomGateways(seededRandom(seed), statuses) };
}

function ingressSet(seed: number): ContourSet {
  const { objects, requests }: IngressSet = randomIngressesOfContour(seededRandom(seed));
  return { kind: 'contour', objects, requests: requests.map(inWire) };
}

/** Which escapes Envoy reads in a path depends on the version of Chromium's library in it: none such is asked. */
function plainly(target: string): string {
  return target.replaceAll(/%6f/gi, 'o').replaceAll(/%2e/gi, '.').replaceAll(/%00|"/g, '').replaceAll('\u{e9}', 'e');
}

function inWire({ url, method, headers }: WrittenRequest): GatewayRequest {
  const [, scheme, host = '', target = ''] = /^(https?):\/\/([^/?]+)(.*)$/.exec(url) ?? [];
  const isSecure = scheme === 'https';
  return {
    gateway: '',
    port: isSecure ? 443 : 80,
    serverName: isSecure ? host.replace(/:\d+$/, '') : null,
    method,
    target: plainly(target),
    host,
    headers,
  };
}

/** Contour's own packages, asked one set at a time. */
export class Contour {
  readonly #judge = new JudgeProgram<{ readonly answers?: readonly (readonly (readonly Outcome[])[])[] }>(source);

  /** For each request, all that Contour comes to: it may decide by the order in which it meets its objects. */
  async answers({ kind, objects, requests }: ContourSet): Promise<string[][]> {
    const { answers } = await this.#judge.ask({ objects: judged(kind, objects), requests });
    return said(answers).map((each) => [...new Set(each.map((one) => theirEnds(one, kinds[kind].nameOf)))].toSorted());
  }

  close(): void {
    this.#judge.close();
  }
}

function judged(kind: ContourKind, objects: readonly GatewayObject[]): readonly GatewayObject[] {
  return (kind === 'contour' ? objects : [...baseOf(controllerName), ...objects]).filter((each) => each.kind !== 'Pod');
}

/** What we say of each request, in the same words. */
export function ourAnswers(set: ContourSet): string[] {
  return set.kind === 'contour' ? ingressAnswers(set) : gatewayAnswers(set, baseOf(controllerName));
}

function ingressAnswers({ objects, requests }: ContourSet): string[] {
  const model = clusterOf([...objects, ...controller]);
  return requests.map(({ serverName, host, target: path, method, headers }) => {
    const target = readTarget(`${serverName === null ? 'http' : 'https'}://${host}${path}`);
    if (target.kind === 'unreadable') throw new Error(target.message);
    return ourEnds(
      follow(model, {
        target: target.value,
        from: { kind: 'internet' },
        protocol: 'TCP',
        method,
        headers: new Map([...Object.entries(headers), ['host', host]]),
      }),
      kinds.contour.nameOf,
    );
  });
}

/** Envoy, as Contour's own manifests install it, but as a Deployment: behind a load balancer. */
const controller: readonly object[] = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'envoy', namespace: 'projectcontour' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'envoy' } },
      template: {
        metadata: { labels: { app: 'envoy' } },
        spec: {
          containers: [
            {
              name: 'envoy',
              image: 'docker.io/envoyproxy/envoy:distroless-v1.35.9',
              ports: [
                { name: 'http', containerPort: 8080 },
                { name: 'https', containerPort: 8443 },
              ],
            },
          ],
        },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'envoy', namespace: 'projectcontour' },
    spec: {
      type: 'LoadBalancer',
      selector: { app: 'envoy' },
      ports: [
        { name: 'http', port: 80, targetPort: 8080 },
        { name: 'https', port: 443, targetPort: 8443 },
      ],
    },
    status: { loadBalancer: { ingress: [{ ip: '203.0.113.50' }] } },
  },
];

export interface Difference {
  /** Which request of the set. */
  readonly index: number;
  readonly ours: string;
  readonly theirs: readonly string[];
}

export interface Compared {
  readonly theirs: readonly (readonly string[])[];
  /** How many Contour itself decides otherwise from time to time, so that ours is one of its ends. */
  readonly byChance: number;
  readonly differing: readonly Difference[];
}

/** All texts of ours that agree with theirs: where they decide by chance, all their ends together too. */
function ends(theirs: readonly string[]): readonly string[] {
  return theirs.length > 1 ? [...theirs, together(theirs)] : theirs;
}

function isAmong(ours: string, these: readonly string[]): boolean {
  return these.includes(ours) || these.includes(together([ours]));
}

/** The ends of some texts without their shares: of what is by chance nobody knows them. */
function together(texts: readonly string[]): string {
  const each = texts.flatMap((text) => text.split('\n')).map((end) => end.replace(/^\d+\/\d+ /, ''));
  return `by chance ${[...new Set(each)].toSorted().join(' or ')}`;
}

export async function compared(judge: Contour, set: ContourSet): Promise<Compared> {
  const theirs = await judge.answers(set);
  const own = ourAnswers(set);
  const differing = own.flatMap((ours, index): Difference[] => {
    const their = theirs[index] ?? [];
    return isAmong(ours, ends(their)) ? [] : [{ index, ours, theirs: their }];
  });
  return { theirs, differing, byChance: theirs.filter(({ length }) => length > 1).length };
}

/** The API's own schemas refuse such a set: no controller would see it. */
export function isRefused(error: unknown): boolean {
  return error instanceof Error && / is invalid: /.test(error.message);
}

/** The smallest set in which the request still ends so, on both sides. Who is called how stays. */
async function smallestOf(judge: Contour, set: ContourSet, of: Difference): Promise<ContourSet> {
  const requests = set.requests.filter((_, index) => index === of.index);
  const isNamed = ({ apiVersion, kind, metadata }: Partial<GatewayObject>): boolean =>
    apiVersion !== undefined &&
    kind !== undefined &&
    metadata?.name !== undefined &&
    (metadata.namespace !== undefined || kind === 'IngressClass');
  const objects = await shrink(
    set.objects,
    async (candidate) => {
      if (!candidate.every(isNamed)) return false;
      const { differing } = await compared(judge, { ...set, objects: candidate, requests });
      return differing.some(({ ours, theirs }) => ours === of.ours && String(theirs) === String(of.theirs));
    },
    400,
  );
  return { ...set, objects, requests };
}

/** What they answered to each request of a set: digests, several where it is by chance. */
export type Kept = readonly [seed: number, digests: string];

export function digestOf(answer: string): string {
  return createHash('sha256').update(answer).digest('hex').slice(0, 6);
}

export function keptAnswers(theirs: readonly (readonly string[])[]): string {
  return theirs.map((each) => ends(each).map(digestOf).join('|')).join(' ');
}

/** Whether our answers to a set are among those that were kept. */
export function areKept(ours: readonly string[], digests: string): boolean {
  const kept = digests.split(' ').map((each) => each.split('|'));
  return (
    ours.length === kept.length &&
    ours.every((each, index) => [each, together([each])].some((text) => kept[index]?.includes(digestOf(text))))
  );
}

/** A request at an edge, how it ends with Contour, and how we read it where that is otherwise. */
export type KeptEdge = readonly [name: string, asked: string, theirs: string, ours?: string];

/** The edges that Gateways have, as Contour decides them. */
async function keptEdges(judge: Contour): Promise<KeptEdge[]> {
  const kept: KeptEdge[] = [];
  for (const { name, set } of edges) {
    const { theirs, differing } = await compared(judge, { kind: 'contour-gateway', ...set });
    for (const [index, asked] of set.requests.entries()) {
      const otherwise = differing.find((each) => each.index === index);
      const known = [name, askedText(asked), (theirs[index] ?? []).join(' or ')] as const;
      kept.push(otherwise === undefined ? known : [...known, otherwise.ours]);
    }
  }
  return kept;
}

function keep(
  kind: ContourKind,
  lists: { readonly answers: readonly Kept[]; readonly edges: readonly KeptEdge[] },
): void {
  const all: object = existsSync(keptFile) ? JSON.parse(readFileSync(keptFile, 'utf8')) : {};
  const ofEdges = lists.edges.length > 0 ? { edges: lists.edges } : {};
  const named = Object.entries({ ...all, ...ofEdges, [kind]: lists.answers }).filter(([name]) => name !== 'version');
  const texts = named.map(
    ([name, each]: [string, readonly unknown[]]) =>
      `${JSON.stringify(name)}: [\n${each.map((one) => JSON.stringify(one)).join(',\n')}\n]`,
  );
  writeFileSync(keptFile, `{ "version": "${version}",\n${texts.join(',\n')} }\n`);
}

function printed(request: GatewayRequest): string {
  return `${askedText(request)} ${JSON.stringify(request.headers)}`;
}

/** Asks random sets from SEED on; the exit status. */
export async function askContour(kind: ContourKind, count: number): Promise<number> {
  const problem = buildContour();
  if (problem !== null) {
    console.log(`skipped: the judge could not be built: ${problem}`);
    return problem.startsWith('Go is not') ? 0 : 1;
  }
  const judge = new Contour();
  if (process.env.REPLAY !== undefined) {
    const set: ContourSet = JSON.parse(readFileSync(process.env.REPLAY, 'utf8'));
    console.log(JSON.stringify(await compared(judge, set), null, 1));
    judge.close();
    return 0;
  }
  const first = Number(process.env.SEED ?? 1);
  const most = process.env.ALL === '1' ? 0 : Number(process.env.MOST ?? 1);
  const kept: Kept[] = [];
  let [agreed, requests, agreeing, byChance, invalid, shown] = [0, 0, 0, 0, 0, 0];
  for (let seed = first; seed < first + count; seed++) {
    const set = kinds[kind].setOf(seed);
    let found: Compared;
    try {
      found = await compared(judge, set);
    } catch (error) {
      if (!isRefused(error)) throw error;
      invalid++;
      continue;
    }
    requests += set.requests.length;
    agreeing += set.requests.length - found.differing.length;
    byChance += found.byChance;
    if (kept.length < mostKept) kept.push([seed, keptAnswers(found.theirs)]);
    const [difference] = found.differing;
    if (difference === undefined) {
      agreed++;
      continue;
    }
    if (process.env.ALL === '1')
      for (const each of found.differing) {
        const asked = set.requests[each.index];
        console.log(JSON.stringify({ seed, asked: asked === undefined ? '' : printed(asked), ...each }));
      }
    if (shown >= most) continue;
    shown++;
    const smallest = await smallestOf(judge, set, difference);
    const asked = smallest.requests[0];
    console.log(
      `seed ${seed}: ${asked === undefined ? '' : printed(asked)}\n--- Hoplens\n${difference.ours}\n--- Contour\n` +
        `${difference.theirs.join('\nor\n')}\n` +
        `The smallest set that shows it, for REPLAY=FILE npm run oracle -- ${kind}:\n` +
        `${JSON.stringify(smallest)}\nOr SEED=${seed} npm run oracle -- ${kind} 1`,
    );
  }
  const atEdges = kind === 'contour-gateway' ? await keptEdges(judge) : [];
  const otherEdges = atEdges.filter(([, , , own]) => own !== undefined);
  judge.close();
  if (process.env.KEEP === '1') keep(kind, { answers: kept, edges: atEdges });
  console.log(
    `${agreed} of ${count - invalid} random sets agree with Contour ${version} ` +
      `(seeds ${first} to ${first + count - 1}), ${agreeing} of ${requests} requests, ` +
      `of which Contour decides ${byChance} by chance; ${invalid} sets were refused by the API's schemas`,
  );
  if (atEdges.length > 0) {
    for (const [name, asked, their, own] of otherEdges)
      console.log(`${name}: ${asked}\n  Hoplens: ${own}\n  Contour: ${their}`);
    console.log(`${atEdges.length - otherEdges.length} of ${atEdges.length} requests at the edges agree`);
  }
  const known: readonly KeptEdge[] = JSON.parse(readFileSync(keptFile, 'utf8')).edges;
  const isKnown = (edge: KeptEdge): boolean => known.some((each) => JSON.stringify(each) === JSON.stringify(edge));
  return agreed + invalid === count && otherEdges.every(isKnown) ? 0 : 1;
}
