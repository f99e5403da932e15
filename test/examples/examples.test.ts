import { expect, test } from 'vitest';
import { writtenOnes } from '../../shared/cluster/lookups.ts';
import { serviceChain } from '../../shared/network/kubeProxy/iptablesChains.ts';
import { iptablesRules } from '../../shared/network/kubeProxy/iptablesRules.ts';
import { requestText } from '../../shared/trace/traceText.ts';
import { brief, example, lensesOfExample, sceneOf, traceExample } from './example.ts';

test('A1: a load balancer by hand: 3 hops on every path', () => {
  expect(brief(traceExample('A1', 'http://app.example.com/'))).toMatchInlineSnapshot(`
    "3 hops from LB, SNAT applied
    1/4: client → lb/edge [DNAT 192.168.0.13:32000] → node/node-3 [DNAT 10.244.1.19:80] [SNAT 192.168.0.13] ⇢ pod/nginx-0 [proxy 10.244.1.238:8080] → pod/app-0: sees 10.244.1.19
    1/4: client → lb/edge [DNAT 192.168.0.13:32000] → node/node-3 [DNAT 10.244.1.19:80] [SNAT 192.168.0.13] ⇢ pod/nginx-0 [proxy 10.244.2.197:8080] ⇢ pod/app-1: sees 10.244.1.19
    1/4: client → lb/edge [DNAT 192.168.0.14:32000] → node/node-4 [DNAT 10.244.1.19:80] [SNAT 192.168.0.14] ⇢ pod/nginx-0 [proxy 10.244.1.238:8080] → pod/app-0: sees 10.244.1.19
    1/4: client → lb/edge [DNAT 192.168.0.14:32000] → node/node-4 [DNAT 10.244.1.19:80] [SNAT 192.168.0.14] ⇢ pod/nginx-0 [proxy 10.244.2.197:8080] ⇢ pod/app-1: sees 10.244.1.19"
  `);
});

test('A2: pod to ClusterIP: DNAT, no SNAT', () => {
  expect(brief(traceExample('A2', 'svc/backend-service.jobs', 'pod/curl.jobs'))).toMatchInlineSnapshot(`
    "1 hop from pod, no SNAT
    1/3: pod/curl.jobs ⇢ pod/backend-0.jobs [DNAT 10.244.1.2:3000]: sees 10.244.2.15
    1/3: pod/curl.jobs → pod/backend-1.jobs [DNAT 10.244.2.2:3000]: sees 10.244.2.15
    1/3: pod/curl.jobs ⇢ pod/backend-2.jobs [DNAT 10.244.3.2:3000]: sees 10.244.2.15"
  `);
});

test('A4: a short name, from its own namespace', () => {
  expect(brief(traceExample('A4', 'http://backend-service:3000/', 'pod/curl.jobs'))).toMatchInlineSnapshot(`
    "1 hop from pod, no SNAT
    1/3: pod/curl.jobs ⇢ pod/backend-0.jobs [DNAT 10.244.1.164:3000]: sees 10.244.2.15
    1/3: pod/curl.jobs → pod/backend-1.jobs [DNAT 10.244.2.207:3000]: sees 10.244.2.15
    1/3: pod/curl.jobs ⇢ pod/backend-2.jobs [DNAT 10.244.3.38:3000]: sees 10.244.2.15"
  `);
});

test('A4: a short name, from another namespace', () => {
  expect(brief(traceExample('A4', 'http://backend-service:3000/', 'pod/curl.web'))).toMatchInlineSnapshot(`
    "unresolved: no such name
    1: : unresolved no-such-name"
  `);
});

test('A5: NodePort: the app sees a node', () => {
  expect(brief(traceExample('A5', '192.168.0.11:32073'))).toMatchInlineSnapshot(`
    "2 hops from client, SNAT applied
    1/3: client → node/node-1 [DNAT 10.244.0.3:8080] [SNAT 10.244.0.1] → pod/frontend-0.jobs: sees 10.244.0.1
    1/3: client → node/node-1 [DNAT 10.244.1.4:8080] [SNAT 192.168.0.11] ⇢ pod/frontend-1.jobs: sees 192.168.0.11
    1/3: client → node/node-1 [DNAT 10.244.2.3:8080] [SNAT 192.168.0.11] ⇢ pod/frontend-2.jobs: sees 192.168.0.11"
  `);
});

test('A6: the extra hop', () => {
  expect(brief(traceExample('A6', '192.168.0.12:30080'))).toMatchInlineSnapshot(`
    "2 hops from client, SNAT applied
    1: client → node/node-2 [DNAT 10.244.1.177:8080] [SNAT 192.168.0.12] ⇢ pod/web-0: sees 192.168.0.12"
  `);
});

test('A7: LoadBalancer, from outside', () => {
  expect(brief(traceExample('A7', 'svc/web'))).toMatchInlineSnapshot(`
    "2 hops from LB, SNAT applied
    1/6: client → lb/web [DNAT 192.168.0.11:30080] → node/node-1 [DNAT 10.244.1.177:8080] [SNAT 10.244.1.1] → pod/web-0: sees 10.244.1.1
    1/6: client → lb/web [DNAT 192.168.0.11:30080] → node/node-1 [DNAT 10.244.2.195:8080] [SNAT 192.168.0.11] ⇢ pod/web-1: sees 192.168.0.11
    1/6: client → lb/web [DNAT 192.168.0.12:30080] → node/node-2 [DNAT 10.244.1.177:8080] [SNAT 192.168.0.12] ⇢ pod/web-0: sees 192.168.0.12
    1/6: client → lb/web [DNAT 192.168.0.12:30080] → node/node-2 [DNAT 10.244.2.195:8080] [SNAT 10.244.2.1] → pod/web-1: sees 10.244.2.1
    1/6: client → lb/web [DNAT 192.168.0.13:30080] → node/node-3 [DNAT 10.244.1.177:8080] [SNAT 192.168.0.13] ⇢ pod/web-0: sees 192.168.0.13
    1/6: client → lb/web [DNAT 192.168.0.13:30080] → node/node-3 [DNAT 10.244.2.195:8080] [SNAT 192.168.0.13] ⇢ pod/web-1: sees 192.168.0.13"
  `);
});

test('A7: LoadBalancer, from a pod', () => {
  expect(brief(traceExample('A7', 'svc/web', 'pod/curl'))).toMatchInlineSnapshot(`
    "1 hop from pod, no SNAT
    1/2: pod/curl → pod/web-0 [DNAT 10.244.1.177:8080]: sees 10.244.1.231
    1/2: pod/curl ⇢ pod/web-1 [DNAT 10.244.2.195:8080]: sees 10.244.1.231"
  `);
});

test('A8: Local: source preserved, uneven shares', () => {
  expect(brief(traceExample('A8', 'svc/shop'))).toMatchInlineSnapshot(`
    "2 hops from LB, source preserved
    1/4: client → lb/shop [DNAT 192.168.0.11:30080] → node/node-1 [DNAT 10.244.1.199:8080] → pod/shop-0: sees 198.51.100.7
    1/4: client → lb/shop [DNAT 192.168.0.11:30080] → node/node-1 [DNAT 10.244.1.117:8080] → pod/shop-2: sees 198.51.100.7
    1/2: client → lb/shop [DNAT 192.168.0.12:30080] → node/node-2 [DNAT 10.244.2.142:8080] → pod/shop-1: sees 198.51.100.7"
  `);
});

test('A8: Local: dropped on a node without a pod', () => {
  expect(brief(traceExample('A8', '192.168.0.13:30080'))).toMatchInlineSnapshot(`
    "dropped: no pod on that node
    1: client → node/node-3: dropped no-local-endpoints"
  `);
});

test('A8: the health check where a pod runs', () => {
  expect(brief(traceExample('A8', 'http://192.168.0.12:31000/healthz'))).toMatchInlineSnapshot(`
    "answered 200: a health check
    1: client → node/node-2: answered 200 health-check"
  `);
});

test('A8: the health check where none runs', () => {
  expect(brief(traceExample('A8', 'http://192.168.0.13:31000/healthz'))).toMatchInlineSnapshot(`
    "answered 503: a health check
    1: client → node/node-3: answered 503 health-check"
  `);
});

test('A9: Local, asked by a pod', () => {
  expect(brief(traceExample('A9', '203.0.113.80:80', 'pod/curl'))).toMatchInlineSnapshot(`
    "1 hop from pod, no SNAT
    1/2: pod/curl ⇢ pod/shop-0 [DNAT 10.244.1.199:8080]: sees 10.244.3.231
    1/2: pod/curl ⇢ pod/shop-1 [DNAT 10.244.2.142:8080]: sees 10.244.3.231"
  `);
});

test('A9: Local, asked by a node', () => {
  expect(brief(traceExample('A9', '203.0.113.80:80', 'node/node-3'))).toMatchInlineSnapshot(`
    "1 hop from node, SNAT applied
    1/2: node/node-3 ⇢ pod/shop-0 [DNAT 10.244.1.199:8080] [SNAT 192.168.0.13]: sees 192.168.0.13
    1/2: node/node-3 ⇢ pod/shop-1 [DNAT 10.244.2.142:8080] [SNAT 192.168.0.13]: sees 192.168.0.13"
  `);
});

test('A10: terminating endpoints serve when nothing else is left', () => {
  expect(brief(traceExample('A10', 'svc/web'))).toMatchInlineSnapshot(`
    "2 hops from LB, SNAT applied
    1/6: client → lb/web [DNAT 192.168.0.11:30080] → node/node-1 [DNAT 10.244.1.9:8080] [SNAT 10.244.1.1] → pod/web-a: sees 10.244.1.1
    1/6: client → lb/web [DNAT 192.168.0.11:30080] → node/node-1 [DNAT 10.244.2.9:8080] [SNAT 192.168.0.11] ⇢ external/10.244.2.9: sees 192.168.0.11
    1/6: client → lb/web [DNAT 192.168.0.12:30080] → node/node-2 [DNAT 10.244.1.9:8080] [SNAT 192.168.0.12] ⇢ pod/web-a: sees 192.168.0.12
    1/6: client → lb/web [DNAT 192.168.0.12:30080] → node/node-2 [DNAT 10.244.2.9:8080] [SNAT 10.244.2.1] → external/10.244.2.9: sees 10.244.2.1
    1/6: client → lb/web [DNAT 192.168.0.13:30080] → node/node-3 [DNAT 10.244.1.9:8080] [SNAT 192.168.0.13] ⇢ pod/web-a: sees 192.168.0.13
    1/6: client → lb/web [DNAT 192.168.0.13:30080] → node/node-3 [DNAT 10.244.2.9:8080] [SNAT 192.168.0.13] ⇢ external/10.244.2.9: sees 192.168.0.13"
  `);
});

test('A11: before the next health probe', () => {
  expect(brief(traceExample('A11', 'http://shop.example.com/'))).toMatchInlineSnapshot(`
    "2 hops from LB, source preserved, 1/2 dropped
    1/2: client → lb/edge [DNAT 192.168.0.11:30080] → node/node-1: dropped no-local-endpoints
    1/2: client → lb/edge [DNAT 192.168.0.12:30080] → node/node-2 [DNAT 10.244.2.199:8080] → pod/shop-0: sees 198.51.100.7"
  `);
});

test('A12: straight to pods', () => {
  expect(brief(traceExample('A12', 'svc/web'))).toMatchInlineSnapshot(`
    "1 hop from LB, source preserved
    1/2: client → lb/web [DNAT 10.244.1.177:8080] → pod/web-0: sees 198.51.100.7
    1/2: client → lb/web [DNAT 10.244.2.195:8080] → pod/web-1: sees 198.51.100.7"
  `);
});

test('A13: pods that are not routable', () => {
  expect(brief(traceExample('A13', 'svc/web'))).toMatchInlineSnapshot(`
    "unroutable: pods are not routable
    1: client → lb/web: unroutable pods-not-routable"
  `);
});

test('A14: hairpin', () => {
  expect(brief(traceExample('A14', 'svc/web', 'pod/web-0'))).toMatchInlineSnapshot(`
    "1 hop from pod, SNAT applied
    1: pod/web-0 → pod/web-0 [DNAT 10.244.1.177:8080] [SNAT 10.244.1.1]: sees 10.244.1.1"
  `);
});

test('A14: a cluster address from outside the pod network', () => {
  expect(brief(traceExample('A14', 'svc/web', 'node/node-2'))).toMatchInlineSnapshot(`
    "1 hop from node, SNAT applied
    1: node/node-2 ⇢ pod/web-0 [DNAT 10.244.1.177:8080] [SNAT 192.168.0.12]: sees 192.168.0.12"
  `);
});

test('A14: external traffic', () => {
  expect(brief(traceExample('A14', '192.168.0.11:30080'))).toMatchInlineSnapshot(`
    "2 hops from client, SNAT applied
    1: client → node/node-1 [DNAT 10.244.1.177:8080] [SNAT 10.244.1.1] → pod/web-0: sees 10.244.1.1"
  `);
});

test('B1: ClusterIP from the internet', () => {
  expect(brief(traceExample('B1', 'svc/web'))).toMatchInlineSnapshot(`
    "unroutable: a cluster address, which leads nowhere here
    1: : unroutable cluster-address"
  `);
});

test('B1: its address from the internet', () => {
  expect(brief(traceExample('B1', 'http://10.96.0.80/'))).toMatchInlineSnapshot(`
    "unroutable: a cluster address, which leads nowhere here
    1: : unroutable cluster-address"
  `);
});

test('B2: pinned to a node that failed', () => {
  expect(brief(traceExample('B2', '192.168.0.12:30080'))).toMatchInlineSnapshot(`
    "dropped: the node is not ready
    1: client → node/node-2: dropped node-not-ready"
  `);
});

test('B2: the load balancer carries on', () => {
  expect(brief(traceExample('B2', 'svc/web'))).toMatchInlineSnapshot(`
    "2 hops from LB, SNAT applied
    1/2: client → lb/web [DNAT 192.168.0.11:30080] → node/node-1 [DNAT 10.244.1.177:8080] [SNAT 10.244.1.1] → pod/web-0: sees 10.244.1.1
    1/2: client → lb/web [DNAT 192.168.0.13:30080] → node/node-3 [DNAT 10.244.1.177:8080] [SNAT 192.168.0.13] ⇢ pod/web-0: sees 192.168.0.13"
  `);
});

test('B3: one host', () => {
  expect(brief(traceExample('B3', 'http://shop.example.com/'))).toMatchInlineSnapshot(`
    "3 hops from LB, SNAT applied
    1/3: client → lb/nginx [DNAT 192.168.0.11:32000] → node/node-1 [DNAT 10.244.1.19:80] [SNAT 10.244.1.1] → pod/nginx-0 [proxy 10.244.1.199:8080] → pod/shop-0: sees 10.244.1.19
    1/3: client → lb/nginx [DNAT 192.168.0.12:32000] → node/node-2 [DNAT 10.244.1.19:80] [SNAT 192.168.0.12] ⇢ pod/nginx-0 [proxy 10.244.1.199:8080] → pod/shop-0: sees 10.244.1.19
    1/3: client → lb/nginx [DNAT 192.168.0.13:32000] → node/node-3 [DNAT 10.244.1.19:80] [SNAT 192.168.0.13] ⇢ pod/nginx-0 [proxy 10.244.1.199:8080] → pod/shop-0: sees 10.244.1.19"
  `);
});

test('B3: the same path under another host', () => {
  expect(brief(traceExample('B3', 'http://blog.example.com/'))).toMatchInlineSnapshot(`
    "3 hops from LB, SNAT applied
    1/3: client → lb/nginx [DNAT 192.168.0.11:32000] → node/node-1 [DNAT 10.244.1.19:80] [SNAT 10.244.1.1] → pod/nginx-0 [proxy 10.244.1.68:8080] → pod/blog-0: sees 10.244.1.19
    1/3: client → lb/nginx [DNAT 192.168.0.12:32000] → node/node-2 [DNAT 10.244.1.19:80] [SNAT 192.168.0.12] ⇢ pod/nginx-0 [proxy 10.244.1.68:8080] → pod/blog-0: sees 10.244.1.19
    1/3: client → lb/nginx [DNAT 192.168.0.13:32000] → node/node-3 [DNAT 10.244.1.19:80] [SNAT 192.168.0.13] ⇢ pod/nginx-0 [proxy 10.244.1.68:8080] → pod/blog-0: sees 10.244.1.19"
  `);
});

test('B3: claimed twice: the first wins', () => {
  expect(brief(traceExample('B3', 'http://shop.example.com/cart'))).toMatchInlineSnapshot(`
    "3 hops from LB, SNAT applied
    1/3: client → lb/nginx [DNAT 192.168.0.11:32000] → node/node-1 [DNAT 10.244.1.19:80] [SNAT 10.244.1.1] → pod/nginx-0 [proxy 10.244.1.223:8080] → pod/cart-0: sees 10.244.1.19
    1/3: client → lb/nginx [DNAT 192.168.0.12:32000] → node/node-2 [DNAT 10.244.1.19:80] [SNAT 192.168.0.12] ⇢ pod/nginx-0 [proxy 10.244.1.223:8080] → pod/cart-0: sees 10.244.1.19
    1/3: client → lb/nginx [DNAT 192.168.0.13:32000] → node/node-3 [DNAT 10.244.1.19:80] [SNAT 192.168.0.13] ⇢ pod/nginx-0 [proxy 10.244.1.223:8080] → pod/cart-0: sees 10.244.1.19"
  `);
});

test('B3: an altered Host', () => {
  expect(brief(traceExample('B3', 'http://shop.example.com/', 'internet', 'other.example.com'))).toMatchInlineSnapshot(`
    "answered 404: no rule matches
    1/3: client → lb/nginx [DNAT 192.168.0.11:32000] → node/node-1 [DNAT 10.244.1.19:80] [SNAT 10.244.1.1] → pod/nginx-0: answered 404 no-matching-rule
    1/3: client → lb/nginx [DNAT 192.168.0.12:32000] → node/node-2 [DNAT 10.244.1.19:80] [SNAT 192.168.0.12] ⇢ pod/nginx-0: answered 404 no-matching-rule
    1/3: client → lb/nginx [DNAT 192.168.0.13:32000] → node/node-3 [DNAT 10.244.1.19:80] [SNAT 192.168.0.13] ⇢ pod/nginx-0: answered 404 no-matching-rule"
  `);
});

test('B4: a class that is served', () => {
  expect(brief(traceExample('B4', 'http://a.example.com/'))).toMatchInlineSnapshot(`
    "3 hops from LB, SNAT applied
    1/3: client → lb/nginx [DNAT 192.168.0.11:32000] → node/node-1 [DNAT 10.244.1.19:80] [SNAT 10.244.1.1] → pod/nginx-0 [proxy 10.244.1.238:8080] → pod/app-0: sees 10.244.1.19
    1/3: client → lb/nginx [DNAT 192.168.0.12:32000] → node/node-2 [DNAT 10.244.1.19:80] [SNAT 192.168.0.12] ⇢ pod/nginx-0 [proxy 10.244.1.238:8080] → pod/app-0: sees 10.244.1.19
    1/3: client → lb/nginx [DNAT 192.168.0.13:32000] → node/node-3 [DNAT 10.244.1.19:80] [SNAT 192.168.0.13] ⇢ pod/nginx-0 [proxy 10.244.1.238:8080] → pod/app-0: sees 10.244.1.19"
  `);
});

test('B4: a class that nobody serves', () => {
  expect(brief(traceExample('B4', 'http://b.example.com/'))).toMatchInlineSnapshot(`
    "unresolved: no controller serves the class
    1: : unresolved no-controller"
  `);
});

test('B5: two tiers', () => {
  expect(brief(traceExample('B5', 'http://app.example.com/'))).toMatchInlineSnapshot(`
    "3 hops from LB, SNAT applied
    1/2: client → lb/alb [proxy 192.168.0.11:32000] → node/node-1 [DNAT 10.244.1.19:80] [SNAT 10.244.1.1] → pod/nginx-0 [proxy 10.244.1.238:8080] → pod/app-0: sees 10.244.1.19
    1/2: client → lb/alb [proxy 192.168.0.12:32000] → node/node-2 [DNAT 10.244.1.19:80] [SNAT 192.168.0.12] ⇢ pod/nginx-0 [proxy 10.244.1.238:8080] → pod/app-0: sees 10.244.1.19"
  `);
});

test('C1: a route to the cluster range', () => {
  expect(brief(traceExample('C1', '10.96.0.80:80', '192.168.0.200'))).toMatchInlineSnapshot(`
    "2 hops from client, SNAT applied
    1/2: client → node/node-1 [DNAT 10.244.1.177:8080] [SNAT 10.244.1.1] → pod/web-0: sees 10.244.1.1
    1/2: client → node/node-1 [DNAT 10.244.2.195:8080] [SNAT 192.168.0.11] ⇢ pod/web-1: sees 192.168.0.11"
  `);
});

test('C2: a Service port on a node', () => {
  expect(brief(traceExample('C2', '192.168.0.11:80'))).toMatchInlineSnapshot(`
    "unknown: a port of the node that nothing in these files takes
    1: client → node/node-1: unknown node-process"
  `);
});

test('C4: whatever the Host and path', () => {
  expect(brief(traceExample('C4', 'http://203.0.113.80/anything', 'internet', 'blog.example.com')))
    .toMatchInlineSnapshot(`
      "2 hops from LB, SNAT applied
      1/3: client → lb/web [DNAT 192.168.0.11:31649] → node/node-1 [DNAT 10.244.1.177:8080] [SNAT 10.244.1.1] → pod/web-0: sees 10.244.1.1
      1/3: client → lb/web [DNAT 192.168.0.12:31649] → node/node-2 [DNAT 10.244.1.177:8080] [SNAT 192.168.0.12] ⇢ pod/web-0: sees 192.168.0.12
      1/3: client → lb/web [DNAT 192.168.0.13:31649] → node/node-3 [DNAT 10.244.1.177:8080] [SNAT 192.168.0.13] ⇢ pod/web-0: sees 192.168.0.13"
    `);
});

test('C5: an old Ingress', () => {
  expect(brief(traceExample('C5', 'http://old.example.com/any/path'))).toMatchInlineSnapshot(`
    "unresolved: an Ingress of a version that is gone
    1: : unresolved gone-version"
  `);
});

test('C6: hostPort where the pod runs', () => {
  expect(brief(traceExample('C6', '192.168.0.11:8081'))).toMatchInlineSnapshot(`
    "2 hops from client, source preserved
    1: client → node/node-1 [DNAT 10.244.1.202:80] → pod/edge: sees 198.51.100.7"
  `);
});

test('C6: hostPort where it does not', () => {
  expect(brief(traceExample('C6', '192.168.0.12:8081'))).toMatchInlineSnapshot(`
    "unknown: a port of the node that nothing in these files takes
    1: client → node/node-2: unknown node-process"
  `);
});

test('C6: hostNetwork', () => {
  expect(brief(traceExample('C6', '192.168.0.12:9100'))).toMatchInlineSnapshot(`
    "2 hops from client, source preserved
    1: client → node/node-2 → pod/exporter: sees 198.51.100.7"
  `);
});

test('A2: the chains by name', () => {
  const [path] = traceExample('A2', 'svc/backend-service.jobs', 'pod/curl.jobs').paths;
  expect(path?.hops[0]?.rewrites[0]?.chains).toEqual([
    'KUBE-SERVICES',
    'KUBE-SVC-6R7RAWWNQI6ZLKMO',
    'KUBE-SEP-O3HWD4DESFNXEYL6',
  ]);
});

test("A3: the rules' probabilities as kube-proxy prints them", () => {
  const { model } = sceneOf('A3');
  const [node] = model.nodes;
  if (node === undefined) throw new Error('no node');
  const choice = iptablesRules(model, node, 'IPv4')
    .split('\n')
    .filter((line) => line.startsWith('-A KUBE-SVC-6R7RAWWNQI6ZLKMO') && line.includes('KUBE-SEP'));
  expect(choice.map((line) => / --probability (\S+)/.exec(line)?.[1] ?? 'the rest')).toEqual([
    '0.3333333333',
    '0.5000000000',
    'the rest',
  ]);
  expect(
    traceExample('A3', 'svc/backend-service.jobs', 'pod/curl.jobs').paths.map(({ probability }) =>
      probability.toFraction(),
    ),
  ).toEqual(['1/3', '1/3', '1/3']);
});

test('A5: the chains by name', () => {
  const { paths } = traceExample('A5', '192.168.0.11:32073');
  const chains = paths.map(({ hops }) => hops[0]?.rewrites[0]?.chains);
  const way = ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-EXT-6XQSOA4B4HLF6UNI', 'KUBE-SVC-6XQSOA4B4HLF6UNI'];
  expect(chains).toEqual(
    ['KUBE-SEP-IWKGAKCJPN2GDKZP', 'KUBE-SEP-G5YGW63JRCEDVAQZ', 'KUBE-SEP-SVT42V6SNWE7E3YK'].map((endpoint) => [
      ...way,
      endpoint,
    ]),
  );
  expect(
    paths.map(({ reply }) => reply.map(({ source, destination }) => `${source} → ${destination}`).join(', '))[0],
  ).toBe('10.244.0.3 → 10.244.0.1, 192.168.0.11 → 198.51.100.7');
});

test('A8: local pods are behind a KUBE-SVL chain', () => {
  const { model } = sceneOf('A8');
  const [service] = model.services;
  const [port] = service?.ports ?? [];
  if (service === undefined || port === undefined) throw new Error('no Service');
  expect(traceExample('A8', 'svc/shop').paths[0]?.hops[1]?.rewrites[0]?.chains).toContain(
    serviceChain('KUBE-SVL-', service, port),
  );
});

test('B3: the same host and path claimed twice is said', () => {
  const workspace = example('B3');
  expect(workspace.uris().flatMap((uri) => workspace.findings(uri).map(({ rule }) => rule))).toEqual([
    'ingress-nginx-refuses',
  ]);
});

test('B6: three Services cost three load balancers, one Ingress costs one', () => {
  expect(lensesOfExample('B6')).toMatchInlineSnapshot(`
    [
      "Service cart: 2 hops from LB, SNAT applied | → 1 pod | ~ 3 nodes assumed",
      "Service blog: 2 hops from LB, SNAT applied | → 1 pod | ~ 3 nodes assumed",
      "Service docs: 2 hops from LB, SNAT applied | → 1 pod | ~ 3 nodes assumed",
      "Ingress shared: 3 hops from LB, SNAT applied | → cart:80, blog:80, docs:80 | ~ 3 nodes assumed | ~ controller assumed",
    ]
  `);
  const { model } = sceneOf('B6');
  expect(new Set(writtenOnes(model.services).flatMap(({ loadBalancerAddresses }) => loadBalancerAddresses)).size).toBe(
    3,
  );
  expect(
    new Set(
      ['cart', 'blog', 'docs'].map(
        (path) => traceExample('B6', `http://203.0.113.201/${path}`).paths[0]?.hops[0]?.to.name,
      ),
    ).size,
  ).toBe(1);
});

test('C3: a nodePort out of range is said', () => {
  const workspace = example('C3');
  expect(workspace.uris().flatMap((uri) => workspace.findings(uri).map(({ rule }) => rule))).toEqual([
    'node-port-out-of-range',
  ]);
});

test('C5: the old version is said to be gone', () => {
  const workspace = example('C5');
  expect(workspace.uris().flatMap((uri) => workspace.findings(uri).map(({ rule, message }) => `${rule}: ${message}`)))
    .toMatchInlineSnapshot(`
    [
      "gone-api-version: extensions/v1beta1 Ingress is gone since Kubernetes 1.22; write networking.k8s.io/v1.",
    ]
  `);
});

test.each([
  ['D1', '/uuid', '3 hops from LB, SNAT applied'],
  ['D1', '/ab', 'answered 404: no rule matches'],
  ['D2', '/headers', '3 hops from LB, SNAT applied'],
  ['D2', '/other', 'answered 404: no rule matches'],
  ['D3', '/b', '3 hops from LB, SNAT applied'],
  ['D3', '/headers', '3 hops from LB, SNAT applied'],
  ['D4', '/my-path', 'answered 301: a redirect'],
  ['D4', '/my-path/', '3 hops from LB, SNAT applied'],
  ['D5', '/ip/abc/../../uuid', '3 hops from LB, SNAT applied'],
  ['D5', '////uuid', '3 hops from LB, SNAT applied'],
  ['D5', '/%75uid', '3 hops from LB, SNAT applied'],
])('%s: a surprise of ingress-nginx: %s', (row, path, summary) => {
  expect(brief(traceExample(row, `http://bin.example.com${path}`)).split('\n')[0]).toBe(summary);
});

const asked: readonly (readonly [string, string, string?])[] = [
  ['A1', 'http://app.example.com/'],
  ['A2', 'svc/backend-service.jobs', 'pod/curl.jobs'],
  ['A5', '192.168.0.11:32073'],
  ['A7', 'svc/web'],
  ['A8', 'svc/shop'],
  ['A9', '203.0.113.80:80', 'node/node-3'],
  ['A10', 'svc/web'],
  ['A12', 'svc/web'],
  ['A14', 'svc/web', 'pod/web-0'],
  ['B3', 'http://shop.example.com/cart'],
  ['B5', 'http://app.example.com/'],
  ['B6', 'http://203.0.113.201/cart'],
  ['C1', '10.96.0.80:80', '192.168.0.200'],
  ['C5', 'http://old.example.com/any/path'],
  ['C6', '192.168.0.11:8081'],
  ['C6', '192.168.0.12:9100'],
];

test.each(asked.map(([row, target, from = 'internet']) => ({ row, target, from })))(
  '$row: every hop and rewrite of $target says what it rests on, and the shares sum to one',
  ({ row, target, from }) => {
    const { paths } = traceExample(row, target, from);
    for (const { hops, reply } of paths) {
      for (const hop of hops) {
        expect(hop.because, `${hop.from.name} to ${hop.to.name}`).not.toEqual([]);
        for (const rewrite of hop.rewrites) expect(rewrite.because, `${rewrite.kind} by ${rewrite.by}`).not.toEqual([]);
      }
      // The reply passes the same parties backwards, and the client hears from the address that it asked.
      expect(reply.map(({ to }) => to.name)).toEqual(hops.map((hop) => hop.from.name).toReversed());
      if (hops[0]?.from.kind === 'client') expect(reply.at(-1)?.source).toBe(hops[0].packet.destination.address);
    }
    const [first, ...rest] = paths.map(({ probability }) => probability);
    expect(rest.reduce((sum, each) => sum.add(each), first!).toFraction()).toBe('1');
  },
);

test('E1: a Gateway: rewritten, split by weight, and what the app is asked', () => {
  const trace = traceExample('E1', 'https://shop.example.com/cart/7');
  expect(brief(trace)).toMatchInlineSnapshot(`
    "3 hops from LB, no SNAT
    9/20: client → lb/envoy-infra-edge [DNAT 192.168.0.11:30903] → node/node-1 [DNAT 10.244.1.229:443] → pod/envoy-infra-edge-0.envoy-gateway-system [proxy 10.244.1.223:8080] → pod/cart-0: sees 10.244.1.229
    9/20: client → lb/envoy-infra-edge [DNAT 192.168.0.11:30903] → node/node-1 [DNAT 10.244.1.229:443] → pod/envoy-infra-edge-0.envoy-gateway-system [proxy 10.244.2.167:8080] ⇢ pod/cart-1: sees 10.244.1.229
    1/10: client → lb/envoy-infra-edge [DNAT 192.168.0.11:30903] → node/node-1 [DNAT 10.244.1.229:443] → pod/envoy-infra-edge-0.envoy-gateway-system [proxy 10.244.1.194:8080] → pod/cart-next-0: sees 10.244.1.229"
  `);
  expect([...new Set(trace.paths.map(({ received }) => (received === null ? '' : requestText(received))))]).toEqual([
    'GET http://shop.example.com/7, X-Forwarded-For: 198.51.100.7',
  ]);
  expect(traceExample('E1', 'http://shop.example.com/cart/7').paths.map(({ verdict }) => verdict)).toMatchObject([
    { kind: 'answered', status: 301, location: 'https://shop.example.com/cart/7' },
  ]);
});

test('E2: a Service of another namespace, with a ReferenceGrant and without', () => {
  expect(brief(traceExample('E2', 'http://shop.example.com/cart'))).toMatchInlineSnapshot(`
    "3 hops from LB, SNAT applied
    1/3: client → lb/edge-istio [DNAT 192.168.0.11:31405] → node/node-1 [DNAT 10.244.1.236:80] [SNAT 10.244.1.1] → pod/edge-istio-0.web [proxy 10.244.1.95:8080] → pod/cart-0.shop: sees 10.244.1.236
    1/3: client → lb/edge-istio [DNAT 192.168.0.12:31405] → node/node-2 [DNAT 10.244.1.236:80] [SNAT 192.168.0.12] ⇢ pod/edge-istio-0.web [proxy 10.244.1.95:8080] → pod/cart-0.shop: sees 10.244.1.236
    1/3: client → lb/edge-istio [DNAT 192.168.0.13:31405] → node/node-3 [DNAT 10.244.1.236:80] [SNAT 192.168.0.13] ⇢ pod/edge-istio-0.web [proxy 10.244.1.95:8080] → pod/cart-0.shop: sees 10.244.1.236"
  `);
  expect(brief(traceExample('E2', 'http://shop.example.com/stock'))).toMatchInlineSnapshot(`
    "answered 500: no backend
    1/3: client → lb/edge-istio [DNAT 192.168.0.11:31405] → node/node-1 [DNAT 10.244.1.236:80] [SNAT 10.244.1.1] → pod/edge-istio-0.web: answered 500 no-backend
    1/3: client → lb/edge-istio [DNAT 192.168.0.12:31405] → node/node-2 [DNAT 10.244.1.236:80] [SNAT 192.168.0.12] ⇢ pod/edge-istio-0.web: answered 500 no-backend
    1/3: client → lb/edge-istio [DNAT 192.168.0.13:31405] → node/node-3 [DNAT 10.244.1.236:80] [SNAT 192.168.0.13] ⇢ pod/edge-istio-0.web: answered 500 no-backend"
  `);
});

test("E4: a cluster's own objects: the proxy is found, not assumed", () => {
  const trace = traceExample('E4', 'http://www.example.com/');
  expect(brief(trace)).toMatchInlineSnapshot(`
    "3 hops from LB, no SNAT
    1: client → lb/envoy-default-eg-e41e7b31 [DNAT 192.168.0.5:30080] → node/n1 [DNAT 10.244.0.9:10080] → pod/envoy-default-eg-e41e7b31-abc.envoy-gateway-system [proxy 10.244.0.10:3000] → pod/backend-1: sees 10.244.0.9"
  `);
  expect(trace.assumptions.map(({ id }) => id)).toEqual(['kube-proxy', 'pod-network', 'dns:www.example.com']);
  expect(brief(traceExample('E4', 'http://www.example.com/', 'pod/backend-1')).split('\n')[0]).toBe(
    '2 hops from pod, no SNAT',
  );
});
