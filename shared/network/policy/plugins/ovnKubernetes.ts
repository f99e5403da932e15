import { commonReading, type PolicyPlugin } from '../policyPlugin.ts';

/**
 * OVN-Kubernetes: its ACLs on the way out stand behind the load balancer (`apply-after-lb`). What comes in from outside
 * is masqueraded by the node's gateway router, with its address in the join network, 100.64.0.0/16. The node's own
 * requests come from its management port, which an ACL of its own lets in; so does one for what asks itself.
 */
export const ovnKubernetes: PolicyPlugin = {
  ...commonReading,
  id: 'ovn-kubernetes',
  title: 'OVN-Kubernetes',
  enforces: ['NetworkPolicy', 'AdminNetworkPolicy', 'BaselineAdminNetworkPolicy'],
  ingressSees: 'behind masquerade',
  masqueradedIs: 'the gateway router',
  ownService: 'let through',
  sources: [
    'ovn-kubernetes docs/design/acls.md (NetpolNode, NetpolDefault, apply-after-lb)',
    'ovn-kubernetes docs/features/network-security-controls/admin-network-policy.md',
  ],
};
