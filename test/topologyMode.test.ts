import { expect, test } from 'vitest';
import { clusterOf, traceIn } from './scene.ts';

interface Shop {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec?: object;
  /** The zone of each node. */
  readonly zones: readonly (string | null)[];
  /** Whether the nodes are real ones, with what CPU each. */
  readonly cpus?: readonly (string | null)[];
  readonly pods: number;
}

const auto = { 'service.kubernetes.io/topology-mode': 'Auto' };

/** Where packets from a pod on the first node go, and what is said of hints. */
function spread({ annotations, spec = {}, zones, cpus, pods }: Shop): { nodes: string; said: string } {
  const nodes = zones.map((zone, index) => ({ name: `n${index}`, ...(zone === null ? {} : { zone }) }));
  const model = clusterOf([
    {
      apiVersion: 'hoplens.dev/v1alpha1',
      kind: 'ClusterProfile',
      metadata: { name: 'p' },
      spec: cpus === undefined ? { nodes } : {},
    },
    ...(cpus ?? []).map((cpu, index) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: `n${index}`, labels: { 'topology.kubernetes.io/zone': zones[index] ?? '' } },
      status: {
        conditions: [{ type: 'Ready', status: 'True' }],
        allocatable: cpu === null ? {} : { cpu },
      },
    })),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'shop', annotations },
      spec: { selector: { app: 'shop' }, ports: [{ port: 80 }], ...spec },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'shop' },
      spec: {
        replicas: pods,
        template: { metadata: { labels: { app: 'shop' } }, spec: { containers: [{ name: 'c' }] } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'client' },
      spec: { nodeName: 'n0', containers: [{ name: 'c' }] },
    },
  ]);
  const { paths, assumptions } = traceIn(model, 'svc/shop', 'pod/client');
  return {
    nodes: paths
      .map(({ verdict }) => (verdict.kind === 'delivered' ? (verdict.pod?.name ?? '') : verdict.kind))
      .toSorted()
      .join(' '),
    said: assumptions
      .filter(({ id }) => id === 'node-cpu' || id.startsWith('topology-hints'))
      .map(({ text }) => text)
      .join('; '),
  };
}

// Pod i runs on node i, and so on round-robin.
test.each<[what: string, shop: Shop, nodes: string, said: RegExp]>([
  [
    'nodes of a profile: all taken to be alike',
    { annotations: auto, zones: ['a', 'b'], pods: 4 },
    'shop-0 shop-2',
    /^not every node says what CPU it has[^;]*$/,
  ],
  ['real nodes', { annotations: auto, zones: ['a', 'b'], cpus: ['2', '2000m'], pods: 4 }, 'shop-0 shop-2', /^$/],
  [
    'a large node gets more: one of the other zone',
    { annotations: auto, zones: ['a', 'b'], cpus: ['3', '1'], pods: 4 },
    'shop-0 shop-1 shop-2',
    /hints 1 of its IPv4 endpoints to another zone/,
  ],
  [
    'the old annotation beats the new one',
    {
      annotations: { ...auto, 'service.kubernetes.io/topology-aware-hints': 'Disabled' },
      zones: ['a', 'b'],
      pods: 2,
    },
    'shop-0 shop-1',
    /^$/,
  ],
  [
    'and both beat trafficDistribution',
    {
      annotations: { 'service.kubernetes.io/topology-aware-hints': 'auto' },
      spec: { trafficDistribution: 'PreferClose' },
      zones: ['a', 'b', 'c'],
      pods: 2,
    },
    'shop-0 shop-1',
    /2 ready endpoints are too few for 3 zones/,
  ],
  [
    'any other value leaves it to trafficDistribution',
    {
      annotations: { 'service.kubernetes.io/topology-mode': 'Disabled' },
      spec: { trafficDistribution: 'PreferClose' },
      zones: ['a', 'b', 'c'],
      pods: 2,
    },
    'shop-0',
    /^$/,
  ],
  [
    'zones that can not be served alike',
    { annotations: auto, zones: ['a', 'b', 'c'], pods: 4 },
    'shop-0 shop-1 shop-2 shop-3',
    /4 ready endpoints can't be shared among 3 zones without too much load on one/,
  ],
  [
    'a node without CPU',
    { annotations: auto, zones: ['a', 'b'], cpus: ['2', null], pods: 4 },
    'shop-0 shop-1 shop-2 shop-3',
    /gives its IPv4 endpoints no hints: .* lacks its zone or its CPU/,
  ],
  [
    'a node without a zone',
    { annotations: auto, zones: ['a', 'b', null], pods: 6 },
    'shop-0 shop-1 shop-2 shop-3 shop-4 shop-5',
    /^topology-mode .* lacks its zone or its CPU/,
  ],
])('topology-mode: %s', (_, shop, nodes, said) => {
  const got = spread(shop);
  expect(got.nodes).toBe(nodes);
  expect(got.said).toMatch(said);
});
