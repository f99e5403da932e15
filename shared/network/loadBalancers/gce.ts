import { healthNodePort, type LoadBalancerKind } from './loadBalancerKind.ts';

const health = {
  cluster: { asks: 'HTTP :10256/healthz', everySeconds: 8, failures: 3 },
  local: { asks: healthNodePort, everySeconds: 8, failures: 3 },
};
const passthrough = {
  target: 'address',
  source: 'client',
  proxyProtocol: false,
  nodes: 'all',
  reply: 'direct',
  leavesOut: 'health-check',
  // A firewall rule with these sources: kubernetes/cloud-provider-gcp providers/gce/gce_loadbalancer_external.go.
  sourceRanges: 'balancer',
  health,
} as const;
const sources = [
  'https://cloud.google.com/load-balancing/docs/network/networklb-backend-service',
  'https://cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer',
  'https://github.com/kubernetes/cloud-provider-gcp providers/gce/gce_loadbalancer.go',
];
const typeAnnotation = 'networking.gke.io/load-balancer-type';

/** The packet reaches a node still addressed to the load balancer, and the node answers the client itself. */
export const gce: LoadBalancerKind = {
  id: 'gce',
  title: 'Google Cloud external passthrough',
  signs: { annotation: (name) => name.startsWith('cloud.google.com/l4-'), providerID: /^gce:/ },
  behaviour: () => passthrough,
  annotations: [{ name: typeAnnotation, meaning: '`Internal` makes an internal load balancer.' }],
  sources,
};

export const gceInternal: LoadBalancerKind = {
  id: 'gce-internal',
  title: 'Google Cloud internal passthrough',
  signs: {
    annotation: (name, value) =>
      [typeAnnotation, 'cloud.google.com/load-balancer-type'].includes(name) && value === 'Internal',
  },
  behaviour: () => passthrough,
  annotations: gce.annotations,
  sources,
};
