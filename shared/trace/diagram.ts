import Fraction from 'fraction.js';
import { hostPort } from '../cluster/address.ts';
import { type Because, becauseKey } from '../cluster/because.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import { printable } from '../manifest/printable.ts';
import { mostFollowed } from '../network/spread.ts';
import { likelihood, probabilitiesOf } from './ends.ts';
import { type Move, rewritesOf } from './flight.ts';
import { depthsOf, type GraphNode, type Trace, type TraceGraph } from './graph.ts';
import { leftOutNodes } from './leftOutNodes.ts';
import { replyAlong, waysOf } from './paths.ts';
import { type BecauseJson, becauseJson } from './traceJson.ts';
import { type GateMet, type Party, partyId, type PlaceOf, type Rewrite } from './trace.ts';
import { isLost, type ReasonCode, type Verdict, type VerdictKind } from './verdict.ts';
import { verdictSentence, verdictText } from './verdictText.ts';

/**
 * A trace as a picture shows it: who has packets, on which node, and what goes from one to another. All arrivals at a
 * party are one box; other fields refer to frames, boxes and reasons by their index.
 */
export interface Diagram {
  /** The nodes of the cluster that have a part in it, in the cluster's order. */
  readonly frames: readonly DiagramFrame[];
  /** In the order in which packets first come to them. */
  readonly boxes: readonly DiagramBox[];
  readonly legs: readonly DiagramLeg[];
  /** The reply's way back along the first paths, each leg once. */
  readonly replies: readonly ReplyLeg[];
  readonly reasons: readonly BecauseJson[];
}

export interface DiagramFrame {
  readonly name: string;
  readonly address: string;
  /** Why a load balancer leaves it out; null where none does. */
  readonly leftOut: string | null;
  readonly because: readonly number[];
}

export interface DiagramBox {
  readonly kind: Party['kind'];
  /** As in a path: `lb/shop`, `pod/web-1`. */
  readonly party: string;
  readonly address: string;
  /** Whoever asks has a box of its own for that. */
  readonly isAsking: boolean;
  /** The node that it is or runs on; null for what is on none. */
  readonly frame: number | null;
  /** The Service as whose endpoint it gets the packets, as `namespace/name`. */
  readonly service: string | null;
  /** How many it stands for: of very many alike ones the first are followed, and the last stands for the rest. */
  readonly standsFor: number;
  /** What share of all packets ends well here; null where none does. */
  readonly delivered: string | null;
  /** How others end here. */
  readonly ends: readonly DiagramEnd[];
  /** A pod's gate, where policies judge what comes in or goes out; empty where none isolates it. */
  readonly gates: readonly DiagramGate[];
}

export interface DiagramGate {
  readonly direction: GateMet['direction'];
  /** What share of all packets it lets through, and what share it stops; null for none. */
  readonly passed: string | null;
  readonly stopped: string | null;
  /** Of what it lets through, the policies whose rules do; else those that stop it. */
  readonly policies: readonly string[];
  /** The addresses on the other side, as it sees them. */
  readonly sees: readonly string[];
  /** The rules that let it through, or come nearest, first. */
  readonly because: readonly number[];
}

export interface DiagramEnd {
  readonly kind: VerdictKind;
  readonly reason: ReasonCode | null;
  /** In a few words, and in sentences. */
  readonly title: string;
  readonly text: string;
  readonly isLost: boolean;
  readonly share: string;
  readonly because: readonly number[];
}

/** From one box to others, to all in the same way. */
export interface DiagramLeg {
  readonly from: number;
  readonly to: readonly number[];
  /** What share of all packets goes to each, an exact fraction. */
  readonly share: string;
  readonly crossesNodes: boolean;
  /** The packet as it arrives: its source, whose that is, and where it is sent; `port` of each one's own address. */
  readonly source: string;
  readonly owner: string;
  readonly destination:
    | { readonly kind: 'own'; readonly port: number }
    | { readonly kind: 'socket'; readonly socket: string };
  /** What its sender did to it: what stood there before. */
  readonly rewrites: readonly { readonly kind: Rewrite['kind']; readonly was: string }[];
  readonly because: readonly number[];
}

export interface ReplyLeg {
  readonly from: number;
  readonly to: number;
  readonly source: string;
  readonly destination: string;
}

export function diagramOf(model: ClusterModel, trace: Trace, placeOf: PlaceOf): Diagram {
  const { graph } = trace;
  const reasons = new Reasons(placeOf);
  const probabilities = probabilitiesOf(graph);
  const before = movesOnto(graph);
  const frames = framesOf(model, graph, reasons);
  const boxes = new Boxes(graph, frames);
  const legs = new Map<string, LegInMaking>();
  boxes.of(graph.start);
  for (const { node, move } of graph.moves) {
    const { goes } = move;
    const from = boxes.of(node);
    const share = likelihood(probabilities, node, move.share);
    const ons = before.get(node) ?? [];
    const resting = (): number[] => reasons.of([...ons.flatMap(({ because }) => because), ...move.because]);
    for (const gate of move.gates) passAt(from, { gate, share, because: reasons.of(gate.because) });
    if (goes.kind === 'on') boxes.of(goes.to);
    else if (goes.kind === 'end')
      endAt(from, {
        verdict: goes.verdict,
        share,
        because: goes.decisive.length > 0 ? reasons.of(goes.decisive) : resting(),
      });
    else {
      const to = boxes.of(goes.to);
      to.standsFor = Math.max(to.standsFor, standsFor(node, move));
      if (to.standsFor > 1 && isSpreadOverNodes(node)) to.frame = to.party.kind === 'pod' ? null : to.frame;
      const { packet, sender } = goes.to.arrival;
      const { address, port } = packet.destination;
      const leg = {
        from: from.index,
        crossesNodes: goes.hop.crossesNodes,
        source: packet.source,
        owner: printable(partyId(sender)),
        destination:
          address === to.party.address
            ? ({ kind: 'own', port } as const)
            : ({ kind: 'socket', socket: hostPort(address, port) } as const),
        rewrites: [...ons, move].flatMap(rewritesOf).map(({ kind, from: was }) => ({ kind, was })),
        because: resting(),
      };
      const likeness = JSON.stringify(leg);
      const key = `${to.index} ${likeness}`;
      const known = legs.get(key);
      legs.set(key, { ...leg, likeness, to: to.index, share: known === undefined ? share : known.share.add(share) });
    }
  }
  standForOwnNodes(boxes.all, [...legs.values()]);
  return {
    frames,
    boxes: boxes.all.map(finished),
    legs: fannedOut([...legs.values()]),
    replies: repliesOf(graph, boxes.all),
    reasons: reasons.all,
  };
}

/** What only a node that stands for others sends to on that node stands for as many on each of them. */
function standForOwnNodes(boxes: readonly BoxInMaking[], legs: readonly LegInMaking[]): void {
  const crowds = boxes.filter(({ party, standsFor: count }) => party.kind === 'node' && count > 1);
  const senders = Map.groupBy(legs, ({ to }) => to);
  for (const { index: node, frame, standsFor: count } of crowds)
    for (const box of boxes)
      if (
        box.party.kind === 'pod' &&
        box.frame === frame &&
        (senders.get(box.index) ?? []).every(({ from }) => from === node)
      )
        box.standsFor *= count;
}

/** The moves by which a party passes a packet to itself, before each node. */
function movesOnto({ moves }: TraceGraph): Map<GraphNode, readonly Move<GraphNode>[]> {
  const before = new Map<GraphNode, readonly Move<GraphNode>[]>();
  for (const { node, move } of moves)
    if (move.goes.kind === 'on' && !before.has(move.goes.to))
      before.set(move.goes.to, [...(before.get(node) ?? []), move]);
  return before;
}

/** The reasons that are named, each once. */
class Reasons {
  readonly #placeOf: PlaceOf;
  readonly #indexes = new Map<string, number>();
  readonly #all: BecauseJson[] = [];

  constructor(placeOf: PlaceOf) {
    this.#placeOf = placeOf;
  }

  get all(): readonly BecauseJson[] {
    return this.#all;
  }

  of(because: readonly Because[]): number[] {
    return [...new Set(because.map((each) => this.#indexOf(each)))];
  }

  #indexOf(because: Because): number {
    const key = becauseKey(because);
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    const json = becauseJson(because, this.#placeOf);
    const index = this.#all.push({ ...json, text: printable(json.text) }) - 1;
    this.#indexes.set(key, index);
    return index;
  }
}

/** The boxes as packets come to them. */
class Boxes {
  readonly #keyOf: (node: GraphNode) => string;
  readonly #frames: ReadonlyMap<string, number>;
  readonly #known = new Map<string, BoxInMaking>();

  constructor(graph: TraceGraph, frames: readonly DiagramFrame[]) {
    this.#keyOf = boxKeys(graph);
    this.#frames = new Map(frames.map(({ name }, index) => [name, index]));
  }

  get all(): readonly BoxInMaking[] {
    return [...this.#known.values()];
  }

  of(node: GraphNode): BoxInMaking {
    const key = this.#keyOf(node);
    const { at, station, hasCome } = node.arrival;
    const known = this.#known.get(key) ?? {
      index: this.#known.size,
      party: at,
      isAsking: !hasCome,
      frame: null,
      service: null,
      standsFor: 1,
      delivered: new Fraction(0),
      ends: new Map(),
      gates: new Map(),
    };
    this.#known.set(key, known);
    if (known.standsFor === 1) known.frame ??= this.#frames.get(printable(nodeOf(node) ?? '')) ?? null;
    if (station.kind === 'pod' && station.service !== null)
      known.service ??= printable(`${station.service.namespace}/${station.service.name}`);
    return known;
  }
}

/**
 * What is one box: a party, but whoever asks is another as the one who asks. Where packets come back to a party, it has
 * a box for each time.
 */
function boxKeys(graph: TraceGraph): (node: GraphNode) => string {
  const keyOf = ({ arrival: { at, hasCome } }: GraphNode): string => `${hasCome ? '' : 'start '}${partyId(at)}`;
  const depths = depthsOf(graph);
  return isCyclic(graph, keyOf) ? (node) => `${keyOf(node)} ${depths.get(node) ?? 0}` : keyOf;
}

function isCyclic({ nodes, moves }: TraceGraph, keyOf: (node: GraphNode) => string): boolean {
  const after = new Map<string, Set<string>>(nodes.map((node) => [keyOf(node), new Set()]));
  for (const { node, move } of moves) if (move.goes.kind === 'hop') after.get(keyOf(node))?.add(keyOf(move.goes.to));
  const waiting = new Map<string, number>();
  for (const targets of after.values()) for (const each of targets) waiting.set(each, (waiting.get(each) ?? 0) + 1);
  const free = [...after.keys()].filter((each) => !waiting.has(each));
  for (const each of free)
    for (const target of after.get(each) ?? []) {
      const left = (waiting.get(target) ?? 0) - 1;
      waiting.set(target, left);
      if (left === 0) free.push(target);
    }
  return free.length < after.size;
}

/** The node that whoever has the packet is or runs on; null where there is none, or it isn't known. */
function nodeOf({ arrival: { station, at } }: GraphNode): string | null {
  switch (station.kind) {
    case 'node':
    case 'balancer-on-node':
      return station.node.name;
    case 'leaving':
      return station.node?.name ?? null;
    case 'pod':
      return station.node;
    case 'within':
    case 'sending':
      return station.pod.node;
    default:
      return at.kind === 'node' ? at.name : null;
  }
}

function framesOf(model: ClusterModel, graph: TraceGraph, reasons: Reasons): DiagramFrame[] {
  const leftOut = new Map(leftOutNodes(model, graph).map((each) => [each.node.name, each]));
  const met = new Set(graph.nodes.flatMap((node) => nodeOf(node) ?? []));
  const isKnown = new Set(model.nodes.map(({ name }) => name));
  const frameOf = (name: string, address: string): DiagramFrame => ({
    name: printable(name),
    address,
    leftOut: leftOut.get(name)?.text ?? null,
    because: reasons.of(leftOut.get(name)?.because ?? []),
  });
  return [
    ...model.nodes
      .filter(({ name }) => met.has(name) || leftOut.has(name))
      .map(({ name, address }) => frameOf(name, address)),
    ...[...met].filter((name) => !isKnown.has(name)).map((name) => frameOf(name, '')),
  ];
}

/** How many a move's target stands for: see `spread`. */
function standsFor({ moves }: GraphNode, move: Move<GraphNode>): number {
  const [first] = moves;
  if (first === undefined || moves.length !== mostFollowed || move !== moves.at(-1)) return 1;
  const times = move.share.div(first.share);
  return times.d === 1n ? Number(times.n) : 1;
}

function isSpreadOverNodes({ moves }: GraphNode): boolean {
  return new Set(moves.map(({ goes }) => (goes.kind === 'end' ? null : nodeOf(goes.to)))).size > 1;
}

/** Legs that differ in whom they go to alone are one. */
function fannedOut(legs: readonly LegInMaking[]): DiagramLeg[] {
  return [...Map.groupBy(legs, ({ likeness, share }) => `${share.toFraction()} ${likeness}`).values()].flatMap(
    (group) => {
      const [first] = group;
      if (first === undefined) return [];
      const { likeness: _, share, ...leg } = first;
      return [{ ...leg, share: share.toFraction(), to: group.map(({ to }) => to) }];
    },
  );
}

/** As many paths as are asked for their replies. */
const mostReplies = 64;

function repliesOf(graph: TraceGraph, boxes: readonly BoxInMaking[]): ReplyLeg[] {
  const indexes = new Map(
    boxes.toReversed().map(({ party, isAsking, index }) => [`${isAsking} ${partyId(party)}`, index]),
  );
  const found = new Map<string, ReplyLeg>();
  let asked = 0;
  for (const steps of waysOf(graph)) {
    if (++asked > mostReplies) break;
    const reply = replyAlong(steps);
    for (const [index, { from, to, source, destination }] of reply.entries()) {
      const start = indexes.get(`false ${partyId(from)}`);
      const isBack = index === reply.length - 1;
      const end = indexes.get(`${isBack} ${partyId(to)}`);
      if (start === undefined || end === undefined) continue;
      const leg = { from: start, to: end, source, destination };
      found.set(JSON.stringify(leg), leg);
    }
  }
  return [...found.values()];
}

interface BoxInMaking extends Pick<DiagramBox, 'isAsking'> {
  readonly index: number;
  readonly party: Party;
  frame: number | null;
  service: string | null;
  standsFor: number;
  delivered: Fraction;
  readonly ends: Map<string, Omit<DiagramEnd, 'share'> & { share: Fraction }>;
  readonly gates: Map<GateMet['direction'], GateInMaking>;
}

interface GateInMaking {
  passed: Fraction;
  stopped: Fraction;
  readonly letting: Set<string>;
  readonly stopping: Set<string>;
  readonly sees: Set<string>;
  readonly because: Set<number>;
}

interface LegInMaking extends Omit<DiagramLeg, 'to' | 'share'> {
  readonly to: number;
  readonly share: Fraction;
  /** All of it but whom it goes to and how often. */
  readonly likeness: string;
}

function endAt(
  box: BoxInMaking,
  {
    verdict,
    share,
    because,
  }: { readonly verdict: Verdict; readonly share: Fraction; readonly because: readonly number[] },
): void {
  if (verdict.kind === 'delivered') {
    box.delivered = box.delivered.add(share);
    return;
  }
  const text = printable(verdictSentence(verdict));
  const known = box.ends.get(text);
  if (known !== undefined) {
    known.share = known.share.add(share);
    return;
  }
  const { kind, reason } = verdict;
  box.ends.set(text, { kind, reason, title: verdictText(verdict), text, isLost: isLost(verdict), share, because });
}

/** A share of the packets comes to a pod's gate; of what can't be decided, the end itself says so. */
function passAt(
  { gates }: BoxInMaking,
  {
    gate: { direction, outcome, policies, peer },
    share,
    because,
  }: { readonly gate: GateMet; readonly share: Fraction; readonly because: readonly number[] },
): void {
  const gate = gates.get(direction) ?? {
    passed: new Fraction(0),
    stopped: new Fraction(0),
    letting: new Set<string>(),
    stopping: new Set<string>(),
    sees: new Set<string>(),
    because: new Set<number>(),
  };
  gates.set(direction, gate);
  if (outcome === 'passed') gate.passed = gate.passed.add(share);
  if (outcome === 'stopped') gate.stopped = gate.stopped.add(share);
  for (const name of policies) (outcome === 'passed' ? gate.letting : gate.stopping).add(printable(name));
  gate.sees.add(peer);
  for (const each of because) gate.because.add(each);
}

function finishedGate([direction, gate]: readonly [GateMet['direction'], GateInMaking]): DiagramGate {
  const { passed, stopped, letting, stopping, sees, because } = gate;
  const shareOf = (share: Fraction): string | null => (share.equals(0) ? null : share.toFraction());
  return {
    direction,
    passed: shareOf(passed),
    stopped: shareOf(stopped),
    policies: [...(letting.size > 0 ? letting : stopping)],
    sees: [...sees],
    because: [...because],
  };
}

function finished({ party, isAsking, frame, service, standsFor, delivered, ends, gates }: BoxInMaking): DiagramBox {
  return {
    kind: party.kind,
    party: printable(partyId(party)),
    address: party.address,
    isAsking,
    frame,
    service,
    standsFor,
    delivered: delivered.equals(0) ? null : delivered.toFraction(),
    ends: [...ends.values()].map((end) => ({ ...end, share: end.share.toFraction() })),
    gates: [...gates].map(finishedGate),
  };
}
