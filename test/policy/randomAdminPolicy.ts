import type { MapValue } from '../../shared/manifest/value.ts';
import type { SeededRandom } from '../seededRandom.ts';
import { type PolicyWords, randomSelector } from './randomPolicy.ts';

const group = 'policy.networking.k8s.io/v1alpha1';

/** An AdminNetworkPolicy of a priority, in every shape but those that rest on nodes or on domain names. */
export function randomAdminPolicy(random: SeededRandom, words: PolicyWords, priority: number): MapValue {
  return {
    apiVersion: group,
    kind: 'AdminNetworkPolicy',
    metadata: { name: `admin-${priority}` },
    spec: { priority, ...randomSpec(random, words, ['Allow', 'Deny', 'Pass']) },
  };
}

export function randomBaselinePolicy(random: SeededRandom, words: PolicyWords): MapValue {
  return {
    apiVersion: group,
    kind: 'BaselineAdminNetworkPolicy',
    metadata: { name: 'default' },
    spec: randomSpec(random, words, ['Allow', 'Deny']),
  };
}

function randomSpec(random: SeededRandom, words: PolicyWords, actions: readonly string[]): MapValue {
  const rules = (side: 'from' | 'to'): MapValue[] =>
    Array.from({ length: random.below(4) }, () => randomRule(random, words, { side, action: random.pick(actions) }));
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
  { side, action }: { readonly side: 'from' | 'to'; readonly action: string },
): MapValue {
  const peers = Array.from({ length: 1 + random.below(2) }, () =>
    side === 'to' && random.below(2) === 0 ? { networks: [random.pick(words.ranges)[0]] } : randomPods(random, words),
  );
  // The API server refuses a name beside a range.
  const hasNames = peers.every((each) => !('networks' in each));
  const ports = Array.from({ length: random.below(3) }, () => randomPort(random, words, hasNames));
  return { action, [side]: peers, ...(ports.length > 0 ? { ports } : {}) };
}

function randomPort(random: SeededRandom, { ports, portNames }: PolicyWords, hasNames: boolean): MapValue {
  const protocol = random.pick(['TCP', 'UDP', 'SCTP']);
  const port = random.pick(ports);
  switch (random.below(hasNames ? 4 : 3)) {
    case 0:
      return { portRange: { protocol, start: port, end: port + random.pick([1, 1000]) } };
    case 3:
      return { namedPort: random.pick(portNames) };
    default:
      return { portNumber: { protocol, port } };
  }
}
