import { commonReading, type PolicyPlugin } from '../policyPlugin.ts';

/**
 * Cilium judges identities, not addresses. A pod has its own, a node is `host` or `remote-node`; both have no CIDR
 * identity, so an `ipBlock` never means them. What a node forwards from outside with its own address is `world`: the
 * host's identity isn't believed of a masqueraded packet, and through a tunnel `world` is what it is sent with, so that
 * 0.0.0.0/0 matches and nothing narrower; with native routing another node's is `remote-node`, which not even that
 * matches. What a process of the host sends is `host` whoever masquerades it, since CILIUM_OUTPUT marks it behind
 * kube-proxy's DNAT; from another node it is `remote-node`. A pod that asks itself by its Service is let through
 * (bpf_lxc.c).
 */
const cilium = {
  ...commonReading,
  id: 'cilium',
  enforces: ['NetworkPolicy'],
  ingressSees: 'behind masquerade',
  masqueradedIs: 'somebody outside',
  ipBlocksAreFor: 'outside',
  ownService: 'let through',
  sctp: 'shut out',
  switches: { ClusterNetworkPolicy: '--enable-k8s-cluster-network-policy (1.20)' },
} as const;

const sources = [
  'cilium/cilium Documentation/security/policy/language.rst (IP/CIDR based)',
  'cilium/cilium Documentation/network/kubernetes/policy.rst',
  'cilium/cilium bpf/bpf_host.c:580 (`resolve_srcid_ipv4`), bpf/lib/nodeport.h:2470 (world), bpf/bpf_lxc.c ' +
    '(hairpin_flow); --allow-localhost, --enable-sctp (1.20.2)',
  'cilium/cilium pkg/datapath/iptables/iptables.go:1732 (`installHostTrafficMarkRule`), bpf/lib/encap.h:25 ' +
    '(LOCAL_NODE_ID; 1.20.2)',
  'cilium/cilium Documentation/security/policy/caveats.rst (N/S Service Traffic)',
];

/** In kube-proxy's place. */
export const ciliumAlone: PolicyPlugin = {
  ...cilium,
  title: "Cilium in kube-proxy's place",
  sources,
};

/** Beside kube-proxy, which masquerades before Cilium sees the packet. */
export const ciliumBesideKubeProxy: PolicyPlugin = {
  ...cilium,
  title: 'Cilium beside kube-proxy',
  sources: [...sources, 'cilium/cilium#23603'],
};

/** A Cilium that Google runs, with native routing. */
export const gkeDataplaneV2: PolicyPlugin = {
  ...cilium,
  id: 'gke-dataplane-v2',
  title: 'GKE Dataplane V2',
  switches: {},
  sources: [
    'https://cloud.google.com/kubernetes-engine/docs/concepts/dataplane-v2',
    'cilium/cilium install/kubernetes/cilium/templates/cilium-configmap.yaml:545 (gke: native; 1.20.2)',
  ],
};
