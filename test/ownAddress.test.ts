import { expect, test } from 'vitest';
import { partyId } from '../shared/trace/trace.ts';
import { clusterOf, traceIn } from './scene.ts';

/** Two nodes, a pod on each, and what stands at node-1's own address: two balancers and a nodePort. */
function cluster({
  mode = 'iptables',
  ipMode = 'VIP',
  provider = 'generic',
}: { readonly mode?: string; readonly ipMode?: string; readonly provider?: string } = {}): ReturnType<
  typeof clusterOf
> {
  const service = (name: string, spec: object, ingress: readonly object[]): object => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: 'web' }, ...spec },
    status: { loadBalancer: { ingress } },
  });
  const own = { ip: '192.168.0.11', ipMode };
  return clusterOf([
    {
      apiVersion: 'hoplens.dev/v1alpha1',
      kind: 'ClusterProfile',
      metadata: { name: 'test' },
      spec: { loadBalancer: { provider }, kubeProxy: { mode }, nodes: { count: 2 } },
    },
    service('web', { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: [{ port: 80, nodePort: 30080 }] }, [
      own,
    ]),
    service('alt', { type: 'LoadBalancer', ports: [{ port: 8080, nodePort: 30082 }] }, [own, { ip: '192.168.0.12' }]),
    service('debug', { type: 'NodePort', externalTrafficPolicy: 'Local', ports: [{ port: 80, nodePort: 30081 }] }, []),
    ...[1, 2].map((node) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `web-${node}`, labels: { app: 'web' } },
      spec: { nodeName: `node-${node}`, containers: [{ name: 'web' }] },
    })),
  ]);
}

/** Each path as its parties, and what the pod sees or why it ends. */
function ways(model: ReturnType<typeof clusterOf>, target: string, from = 'internet'): string[] {
  return traceIn(model, target, from).paths.map(({ probability, hops, verdict, seenBy }) => {
    const parties = hops.map(({ to }) => partyId(to)).join(' → ');
    const end = verdict.kind === 'delivered' ? `sees ${seenBy.at(-1)?.source}` : verdict.kind;
    return `${probability.toFraction()} ${parties}: ${end}`;
  });
}

test.each(['iptables', 'nftables'])("a balancer at a node's own address, %s mode", (mode) => {
  const model = cluster({ mode });
  expect({
    'its own port arrives at that very node': ways(model, 'http://192.168.0.11/'),
    'another at the same address, by its port': ways(model, 'http://192.168.0.11:8080/'),
    "the same at the other node's": ways(model, 'http://192.168.0.12:8080/'),
    "another Service's nodePort": ways(model, 'http://192.168.0.11:30081/'),
    "a port of the balancer's that isn't the other's": ways(model, 'http://192.168.0.12/'),
    'by name': ways(model, 'svc/web'),
    'from a pod': ways(model, 'http://192.168.0.11/', 'pod/web-2'),
  }).toEqual({
    'its own port arrives at that very node': ['1 lb/web → node/node-1 → pod/web-1: sees 198.51.100.7'],
    'another at the same address, by its port': [
      '1/2 lb/alt → node/node-1 → pod/web-1: sees 10.244.1.1',
      '1/2 lb/alt → node/node-1 → pod/web-2: sees 192.168.0.11',
    ],
    "the same at the other node's": [
      '1/2 lb/alt → node/node-2 → pod/web-1: sees 192.168.0.12',
      '1/2 lb/alt → node/node-2 → pod/web-2: sees 10.244.2.1',
    ],
    "another Service's nodePort": ['1 node/node-1 → pod/web-1: sees 198.51.100.7'],
    "a port of the balancer's that isn't the other's": ['1 node/node-2: unknown'],
    'by name': ['1 lb/web → node/node-1 → pod/web-1: sees 198.51.100.7'],
    'from a pod': ['1/2 pod/web-1: sees 10.244.2.220', '1/2 pod/web-2: sees 10.244.2.1'],
  });
});

test('by ipMode Proxy a process on that node takes the connection and asks the nodePort', () => {
  expect(ways(cluster({ ipMode: 'Proxy' }), 'http://192.168.0.11:8080/')).toEqual([
    '1/2 lb/alt → node/node-1 → pod/web-1: sees 10.244.1.1',
    '1/2 lb/alt → node/node-1 → pod/web-2: sees 192.168.0.11',
  ]);
});

test.each([
  ['iptables', '192.168.0.11'],
  ['nftables', '192.168.0.11'],
  ['ipvs', '192.168.0.11'],
  // Cilium translates at the socket: the nodePort is no hop, and the process asks from where it listens.
  ['cilium', '192.168.0.11'],
])('by ipMode Proxy clients inside meet that process too, %s mode', (mode) => {
  const model = cluster({ ipMode: 'Proxy', mode });
  const ends = ways(model, 'http://192.168.0.11:8080/').map((way) => way.replace('lb/alt → ', ''));
  expect({
    "from another node's pod": ways(model, 'http://192.168.0.11:8080/', 'pod/web-2'),
    'from a pod of that node': ways(model, 'http://192.168.0.11:8080/', 'pod/web-1'),
    'from that node': ways(model, 'http://192.168.0.11:8080/', 'node/node-1'),
    'from another node': ways(model, 'http://192.168.0.11:8080/', 'node/node-2'),
  }).toEqual({
    "from another node's pod": ends,
    'from a pod of that node': ends,
    'from that node': ends,
    'from another node': ends,
  });
  expect(ways(model, 'http://192.168.0.11:81/', 'pod/web-2')).toEqual(['1 node/node-1: unknown']);
});

test("a balancer that somebody put at a node's address leaves the node its other ports", () => {
  const model = clusterOf([
    {
      apiVersion: 'hoplens.dev/v1alpha1',
      kind: 'ClusterProfile',
      metadata: { name: 'test' },
      spec: {
        nodes: { count: 1 },
        loadBalancers: [
          { name: 'edge', listen: 80, address: '192.168.0.11', nodePort: 30081 },
          { name: 'tls', listen: 443, address: '192.168.0.11', nodePort: 30081 },
        ],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'debug' },
      spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, nodePort: 30081 }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web-1', labels: { app: 'web' } },
      spec: { nodeName: 'node-1', containers: [{ name: 'web' }] },
    },
  ]);
  expect(['80', '443', '30081', '81'].map((port) => ways(model, `http://192.168.0.11:${port}/`)).flat()).toEqual([
    '1 lb/edge → node/node-1 → pod/web-1: sees 10.244.1.1',
    '1 lb/tls → node/node-1 → pod/web-1: sees 10.244.1.1',
    '1 node/node-1 → pod/web-1: sees 10.244.1.1',
    '1 node/node-1: unknown',
  ]);
});
