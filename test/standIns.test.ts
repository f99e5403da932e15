import { expect, test } from 'vitest';
import { Workspace } from '../shared/insight/workspace.ts';
import { addressOfGateway } from '../shared/network/gateway/assumedGateway.ts';
import { addressOfManual, addressOfWay, entryOf } from '../shared/network/wayIn.ts';
import { clusterOf, traceIn } from './scene.ts';

test('no two of 10,000 objects share a stand-in address or port', { timeout: 60_000 }, () => {
  const objects = Array.from({ length: 5000 }, (_, index) => {
    const name = `web-${index}`;
    const type = ['ClusterIP', 'NodePort', 'LoadBalancer', 'ClusterIP'][index < 1200 ? index % 3 : 3];
    return [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name },
        spec: { type, selector: { app: name }, ports: [{ port: 80 }] },
      },
      { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } }, spec: { containers: [] } },
    ];
  }).flat();
  const ingressOf = (ingressClassName: string, name: string): object => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name },
    spec: { ingressClassName, defaultBackend: { service: { name: 'web-1', port: { number: 80 } } } },
  });
  const gatewaysOf = (gatewayClassName: string): object[] =>
    Array.from({ length: 40 }, (_, index) => ({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: `${gatewayClassName}-${index}` },
      spec: { gatewayClassName, listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
    }));
  const clouds = ['alb', 'gce'].flatMap((name) =>
    Array.from({ length: 100 }, (_, index) => ingressOf(name, `${name}-${index}`)),
  );
  const balancers = Array.from({ length: 30 }, (_, index) => ({ name: `lb-${index}`, listen: 80, nodePort: 30080 }));
  const model = clusterOf([
    ...objects,
    ...['nginx', 'traefik', 'haproxy'].map((name) => ingressOf(name, name)),
    ...clouds,
    ...['eg', 'aws-alb', 'gke-l7-global-external-managed'].flatMap(gatewaysOf),
    {
      apiVersion: 'hoplens.dev/v1alpha1',
      kind: 'ClusterProfile',
      metadata: { name: 'test' },
      spec: { loadBalancers: balancers },
    },
  ]);
  const { services, pods, nodes, declared } = model;
  const ofManual = declared.profile.loadBalancers.map((each) => addressOfManual(model, each));
  const ofClouds = declared.ingresses.flatMap((ingress) => {
    const { way } = entryOf(model, ingress);
    return way.kind === 'cloud' ? [addressOfWay(model, way)] : [];
  });
  // Those of the others are their proxies' Services'.
  const ofGateways = declared.gatewayApi.gateways
    .filter(({ className }) => className !== 'eg')
    .map((gateway) => addressOfGateway(declared, gateway));
  expect([ofManual, ofClouds, ofGateways].map(({ length }) => length)).toEqual([30, 200, 80]);
  const addresses = [
    ...ofManual,
    ...ofClouds,
    ...ofGateways,
    ...services.flatMap(({ clusterIPs, loadBalancerAddresses }) => [...clusterIPs, ...loadBalancerAddresses]),
    ...pods.flatMap(({ hostNetwork, addresses: own }) => (hostNetwork ? [] : own)),
    ...nodes.flatMap((node) => node.addresses),
  ];
  const ports = services.flatMap((service) => service.ports.flatMap(({ nodePort }) => nodePort ?? []));
  expect(addresses.length).toBeGreaterThan(10_000);
  expect(new Set(addresses).size).toBe(addresses.length);
  expect(new Set(ports).size).toBe(ports.length);
});

const profile = {
  apiVersion: 'hoplens.dev/v1alpha1',
  kind: 'ClusterProfile',
  metadata: { name: 'test' },
  spec: { nodes: { count: 1 }, loadBalancers: [{ name: 'edge', listen: 80, nodePort: 30080 }] },
};
const ports = [{ port: 80, nodePort: 30080 }];
const selector = { app: 'web' };
const web = [
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { type: 'NodePort', selector, ports } },
  { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', labels: selector }, spec: { containers: [] } },
];

function balanced(status: object): object {
  const spec = { type: 'LoadBalancer', selector, ports: [{ port: 80 }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'shop' }, spec, status };
}

function gateway(className: string, status: object): object[] {
  return [
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'edge' },
      spec: { gatewayClassName: className, listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
      status,
    },
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'shop' },
      spec: {
        parentRefs: [{ name: 'edge' }],
        hostnames: ['shop.example'],
        rules: [{ backendRefs: [{ name: 'web', port: 80 }] }],
      },
    },
  ];
}

function ingress(status: object): object {
  const service = { name: 'web', port: { number: 80 } };
  const paths = [{ path: '/', pathType: 'Prefix', backend: { service } }];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'shop' },
    spec: { ingressClassName: 'alb', rules: [{ host: 'shop.example', http: { paths } }] },
    status,
  };
}

const given = { loadBalancer: { ingress: [{ ip: '198.51.100.80' }] } };
const givenToGateway = { addresses: [{ type: 'IPAddress', value: '198.51.100.80' }] };

test.each<[string, readonly object[], string, string[]]>([
  ['a Service', [balanced({})], 'svc/shop', ['address:default/shop']],
  ['a Service that has one', [balanced(given)], 'svc/shop', []],
  ["a Gateway's proxy", gateway('eg', {}), 'http://shop.example/', ['gateway-address:default/edge']],
  ['a Gateway that has one', gateway('eg', givenToGateway), 'http://shop.example/', []],
  ["a Gateway that is a cloud's", gateway('aws-alb', {}), 'http://shop.example/', ['gateway-address:default/edge']],
  ["a cloud's, for an Ingress", [ingress({})], 'http://shop.example/', ['ingress-address:default/shop']],
  ["a cloud's that an Ingress's status names", [ingress(given)], 'http://shop.example/', []],
  ["the profile's", [profile], 'http://edge.example/', ['balancer-address:edge']],
  ['none on the way', [...gateway('eg', {}), ingress({}), balanced({})], '192.168.0.11:30080', []],
])("a trace says whose balancer's address is a stand-in: %s", (_, objects, target, expected) => {
  const { paths, assumptions } = traceIn(clusterOf([...web, ...objects]), target);
  expect(new Set(paths.map(({ verdict }) => verdict.kind))).toEqual(new Set(['delivered']));
  expect(assumptions.map(({ id }) => id).filter((id) => id.includes('address:'))).toEqual(expected);
  const met = paths[0]?.hops[0]?.packet.destination.address ?? '';
  for (const { id, text } of assumptions)
    if (id.includes('address:')) expect(text).toMatch(new RegExp(`^${met} stands for the address `));
});

const pool = (profile: object, spec: object): object[] => [
  {
    apiVersion: 'hoplens.dev/v1alpha1',
    kind: 'ClusterProfile',
    metadata: { name: 'small' },
    spec: { nodes: { count: 1 }, ...profile },
  },
  ...Array.from({ length: 20 }, (_, index) => [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `s${index}` },
      spec: { ...spec, selector: { app: `a${index}` }, ports: [{ port: 80 }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `p${index}`, labels: { app: `a${index}` } },
      spec: { containers: [{ name: 'c', ports: [{ containerPort: 80 }] }] },
    },
  ]).flat(),
];

test.each([
  ['cluster addresses', { serviceCIDR: '10.9.0.0/28' }, { type: 'ClusterIP' }, /of no range of the cluster: all/],
  ['nodePorts', { nodePortRange: '30000-30004' }, { type: 'NodePort' }, /is outside 30000-30004: all of/],
] as const)('of a full range of %s nobody gets what another has, and that is said', (_, profile, spec, says) => {
  const from = spec.type === 'NodePort' ? 'internet' : 'pod';
  const model = clusterOf(pool(profile, spec));
  const traces = Array.from({ length: 20 }, (_each, index) => traceIn(model, `svc/s${index}`, from));
  expect(
    traces.map(({ paths }) => paths.map(({ verdict }) => verdict.kind === 'delivered' && verdict.pod?.name)),
  ).toEqual(Array.from({ length: 20 }, (_each, index) => [`p${index}`]));
  const texts = traces.flatMap(({ assumptions }) => assumptions.map(({ text }) => text));
  expect(texts.filter((text) => says.test(text)).length).toBeGreaterThan(5);
  const own = model.services.map(({ clusterIP, ports: [port] }) =>
    spec.type === 'NodePort' ? port?.nodePort : clusterIP,
  );
  expect(own).toHaveLength(20);
  expect(new Set(own).size).toBe(own.length);
});

test.each(['http://shop.example/', 'http://192.0.2.205/'])('inside, too: %s', (target) => {
  const { paths, assumptions } = traceIn(clusterOf([...web, ...gateway('eg', {})]), target, 'pod/web');
  expect(paths.length).toBeGreaterThan(0);
  expect(assumptions.map(({ id, text }) => `${id} ${text}`).filter((each) => each.includes('address:'))).toEqual([
    'gateway-address:default/edge 192.0.2.205 stands for the address that Gateway edge will be given',
  ]);
});

test('an address that is written now is handed out no more, whatever else the edit changes', () => {
  const service = (name: string, spec: object): string =>
    JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } });
  const [b] = clusterOf([JSON.parse(service('b', {}))]).services;
  const address = b?.clusterIP ?? '';
  const live = new Workspace();
  const cold = new Workspace();
  const addressesIn = (workspace: Workspace): unknown =>
    workspace.ask(() => workspace.sceneOf('/work/b.json')?.model.services.map(({ clusterIP }) => clusterIP));
  for (const workspace of [live, cold]) workspace.put('/work/b.json', service('b', {}));
  live.put('/work/a.json', service('a', { clusterIP: 'None', externalIPs: [address] }));
  const watch = live.watchLenses('/work/b.json', () => undefined);
  watch.get();
  for (const workspace of [live, cold]) workspace.put('/work/a.json', service('a', { clusterIP: address }));
  watch.get();
  expect(addressesIn(live)).toEqual(addressesIn(cold));
  expect(addressesIn(live)).not.toEqual([address, address]);
});
