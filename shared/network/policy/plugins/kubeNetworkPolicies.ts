import { commonReading, type PolicyPlugin } from '../policyPlugin.ts';

/**
 * kube-network-policies: a queue in POSTROUTING, five before srcnat; 1.1 has one in INPUT as well, and of 0.8, which
 * hasn't, a pod could ask its own node whatever it wanted. What processes of the node's root send isn't judged
 * (`meta skuid 0 accept`): all of a node's own are taken for such. Each of its programs reads another kind besides:
 * npa-v1alpha1 AdminNetworkPolicies and Baseline ones, npa-v1alpha2 ClusterNetworkPolicies.
 */
export const kubeNetworkPolicies: PolicyPlugin = {
  ...commonReading,
  id: 'kube-network-policies',
  title: 'kube-network-policies',
  adminUntil: '0.8.1',
  enforces: ['NetworkPolicy', 'ClusterNetworkPolicy', 'AdminNetworkPolicy', 'BaselineAdminNetworkPolicy'],
  baselineIsFor: 'the unselected',
  sources: [
    'kubernetes-sigs/kube-network-policies pkg/dataplane/controller.go:521-790 (srcnat-5, skuid, input), :254-300 ' +
      '(drop), cmd/kube-network-policies/ (5f81cc3)',
    'kubernetes-sigs/kube-network-policies pkg/networkpolicy/networkpolicy.go:150-170 (hostNetwork)',
    'kubernetes-sigs/kube-network-policies pkg/networkpolicy/networkpolicy.go:185-213 (a policy for either direction)',
  ],
};

/** It has the same built in, of NetworkPolicies alone; with a queue that nobody reads, all passes (`FailOpen`). */
export const kindnet: PolicyPlugin = {
  ...kubeNetworkPolicies,
  title: 'kindnet',
  enforces: ['NetworkPolicy'],
  sources: [
    'kubernetes-sigs/kindnet cmd/kindnetd/main.go:340-420 (57aff7e)',
    'kubernetes-sigs/kind images/kindnetd/cmd/kindnetd/main.go:225-262 (fed2688)',
  ],
};
