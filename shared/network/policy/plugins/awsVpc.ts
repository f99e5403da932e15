import { commonReading, type PolicyPlugin } from '../policyPlugin.ts';

/**
 * The VPC CNI's own agent, an eBPF program at the pod's veth: on the way out it sees a Service's cluster address and
 * port, before kube-proxy; the controller adds the cluster addresses of Services whose selector a peer's podSelector
 * matches (`serviceAddresses.ts`). On the way in it stands behind the masquerade, and the node's own address is allowed
 * in each of its maps, in both directions: so is whoever the node masquerades.
 */
export const awsVpc: PolicyPlugin = {
  ...commonReading,
  id: 'aws-vpc',
  title: 'AWS VPC CNI with its agent',
  enforces: ['NetworkPolicy'],
  egressSees: 'service',
  ingressSees: 'behind masquerade',
  ownNode: { toPod: 'let in', fromPod: 'let out' },
  sources: [
    'aws/amazon-network-policy-controller-k8s pkg/resolvers/endpoints.go (getMatchingServiceClusterIPs)',
    'aws/aws-network-policy-agent pkg/fwruleprocessor/fw_rule_processor.go; pkg/ebpf/c/tc.v4ingress.bpf.c (BPF_DROP)',
  ],
};
