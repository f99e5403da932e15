import { expect, test } from 'vitest';
import { brief, example, lensesOfExample, traceExample } from './example.ts';

test('G1: behind a masquerade the pod sees a node, unless it runs on the node that took the packet', () => {
  const trace = traceExample('G1', 'svc/admin');
  expect(brief(trace)).toMatchInlineSnapshot(`
    "2 hops from LB, SNAT applied, 2/3 denied by allow-office
    1/9: client → lb/admin [DNAT 192.168.0.11:31964] → node/node-1 [DNAT 10.244.1.205:8443] [SNAT 10.244.1.1] → pod/admin-0: sees 10.244.1.1
    1/9: client → lb/admin [DNAT 192.168.0.11:31964] → node/node-1 [DNAT 10.244.2.183:8443] [SNAT 192.168.0.11] ⇢ pod/admin-1: denied network-policy
    1/9: client → lb/admin [DNAT 192.168.0.11:31964] → node/node-1 [DNAT 10.244.3.245:8443] [SNAT 192.168.0.11] ⇢ pod/admin-2: denied network-policy
    1/9: client → lb/admin [DNAT 192.168.0.12:31964] → node/node-2 [DNAT 10.244.1.205:8443] [SNAT 192.168.0.12] ⇢ pod/admin-0: denied network-policy
    1/9: client → lb/admin [DNAT 192.168.0.12:31964] → node/node-2 [DNAT 10.244.2.183:8443] [SNAT 10.244.2.1] → pod/admin-1: sees 10.244.2.1
    1/9: client → lb/admin [DNAT 192.168.0.12:31964] → node/node-2 [DNAT 10.244.3.245:8443] [SNAT 192.168.0.12] ⇢ pod/admin-2: denied network-policy
    1/9: client → lb/admin [DNAT 192.168.0.13:31964] → node/node-3 [DNAT 10.244.1.205:8443] [SNAT 192.168.0.13] ⇢ pod/admin-0: denied network-policy
    1/9: client → lb/admin [DNAT 192.168.0.13:31964] → node/node-3 [DNAT 10.244.2.183:8443] [SNAT 192.168.0.13] ⇢ pod/admin-1: denied network-policy
    1/9: client → lb/admin [DNAT 192.168.0.13:31964] → node/node-3 [DNAT 10.244.3.245:8443] [SNAT 10.244.3.1] → pod/admin-2: sees 10.244.3.1"
  `);
  expect(trace.paths.map(({ gates }) => gates.map(({ outcome, peer }) => `${outcome} ${peer}`).join()))
    .toMatchInlineSnapshot(`
    [
      "passed 198.51.100.7",
      "stopped 192.168.0.11",
      "stopped 192.168.0.11",
      "stopped 192.168.0.12",
      "passed 198.51.100.7",
      "stopped 192.168.0.12",
      "stopped 192.168.0.13",
      "stopped 192.168.0.13",
      "passed 198.51.100.7",
    ]
  `);
});

test('G1: with Local the pod sees the client', () => {
  expect(brief(traceExample('G1', 'svc/admin-local'))).toMatchInlineSnapshot(`
    "2 hops from LB, source preserved
    1/3: client → lb/admin-local [DNAT 192.168.0.11:32396] → node/node-1 [DNAT 10.244.1.205:8443] → pod/admin-0: sees 198.51.100.7
    1/3: client → lb/admin-local [DNAT 192.168.0.12:32396] → node/node-2 [DNAT 10.244.2.183:8443] → pod/admin-1: sees 198.51.100.7
    1/3: client → lb/admin-local [DNAT 192.168.0.13:32396] → node/node-3 [DNAT 10.244.3.245:8443] → pod/admin-2: sees 198.51.100.7"
  `);
  expect(lensesOfExample('G1')).toMatchInlineSnapshot(`
    [
      "Service admin: 2 hops from LB, SNAT applied, 2/3 denied by allow-office | → 3 pods | ~ 3 nodes assumed",
      "Service admin-local: 2 hops from LB, source preserved | → 3 pods | ~ 3 nodes assumed",
      "NetworkPolicy allow-office: isolates 3 pods for ingress | lets in: 198.51.100.0/24 → 8443",
    ]
  `);
});

test.each([
  ['svc/payments.shop', 'deploy/grafana.monitoring', '1 hop from pod, no SNAT'],
  ['svc/payments.shop', 'deploy/prometheus.monitoring', '1 hop from pod, no SNAT'],
  ['svc/orders.shop', 'deploy/grafana.monitoring', '1 hop from pod, denied by orders-scraped'],
  ['svc/orders.shop', 'deploy/prometheus.monitoring', '1 hop from pod, no SNAT'],
])('G2: %s from %s', (target, from, says) => {
  expect(brief(traceExample('G2', target, from)).split('\n')[0]).toBe(says);
});

test('G2: the lenses tell the one entry from the two', () => {
  expect(lensesOfExample('G2').filter((each) => each.startsWith('NetworkPolicy'))).toEqual([
    'NetworkPolicy payments-scraped: isolates 1 pod for ingress | lets in: monitoring, app=prometheus (no pod here)',
    'NetworkPolicy orders-scraped: isolates 1 pod for ingress | lets in: prometheus.monitoring',
  ]);
});

test('G3: the gate sees the port of the pods', () => {
  const trace = traceExample('G3', 'svc/web', 'pod');
  expect(trace.paths.map(({ verdict }) => verdict)).toMatchObject([
    { kind: 'denied', port: 8080, policies: ['allow-web'], nearest: 'allow-web allows it on TCP port 80 alone' },
  ]);
});

test.each([
  ['db.shop.svc.cluster.local:5432', 'deploy/web.shop', 'denied: the name can not be looked up'],
  ['svc/db.shop', 'deploy/web.shop', '1 hop from pod, no SNAT'],
  ['db.shop.svc.cluster.local:5432', 'deploy/worker.shop', '1 hop from pod, no SNAT'],
])('G4: %s from %s', (target, from, says) => {
  expect(brief(traceExample('G4', target, from)).split('\n')[0]).toBe(says);
});

test.each([
  ['G1', ['policy-block-masked']],
  ['G2', ['policy-peers-apart']],
  ['G3', ['policy-port-not-offered']],
  ['G4', ['policy-shuts-out-dns']],
])('%s: what is wrong is found', (row, rules) => {
  const workspace = example(row);
  expect(workspace.uris().flatMap((uri) => workspace.findings(uri).map(({ rule }) => rule))).toEqual(rules);
});
