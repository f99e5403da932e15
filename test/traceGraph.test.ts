import Fraction from 'fraction.js';
import { expect, test } from 'vitest';
import type { ClusterModel } from '../shared/cluster/clusterModel.ts';
import { askablesIn, asksOf, requestOf } from '../shared/insight/asks.ts';
import { outcomesOf } from '../shared/trace/outcomes.ts';
import { mostPaths } from '../shared/trace/paths.ts';
import { describeWay, summarize } from '../shared/trace/summary.ts';
import type { Origin, Path } from '../shared/trace/trace.ts';
import { traceJson } from '../shared/trace/traceJson.ts';
import { traceText } from '../shared/trace/traceText.ts';
import { crowded } from './crowded.ts';
import { exampleModels } from './examples/example.ts';
import { type Followed, follow } from './follow.ts';
import { cluster, traceIn } from './scene.ts';

const noPlace = (): null => null;

test('paths that come together are one from there on', () => {
  const trace = traceIn(cluster(crowded), 'http://shop.example.com/cart');
  // Client, balancer, nodes, controllers by the node that sent to them, connections of each controller's own, pods by
  // the controller that asks them.
  expect(trace.graph.nodes.length).toBe(1 + 1 + 64 + 64 * 6 + 6 + 6 * 64);
  expect(trace.paths.length).toBe(64 * 6 * 64);
  expect(summarize(trace)).toEqual({
    text: '3 hops from LB, SNAT applied',
    hops: { min: 3, max: 3 },
    snat: 'always',
  });
  // Each node's address comes to the pod by its own path, though the pods' arrivals are one.
  expect(new Set(trace.paths.map(({ received }) => received?.headers.get('x-forwarded-for'))).size).toBeGreaterThan(60);
  const json = traceJson(trace, noPlace);
  expect(json.paths.length + json.pathsLeft).toBe(24_576);
  expect(json.paths.length).toBeLessThanOrEqual(mostPaths);
  expect(JSON.stringify(json).length).toBeLessThan(1_000_000);
  expect(traceText(trace, noPlace)).toContain('\n… and 24,320 more paths\n');
});

/** What the graph says in one pass, said of the paths one by one. */
function byPaths(paths: readonly Path[]): object {
  const delivered = paths.filter(({ verdict }) => verdict.kind === 'delivered');
  const counts = delivered.map(({ hops }) => hops.slice(hops.findIndex(({ to }) => to.kind === 'lb') + 1).length);
  const masqueraded = delivered.filter(({ hops }) =>
    hops.some(({ rewrites }) => rewrites.some(({ kind }) => kind === 'SNAT')),
  );
  const sharesOf = (of: (path: Path) => string): Record<string, string> => {
    const groups = Map.groupBy(paths, of);
    return Object.fromEntries([...groups].map(([key, own]) => [key, sumOf(own).toFraction()]));
  };
  return {
    way:
      delivered.length === 0
        ? null
        : {
            min: Math.min(...counts),
            max: Math.max(...counts),
            snat: masqueraded.length === 0 ? 'never' : masqueraded.length < delivered.length ? 'sometimes' : 'always',
          },
    outcomes: sharesOf(({ verdict, received }) =>
      verdict.kind === 'delivered'
        ? `${verdict.namespace} ${verdict.service} ${received?.host} ${received?.path}${received?.search}`
        : `${verdict.kind} ${verdict.reason}`,
    ),
  };
}

function byGraph(trace: Followed): object {
  const way = describeWay([trace]);
  const shares = new Map<string, Fraction>();
  for (const { verdict, reason, namespace, service, host, path, share } of outcomesOf(trace.graph)) {
    const key =
      verdict === 'delivered'
        ? `${namespace} ${service} ${host ?? undefined} ${path ?? 'undefinedundefined'}`
        : `${verdict} ${reason}`;
    shares.set(key, (shares.get(key) ?? new Fraction(0)).add(share));
  }
  return {
    way: way === null ? null : { ...way.hops, snat: way.snat },
    outcomes: Object.fromEntries([...shares].map(([key, share]) => [key, share.toFraction()])),
  };
}

function sumOf(paths: readonly Path[]): Fraction {
  return paths.reduce((sum, { probability }) => sum.add(probability), new Fraction(0));
}

function tracesIn(model: ClusterModel): Followed[] {
  const asks = askablesIn(model).flatMap((askable) => asksOf(model, askable));
  const [pod] = model.pods;
  const origins: Origin[] = [{ kind: 'internet' }, ...(pod === undefined ? [] : [{ kind: 'pod', pod } as const])];
  return asks.flatMap((ask) => origins.map((origin) => follow(model, requestOf(ask, origin))));
}

test.each(exampleModels())('the graph of %s says what its paths say', (_, model) => {
  for (const trace of tracesIn(model)) {
    expect(sumOf(trace.paths).toFraction()).toBe('1');
    for (const { moves } of trace.graph.nodes)
      expect(moves.reduce((sum, { share }) => sum.add(share), new Fraction(0)).toFraction()).toBe('1');
    expect(byGraph(trace)).toEqual(byPaths(trace.paths));
  }
});

test('a controller whose Ingress leads back to it is a loop, and ends', () => {
  const backToItself = crowded.replace('service: { name: web,', 'service: { name: controller,');
  const { paths } = traceIn(
    cluster(backToItself.replace(/(count|replicas): \d+/g, '$1: 1')),
    'http://shop.example.com/',
  );
  expect(paths.map(({ verdict }) => verdict)).toMatchObject([{ kind: 'unknown', reason: 'proxy-loop', proxies: 8 }]);
});

/** A controller before another one: each address of a node makes another header, which nobody reads. */
const chained = `${crowded.replace('service: { name: web,', 'service: { name: second,')}---
apiVersion: apps/v1
kind: Deployment
metadata: { name: second }
spec:
  replicas: 6
  selector: { matchLabels: { app: second } }
  template:
    metadata: { labels: { app: second } }
    spec:
      containers: [{ name: traefik, image: "traefik:v3.7.13", ports: [{ containerPort: 80 }] }]
---
apiVersion: v1
kind: Service
metadata: { name: second }
spec: { selector: { app: second }, ports: [{ port: 80 }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: inner }
spec:
  ingressClassName: traefik
  rules:
    - host: shop.example.com
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }
`;

test('a header that nobody reads keeps no arrivals apart, and each path has its own', () => {
  const trace = traceIn(cluster(chained), 'http://shop.example.com/');
  expect(trace.graph.nodes.length).toBeLessThan(1100);
  expect(traceJson(trace, noPlace).pathsLeft).toBeGreaterThan(100_000);
  const small = traceIn(
    cluster(chained.replace('count: 64', 'count: 3').replace(/replicas: \d+/g, 'replicas: 2')),
    'http://shop.example.com/',
  );
  for (const { hops, received } of small.paths) {
    // Traefik replaces what came by the address that it sees, the first controller's.
    expect(received?.headers.get('x-forwarded-for')).toBe(hops.at(-2)?.packet.source);
  }
  const appending = chained
    .replace('traefik:v3.7.13', 'haproxytech/kubernetes-ingress:3.2.11')
    .replace('ingressClassName: traefik', 'ingressClassName: haproxy');
  for (const { hops, received } of traceIn(
    cluster(appending.replace('count: 64', 'count: 3').replace(/replicas: \d+/g, 'replicas: 2')),
    'http://shop.example.com/',
  ).paths)
    expect(received?.headers.get('x-forwarded-for')).toBe(
      hops
        .slice(-3, -1)
        .map(({ packet }) => packet.source)
        .join(', '),
    );
});
