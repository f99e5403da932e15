import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import { addressOfManual } from '../../shared/network/wayIn.ts';
import { readOrigin } from '../../shared/trace/readRequest.ts';
import { example } from '../examples/example.ts';
import { Agent, buildAgent } from './agent.ts';
import { whyNoFelix } from './felix.ts';
import { newTally, runSeed } from './lab.ts';
import { whyNoLab } from './namespaces.ts';
import { requestText, verify } from './verify.ts';
import { Lab } from './wiring.ts';

/**
 * The articles' rows that concern packets, asked of a real kernel: row, target, who asks.
 * A Service by its address for who asks.
 */
const rows = [
  ['A1', 'lb/edge', 'internet'],
  ['A2', 'svc/backend-service.jobs', 'pod/curl.jobs'],
  ['A3', 'svc/backend-service.jobs', 'pod/curl.jobs'],
  ['A5', '192.168.0.11:32073', 'internet'],
  ['A6', '192.168.0.12:30080', 'internet'],
  ['A7', 'svc/web', 'internet'],
  ['A7', 'svc/web', 'pod/curl'],
  ['A8', 'svc/shop', 'internet'],
  ['A8', '192.168.0.13:30080', 'internet'],
  ['A9', '203.0.113.80:80', 'pod/curl'],
  ['A9', '203.0.113.80:80', 'node/node-3'],
  ['A10', 'svc/web', 'internet'],
  ['A12', 'svc/web', 'internet'],
  ['A14', 'svc/web', 'pod/web-0'],
  ['A14', 'svc/web', 'node/node-2'],
  ['A14', '192.168.0.11:30080', 'internet'],
  ['B1', '10.96.0.80:80', 'internet'],
  ['B2', '192.168.0.12:30080', 'internet'],
  ['B2', 'svc/web', 'internet'],
  ['C1', '10.96.0.80:80', 'internet'],
  ['C2', '192.168.0.11:80', 'internet'],
  ['C6', '192.168.0.11:8081', 'internet'],
  ['C6', '192.168.0.12:8081', 'internet'],
  ['C6', '192.168.0.12:9100', 'internet'],
  ['load-balancers/klipper', '192.168.0.11:80', 'internet'],
  ['load-balancers/klipper', '192.168.0.12:8080', 'internet'],
  ['load-balancers/klipper', '192.168.0.11:8080', 'internet'],
  ['load-balancers/klipper', '192.168.0.11:30081', 'internet'],
] as const;

/** The address and port that a target stands for. */
function socketOf(model: ClusterModel, target: string, who: string): { address: string; port: number } {
  const [kind, name = ''] = target.split('/');
  if (kind === 'svc') {
    const service = model.services.find((each) => [each.name, `${each.name}.${each.namespace}`].includes(name));
    return {
      address: (who === 'internet' ? service?.loadBalancerAddresses[0] : service?.clusterIP) ?? '',
      port: service?.ports[0]?.port ?? 0,
    };
  }
  if (kind === 'lb') {
    const balancer = model.profile.loadBalancers.find((each) => each.name === name);
    return { address: balancer === undefined ? '' : addressOfManual(model, balancer), port: balancer?.listen ?? 0 };
  }
  const [address = '', port = '0'] = target.split(':');
  return { address, port: Number(port) };
}

const sample = { first: 1001, count: 20 };
const problem = whyNoLab() ?? buildAgent();
let agent: Agent | null = null;

beforeAll(() => {
  if (problem === null) agent = new Agent();
});
afterAll(() => agent?.end());

function modelOf(row: string): ClusterModel {
  const workspace = example(row);
  const [set] = workspace.sets();
  if (set === undefined) throw new Error(`no set in ${row}`);
  const scene = workspace.sceneOf(set.uris[0] ?? '');
  if (scene === null) throw new Error(`no scene in ${row}`);
  return scene.model;
}

test(
  `${rows.length} requests of the articles' rows end in the kernel as in the trace`,
  { timeout: 300_000 },
  async ({ skip }) => {
    if (agent === null) return skip(problem ?? undefined);
    const found: string[] = [];
    for (const [row, asked] of Map.groupBy(rows, ([name]) => name)) {
      const model = modelOf(row);
      const lab = await Lab.build(model, agent);
      try {
        for (const [, target, who] of asked) {
          const from = readOrigin(who, model);
          if (from.kind === 'unreadable') throw new Error(from.message);
          const request = { from: from.value, ...socketOf(model, target, who), protocol: 'TCP' } as const;
          const verdict = await verify(model, lab, agent, request);
          if (verdict.kind !== 'agrees')
            found.push(
              `${row} ${requestText(model, request)}: ${verdict.kind === 'disagrees' ? verdict.text : verdict.kind}`,
            );
        }
      } finally {
        await lab.remove();
      }
    }
    expect(found).toEqual([]);
  },
);

const noFelix = whyNoFelix();

test(
  `${sample.count} random clusters behave in the kernel as in the trace (seeds from ${sample.first}` +
    `${noFelix === null ? '' : `; without policies: ${noFelix}`})`,
  { timeout: 300_000 },
  async ({ skip }) => {
    if (agent === null) return skip(problem ?? undefined);
    const tally = newTally();
    for (let seed = sample.first; seed < sample.first + sample.count; seed++)
      await runSeed(seed, agent, tally, noFelix === null);
    expect(tally.disagreements.map(({ text }) => text)).toEqual([]);
    expect(tally.requests).toBeGreaterThan(4 * sample.count);
  },
);
