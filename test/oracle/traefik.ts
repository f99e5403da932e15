import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostPort } from '../../shared/cluster/address.ts';
import type { Path } from '../../shared/trace/trace.ts';
import { readTarget } from '../../shared/trace/readRequest.ts';
import { clusterOf } from '../scene.ts';
import { seededRandom } from '../seededRandom.ts';
import { shrink } from '../shrink.ts';
import { built, buildJudge, isJudgeBuilt, JudgeProgram, said } from './judgeProgram.ts';
import { randomIngresses } from './randomIngresses.ts';
import { randomRoutes } from './randomRoutes.ts';
import type { TraefikQuestion, WrittenRequest } from './traefikQuestion.ts';
import { follow } from '../follow.ts';

/** What Traefik's own code made of a request: see `ask.go`. */
interface Outcome {
  readonly status?: number;
  readonly location?: string;
  readonly to?: string;
  readonly method?: string;
  readonly host?: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly failure?: string;
  readonly times: number;
}

const version = '3.7.13';
const mostKept = 300;
const folder = join(import.meta.dirname, 'traefik');
const source = { folder, name: 'traefik', flags: ['-p', '1'], prepare: withoutDnsProviders };

export const buildTraefik = (): string | null => buildJudge(source);

export const isTraefikBuilt = (): boolean => isJudgeBuilt(source);

/**
 * Traefik's ACME library without the clients of 200 DNS services, a third of all that would have to be compiled: they
 * decide nothing about a request. `go.mod` reads it from there.
 */
function withoutDnsProviders(): string | null {
  const copy = join(built, 'lego');
  if (existsSync(join(copy, 'providers', 'dns', 'none.go'))) return null;
  const { status, stdout, stderr } = spawnSync(
    'go',
    ['mod', 'download', '-json', 'github.com/go-acme/lego/v5@v5.4.1'],
    {
      cwd: join(folder, 'ext'),
      encoding: 'utf8',
    },
  );
  if (status !== 0) return stderr || stdout;
  const { Dir }: { Dir: string } = JSON.parse(stdout);
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(built, { recursive: true });
  cpSync(Dir, copy, { recursive: true });
  execFileSync('chmod', ['-R', 'u+w', copy]);
  rmSync(join(copy, 'providers'), { recursive: true });
  mkdirSync(join(copy, 'providers', 'dns'), { recursive: true });
  writeFileSync(
    join(copy, 'providers', 'dns', 'none.go'),
    `package dns

import (
	"errors"

	"github.com/go-acme/lego/v5/challenge"
)

func NewDNSChallengeProviderByName(string) (challenge.Provider, error) {
	return nil, errors.New("no DNS service is known here")
}
`,
  );
  return null;
}

/** Traefik's own packages, asked one question at a time. */
export class Traefik {
  readonly #judge = new JudgeProgram<{ readonly outcomes?: readonly (readonly Outcome[])[] }>(source);

  /** What can come of each request, as `answersOf` says it. */
  async answers(
    { objects, args, requests }: TraefikQuestion,
    { loads, repeats }: { readonly loads: number; readonly repeats: number },
  ): Promise<string[][]> {
    const asked = { objects, args, loads, repeats, requests: requests.map((each) => inWire(each, args)) };
    const { outcomes } = await this.#judge.ask(asked);
    return said(outcomes).map((each) => [...new Set(each.map(inWords))].toSorted());
  }

  close(): void {
    this.#judge.close();
  }
}

/** The ports at which Traefik's entry points listen behind the load balancer's 80 and 443. */
function entryPorts(args: readonly string[]): { readonly http: number; readonly https: number } {
  const portOf = (name: string): number =>
    Number(args.map((each) => new RegExp(`^--entryPoints\\.${name}\\.address=:(\\d+)`).exec(each)?.[1]).find(Boolean));
  return { http: portOf('web'), https: portOf('websecure') };
}

function partsOf(url: string): { scheme: 'http' | 'https'; host: string; target: string } {
  const [, scheme, host = '', target = ''] = /^(https?):\/\/([^/?]+)(.*)$/.exec(url) ?? [];
  return { scheme: scheme === 'https' ? 'https' : 'http', host, target };
}

function inWire({ url, method, headers }: WrittenRequest, args: readonly string[]): object {
  const { scheme, host, target } = partsOf(url);
  return { port: `${entryPorts(args)[scheme]}`, scheme, method, host, target, headers: Object.entries(headers) };
}

function inWords({ status, location, to: address, host, target, headers, method, failure }: Outcome): string {
  if (failure !== undefined) return 'no answer';
  if (address === undefined) return location === undefined ? `${status}` : `${status} ${location}`;
  // From a Service's cluster address kube-proxy leads on to its pod, and nowhere from that of `empty`.
  if (address === '10.96.1.14:80') return 'rejected no-endpoints';
  const to = address.replace(/^10\.96\.(.*):80$/, '10.244.$1:8080');
  const own = Object.entries(headers ?? {}).map(([name, value]) => ` ${name}: ${value}`);
  return `${to} ${method} ${host}${target}${own.toSorted().join('')}`;
}

/** The controller as its chart installs it: a Deployment behind a load balancer. */
function controller(args: readonly string[]): object[] {
  const ports = entryPorts(args);
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'traefik', namespace: 'traefik' },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'traefik' } },
        template: {
          metadata: { labels: { app: 'traefik' } },
          spec: {
            containers: [
              {
                name: 'traefik',
                image: 'docker.io/traefik:v3.7.13',
                args,
                ports: [
                  { name: 'web', containerPort: ports.http },
                  { name: 'websecure', containerPort: ports.https },
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
      metadata: { name: 'traefik', namespace: 'traefik' },
      spec: {
        type: 'LoadBalancer',
        selector: { app: 'traefik' },
        ports: [
          { name: 'web', port: 80, targetPort: 'web' },
          { name: 'websecure', port: 443, targetPort: 'websecure' },
        ],
      },
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.50' }] } },
    },
  ];
}

/** What we say can come of each request, in the same words. */
export function answersOf({ objects, args, requests }: TraefikQuestion): string[][] {
  const model = clusterOf([...objects, ...controller(args)]);
  return requests.map(({ url, method, headers }) => {
    const target = readTarget(url);
    if (target.kind === 'unreadable') throw new Error(target.message);
    const { host } = partsOf(url);
    const { paths } = follow(model, {
      target: target.value,
      from: { kind: 'internet' },
      protocol: 'TCP',
      method,
      headers: new Map([...Object.entries(headers), ['host', host]]),
    });
    return [...new Set(paths.map(pathInWords))].toSorted();
  });
}

function pathInWords({ verdict, received }: Path): string {
  switch (verdict.kind) {
    case 'delivered': {
      if (received === null) return 'delivered, no HTTP';
      const own = [...received.headers].filter(([name]) => name.startsWith('x-test-'));
      return (
        `${hostPort(verdict.address, verdict.port)} ${received.method} ${received.host}${received.path}` +
        received.search +
        own
          .map(([name, value]) => ` ${name}: ${value}`)
          .toSorted()
          .join('')
      );
    }
    case 'answered':
      return 'location' in verdict && verdict.location !== null
        ? `${verdict.status} ${verdict.location}`
        : `${verdict.status}`;
    default:
      return `${verdict.kind} ${verdict.reason}`;
  }
}

/** Where we and Traefik differ: each request with both sides' answers. */
export interface Difference {
  readonly request: WrittenRequest;
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
}

/** As often as what is by chance is asked, before one of its outcomes counts as impossible. */
const rarely = { loads: 40, repeats: 1 };

export async function differencesOf(
  traefik: Traefik,
  question: TraefikQuestion,
  often = { loads: 3, repeats: 1 },
): Promise<Difference[]> {
  const ours = answersOf(question);
  const theirs = await traefik.answers(question, often);
  const differing = question.requests.flatMap((request, index) => {
    const [we = [], they = []] = [ours[index], theirs[index]];
    return isSame(we, they) ? [] : [{ request, ours: we, theirs: they }];
  });
  const open = differing.filter(({ ours: we, theirs: they }) => they.every((each) => we.includes(each)));
  if (open.length === 0) return differing;
  const again = await traefik.answers(
    { ...question, requests: open.map(({ request }) => request) },
    {
      ...rarely,
      repeats: often.repeats,
    },
  );
  const settled = open.flatMap((each, index) => (isSame(each.ours, again[index] ?? []) ? [each] : []));
  return differing.filter((each) => !settled.includes(each));
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index]);
}

/** Which sets are asked about, and how often each request: weights go round. */
export const kinds = {
  traefik: { random: randomIngresses, often: { loads: 3, repeats: 1 } },
  'traefik-gateway': { random: randomRoutes, often: { loads: 2, repeats: 8 } },
} as const;

export type TraefikKind = keyof typeof kinds;

export function isTraefikKind(text: string | undefined): text is TraefikKind {
  return text !== undefined && Object.hasOwn(kinds, text);
}

/** One question of a set: what of it still differs, said in a line a request. */
export function printed({ request, ours, theirs }: Difference): string {
  const { url, method, headers } = request;
  const said = Object.entries(headers).map(([name, value]) => `, ${name}: ${value}`);
  return `${method} ${url}${said.join('')}\n    Hoplens: ${ours.join(' | ')}\n    Traefik: ${theirs.join(' | ')}`;
}

/** The smallest question of which one request still differs in the same way. */
export async function smallest(
  traefik: Traefik,
  question: TraefikQuestion,
  { request, ours, theirs }: Difference,
  often: { readonly loads: number; readonly repeats: number },
): Promise<TraefikQuestion> {
  const kindOf = (outcomes: readonly string[]): string => outcomes.map((each) => each.replace(/ .*$/, '')).join();
  const { args } = question;
  const objects = await shrink(
    question.objects,
    async (candidate) => {
      const [found] = await differencesOf(traefik, { objects: candidate, args, requests: [request] }, often);
      return found !== undefined && kindOf(found.ours) === kindOf(ours) && kindOf(found.theirs) === kindOf(theirs);
    },
    300,
  );
  return { objects, args, requests: [request] };
}

/** Of the answers to a set's requests. */
export function digestOf(answers: readonly (readonly string[])[]): string {
  return createHash('sha256').update(JSON.stringify(answers)).digest('hex').slice(0, 16);
}

const keptFile = join(import.meta.dirname, 'traefik.json');

function keep(kind: TraefikKind, answers: readonly (readonly [number, string])[]): void {
  const kept: object = existsSync(keptFile) ? JSON.parse(readFileSync(keptFile, 'utf8')) : {};
  const lists = Object.entries({ ...kept, [kind]: answers }).filter(([name]) => isTraefikKind(name));
  const texts = lists.map(
    ([name, each]: [string, readonly unknown[]]) =>
      `  ${JSON.stringify(name)}: [\n${each.map((one) => `    ${JSON.stringify(one)}`).join(',\n')}\n  ]`,
  );
  writeFileSync(keptFile, `{\n${[`  "version": "${version}"`, ...texts].join(',\n')}\n}\n`);
}

/**
 * `npm run oracle -- traefik 500`: so many random sets from SEED on, the first MOST=1 differences shrunk and printed.
 * With KEEP=1 the digests of what we agree on are kept for the tests. The exit status.
 */
export async function askTraefik(kind: TraefikKind, count: number): Promise<number> {
  const problem = buildTraefik();
  if (problem !== null) {
    console.log(`skipped: the judge could not be built: ${problem}`);
    return problem.startsWith('Go is not') ? 0 : 1;
  }
  const traefik = new Traefik();
  const { random, often } = kinds[kind];
  const first = Number(process.env.SEED ?? 1);
  const most = Number(process.env.MOST ?? 1);
  const agreement: [number, string][] = [];
  let [agreed, asked, shown] = [0, 0, 0];
  for (let seed = first; seed < first + count; seed++) {
    const question = random(seededRandom(seed));
    const differing = await differencesOf(traefik, question, often);
    asked += question.requests.length;
    const [difference] = differing;
    if (difference === undefined) {
      agreed++;
      agreement.push([seed, digestOf(answersOf(question))]);
      continue;
    }
    if (shown >= most) continue;
    shown++;
    const small = await smallest(traefik, question, difference, often);
    const [left = difference] = await differencesOf(traefik, small, often);
    console.log(`seed ${seed}, ${differing.length} of ${question.requests.length} requests: ${printed(left)}`);
    for (const each of small.objects) console.log(`    ${JSON.stringify(each)}`);
    console.log(`    ${small.args.join(' ')}\n    To ask it again: SEED=${seed} npm run oracle -- ${kind} 1`);
  }
  traefik.close();
  if (process.env.KEEP !== undefined) keep(kind, agreement.slice(0, mostKept));
  console.log(`${agreed} of ${count} random sets (${asked} requests) agree with Traefik (seeds from ${first})`);
  return agreed === count ? 0 : 1;
}
