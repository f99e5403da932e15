import { commonReading, type PolicyPlugin } from '../policyPlugin.ts';

/**
 * Weave Net's controller, in FORWARD on its bridge: what is for the node itself is let out before any rule. The bridge
 * spans all nodes, so what a node masquerades for another's pod that node has judged too, with the source from before;
 * that gate is none here.
 */
export const weave: PolicyPlugin = {
  ...commonReading,
  id: 'weave',
  title: 'Weave Net',
  enforces: ['NetworkPolicy'],
  ownNode: { ...commonReading.ownNode, fromPod: 'let out' },
  portRanges: 'first port',
  sources: ['weaveworks/weave prog/weave-npc/main.go:120-190, net/bridge.go:515-540 (2.8.1)'],
};
