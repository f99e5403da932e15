import { commonReading, type PolicyPlugin } from '../policyPlugin.ts';

/**
 * Antrea with AntreaProxy, as it comes: Open vSwitch stands behind the host's network, where kube-proxy masquerades what
 * comes from outside. What the host sends itself carries a mark and is let in; a masqueraded packet doesn't carry it.
 * A pod that asks itself is always let in, its egress rules count.
 */
export const antrea: PolicyPlugin = {
  ...commonReading,
  id: 'antrea',
  title: 'Antrea',
  ingressSees: 'behind masquerade',
  masqueradedIs: 'a stranger at its address',
  ownService: 'let in',
  sources: [
    'antrea-io/antrea docs/design/ovs-pipeline.md (ServiceLB, EndpointDNAT, EgressRule; IngressSecurityClassifier)',
    'antrea-io/antrea docs/antrea-network-policy.md (Notes), docs/cluster-network-policy.md',
  ],
};
