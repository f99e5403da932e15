import type { MapValue } from '../../shared/manifest/value.ts';
import type { Protocol } from '../../shared/cluster/service.ts';
import type { Probe } from '../policy/probes.ts';
import { randomClusterPolicies } from '../policy/randomClusterPolicy.ts';
import { type PolicyWords, randomPolicy, type Words } from '../policy/randomPolicy.ts';
import type { SeededRandom } from '../seededRandom.ts';

/** Some namespaces with pods and policies, and what is asked of them. */
export interface PolicySet {
  readonly objects: readonly MapValue[];
  readonly probes: readonly PolicyProbe[];
}

export type PolicyProbe = Omit<Probe, 'expect'>;

const probesEach = 24;
const protocols: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];
const nodes = ['node-1', 'node-2'];
const labels: Words = { app: ['web', 'db', 'x'], tier: ['front', 'back'], empty: [''] };
const namespaceLabels: Words = {
  'kubernetes.io/metadata.name': ['default', 'ns-1', 'ns-2'],
  team: ['red', 'blue'],
  empty: [''],
};
const outside = { IPv4: ['198.51.100.7', '203.0.113.200'], IPv6: ['2001:db8:7::7', '2001:db8:9::9'] } as const;
const words: PolicyWords = {
  labels,
  namespaceLabels,
  ports: [80, 81, 443, 8080],
  portNames: ['http', 'dns', 'metrics', 'nowhere'],
  ranges: [
    ['10.244.0.0/16', '10.244.1.0/24', '10.244.2.0/28', '10.244.1.11/32'],
    ['10.244.1.0/24', '10.244.1.10/32', '10.244.1.8/29'],
    ['10.244.2.77/24', '10.244.2.10/31'],
    ['0.0.0.0/0', '10.0.0.0/8', '198.51.100.0/24', '203.0.113.0/24'],
    ['198.51.100.0/24', '198.51.100.7/32', '198.51.100.8/29'],
    ['::/0', 'fd00:10:244::/56', '2001:db8:7::/64'],
    ['fd00:10:244:1::/64', 'fd00:10:244:1::b/128'],
    ['2001:db8::/32', '2001:db8:7::7/128', '2001:db8:9::/48'],
  ],
};

/** In the policies for the whole cluster, a range is written as its network. */
const exactWords: PolicyWords = { ...words, ranges: words.ranges.filter(([range]) => range !== '10.244.2.77/24') };

/** `policies` is the plug-in of the profile; null without one. */
export function randomPolicySet(
  random: SeededRandom,
  { hasTiers, policies }: { readonly hasTiers: boolean; readonly policies: string | null },
): PolicySet {
  const family = random.pick(['IPv4', 'IPv4', 'IPv4', 'IPv6'] as const);
  const namespaces = ['default', 'ns-1', 'ns-2'].slice(0, 1 + random.below(3));
  const pods = Array.from({ length: 2 + random.below(6) }, (_, index) => randomPod(random, family, namespaces, index));
  // Where NetworkPolicies isolate everybody, nothing is left to the baseline.
  const namespaced = Array.from({ length: hasTiers ? random.below(4) : 1 + random.below(5) }, (_, index) => {
    const namespace = random.pick(namespaces);
    // Without a namespace it is in `default`.
    const own = namespace === 'default' && random.below(2) === 0 ? {} : { namespace };
    return randomPolicy(random, words, { name: `policy-${index}`, ...own });
  });
  const objects = [
    {
      apiVersion: 'hoplens.dev/v1alpha1',
      kind: 'ClusterProfile',
      metadata: { name: 'random' },
      // From 1.36 on a range with an address's bits is refused.
      spec: {
        kubernetesVersion: '1.35',
        podNetwork: { routable: true, ...(policies === null ? {} : { policies }) },
        nodes: nodes.map((name) => ({ name })),
      },
    },
    ...namespaces.map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { ...someOf(random, namespaceLabels), 'kubernetes.io/metadata.name': name } },
    })),
    ...pods,
    ...namespaced,
  ];
  const podNames = pods.map(({ metadata: { name, namespace } }) => `pod/${name}.${namespace}`);
  const probes = Array.from({ length: probesEach }, () => {
    const [one, other] = [random.pick(podNames), random.pick([...podNames, ...outside[family]])];
    const [from, to] = random.below(2) === 0 ? [one, other] : [other, one];
    return { from, to, port: random.pick(words.ports), protocol: random.pick(protocols) };
  });
  const forCluster = hasTiers ? randomClusterPolicies(random, exactWords) : [];
  // What a pod asks itself doesn't leave it.
  return { objects: [...objects, ...forCluster], probes: probes.filter(({ from, to }) => from !== to) };
}

function randomPod(random: SeededRandom, family: 'IPv4' | 'IPv6', namespaces: readonly string[], index: number) {
  const node = random.below(nodes.length);
  const podIP = family === 'IPv4' ? `10.244.${node + 1}.${10 + index}` : `fd00:10:244:${node + 1}::${10 + index}`;
  const ports = words.ports.flatMap((containerPort) =>
    random.below(2) === 0
      ? []
      : [{ containerPort, protocol: random.pick(protocols), name: random.pick(words.portNames.slice(0, 3)) }],
  );
  // A name may stand for ports of several protocols, but not for two of one.
  const named = ports.filter(
    (each, at) => ports.findIndex(({ name, protocol }) => name === each.name && protocol === each.protocol) === at,
  );
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `pod-${index}`,
      namespace: random.pick(namespaces),
      labels: someOf(random, labels),
    },
    spec: { nodeName: nodes[node] ?? '', containers: [{ name: 'server', image: 'x', ports: named }] },
    status: { podIP, podIPs: [{ ip: podIP }], phase: 'Running' },
  };
}

/** A value for some of the keys. */
function someOf(random: SeededRandom, from: Words): Record<string, string> {
  return Object.fromEntries(
    Object.entries(from).flatMap(([key, values]) => (random.below(6) === 0 ? [] : [[key, random.pick(values)]])),
  );
}
