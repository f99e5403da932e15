import type { MapValue } from '../../shared/manifest/value.ts';
import type { SeededRandom } from '../seededRandom.ts';

/** What a made-up policy may speak of: what is there, and a little that isn't. */
export interface PolicyWords {
  readonly labels: Words;
  readonly namespaceLabels: Words;
  readonly ports: readonly number[];
  readonly portNames: readonly string[];
  /** Each range with ranges within it. */
  readonly ranges: readonly (readonly [range: string, ...within: string[]])[];
}

/** Values by key. */
export type Words = Readonly<Record<string, readonly string[]>>;

type Chance = (share: number) => boolean;

/** Some of what a policy can say, in every shape that the API server takes. */
export function randomPolicy(random: SeededRandom, words: PolicyWords, metadata: MapValue): MapValue {
  const chance: Chance = (share) => random.below(100) < share;
  const rules = (side: 'from' | 'to'): MapValue[] =>
    Array.from({ length: random.below(4) }, () => randomRule(random, words, side));
  const types = random.pick([
    {},
    {},
    { policyTypes: [] },
    { policyTypes: ['Ingress'] },
    { policyTypes: ['Egress'] },
    { policyTypes: ['Ingress', 'Egress'] },
    { policyTypes: ['Egress', 'Ingress'] },
  ]);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata,
    spec: {
      ...(chance(5) ? {} : { podSelector: chance(35) ? {} : randomSelector(random, words.labels) }),
      ...types,
      ...(chance(75) ? { ingress: rules('from') } : {}),
      ...(chance(50) ? { egress: rules('to') } : {}),
    },
  };
}

function randomRule(random: SeededRandom, words: PolicyWords, side: 'from' | 'to'): MapValue {
  const peers = Array.from({ length: random.below(3) }, () => randomPeer(random, words));
  const ports = Array.from({ length: random.below(3) }, () => randomPort(random, words));
  return {
    ...(peers.length > 0 || random.below(2) === 0 ? { [side]: peers } : {}),
    ...(ports.length > 0 || random.below(2) === 0 ? { ports } : {}),
  };
}

function randomPeer(random: SeededRandom, { labels, namespaceLabels, ranges }: PolicyWords): MapValue {
  switch (random.below(5)) {
    case 0:
      return { podSelector: randomSelector(random, labels) };
    case 1:
      return { namespaceSelector: randomSelector(random, namespaceLabels) };
    case 2:
      return {
        namespaceSelector: randomSelector(random, namespaceLabels),
        podSelector: randomSelector(random, labels),
      };
    default: {
      const [cidr, ...within] = random.pick(ranges);
      const except = within.filter(() => random.below(3) === 0);
      return { ipBlock: { cidr, ...(except.length > 0 ? { except } : {}) } };
    }
  }
}

/** Of no label, of one, or of several; by a key that nobody has, too. */
export function randomSelector(random: SeededRandom, words: Words): MapValue {
  const keys = [...Object.keys(words), 'nobody.has/this'];
  const valueOf = (key: string): string =>
    random.below(12) === 0 ? random.pick(['other', '']) : random.pick(words[key] ?? ['other']);
  const matchLabels = Object.fromEntries(
    keys.filter(() => random.below(2 * keys.length) === 0).map((key) => [key, valueOf(key)]),
  );
  const matchExpressions = Array.from({ length: random.below(5) < 2 ? 1 + random.below(2) : 0 }, () => {
    const key = random.pick(keys);
    const operator = random.pick(['In', 'In', 'In', 'NotIn', 'Exists', 'DoesNotExist']);
    return operator.endsWith('In')
      ? { key, operator, values: Array.from({ length: 1 + random.below(2) }, () => valueOf(key)) }
      : { key, operator };
  });
  return {
    ...(Object.keys(matchLabels).length > 0 ? { matchLabels } : {}),
    ...(matchExpressions.length > 0 ? { matchExpressions } : {}),
  };
}

function randomPort(random: SeededRandom, { ports, portNames }: PolicyWords): MapValue {
  const protocol = random.pick([{}, {}, { protocol: 'TCP' }, { protocol: 'UDP' }, { protocol: 'SCTP' }]);
  const port = random.pick(ports);
  switch (random.below(6)) {
    case 0:
      return protocol;
    case 1:
    case 2:
      return { ...protocol, port: random.pick(portNames) };
    case 3:
      return { ...protocol, port, endPort: port + random.pick([0, 1, 1000]) };
    default:
      return { ...protocol, port };
  }
}
