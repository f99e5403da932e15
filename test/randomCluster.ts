import { type PolicyWords, randomPolicy } from './policy/randomPolicy.ts';
import { type SeededRandom, seededRandom } from './seededRandom.ts';

/**
 * A made-up cluster as JSON manifests, as a dump of a real one would hold them: a profile, pods with addresses,
 * Services of all types and policies, their EndpointSlices in every state, with hints; one or both families, any proxy
 * configuration; for every other one, NetworkPolicies.
 */
export function randomCluster(random: SeededRandom): object[] {
  const chance = (share: number): boolean => random.below(100) < share;
  const nodes = Array.from({ length: 1 + random.below(4) }, (_, index) => `node-${index + 1}`);
  const families = random.pick<readonly Family[]>([['IPv4'], ['IPv4'], ['IPv6'], ['IPv4', 'IPv6'], ['IPv6', 'IPv4']]);
  const services = Array.from({ length: 1 + random.below(3) }, (_, index) =>
    randomService(random, index, nodes, families),
  );
  const mode = random.pick(['iptables', 'nftables']);
  return [
    {
      apiVersion: 'hoplens.dev/v1alpha1',
      kind: 'ClusterProfile',
      metadata: { name: 'random' },
      spec: {
        kubernetesVersion: '1.36',
        kubeProxy: {
          mode,
          masqueradeAll: chance(12),
          detectLocal: random.pick(['ClusterCIDR', 'ClusterCIDR', 'ClusterCIDR', 'NodeCIDR', 'none']),
          ...(chance(25)
            ? {
                nodePortAddresses: random.pick([
                  ['192.168.0.0/16', 'fd00:192:168::/64'],
                  ['192.168.0.11/32', '192.168.0.12/31'],
                  ['primary'],
                  ['0.0.0.0/0', '::/0'],
                ]),
              }
            : {}),
          ...(chance(25) ? { localhostNodePorts: false } : {}),
        },
        podNetwork: {
          cidr: families.map((family) => podNetwork[family]).join(','),
          ...random.pick([
            { cni: 'bridge' },
            { cni: 'bridge' },
            { cni: 'ptp' },
            { cni: 'calico' },
            { cni: 'calico', routable: true },
            { cni: 'bridge', encapsulation: 'vxlan' },
            { cni: 'calico', encapsulation: 'vxlan' },
          ]),
        },
        serviceCIDR: families.map((family) => serviceNetwork[family]).join(','),
        loadBalancer: { target: random.pick(['nodePort', 'address']) },
        ...(chance(25)
          ? { routes: families.map((family) => ({ to: serviceNetwork[family], via: random.pick(nodes) })) }
          : {}),
        nodes: nodes.map((name) => ({ name, zone: `zone-${1 + random.below(2)}` })),
      },
    },
    ...services.flat(),
    ...randomPolicies(services.flat()),
  ];
}

/** A cluster whose network plug-in enforces nothing. */
export function withoutPolicies(objects: readonly object[]): object[] {
  return objects.filter((each) => !('kind' in each && each.kind === 'NetworkPolicy'));
}

const policyWords: PolicyWords = {
  labels: { app: ['svc-1', 'svc-2', 'svc-3'] },
  namespaceLabels: { 'kubernetes.io/metadata.name': ['default'] },
  ports: [8000, 8001, 8010, 8011, 80],
  portNames: ['port-0', 'port-1', 'nowhere'],
  ranges: [
    ['10.244.0.0/16', '10.244.1.0/24', '10.244.2.0/24', '10.244.1.10/31'],
    ['192.168.0.0/16', '192.168.0.11/32', '192.168.0.12/31'],
    ['198.51.100.0/24', '198.51.100.7/32'],
    ['0.0.0.0/0', '10.0.0.0/8', '192.168.0.12/32'],
    ['fd00:10:244::/56', 'fd00:10:244:1::/64'],
    ['fd00:192:168::/64', 'fd00:192:168::b/128'],
    ['2001:db8:7::/64', '2001:db8:7::7/128'],
    ['::/0', '2001:db8::/32', 'fd00:10:244:2::/64'],
  ],
};

/**
 * Their chance comes from the Services themselves: what is drawn after a cluster is what it was before there were
 * policies.
 */
function randomPolicies(services: readonly object[]): object[] {
  const random = seededRandom(sumOf(JSON.stringify(services)));
  const count = random.below(2) === 0 ? 0 : 1 + random.below(3);
  return Array.from({ length: count }, (_, index) => randomPolicy(random, policyWords, { name: `policy-${index}` }));
}

function sumOf(text: string): number {
  return [...text].reduce((sum, letter) => (Math.imul(sum, 31) + (letter.codePointAt(0) ?? 0)) | 0, 7);
}

type Family = 'IPv4' | 'IPv6';
const podNetwork: Readonly<Record<Family, string>> = { IPv4: '10.244.0.0/16', IPv6: 'fd00:10:244::/56' };
const serviceNetwork: Readonly<Record<Family, string>> = { IPv4: '10.96.0.0/12', IPv6: 'fd00:10:96::/112' };

/**
 * The address of the nth pod on a node, as the node's share of the pod network gives it;
 * the node's own for one on its network.
 */
function addressOf(family: Family, node: number, nth: number, isOnHost: boolean): string {
  if (isOnHost) return family === 'IPv4' ? `192.168.0.${11 + node}` : `fd00:192:168::${(11 + node).toString(16)}`;
  return family === 'IPv4'
    ? `10.244.${node + 1}.${nth}`
    : `fd00:10:244:${(node + 1).toString(16)}::${nth.toString(16)}`;
}

function randomService(
  random: SeededRandom,
  index: number,
  nodes: readonly string[],
  families: readonly Family[],
): object[] {
  const name = `svc-${index + 1}`;
  const chance = (share: number): boolean => random.below(100) < share;
  const type = random.pick(['ClusterIP', 'NodePort', 'LoadBalancer']);
  const own = families.length === 2 && chance(50) ? families : [random.pick(families)];
  const externalIPs = chance(25)
    ? own.map((family) => (family === 'IPv4' ? `192.0.2.${10 + index}` : `2001:db8:2::${10 + index}`))
    : [];
  const isExternal = type !== 'ClusterIP' || externalIPs.length > 0;
  const count = 1 + random.below(2);
  const ports = Array.from({ length: count }, (_, at) => ({
    name: count === 1 && chance(50) ? '' : `p${at}`,
    port: 80 + at,
    targetPort: 8000 + index * 10 + at,
    protocol: random.pick(['TCP', 'TCP', 'UDP']),
  }));
  const spec = {
    type,
    ports,
    ipFamilies: own,
    ipFamilyPolicy: own.length === 2 ? 'RequireDualStack' : 'SingleStack',
    internalTrafficPolicy: chance(25) ? 'Local' : 'Cluster',
    ...(externalIPs.length > 0 ? { externalIPs } : {}),
    ...(isExternal && chance(50) ? { externalTrafficPolicy: 'Local' } : {}),
    ...(chance(15) ? { sessionAffinity: 'ClientIP' } : {}),
    ...(type === 'LoadBalancer' && chance(35)
      ? {
          loadBalancerSourceRanges: random.pick([
            ['198.51.100.0/24'],
            ['192.168.0.0/16', 'fd00::/16'],
            ['10.244.0.0/16', '2001:db8:7::/64'],
            ['0.0.0.0/0'],
          ]),
        }
      : {}),
    ...(type === 'LoadBalancer' && chance(15) ? { allocateLoadBalancerNodePorts: false } : {}),
  };
  const ingress =
    type === 'LoadBalancer'
      ? own.map((family) => ({
          ip: family === 'IPv4' ? `203.0.113.${10 + index}` : `2001:db8:3::${10 + index}`,
          ...(chance(20) ? { ipMode: 'Proxy' } : {}),
        }))
      : [];
  const hints = random.pick(['none', 'none', 'zone', 'node', 'some']);
  const pods = Array.from({ length: random.below(5) }, (_, at) => {
    const node = random.below(nodes.length);
    const isOnHost = at === 0 && chance(15);
    const hinted = hints === 'zone' || hints === 'node' || (hints === 'some' && chance(50));
    return {
      node,
      isOnHost,
      nth: 10 + index * 10 + at,
      name: `${name}-${at}`,
      state: random.pick(['ready', 'ready', 'ready', 'terminating', 'down']),
      hints: {
        forZones: hinted ? [{ name: `zone-${1 + random.below(2)}` }] : [],
        forNodes: hinted && hints === 'node' ? [{ name: random.pick(nodes) }] : [],
      },
    };
  });
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec,
      ...(ingress.length > 0 ? { status: { loadBalancer: { ingress } } } : {}),
    },
    ...pods.map(({ node, nth, isOnHost, name: pod, state }) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: pod,
        labels: { app: name },
        ...(state === 'terminating' ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
      },
      spec: {
        nodeName: nodes[node],
        ...(isOnHost ? { hostNetwork: true } : {}),
        containers: [
          {
            name: 'server',
            ports: ports.map(({ targetPort, protocol }, at) => ({
              name: `port-${at}`,
              containerPort: targetPort,
              protocol,
            })),
          },
        ],
      },
      status: {
        podIP: addressOf(families[0] ?? 'IPv4', node, nth, isOnHost),
        podIPs: families.map((family) => ({ ip: addressOf(family, node, nth, isOnHost) })),
        conditions: [{ type: 'Ready', status: state === 'down' ? 'False' : 'True' }],
      },
    })),
    ...own.map((family) => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${name}-${family.toLowerCase()}`, labels: { 'kubernetes.io/service-name': name } },
      addressType: family,
      ports: ports.map(({ name: port, targetPort, protocol }) => ({ name: port, port: targetPort, protocol })),
      endpoints: pods.map(({ node, nth, isOnHost, state, hints: given, name: pod }) => ({
        addresses: [addressOf(family, node, nth, isOnHost)],
        nodeName: nodes[node],
        targetRef: { kind: 'Pod', name: pod },
        hints: given,
        conditions: { ready: state === 'ready', serving: state !== 'down', terminating: state === 'terminating' },
      })),
    })),
  ];
}
