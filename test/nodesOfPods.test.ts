import { expect, test } from 'vitest';
import { clusterOf, oneFile, traceIn } from './scene.ts';

/** A pod as `kubectl get pods -o json` has it. */
function running(name: string, node: string, address: string, hostIP: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'web' } },
    spec: { nodeName: node, containers: [{ name: 'web', ports: [{ containerPort: 8080 }] }] },
    status: {
      phase: 'Running',
      podIP: address,
      podIPs: [{ ip: address }],
      hostIP,
      hostIPs: [{ ip: hostIP }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  };
}

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] },
};
const pods = [
  running('web-a', 'ip-10-0-1-7', '10.244.3.2', '10.0.1.7'),
  running('web-b', 'ip-10-0-1-9', '10.244.5.2', '10.0.1.9'),
];
const node = (name: string): object => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } });
const own = (spec: object): object => ({
  apiVersion: 'hoplens.dev/v1alpha1',
  kind: 'ClusterProfile',
  metadata: { name: 'own' },
  spec,
});
const profile = (nodes: object): object => own({ nodes });

test.each([
  ['a dump without Nodes has those that its pods run on', [], ['ip-10-0-1-7 10.0.1.7', 'ip-10-0-1-9 10.0.1.9']],
  [
    'a profile that counts more adds some',
    [profile({ count: 3 })],
    ['ip-10-0-1-7 10.0.1.7', 'ip-10-0-1-9 10.0.1.9', 'node-3 192.168.0.13'],
  ],
  ['the profile names them', [profile([{ name: 'ip-10-0-1-7' }])], ['ip-10-0-1-7 192.168.0.11']],
  ['Nodes of the set are all there are', [node('ip-10-0-1-9')], ['ip-10-0-1-9 192.168.0.11']],
] as const)('%s', (_, more, wanted) => {
  const model = clusterOf([service, ...pods, ...more]);
  expect(model.nodes.map(({ name, address }) => `${name} ${address}`)).toEqual(wanted);
});

const nodeWith = (name: string, podCIDR: string): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  spec: { podCIDR, podCIDRs: [podCIDR] },
});

test.each([
  ['k3s', [nodeWith('a', '10.42.0.0/24'), nodeWith('b', '10.42.1.0/24')], '10.42.0.0/16'],
  ['kubeadm', [nodeWith('a', '10.244.0.0/24')], '10.244.0.0/16'],
  ['ranges far apart', [nodeWith('a', '10.4.0.0/24'), nodeWith('b', '10.7.1.0/24')], '10.4.0.0/14'],
  [
    'a profile that says it',
    [nodeWith('a', '10.42.0.0/24'), own({ podNetwork: { cidr: '10.0.0.0/8' } })],
    '10.0.0.0/8',
  ],
  ['pods alone', [running('web-a', 'n', '10.1.3.2', '10.0.1.7')], '10.1.0.0/16'],
] as const)('the pod network is one that holds what is seen of it: %s', (_, objects, wanted) => {
  expect(clusterOf(objects).profile.podNetwork.cidrs).toEqual([wanted]);
});

test('a pod that only is to be names no node', () => {
  const planned = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { nodeName: 'node-2' } };
  expect(clusterOf([planned]).nodes.map(({ name }) => name)).toEqual(['node-1', 'node-2', 'node-3']);
});

test('a node is given a range around its pods: they are on it', () => {
  const { nodes } = clusterOf([service, ...pods]);
  expect(nodes.map(({ podCIDRs }) => podCIDRs)).toEqual([['10.244.3.0/24'], ['10.244.5.0/24']]);
});

test('its Services reach their pods, and what was assumed is said', () => {
  const { paths, assumptions } = traceIn(clusterOf([service, ...pods]), 'svc/web', 'internet');
  expect(paths.map(({ verdict }) => verdict.kind === 'delivered' && verdict.pod?.name)).toEqual(
    expect.arrayContaining(['web-a', 'web-b']),
  );
  expect(paths.every(({ verdict }) => verdict.kind === 'delivered')).toBe(true);
  expect(assumptions.find(({ id }) => id === 'nodes')?.text).toBe(
    'the 2 nodes that pods run on taken to be all: the set has no Node and no ClusterProfile',
  );
});

const onItsNode = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'agent' },
  spec: { nodeName: 'n', hostNetwork: true },
  status: { phase: 'Running', podIP: '10.0.1.7' },
};
const inTheNetwork = running('web-a', 'n', '10.1.2.5', '10.0.1.7');

test.each([
  ['first', [onItsNode, inTheNetwork]],
  ['last', [inTheNetwork, onItsNode]],
])("a pod on its node's network hides nothing that others show of the node: %s", (_, objects) => {
  const nodes = clusterOf(objects).nodes.map(({ name, address, podCIDRs }) => [name, address, ...podCIDRs]);
  expect(nodes).toEqual([['n', '10.0.1.7', '10.1.2.0/24']]);
});

const fourRanges = ['10.244.1.0/24', '10.244.2.0/24', '10.244.3.0/24', '10.244.0.0/24'];

test.each([
  [4, '10.244.0.0/22', fourRanges, null],
  [5, '10.244.0.0/22', [...fourRanges, '10.244.1.0/24'], /has 4 ranges of \/24, too few for 5 nodes/],
  [2, '10.244.7.0/24', ['10.244.7.0/24', '10.244.7.0/24'], /has one range of \/24, too few for 2 nodes/],
  [1, '10.244.7.0/26', ['10.244.7.0/26'], null],
  [2, 'fd00:8::/63', ['fd00:8:0:1::/64', 'fd00:8::/64'], null],
])("a node's range is one of the pod network: %i in %s", (count, cidr, ranges, says) => {
  const profile = own({ nodes: { count }, podNetwork: { cidr } });
  const { nodes } = clusterOf([profile]);
  expect(nodes.flatMap(({ podCIDRs }) => podCIDRs)).toEqual(ranges);
  const found = oneFile(JSON.stringify(profile)).findings('test.yaml');
  expect(found.map(({ message }) => message)).toEqual(says === null ? [] : [expect.stringMatching(says)]);
});
