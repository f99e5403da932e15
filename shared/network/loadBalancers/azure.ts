import { annotationOf, healthNodePort, type LoadBalancerKind } from './loadBalancerKind.ts';

const prefix = 'service.beta.kubernetes.io/azure-';
const noFloatingIP = `${prefix}disable-load-balancer-floating-ip`;

/** With a floating IP, the default, the node gets packets addressed to the load balancer; without, to its nodePort. */
export const azure: LoadBalancerKind = {
  id: 'azure',
  title: 'Azure Load Balancer',
  signs: { annotation: (name) => name.startsWith(prefix), providerID: /^azure:/ },
  behaviour: (service) => {
    const isFloating = annotationOf(service, noFloatingIP) !== 'true';
    return {
      target: isFloating ? 'address' : 'nodePort',
      source: 'client',
      proxyProtocol: false,
      nodes: 'all',
      reply: isFloating ? 'direct' : 'through',
      leavesOut: 'health-check',
      // Rules of the network security group: kubernetes-sigs/cloud-provider-azure
      // pkg/provider/loadbalancer/accesscontrol.go.
      sourceRanges: 'balancer',
      health: {
        cluster: { asks: 'TCP nodePort', everySeconds: 5, failures: 2 },
        local: { asks: healthNodePort, everySeconds: 5, failures: 2 },
      },
    };
  },
  annotations: [
    { name: noFloatingIP, meaning: '`true` sends to nodePorts instead of nodes still addressed to the load balancer.' },
    { name: `${prefix}load-balancer-internal`, meaning: '`true` makes an internal load balancer.' },
  ],
  sources: [
    'https://kubernetes-sigs.github.io/cloud-provider-azure/topics/loadbalancer',
    'https://learn.microsoft.com/en-us/azure/load-balancer/load-balancer-floating-ip',
  ],
};
