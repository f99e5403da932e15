import type { LoadBalancerKind } from './loadBalancerKind.ts';

/**
 * What is taken where nothing says otherwise: it spreads over the healthy nodes' nodePorts and keeps the client's
 * address.
 */
export const generic: LoadBalancerKind = {
  id: 'generic',
  title: 'a generic load balancer',
  signs: {},
  behaviour: () => ({
    target: 'nodePort',
    source: 'client',
    proxyProtocol: false,
    nodes: 'all',
    reply: 'through',
    leavesOut: 'health-check',
    sourceRanges: 'assumed',
    health: { cluster: null, local: null },
  }),
  annotations: [],
  sources: ['https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer'],
};
