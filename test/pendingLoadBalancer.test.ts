import { expect, test } from 'vitest';
import { iptablesRules } from '../shared/network/kubeProxy/iptablesRules.ts';
import { rules } from '../shared/insight/rules/all.ts';
import { verdictSentence } from '../shared/trace/verdictText.ts';
import { clusterOf, traceIn, verdictOf } from './scene.ts';

/** A Service of type LoadBalancer as a dump holds it, or as somebody wrote it, and its pod. */
function cluster(metadata: object, status: object | undefined, spec: object = {}): ReturnType<typeof clusterOf> {
  return clusterOf([
    {
      apiVersion: 'hoplens.dev/v1alpha1',
      kind: 'ClusterProfile',
      metadata: { name: 'test' },
      spec: { nodes: { count: 2 } },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', ...metadata },
      spec: {
        type: 'LoadBalancer',
        externalTrafficPolicy: 'Local',
        selector: { app: 'web' },
        ports: [{ port: 80, nodePort: 30080 }],
        ...spec,
      },
      status,
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web-0', labels: { app: 'web' } },
      spec: { nodeName: 'node-1', containers: [{ name: 'web' }] },
    },
  ]);
}

const uid = { uid: 'b6d5a0a0-0f0e-4a52-9d39-0a3c6d7b2f10', resourceVersion: '812' };
const empty = { loadBalancer: {} };

/** What is said of it from outside, and whether `hoplens rules` has a rule for a balancer's address. */
function said(model: ReturnType<typeof clusterOf>): string {
  const { verdict } = traceIn(model, 'svc/web').paths[0] ?? {};
  const [node] = model.nodes;
  const text = node === undefined ? '' : iptablesRules(model, node, 'IPv4');
  const end = verdict?.kind === 'unroutable' ? `unroutable ${verdict.reason}` : verdict?.kind;
  return `${end}, ${text.includes('loadbalancer IP') ? 'a rule' : 'no rule'}`;
}

test.each([
  ['a dump', cluster(uid, empty), 'unroutable no-address, no rule'],
  [
    'a dump, an address asked for',
    cluster(uid, empty, { loadBalancerIP: '203.0.113.80' }),
    'unroutable no-address, no rule',
  ],
  [
    'a dump, server-given addresses alone',
    cluster({}, empty, { clusterIP: '10.96.0.80' }),
    'unroutable no-address, no rule',
  ],
  [
    'a dump, with an address',
    cluster(uid, { loadBalancer: { ingress: [{ ip: '203.0.113.80' }] } }),
    'delivered, a rule',
  ],
  // kube-proxy knows no name: the stand-in is not at its nodes.
  [
    'a dump, with a name',
    cluster(uid, { loadBalancer: { ingress: [{ hostname: 'lb.example' }] } }),
    'delivered, no rule',
  ],
  ['what kubectl prints with --dry-run', cluster({ creationTimestamp: null }, empty), 'delivered, a rule'],
  ['a plain manifest', cluster({}, undefined), 'delivered, a rule'],
])('%s', (_, model, expected) => {
  expect(said(model)).toBe(expected);
});

test('the nodePort works all the same, and that is said; so does what is inside', () => {
  const model = cluster(uid, empty);
  const verdict = verdictOf(model, 'svc/web');
  expect(verdict.kind === 'unroutable' ? verdictSentence(verdict) : '').toMatch(
    /pending.*nodePort 30080 works on every node/,
  );
  expect(verdictOf(model, '192.168.0.11:30080').kind).toBe('delivered');
  expect(verdictOf(model, 'svc/web', 'pod/web-0').kind).toBe('delivered');
});

test('no balancer keeps clients from a node without a pod', () => {
  const judged = { model: cluster(uid, empty), isComplete: true };
  const findings = judged.model.manifests.flatMap((each) => rules.flatMap(({ check }) => check(each, judged)));
  expect(findings.map(({ rule, severity }) => `${rule} ${severity}`)).toEqual(['local-policy-drops warning']);
});
