import type { Assumption } from '../cluster/because.ts';
import { forwardedAddresses } from '../network/forwarded.ts';
import {
  type Arrival,
  ends,
  type Flight,
  type Following,
  type HeadersRead,
  inHands,
  type Move,
  type Moves,
} from './flight.ts';
import { stationKey } from './station.ts';
import type { Http, Party, Request } from './trace.ts';
import type { Ended } from './verdict.ts';

/** The answer to a request. */
export interface Trace {
  readonly request: Request;
  readonly graph: TraceGraph;
  readonly assumptions: readonly Assumption[];
}

/**
 * Where a request's packets can go. Each arrival is met once, however many ways lead to it: paths that come together
 * are one from there on.
 */
export interface TraceGraph {
  readonly start: GraphNode;
  /** All of them; whatever a node's packets come to stands behind it, so the start is the first. */
  readonly nodes: readonly GraphNode[];
  /**
   * All moves, each once, in the order in which the paths first take them: what comes of a move stands behind it,
   * before the next one from the same node.
   */
  readonly moves: readonly PlacedMove[];
}

/** An arrival, and the ways on from it. */
export interface GraphNode {
  readonly arrival: Arrival;
  /** The shares sum to exactly 1. */
  readonly moves: readonly Move<GraphNode>[];
}

/** As many proxies as a request may pass; more are a loop. */
const mostProxies = 6;

/** As many arrivals as are followed; of further ones only that they are there. */
const mostArrivals = 20_000;

/**
 * Follows a request from its client's moves to every end. `act` is what a station makes of a packet; where one comes
 * back to where it already is, or passes proxy after proxy, they send to each other without end.
 */
export function explore(
  start: Arrival,
  act: (flight: Flight, arrival: Arrival) => Moves,
  following: Following,
): TraceGraph {
  const known = new Map<string, NodeInMaking>();
  const settled: GraphNode[] = [];
  const placed: PlacedMove[] = [];
  const keyOf = arrivalKeys();

  /** The node of an arrival, and whether nobody has come there yet. */
  function met(arrival: Arrival): { readonly node: NodeInMaking; readonly isNew: boolean } {
    const key = keyOf(arrival);
    const before = known.get(key);
    if (before !== undefined && !before.isEntered) return { node: before, isNew: false };
    const isEndless = before !== undefined || arrival.proxies > mostProxies;
    const endsAs = isEndless ? endless(arrival) : known.size >= mostArrivals ? beyondBounds : null;
    const node = { arrival, moves: [], isEntered: true, endsAs };
    if (before === undefined) known.set(key, node);
    return { node, isNew: true };
  }

  function take(node: NodeInMaking, move: Move<GraphNode>): void {
    node.moves.push(move);
    placed.push({ node, move });
  }

  function follow(node: NodeInMaking): void {
    const { arrival } = node;
    const flight = inHands(arrival, following);
    for (const move of node.endsAs === null ? act(flight, arrival) : ends(flight, node.endsAs)) {
      const { goes } = move;
      if (goes.kind === 'end') {
        take(node, { ...move, goes });
        continue;
      }
      const { node: next, isNew } = met(goes.to);
      take(node, { ...move, goes: { ...goes, to: next } });
      if (isNew) follow(next);
    }
    node.isEntered = false;
    settled.push(node);
  }

  const { node: first } = met(start);
  follow(first);
  return { start: first, nodes: settled.toReversed(), moves: placed };
}

interface NodeInMaking extends GraphNode {
  readonly moves: Move<GraphNode>[];
  /** Whether its packets are being followed now: who comes back to it then goes round and round. */
  isEntered: boolean;
  /** How its packets end, where they aren't followed further. */
  readonly endsAs: Ended | null;
}

/** A move, and the node that it leaves. */
export interface PlacedMove {
  readonly node: GraphNode;
  readonly move: Move<GraphNode>;
}

/** After how many hops packets come to each node, at most. */
export function depthsOf({ nodes }: TraceGraph): ReadonlyMap<GraphNode, number> {
  const depths = new Map<GraphNode, number>();
  for (const node of nodes) {
    const depth = depths.get(node) ?? 0;
    for (const { goes } of node.moves) {
      if (goes.kind === 'end') continue;
      depths.set(goes.to, Math.max(depths.get(goes.to) ?? 0, goes.kind === 'hop' ? depth + 1 : depth));
    }
  }
  return depths;
}

function endless({ at, proxies }: Arrival): Ended {
  return { kind: 'unknown', reason: 'proxy-loop', pod: at.name, proxies: proxies + 1 };
}

const beyondBounds: Ended = { kind: 'unknown', reason: 'too-many-ways', followed: mostArrivals };

/** What makes an arrival another than all others: whatever decides what comes next. */
function arrivalKeys(): (arrival: Arrival) => string {
  const ids = new Map<object, number>();
  const idOf = (object: object | null): number => {
    if (object === null) return 0;
    const id = ids.get(object) ?? ids.size + 1;
    ids.set(object, id);
    return id;
  };
  return ({ station, at, sender, packet, http, headersRead, proxies, proxyHeader, hasCome }) => {
    const { protocol, source, destination } = packet;
    const request = http === null ? '' : keyOfRequest(http, headersRead);
    return (
      `${stationKey(station, idOf)}\n${keyOfParty(at)}\n${keyOfParty(sender)}\n${protocol} ${source} ` +
      `${destination.address} ${destination.port}\n${proxies} ${proxyHeader} ${hasCome}\n${request}`
    );
  };
}

function keyOfParty({ kind, name, address }: Party): string {
  return `${kind}/${name} ${address}`;
}

function keyOfRequest({ method, scheme, host, path, search, serverName, headers }: Http, read: HeadersRead): string {
  const told = read === 'none' ? [] : [...headers].filter(([name]) => read === 'all' || name !== forwardedAddresses);
  return JSON.stringify([method, scheme, host, path, search, serverName, told]);
}
