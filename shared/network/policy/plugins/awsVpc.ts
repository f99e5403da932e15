import { commonReading, type PolicyPlugin } from '../policyPlugin.ts';

/**
 * The VPC CNI's own agent, an eBPF program at the pod's veth: on the way out it sees a Service's cluster address and
 * port, before kube-proxy; the controller adds the cluster addresses of Services whose selector a peer's podSelector
 * matches (`serviceAddresses.ts`). On the way in it stands behind the masquerade, and the node's own address is allowed
 * in each of its maps, in both directions: so is whoever the node masquerades. A map has an entry for each range, and
 * for each address of a pod, those on their nodes' networks too. The longest that fits decides; an `except` is an entry
 * that allows nothing. Its ClusterNetworkPolicy is another (networking.k8s.aws).
 */
export const awsVpc: PolicyPlugin = {
  ...commonReading,
  id: 'aws-vpc',
  title: 'AWS VPC CNI with its agent',
  enforces: ['NetworkPolicy'],
  egressSees: 'service',
  ingressSees: 'behind masquerade',
  ownNode: { ...commonReading.ownNode, fromPod: 'let out' },
  exceptsTake: 'from all wider ones',
  hostPods: 'by their address',
  sources: [
    'aws/amazon-network-policy-controller-k8s pkg/resolvers/endpoints.go (getMatchingServiceClusterIPs, ' +
      'listMatchingPods; ecc7e6a)',
    'aws/aws-network-policy-agent pkg/fwruleprocessor/fw_rule_processor.go:60-170, ' +
      'pkg/ebpf/c/tc.v4ingress.bpf.c (evaluateNamespacePolicyByLookUp, BPF_DROP; c8619c0)',
  ],
};
