import { expect, test } from 'vitest';
import { alikePaths } from '../client/panel/alikePaths.ts';
import { readHeaders } from '../client/panel/requestHeaders.ts';
import type { ClusterModel } from '../shared/cluster/clusterModel.ts';
import { readWhatIf, withWhatIf } from '../shared/cluster/whatIf.ts';
import { comparedTraces } from '../shared/trace/comparison.ts';
import { traceJson, type TraceJson } from '../shared/trace/traceJson.ts';
import { traceRequest } from '../shared/trace/traceRequest.ts';
import { cluster, traceIn } from './scene.ts';

const shop = cluster(`
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: LoadBalancer, externalTrafficPolicy: Local, selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, ports: [{ containerPort: 80 }] }] }
`);

function jsonIn(model: ClusterModel, from = 'internet'): TraceJson {
  return traceJson(traceRequest(model, traceIn(model, 'svc/web', from).request), () => null);
}

function assuming(text: string): ClusterModel {
  const read = readWhatIf(text, shop);
  if (read.kind === 'unreadable') throw new Error(read.message);
  return withWhatIf(shop, read.value);
}

function drawn(before: TraceJson, after: TraceJson): string {
  return `\n${comparedTraces(before, after)
    .map((line) => `${line.isSame ? '=' : '≠'} ${line.what}: ${line.before || '–'} | ${line.after || '–'}`)
    .join('\n')}\n`;
}

test('a node that was just drained, beside what is written', () =>
  expect(drawn(jsonIn(shop), jsonIn(assuming('node/node-1=just-drained')))).toMatchInlineSnapshot(`
    "
    ≠ summary: 2 hops from LB, source preserved | 2 hops from LB, source preserved, 1/2 dropped
    = hops: 2 | 2
    ≠ delivered: all | 1/2 (50 %)
    ≠ dropped: no pod on that node: – | 1/2 (50 %)
    ≠ pod/web-0 gets: 1/2 (50 %) | –
    = pod/web-1 gets: 1/2 (50 %) | 1/2 (50 %)
    ≠ source seen: 198.51.100.7 (client): all | 1/2 (50 %)
    = assumed: the same in 5 more lines | the same in 5 more lines
    "
  `));

test('the other policy', () =>
  expect(drawn(jsonIn(shop), jsonIn(assuming('svc/web.externalTrafficPolicy=Cluster')))).toMatchInlineSnapshot(`
    "
    ≠ summary: 2 hops from LB, source preserved | 2 hops from LB, SNAT applied
    = hops: 2 | 2
    = delivered: all | all
    = pod/web-0 gets: 1/2 (50 %) | 1/2 (50 %)
    = pod/web-1 gets: 1/2 (50 %) | 1/2 (50 %)
    ≠ source seen: 198.51.100.7 (client): all | –
    ≠ source seen: 10.244.1.1 (node/node-1): – | 1/6 (~17 %)
    ≠ source seen: 192.168.0.11 (node/node-1): – | 1/6 (~17 %)
    ≠ source seen: 192.168.0.12 (node/node-2): – | 1/6 (~17 %)
    ≠ source seen: 10.244.2.1 (node/node-2): – | 1/6 (~17 %)
    ≠ source seen: 192.168.0.13 (node/node-3): – | 1/3 (~33 %)
    = assumed: the same in 5 more lines | the same in 5 more lines
    "
  `));

test('internet and pod', () =>
  expect(drawn(jsonIn(shop), jsonIn(shop, 'pod'))).toMatchInlineSnapshot(`
    "
    ≠ summary: 2 hops from LB, source preserved | 1 hop from pod, no SNAT
    ≠ hops: 2 | 1
    = delivered: all | all
    = pod/web-0 gets: 1/2 (50 %) | 1/2 (50 %)
    = pod/web-1 gets: 1/2 (50 %) | 1/2 (50 %)
    ≠ source seen: 198.51.100.7 (client): all | –
    ≠ source seen: 10.244.1.254 (pod/client): – | all
    ≠ assumed: nodePort 31649 stands for the one that Service web will be given | –
    ≠ assumed: 203.0.113.200 stands for the address that the load balancer of Service web will be given | –
    ≠ assumed: – | 10.96.56.222 stands for the cluster address that Service web will be given
    = assumed: the same in 3 more lines | the same in 3 more lines
    "
  `));

test('paths that differ in names alone are one', () => {
  const { paths } = jsonIn(assuming('svc/web.externalTrafficPolicy=Cluster'));
  const alike = alikePaths(paths).map(({ paths: own, share, together }) =>
    [own.length, share.toFraction(), together.toFraction()].join(' '),
  );
  expect(alike).toMatchInlineSnapshot(`
    [
      "2 1/6 1/3",
      "4 1/6 2/3",
    ]
  `);
});

test.each([
  ['', {}],
  ['X-Env: canary\n\n Cookie:a=b; c: d', { 'x-env': 'canary', cookie: 'a=b; c: d' }],
  ['X-Env', 'A header is a line "Name: value"; this one can\'t be read: X-Env'],
  ['a b: c', 'A header is a line "Name: value"; this one can\'t be read: a b: c'],
])('the headers %j', (text, expected) => {
  const read = readHeaders(text);
  expect(read.kind === 'read' ? read.value : read.message).toEqual(expected);
});
