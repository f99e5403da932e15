import Fraction from 'fraction.js';
import { type Family, familyOf, isIn, ofFamily } from '../../cluster/address.ts';
import { type ClusterModel, ofModel } from '../../cluster/clusterModel.ts';
import { nodeNamed, podAt } from '../../cluster/lookups.ts';
import { addressTowards, isLocalTo } from '../../cluster/node.ts';
import { once } from '../../cluster/once.ts';
import type { Pod } from '../../cluster/pod.ts';
import { isServiceAddress } from '../../network/kubeProxy/proxiedPort.ts';
import { chosenPlugin } from '../../network/policy/chosenPlugin.ts';
import { dnsGate, dnsNamespaces } from '../../network/policy/dnsGate.ts';
import { type Judgement, judgeAtGate } from '../../network/policy/gate.ts';
import { clusterPoliciesOf, type Direction, isJudged, networkPoliciesOf } from '../../network/policy/policiesOf.ts';
import { nearText } from '../../network/policy/policyText.ts';
import { type AtIssue, mayDecideOtherwise, otherwise } from '../../network/policy/otherPlugins.ts';
import type { PolicyKind, PolicyPlugin } from '../../network/policy/policyPlugin.ts';
import { type AtPod, type Passing, seenAtGate } from '../../network/policy/seenAtGate.ts';
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
import type { Trace } from '../../trace/graph.ts';
import { factsOf, isOfOthers, openVerdict } from '../../trace/policyGate.ts';
import type { Origin } from '../../trace/trace.ts';
import { traceRequest } from '../../trace/traceRequest.ts';
import type { Verdict } from '../../trace/verdict.ts';
import { verdictSentence, verdictText } from '../../trace/verdictText.ts';
import { type Answer, always, answerOf } from './answers.ts';
import type { What } from './what.ts';
import {
  type Comes,
  comesOfJudgement,
  type Met,
  met,
  type OtherReading,
  passes,
  readBy,
  throughBoth,
  withReadings,
} from './readings.ts';
import { likenessOfService, outToService, type ServiceAt, type ServiceReader } from './services.ts';
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
export interface Gate {
  readonly telling: Telling;
  /** The kinds of its policies. */
  readonly kinds: ReadonlySet<PolicyKind>;
  readonly namespaces: Map<string, string>;
  /** By port, then by namespace and likeness of who is on the other side. */
  readonly judged: Map<AskedPort, Map<string, Met>>;
  /** Whether any rule of it lets anything through. */
  readonly hasRules: boolean;
  /** What is asked by Services, likewise. */
  readonly services: Map<string, Map<PolicyPlugin, Comes | null>>;
}

function gateOf(model: ClusterModel, pod: Pod, direction: Direction): Gate | null {
  if (!isJudged(model, pod, direction)) return null;
  const policies = policiesAt(model, pod, direction);
  const kinds = new Set(policies.map((each) => ('subject' in each ? each.kind : 'NetworkPolicy')));
  return {
    telling: tellingOf(policies, direction),
    kinds,
    namespaces: new Map(),
    judged: new Map(),
    hasRules: policies.some((each) => each[direction].length > 0),
    services: new Map(),
  };
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

/** Where pods are asked: at which port, and by which Services as well. */
export interface AskedAt {
  readonly port: AskedPort;
  readonly services: readonly ServiceAt[];
  /** Whose gates see those. */
  readonly readers: readonly ServiceReader[];
}

/** What comes of packets from some pods to others, from each to each equally often. A pod isn't asked by itself. */
export function between(
  model: ClusterModel,
  senders: readonly Alike[],
  receivers: readonly Alike[],
  port: AskedAt,
): Answer {
  const [only] = senders;
  const [asked] = receivers;
  // As it nearly always is: nothing to be counted.
  if (senders.length === 1 && receivers.length === 1 && only !== undefined && asked !== undefined) {
    const isPlain = only.isAtItsAddress && asked.isAtItsAddress;
    // The only pod of a workload asks itself, which nobody else meets.
    if (isPlain && only.pods.length === 1 && asked.pods.length === 1 && only.pod === asked.pod) return always(passes);
    if (isPlain && isOne(only, asked.gates.ingress) && isOne(asked, only.gates.egress))
      return always(throughGates(model, only, asked, port));
  }
  const counts: Count[] = [];
  for (const from of senders) for (const to of receivers) counts.push(...betweenAlike(model, from, to, port));
  // The only pod of a workload, on its node's network.
  return together(counts.length === 0 && only !== undefined ? betweenPods(model, only, only, port) : counts);
}

/** What comes of so many pairs of pods, or of such a share of one. */
type Count = readonly [met: Met, count: Fraction | number];

function together(counts: readonly Count[]): Answer {
  const [first] = counts;
  return first !== undefined && counts.every(([each]) => each === first[0]) ? always(first[0]) : answerOf(counts);
}

function betweenAlike(model: ClusterModel, sender: Alike, receiver: Alike, port: AskedAt): Count[] {
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
function betweenPods(model: ClusterModel, sender: Alike, receiver: Alike, at: AskedAt): Count[] {
  if (receiver.isAtItsAddress && (sender.isAtItsAddress || sender.pod.hostNetwork))
    return [[throughGates(model, sender, receiver, at), 1]];
  const counts = traced(model, sender.pod, receiver.pod, at.port);
  const way = addressesBetween(model, sender.pod, receiver.pod);
  if (way === null || !sender.isAtItsAddress) return counts;
  // Behind the gate on the way out a trace goes on; what it is stopped by, it says itself.
  const out = atGate(model, [sender, receiver, 'egress'], at.port, way);
  const leaving = withServices(model, sender, at, out);
  if (leaving === out) return counts;
  // What is otherwise at the pod's own address, the trace has told.
  const others = leaving.others.slice(out.others.length);
  return counts.map(([each, count]) => [
    out.what === passes.what ? throughBoth({ what: out.what, others }, each) : withReadings(each, others),
    count,
  ]);
}

function sharedPods({ pods }: Alike, other: Alike): number {
  return pods === other.pods ? pods.length : pods.filter((each) => other.pods.includes(each)).length;
}

const otherFamily = met({ kind: 'ends', text: 'no address of the same family' });

function throughGates(model: ClusterModel, from: Alike, to: Alike, at: AskedAt): Met {
  if (from.pod === to.pod && from.pods.length + to.pods.length > 2) return throughGates(model, ...apart(from, to), at);
  return throughTheirGates(model, from, to, at);
}

function throughTheirGates(model: ClusterModel, sender: Alike, receiver: Alike, at: AskedAt): Met {
  const way = addressesBetween(model, sender.pod, receiver.pod);
  if (way === null) return otherFamily;
  const { port } = at;
  const out = withServices(model, sender, at, atGate(model, [sender, receiver, 'egress'], port, way));
  // As it nearly always is: nobody decides otherwise.
  if (out.others.length === 0 && out !== passes) return out;
  const into = atGate(model, [receiver, sender, 'ingress'], port, way);
  return out === passes ? into : throughThese(out)(into);
}

/** Another pod of those that are alike, where there is one: a pod that asks itself, plug-ins treat otherwise. */
function apart(from: Alike, to: Alike): readonly [Alike, Alike] {
  const another = ({ pod, pods }: Alike): Pod => pods.find((each) => each !== pod) ?? pod;
  return to.pods.length > 1 ? [from, { ...to, pod: another(to) }] : [{ ...from, pod: another(from) }, to];
}

/** What comes of packets at the gate on the way out, with what does of those to Services where that differs. */
function withServices(model: ClusterModel, { pod, gates: { egress: gate } }: Alike, at: AskedAt, out: Met): Met {
  const { services } = at;
  if (gate === null || !gate.hasRules || services.length === 0) return out;
  let made = out;
  const read = services.map((service) => ({ service, known: readingsOf(model, { gate, pod }, service) }));
  for (const { title, plugin } of at.readers) {
    const { comes: atPod } = readBy(out, { title, service: null });
    for (const { service, known } of read) {
      let comes = known.get(plugin);
      if (comes === undefined)
        known.set(plugin, (comes = outToService(model, pod, { service, protocol: at.port.protocol }, plugin)));
      if (comes === null || comes === atPod) continue;
      const reading = { kind: 'at-gate', title, way: 'out', service: service.name, why: seesServices, comes } as const;
      made = withReadings(made, [reading]);
    }
  }
  return made;
}

const seesServices = "a packet still has the Service's address and port there";

/** What plug-ins make of packets to a Service, and to all that the gate can't tell from it. */
function readingsOf(
  model: ClusterModel,
  { gate, pod }: { readonly gate: Gate; readonly pod: Pod },
  service: ServiceAt,
): Map<PolicyPlugin, Comes | null> {
  const from = namespaceAt(model, gate, service.namespace, pod.namespace);
  const key = `${from} ${likenessOfService(gate.telling, service)}`;
  const known = gate.services.get(key) ?? new Map<PolicyPlugin, Comes | null>();
  gate.services.set(key, known);
  return known;
}

/** Made once for each two: what many pairs have in common is one value. */
const throughThese = once((out: Met) => once((into: Met) => throughBoth(out, into)));

/** Judged once for all peers that its policies don't tell apart; those on a node's network are told by address. */
function atGate(
  model: ClusterModel,
  [{ pod, gates }, other, direction]: readonly [own: Alike, other: Alike, direction: Direction],
  port: AskedPort,
  way: Way,
): Met {
  const gate = gates[direction];
  if (gate === null) return passes;
  let judged = gate.judged.get(port);
  if (judged === undefined) gate.judged.set(port, (judged = new Map()));
  const key = keyAtGate(model, gate, { pod, other, port: port.port, family: familyOf(way.to) });
  const known = judged.get(key);
  if (known !== undefined) return known;
  const made = judgedAt(
    model,
    { gate, pod, direction, isPlain: other.isAtItsAddress, isItself: other.pod === pod },
    way,
    port,
  );
  judged.set(key, made);
  return made;
}

function keyAtGate(
  model: ClusterModel,
  gate: Gate,
  {
    pod,
    other,
    port,
    family,
  }: { readonly pod: Pod; readonly other: Alike; readonly port: number; readonly family: Family },
): string {
  if (other.pod === pod) return 'itself';
  if (!other.isAtItsAddress) return `${other.pod.addresses.join()} to ${pod.node}`;
  const from = namespaceAt(model, gate, other.pod.namespace, pod.namespace);
  const like = likeness(gate.telling, other.pod, port);
  return like === '' && family === 'IPv4' ? from : `${from} ${family}${like}`;
}

function namespaceAt(model: ClusterModel, { namespaces, telling }: Gate, namespace: string, own: string): string {
  const known = namespaces.get(namespace);
  if (known !== undefined) return known;
  const made = likenessOfNamespace(model, telling, namespace, own);
  namespaces.set(namespace, made);
  return made;
}

/** A packet at a gate; plain between pods at their own addresses. */
interface AtGate {
  readonly gate: Gate;
  readonly pod: Pod;
  readonly direction: Direction;
  readonly isPlain: boolean;
  readonly isItself: boolean;
}

function judgedAt(
  model: ClusterModel,
  { gate, pod, direction, isPlain, isItself }: AtGate,
  { from, to }: Way,
  { port, protocol }: AskedPort,
): Met {
  const { plugin, others } = chosenPlugin(model.profile);
  const packet = { protocol, source: from, destination: { address: to, port } };
  const passing = passingAt(pod, direction);
  const judgement = judgementAt(model, packet, passing, plugin);
  const what = judgement.kind === 'allowed' ? passes.what : stopped(model, judgement, direction);
  const { telling, kinds } = gate;
  const atIssue: AtIssue = {
    kinds,
    protocol,
    hasRanges: telling.ranges.length > 0,
    hasPortRanges: telling.ports.some(({ endPort }) => endPort !== null),
  };
  // A pod that asks itself at its own address stands for another of its workload: that is no matter of readings.
  const unlike = isItself ? [] : isPlain ? others.filter((each) => mayDecideOtherwise(plugin, each, atIssue)) : others;
  const way = direction === 'ingress' ? 'in' : 'out';
  const readings =
    unlike.length === 0
      ? []
      : otherwise(model, { packet, passing }, { plugin, own: judgement.kind, others: unlike }).flatMap(
          ({ titles, decides, why }) =>
            titles.map((title): OtherReading => {
              return { kind: 'at-gate', title, way, service: null, why, comes: comesOfJudgement[decides] };
            }),
        );
  return readings.length === 0 ? met(what) : { what, others: readings };
}

function passingAt(pod: Pod, direction: Direction): Passing {
  return direction === 'egress' ? { pod, direction, service: null } : { pod, direction, masquerade: null };
}

/** What a plug-in makes of a packet at a gate. */
export function judgementAt(model: ClusterModel, packet: AtPod, passing: Passing, plugin: PolicyPlugin): Judgement {
  const seen = seenAtGate(model, packet, passing, plugin);
  return judgeAtGate(model, seen.at, seen.plugin);
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
  const near = judgement.nearest?.lacks === 'peer' ? null : judgement.nearest;
  const at = near?.field ?? judgement.rule?.field ?? judgement.by[0]?.field ?? null;
  return { kind: 'denied', direction, policies, rule, nearest: near === null ? null : nearText(near), at };
}

/** Whether pods may look up names of the cluster; null where nothing keeps any of them from it. */
export function lookups(
  model: ClusterModel,
  senders: readonly Alike[],
): { readonly answer: Answer; readonly isDnsAssumed: boolean } | null {
  let isDnsAssumed = false;
  const mayNotEnter = hasDnsPolicies(model);
  const counts = senders.map(({ pod, pods, gates }): Count => {
    const gate = gates.egress === null && !mayNotEnter ? null : dnsGate(model, pod, null, 'UDP');
    if (gate === null || gate.judgement.kind === 'allowed') return [passes, pods.length];
    isDnsAssumed ||= gate.isAssumed;
    return [met(stopped(model, gate.judgement, gate.direction)), pods.length];
  });
  return counts.every(([each]) => each === passes) ? null : { answer: answerOf(counts), isDnsAssumed };
}

/** Whether any policy may keep anybody out of the cluster's DNS. */
const hasDnsPolicies = ofModel(
  (model: ClusterModel): boolean =>
    clusterPoliciesOf(model).length > 0 ||
    networkPoliciesOf(model).some(({ namespace }) => dnsNamespaces.includes(namespace)),
);

/** What comes of a request between others: of those that pass no gate, or not only gates. */
function traced(model: ClusterModel, sender: Pod, receiver: Pod, port: AskedPort): Count[] {
  const way = addressesBetween(model, sender, receiver);
  return way === null
    ? [[otherFamily, 1]]
    : tracedTo(model, { kind: 'pod', pod: sender }, { ...port, address: way.to });
}

/** What a trace from somebody to an address says. */
export function tracedTo(
  model: ClusterModel,
  from: Origin,
  { address, port, protocol }: AskedPort & { readonly address: string },
): Count[] {
  const target = { kind: 'socket', host: address, port } as const;
  const trace = traceRequest(model, { from, target, protocol, method: 'GET', headers: new Map() });
  const others = toldByTrace(trace);
  return likelyEndsOf(trace.graph).map(({ verdict, probability }) => [{ what: whatOf(verdict), others }, probability]);
}

/** What a trace says of other readings. */
export function toldByTrace({ assumptions }: Trace): readonly OtherReading[] {
  return assumptions.filter(isOfOthers).map(({ text }) => ({ kind: 'told', text }));
}

/** What a trace's end comes to. */
export function whatOf(verdict: Verdict): What {
  if (verdict.kind === 'delivered') return passes.what;
  // Whoever is out there is reached as far as the cluster has a say in it.
  if (verdict.kind === 'unknown' && verdict.reason === 'outside-cluster') return passes.what;
  if (verdict.kind === 'denied' && verdict.reason === 'network-policy') {
    const { direction, policies, rule } = verdict;
    return { kind: 'denied', direction, policies, rule, nearest: null, at: null };
  }
  if (verdict.kind === 'unknown' && (verdict.reason === 'network-policy' || verdict.reason === 'node-process'))
    return { kind: 'undecided', text: verdictSentence(verdict), at: null };
  return { kind: 'ends', text: verdictText(verdict) };
}
