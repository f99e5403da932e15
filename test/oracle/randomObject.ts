import type { SeededRandom } from '../seededRandom.ts';

/** A made-up Service or EndpointSlice with a fault in it, or several, or none: what the API server is asked to take. */
export function randomObject(random: SeededRandom): object {
  return random.below(3) === 0 ? randomSlice(random) : randomService(random);
}

const names = ['web', 'web-1', '1web', 'Web', 'web_', '-web', 'w'.repeat(64), 'web.svc', 'a', ''];
const ips = [
  '10.0.0.1',
  '10.0.0.256',
  '010.0.0.1',
  'fd00::1',
  '::ffff:10.0.0.1',
  'None',
  '',
  '127.0.0.1',
  '169.254.1.1',
  '224.0.0.1',
  '0.0.0.0',
  '::1',
  'fe80::1',
  'ff02::1',
  '10.0.0.1/24',
  'fd00::1%eth0',
  '::',
  '1.2.3',
  'FD00::1',
  'fd00:0:0:0:0:0:0:1',
  'fd00::0001',
  'fd00::1:0:0:0:1',
  '1::2:3:4:5:6:7',
  '1:0:0:2:0:0:3:4',
  'fd00::10.0.0.1',
];
const ranges = [
  '10.0.0.0/8',
  '10.0.0.1/8',
  ' 10.0.0.0/8 ',
  '10.0.0.0',
  '10.0.0.0/33',
  'fd00::/16',
  'fd00::/0129',
  '010.0.0.0/8',
  '10.0.0.0/08',
  '::/0',
  'nonsense',
];
const labels = [
  'app',
  'app.kubernetes.io/name',
  '/app',
  'a/b/c',
  '',
  'a b',
  'x'.repeat(64),
  'Example.com/app',
  'example.com/',
];
const fqdns = ['example.com', 'example', 'example.com.', 'Example.com', 'a..b', '', '.'];

const annotationKeys = [
  'service.beta.kubernetes.io/aws-load-balancer-internal',
  'service.kubernetes.io/topology-mode',
  'service.kubernetes.io/topology-aware-hints',
  'Example.com/Note',
];
const finalizerNames = [
  'kubernetes',
  'orphan',
  'foregroundDeletion',
  'example.com/wait',
  'wait',
  'a b',
  '',
  'a/b/c',
  '/x',
];

/** A field that is mostly left out. */
function maybe<T>(random: SeededRandom, share: number, name: string, value: () => T): Record<string, T> {
  return random.below(100) < share ? { [name]: value() } : {};
}

function some<T>(random: SeededRandom, most: number, item: () => T): T[] {
  return Array.from({ length: random.below(most + 1) }, item);
}

/** Labels, annotations and finalizers, rightly typed but for one in sixteen. */
function randomMetadata(random: SeededRandom, annotations: readonly string[]): Record<string, unknown> {
  const text = (texts: readonly string[]): unknown =>
    random.below(16) === 0 ? random.pick([true, 1, 1.5, null, ['x'], {}]) : random.pick(texts);
  const byName = (keys: readonly string[], texts: readonly string[]): Record<string, unknown> =>
    Object.fromEntries(some(random, 2, () => [random.pick(keys), text(texts)] as const));
  return {
    ...maybe(random, 25, 'labels', () => byName(labels, ['web', '', 'a b', 'y'.repeat(64), '-a', 'A_b.c-d', 'ä'])),
    ...maybe(random, 30, 'annotations', () => ({
      ...byName([...annotations, ...labels], ['Auto', 'auto', '', 'true', 'any text, at any length']),
      ...(random.below(4) === 0
        ? Object.fromEntries(annotations.slice(1, 3).map((each) => [each, random.pick(['Auto', 'auto'])]))
        : {}),
      ...maybe(random, 2, 'example.com/long', () =>
        random.pick(['x'.repeat(262_144), 'x'.repeat(262_128), 'ä'.repeat(131_100)]),
      ),
    })),
    ...maybe(random, 12, 'finalizers', () => some(random, 3, () => text(finalizerNames))),
    ...maybe(random, 2, 'lables', () => ({ app: 'web' })),
    ...maybe(random, 1, 'generation', () => 'one'),
  };
}

function randomService(random: SeededRandom): object {
  const pick =
    <T>(items: readonly T[]) =>
    (): T =>
      random.pick(items);
  const rarely = (name: string, value: () => unknown, share = 12): Record<string, unknown> =>
    maybe(random, share, name, value);
  const spec = {
    ...rarely(
      'type',
      pick(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName', 'LoadBalancer', 'NodePort', 'Nodeport', '']),
      70,
    ),
    ...rarely(
      'ports',
      () =>
        some(random, 3, () => ({
          ...rarely('name', pick(['http', 'https', 'http', 'HTTP', 'a'.repeat(64), 'a_b', '']), 60),
          ...rarely('port', pick([80, 443, 0, -1, 65535, 65536]), 95),
          ...rarely('protocol', pick(['TCP', 'UDP', 'SCTP', 'tcp', 'HTTP', '']), 30),
          ...rarely(
            'targetPort',
            pick(['http', 'HTTP', 8080, 0, 70000, 'a--b', '-a', '80', 'sixteen-letters-x', '']),
            50,
          ),
          ...rarely('nodePort', pick([30080, 30080, 30081, 0]), 25),
          ...rarely('appProtocol', pick(['http', 'kubernetes.io/h2c', 'a b', 'Example.com/x', ''])),
        })),
      90,
    ),
    ...rarely('selector', () => ({ [random.pick(labels)]: random.pick(['web', '', 'a b', 'y'.repeat(64), '-a']) }), 30),
    ...rarely('clusterIP', pick(ips)),
    ...rarely('clusterIPs', () => some(random, 3, pick(ips))),
    ...rarely('ipFamilies', () => some(random, 2, pick(['IPv4', 'IPv6', 'IPV4']))),
    ...rarely('ipFamilyPolicy', pick(['SingleStack', 'PreferDualStack', 'RequireDualStack', 'DualStack'])),
    ...(random.below(8) === 0 ? randomFamilies(random) : {}),
    ...rarely('externalIPs', () => some(random, 2, pick(ips))),
    ...rarely('externalName', pick(fqdns), 20),
    ...rarely('sessionAffinity', pick(['None', 'ClientIP', 'clientIP', '']), 20),
    ...rarely('sessionAffinityConfig', () => ({
      clientIP: { timeoutSeconds: random.pick([10, 0, 86400, 86401, -1]) },
    })),
    ...rarely('loadBalancerSourceRanges', () => some(random, 2, pick(ranges))),
    ...rarely('loadBalancerClass', pick(['example.com/lb', 'a b', ''])),
    ...rarely('allocateLoadBalancerNodePorts', pick([true, false])),
    ...rarely('healthCheckNodePort', pick([31000, 0, 70000, -1])),
    ...rarely('externalTrafficPolicy', pick(['Cluster', 'Local', 'local', '']), 35),
    ...rarely('internalTrafficPolicy', pick(['Cluster', 'Local', 'None'])),
    ...rarely('trafficDistribution', pick(['PreferClose', 'PreferSameZone', 'PreferSameNode', 'PreferSame'])),
    ...rarely('extrenalTrafficPolicy', pick(['Local']), 3),
    ...rarely('publishNotReadyAddresses', pick([true, 'yes']), 5),
  };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      ...rarely('name', pick([...names, 'web', 'web', 'web']), 97),
      ...randomMetadata(random, annotationKeys),
      ...rarely(
        'annotations',
        () => ({
          'service.beta.kubernetes.io/load-balancer-source-ranges': random.pick([
            ...ranges,
            '10.0.0.0/8,fd00::/16',
            '',
          ]),
        }),
        8,
      ),
    },
    spec,
  };
}

/** Families, addresses and a policy that go together, or nearly. */
function randomFamilies(random: SeededRandom): Record<string, unknown> {
  const two = random.pick([
    { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', 'fd00::1'] },
    { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'] },
    { clusterIP: 'None', clusterIPs: ['None'] },
    { clusterIP: 'None' },
    { clusterIP: 'fd00::1' },
    {},
  ]);
  return {
    ...two,
    ...maybe(random, 70, 'ipFamilies', () => random.pick([['IPv4', 'IPv6'], ['IPv6', 'IPv4'], ['IPv4'], ['IPv6']])),
    ...maybe(random, 40, 'ipFamilyPolicy', () => random.pick(['SingleStack', 'PreferDualStack', 'RequireDualStack'])),
  };
}

function randomSlice(random: SeededRandom): object {
  const pick =
    <T>(items: readonly T[]) =>
    (): T =>
      random.pick(items);
  const rarely = (name: string, value: () => unknown, share = 12): Record<string, unknown> =>
    maybe(random, share, name, value);
  const type = random.pick(['IPv4', 'IPv4', 'IPv6', 'FQDN', 'ipv4', '']);
  const addresses = type === 'FQDN' ? fqdns : ips;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      ...rarely('name', pick([...names, 'web-1', 'a.b']), 97),
      ...randomMetadata(random, annotationKeys.slice(0, 1)),
    },
    ...rarely('addressType', () => type, 97),
    ports: some(random, 3, () => ({
      ...rarely('name', pick(['http', 'https', 'HTTP', '']), 70),
      ...rarely('port', pick([80, 0, 70000]), 90),
      ...rarely('protocol', pick(['TCP', 'UDP', 'tcp']), 60),
      ...rarely('appProtocol', pick(['http', 'a b'])),
    })),
    endpoints: some(random, 3, () => ({
      addresses: random.below(10) === 0 ? [] : [random.pick(addresses), ...some(random, 1, pick(addresses))],
      ...rarely('nodeName', pick(['node-1', 'Node 1', 'a.b', ''])),
      ...rarely('hostname', pick(['web-0', 'Web', 'a.b'])),
      ...rarely('hints', () => ({
        forZones: some(random, 3, () => ({ name: random.pick(['zone-a', 'zone-b', 'zone a', '']) })),
        forNodes: some(random, random.below(5) === 0 ? 9 : 2, () => ({
          name: random.pick(['node-1', 'node-2', 'Node 1', '']),
        })),
      })),
      ...rarely('conditions', () => ({ ready: random.pick([true, false]) }), 30),
      ...rarely('nodename', pick(['node-1']), 3),
    })),
  };
}
