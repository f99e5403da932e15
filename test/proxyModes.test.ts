import { expect, test } from 'vitest';
import { inUsualMode } from '../shared/trace/otherMode.ts';
import { summarize } from '../shared/trace/summary.ts';
import { verdictSentence } from '../shared/trace/verdictText.ts';
import { clusterOf, traceIn, verdictOf } from './scene.ts';

/** Where the modes differ: one web server on node-1, and what each mode makes of the same request. */
function clusterIn(mode: string, policy: 'Cluster' | 'Local', more: object = {}): ReturnType<typeof clusterOf> {
  return clusterOf([
    {
      apiVersion: 'hoplens.dev/v1alpha1',
      kind: 'ClusterProfile',
      metadata: { name: mode },
      spec: {
        kubeProxy: { mode, ...more },
        nodes: [{ name: 'node-1' }, { name: 'node-2' }],
        podNetwork: { cni: mode === 'cilium' ? 'cilium' : 'bridge' },
        routes: [{ to: '10.96.0.0/12', via: 'node-2' }],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: {
        type: 'NodePort',
        clusterIP: '10.96.0.80',
        externalTrafficPolicy: policy,
        selector: { app: 'web' },
        ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'empty' },
      spec: {
        type: 'NodePort',
        clusterIP: '10.96.0.81',
        selector: { app: 'none' },
        ports: [{ port: 80, nodePort: 30081 }],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web-0', labels: { app: 'web' } },
      spec: { nodeName: 'node-1', containers: [{ name: 'web', ports: [{ containerPort: 8080 }] }] },
      status: { podIP: '10.244.1.2' },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'curl' },
      spec: { nodeName: 'node-2', containers: [{ name: 'curl' }] },
      status: { podIP: '10.244.2.2' },
    },
  ]);
}

const modes = [
  ['iptables', {}],
  ['nftables', {}],
  ['ipvs', {}],
  ['cilium', {}],
  ['cilium', { loadBalancerMode: 'dsr' }],
] as const;

function row(target: string, from: string, policy: 'Cluster' | 'Local' = 'Cluster'): string[] {
  return modes.map(([mode, more]) => {
    const trace = traceIn(clusterIn(mode, policy, more), target, from);
    const [path] = trace.paths;
    const seen =
      path?.verdict.kind === 'delivered'
        ? `, sees ${path.seenBy.at(-1)?.source}`
        : path?.verdict.kind === 'dropped' || path?.verdict.kind === 'rejected'
          ? ` (${path.verdict.reason})`
          : '';
    return `${mode}${'loadBalancerMode' in more ? ' dsr' : ''}: ${summarize(trace).text}${seen}`;
  });
}

const asked: readonly (readonly [string, string, string, ('Cluster' | 'Local')?])[] = [
  ['a pod and a cluster address: no SNAT in any mode', '10.96.0.80:80', 'pod/curl'],
  ['a client and a nodePort where no pod runs: who sees the client', '192.168.0.12:30080', 'internet'],
  ['a client and a nodePort where the pod runs', '192.168.0.11:30080', 'internet'],
  ['policy Local, where no pod runs, from outside', '192.168.0.12:30080', 'internet', 'Local'],
  ['policy Local, from a pod on that node', '192.168.0.12:30080', 'pod/curl', 'Local'],
  ["a pod and another node's nodePort: which hop disappears", '192.168.0.11:30080', 'pod/curl'],
  ['a node and its loopback', '127.0.0.1:30080', 'node/node-2'],
  ['a cluster address, routed from outside', '10.96.0.80:80', 'internet'],
  ['a port that no Service has at a cluster address', '10.96.0.80:9', 'pod/curl'],
  ['a Service without endpoints', '10.96.0.81:80', 'pod/curl'],
];

test('what each mode makes of the same request', () => {
  expect(Object.fromEntries(asked.map(([what, target, from, policy]) => [what, row(target, from, policy)])))
    .toMatchInlineSnapshot(`
    {
      "a Service without endpoints": [
        "iptables: rejected: no ready endpoint (no-endpoints)",
        "nftables: rejected: no ready endpoint (no-endpoints)",
        "ipvs: rejected: no ready endpoint (no-endpoints)",
        "cilium: rejected: no ready endpoint (no-endpoints)",
        "cilium dsr: rejected: no ready endpoint (no-endpoints)",
      ],
      "a client and a nodePort where no pod runs: who sees the client": [
        "iptables: 2 hops from client, SNAT applied, sees 192.168.0.12",
        "nftables: 2 hops from client, SNAT applied, sees 192.168.0.12",
        "ipvs: 2 hops from client, SNAT applied, sees 192.168.0.12",
        "cilium: 2 hops from client, SNAT applied, sees 10.244.2.1",
        "cilium dsr: 2 hops from client, source preserved, sees 198.51.100.7",
      ],
      "a client and a nodePort where the pod runs": [
        "iptables: 2 hops from client, SNAT applied, sees 10.244.1.1",
        "nftables: 2 hops from client, SNAT applied, sees 10.244.1.1",
        "ipvs: 2 hops from client, SNAT applied, sees 10.244.1.1",
        "cilium: 2 hops from client, source preserved, sees 198.51.100.7",
        "cilium dsr: 2 hops from client, source preserved, sees 198.51.100.7",
      ],
      "a cluster address, routed from outside": [
        "iptables: 2 hops from client, SNAT applied, sees 192.168.0.12",
        "nftables: 2 hops from client, SNAT applied, sees 192.168.0.12",
        "ipvs: 2 hops from client, SNAT applied, sees 192.168.0.12",
        "cilium: dropped: a cluster address, which leads nowhere here (cluster-address)",
        "cilium dsr: dropped: a cluster address, which leads nowhere here (cluster-address)",
      ],
      "a node and its loopback": [
        "iptables: 1 hop from node, SNAT applied, sees 192.168.0.12",
        "nftables: refused: nothing listens there",
        "ipvs: refused: nothing listens there",
        "cilium: 1 hop from node, no SNAT, sees 192.168.0.12",
        "cilium dsr: 1 hop from node, no SNAT, sees 192.168.0.12",
      ],
      "a pod and a cluster address: no SNAT in any mode": [
        "iptables: 1 hop from pod, no SNAT, sees 10.244.2.2",
        "nftables: 1 hop from pod, no SNAT, sees 10.244.2.2",
        "ipvs: 1 hop from pod, no SNAT, sees 10.244.2.2",
        "cilium: 1 hop from pod, no SNAT, sees 10.244.2.2",
        "cilium dsr: 1 hop from pod, no SNAT, sees 10.244.2.2",
      ],
      "a pod and another node's nodePort: which hop disappears": [
        "iptables: 2 hops from pod, SNAT applied, sees 10.244.1.1",
        "nftables: 2 hops from pod, SNAT applied, sees 10.244.1.1",
        "ipvs: 2 hops from pod, SNAT applied, sees 10.244.1.1",
        "cilium: 1 hop from pod, no SNAT, sees 10.244.2.2",
        "cilium dsr: 1 hop from pod, no SNAT, sees 10.244.2.2",
      ],
      "a port that no Service has at a cluster address": [
        "iptables: dropped: a cluster address, which leads nowhere here (cluster-address)",
        "nftables: rejected: no such port (no-such-port)",
        "ipvs: rejected: no such port (no-such-port)",
        "cilium: dropped: a cluster address, which leads nowhere here (cluster-address)",
        "cilium dsr: dropped: a cluster address, which leads nowhere here (cluster-address)",
      ],
      "policy Local, from a pod on that node": [
        "iptables: 1 hop from pod, no SNAT, sees 10.244.2.2",
        "nftables: 1 hop from pod, no SNAT, sees 10.244.2.2",
        "ipvs: 1 hop from pod, no SNAT, sees 10.244.2.2",
        "cilium: 1 hop from pod, no SNAT, sees 10.244.2.2",
        "cilium dsr: 1 hop from pod, no SNAT, sees 10.244.2.2",
      ],
      "policy Local, where no pod runs, from outside": [
        "iptables: dropped: no pod on that node (no-local-endpoints)",
        "nftables: dropped: no pod on that node (no-local-endpoints)",
        "ipvs: dropped: the reply takes another way back (reply-lost)",
        "cilium: dropped: no pod on that node (no-local-endpoints)",
        "cilium dsr: dropped: no pod on that node (no-local-endpoints)",
      ],
    }
  `);
});

test.each(['nftables', 'ipvs'])('who rejects a port that no Service has says its own mode: %s', (mode) => {
  expect(verdictSentence(verdictOf(clusterIn(mode, 'Cluster'), '10.96.0.80:9', 'pod/curl'))).toBe(
    `No Service has port 9 at the address 10.96.0.80, and kube-proxy in ${mode} mode rejects that.`,
  );
});

test("the hover's word on a mode that changes the answer", () => {
  const usual = (mode: string): unknown => {
    const model = clusterIn(mode, 'Cluster');
    const trace = traceIn(model, '192.168.0.11:30080');
    return inUsualMode(model, trace.request, trace);
  };
  expect([usual('iptables'), usual('nftables'), usual('cilium')]).toEqual([
    null,
    null,
    { mode: 'iptables', text: '2 hops from client, SNAT applied; pods see 10.244.1.1' },
  ]);
});

test('direct server return: the pod replies straight to the client, under the address that was asked', () => {
  const [path] = traceIn(clusterIn('cilium', 'Cluster', { loadBalancerMode: 'dsr' }), '192.168.0.12:30080').paths;
  expect(
    path?.reply.map(({ from, to, source, destination }) => `${from.name} → ${to.name}: ${source} → ${destination}`),
  ).toEqual(['web-0 → client: 192.168.0.12 → 198.51.100.7']);
});
