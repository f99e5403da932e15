import { expect, test } from 'vitest';
import { clusterOf, foundIn, traceIn } from './scene.ts';

/** A Service behind a kind of balancer: who may ask, which families it has, whether it has a pod. */
function behind(
  provider: string,
  ranges: readonly string[],
  { mode = 'iptables', hasPod = true }: { readonly mode?: string; readonly hasPod?: boolean } = {},
): ReturnType<typeof clusterOf> {
  return clusterOf([
    {
      apiVersion: 'hoplens.dev/v1alpha1',
      kind: 'ClusterProfile',
      metadata: { name: 'test' },
      spec: { loadBalancer: { provider }, kubeProxy: { mode }, nodes: { count: 2 } },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: {
        type: 'LoadBalancer',
        clusterIP: '10.96.0.80',
        selector: { app: 'web' },
        loadBalancerSourceRanges: ranges,
        ports: [{ port: 80, nodePort: 30080 }],
      },
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.80' }] } },
    },
    ...(hasPod
      ? [
          {
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name: 'web-0', labels: { app: 'web' } },
            spec: { nodeName: 'node-1', containers: [{ name: 'web' }] },
          },
        ]
      : []),
  ]);
}

/** How it ends for the internet's client, and where it ended: at the balancer, or on a node. */
function endsOf(model: ReturnType<typeof clusterOf>): string[] {
  const ends = traceIn(model, 'http://203.0.113.80/').paths.map(
    ({ verdict, hops }) =>
      `${verdict.kind}${verdict.kind === 'delivered' ? '' : ` ${verdict.reason} at ${hops.at(-1)?.to.kind}`}`,
  );
  return [...new Set(ends)];
}

test.each([
  // Source: the sources named in shared/network/loadBalancers.
  ['aws-classic', ['denied source-ranges at lb']],
  ['aws-nlb', ['denied source-ranges at lb']],
  ['gce', ['denied source-ranges at lb']],
  ['azure', ['denied source-ranges at lb']],
  ['openstack', ['denied source-ranges at lb']],
  ['metallb-l2', ['denied source-ranges at node']],
  ['metallb-bgp', ['denied source-ranges at node']],
  ['kube-vip', ['denied source-ranges at node']],
  ['cilium-l2', ['denied source-ranges at node']],
  ['klipper', ['denied source-ranges at node']],
  ['hetzner', ['delivered']],
  ['linode', ['delivered']],
  ['generic', ['denied source-ranges at lb']],
])('%s: who keeps out a client that is in no range', (provider, expected) => {
  expect(endsOf(behind(provider, ['10.0.0.0/8']))).toEqual(expected);
});

test.each([
  ['metallb-l2', ['delivered']],
  ['klipper', ['delivered']],
  ['generic', ['delivered']],
  // A cloud's filter has no rule for such a client, and what no rule lets in stays out.
  ['aws-nlb', ['denied source-ranges at lb']],
])('%s: ranges of the other family alone', (provider, expected) => {
  expect(endsOf(behind(provider, ['2001:db8:1::/48']))).toEqual(expected);
});

test.each([
  ['iptables', ['rejected no-endpoints at node']],
  ['nftables', ['denied source-ranges at node']],
])('ranges without endpoints, %s mode', (mode, expected) => {
  expect(endsOf(behind('metallb-l2', ['10.0.0.0/8'], { mode, hasPod: false }))).toEqual(expected);
});

test('that a balancer of which nothing is known obeys the ranges is an assumption', () => {
  const trace = traceIn(behind('generic', ['198.51.100.0/24']), 'svc/web');
  expect(trace.paths.map(({ verdict }) => verdict.kind)).not.toContain('denied');
  expect(trace.assumptions.map(({ id }) => id)).toContain('source-ranges:default/web');
});

/** Whether the rule says what the trace shows: a client of the family without a range gets in. */
const other = ['2001:db8:1::/48'];
test.each([
  ['metallb-l2', other, ['warning: No range is of family IPv4, so kube-proxy lets every IPv4 client to Service web.']],
  [
    'generic',
    other,
    [
      'info: No range is of family IPv4: unless the load balancer itself keeps them out, ' +
        'every IPv4 client gets to Service web.',
    ],
  ],
  ['generic', [...other, '10.0.0.0/8'], []],
  ['aws-nlb', other, []],
])('%s with the ranges %o: what the rule finds', (provider, ranges, expected) => {
  const found = foundIn(behind(provider, ranges)).filter(({ rule }) => rule === 'source-ranges-open');
  expect(found.map(({ severity, message }) => `${severity}: ${message}`)).toEqual(expected);
});
