import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readProfile } from '../../shared/cluster/profile.ts';
import { parseFile } from '../../shared/manifest/parseFile.ts';
import { policyPlugins } from '../../shared/network/policy/plugins/all.ts';
import type { PolicyPlugin } from '../../shared/network/policy/policyPlugin.ts';
import type { Path } from '../../shared/trace/trace.ts';
import { cluster, traceIn } from '../scene.ts';
import { probed } from './probes.ts';

/** A pod on each of two nodes, a Service before them, and the profile's facts. */
function scene(
  policy: string,
  { profile = '', service = '', more = [] }: { profile?: string; service?: string; more?: readonly string[] } = {},
): ReturnType<typeof cluster> {
  return cluster(`
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: p }
spec: { nodes: { count: 2 }, ${profile} }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  clusterIP: 10.96.0.80
  selector: { app: web }
  ports: [{ port: 80, targetPort: 8080 }]
  ${service}
---
${pod('web-1', 'web', 'node-1')}
---
${pod('web-2', 'web', 'node-2')}
---
${pod('client', 'client', 'node-1')}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: p }
spec: ${policy}
${more.map((each) => `---\n${each}\n`).join('')}`);
}

function pod(name: string, app: string, node: string): string {
  return `apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: ${app} } }
spec: { nodeName: ${node}, containers: [{ name: c, ports: [{ name: http, containerPort: 8080 }] }] }`;
}

/** What becomes of each pair of the node that a packet comes in by and the pod's: `+` let through, `-` denied. */
function pairs(paths: readonly Path[]): string {
  const found = paths.map(({ hops, verdict, probability }) => {
    const entry = hops.find(({ to }) => to.kind === 'node')?.to.name.slice(-1) ?? '·';
    const last = hops.at(-1)?.to;
    const at = last?.kind === 'pod' ? last.name.slice(-1) : '·';
    return `${entry}→${at} ${marks[verdict.kind] ?? verdict.kind} ${probability.toFraction()}`;
  });
  return found.toSorted().join(', ');
}

const marks: Readonly<Record<string, string>> = { delivered: '+', denied: '-' };

const balanced = 'type: LoadBalancer';
const local = 'type: LoadBalancer, externalTrafficPolicy: Local';
const fromClients =
  '{ podSelector: { matchLabels: { app: web } }, ingress: [{ from: [{ ipBlock: { cidr: 198.51.100.0/24 } }] }] }';
const fromNodes =
  '{ podSelector: { matchLabels: { app: web } }, ingress: [{ from: [{ ipBlock: { cidr: 192.168.0.0/24 } }] }] }';
const fromAll =
  '{ podSelector: { matchLabels: { app: web } }, ingress: [{ from: [{ ipBlock: { cidr: 0.0.0.0/0 } }] }] }';

const all = '1→1 + 1/4, 1→2 + 1/4, 2→1 + 1/4, 2→2 + 1/4';
const nobody = all.replaceAll('+', '-');
const sameNode = '1→1 + 1/4, 1→2 - 1/4, 2→1 - 1/4, 2→2 + 1/4';
const otherNode = '1→1 - 1/4, 1→2 + 1/4, 2→1 + 1/4, 2→2 - 1/4';

const fromPods = fromIn('10.244.0.0/16');

describe('a client of the internet, through a load balancer to every node', () => {
  test.each<[profile: string, clients: string, nodes: string, pods: string, everybody: string]>([
    ['podNetwork: { cni: calico }', sameNode, otherNode, nobody, all],
    ['podNetwork: { cni: calico, encapsulation: none }', sameNode, otherNode, nobody, all],
    // Through a tunnel another node has an address of the pods' range.
    ['podNetwork: { cni: calico, encapsulation: ipip }', sameNode, nobody, otherNode, all],
    ['podNetwork: { cni: calico, encapsulation: wireguard }', sameNode, nobody, otherNode, all],
    ['podNetwork: { cni: canal }', sameNode, nobody, otherNode, all],
    ['podNetwork: { cni: canal, encapsulation: none }', sameNode, otherNode, nobody, all],
    ['podNetwork: { cni: kube-router }', sameNode, otherNode, nobody, all],
    ['podNetwork: { cni: kindnet }', sameNode, otherNode, nobody, all],
    ['podNetwork: { cni: weave }', sameNode, nobody, otherNode, all],
    ['podNetwork: { cni: calico, policies: calico-ebpf }', all, nobody, nobody, all],
    ['podNetwork: { cni: cilium }', nobody, nobody, nobody, all],
    // In kube-proxy's place it masquerades for another node's pods alone.
    ['podNetwork: { cni: cilium }, kubeProxy: { mode: cilium }', sameNode, nobody, nobody, all],
    ['podNetwork: { cni: cilium }, kubeProxy: { mode: cilium, loadBalancerMode: dsr }', all, nobody, nobody, all],
    // Without a tunnel another node counts as that node, which not even all addresses mean.
    ['podNetwork: { cni: cilium, encapsulation: none }', nobody, nobody, nobody, sameNode],
    [
      'podNetwork: { cni: cilium, encapsulation: none }, kubeProxy: { mode: cilium }',
      sameNode,
      nobody,
      nobody,
      sameNode,
    ],
    ['podNetwork: { cni: gke-dataplane-v2 }, kubeProxy: { mode: cilium }', sameNode, nobody, nobody, sameNode],
    ['podNetwork: { cni: aws-vpc, policies: cilium }', nobody, nobody, nobody, sameNode],
    ['podNetwork: { cni: aws-vpc, policies: aws-vpc }', sameNode, all, sameNode, all],
    // Its gateway has an address of the pods' range.
    ['podNetwork: { cni: antrea }', nobody, nobody, all, all],
    ['podNetwork: { cni: antrea, encapsulation: none }', nobody, otherNode, sameNode, all],
    ['podNetwork: { cni: ovn-kubernetes }', nobody, nobody, nobody, all],
    ['podNetwork: { cni: aws-vpc, policies: calico }', sameNode, otherNode, nobody, all],
    ['podNetwork: { cni: flannel }', all, all, all, all],
    ['podNetwork: { cni: flannel, policies: kube-router }', sameNode, nobody, otherNode, all],
    ['podNetwork: { cni: flannel, policies: kube-router, encapsulation: none }', sameNode, otherNode, nobody, all],
    ['', sameNode, otherNode, nobody, all],
  ])('%s', (profile, ...wanted) => {
    const asked = (policy: string): string =>
      pairs(traceIn(scene(policy, { profile, service: balanced }), 'svc/web').paths);
    expect([fromClients, fromNodes, fromPods, fromAll].map(asked)).toEqual(wanted);
  });

  test('under policy Local the pod sees the client, whoever judges it', () => {
    for (const profile of ['podNetwork: { cni: calico }', 'podNetwork: { cni: cilium }', 'podNetwork: { cni: antrea }'])
      expect(
        pairs(traceIn(scene(fromClients, { profile, service: local.replace(', ', '\n  ') }), 'svc/web').paths),
      ).toBe('1→1 + 1/2, 2→2 + 1/2');
  });
});

/** Nodes say themselves how they reach each other's pods. */
test.each<[cni: string, annotation: string, source: string]>([
  ['flannel', 'flannel.alpha.coreos.com/backend-type: vxlan', '10.244.1.0'],
  ['flannel', 'flannel.alpha.coreos.com/backend-type: host-gw', '192.168.0.11'],
  ['calico', 'projectcalico.org/IPv4IPIPTunnelAddr: 10.244.7.1', '192.168.0.11'],
  ['calico, encapsulation: ipip', 'projectcalico.org/IPv4IPIPTunnelAddr: 10.244.7.1', '10.244.7.1'],
  ['cilium', 'network.cilium.io/ipv4-cilium-host: 10.244.7.1', '10.244.7.1'],
])('%s: what one with %s masquerades comes from %s', (cni, annotation, source) => {
  const nodes = [annotation, ''].map(
    (each, index) => `apiVersion: v1
kind: Node
metadata: { name: node-${index + 1}, annotations: { ${each} } }
spec: { podCIDR: 10.244.${index + 1}.0/24 }
status: { addresses: [{ type: InternalIP, address: 192.168.0.${11 + index} }] }`,
  );
  const profile = `podNetwork: { cni: ${cni} }`;
  const model = scene('{ podSelector: {}, ingress: [{}] }', { profile, service: balanced, more: nodes });
  const crossing = traceIn(model, 'svc/web').paths.flatMap(({ hops }) =>
    hops.at(-1)?.crossesNodes === true ? [hops] : [],
  );
  const sources = crossing.map((hops) => hops.at(-1)?.packet.source);
  expect(sources).toContain(source);
});

const both = '{ podSelector: {}, policyTypes: [Ingress, Egress]';
const nothing = `${both} }`;
/** The egress alone. */
const toItself = `${both}, egress: [{ to: [{ podSelector: { matchLabels: { app: web } } }] }] }`;

const exceptedOnly = '10.244.0.0/16, except: [10.244.1.0/24]';
/** The client's range is taken away from one entry, and another allows all. */
const exceptedHere = '10.244.0.0/16, except: [10.244.1.0/24] } }, { ipBlock: { cidr: 10.0.0.0/8';
const agents = '{ podSelector: { matchLabels: { app: agent } } }';
const fromAgents = `{ podSelector: { matchLabels: { app: web } }, ingress: [{ from: [${agents}] }] }`;
const toAgents = to(agents, 9100);

function fromNamespaces(labels: string): string {
  const peer = `{ namespaceSelector: { matchLabels: { ${labels} } } }`;
  return `{ podSelector: { matchLabels: { app: web } }, ingress: [{ from: [${peer}] }] }`;
}

const fromNobody = '{ podSelector: { matchLabels: { app: web } }, policyTypes: [Ingress] }';
const ownPod = '·→1 + 1/2, ·→2 - 1/2';
const neitherPod = '·→1 - 1/2, ·→2 - 1/2';
const bothPods = '·→1 + 1/2, ·→2 + 1/2';

/** On its node's network. */
const agent = `apiVersion: v1
kind: Pod
metadata: { name: agent, labels: { app: agent } }
spec: { nodeName: node-2, hostNetwork: true, containers: [{ name: c, ports: [{ containerPort: 9100 }] }] }`;

/** Where plug-ins differ besides: who asks, what, under which policy, and what becomes of it. */
test.each<[cni: string, policy: string, from: string, target: string, wanted: string]>([
  // What a pod sends to its own address doesn't leave it.
  ['calico', nothing, 'pod/web-1', 'pod/web-1:8080', 'delivered'],
  // An ipBlock and a pod's address.
  ['calico', fromIn('10.244.0.0/16'), 'pod/client', 'pod/web-1:8080', 'delivered'],
  ['cilium', fromIn('10.244.0.0/16'), 'pod/client', 'pod/web-1:8080', 'denied'],
  ['cilium', fromIn('0.0.0.0/0'), 'pod/client', 'pod/web-1:8080', 'denied'],
  // A node that isn't the pod's own; the own one.
  ['calico', fromIn('192.168.0.0/24'), 'node/node-2', 'pod/web-1:8080', 'delivered'],
  ['cilium', fromIn('192.168.0.0/24'), 'node/node-2', 'pod/web-1:8080', 'denied'],
  ['flannel, policies: kube-router', fromNodes, 'node/node-2', 'pod/web-1:8080', 'denied'],
  ['flannel, policies: kube-router', fromIn('10.244.2.0/32'), 'node/node-2', 'pod/web-1:8080', 'delivered'],
  ['calico, encapsulation: vxlan', fromNodes, 'node/node-2', 'pod/web-1:8080', 'denied'],
  ['calico, encapsulation: vxlan', fromNodes, 'node/node-1', 'pod/web-1:8080', 'delivered'],
  ['antrea', fromIn('10.244.2.1/32'), 'node/node-2', 'pod/web-1:8080', 'delivered'],
  ['ovn-kubernetes', fromIn('10.244.2.2/32'), 'node/node-2', 'pod/web-1:8080', 'delivered'],
  ['cilium', fromIn('10.0.0.0/8'), 'node/node-1', 'pod/web-1:8080', 'delivered'],
  ['calico', fromIn('10.0.0.0/8'), 'node/node-1', 'pod/web-1:8080', 'delivered'],
  // Ports of a Service and of its pods, on the way out.
  ['calico', to('{ podSelector: { matchLabels: { app: web } } }', 80), 'pod/client', 'svc/web', 'denied'],
  ['calico', to('{ podSelector: { matchLabels: { app: web } } }', 8080), 'pod/client', 'svc/web', 'delivered'],
  ['aws-vpc', to('{ podSelector: { matchLabels: { app: web } } }', 8080), 'pod/client', 'svc/web', 'delivered'],
  ['aws-vpc', to('{ podSelector: { matchLabels: { app: web } } }', 80), 'pod/client', 'svc/web', 'denied'],
  ['aws-vpc', to('{ podSelector: { matchLabels: { app: web } } }', 'http'), 'pod/client', 'svc/web', 'delivered'],
  ['aws-vpc', to('{ ipBlock: { cidr: 10.96.0.0/12 } }', 80), 'pod/client', 'svc/web', 'delivered'],
  ['aws-vpc', to('{ ipBlock: { cidr: 10.96.0.0/12 } }', 8080), 'pod/client', 'svc/web', 'denied'],
  ['calico', to('{ ipBlock: { cidr: 10.96.0.0/12 } }', 80), 'pod/client', 'svc/web', 'denied'],
  // The Service's selector lacks the label that the rule asks for.
  ['aws-vpc', to('{ podSelector: { matchLabels: { tier: front } } }', 8080), 'pod/client', 'svc/web', 'denied'],
  [
    'aws-vpc',
    '{ podSelector: {}, egress: [{ ports: [{ port: 8080 }] }], policyTypes: [Egress] }',
    'pod/client',
    'svc/web',
    'denied',
  ],
  [
    'calico',
    '{ podSelector: {}, egress: [{ ports: [{ port: 8080 }] }], policyTypes: [Egress] }',
    'pod/client',
    'svc/web',
    'delivered',
  ],
  // A pod that is chosen for its own Service.
  ['calico', nothing, 'pod/web-1', 'svc/web', 'denied'],
  ['calico', toItself, 'pod/web-1', 'svc/web', 'denied'],
  ['antrea', toItself, 'pod/web-1', 'svc/web', 'delivered, denied'],
  ['cilium', nothing, 'pod/web-1', 'svc/web', 'delivered, denied'],
  ['ovn-kubernetes', nothing, 'pod/web-1', 'svc/web', 'delivered, denied'],
  // A pod that asks its own node, and another.
  ['calico', nothing, 'pod/web-1', 'http://192.168.0.11:10256/healthz', 'denied'],
  ['weave', nothing, 'pod/web-1', 'http://192.168.0.11:10256/healthz', 'answered'],
  ['aws-vpc', nothing, 'pod/web-1', 'http://192.168.0.11:10256/healthz', 'answered'],
  ['aws-vpc', nothing, 'pod/web-1', 'http://192.168.0.12:10256/healthz', 'denied'],
  // kube-router lets out what is for a port of nodePorts' there, even where no Service has it.
  ['kube-router', nothing, 'pod/web-1', '192.168.0.11:30999', 'refused'],
  ['kube-router', nothing, 'pod/web-1', '192.168.0.12:30999', 'denied'],
  ['kube-router', nothing, 'pod/web-1', 'http://192.168.0.11:10256/healthz', 'denied'],
  // What an except takes away.
  ['calico', fromIn(exceptedOnly), 'pod/client', 'pod/web-1:8080', 'denied'],
  ['calico', fromIn(exceptedHere), 'pod/client', 'pod/web-1:8080', 'delivered'],
  ['aws-vpc', fromIn(exceptedHere), 'pod/client', 'pod/web-1:8080', 'denied'],
  [
    'aws-vpc',
    fromIn(`${exceptedHere} } }, { podSelector: { matchLabels: { app: client }`),
    'pod/client',
    'pod/web-1:8080',
    'delivered',
  ],
  [
    'aws-vpc',
    fromIn(`${exceptedHere} } }, { ipBlock: { cidr: 10.244.1.0/24`),
    'pod/client',
    'pod/web-1:8080',
    'delivered',
  ],
  // Pods on their nodes' networks, as they ask and as they are asked.
  ['calico', fromAgents, 'pod/agent', 'pod/web-1:8080', 'denied'],
  ['aws-vpc', fromAgents, 'pod/agent', 'pod/web-1:8080', 'delivered'],
  ['calico', toAgents, 'pod/client', '192.168.0.12:9100', 'denied'],
  ['aws-vpc', toAgents, 'pod/client', '192.168.0.12:9100', 'delivered'],
  ['ovn-kubernetes', toAgents, 'pod/client', '192.168.0.12:9100', 'delivered'],
  ['ovn-kubernetes', fromAgents, 'pod/agent', 'pod/web-1:8080', 'denied'],
  // A namespace that stands for the nodes.
  [
    'ovn-kubernetes',
    fromNamespaces('policy-group.network.openshift.io/host-network: ""'),
    'node/node-2',
    'pod/web-1:8080',
    'delivered',
  ],
  ['ovn-kubernetes', fromNamespaces(''), 'node/node-2', 'pod/web-1:8080', 'delivered'],
  ['ovn-kubernetes', fromNamespaces('team: a'), 'node/node-2', 'pod/web-1:8080', 'denied'],
  ['calico', fromNamespaces(''), 'node/node-2', 'pod/web-1:8080', 'denied'],
  // Ranges of ports.
  ['calico', to('{ podSelector: {} }', '8000, endPort: 9000'), 'pod/client', 'pod/web-1:8080', 'delivered'],
  ['weave', to('{ podSelector: {} }', '8000, endPort: 9000'), 'pod/client', 'pod/web-1:8080', 'denied'],
])('%s, %s: %s → %s is %s', (...row) => {
  const [cni, policy, from, target, wanted] = row;
  const policies = cni === 'aws-vpc' ? ', policies: aws-vpc' : '';
  const model = scene(policy, { profile: `podNetwork: { cni: ${cni}, routable: true${policies} }`, more: [agent] });
  const kinds = traceIn(model, target, from).paths.map(({ verdict }) => verdict.kind);
  expect([...new Set(kinds)].join(', ')).toBe(wanted);
});

/** What a node's own process asks of a Service with a pod there and a pod on another node; it masquerades both. */
test.each<[profile: string, policy: string, wanted: string]>([
  ['podNetwork: { cni: calico }', fromNobody, ownPod],
  ['podNetwork: { cni: calico }, kubeProxy: { mode: ipvs }', fromNobody, ownPod],
  ['podNetwork: { cni: kube-router }, kubeProxy: { mode: ipvs }', fromNobody, ownPod],
  ['podNetwork: { cni: aws-vpc, policies: aws-vpc }', fromNobody, ownPod],
  ['podNetwork: { cni: cilium }', fromNobody, ownPod],
  ['podNetwork: { cni: cilium }, kubeProxy: { mode: nftables }', fromNobody, ownPod],
  // As `remote-node` it comes to the other, which is in no range.
  ['podNetwork: { cni: cilium }', fromAll, ownPod],
  ['podNetwork: { cni: cilium }, kubeProxy: { mode: cilium }', fromAll, ownPod],
  ['podNetwork: { cni: antrea }', fromNobody, neitherPod],
  ['podNetwork: { cni: antrea }', fromIn('10.244.1.1/32'), bothPods],
  ['podNetwork: { cni: antrea }, kubeProxy: { mode: ipvs }', fromNobody, ownPod],
  ['podNetwork: { cni: ovn-kubernetes }', fromNobody, neitherPod],
  ['podNetwork: { cni: ovn-kubernetes }', fromIn('100.64.0.0/16'), bothPods],
])('%s, %s: from a node to a Service, %s', (profile, policy, wanted) => {
  for (const from of ['node/node-1', 'pod/agent']) {
    const model = scene(policy, { profile, more: [agent.replace('node-2', 'node-1')] });
    expect(pairs(traceIn(model, 'svc/web', from).paths)).toBe(wanted);
  }
});

/** An Ingress controller on node-2's network, and pods behind it on both nodes. */
test.each([
  ['flannel, policies: kube-router', '192.168.0.0/24', 'denied'],
  ['flannel, policies: kube-router', '10.244.2.0/32', 'delivered'],
  ['calico', '192.168.0.0/24', 'delivered'],
  ['cilium', '0.0.0.0/0', 'denied'],
])('%s, from %s: a proxy on another node is %s', (cni, range, wanted) => {
  const controller = `apiVersion: v1
kind: Pod
metadata: { name: ingress, labels: { app: ingress } }
spec:
  nodeName: node-2
  hostNetwork: true
  containers: [{ name: c, image: registry.k8s.io/ingress-nginx/controller:v1.15.1, ports: [{ containerPort: 80 }] }]`;
  const ingress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec: { ingressClassName: nginx, defaultBackend: { service: { name: web, port: { number: 80 } } } }`;
  const profile = `podNetwork: { cni: ${cni} }`;
  const model = scene(fromIn(range), { profile, more: [controller, ingress] });
  const { paths } = traceIn(model, 'http://192.168.0.12/');
  const crossing = paths.filter(({ hops }) => hops.at(-1)?.crossesNodes === true);
  expect(crossing.map(({ verdict }) => verdict.kind)).toEqual([wanted]);
});

test('what becomes of a packet that is denied', () => {
  const answers = ['calico', 'kube-router'].map((cni) => {
    const model = scene(nothing, { profile: `podNetwork: { cni: ${cni} }` });
    const [path] = traceIn(model, 'pod/web-1:8080', 'pod/client').paths;
    return path?.verdict.kind === 'denied' && path.verdict.reason === 'network-policy' ? path.verdict.answers : null;
  });
  expect(answers).toEqual(['drops', 'rejects']);
});

test('SCTP needs to be enabled in Cilium', () => {
  const policy = '{ podSelector: {}, ingress: [{ ports: [{ protocol: SCTP, port: 8080 }] }] }';
  const kinds = ['calico', 'cilium'].map((cni) => {
    const model = scene(policy, { profile: `podNetwork: { cni: ${cni} }` });
    return probed(model, { from: 'pod/client', to: 'pod/web-1', port: 8080, protocol: 'SCTP', expect: 'allow' });
  });
  expect(kinds).toEqual(['allow', 'deny']);
});

test('a kind of policies that the plug-in does not enforce does nothing', () => {
  const model = cluster(`
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: p }
spec: { podNetwork: { cni: cilium } }
---
${pod('web-1', 'web', 'node-1')}
---
${pod('client', 'client', 'node-1')}
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: closed }
spec:
  tier: Admin
  priority: 1
  subject: { namespaces: {} }
  ingress: [{ action: Deny, from: [{ namespaces: {} }] }]
`);
  const { paths, assumptions } = traceIn(model, 'pod/web-1:8080', 'pod/client');
  expect(paths.map(({ verdict }) => verdict.kind)).toEqual(['delivered']);
  expect(assumptions.map(({ text }) => text)).toContain(
    'Cilium beside kube-proxy enforces no ClusterNetworkPolicy (podNetwork.cni) without ' +
      '--enable-k8s-cluster-network-policy (1.20): closed does nothing here',
  );
});

/** Lets what comes from a range into the pods. */
function fromIn(range: string): string {
  return `{ podSelector: { matchLabels: { app: web } }, ingress: [{ from: [{ ipBlock: { cidr: ${range} } }] }] }`;
}

function to(peer: string, port: number | string): string {
  const rule = `{ to: [${peer}], ports: [{ port: ${port} }] }`;
  return `{ podSelector: { matchLabels: { app: client } }, policyTypes: [Egress], egress: [${rule}] }`;
}

/** What stands beside a trace: whose reading it is, and who would decide otherwise. */
function assumed(policy: string, profile: string, [from, target]: readonly [string, string]): string[] {
  return traceIn(scene(policy, { profile, service: balanced }), target, from)
    .assumptions.filter(({ id }) => /^(?:network-policy|other-plug-ins|not-enforced)/.test(id))
    .map(({ text }) => text);
}

describe('whose reading it is', () => {
  test('nobody says: those that would decide otherwise are named, with the reason', () => {
    const request = ['internet', 'svc/web'] as const;
    expect(assumed(fromClients, '', request)).toMatchInlineSnapshot(`
      [
        "NetworkPolicies are taken to be enforced as most network plug-ins do: the profile's podNetwork.policies doesn't say by whom",
        "Cilium beside kube-proxy would let less in: the masquerade comes before the policy there",
        "Antrea would let less in: a masqueraded packet has an address of the pods' range there",
        "OVN-Kubernetes would let less in: a masqueraded packet has the gateway router's address there, of 100.64.0.0/16",
        "Calico eBPF would let more in: the client keeps its own address there",
      ]
    `);
    expect(assumed(fromNodes, '', request)).toMatchInlineSnapshot(`
      [
        "NetworkPolicies are taken to be enforced as most network plug-ins do: the profile's podNetwork.policies doesn't say by whom",
        "AWS VPC CNI with its agent would let more in: whatever the own node of a pod masquerades is let in there",
        "Calico eBPF would let less in: the client keeps its own address there",
        "Cilium beside kube-proxy would let less in: an ipBlock means neither pods nor nodes there",
        "Antrea or a network of tunnels (VXLAN, IPIP) would let less in: what another node sends has its tunnel's address there, of the pods' range",
        "OVN-Kubernetes would let less in: a masqueraded packet has the gateway router's address there, of 100.64.0.0/16",
      ]
    `);
    expect(assumed(fromIn('10.244.0.0/16'), '', ['pod/client', 'pod/web-1:8080'])).toMatchInlineSnapshot(`
      [
        "NetworkPolicies are taken to be enforced as most network plug-ins do: the profile's podNetwork.policies doesn't say by whom",
        "Cilium beside kube-proxy would let less in: an ipBlock means neither pods nor nodes there",
      ]
    `);
    expect(assumed(to('{ podSelector: {} }', '80'), '', ['pod/client', 'svc/web'])).toMatchInlineSnapshot(`
      [
        "NetworkPolicies are taken to be enforced as most network plug-ins do: the profile's podNetwork.policies doesn't say by whom",
      ]
    `);
    expect(assumed(to('{ ipBlock: { cidr: 10.96.0.0/12 } }', 80), '', ['pod/client', 'svc/web']))
      .toMatchInlineSnapshot(`
      [
        "NetworkPolicies are taken to be enforced as most network plug-ins do: the profile's podNetwork.policies doesn't say by whom",
        "AWS VPC CNI with its agent would let more out: a packet still has the Service's address and port there",
      ]
    `);
  });

  test('nobody would decide otherwise', () => {
    expect(assumed(to('{ podSelector: {} }', 8080), '', ['pod/client', 'svc/web'])).toHaveLength(1);
  });

  test.each([
    ['podNetwork: { cni: calico }', []],
    ['podNetwork: { cni: flannel }', ['Flannel enforces no NetworkPolicy (podNetwork.cni): p does nothing here']],
    [
      'podNetwork: { cni: calico, policies: none }',
      ['nobody enforces a NetworkPolicy (podNetwork.policies): p does nothing here'],
    ],
  ])('%s', (profile, wanted) => expect(assumed(fromClients, profile, ['internet', 'svc/web'])).toEqual(wanted));

  test('a pod network with which there is a choice', () =>
    expect(assumed(fromClients, 'podNetwork: { cni: aws-vpc }', ['internet', 'svc/web'])).toMatchInlineSnapshot(`
      [
        "NetworkPolicies are taken to be enforced by AWS VPC CNI with its agent: the profile's podNetwork.policies doesn't say by whom",
        "Cilium beside kube-proxy would let less in: the masquerade comes before the policy there",
      ]
    `));
});

/** Of tier Baseline, whom it denies: beside a NetworkPolicy that isolates web-1 for egress alone. */
test.each<[policies: string, wanted: string]>([
  ['calico', 'denied'],
  ['ovn-kubernetes', 'denied'],
  ['kube-network-policies', 'delivered'],
])('%s, a baseline and a policy for the other direction: %s', (policies, wanted) => {
  const baseline = `
---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata: { name: default }
spec: { subject: { namespaces: {} }, ingress: [{ action: Deny, from: [{ namespaces: {} }] }] }`;
  const policy = `{ podSelector: { matchLabels: { app: web } }, policyTypes: [Egress], egress: [{}] }${baseline}`;
  const model = scene(policy, { profile: `podNetwork: { policies: ${policies} }` });
  expect(traceIn(model, 'pod/web-1:8080', 'pod/client').paths.map(({ verdict }) => verdict.kind)).toEqual([wanted]);
});

test('an unknown plug-in is a problem at its place', () => {
  const text =
    'apiVersion: hoplens.dev/v1alpha1\nkind: ClusterProfile\nmetadata: { name: p }\n' +
    'spec: { podNetwork: { policies: tigera } }';
  const [manifest] = parseFile('p.yaml', text).manifests;
  if (manifest === undefined) throw new Error(text);
  expect(readProfile(manifest).problems.map(({ message, field }) => [message, field.path.join('.')])).toEqual([
    [
      expect.stringMatching(/^podNetwork.policies is tigera; it can be calico, calico-ebpf, /),
      'spec.podNetwork.policies',
    ],
  ]);
});

const byServices: Readonly<Record<PolicyPlugin['ownNode']['toService'], string>> = {
  'as to the pod': '',
  'as to the pod by IPVS': ' (by a Service with IPVS alone)',
  'as masqueraded': ' (not by a Service)',
};

/** `UPDATE=1 npx vitest run test/policy/plugins.test.ts` writes the tables. */
test('docs/policies.md has the plug-ins as they are', () => {
  const plugins = policyPlugins.map((each) => {
    const { id, title, enforces, egressSees, ingressSees, masqueradedIs, ipBlocksAreFor } = each;
    const { ownService, ownNode, hostPods, exceptsTake, baselineIsFor, portRanges, sctp, denies, switches, sources } =
      each;
    const isBehind = ingressSees === 'behind masquerade';
    const lacks = [...(portRanges === 'whole' ? [] : ['endPort']), ...(sctp === 'read' ? [] : ['SCTP'])];
    const needs = [...new Set(Object.values(switches))];
    const cells =
      enforces.length === 0
        ? ['nothing', ...Array.from({ length: 11 }, () => '–')]
        : [
            enforces.map((kind) => kind.replace('NetworkPolicy', '') || 'NetworkPolicy').join(', '),
            needs.join(', ') || '–',
            egressSees,
            ingressSees.replace(' masquerade', ''),
            isBehind ? masqueradedIs : '–',
            ipBlocksAreFor,
            exceptsTake,
            hostPods,
            `${ownNode.toPod}${byServices[ownNode.toService]}, ${ownNode.fromPod}`,
            ownService,
            enforces.length === 1 ? '–' : baselineIsFor,
            denies,
          ];
    const row = [`\`${id}\``, title, ...cells, lacks.join(', ') || '–', sources.join('; ')];
    return `| ${row.join(' | ')} |`;
  });
  const surprise = (
    [
      ['Calico, Canal without a tunnel; kube-router, kube-network-policies', 'podNetwork: { cni: calico }'],
      ['Calico, Canal, K3s with a tunnel; Weave Net', 'podNetwork: { cni: canal }'],
      ['Calico eBPF', 'podNetwork: { cni: calico, policies: calico-ebpf }'],
      ["Cilium in kube-proxy's place", 'podNetwork: { cni: cilium }, kubeProxy: { mode: cilium }'],
      [
        'The same without a tunnel; GKE Dataplane V2',
        'podNetwork: { cni: gke-dataplane-v2 }, kubeProxy: { mode: cilium }',
      ],
      ['Cilium beside kube-proxy', 'podNetwork: { cni: cilium }'],
      ['Cilium beside kube-proxy, without a tunnel', 'podNetwork: { cni: cilium, encapsulation: none }'],
      ['Antrea', 'podNetwork: { cni: antrea }'],
      ['OVN-Kubernetes', 'podNetwork: { cni: ovn-kubernetes }'],
      ['AWS VPC CNI with its agent', 'podNetwork: { cni: aws-vpc, policies: aws-vpc }'],
    ] as const
  ).map(([whose, profile]) => {
    const cells = [fromClients, fromNodes, fromPods, fromAll].map((policy) =>
      pairs(traceIn(scene(policy, { profile, service: balanced }), 'svc/web').paths)
        .split(', ')
        .map((each) => each.replace(/ 1\/4$/, ''))
        .join(', '),
    );
    return `| ${whose} | ${cells.join(' | ')} |`;
  });
  const tables = {
    plugins: [
      '| `policies` | plug-in | enforces | switch | way out | way in | masqueraded | `ipBlock` means | ' +
        "`except` takes | pods on nodes' networks | own node | itself | " +
        'Baseline is for | denies by | lacks | sources |',
      `|${'---|'.repeat(16)}`,
      ...plugins,
    ],
    surprise: [
      '| plug-in | clients allowed | nodes allowed (`192.168.0.0/24`) | pods allowed (`10.244.0.0/16`) | ' +
        '`0.0.0.0/0` allowed |',
      `|${'---|'.repeat(5)}`,
      ...surprise,
      '',
      '`1→2 -`: in by node 1, to the pod on node 2, denied. Each pair is a quarter.',
    ],
  };
  const file = join(import.meta.dirname, '..', '..', 'docs', 'policies.md');
  const text = readFileSync(file, 'utf8');
  const expected = Object.entries(tables).reduce(
    (page, [name, lines]) =>
      page.replace(
        new RegExp(`<!-- ${name} -->[^]*<!-- /${name} -->`),
        () => `<!-- ${name} -->\n${lines.join('\n')}\n<!-- /${name} -->`,
      ),
    text,
  );
  if (process.env.UPDATE === '1') writeFileSync(file, expected);
  expect(process.env.UPDATE === '1' ? expected : text).toBe(expected);
});
