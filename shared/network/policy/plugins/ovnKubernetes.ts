import { commonReading, type PolicyPlugin } from '../policyPlugin.ts';

/**
 * OVN-Kubernetes: its ACLs on the way out stand behind the load balancer (`apply-after-lb`). What comes in from outside
 * is masqueraded by the node's gateway router, with its address in the join network, 100.64.0.0/16. The node's own
 * requests come from its management port, which an ACL of its own lets in, but those to Services by the gateway router,
 * too. An ACL lets in what asks itself. For a peer
 * with a namespaceSelector alone, routers and management ports are a namespace, OpenShift's `openshift-host-network`;
 * one with a podSelector means pods on their nodes' networks too, by the nodes' addresses.
 */
export const ovnKubernetes: PolicyPlugin = {
  ...commonReading,
  id: 'ovn-kubernetes',
  title: 'OVN-Kubernetes',
  enforces: ['NetworkPolicy', 'AdminNetworkPolicy', 'BaselineAdminNetworkPolicy'],
  ingressSees: 'behind masquerade',
  masqueradedIs: 'the gateway router',
  ownService: 'let through',
  ownNode: { ...commonReading.ownNode, toService: 'as masqueraded' },
  hostPods: 'by their address if selected',
  switches: {
    AdminNetworkPolicy: '--enable-admin-network-policy',
    BaselineAdminNetworkPolicy: '--enable-admin-network-policy',
  },
  sources: [
    'ovn-kubernetes docs/design/acls.md (NetpolNode, NetpolDefault, apply-after-lb)',
    'ovn-kubernetes docs/design/service-traffic-policy.md (breth0, priority 500, 169.254.169.2; GR)',
    'ovn-kubernetes docs/features/network-security-controls/admin-network-policy.md',
    'ovn-kubernetes go-controller/pkg/ovn/base_network_controller_policy.go:1148 (useNamespaceAddrSet), ' +
      'addresssetmanager/addressset_manager.go:741 (getHostNamespaceAddressesForNode; 8871cd9)',
  ],
};
