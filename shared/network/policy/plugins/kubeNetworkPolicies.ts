import { commonReading, type PolicyPlugin } from '../policyPlugin.ts';

/** kube-network-policies, which kindnet has built in: a queue in POSTROUTING, five before srcnat. */
export const kubeNetworkPolicies: PolicyPlugin = {
  ...commonReading,
  id: 'kube-network-policies',
  title: 'kube-network-policies',
  adminUntil: '0.8.1',
  enforces: ['NetworkPolicy', 'ClusterNetworkPolicy', 'AdminNetworkPolicy', 'BaselineAdminNetworkPolicy'],
  baselineIsFor: 'the unselected',
  sources: [
    'kubernetes-sigs/kube-network-policies pkg/dataplane/controller.go:371-450 (srcnat-5), :744-840 (drop)',
    'kubernetes-sigs/kube-network-policies pkg/networkpolicy/networkpolicy.go:178 (hostNetwork)',
    'kubernetes-sigs/kube-network-policies pkg/networkpolicy/networkpolicy.go:185-213 (a policy for either direction)',
  ],
};
