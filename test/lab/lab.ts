import { readFileSync } from 'node:fs';
import { readOrigin } from '../../shared/trace/readRequest.ts';
import { networkPoliciesOf } from '../../shared/network/policy/policiesOf.ts';
import { randomCluster, withoutPolicies } from '../randomCluster.ts';
import { clusterOf } from '../scene.ts';
import { seededRandom } from '../seededRandom.ts';
import { shrink } from '../shrink.ts';
import { Agent, buildAgent } from './agent.ts';
import { buildFelix, canEnforce, enforce } from './felix.ts';
import { labPrefix, removeNamespaces, whyNoLab } from './namespaces.ts';
import { randomPodRequest, randomRequest } from './randomRequest.ts';
import { isDenied, type LabRequest, originText, requestText, type Verdict, verify } from './verify.ts';
import { Lab } from './wiring.ts';

/**
 * `npm run lab`: random clusters from a seed, built of network namespaces, with real connections; the trace must say
 * what the kernel does. SEED and COUNT choose; POLICIES=1 leaves out those in which no policy is enforced. What
 * disagrees is shrunk, and printed with what replays it (REPLAY=FILE).
 */
const first = Number(process.env.SEED ?? 1);
const count = Number(process.env.COUNT ?? 500);
const requestsEach = 6;
/** Each attempt builds a cluster, which takes about a second. */
const mostShrinking = 80;

export interface Tally {
  clusters: number;
  requests: number;
  unasked: number;
  /** Clusters in which Felix enforced something. */
  withPolicies: number;
  /** Requests of which the trace says that a policy denies some or all. */
  denied: number;
  /** Sources seen before a pod, and how many of them its own node masqueraded after that. */
  sources: number;
  masqueraded: number;
  readonly disagreements: Disagreement[];
}

export function newTally(): Tally {
  return {
    clusters: 0,
    requests: 0,
    unasked: 0,
    withPolicies: 0,
    denied: 0,
    sources: 0,
    masqueraded: 0,
    disagreements: [],
  };
}

/** A request whose end the trace and the kernel tell differently. */
export interface Disagreement {
  readonly text: string;
  readonly objects: readonly object[];
  readonly asked: Asked;
}

/** A request as it can be written down. */
interface Asked {
  readonly who: string;
  readonly address: string;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
}

/** The cluster with its policies where Felix can enforce them, else without. */
function enforceable(objects: readonly object[], withFelix: boolean): readonly object[] {
  return withFelix && canEnforce(clusterOf(objects)) ? objects : withoutPolicies(objects);
}

function hasPolicies(seed: number): boolean {
  const model = clusterOf(randomCluster(seededRandom(seed)));
  return canEnforce(model) && networkPoliciesOf(model).length > 0;
}

/** Builds one seed's cluster, asks it a handful of requests, and takes it down again. */
export async function runSeed(seed: number, agent: Agent, tally: Tally, withFelix: boolean): Promise<void> {
  const random = seededRandom(seed);
  const objects = enforceable(randomCluster(random), withFelix);
  const model = clusterOf(objects);
  const directly = networkPoliciesOf(model).length > 0 ? requestsEach : 0;
  const requests = [
    ...Array.from({ length: requestsEach }, () => randomRequest(model, random)),
    ...Array.from({ length: directly }, () => randomPodRequest(model, random)),
  ].filter((each) => each !== null);
  const lab = await Lab.build(model, agent);
  try {
    await enforce(model, lab);
    tally.clusters++;
    if (networkPoliciesOf(model).length > 0) tally.withPolicies++;
    for (const request of requests) {
      const verdict = await verify(model, lab, agent, request);
      if (verdict.kind === 'unasked') tally.unasked++;
      else tally.requests++;
      if (verdict.kind === 'agrees') {
        tally.sources += verdict.seen.count;
        tally.masqueraded += verdict.seen.masqueraded;
      }
      if (verdict.kind !== 'unasked' && isDenied(model, request)) tally.denied++;
      const { address, port, protocol, from } = request;
      if (verdict.kind === 'disagrees')
        tally.disagreements.push({
          text: `SEED=${seed} COUNT=1 npm run lab\n  ${requestText(model, request)}: ${verdict.text}`,
          objects,
          asked: { who: originText(from), address, port, protocol },
        });
    }
  } finally {
    await lab.remove();
  }
}

/** One request in a cluster built for it alone. */
async function verdictOf(objects: readonly object[], { who, ...socket }: Asked, agent: Agent): Promise<Verdict> {
  const model = clusterOf(objects);
  const from = readOrigin(who, model);
  if (from.kind === 'unreadable') throw new Error(from.message);
  const request: LabRequest = { ...socket, from: from.value };
  const lab = await Lab.build(model, agent);
  try {
    await enforce(model, lab);
    return await verify(model, lab, agent, request);
  } finally {
    await lab.remove();
  }
}

async function report({ text, objects, asked }: Disagreement, agent: Agent): Promise<void> {
  console.log(text);
  const smallest = await shrink(
    objects,
    async (candidate) => (await verdictOf(candidate, asked, agent)).kind === 'disagrees',
    mostShrinking,
  );
  console.log(`  smaller, for REPLAY=FILE npm run lab:\n${JSON.stringify({ asked, objects: smallest })}`);
}

if (import.meta.main) {
  const problem = whyNoLab() ?? buildAgent();
  if (problem !== null) {
    console.log(`skipped: ${problem}`);
    process.exit(0);
  }
  // Also when it is stopped, nothing stays behind.
  process.on('exit', () => removeNamespaces(labPrefix));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
  const noFelix = buildFelix();
  if (noFelix !== null) console.log(`policies are left out: ${noFelix}`);
  const agent = new Agent();
  if (process.env.REPLAY !== undefined) {
    const { objects, asked }: { objects: object[]; asked: Asked } = JSON.parse(
      readFileSync(process.env.REPLAY, 'utf8'),
    );
    const verdict = await verdictOf(objects, asked, agent);
    console.log(verdict.kind === 'disagrees' ? verdict.text : verdict.kind);
    process.exit(verdict.kind === 'disagrees' ? 1 : 0);
  }
  const tally = newTally();
  for (let seed = first; tally.clusters < count; seed++) {
    if (process.env.POLICIES === '1' && !hasPolicies(seed)) continue;
    const before = tally.disagreements.length;
    await runSeed(seed, agent, tally, noFelix === null);
    for (const each of tally.disagreements.slice(before)) await report(each, agent);
  }
  agent.end();
  console.log(
    `${tally.requests} requests in ${tally.clusters} random clusters (seeds from ${first}): ` +
      `${tally.disagreements.length} disagree; ${tally.unasked} make no claim that the lab can check; ` +
      `Felix enforced policies in ${tally.withPolicies} clusters, which denied ${tally.denied} requests or a share; ` +
      `${tally.sources} sources were seen before pods, ${tally.masqueraded} of them masqueraded behind that place`,
  );
  process.exit(tally.disagreements.length === 0 ? 0 : 1);
}
