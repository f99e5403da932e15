import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import { randomCluster } from '../randomCluster.ts';
import { clusterOf } from '../scene.ts';
import { type SeededRandom, seededRandom } from '../seededRandom.ts';
import { Agent, buildAgent } from './agent.ts';
import { labPrefix, removeNamespaces, whyNoLab } from './namespaces.ts';
import { randomRequest } from './randomRequest.ts';
import { type LabRequest, requestText, verify } from './verify.ts';
import { Lab } from './wiring.ts';

/**
 * `npm run lab`: random clusters from a seed, built of network namespaces, with real connections; the trace must say what
 * the kernel does. SEED and COUNT choose; a disagreement prints the command that replays it.
 */
const first = Number(process.env.SEED ?? 1);
const count = Number(process.env.COUNT ?? 500);
const requestsEach = 6;

export interface Tally {
  clusters: number;
  requests: number;
  unasked: number;
  readonly disagreements: string[];
}

/** Builds one seed's cluster, asks it a handful of requests, and takes it down again. */
export async function runSeed(seed: number, agent: Agent, tally: Tally): Promise<void> {
  const random = seededRandom(seed);
  const model = clusterOf(randomCluster(random));
  const requests = randomRequests(model, random);
  const lab = await Lab.build(model, agent);
  try {
    tally.clusters++;
    for (const request of requests) {
      const verdict = await verify(model, lab, agent, request);
      if (verdict.kind === 'unasked') tally.unasked++;
      else tally.requests++;
      if (verdict.kind === 'disagrees') tally.disagreements.push(`SEED=${seed} COUNT=1 npm run lab\n  ${requestText(model, request)}: ${verdict.text}`);
    }
  } finally {
    await lab.remove();
  }
}

function randomRequests(model: ClusterModel, random: SeededRandom): LabRequest[] {
  return Array.from({ length: requestsEach }, () => randomRequest(model, random)).filter((each) => each !== null);
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
  const agent = new Agent();
  const tally: Tally = { clusters: 0, requests: 0, unasked: 0, disagreements: [] };
  for (let seed = first; seed < first + count; seed++) {
    const before = tally.disagreements.length;
    await runSeed(seed, agent, tally);
    for (const text of tally.disagreements.slice(before)) console.log(text);
  }
  agent.end();
  console.log(`${tally.requests} requests in ${tally.clusters} random clusters (seeds ${first} to ${first + count - 1}): ${tally.disagreements.length} disagree; ${tally.unasked} make no claim that the lab can check`);
  process.exit(tally.disagreements.length === 0 ? 0 : 1);
}
