import { expect, test } from 'vitest';
import { iptablesRules } from '../shared/network/kubeProxy/iptablesRules.ts';
import { Workspace } from '../shared/insight/workspace.ts';
import { clusterOf, foundIn, traceIn } from './scene.ts';

/** A selector beside slices and Endpoints made by hand, what a dump shows of them, and one object defined twice. */
const metadata = { name: 'web' };
const client = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'client' } };
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: { nodeName: 'node-1', containers: [{ name: 'web', ports: [{ containerPort: 8080 }] }] },
  status: { podIP: '10.244.1.7' },
};

function service(spec: object): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { clusterIP: '10.96.0.50', ports: [{ port: 80, targetPort: 8080 }], ...spec },
  };
}
const selecting = service({ selector: { app: 'web' } });

function slice(address: string, managedBy?: string): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `web-${address}`,
      labels: {
        'kubernetes.io/service-name': 'web',
        ...(managedBy === undefined ? {} : { 'endpointslice.kubernetes.io/managed-by': managedBy }),
      },
    },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: [{ addresses: [address], nodeName: 'node-2' }],
  };
}

const endpoints = {
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata,
  subsets: [{ addresses: [{ ip: '10.244.2.8', nodeName: 'node-2' }], ports: [{ port: 8080 }] }],
};
const controller = 'endpointslice-controller.k8s.io';
const mirror = 'endpointslicemirroring-controller.k8s.io';

test.each([
  ['a selector', [selecting, pod], ['10.244.1.7']],
  ['a selector and a slice by hand', [selecting, pod, slice('10.244.2.9')], ['10.244.1.7', '10.244.2.9']],
  ['a selector and the controller’s own slice', [selecting, pod, slice('10.244.2.9', controller)], ['10.244.2.9']],
  ['all three', [selecting, pod, slice('10.244.2.9', controller), slice('10.244.2.10')], ['10.244.2.10', '10.244.2.9']],
  ['a slice of the pod itself', [selecting, pod, slice('10.244.1.7')], ['10.244.1.7']],
  ['a selector and Endpoints, which its controller overwrites', [selecting, pod, endpoints], ['10.244.1.7']],
  ['Endpoints and a slice by hand', [service({}), endpoints, slice('10.244.2.9')], ['10.244.2.8', '10.244.2.9']],
  ['Endpoints and their mirror', [service({}), endpoints, slice('10.244.2.9', mirror)], ['10.244.2.9']],
])('%s', (_, objects, expected) => {
  const model = clusterOf([...objects, client]);
  const reached = traceIn(model, 'svc/web', 'pod/client').paths.map(
    ({ hops }) => hops.at(-1)?.packet.destination.address ?? '',
  );
  const [node] = model.nodes;
  const printed = node === undefined ? '' : iptablesRules(model, node, 'IPv4');
  expect(reached.toSorted()).toEqual(expected);
  expect([...printed.matchAll(/--to-destination ([\d.]+):/g)].map(([, address]) => address).toSorted()).toEqual(
    expected,
  );
  expect(foundIn(model)).toEqual([]);
});

test('an endpoint of a slice by hand rests on that slice', () => {
  const { paths } = traceIn(clusterOf([selecting, pod, slice('10.244.2.9'), client]), 'svc/web', 'pod/client');
  const texts = paths.map(({ hops }) =>
    hops
      .at(-1)
      ?.because.map(({ text }) => text)
      .at(-1),
  );
  expect(texts).toEqual(['EndpointSlice web-10.244.2.9 lists 10.244.2.9', 'selector: app=web']);
});

function gateway(gatewayClassName: string): object {
  const listeners = [{ name: 'http', port: 80, protocol: 'HTTP' }];
  const kind = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', metadata: { name: 'edge' } };
  return { ...kind, spec: { gatewayClassName, listeners } };
}
const first = service({ selector: { app: 'web' }, ports: [{ port: 80, targetPort: 9999 }] });

test('an object that a list has twice: the last one counts, and both places are told', () => {
  const model = clusterOf([first, selecting, pod, client]);
  expect(model.services).toHaveLength(1);
  const [path] = traceIn(model, 'svc/web', 'pod/client').paths;
  expect(path?.hops.at(-1)?.packet.destination).toEqual({ address: '10.244.1.7', port: 8080 });
  const found = foundIn(model);
  expect(found.map(({ rule, severity }) => `${rule} ${severity}`)).toEqual([
    'same-object-twice warning',
    'same-object-twice info',
  ]);
  expect(found.map(({ related }) => related.length)).toEqual([1, 1]);
});

test('an object whose second definition comes and goes', () => {
  const workspace = new Workspace(['file:///w']);
  const uri = 'file:///w/a.yaml';
  const told = (...objects: readonly object[]): [string[], number[]] => {
    workspace.put(uri, objects.map((each) => JSON.stringify(each)).join('\n---\n'));
    const services = workspace.sceneOf(uri)?.model.services ?? [];
    return [
      workspace.findings(uri).flatMap(({ rule }) => (rule === 'same-object-twice' ? [rule] : [])),
      services.flatMap(({ ports }) => ports.map(({ targetPort }) => Number(targetPort))),
    ];
  };
  const watch = workspace.watchFindings(uri, 'with infos', () => {});
  const twice = ['same-object-twice', 'same-object-twice'];
  expect(told(selecting, pod)).toEqual([[], [8080]]);
  expect(told(first, selecting, pod)).toEqual([twice, [8080]]);
  expect(told(selecting, { ...first, metadata: { name: 'web', annotations: {} } }, pod)).toEqual([twice, [9999]]);
  expect(told(selecting, pod)).toEqual([[], [8080]]);
  watch.stop();
});

test('the same words twice are information', () => {
  const found = foundIn(clusterOf([selecting, selecting, pod]));
  expect(found.map(({ severity }) => severity)).toEqual(['info', 'info']);
});

test.each([
  ['Services: variants, each in a set of its own', selecting, first, []],
  ['Gateways: likewise', gateway('one'), gateway('two'), []],
  [
    'Nodes: the last one counts',
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' } },
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' }, spec: { podCIDR: '10.244.7.0/24' } },
    ['same-object-twice'],
  ],
])('in two files, %s', (_, one, other, expected) => {
  const workspace = new Workspace(['file:///w']);
  workspace.put('file:///w/a.yaml', JSON.stringify(one));
  workspace.put('file:///w/b.yaml', JSON.stringify(other));
  for (const uri of workspace.uris()) expect(workspace.findings(uri).map(({ rule }) => rule)).toEqual(expected);
});
