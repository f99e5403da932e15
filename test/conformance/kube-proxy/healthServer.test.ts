import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { verdictSentence } from '../../../shared/trace/verdictText.ts';
import { clusterOf, verdictOf } from '../../scene.ts';

type EndpointState = 'ready' | 'down' | 'serving' | 'terminating' | 'terminating, not serving';

interface ServiceCase {
  readonly test: string;
  readonly port: number;
  readonly endpoints: readonly (readonly [EndpointState, number])[];
  readonly status: number;
  readonly localEndpoints: number;
}

interface NodeCase {
  readonly test: string;
  readonly path: string;
  readonly node: 'as it is' | 'tainted' | 'other taint' | 'deleted';
  readonly status: number;
}

const table: { version: string; services: readonly ServiceCase[]; nodes: readonly NodeCase[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'healthServer.json'), 'utf8'),
);

const conditions: Readonly<Record<EndpointState, object>> = {
  ready: { ready: true, serving: true, terminating: false },
  down: { ready: false, serving: false, terminating: false },
  serving: { ready: false, serving: true, terminating: false },
  terminating: { ready: false, serving: true, terminating: true },
  'terminating, not serving': { ready: false, serving: false, terminating: true },
};

const node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'here' },
  status: { addresses: [{ type: 'InternalIP', address: '192.168.0.1' }] },
};

test(`kube-proxy ${table.version}'s health server: ${table.services.length} answers for Services`, () => {
  const got = table.services.map((each) => {
    const endpoints = each.endpoints.flatMap(([state, count]) =>
      Array.from({ length: count }, (_, index) => ({
        addresses: [`10.244.${state.length}.${index + 1}`],
        nodeName: 'here',
        conditions: conditions[state],
      })),
    );
    const model = clusterOf([
      node,
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'b' },
        spec: {
          type: 'LoadBalancer',
          externalTrafficPolicy: 'Local',
          healthCheckNodePort: each.port,
          ports: [{ port: 80, nodePort: 30080 }],
        },
      },
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 'b-1', labels: { 'kubernetes.io/service-name': 'b' } },
        addressType: 'IPv4',
        ports: [{ name: '', port: 80, protocol: 'TCP' }],
        endpoints,
      },
    ]);
    const verdict = verdictOf(model, `http://192.168.0.1:${each.port}/healthz`);
    if (verdict.kind !== 'answered') throw new Error(verdict.kind);
    return {
      ...each,
      status: verdict.status,
      localEndpoints: Number(/(\d+) local endpoint/.exec(verdictSentence(verdict))?.[1]),
    };
  });
  expect(got).toEqual(table.services);
});

test(`kube-proxy ${table.version}'s own health: ${table.nodes.length} answers`, () => {
  const got = table.nodes.map((each) => {
    const taints =
      each.node === 'tainted'
        ? [{ key: 'ToBeDeletedByClusterAutoscaler' }]
        : each.node === 'other taint'
          ? [{ key: 'other' }]
          : [];
    const metadata =
      each.node === 'deleted' ? { ...node.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } : node.metadata;
    const verdict = verdictOf(
      clusterOf([{ ...node, metadata, spec: { taints } }]),
      `http://192.168.0.1:10256${each.path}`,
    );
    return { ...each, status: verdict.kind === 'answered' ? verdict.status : 0 };
  });
  expect(got).toEqual(table.nodes);
});

test('a health server listens where nodePorts do: on the loopback address alone, it refuses others', () => {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'b' },
    spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 9376, ports: [{ port: 80 }] },
  };
  const profile = {
    apiVersion: 'hoplens.dev/v1alpha1',
    kind: 'ClusterProfile',
    metadata: { name: 'case' },
    spec: { kubeProxy: { nodePortAddresses: ['127.0.0.0/8'] } },
  };
  const model = clusterOf([profile, node, service]);
  expect([
    verdictOf(model, 'http://127.0.0.1:9376/healthz', 'node/here').kind,
    verdictOf(model, 'http://192.168.0.1:9376/healthz').kind,
  ]).toEqual(['answered', 'refused']);
});
