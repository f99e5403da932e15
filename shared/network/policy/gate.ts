import { isIn } from '../../cluster/address.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { ClusterNetworkPolicy, ClusterPolicyKind, Tier, TierRule } from '../../cluster/clusterNetworkPolicy.ts';
import { nodeNamed } from '../../cluster/lookups.ts';
import {
  type NetworkPolicy,
  type PolicyPort,
  type PolicyRule,
  readNetworkPolicy,
} from '../../cluster/networkPolicy.ts';
import { isLocalTo } from '../../cluster/node.ts';
import type { Pod } from '../../cluster/pod.ts';
import type { Protocol } from '../../cluster/service.ts';
import { type Field, fieldOf } from '../../manifest/manifest.ts';
import {
  anyOf,
  isUndecided,
  type Matched,
  meansPeer,
  meansTierPeer,
  type Peer,
  peerAt,
  peerOf,
  type Undecided,
} from './peer.ts';
import { type Direction, isJudged, isolating, selecting, tierAt } from './policiesOf.ts';
import type { PolicyKind, PolicyPlugin } from './policyPlugin.ts';
import { atServiceAddress } from './serviceAddresses.ts';

/**
 * The first packet of a connection at the one gate of a pod of the pod network: on its way in or out. Replies belong to
 * the connection and aren't judged.
 */
export interface AtGate {
  readonly pod: Pod;
  readonly direction: Direction;
  readonly protocol: Protocol;
  /** The other side: the sender on the way in, the receiver on the way out. By its address, or a pod of no set. */
  readonly peer: string | Pod;
  /** Where it goes to, at the receiver. */
  readonly port: number;
}

/** What policies make of a packet at a gate. */
export type Judgement = Decided | Undetermined;

export type Decided =
  /**
   * `by` is the rule that lets it through: of a tier the one that decides, of NetworkPolicies the first in the order of
   * the set; null where nothing is judged there.
   */
  | { readonly kind: 'allowed'; readonly by: PolicyField | null; readonly passed: readonly TierField[] }
  /**
   * By the rule of a tier, or by all NetworkPolicies that isolate the pod, with the rule that comes nearest to letting
   * it through.
   */
  | {
      readonly kind: 'denied';
      readonly by: readonly PolicyName[];
      readonly nearest: NearRule | null;
      readonly rule: TierField | null;
      readonly passed: readonly TierField[];
    };

export type Undetermined =
  /** It depends on what nothing in the set says. */
  | { readonly kind: 'undecided'; readonly by: PolicyField; readonly lacks: Undecided }
  /** Policies of one tier and priority don't agree, and any may win: the first two rules that don't. */
  | {
      readonly kind: 'tied';
      readonly by: readonly [TierField, TierField];
      /** All that don't agree with the first. */
      readonly against: readonly TierField[];
      readonly tier: Tier;
      readonly priority: number;
    };

export interface PolicyName {
  readonly kind: PolicyKind;
  readonly name: string;
  readonly field: Field;
}

/** A rule of a policy. */
export type PolicyField = RuleField | TierField;

export interface RuleField extends PolicyName {
  readonly kind: 'NetworkPolicy';
  readonly rule: PolicyRule;
}

export interface TierField extends PolicyName {
  readonly kind: ClusterPolicyKind;
  readonly rule: TierRule;
}

/** A rule that would take the packet, were it not for its port, or for who sends or gets it. */
export interface NearRule extends RuleField {
  /** `port behind`: that of the pods to which a Service's port leads. */
  readonly lacks: 'port' | 'port behind' | 'peer';
}

const allowed: Decided = { kind: 'allowed', by: null, passed: [] };

/**
 * Whether a packet comes through a pod's gate, by one plug-in's reading: by tier Admin, then by the NetworkPolicies,
 * whose word is final where any isolates the pod, then by tier Baseline; else it does.
 * Source: network-policy-api v0.3.0 apis/v1beta1 `ClusterNetworkPolicySpec.Tier`.
 */
export function judgeAtGate(model: ClusterModel, at: AtGate, plugin: PolicyPlugin): Judgement {
  const { pod, direction } = at;
  if (plugin.enforces.length === 0 || pod.hostNetwork || !isJudged(model, pod, direction)) return allowed;
  const peer = typeof at.peer === 'string' ? peerAt(model, at.peer) : peerOf(at.peer);
  const judged = { ...at, peer, plugin };
  const baseline = (): Judgement => byTier(model, judged, 'Baseline', () => allowed);
  return byTier(model, judged, 'Admin', () => {
    const policies = plugin.enforces.includes('NetworkPolicy') ? isolating(model, pod, direction) : [];
    if (policies.length === 0) return isForBaseline(model, pod, plugin) ? baseline() : allowed;
    if (isExempt(model, judged)) return allowed;
    const isAtService = direction === 'egress' && plugin.egressSees === 'service' && peer.pod === null;
    const read = isAtService ? policies.map((each) => atServiceAddress(model, peer.address, each)) : policies;
    return byNetworkPolicies(model, judged, read);
  });
}

/** Whether tier Baseline has a say about a pod that no NetworkPolicy isolates. */
function isForBaseline(model: ClusterModel, pod: Pod, { enforces, baselineIsFor }: PolicyPlugin): boolean {
  return (
    baselineIsFor === 'the unisolated' || !enforces.includes('NetworkPolicy') || selecting(model, pod).length === 0
  );
}

/**
 * What never comes to a gate, or is let through whatever NetworkPolicies say. Of the tiers' policies nothing is exempt;
 * but on the way in their rules mean pods alone.
 */
function isExempt(
  model: ClusterModel,
  { pod, direction, port, peer: { address, pod: other }, plugin: { ownNode, ownService } }: Judged,
): boolean {
  if (other === pod) return ownService === 'let through' || (direction === 'ingress' && ownService === 'let in');
  if (other !== null) return false;
  const node = nodeNamed(model, pod.node);
  if (node === undefined || !isLocalTo(node, address)) return false;
  if (direction === 'ingress') return ownNode.toPod === 'let in';
  const { from, to } = model.profile.nodePortRange;
  return ownNode.fromPod === 'let out at nodePorts' ? port >= from && port <= to : ownNode.fromPod === 'let out';
}

interface Judged extends Omit<AtGate, 'peer'> {
  readonly peer: Peer;
  readonly plugin: PolicyPlugin;
}

/** What the rules of a tier make of it; `next` is what comes of it where they leave it to others. */
function byTier(model: ClusterModel, judged: Judged, tier: Tier, next: () => Judgement): Judgement {
  const { hits, isFinal } = hitsOf(model, judged, tier);
  if (hits.length === 0) return next();
  let behind: Judgement | null = null;
  const goOn = (): Judgement => (behind ??= next());
  const ways = hits.map((hit) => ({ hit, judgement: verdictOf(hit.by, goOn) }));
  const all = isFinal ? ways : [...ways, { hit: null, judgement: goOn() }];
  const sure = all.filter(({ hit }) => hit === null || hit.unsure === null);
  const [first] = sure;
  if (first === undefined) return next();
  const against = sure.flatMap(({ hit, judgement }) =>
    hit === null || judgement.kind === first.judgement.kind ? [] : [hit.by],
  );
  const [other] = against;
  if (other !== undefined && first.hit !== null)
    return { kind: 'tied', by: [first.hit.by, other], against, tier, priority: first.hit.priority };
  const doubtful = all.find(({ judgement }) => judgement.kind !== first.judgement.kind)?.hit ?? null;
  if (doubtful === null || doubtful.unsure === null) return first.judgement;
  return { kind: 'undecided', by: doubtful.by, lacks: doubtful.unsure };
}

/** What comes of a packet that a rule takes. */
function verdictOf(by: TierField, goOn: () => Judgement): Judgement {
  switch (by.rule.action) {
    case 'accept':
      return { kind: 'allowed', by, passed: [] };
    case 'deny':
      return { kind: 'denied', by: [by], nearest: null, rule: by, passed: [] };
    case 'pass': {
      const judgement = goOn();
      const isDecided = judgement.kind === 'allowed' || judgement.kind === 'denied';
      return isDecided ? { ...judgement, passed: [by, ...judgement.passed] } : judgement;
    }
    default:
      return by.rule.action satisfies never;
  }
}

/** The first rule of a policy that takes a packet; `unsure` where it can't be known whether it does. */
interface Hit {
  readonly by: TierField;
  readonly priority: number;
  readonly unsure: Undecided | null;
}

/**
 * The rules of a tier that may take a packet, those of the first priority number that surely does the last; several of
 * them where policies of that priority are at odds, or where it can't be known. Final where some rule surely takes it.
 */
function hitsOf(
  model: ClusterModel,
  judged: Judged,
  tier: Tier,
): { readonly hits: readonly Hit[]; readonly isFinal: boolean } {
  const hits: Hit[] = [];
  let last: number | null = null;
  for (const { policy, unsure } of tierAt(model, judged.pod, judged.direction, tier)) {
    if (last !== null && policy.priority !== last) break;
    if (!judged.plugin.enforces.includes(policy.kind)) continue;
    for (const rule of policy[judged.direction]) {
      const takes = takesPacket(model, rule, judged);
      if (takes === false) continue;
      const lacks = isUndecided(takes) ? takes : unsure;
      const by = { ...nameOf(policy), rule: ruleInForce(rule), field: fieldOf(policy.manifest, ...rule.at) };
      hits.push({ by, priority: policy.priority, unsure: lacks });
      if (lacks === null) last = policy.priority;
      if (takes === true) break;
    }
  }
  return { hits, isFinal: last !== null };
}

function takesPacket(model: ClusterModel, rule: TierRule, judged: Judged): Matched {
  if (isUnreadable(rule)) return rule.action !== 'accept';
  if (!takesPort(rule.ports, judged)) return false;
  return anyOf(rule.peers, (each) => meansTierPeer(model, each, judged.peer));
}

/**
 * A rule with a peer that it names by no known field fails closed: it accepts nothing, or denies all.
 * Source: network-policy-api v0.3.0 apis/v1beta1 `ClusterNetworkPolicyEgressPeer`.
 */
function isUnreadable({ peers }: TierRule): boolean {
  return peers.some(({ kind }) => kind === 'unknown');
}

function ruleInForce(rule: TierRule): TierRule {
  return isUnreadable(rule) ? { ...rule, action: 'deny' } : rule;
}

/** The union of all rules of all policies that isolate the pod. Source: k8s.io/api networking/v1/types.go. */
function byNetworkPolicies(model: ClusterModel, judged: Judged, policies: readonly NetworkPolicy[]): Judgement {
  let undecided: Judgement | null = null;
  let nearest: NearRule | null = null;
  const isTaken = isTakenAway(model, judged, policies);
  for (const policy of policies) {
    for (const rule of policy[judged.direction]) {
      const by: RuleField = { ...isolatingName(policy), rule, field: fieldOf(policy.manifest, ...rule.at) };
      const isPort = takesPort(rule.ports, judged);
      const isPeer = takesPeer(model, rule, policy, judged);
      if (isPort && isPeer === true && !isTaken) return { kind: 'allowed', by, passed: [] };
      if (isPort && isUndecided(isPeer)) undecided ??= { kind: 'undecided', by, lacks: isPeer };
      if (isPeer === true && (nearest === null || nearest.lacks === 'peer')) nearest = lackingPort(by, policy, judged);
      if (isPort && isPeer === false && isNearer(rule, nearest)) nearest = { ...by, lacks: 'peer' };
    }
  }
  return undecided ?? { kind: 'denied', by: policies.map(isolatingName), nearest, rule: null, passed: [] };
}

/** Of rules for somebody else, one that names the port has more to do with the packet than one for every port. */
function isNearer({ ports }: PolicyRule, nearest: NearRule | null): boolean {
  return nearest === null || (nearest.lacks === 'peer' && nearest.rule.ports === null && ports !== null);
}

/** A rule for pods that is read as one for a Service's address has the port that leads to theirs, or none. */
function lackingPort(by: RuleField, { manifest }: NetworkPolicy, { direction, plugin }: Judged): NearRule {
  if (direction === 'ingress' || plugin.egressSees === 'endpoint') return { ...by, lacks: 'port' };
  const [read] = by.rule.peers ?? [];
  const written = readNetworkPolicy(manifest)[direction].find(({ at }) => at.join() === by.rule.at.join());
  const isForPods = written?.peers?.some(({ kind, at }) => kind === 'pods' && at.join() === read?.at.join()) === true;
  return written === undefined || read?.kind !== 'addresses' || !isForPods
    ? { ...by, lacks: 'port' }
    : { ...by, rule: written, lacks: 'port behind' };
}

/**
 * Whether what rules allow is taken away again by the `except` of any entry: where all ranges of all policies stand in
 * one table that is searched for the longest match, pods in it by their addresses, an `except` is a range that allows
 * nothing.
 */
function isTakenAway(model: ClusterModel, judged: Judged, policies: readonly NetworkPolicy[]): boolean {
  const { direction, peer, plugin } = judged;
  if (plugin.exceptsTake === 'from their entry') return false;
  const rules = policies.flatMap((policy) => policy[direction].map(({ peers }) => ({ peers: peers ?? [], policy })));
  const blocks = rules.flatMap(({ peers }) => peers.flatMap((each) => (each.kind === 'addresses' ? [each] : [])));
  const longest = (ranges: readonly string[]): number =>
    Math.max(-1, ...ranges.filter((each) => isIn(peer.address, each)).map((each) => Number(each.split('/')[1])));
  if (longest(blocks.flatMap(({ except }) => except)) <= longest(blocks.map(({ range }) => range))) return false;
  return !rules.some(({ peers, policy: { namespace } }) => {
    const pods = peers.filter(({ kind }) => kind === 'pods');
    return anyOf(pods, (each) => meansPeer(model, each, peer, { namespace, plugin })) === true;
  });
}

function isolatingName({ manifest, name }: NetworkPolicy): Omit<RuleField, 'rule'> {
  return { kind: 'NetworkPolicy', name, field: fieldOf(manifest, 'spec') };
}

function nameOf({ manifest, kind, name }: ClusterNetworkPolicy): Omit<TierField, 'rule'> {
  return { kind, name, field: fieldOf(manifest, 'spec') };
}

function takesPeer(
  model: ClusterModel,
  { peers }: PolicyRule,
  { namespace }: NetworkPolicy,
  { peer, plugin }: Judged,
): Matched {
  return peers === null || anyOf(peers, (entry) => meansPeer(model, entry, peer, { namespace, plugin }));
}

function takesPort(
  ports: readonly PolicyPort[] | null,
  { pod, direction, protocol, port, peer, plugin }: Judged,
): boolean {
  const receiver = direction === 'ingress' ? pod : peer.pod;
  return ports === null || ports.some((each) => isOfPort(each, { protocol, port, receiver, plugin }));
}

/** A name stands for what the receiving pod's containers call so; whoever is no pod has no names. */
function isOfPort(
  wanted: PolicyPort,
  {
    protocol,
    port,
    receiver,
    plugin,
  }: Pick<Judged, 'protocol' | 'port' | 'plugin'> & { readonly receiver: Pod | null },
): boolean {
  if (wanted.protocol !== null && wanted.protocol !== protocol) return false;
  if (protocol === 'SCTP' && plugin.sctp === 'shut out') return false;
  if (wanted.port === null) return true;
  if (typeof wanted.port === 'number') {
    const last = plugin.portRanges === 'whole' ? (wanted.endPort ?? wanted.port) : wanted.port;
    return port >= wanted.port && port <= last;
  }
  return (receiver?.containers ?? []).some(({ ports }) =>
    ports.some((each) => each.name === wanted.port && each.protocol === protocol && each.port === port),
  );
}
