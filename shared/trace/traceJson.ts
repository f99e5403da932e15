import type { Because } from '../cluster/because.ts';
import { hostPort } from '../cluster/address.ts';
import { likelihood, probabilitiesOf } from './ends.ts';
import { rewritesOf } from './flight.ts';
import type { GraphNode, Trace, TraceGraph } from './graph.ts';
import { firstPaths } from './paths.ts';
import { type Summary, summarize } from './summary.ts';
import { type GateMet, partyId, type Path, type PlaceOf, type Rewrite } from './trace.ts';
import type { ReasonCode, Verdict, VerdictKind } from './verdict.ts';
import { verdictSentence } from './verdictText.ts';

/** A trace as data for others: the command line's JSON (a contract) and the panel's input. */
export interface TraceJson {
  readonly version: 1;
  readonly summary: Summary;
  /** The first ones; there can be very many. */
  readonly paths: readonly PathJson[];
  /** How many more there are. */
  readonly pathsLeft: number;
  /** The graph that all paths are read off: the start is the first node. */
  readonly nodes: readonly NodeJson[];
  readonly moves: readonly MoveJson[];
  /** How many moves more there are: nodes and moves are listed up to a bound. */
  readonly movesLeft: number;
  readonly assumptions: readonly { readonly id: string; readonly text: string }[];
}

/** A packet where somebody has it, as it came there. */
export interface NodeJson {
  readonly party: string;
  readonly address: string;
  readonly source: string;
  readonly destination: string;
}

/** One of the ways on from a node: to another party, to the same one's next step, or to an end. Nodes count from 0. */
export type MoveJson = {
  readonly from: number;
  /** Of all packets of the request, an exact fraction. */
  readonly probability: string;
  /** What happens to the packet before somebody else has it. */
  readonly rewrites: readonly Pick<Rewrite, 'kind' | 'from' | 'to'>[];
} & (
  | { readonly kind: 'hop'; readonly to: number; readonly crossesNodes: boolean }
  | { readonly kind: 'on'; readonly to: number }
  | {
      readonly kind: 'end';
      readonly verdict: Pick<VerdictJson, 'kind' | 'reason' | 'status' | 'namespace' | 'service'>;
    }
);

export interface PathJson {
  /** An exact fraction, `1/4`. */
  readonly probability: string;
  readonly verdict: VerdictJson;
  readonly source: { readonly atPod: string; readonly party: string } | null;
  readonly hops: readonly HopJson[];
  readonly seenBy: readonly { readonly party: string; readonly source: string; readonly owner: string }[];
  readonly reply: readonly {
    readonly from: string;
    readonly to: string;
    readonly source: string;
    readonly destination: string;
  }[];
  /** The HTTP request as the last party gets it, headers in lower case; null where it isn't known to be HTTP. */
  readonly received: {
    readonly method: string;
    readonly scheme: string;
    readonly host: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
  } | null;
  /** Services that get a copy, and of what share of such requests. */
  readonly mirrors: readonly { readonly namespace: string; readonly service: string; readonly share: string }[];
  /** The pods' gates where policies judged the packet, in order; empty where none isolates a pod on the way. */
  readonly gates: readonly GateJson[];
  readonly because: readonly BecauseJson[];
  /** What the verdict itself rests on, the most telling first. */
  readonly decisive: readonly BecauseJson[];
  /** The lines of kube-proxy's rules that the packet met, node by node. */
  readonly rules: readonly {
    readonly at: string;
    readonly lines: readonly {
      readonly table: string;
      readonly chain: string;
      readonly rule: string;
      readonly because: readonly BecauseJson[];
    }[];
  }[];
}

export interface GateJson {
  readonly party: string;
  readonly direction: GateMet['direction'];
  readonly outcome: GateMet['outcome'];
  /** The address on the other side, as the gate sees it. */
  readonly peer: string;
  /** The policy whose rule decides it; of a packet that is stopped, all that isolate the pod. */
  readonly policies: readonly string[];
  /** The rule that decides it, or comes nearest, first. */
  readonly because: readonly BecauseJson[];
}

export interface VerdictJson {
  readonly kind: VerdictKind;
  readonly reason: ReasonCode | null;
  readonly status: number | null;
  readonly namespace: string | null;
  readonly pod: string | null;
  readonly service: string | null;
  readonly address: string | null;
  readonly port: number | null;
  /** Where a redirect leads, if that is known; else null. */
  readonly location: string | null;
  readonly text: string;
}

export interface HopJson {
  readonly from: string;
  readonly to: string;
  readonly toAddress: string;
  readonly crossesNodes: boolean;
  readonly source: string;
  readonly destination: string;
  readonly rewrites: readonly {
    readonly kind: Rewrite['kind'];
    readonly from: string;
    readonly to: string;
    readonly by: string;
    readonly chains: readonly string[];
  }[];
  readonly because: readonly BecauseJson[];
}

export interface BecauseJson {
  readonly file: string | null;
  /** From 1. */
  readonly line: number | null;
  readonly text: string;
  /** The assumption's id, where it rests on one. */
  readonly assumption?: string;
}

/** As much text as the paths may come to, in characters; there are fewer of them then. */
const mostText = 600_000;

export function traceJson(trace: Trace, placeOf: PlaceOf): TraceJson {
  const { paths, left } = firstPaths(trace);
  const shown: PathJson[] = [];
  let text = 0;
  for (const path of paths) {
    const json = pathJson(path, placeOf);
    text += JSON.stringify(json).length;
    if (text > mostText && shown.length > 0) break;
    shown.push(json);
  }
  return {
    version: 1,
    summary: summarize(trace),
    paths: shown,
    pathsLeft: left + paths.length - shown.length,
    ...graphJson(trace.graph),
    assumptions: trace.assumptions,
  };
}

/** As many moves as the graph is listed with: more than are drawn or read. */
const mostMoves = 5000;

function graphJson(graph: TraceGraph): Pick<TraceJson, 'nodes' | 'moves' | 'movesLeft'> {
  const moves = graph.moves.slice(0, mostMoves);
  const probabilities = probabilitiesOf(graph);
  const listed = new Set([graph.start]);
  for (const { node, move } of moves) {
    listed.add(node);
    if (move.goes.kind !== 'end') listed.add(move.goes.to);
  }
  const numbers = new Map([...listed].map((node, index) => [node, index]));
  const numberOf = (node: GraphNode): number => numbers.get(node) ?? 0;
  return {
    movesLeft: graph.moves.length - moves.length,
    nodes: [...numbers.keys()].map(({ arrival: { at, packet } }) => ({
      party: partyId(at),
      address: at.address,
      source: packet.source,
      destination: hostPort(packet.destination.address, packet.destination.port),
    })),
    moves: moves.map(({ node, move }): MoveJson => {
      const { goes } = move;
      const probability = likelihood(probabilities, node, move.share).toFraction();
      const rewrites = rewritesOf(move).map(({ kind, from, to }) => ({ kind, from, to }));
      const own = { from: numberOf(node), probability, rewrites };
      switch (goes.kind) {
        case 'hop':
          return { kind: goes.kind, ...own, to: numberOf(goes.to), crossesNodes: goes.hop.crossesNodes };
        case 'on':
          return { kind: goes.kind, ...own, to: numberOf(goes.to) };
        case 'end': {
          const { kind, reason, status, namespace, service } = verdictJson(goes.verdict);
          return { kind: goes.kind, ...own, verdict: { kind, reason, status, namespace, service } };
        }
        default:
          return goes satisfies never;
      }
    }),
  };
}

function pathJson(path: Path, placeOf: PlaceOf): PathJson {
  const last = path.seenBy.at(-1);
  const reasons = (because: readonly Because[]): BecauseJson[] => because.map((each) => becauseJson(each, placeOf));
  return {
    probability: path.probability.toFraction(),
    verdict: verdictJson(path.verdict),
    source: last === undefined ? null : { atPod: last.source, party: partyId(last.owner) },
    hops: path.hops.map(({ from, to, crossesNodes, packet, rewrites, because }) => ({
      from: partyId(from),
      to: partyId(to),
      toAddress: to.address,
      crossesNodes,
      source: packet.source,
      destination: hostPort(packet.destination.address, packet.destination.port),
      rewrites: rewrites.map(({ kind, from, to, by, chains }) => ({ kind, from, to, by, chains })),
      because: reasons(because),
    })),
    seenBy: path.seenBy.map(({ party, source, owner }) => ({ party: partyId(party), source, owner: partyId(owner) })),
    reply: path.reply.map(({ from, to, source, destination }) => ({
      from: partyId(from),
      to: partyId(to),
      source,
      destination,
    })),
    received:
      path.received === null
        ? null
        : {
            method: path.received.method,
            scheme: path.received.scheme,
            host: path.received.host,
            path: path.received.path,
            headers: Object.fromEntries(path.received.headers),
          },
    mirrors: path.mirrors.map(({ namespace, service, share }) => ({ namespace, service, share: share.toFraction() })),
    gates: path.gates.map(({ pod, direction, outcome, peer, policies, because }) => ({
      party: `pod/${pod}`,
      direction,
      outcome,
      peer,
      policies,
      because: reasons(because),
    })),
    because: reasons(path.because),
    decisive: reasons(path.decisive),
    rules: path.consulted.map(({ at, rules }) => ({
      at: partyId(at),
      lines: rules.map(({ table, chain, text, because }) => ({
        table,
        chain,
        rule: text,
        because: reasons(because),
      })),
    })),
  };
}

export function becauseJson(because: Because, placeOf: PlaceOf): BecauseJson {
  if (because.kind === 'assumption')
    return { file: null, line: null, text: because.text, assumption: because.assumption };
  const place = because.field === null ? null : placeOf(because.field);
  return { file: place?.file ?? null, line: place?.line ?? null, text: because.text };
}

function verdictJson(verdict: Verdict): VerdictJson {
  const nothing = {
    reason: null,
    status: null,
    namespace: null,
    pod: null,
    service: null,
    address: null,
    port: null,
    location: null,
  };
  const text = verdictSentence(verdict);
  switch (verdict.kind) {
    case 'delivered':
      return {
        ...nothing,
        kind: verdict.kind,
        namespace: verdict.namespace,
        pod: verdict.pod?.name ?? null,
        service: verdict.service,
        address: verdict.address,
        port: verdict.port,
        text,
      };
    case 'answered':
      return {
        ...nothing,
        kind: verdict.kind,
        reason: verdict.reason,
        status: verdict.status,
        location: verdict.reason === 'redirect' || verdict.reason === 'tls-redirect' ? verdict.location : null,
        text,
      };
    default:
      return { ...nothing, kind: verdict.kind, reason: verdict.reason, text };
  }
}

/** As a text, one path, node or move a line: there can be a thousand. */
export function traceJsonText(json: TraceJson): string {
  const fields = Object.entries(json).map(([name, value]) => {
    const items = Array.isArray(value) ? value.map((item) => `\n    ${JSON.stringify(item)}`) : null;
    const text = items === null || items.length === 0 ? JSON.stringify(value) : `[${items.join()}\n  ]`;
    return `\n  ${JSON.stringify(name)}: ${text}`;
  });
  return `{${fields.join()}\n}\n`;
}
