import type { PolicyEnforcer } from '../../cluster/profile.ts';

/** The kinds of objects that policies are written as. */
export const policyKinds = [
  'NetworkPolicy',
  'ClusterNetworkPolicy',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
] as const;
export type PolicyKind = (typeof policyKinds)[number];

/**
 * How a network plug-in enforces policies, as far as the API leaves that to it. What it does besides (a packet's way
 * from pod to pod) is the profile's `podNetwork`. Each has a file of its own in `plugins/`.
 */
export interface PolicyPlugin extends PolicyReading {
  /** Null for what no product is called. */
  readonly id: PolicyEnforcer | null;
  /** As people call it. */
  readonly title: string;
  /**
   * Its last release that reads AdminNetworkPolicies and Baseline ones; the next reads ClusterNetworkPolicies. Null for
   * one that reads them still, or never did.
   */
  readonly adminUntil: string | null;
  /** Where that stands: a file of its own, its documentation, an issue. */
  readonly sources: readonly string[];
}

/** The choices. */
export interface PolicyReading {
  /** Others are taken by the API server and do nothing; so are all where it enforces none. */
  readonly enforces: readonly PolicyKind[];
  /** What has to be on for it to enforce a kind, and is off unless somebody wants it. */
  readonly switches: Readonly<Partial<Record<PolicyKind, string>>>;
  /**
   * What the gate on the way out of a pod sees of a packet to a Service: the endpoint that was chosen, or the Service's
   * own address and port.
   */
  readonly egressSees: 'endpoint' | 'service';
  /**
   * What the gate of a pod sees as the source of a packet that a node masqueraded: `before masquerade`, on that very
   * node, the address from before, on every other the node's; `behind masquerade` the node's, on each; `the client`
   * the address from before, on each, since it makes no such masquerade.
   */
  readonly ingressSees: 'before masquerade' | 'behind masquerade' | 'the client';
  /**
   * How packets from node to node go: as the profile has it, or, where it doesn't say, through a tunnel or not. What
   * another node sends, or masqueraded, has the address of its tunnel then.
   */
  readonly betweenNodes: 'as the profile says' | 'tunnel' | 'no tunnel';
  /**
   * For whom a packet counts that a node masqueraded: that node, by its own address; its gateway to the pods, by that
   * one's address, and so for nothing that the node itself sends; somebody outside, of no range but all addresses (but
   * for that node, where no tunnel says otherwise, if it isn't the pod's own); the gateway router, by its address in
   * OVN-Kubernetes' join network.
   */
  readonly masqueradedIs: 'the node' | "the node's gateway" | 'somebody outside' | 'the gateway router';
  /** Whom an `ipBlock` can stand for: whoever has the address, or those outside the cluster: no pods, no nodes. */
  readonly ipBlocksAreFor: 'all' | 'outside';
  /**
   * What an `except` takes away: what its own entry would allow, or, where ranges are looked up by the longest match,
   * what any entry with a wider range would.
   */
  readonly exceptsTake: 'from their entry' | 'from all wider ones';
  /**
   * Whom a rule for pods means of those on their nodes' networks: none, whoever has such a pod's address, or only where
   * the entry has a `podSelector`, and else none but those of the namespace that stands for the nodes' own traffic.
   */
  readonly hostPods: 'nobody' | 'by their address' | 'by their address if selected';
  /** A pod that asks itself by its own Service: judged like any other, let in at its own gate, or let through both. */
  readonly ownService: 'judged' | 'let in' | 'let through';
  /**
   * What its own node may ask of a pod, and a pod of its node. What the node asks of a Service that leads to the pod,
   * and masquerades, counts for the same, or for whatever the node masquerades.
   */
  readonly ownNode: {
    readonly toPod: 'let in' | 'judged';
    readonly toService: 'as to the pod' | 'as to the pod by IPVS' | 'as masqueraded';
    readonly fromPod: 'let out' | 'let out at nodePorts' | 'judged';
  };
  /**
   * Whose connections are left to tier Baseline: those in a direction for which no NetworkPolicy isolates the pod, or
   * those of pods that none selects, be it for the other direction.
   */
  readonly baselineIsFor: 'the unisolated' | 'the unselected';
  /** Of `port` and `endPort` all ports in between, or the first alone. */
  readonly portRanges: 'whole' | 'first port';
  /** Whether a rule's ports of SCTP are read, or let nothing through. */
  readonly sctp: 'read' | 'shut out';
  /** What becomes of a packet that isn't allowed. */
  readonly denies: 'drops' | 'rejects';
}

/** The standard's reading, with what most plug-ins choose where it leaves the choice. */
export const commonReading: PolicyPlugin = {
  id: null,
  title: 'the usual reading',
  adminUntil: null,
  sources: [],
  enforces: policyKinds,
  switches: {},
  egressSees: 'endpoint',
  ingressSees: 'before masquerade',
  betweenNodes: 'as the profile says',
  masqueradedIs: 'the node',
  ipBlocksAreFor: 'all',
  exceptsTake: 'from their entry',
  hostPods: 'nobody',
  ownService: 'judged',
  ownNode: { toPod: 'let in', toService: 'as to the pod', fromPod: 'judged' },
  baselineIsFor: 'the unisolated',
  portRanges: 'whole',
  sctp: 'read',
  denies: 'drops',
};
