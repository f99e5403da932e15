import { randomClusterPolicies, randomClusterPolicy } from '../policy/randomClusterPolicy.ts';
import type { PolicyWords } from '../policy/randomPolicy.ts';
import type { SeededRandom } from '../seededRandom.ts';

/** What policies for the whole cluster speak of in such a set. */
export const clusterWords: PolicyWords = {
  labels: { app: ['w0', 'w1', 'w2'], tier: ['front', 'back'], role: ['db'] },
  namespaceLabels: { team: ['a', 'b'], 'kubernetes.io/metadata.name': ['default', 'shop', 'bare'] },
  ports: [53, 80, 8080, 9000],
  portNames: ['http', 'metrics', 'dns'],
  ranges: [['10.244.0.0/16'], ['0.0.0.0/0'], ['192.168.0.0/16'], ['198.51.100.0/24'], ['203.0.113.0/25'], ['::/0']],
};

/** Policies for the whole cluster; some of one priority that may disagree. */
export function randomTiers(random: SeededRandom): object[] {
  const tier = random.pick(['Admin', 'Baseline'] as const);
  return [
    ...randomClusterPolicies(random, clusterWords),
    ...Array.from({ length: random.below(3) }, (_, index) =>
      randomClusterPolicy(random, clusterWords, { name: `tie-${index}`, tier, priority: 1 }),
    ),
  ];
}

/** Workloads of every kind that tells pods apart, and policies of every shape, as JSON manifests. */
export function randomPolicies(
  random: SeededRandom,
  size: { readonly workloads: number; readonly policies: number },
): object[] {
  const namespaces = ['default', 'shop', 'ops', 'bare'];
  const described = namespaces.slice(1, 3).map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { team: random.pick(['a', 'b']) } },
  }));
  return [
    ...described,
    ...Array.from({ length: size.workloads }, (_, index) => randomWorkload(random, index, namespaces)).flat(),
    ...Array.from({ length: size.policies }, (_, index) => randomPolicy(random, index, namespaces)),
  ];
}

function randomWorkload(random: SeededRandom, index: number, namespaces: readonly string[]): object[] {
  const chance = (share: number): boolean => random.below(100) < share;
  const name = `w${index}`;
  const namespace = random.pick(namespaces);
  const labels = { app: name, tier: random.pick(['front', 'back']), ...(chance(30) ? { role: 'db' } : {}) };
  const kind = random.pick(['Deployment', 'Deployment', 'StatefulSet', 'DaemonSet']);
  const ports = [
    { name: random.pick(['http', 'metrics']), containerPort: random.pick([80, 8080]) },
    ...(chance(40) ? [{ name: 'dns', containerPort: 53, protocol: 'UDP' }] : []),
  ];
  return [
    {
      apiVersion: 'apps/v1',
      kind,
      metadata: { name, namespace },
      spec: {
        ...(kind === 'DaemonSet' ? {} : { replicas: 1 + random.below(3) }),
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels },
          spec: { ...(chance(15) ? { hostNetwork: true } : {}), containers: [{ name: 'main', image: 'main', ports }] },
        },
      },
    },
    ...(chance(40)
      ? [
          {
            apiVersion: 'v1',
            kind: 'Service',
            metadata: { name, namespace },
            spec: {
              type: random.pick(['ClusterIP', 'NodePort', 'LoadBalancer']),
              externalTrafficPolicy: undefined,
              selector: { app: name },
              ports: [{ port: 80, targetPort: random.pick<string | number>([8080, 9000, 'http']) }],
            },
          },
        ]
      : []),
  ];
}

/** A NetworkPolicy that the API server takes. */
export function randomPolicy(random: SeededRandom, index: number, namespaces: readonly string[]): object {
  const chance = (share: number): boolean => random.below(100) < share;
  const rules = (side: 'from' | 'to'): object[] =>
    Array.from({ length: random.below(3) }, () => ({
      ...(chance(80) ? { [side]: Array.from({ length: 1 + random.below(2) }, () => randomPeer(random)) } : {}),
      ...(chance(60) ? { ports: Array.from({ length: 1 + random.below(2) }, () => randomPort(random)) } : {}),
    }));
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `p${index}`, namespace: random.pick(namespaces) },
    spec: {
      podSelector: chance(30) ? {} : randomSelector(random),
      policyTypes: random.pick([['Ingress'], ['Egress'], ['Ingress', 'Egress']]),
      ingress: rules('from'),
      egress: rules('to'),
    },
  };
}

function randomPeer(random: SeededRandom): object {
  switch (random.below(6)) {
    case 0:
      return { ipBlock: { cidr: '0.0.0.0/0', ...(random.below(2) === 0 ? { except: ['10.244.1.0/24'] } : {}) } };
    case 1:
      return {
        ipBlock: { cidr: random.pick(['10.244.0.0/24', '192.168.0.0/16', '198.51.100.0/24', '10.244.2.2/32']) },
      };
    case 2:
      return { namespaceSelector: random.pick<object>([{}, { matchLabels: { team: 'a' } }]) };
    case 3:
      return {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': random.pick(['shop', 'default']) } },
        podSelector: randomSelector(random),
      };
    default:
      return { podSelector: randomSelector(random) };
  }
}

function randomSelector(random: SeededRandom): object {
  return random.pick<object>([
    { matchLabels: { tier: random.pick(['front', 'back']) } },
    { matchLabels: { app: `w${random.below(6)}` } },
    { matchExpressions: [{ key: 'role', operator: random.pick(['Exists', 'DoesNotExist']) }] },
    { matchExpressions: [{ key: 'tier', operator: random.pick(['In', 'NotIn']), values: ['front'] }] },
    { matchLabels: { 'statefulset.kubernetes.io/pod-name': `w${random.below(6)}-0` } },
  ]);
}

function randomPort(random: SeededRandom): object {
  return random.pick<object>([
    { port: 80 },
    { port: 8080 },
    { port: 'http' },
    { port: 'dns', protocol: 'UDP' },
    { port: 8000, endPort: 9000 },
    { protocol: 'UDP' },
    {},
  ]);
}
