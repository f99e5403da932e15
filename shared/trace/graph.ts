import type { Assumption } from '../cluster/because.ts';
import { once } from '../cluster/once.ts';
import { type Arrival, ends, type Flight, inHands, type Move, type Moves } from './flight.ts';
import { stationKey } from './station.ts';
import { type Http, type Party, partyId, type Request } from './trace.ts';

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
}

/** An arrival, and the ways on from it. */
export interface GraphNode {
  readonly arrival: Arrival;
  /** The shares sum to exactly 1. */
  readonly moves: readonly Move<GraphNode>[];
}

/** As many proxies as a request may pass; more are a loop. */
const mostProxies = 6;

/**
 * Follows a request from its client's moves to every end. `act` is what a station makes of a packet; where one comes
 * back to where it already is, or passes proxy after proxy, they send to each other without end.
 */
export function explore(
  start: Arrival,
  act: (flight: Flight, arrival: Arrival) => Moves,
  { withRules }: { readonly withRules: boolean },
): TraceGraph {
  const known = new Map<string, GraphNode>();
  const entered = new Set<GraphNode>();
  const settled: GraphNode[] = [];
  const keyOf = arrivalKeys();

  function met(arrival: Arrival): GraphNode {
    const key = keyOf(arrival);
    const before = known.get(key);
    if (before !== undefined && !entered.has(before)) return before;
    const moves: Move<GraphNode>[] = [];
    const node: GraphNode = { arrival, moves };
    if (before === undefined) known.set(key, node);
    entered.add(node);
    const flight = inHands(arrival, withRules);
    const isEndless = before !== undefined || arrival.proxies > mostProxies;
    for (const move of isEndless ? endless(flight) : act(flight, arrival)) moves.push(followed(move));
    entered.delete(node);
    settled.push(node);
    return node;
  }

  function followed(move: Move<Arrival>): Move<GraphNode> {
    const { goes } = move;
    return goes.kind === 'end' ? { ...move, goes } : { ...move, goes: { ...goes, to: met(goes.to) } };
  }

  const first = met(start);
  return { start: first, nodes: settled.toReversed() };
}

/**
 * All moves, each once, in the order in which the paths first take them: what comes of a move stands behind it, before
 * the next one from the same node.
 */
export const movesInOrder = once(({ start }: TraceGraph): readonly PlacedMove[] => {
  const met = new Set<GraphNode>();
  const found: PlacedMove[] = [];
  const enter = (node: GraphNode): void => {
    if (met.has(node)) return;
    met.add(node);
    for (const move of node.moves) {
      found.push({ node, move });
      if (move.goes.kind !== 'end') enter(move.goes.to);
    }
  };
  enter(start);
  return found;
});

/** A move, and the node that it leaves. */
export interface PlacedMove {
  readonly node: GraphNode;
  readonly move: Move<GraphNode>;
}

function endless(flight: Flight): Moves {
  const { at, proxies } = flight;
  return ends(flight, { kind: 'unknown', reason: 'proxy-loop', pod: at.name, proxies: proxies + 1 });
}

/** What makes an arrival another than all others: whatever decides what comes next. */
function arrivalKeys(): (arrival: Arrival) => string {
  const ids = new WeakMap<object, string>();
  let count = 0;
  const idOf = (object: object | null): string => {
    if (object === null) return '';
    const id = ids.get(object) ?? String(++count);
    ids.set(object, id);
    return id;
  };
  return ({ station, at, sender, packet, http, areHeadersRead, proxies, proxyHeader, hasCome }) =>
    [
      stationKey(station, idOf),
      keyOfParty(at),
      keyOfParty(sender),
      packet.protocol,
      packet.source,
      packet.destination.address,
      packet.destination.port,
      http === null ? '' : areHeadersRead ? keyOfHeaders(http) + keyOfRequest(http) : keyOfRequest(http),
      proxies,
      proxyHeader,
      hasCome,
    ].join('\n');
}

const keyOfParty = once((party: Party) => `${partyId(party)} ${party.address}`);

const keyOfRequest = once(({ method, scheme, host, path, search, serverName }: Http) =>
  JSON.stringify([method, scheme, host, path, search, serverName]),
);

const keyOfHeaders = once(({ headers }: Http) => JSON.stringify([...headers]));
