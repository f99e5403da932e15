import type { ClusterPolicyKind, Tier } from '../../shared/cluster/clusterNetworkPolicy.ts';
import type { MapValue } from '../../shared/manifest/value.ts';
import type { SeededRandom } from '../seededRandom.ts';
import { type PolicyWords, randomSelector } from './randomPolicy.ts';

/**
 * Some policies for the whole cluster, each of its tier's priorities but once; either ClusterNetworkPolicies of both
 * tiers, or what they were: AdminNetworkPolicies and the baseline.
 */
export function randomClusterPolicies(random: SeededRandom, words: PolicyWords): MapValue[] {
  const some = (priorities: readonly number[]): number[] => priorities.filter(() => random.below(2) === 0);
  const ofTier = (tier: Tier, priorities: readonly number[]): MapValue[] =>
    some(priorities).map((priority) =>
      randomClusterPolicy(random, words, { name: `${tier.toLowerCase()}-${priority}`, tier, priority }),
    );
  if (random.below(2) === 0) return [...ofTier('Admin', [0, 1, 40, 1000]), ...ofTier('Baseline', [0, 500])];
  return [
    ...some([0, 1, 40, 1000]).map((priority) => randomAdminPolicy(random, words, priority)),
    ...some([0]).map(() => randomBaseline(random, words)),
  ];
}

/** A ClusterNetworkPolicy in every shape but those that rest on nodes or on domain names. */
export function randomClusterPolicy(
  random: SeededRandom,
  words: PolicyWords,
  { name, tier, priority }: { readonly name: string; readonly tier: Tier; readonly priority: number },
): MapValue {
  return {
    apiVersion: 'policy.networking.k8s.io/v1alpha2',
    kind: 'ClusterNetworkPolicy',
    metadata: { name },
    spec: {
      tier,
      priority,
      ...randomSpec(random, words, { kind: 'ClusterNetworkPolicy', actions: ['Accept', 'Deny', 'Pass'] }),
    },
  };
}

function randomAdminPolicy(random: SeededRandom, words: PolicyWords, priority: number): MapValue {
  return {
    apiVersion: 'policy.networking.k8s.io/v1alpha1',
    kind: 'AdminNetworkPolicy',
    metadata: { name: `admin-${priority}` },
    spec: {
      priority,
      ...randomSpec(random, words, { kind: 'AdminNetworkPolicy', actions: ['Allow', 'Deny', 'Pass'] }),
    },
  };
}

function randomBaseline(random: SeededRandom, words: PolicyWords): MapValue {
  return {
    apiVersion: 'policy.networking.k8s.io/v1alpha1',
    kind: 'BaselineAdminNetworkPolicy',
    metadata: { name: 'default' },
    spec: randomSpec(random, words, { kind: 'BaselineAdminNetworkPolicy', actions: ['Allow', 'Deny'] }),
  };
}

/** How a kind writes its rules. */
interface Written {
  readonly kind: ClusterPolicyKind;
  readonly actions: readonly string[];
}

function randomSpec(random: SeededRandom, words: PolicyWords, written: Written): MapValue {
  const rules = (side: 'from' | 'to'): MapValue[] =>
    Array.from({ length: random.below(4) }, () => randomRule(random, words, { side, ...written }));
  return { subject: randomPods(random, words), ingress: rules('from'), egress: rules('to') };
}

function randomPods(random: SeededRandom, { labels, namespaceLabels }: PolicyWords): MapValue {
  const namespaces = random.below(3) === 0 ? {} : randomSelector(random, namespaceLabels);
  return random.below(2) === 0
    ? { namespaces }
    : { pods: { namespaceSelector: namespaces, podSelector: randomSelector(random, labels) } };
}

function randomRule(
  random: SeededRandom,
  words: PolicyWords,
  { side, kind, actions }: Written & { readonly side: 'from' | 'to' },
): MapValue {
  const peers = Array.from({ length: 1 + random.below(2) }, () =>
    side === 'to' && random.below(2) === 0 ? { networks: [random.pick(words.ranges)[0]] } : randomPods(random, words),
  );
  // The API server refuses a name beside a range.
  const hasNames = peers.every((each) => !('networks' in each));
  const ports = Array.from({ length: random.below(3) }, () => randomPort(random, words, { kind, hasNames }));
  const field = kind === 'ClusterNetworkPolicy' ? 'protocols' : 'ports';
  return { action: random.pick(actions), [side]: peers, ...(ports.length > 0 ? { [field]: ports } : {}) };
}

function randomPort(
  random: SeededRandom,
  { ports, portNames }: PolicyWords,
  { kind, hasNames }: { readonly kind: ClusterPolicyKind; readonly hasNames: boolean },
): MapValue {
  const protocol = random.pick(['TCP', 'UDP', 'SCTP']);
  const number = random.pick(ports);
  const range = { start: number, end: number + random.pick([1, 1000]) };
  const isNewest = kind === 'ClusterNetworkPolicy';
  switch (random.below(hasNames ? 4 : 3)) {
    case 0:
      return isNewest
        ? { [protocol.toLowerCase()]: { destinationPort: { range } } }
        : { portRange: { protocol, ...range } };
    case 3: {
      const name = random.pick(portNames);
      return isNewest ? { destinationNamedPort: name } : { namedPort: name };
    }
    default:
      return isNewest
        ? { [protocol.toLowerCase()]: { destinationPort: { number } } }
        : { portNumber: { protocol, port: number } };
  }
}
