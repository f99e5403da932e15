import type { Behaviour, LoadBalancerKind } from './loadBalancerKind.ts';

/**
 * Nodes announce the address themselves: the packet comes to one still addressed to it, from the client,
 * and the node answers.
 */
function announced(nodes: 'all' | 'one'): () => Behaviour {
  // No health check: under policy Local only nodes with ready endpoints announce the address.
  return () => ({
    target: 'address',
    source: 'client',
    proxyProtocol: false,
    nodes,
    reply: 'direct',
    leavesOut: 'announcement',
    // The packet reaches the node as the client sent it, and none of them filters.
    sourceRanges: 'kube-proxy',
    health: { cluster: null, local: null },
  });
}

const isMetallb = (name: string): boolean => name.startsWith('metallb.io/') || name.startsWith('metallb.universe.tf/');

export const metallbL2: LoadBalancerKind = {
  id: 'metallb-l2',
  title: 'MetalLB, layer 2',
  signs: { annotation: isMetallb, loadBalancerClass: /metallb/ },
  behaviour: announced('one'),
  annotations: [
    { name: 'metallb.io/loadBalancerIPs', meaning: 'The addresses to announce.' },
    { name: 'metallb.io/allow-shared-ip', meaning: 'Services with the same value may share an address.' },
  ],
  sources: ['https://metallb.io/concepts/layer2/', 'https://metallb.io/usage/#traffic-policies'],
};

export const metallbBgp: LoadBalancerKind = {
  id: 'metallb-bgp',
  title: 'MetalLB, BGP',
  signs: {},
  behaviour: announced('all'),
  annotations: metallbL2.annotations,
  sources: ['https://metallb.io/concepts/bgp/', 'https://metallb.io/usage/#traffic-policies'],
};

export const ciliumL2: LoadBalancerKind = {
  id: 'cilium-l2',
  title: 'Cilium, L2 announcements',
  signs: {
    annotation: (name) => name.startsWith('lbipam.cilium.io/') || name.startsWith('io.cilium/lb-ipam'),
    loadBalancerClass: /^io\.cilium\/l2-announcer$/,
  },
  behaviour: announced('one'),
  annotations: [{ name: 'lbipam.cilium.io/ips', meaning: 'The addresses to announce.' }],
  sources: ['https://docs.cilium.io/en/stable/network/l2-announcements/'],
};

export const ciliumBgp: LoadBalancerKind = {
  id: 'cilium-bgp',
  title: 'Cilium, BGP',
  signs: { loadBalancerClass: /^io\.cilium\/bgp-control-plane$/ },
  behaviour: announced('all'),
  annotations: ciliumL2.annotations,
  sources: ['https://docs.cilium.io/en/stable/network/bgp-control-plane/bgp-control-plane/'],
};

export const kubeVip: LoadBalancerKind = {
  id: 'kube-vip',
  title: 'kube-vip, ARP',
  signs: { annotation: (name) => name.startsWith('kube-vip.io/'), loadBalancerClass: /^kube-vip\.io\// },
  behaviour: announced('one'),
  annotations: [{ name: 'kube-vip.io/loadbalancerIPs', meaning: 'The addresses to announce.' }],
  sources: ['https://kube-vip.io/docs/modes/arp/', 'https://kube-vip.io/docs/usage/kubernetes-services/'],
};

/** A route on the host through the node, to a Service whose balancer's address is its cluster address. */
export const minikube: LoadBalancerKind = {
  id: 'minikube',
  title: 'minikube tunnel',
  signs: {},
  behaviour: announced('one'),
  annotations: [],
  sources: ['https://minikube.sigs.k8s.io/docs/handbook/accessing/#loadbalancer-access'],
};

/**
 * The status has the nodes' own addresses (`podIPs`, ipMode VIP). So kube-proxy takes the packets before the host ports
 * of k3s's own `svclb` pods do, and the filter of those pods (`SRC_RANGES`) is never asked. kube-proxy puts its jump
 * before what stands in nat PREROUTING, and the CNI plugin `portmap` puts its own behind it.
 * Source: k3s-io/k3s pkg/cloudprovider/servicelb.go `getStatus`, `podIPs` (1.33); kubernetes/kubernetes
 * pkg/proxy/iptables/proxier.go `iptablesJumpChains` (1.36).
 */
export const klipper: LoadBalancerKind = {
  id: 'klipper',
  title: 'k3s ServiceLB (klipper)',
  signs: { providerID: /^k3s:/ },
  behaviour: announced('all'),
  annotations: [],
  sources: [
    'https://docs.k3s.io/networking/networking-services#service-load-balancer',
    'https://github.com/k3s-io/k3s/blob/master/pkg/cloudprovider/servicelb.go',
  ],
};
