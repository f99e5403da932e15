import { commonReading, type PolicyPlugin } from '../policyPlugin.ts';

/**
 * Calico with iptables or nftables: its chains stand in filter FORWARD, behind kube-proxy's DNAT and before its
 * masquerade in nat POSTROUTING. What comes from the pod's own host isn't policed (felix/rules/static.go:750-760); what
 * goes there is, and then meets DefaultEndpointToHostAction, which calico.yaml and canal.yaml set to ACCEPT.
 * A release reads ClusterNetworkPolicies (from 3.32 on) or AdminNetworkPolicies (3.29 to 3.31): those that are in a set
 * are taken to be of the one that runs.
 */
export const calico: PolicyPlugin = {
  ...commonReading,
  id: 'calico',
  title: 'Calico',
  adminUntil: '3.31',
  sources: [
    'projectcalico/calico felix/rules/static.go, felix/config/config_params.go ' +
      '(IptablesFilterDenyAction: DROP; 87c1590)',
    'projectcalico/calico felix/docs/config-params.md (DefaultEndpointToHostAction); manifests/calico.yaml',
  ],
};

/** Calico's policies on Flannel's network. */
export const canal: PolicyPlugin = {
  ...calico,
  title: 'Canal',
  sources: ['projectcalico/calico manifests/canal.yaml: calico-node beside kube-flannel'],
};

/** Its eBPF programs choose the endpoint themselves and keep the client's address from node to node. */
export const calicoEbpf: PolicyPlugin = {
  ...calico,
  id: 'calico-ebpf',
  title: 'Calico eBPF',
  ingressSees: 'the client',
  sources: ['projectcalico/calico felix/bpf-gpl/tc.c:655-690: policy before the own NAT, with both addresses at hand'],
};
