import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { NetworkPolicy, PolicyPort, PolicyRule } from '../../cluster/networkPolicy.ts';
import { isLocalTo } from '../../cluster/node.ts';
import { nodeNamed } from '../../cluster/lookups.ts';
import type { Pod } from '../../cluster/pod.ts';
import type { Protocol } from '../../cluster/service.ts';
import type { Field } from '../../manifest/manifest.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { type Direction, isolating } from './policiesOf.ts';
import { isUndecided, type Matched, meansPeer, type Peer, peerAt, peerOf, type Undecided } from './peer.ts';
import type { PolicyPlugin } from './policyPlugin.ts';
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
export type Judgement =
  /** `by` is the rule that lets it through, the first in the order of the set; null where nothing is judged there. */
  | { readonly kind: 'allowed'; readonly by: PolicyField | null }
  /** `by` are all policies that isolate the pod; `nearest` is the rule that comes nearest to letting it through. */
  | { readonly kind: 'denied'; readonly by: readonly PolicyName[]; readonly nearest: NearRule | null }
  /** It depends on labels of a namespace that nothing in the set describes. */
  | { readonly kind: 'undecided'; readonly by: PolicyField; readonly namespace: string };

export interface PolicyName {
  readonly kind: 'NetworkPolicy';
  readonly name: string;
  readonly field: Field;
}

/** A rule of a policy. */
export interface PolicyField extends PolicyName {
  readonly rule: PolicyRule;
}

/** A rule that would take the packet, were it not for its port, or for who sends or gets it. */
export interface NearRule extends PolicyField {
  readonly lacks: 'port' | 'peer';
}

const allowed: Judgement = { kind: 'allowed', by: null };

/** Whether a packet comes through a pod's gate, by one plug-in's reading. */
export function judgeAtGate(model: ClusterModel, at: AtGate, plugin: PolicyPlugin): Judgement {
  if (!plugin.enforces.includes('NetworkPolicy') || at.pod.hostNetwork) return allowed;
  const policies = isolating(model, at.pod, at.direction);
  if (policies.length === 0) return allowed;
  const peer = typeof at.peer === 'string' ? peerAt(model, at.peer) : peerOf(at.peer);
  if (isExempt(model, at, peer, plugin)) return allowed;
  const isAtService = at.direction === 'egress' && plugin.egressSees === 'service' && peer.pod === null;
  const read = isAtService ? policies.map((each) => atServiceAddress(model, peer.address, each)) : policies;
  return byNetworkPolicies(model, { ...at, peer, plugin }, read);
}

/** What never comes to a gate, or is let through whatever policies say. */
function isExempt(
  model: ClusterModel,
  { pod, direction }: AtGate,
  { address, pod: other }: Peer,
  { ownNode, ownService }: PolicyPlugin,
): boolean {
  if (other === pod) return ownService === 'let through' || (direction === 'ingress' && ownService === 'let in');
  if (other !== null) return false;
  const node = nodeNamed(model, pod.node);
  if (node === undefined) return false;
  const isOwnNode = isLocalTo(node, address) || node.gateways.includes(address);
  return isOwnNode && (direction === 'ingress' ? ownNode.toPod === 'let in' : ownNode.fromPod === 'let out');
}

interface Judged extends Omit<AtGate, 'peer'> {
  readonly peer: Peer;
  readonly plugin: PolicyPlugin;
}

/** The union of all rules of all policies that isolate the pod. Source: k8s.io/api networking/v1/types.go. */
function byNetworkPolicies(model: ClusterModel, judged: Judged, policies: readonly NetworkPolicy[]): Judgement {
  let undecided: Judgement | null = null;
  let nearest: NearRule | null = null;
  for (const policy of policies) {
    for (const rule of policy[judged.direction]) {
      const by: PolicyField = { ...nameOf(policy), rule, field: fieldOf(policy.manifest, ...rule.at) };
      const isPort = takesPort(rule.ports, judged);
      const isPeer = takesPeer(model, rule, policy, judged);
      if (isPort && isPeer === true) return { kind: 'allowed', by };
      if (isPort && isUndecided(isPeer)) undecided ??= { kind: 'undecided', by, namespace: isPeer.namespace };
      if (isPeer === true && nearest?.lacks !== 'port') nearest = { ...by, lacks: 'port' };
      if (isPort && isPeer === false) nearest ??= { ...by, lacks: 'peer' };
    }
  }
  return undecided ?? { kind: 'denied', by: policies.map(nameOf), nearest };
}

function nameOf({ manifest, name }: NetworkPolicy): PolicyName {
  return { kind: 'NetworkPolicy', name, field: fieldOf(manifest, 'spec') };
}

function takesPeer(
  model: ClusterModel,
  { peers }: PolicyRule,
  { namespace }: NetworkPolicy,
  { peer, plugin }: Judged,
): Matched {
  if (peers === null) return true;
  let undecided: Undecided | null = null;
  for (const entry of peers) {
    const means = meansPeer(model, entry, peer, { namespace, plugin });
    if (means === true) return true;
    if (isUndecided(means)) undecided ??= means;
  }
  return undecided ?? false;
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
  if (wanted.protocol !== protocol || (protocol === 'SCTP' && plugin.sctp === 'shut out')) return false;
  if (wanted.port === null) return true;
  if (typeof wanted.port === 'number') {
    const last = plugin.portRanges === 'whole' ? (wanted.endPort ?? wanted.port) : wanted.port;
    return port >= wanted.port && port <= last;
  }
  return (receiver?.containers ?? []).some(({ ports }) =>
    ports.some((each) => each.name === wanted.port && each.protocol === protocol && each.port === port),
  );
}
