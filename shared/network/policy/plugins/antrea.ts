import { commonReading, type PolicyPlugin } from '../policyPlugin.ts';

/**
 * Antrea with AntreaProxy, as it comes: Open vSwitch stands behind the host's network, where kube-proxy masquerades
 * what comes from outside, on its way out by antrea-gw0, and with that one's address. What the host sends itself
 * carries a mark that it gets in mangle OUTPUT where it leaves by antrea-gw0, and is let in. What it asks of a Service
 * still leaves by another link there, before kube-proxy's DNAT in nat OUTPUT, and gets none: it counts for what is
 * masqueraded (tried on a real kernel). IPVS sends it through OUTPUT again, with the pod's address. A pod that asks
 * itself is always let in, its egress rules count.
 */
export const antrea: PolicyPlugin = {
  ...commonReading,
  id: 'antrea',
  title: 'Antrea',
  ingressSees: 'behind masquerade',
  masqueradedIs: "the node's gateway",
  ownService: 'let in',
  ownNode: { ...commonReading.ownNode, toService: 'as to the pod by IPVS' },
  switches: {
    ClusterNetworkPolicy: 'feature gate ClusterNetworkPolicy',
    AdminNetworkPolicy: 'feature gate AdminNetworkPolicy',
    BaselineAdminNetworkPolicy: 'feature gate AdminNetworkPolicy',
  },
  sources: [
    'antrea-io/antrea docs/design/ovs-pipeline.md (ServiceLB, EndpointDNAT, EgressRule; IngressSecurityClassifier)',
    'antrea-io/antrea release v0.12.2 (#1816), pkg/agent/route/route_linux.go (HostLocalSourceMark: `-o` antrea-gw0)',
    'antrea-io/antrea docs/antrea-network-policy.md (Notes), docs/cluster-network-policy.md',
    'antrea-io/antrea pkg/features/antrea_features.go:246 (off), pkg/controller/networkpolicy/crd_utils.go:67 ' +
      '(hostNetwork; fc70f2b)',
  ],
};
