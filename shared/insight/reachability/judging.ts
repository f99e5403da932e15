import Fraction from 'fraction.js';
import { type Family, familyOf, isIn, ofFamily } from '../../cluster/address.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { nodeNamed, podAt } from '../../cluster/lookups.ts';
import { addressTowards, isLocalTo } from '../../cluster/node.ts';
import type { Pod } from '../../cluster/pod.ts';
import { isServiceAddress } from '../../network/kubeProxy/proxiedPort.ts';
import { chosenPlugin } from '../../network/policy/chosenPlugin.ts';
import { type Judgement, judgeAtGate } from '../../network/policy/gate.ts';
import { type Direction, isJudged } from '../../network/policy/policiesOf.ts';
import { nearText } from '../../network/policy/policyText.ts';
import { seenAtGate } from '../../network/policy/seenAtGate.ts';
import {
  labelsAskedFor,
  likeness,
  likenessOfNamespace,
  lying,
  policiesAt,
  type Telling,
  tellingOf,
} from '../../network/policy/telling.ts';
import { likelyEndsOf } from '../../trace/ends.ts';
import { factsOf, openVerdict } from '../../trace/policyGate.ts';
import type { Origin } from '../../trace/trace.ts';
import { traceRequest } from '../../trace/traceRequest.ts';
import type { Verdict } from '../../trace/verdict.ts';
import { verdictSentence, verdictText } from '../../trace/verdictText.ts';
import { type Answer, always, answerOf, reaches, type What } from './answers.ts';
import type { AskedPort } from './workloads.ts';

// Whether pods reach pods at their own addresses. A packet from a pod to a pod passes two gates and nothing else; these
// are judged as the trace judges them, once for all pods that no policy tells apart. What else may come of it (what
// runs on a node's network, what has an address that is also a Service's), a trace says.

/** Pods that no policy tells apart, neither as senders nor as receivers. */
export interface Alike {
  /** The first of them. */
  readonly pod: Pod;
  readonly pods: readonly Pod[];
  /** Null for a direction in which nothing is judged. */
  readonly gates: Readonly<Record<Direction, Gate | null>>;
  /** By the ranges that some gate tells them apart by. */
  readonly byRanges: Map<string, readonly Alike[]>;
  /** Whether packets to them come to their gates and nowhere else. */
  readonly isAtItsAddress: boolean;
}

/** The gate of some pods that are alike, with what was judged there. */
interface Gate {
  readonly telling: Telling;
  readonly namespaces: Map<string, string>;
  /** By port, then by namespace and likeness of who is on the other side. */
  readonly judged: Map<AskedPort, Map<string, What>>;
}

function gateOf(model: ClusterModel, pod: Pod, direction: Direction): Gate | null {
  if (!isJudged(model, pod, direction)) return null;
  const telling = tellingOf(policiesAt(model, pod, direction), direction);
  return { telling, namespaces: new Map(), judged: new Map() };
}

/** Some pods by likeness. */
export function alikeOnes(model: ClusterModel, pods: readonly Pod[]): Alike[] {
  const byKey = new Map<string, Pod[]>();
  for (const pod of pods) {
    const key = keyOf(model, pod);
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, [pod]);
    else known.push(pod);
  }
  return [...byKey.values()].flatMap((each): Alike[] => {
    const [pod] = each;
    if (pod === undefined) return [];
    const gates = { ingress: gateOf(model, pod, 'ingress'), egress: gateOf(model, pod, 'egress') };
    return [{ pod, pods: each, gates, byRanges: new Map(), isAtItsAddress: isAtItsAddress(model, pod) }];
  });
}

/** All that a gate can know of a pod but for its address, where a gate is all that decides. */
function keyOf(model: ClusterModel, pod: Pod): string {
  const { namespace, labels, containers, addresses } = pod;
  const where = isAtItsAddress(model, pod) ? addresses.map(familyOf) : addresses;
  const ports = containers.flatMap((each) => each.ports.map(({ name, port, protocol }) => [name, port, protocol]));
  const asked = [...labelsAskedFor(model)].map((key) => labels.get(key) ?? null);
  return JSON.stringify([namespace, asked, ports, where]);
}

/** Nobody else has its addresses, no Service either, and the node that it runs on is known and takes packets. */
function isAtItsAddress(model: ClusterModel, pod: Pod): boolean {
  const { profile, nodes } = model;
  return (
    !pod.hostNetwork &&
    nodeNamed(model, pod.node)?.ready === true &&
    pod.addresses.every(
      (address) =>
        podAt(model, address) === pod &&
        !isServiceAddress(model, address) &&
        !profile.serviceCidrs.some((range) => isIn(address, range)) &&
        !nodes.some((node) => isLocalTo(node, address)),
    )
  );
}

/** What comes of packets from some pods to others, from each to each equally often. A pod isn't asked by itself. */
export function between(
  model: ClusterModel,
  senders: readonly Alike[],
  receivers: readonly Alike[],
  port: AskedPort,
): Answer {
  const [only] = senders;
  const [asked] = receivers;
  // As it nearly always is: nothing to be counted.
  if (senders.length === 1 && receivers.length === 1 && only !== undefined && asked !== undefined) {
    const isPlain = only.isAtItsAddress && asked.isAtItsAddress;
    if (isPlain && isOne(only, asked.gates.ingress) && isOne(asked, only.gates.egress))
      return always(throughGates(model, only, asked, port));
  }
  const counts: Count[] = [];
  for (const from of senders) for (const to of receivers) counts.push(...betweenAlike(model, from, to, port));
  // The only pod of a workload: as another of them would ask it.
  return together(counts.length === 0 && only !== undefined ? betweenPods(model, only, only, port) : counts);
}

/** What comes of so many pairs of pods, or of such a share of one. */
type Count = readonly [what: What, count: Fraction | number];

function together(counts: readonly Count[]): Answer {
  const [first] = counts;
  return first !== undefined && counts.every(([what]) => what === first[0]) ? always(first[0]) : answerOf(counts);
}

function betweenAlike(model: ClusterModel, sender: Alike, receiver: Alike, port: AskedPort): Count[] {
  if (!sender.isAtItsAddress || !receiver.isAtItsAddress)
    return sender.pods.flatMap((pod) =>
      receiver.pods.flatMap((other) =>
        pod === other ? [] : betweenPods(model, { ...sender, pod }, { ...receiver, pod: other }, port),
      ),
    );
  const counts: Count[] = [];
  for (const from of toldApart(sender, receiver.gates.ingress))
    for (const to of toldApart(receiver, sender.gates.egress)) {
      const pairs = from.pods.length * to.pods.length - sharedPods(from, to);
      if (pairs > 0) counts.push([throughGates(model, from, to, port), pairs]);
    }
  return counts;
}

function isOne(alike: Alike, gate: Gate | null): boolean {
  return gate === null || gate.telling.ranges.length === 0 || toldApart(alike, gate).length === 1;
}

/** What a gate's ranges make of some pods. */
function toldApart(alike: Alike, gate: Gate | null): readonly Alike[] {
  if (gate === null || gate.telling.ranges.length === 0) return [alike];
  const { telling } = gate;
  const known = alike.byRanges.get(telling.rangesKey);
  if (known !== undefined) return known;
  const parts = new Map<string, Pod[]>();
  for (const pod of alike.pods) {
    const key = lying(telling, pod);
    parts.set(key, [...(parts.get(key) ?? []), pod]);
  }
  const made = [...parts.values()].flatMap((pods) =>
    pods.length === alike.pods.length ? [alike] : pods.slice(0, 1).map((pod) => ({ ...alike, pod, pods })),
  );
  alike.byRanges.set(telling.rangesKey, made);
  return made;
}

/** Between the first of each. A node's own packets come to a pod's gate as well; other ways a trace follows. */
function betweenPods(model: ClusterModel, sender: Alike, receiver: Alike, port: AskedPort): Count[] {
  return receiver.isAtItsAddress && (sender.isAtItsAddress || sender.pod.hostNetwork)
    ? [[throughGates(model, sender, receiver, port), 1]]
    : traced(model, sender.pod, receiver.pod, port);
}

function sharedPods({ pods }: Alike, other: Alike): number {
  return pods === other.pods ? pods.length : pods.filter((each) => other.pods.includes(each)).length;
}

const otherFamily: What = { kind: 'ends', text: 'no address of the same family' };

function throughGates(model: ClusterModel, sender: Alike, receiver: Alike, port: AskedPort): What {
  const way = addressesBetween(model, sender.pod, receiver.pod);
  if (way === null) return otherFamily;
  const out = atGate(model, [sender, receiver, 'egress'], port, way);
  return out === reaches ? atGate(model, [receiver, sender, 'ingress'], port, way) : out;
}

/** Judged once for all peers that its policies don't tell apart; those on a node's network are told by address. */
function atGate(
  model: ClusterModel,
  [{ pod, gates }, other, direction]: readonly [own: Alike, other: Alike, direction: Direction],
  port: AskedPort,
  way: Way,
): What {
  const gate = gates[direction];
  if (gate === null) return reaches;
  let judged = gate.judged.get(port);
  if (judged === undefined) gate.judged.set(port, (judged = new Map()));
  const key = keyAtGate(model, gate, { pod, other, port: port.port, family: familyOf(way.to) });
  const known = judged.get(key);
  if (known !== undefined) return known;
  const what = judgedAs(model, pod, direction, { ...way, ...port });
  judged.set(key, what);
  return what;
}

function keyAtGate(
  model: ClusterModel,
  { namespaces, telling }: Gate,
  {
    pod,
    other,
    port,
    family,
  }: { readonly pod: Pod; readonly other: Alike; readonly port: number; readonly family: Family },
): string {
  if (other.pod === pod) return 'itself';
  if (!other.isAtItsAddress) return `${other.pod.addresses.join()} to ${pod.node}`;
  const { namespace } = other.pod;
  let from = namespaces.get(namespace);
  if (from === undefined) {
    from = likenessOfNamespace(model, telling, namespace, pod.namespace);
    namespaces.set(namespace, from);
  }
  const like = likeness(telling, other.pod, port);
  return like === '' && family === 'IPv4' ? from : `${from} ${family}${like}`;
}

/** What a gate makes of a packet from one address to another. */
export function judgedAs(
  model: ClusterModel,
  pod: Pod,
  direction: Direction,
  { from, to, port, protocol }: Way & AskedPort,
): What {
  const judgement = judgementOf(model, pod, direction, { from, to, port, protocol });
  return judgement.kind === 'allowed' ? reaches : stopped(model, judgement, direction);
}

export function judgementOf(
  model: ClusterModel,
  pod: Pod,
  direction: Direction,
  { from, to, port, protocol }: Way & AskedPort,
): Judgement {
  const packet = { protocol, source: from, destination: { address: to, port } };
  const passing =
    direction === 'egress'
      ? ({ pod, direction, service: null } as const)
      : ({ pod, direction, unmasked: null, masqueraded: null } as const);
  const { at, plugin } = seenAtGate(model, packet, passing, chosenPlugin(model.profile).plugin);
  // The first of several pods stands for another of them.
  const isAnother = typeof at.peer === 'string' && pod.addresses.includes(at.peer);
  return judgeAtGate(model, isAnother ? { ...at, peer: { ...pod, address: at.peer } } : at, plugin);
}

/** The addresses of two pods by which one asks the other. */
interface Way {
  readonly from: string;
  readonly to: string;
}

/**
 * By which addresses one asks the other: the receiver's first that the sender has the family of. Who is on a node's
 * network asks by the interface that leads there.
 */
function addressesBetween(model: ClusterModel, sender: Pod, receiver: Pod): Way | null {
  if (sender.hostNetwork) return addressesFromNode(model, sender, receiver);
  if (familyOf(sender.address) === familyOf(receiver.address)) return { from: sender.address, to: receiver.address };
  return addressesOfOneFamily(sender, receiver);
}

function addressesOfOneFamily(sender: Pod, receiver: Pod): Way | null {
  for (const to of receiver.addresses) {
    const [from] = ofFamily(sender.addresses, familyOf(to));
    if (from !== undefined) return { from, to };
  }
  return null;
}

function addressesFromNode(model: ClusterModel, sender: Pod, receiver: Pod): Way | null {
  const way = addressesOfOneFamily(sender, receiver);
  const node = nodeNamed(model, sender.node);
  const own = way === null || node === undefined ? undefined : addressTowards(node, receiver, familyOf(way.to));
  return way === null || own === undefined ? way : { ...way, from: own };
}

export function stopped(
  model: ClusterModel,
  judgement: Exclude<Judgement, { kind: 'allowed' }>,
  direction: Direction,
): What {
  if (judgement.kind !== 'denied') {
    const by = judgement.kind === 'tied' ? judgement.by[0] : judgement.by;
    return { kind: 'undecided', text: verdictSentence(openVerdict(judgement)), at: by.field };
  }
  const { policies, rule } = factsOf(judgement, chosenPlugin(model.profile));
  const near = judgement.nearest?.lacks === 'port' ? judgement.nearest : null;
  const at = near?.field ?? judgement.rule?.field ?? judgement.by[0]?.field ?? null;
  return { kind: 'denied', direction, policies, rule, nearest: near === null ? null : nearText(near), at };
}

/** What comes of a request between others: of those that pass no gate, or not only gates. */
function traced(model: ClusterModel, sender: Pod, receiver: Pod, port: AskedPort): Count[] {
  const way = addressesBetween(model, sender, receiver);
  return way === null
    ? [[otherFamily, new Fraction(1)]]
    : tracedTo(model, { kind: 'pod', pod: sender }, { ...port, address: way.to });
}

/** What a trace from somebody to an address says. */
export function tracedTo(
  model: ClusterModel,
  from: Origin,
  { address, port, protocol }: AskedPort & { readonly address: string },
): Count[] {
  const target = { kind: 'socket', host: address, port } as const;
  const { graph } = traceRequest(model, { from, target, protocol, method: 'GET', headers: new Map() });
  return likelyEndsOf(graph).map(({ verdict, probability }) => [whatOf(verdict), probability]);
}

/** What a trace's end comes to. */
export function whatOf(verdict: Verdict): What {
  if (verdict.kind === 'delivered') return reaches;
  // Whoever is out there is reached as far as the cluster has a say in it.
  if (verdict.kind === 'unknown' && verdict.reason === 'outside-cluster') return reaches;
  if (verdict.kind === 'denied' && verdict.reason === 'network-policy') {
    const { direction, policies, rule } = verdict;
    return { kind: 'denied', direction, policies, rule, nearest: null, at: null };
  }
  if (verdict.kind === 'unknown' && verdict.reason === 'network-policy')
    return { kind: 'undecided', text: verdictSentence(verdict), at: null };
  return { kind: 'ends', text: verdictText(verdict) };
}
