import { expect, test } from 'vitest';
import { readWhatIf, withWhatIf } from '../shared/cluster/whatIf.ts';
import { summarize } from '../shared/trace/summary.ts';
import { clusterOf, traceIn } from './scene.ts';

const cluster = (policy: string): ReturnType<typeof clusterOf> =>
  clusterOf([
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: {
        type: 'LoadBalancer',
        externalTrafficPolicy: policy,
        selector: { app: 'web' },
        ports: [{ port: 80, targetPort: 8080 }],
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas: 2,
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'web', ports: [{ containerPort: 8080 }] }] },
        },
      },
    },
  ]);

function ends(policy: string, ...texts: readonly string[]): string {
  const model = texts.reduce((before, text) => {
    const read = readWhatIf(text, before);
    if (read.kind === 'unreadable') throw new Error(read.message);
    return withWhatIf(before, read.value);
  }, cluster(policy));
  const trace = traceIn(model, 'svc/web');
  const shares = trace.paths.map(
    ({ probability, verdict }) =>
      `${probability.toFraction()} ${verdict.kind === 'delivered' ? verdict.pod?.name : verdict.reason}`,
  );
  return `${summarize(trace).text}: ${shares.join(', ')}`;
}

test.each([
  [
    'nothing',
    'Cluster',
    [],
    '2 hops from LB, SNAT applied: 1/6 web-0, 1/6 web-1, 1/6 web-0, 1/6 web-1, 1/6 web-0, 1/6 web-1',
  ],
  [
    'a node down: its pod is out, the balancer passes it by',
    'Cluster',
    ['node/node-1=down'],
    '2 hops from LB, SNAT applied: 1/2 web-1, 1/2 web-1',
  ],
  [
    'a pod not ready',
    'Cluster',
    ['pod/web-0=not-ready'],
    '2 hops from LB, SNAT applied: 1/3 web-1, 1/3 web-1, 1/3 web-1',
  ],
  [
    'the only ready pod terminating',
    'Cluster',
    ['pod/web-0=gone', 'pod/web-1=terminating'],
    '2 hops from LB, SNAT applied: 1/3 web-1, 1/3 web-1, 1/3 web-1',
  ],
  [
    'no pod left',
    'Cluster',
    ['pod/web-0=gone', 'pod/web-1=gone'],
    'rejected: no ready endpoint: 1/3 no-endpoints, 1/3 no-endpoints, 1/3 no-endpoints',
  ],
  [
    'the other policy',
    'Cluster',
    ['svc/web.externalTrafficPolicy=Local'],
    '2 hops from LB, source preserved: 1/2 web-0, 1/2 web-1',
  ],
  [
    'kube-proxy in another mode',
    'Cluster',
    ['kube-proxy=cilium'],
    '2 hops from LB, SNAT on some paths: 1/6 web-0, 1/6 web-1, 1/6 web-0, 1/6 web-1, 1/6 web-0, 1/6 web-1',
  ],
  ['a node drained', 'Local', ['node/node-1=drained'], '2 hops from LB, source preserved: 1 web-1'],
  [
    'a node freshly drained: the balancer has not noticed',
    'Local',
    ['node/node-1=just-drained'],
    '2 hops from LB, source preserved, 1/2 dropped: 1/2 no-local-endpoints, 1/2 web-1',
  ],
] as const)('%s', (_, policy, texts, expected) => expect(ends(policy, ...texts)).toBe(expected));

test.each([
  ['node/node-9=down', 'There is no node node-9.'],
  ['node/node-1=broken', 'A node can be assumed down, drained, just-drained, not broken.'],
  ['kube-proxy=ebpf', 'kube-proxy can be assumed in mode iptables, nftables, ipvs, cilium, not ebpf.'],
  ['pod/web=gone', 'There is no pod web in namespace default.'],
  [
    'svc/web=Local',
    'Of a Service, externalTrafficPolicy or internalTrafficPolicy can be assumed, as Cluster or Local.',
  ],
  [
    'web',
    'Can\'t read what to assume, "web": it can be node/NAME=down|drained|just-drained, ' +
      'pod/NAME[.NAMESPACE]=not-ready|terminating|gone, ' +
      'svc/NAME[.NAMESPACE].externalTrafficPolicy=Cluster|Local, or kube-proxy=iptables|nftables|ipvs|cilium.',
  ],
])('%s is refused in words', (text, message) =>
  expect(readWhatIf(text, cluster('Cluster'))).toEqual({ kind: 'unreadable', message }),
);
