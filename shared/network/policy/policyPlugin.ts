/**
 * How a network plug-in enforces policies, as far as the API leaves that to it. What it does besides (a packet's way
 * from pod to pod) is the profile's `podNetwork`.
 */
export interface PolicyPlugin {
  /** As people call it. */
  readonly title: string;
  /** Without it policies are taken by the API server and do nothing. */
  readonly enforces: boolean;
  /** What the gate on the way out of a pod sees of a packet to a Service: the endpoint, or the Service itself. */
  readonly egressSees: 'endpoint' | 'service';
  /**
   * What the gate of a pod sees on the very node that masquerades a packet to it: the address from before, or the
   * node's. On every other node it sees the node's.
   */
  readonly ingressSees: 'before masquerade' | 'behind masquerade';
  /** Whom an `ipBlock` can stand for: whoever has the address, or those outside the cluster alone. */
  readonly ipBlocksAreFor: 'all' | 'outside';
  /** Whose address a packet carries that a node has masqueraded: that node's, or it counts as from outside. */
  readonly nodesAreSeenAs: 'nodes' | 'outside';
  /** A pod that asks itself by its own Service: judged like any other, or let in at its own gate. */
  readonly ownService: 'judged' | 'let in';
  /** What its own node may ask of a pod, and a pod of its node. */
  readonly ownNode: { readonly toPod: 'let in' | 'judged'; readonly fromPod: 'let out' | 'judged' };
  /** What becomes of a packet that isn't allowed. */
  readonly denies: 'drops' | 'rejects';
}

/** The standard's reading, with what most plug-ins choose where it leaves the choice. */
export const commonReading: PolicyPlugin = {
  title: 'the usual reading',
  enforces: true,
  egressSees: 'endpoint',
  ingressSees: 'before masquerade',
  ipBlocksAreFor: 'all',
  nodesAreSeenAs: 'nodes',
  ownService: 'judged',
  ownNode: { toPod: 'let in', fromPod: 'judged' },
  denies: 'drops',
};
