import { expect, test } from 'vitest';
import { partyId } from '../shared/trace/trace.ts';
import { clusterOf, traceIn } from './scene.ts';

const addresses = (node: number, nth: number): { podIP: string; podIPs: readonly object[] } => ({
  podIP: `10.244.${node}.${nth}`,
  podIPs: [{ ip: `10.244.${node}.${nth}` }, { ip: `fd00:10:244:${node}::${nth}` }],
});

const ingress = (name: string, annotations: object = {}, className = 'nginx'): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name, annotations },
  spec: {
    ingressClassName: className,
    rules: [
      {
        host: `${name}.example`,
        http: {
          paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }],
        },
      },
    ],
  },
});

/** Two nodes of both families, Service `web` of the given families with its pods, and what else is given. */
function cluster(
  {
    ipFamilies = ['IPv4', 'IPv6'],
    spec = {},
    target = 'nodePort',
    provider = 'generic',
    pods = [1, 2],
  }: {
    readonly ipFamilies?: readonly string[];
    readonly spec?: object;
    readonly target?: string | null;
    readonly provider?: string;
    readonly pods?: readonly number[];
  },
  ...more: readonly object[]
): ReturnType<typeof clusterOf> {
  return clusterOf([
    {
      apiVersion: 'hoplens.dev/v1alpha1',
      kind: 'ClusterProfile',
      metadata: { name: 'test' },
      spec: {
        nodes: { count: 2 },
        podNetwork: { cidr: '10.244.0.0/16,fd00:10:244::/56', cni: 'calico', routable: true },
        serviceCIDR: '10.96.0.0/12,fd00:10:96::/112',
        loadBalancer: { provider, ...(target === null ? {} : { target }) },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: {
        type: 'LoadBalancer',
        ipFamilies,
        ipFamilyPolicy: ipFamilies.length === 2 ? 'RequireDualStack' : 'SingleStack',
        selector: { app: 'web' },
        ports: [{ port: 80, nodePort: 30080 }],
        ...spec,
      },
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.80' }, { ip: '2001:db8:3::80' }] } },
    },
    ...pods.map((node) => pod(`web-${node}`, node, addresses(node, 10))),
    ...more,
  ]);
}

function pod(name: string, node: number, status: object, labels: object = { app: 'web' }): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec: { nodeName: `node-${node}`, containers: [{ name: 'web', ports: [{ containerPort: 80 }] }] },
    status,
  };
}

/** Each path's last party, whom it sees, and at which address it is reached; or why it ends. */
function ends(model: ReturnType<typeof clusterOf>, target: string, from = 'internet', headers = {}): string[] {
  return traceIn(model, target, from, headers).paths.map(({ probability, hops, verdict, seenBy }) => {
    const to = hops.at(-1)?.to;
    const reached = to === undefined ? '' : `${partyId(to)} at ${to.address}`;
    return verdict.kind === 'delivered'
      ? `${probability.toFraction()} ${reached} = ${verdict.address} from ${seenBy.at(-1)?.source}`
      : `${verdict.kind} ${verdict.reason}`;
  });
}

test('a load balancer straight to pods sends by the family that it was asked in', () => {
  const model = cluster({ target: 'pod' });
  expect(ends(model, 'http://[2001:db8:3::80]/')).toEqual([
    '1/2 pod/web-1 at fd00:10:244:1::10 = fd00:10:244:1::10 from 2001:db8:7::7',
    '1/2 pod/web-2 at fd00:10:244:2::10 = fd00:10:244:2::10 from 2001:db8:7::7',
  ]);
  expect(ends(model, 'http://203.0.113.80/')).toEqual([
    '1/2 pod/web-1 at 10.244.1.10 = 10.244.1.10 from 198.51.100.7',
    '1/2 pod/web-2 at 10.244.2.10 = 10.244.2.10 from 198.51.100.7',
  ]);
  expect(ends(cluster({ target: 'pod', ipFamilies: ['IPv4'] }), 'http://[2001:db8:3::80]/')).toEqual([
    'dropped no-endpoints',
  ]);
});

test('an NLB has one target group, of IPv6 as soon as the Service has it', () => {
  const model = cluster({ target: null, provider: 'aws-nlb-ip', pods: [1] });
  expect([ends(model, 'http://203.0.113.80/'), ends(model, 'http://[2001:db8:3::80]/')]).toEqual([
    ['1 pod/web-1 at fd00:10:244:1::10 = fd00:10:244:1::10 from 2001:db8:3::80'],
    ['1 pod/web-1 at fd00:10:244:1::10 = fd00:10:244:1::10 from 2001:db8:3::80'],
  ]);
});

test.each([
  ['svc/web', '2001:db8:9::9', '1 pod/web-1 at fd00:10:244:1::10 = fd00:10:244:1::10 from 2001:db8:9::9'],
  ['svc/web', '198.51.100.9', '1 pod/web-1 at 10.244.1.10 = 10.244.1.10 from 198.51.100.9'],
])('%s is asked at an address of the client family, from %s', (target, from, expected) => {
  expect(ends(cluster({ target: 'pod', pods: [1] }), target, from)).toEqual([expected]);
});

test('an IPv6 Service by its nodePort is asked at the IPv6 addresses of the nodes', () => {
  const model = cluster({ ipFamilies: ['IPv6'], spec: { type: 'NodePort' }, pods: [1] });
  expect(ends(model, 'svc/web').map((each) => each.replace(/ from .*/, ''))).toEqual([
    '1/2 pod/web-1 at fd00:10:244:1::10 = fd00:10:244:1::10',
    '1/2 pod/web-1 at fd00:10:244:1::10 = fd00:10:244:1::10',
  ]);
});

/** Who asks a headless Service, or one with a cluster address: pods of one family, and of both. */
const clients = [
  pod('four', 1, { podIP: '10.244.1.50', podIPs: [{ ip: '10.244.1.50' }] }, {}),
  pod('six', 1, { podIP: 'fd00:10:244:1::50', podIPs: [{ ip: 'fd00:10:244:1::50' }] }, {}),
  pod('both', 1, addresses(1, 51), {}),
];

test.each([{ clusterIP: 'None', type: 'ClusterIP' }, { type: 'ClusterIP' }])(
  'a name stands for addresses of both families, and a client asks by its own: %o',
  (spec) => {
    const model = cluster({ spec, pods: [2] }, ...clients);
    expect(['four', 'six', 'both'].map((name) => ends(model, 'svc/web', `pod/${name}`))).toEqual([
      ['1 pod/web-2 at 10.244.2.10 = 10.244.2.10 from 10.244.1.50'],
      ['1 pod/web-2 at fd00:10:244:2::10 = fd00:10:244:2::10 from fd00:10:244:1::50'],
      ['1 pod/web-2 at 10.244.2.10 = 10.244.2.10 from 10.244.1.51'],
    ]);
    expect(traceIn(model, 'svc/web', 'pod/both').assumptions.map(({ id }) => id)).toContain('family:default/web');
    const other = cluster({ spec, ipFamilies: ['IPv4'], pods: [2] }, ...clients);
    expect(ends(other, 'svc/web', 'pod/six')).toEqual(['unroutable other-family']);
  },
);

const controller = [
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'nginx' },
    spec: { controller: 'k8s.io/ingress-nginx' },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'ingress-nginx-controller' },
    spec: {
      type: 'LoadBalancer',
      ipFamilies: ['IPv4', 'IPv6'],
      ipFamilyPolicy: 'RequireDualStack',
      selector: { app: 'ingress' },
      ports: [{ port: 80, nodePort: 30090 }],
    },
    status: { loadBalancer: { ingress: [{ ip: '203.0.113.90' }, { ip: '2001:db8:3::90' }] } },
  },
];
const nginx = (status: object): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'ingress-nginx-controller-0', labels: { app: 'ingress' } },
  spec: {
    nodeName: 'node-1',
    containers: [{ name: 'controller', image: 'registry.k8s.io/ingress-nginx/controller:v1.13.0', ports: [] }],
  },
  status,
});

test('an Ingress controller sends to the endpoints of both families, each from its own address of that family', () => {
  const model = cluster({ pods: [1] }, ...controller, nginx(addresses(1, 60)), ingress('shop'));
  for (const asked of ['203.0.113.90', '[2001:db8:3::90]'])
    expect(ends(model, `http://${asked}/`, 'internet', { host: 'shop.example' })).toEqual([
      '1/4 pod/web-1 at 10.244.1.10 = 10.244.1.10 from 10.244.1.60',
      '1/4 pod/web-1 at fd00:10:244:1::10 = fd00:10:244:1::10 from fd00:10:244:1::60',
      '1/4 pod/web-1 at 10.244.1.10 = 10.244.1.10 from 10.244.1.60',
      '1/4 pod/web-1 at fd00:10:244:1::10 = fd00:10:244:1::10 from fd00:10:244:1::60',
    ]);
});

test.each([
  ['six', '[2001:db8:3::90]:80'],
  ['four', '203.0.113.90:80'],
  ['both', '203.0.113.90:80'],
])("inside, too, a controller's balancer is asked at an address of the client's family: pod %s", (client, expected) => {
  const model = cluster({ pods: [1] }, ...controller, nginx(addresses(1, 60)), ingress('shop'), ...clients);
  const { paths, assumptions } = traceIn(model, 'http://shop.example/', `pod/${client}`);
  expect(new Set(paths.map(({ hops }) => hops[0]?.rewrites[0]?.from))).toEqual(new Set([expected]));
  expect(new Set(paths.map(({ verdict }) => verdict.kind))).toEqual(new Set(['delivered']));
  expect(assumptions.some(({ id }) => id.startsWith('family:'))).toBe(client === 'both');
});

test('an external address is asked for in the family of the client', () => {
  const externalIPs = ['203.0.113.91', '2001:db8:3::91'];
  const model = cluster({ spec: { type: 'ClusterIP', externalIPs }, pods: [1] });
  const asked = (from: string): unknown[] => [
    ...new Set(traceIn(model, 'svc/web', from).paths.map(({ hops }) => hops[0]?.packet.destination.address)),
  ];
  expect([asked('198.51.100.9'), asked('2001:db8:9::9')]).toEqual([['203.0.113.91'], ['2001:db8:3::91']]);
});

test('a controller that has none of the endpoints’ families answers itself', () => {
  const model = cluster(
    { ipFamilies: ['IPv6'], pods: [1] },
    ...controller,
    nginx({ podIP: '10.244.1.60', podIPs: [{ ip: '10.244.1.60' }] }),
    ingress('shop'),
  );
  expect(new Set(ends(model, 'http://203.0.113.90/', 'internet', { host: 'shop.example' }))).toEqual(
    new Set(['answered other-family']),
  );
});

test('an ALB sends to pods by IPv6 as soon as the Service has it, GKE by its first family', () => {
  const ip = ingress('alb', { 'alb.ingress.kubernetes.io/target-type': 'ip' }, 'alb');
  const model = cluster({ pods: [1], spec: { type: 'ClusterIP' } }, ip, ingress('gke', {}, 'gce'));
  expect(ends(model, 'http://alb.example/').map((each) => each.replace(/ from .*/, ''))).toEqual([
    '1 pod/web-1 at fd00:10:244:1::10 = fd00:10:244:1::10',
  ]);
  expect(ends(model, 'http://gke.example/').map((each) => each.replace(/ from .*/, ''))).toEqual([
    '1 pod/web-1 at 10.244.1.10 = 10.244.1.10',
  ]);
});

test("kube-proxy's health server of a family counts the endpoints of that family", () => {
  const slice = (family: string, endpoints: readonly object[]): object => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `web-${family.toLowerCase()}`,
      labels: {
        'kubernetes.io/service-name': 'web',
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
    },
    addressType: family,
    ports: [{ port: 80 }],
    endpoints,
  });
  const model = cluster(
    { spec: { externalTrafficPolicy: 'Local', healthCheckNodePort: 32000 }, pods: [1] },
    slice('IPv4', [{ addresses: ['10.244.1.10'], nodeName: 'node-1' }]),
    slice('IPv6', []),
  );
  const status = (host: string): number | string => {
    const verdict = traceIn(model, `http://${host}:32000/healthz`).paths[0]?.verdict;
    return verdict?.kind === 'answered' ? verdict.status : (verdict?.kind ?? '');
  };
  expect([status('192.168.0.11'), status('[fd00:192:168::b]')]).toEqual([200, 503]);
});
