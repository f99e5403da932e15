import { commonReading, type PolicyPlugin } from '../policyPlugin.ts';

/**
 * kube-router's chains in filter INPUT, FORWARD and OUTPUT, before POSTROUTING; K3s has them built in. Whatever the
 * node sends itself is let in by its source type, LOCAL, and what is for the node at a port of nodePorts' leaves INPUT
 * before any pod's chain; what isn't allowed is rejected, not dropped.
 */
export const kubeRouter: PolicyPlugin = {
  ...commonReading,
  id: 'kube-router',
  title: 'kube-router',
  enforces: ['NetworkPolicy'],
  ownNode: { ...commonReading.ownNode, fromPod: 'let out at nodePorts' },
  denies: 'rejects',
  sources: [
    'cloudnativelabs/kube-router pkg/controllers/netpol/pod.go:230-330, npc_iptables.go:266-420 (--dst-type LOCAL), ' +
      'utils.go (isNetPolActionable; 7c2c277); #934, #1617',
  ],
};
