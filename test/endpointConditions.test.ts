import { expect, test } from 'vitest';
import { isFault } from '../shared/insight/rule.ts';
import { clusterOf, foundIn, traceIn } from './scene.ts';

/**
 * What the API server and the EndpointSlice controller put into families, conditions and hints, and where a packet then
 * goes.
 */
function pod(name: string, node: string, status: object, metadata: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'web' }, ...metadata },
    spec: { nodeName: node, containers: [{ name: 'web', ports: [{ containerPort: 8080 }] }] },
    status,
  };
}

function service(spec: object): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }], ...spec },
  };
}

function slice(address: string, node: string): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: address.includes(':') ? 'IPv6' : 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: [{ addresses: [address], nodeName: node }],
  };
}

const client = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'client' }, spec: { nodeName: 'node-1' } };
const headless = { clusterIP: 'None', ports: [{ port: 80 }] };

test.each([
  ['headless without a selector: both, whatever the cluster has', headless, 'RequireDualStack', ['IPv4', 'IPv6']],
  ['of one stack if it says so', { ...headless, ipFamilyPolicy: 'SingleStack' }, 'SingleStack', ['IPv4']],
  ['its family first', { ...headless, ipFamilies: ['IPv6'] }, 'RequireDualStack', ['IPv6', 'IPv4']],
  ['headless with a selector', { ...headless, selector: { app: 'web' } }, 'SingleStack', ['IPv4']],
  ['any other', { ports: [{ port: 80 }] }, 'SingleStack', ['IPv4']],
])('the families of a Service: %s', (_, spec, policy, families) => {
  const [read] = clusterOf([service(spec)]).services;
  expect(read).toMatchObject({ ipFamilyPolicy: policy, ipFamilies: families });
});

test('an address of the other family is found where a headless Service has no other', () => {
  const model = clusterOf([service(headless), slice('2001:db8::5', 'node-1'), client]);
  expect(traceIn(model, 'http://web/', 'pod/client').paths.map(({ verdict }) => verdict.kind)).not.toContain(
    'unresolved',
  );
});

const down = { podIP: '10.244.1.7', conditions: [{ type: 'Ready', status: 'False' }] };
const up = { podIP: '10.244.2.7', conditions: [{ type: 'Ready', status: 'True' }] };
const leaving = { deletionTimestamp: '2026-01-01T00:00:00Z' };

test.each([
  {
    what: 'publishNotReadyAddresses',
    spec: { publishNotReadyAddresses: true },
    status: down,
    metadata: {},
    expected: { ready: true, serving: false },
  },
  { what: 'without it', spec: {}, status: down, metadata: {}, expected: { ready: false, serving: false } },
  {
    what: 'one that is leaving, published all the same',
    spec: { publishNotReadyAddresses: true },
    status: up,
    metadata: leaving,
    expected: { ready: true, serving: true, terminating: true },
  },
])('the conditions of a pod: $what', ({ spec, status, metadata, expected }) => {
  const model = clusterOf([service({ selector: { app: 'web' }, ...spec }), pod('web', 'node-1', status, metadata)]);
  const [read] = model.services;
  expect(read === undefined ? [] : [...model.endpointsOf(read).byFamily.values()]).toMatchObject([[[expected]]]);
});

test('only ready endpoints have hints', () => {
  const nodes = ['node-1', 'node-2'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'topology.kubernetes.io/zone': 'z' } },
  }));
  const web = service({ selector: { app: 'web' }, trafficDistribution: 'PreferSameNode' });
  const model = clusterOf([...nodes, web, pod('a', 'node-1', down), pod('b', 'node-2', up)]);
  const [read] = model.services;
  expect(read === undefined ? [] : [...model.endpointsOf(read).byFamily.values()][0]).toMatchObject([
    [
      { zoneHints: [], nodeHints: [] },
      { zoneHints: ['z'], nodeHints: ['node-2'] },
    ],
  ]);
});

const [outside, inside] = ['192.0.2.5', '10.244.1.9'];
test.each([
  {
    what: 'in the node’s range: the bridge',
    spec: {},
    address: inside,
    target: '192.168.0.11:30080',
    source: '10.244.1.1',
    kind: 'delivered',
  },
  {
    what: 'outside it: the node’s own address',
    spec: {},
    address: outside,
    target: '192.168.0.11:30080',
    source: '192.168.0.11',
    kind: 'delivered',
  },
  {
    what: 'outside it, policy Local: the reply doesn’t pass the node',
    spec: { externalTrafficPolicy: 'Local' },
    address: outside,
    target: '192.168.0.11:30080',
    source: '198.51.100.7',
    kind: 'dropped',
  },
])('an endpoint that a slice puts on a node, $what', ({ spec, address, target, source, kind }) => {
  const model = clusterOf([service({ type: 'NodePort', ...spec }), slice(address, 'node-1')]);
  const [path] = traceIn(model, target).paths;
  expect(path?.hops.at(-1)?.packet.source).toBe(source);
  expect(path?.verdict.kind).toBe(kind);
  expect(foundIn(model).filter(isFault)).toEqual([]);
});

test('a pod’s packet to such an address leaves the pod network with the node’s address', () => {
  const model = clusterOf([
    service({ clusterIP: '10.96.0.50', ports: [{ port: 80 }] }),
    slice(outside, 'node-1'),
    client,
  ]);
  const [path] = traceIn(model, '10.96.0.50:80', 'pod/client').paths;
  expect(path?.hops.at(-1)?.rewrites.map(({ kind, by }) => `${kind} ${by}`)).toContain('SNAT bridge CNI');
  expect(path?.hops.at(-1)?.crossesNodes).toBe(true);
});
