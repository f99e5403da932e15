import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { type Judgement, judgeAtGate } from './gate.ts';
import type { Direction } from './policiesOf.ts';
import type { Protocol } from '../../cluster/service.ts';
import { type PolicyKind, policyKinds, type PolicyPlugin } from './policyPlugin.ts';
import { namesText } from './policyText.ts';
import { type AtPod, type Passing, seenAtGate } from './seenAtGate.ts';

/** Plug-ins that would decide otherwise, all for the same reason. */
export interface Otherwise {
  readonly titles: readonly string[];
  readonly decides: Judgement['kind'];
  /** Why, as the rest of a sentence. */
  readonly why: string;
}

/** Which of the others would let through what the plug-in denies, or deny what it lets through. */
export function otherwise(
  model: ClusterModel,
  { packet, passing }: { readonly packet: AtPod; readonly passing: Passing },
  {
    plugin,
    own,
    others,
  }: {
    readonly plugin: PolicyPlugin;
    /** What it decides. */
    readonly own: Judgement['kind'];
    readonly others: readonly PolicyPlugin[];
  },
): Otherwise[] {
  const decidedBy = (by: PolicyPlugin): Judgement['kind'] => {
    const { at, plugin: read } = seenAtGate(model, packet, passing, by);
    return judgeAtGate(model, at, read).kind;
  };
  const found = new Map<string, Otherwise>();
  for (const other of others) {
    const decides = decidedBy(other);
    if (decides === own) continue;
    const choice = choices.find(
      ({ direction, taken }) =>
        (direction ?? passing.direction) === passing.direction && decidedBy(taken(plugin, other)) === decides,
    );
    const why = choice === undefined ? 'policies are read otherwise there' : choice.why(other);
    const key = `${decides} ${why}`;
    found.set(key, { decides, why, titles: [...(found.get(key)?.titles ?? []), other.title] });
  }
  return [...found.values()];
}

/** What is at a gate that plug-ins may read otherwise, of packets between pods at their own addresses. */
export interface AtIssue {
  readonly kinds: ReadonlySet<PolicyKind>;
  readonly hasRanges: boolean;
  readonly hasPortRanges: boolean;
  readonly protocol: Protocol;
}

/** Whether a plug-in may decide otherwise than another there: that costs less than to ask it. */
export function mayDecideOtherwise(
  own: PolicyPlugin,
  other: PolicyPlugin,
  { kinds, hasRanges, hasPortRanges, protocol }: AtIssue,
): boolean {
  return (
    (hasRanges && (own.ipBlocksAreFor !== other.ipBlocksAreFor || own.exceptsTake !== other.exceptsTake)) ||
    (hasPortRanges && own.portRanges !== other.portRanges) ||
    (protocol === 'SCTP' && own.sctp !== other.sctp) ||
    (own.baselineIsFor !== other.baselineIsFor && [...kinds].some((kind) => kind !== 'NetworkPolicy')) ||
    [...kinds].some((kind) => own.enforces.includes(kind) !== other.enforces.includes(kind))
  );
}

/** A choice that plug-ins make otherwise. */
interface Choice {
  /** Where only one of them can depend on it. */
  readonly direction?: Direction;
  /** A plug-in that reads as it does but for this choice, which is the other's. */
  readonly taken: (own: PolicyPlugin, other: PolicyPlugin) => PolicyPlugin;
  /** What the other does, as the rest of a sentence. */
  readonly why: (other: PolicyPlugin) => string;
}

/** Those that a verdict may depend on by themselves, the most telling first. */
const choices: readonly Choice[] = [
  {
    taken: (own, { egressSees }) => ({ ...own, egressSees }),
    why: ({ egressSees }) =>
      egressSees === 'service'
        ? "a packet still has the Service's address and port there"
        : "a packet already has the pod's address and port there",
  },
  {
    taken: (own, { ipBlocksAreFor }) => ({ ...own, ipBlocksAreFor }),
    why: ({ ipBlocksAreFor }) =>
      ipBlocksAreFor === 'outside'
        ? 'an ipBlock means neither pods nor nodes there'
        : 'an ipBlock means pods and nodes there too',
  },
  { direction: 'ingress', taken: (own, { betweenNodes }) => ({ ...own, betweenNodes }), why: betweenNodesText },
  {
    direction: 'ingress',
    taken: (own, { ingressSees, masqueradedIs, ownNode }) => ({ ...own, ingressSees, masqueradedIs, ownNode }),
    why: sourceText,
  },
  {
    direction: 'ingress',
    taken: (own, { ingressSees, masqueradedIs, ownNode, betweenNodes }) => ({
      ...own,
      ingressSees,
      masqueradedIs,
      ownNode,
      betweenNodes,
    }),
    why: sourceText,
  },
  {
    taken: (own, { ownService, ingressSees }) => ({ ...own, ownService, ingressSees }),
    why: () => 'a pod may ask itself by its own Service there',
  },
  {
    taken: (own, { ownNode }) => ({ ...own, ownNode }),
    why: ({ ownNode }) =>
      ownNode.fromPod === 'judged'
        ? 'what a pod asks of its node is judged'
        : 'a pod may always ask its own node there',
  },
  {
    taken: (own, { exceptsTake }) => ({ ...own, exceptsTake }),
    why: () => 'an except takes away what wider ranges allow there',
  },
  {
    taken: (own, { hostPods }) => ({ ...own, hostPods }),
    why: ({ hostPods }) =>
      hostPods === 'nobody'
        ? "a rule for pods means none on their nodes' networks there"
        : "a rule for pods means those on their nodes' networks too there",
  },
  {
    taken: (own, { baselineIsFor }) => ({ ...own, baselineIsFor }),
    why: ({ baselineIsFor }) =>
      baselineIsFor === 'the unselected'
        ? 'a NetworkPolicy for either direction shuts out tier Baseline there'
        : 'tier Baseline is asked where no NetworkPolicy isolates the pod in this direction',
  },
  {
    taken: (own, { portRanges }) => ({ ...own, portRanges }),
    why: ({ portRanges }) => (portRanges === 'whole' ? 'endPort is read there' : 'endPort is not read there'),
  },
  { taken: (own, { sctp }) => ({ ...own, sctp }), why: () => 'SCTP is off there unless somebody enables it' },
  {
    taken: (own, { enforces }) => ({ ...own, enforces }),
    why: enforcedText,
  },
];

/** Which policies do nothing there. */
export function enforcedText({ enforces }: PolicyPlugin): string {
  const idle = policyKinds.filter((kind) => !enforces.includes(kind));
  return `${namesText(idle.map((kind) => `a ${kind}`))} does nothing there`;
}

function betweenNodesText({ betweenNodes, masqueradedIs }: PolicyPlugin): string {
  if (betweenNodes === 'tunnel') return "what another node sends has its tunnel's address there, of the pods' range";
  return masqueradedIs === 'somebody outside'
    ? 'what another node masquerades counts as that node there, which no ipBlock means'
    : "what another node sends has that node's own address there";
}

function sourceText({ ingressSees, masqueradedIs }: PolicyPlugin): string {
  switch (ingressSees) {
    case 'the client':
      return 'the client keeps its own address there';
    case 'before masquerade':
      return 'a node judges before it masquerades there';
    case 'behind masquerade':
      return masqueradedTexts[masqueradedIs];
    default:
      return ingressSees satisfies never;
  }
}

const masqueradedTexts: Readonly<Record<PolicyPlugin['masqueradedIs'], string>> = {
  'the node': 'whatever the own node of a pod masquerades is let in there',
  "the node's gateway": "a masqueraded packet has an address of the pods' range there",
  'somebody outside': 'the masquerade comes before the policy there',
  'the gateway router': "a masqueraded packet has the gateway router's address there, of 100.64.0.0/16",
};
