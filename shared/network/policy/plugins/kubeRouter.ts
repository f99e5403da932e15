import { commonReading, type PolicyPlugin } from '../policyPlugin.ts';

/**
 * kube-router's chains in filter INPUT, FORWARD and OUTPUT, before POSTROUTING; K3s has them built in. Whatever the
 * node sends itself is let in by its source type, LOCAL; what isn't allowed is rejected, not dropped.
 */
export const kubeRouter: PolicyPlugin = {
  ...commonReading,
  id: 'kube-router',
  title: 'kube-router',
  enforces: ['NetworkPolicy'],
  denies: 'rejects',
  sources: ['cloudnativelabs/kube-router pkg/controllers/netpol/{npc_iptables,npc_nftables,pod,utils}.go; #934, #1617'],
};
