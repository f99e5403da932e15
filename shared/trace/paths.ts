import Fraction from 'fraction.js';
import type { Because } from '../cluster/because.ts';
import { addressesAfter, forwardedAddresses } from '../network/forwarded.ts';
import type { ReplyWay } from './flight.ts';
import type { GraphNode, PlacedMove, Trace, TraceGraph } from './graph.ts';
import type { Hop, Http, Path, ReplyStep, Sighting } from './trace.ts';
import type { VerdictKind } from './verdict.ts';

/** As many paths of a trace as are shown one by one. */
export const mostPaths = 256;

/** The first paths of a trace, and how many more there are. */
export function firstPaths({ graph }: Pick<Trace, 'graph'>): {
  readonly paths: readonly Path[];
  readonly left: number;
} {
  const paths: Path[] = [];
  for (const path of pathsOf(graph)) if (paths.push(path) === mostPaths) break;
  return { paths, left: pathCount(graph) - paths.length };
}

/** The ways from the start to every end, one by one; there can be very many. Their probabilities sum to exactly 1. */
export function* pathsOf(graph: TraceGraph): Generator<Path, void, undefined> {
  for (const steps of waysOf(graph)) yield pathAlong(steps);
}

/** The same as moves from the start to an end; the list is another one's at the next step. */
export function* waysOf({ start }: TraceGraph): Generator<readonly PlacedMove[], void, undefined> {
  const steps: PlacedMove[] = [];
  function* from(node: GraphNode): Generator<readonly PlacedMove[], void, undefined> {
    for (const move of node.moves) {
      steps.push({ node, move });
      if (move.goes.kind === 'end') yield steps;
      else yield* from(move.goes.to);
      steps.pop();
    }
  }
  yield* from(start);
}

/** How many ways lead from the start to an end; beyond 2 to the 53rd it is no exact count any more. */
function pathCount({ nodes, start }: TraceGraph): number {
  const counts = new Map<GraphNode, number>();
  for (const node of nodes.toReversed()) {
    const count = node.moves.reduce((sum, { goes }) => sum + (goes.kind === 'end' ? 1 : (counts.get(goes.to) ?? 0)), 0);
    counts.set(node, count);
  }
  return counts.get(start) ?? 0;
}

const replied: ReadonlySet<VerdictKind> = new Set<VerdictKind>(['delivered', 'answered', 'rejected', 'refused']);

/** `steps` lead from the start to an end. */
function pathAlong(steps: readonly PlacedMove[]): Path {
  const moves = steps.map(({ move }) => move);
  const hops = hopsAlong(steps);
  const reply = replyAlong(steps);
  const end = moves.at(-1)?.goes;
  const last = steps.at(-1)?.node.arrival;
  if (end?.kind !== 'end' || last === undefined) throw new Error('a path without an end');
  const { verdict, decisive } = end;
  return {
    probability: moves.reduce((product, { share }) => product.mul(share), new Fraction(1)),
    hops,
    verdict,
    seenBy: sightingsAlong(steps),
    reply,
    because: moves.flatMap(({ because }): readonly Because[] => because),
    consulted: moves.flatMap(({ consulted }) => consulted.flatMap((look) => look() ?? [])),
    decisive,
    received: requestAlong(steps),
    mirrors: moves.flatMap(({ mirrors }) => mirrors),
    gates: moves.flatMap(({ gates }) => gates),
  };
}

function hopsAlong(steps: readonly PlacedMove[]): Hop[] {
  const hops: Hop[] = [];
  for (const { move } of steps) {
    const { handling, goes } = move;
    const last = hops.at(-1);
    if (last !== undefined && handling.rewrites.length + handling.because.length > 0)
      hops[hops.length - 1] = {
        ...last,
        rewrites: [...last.rewrites, ...handling.rewrites],
        because: [...last.because, ...handling.because],
      };
    if (goes.kind === 'hop') hops.push({ ...goes.hop, to: goes.to.arrival.at, packet: goes.to.arrival.packet });
  }
  return hops;
}

function sightingsAlong(steps: readonly PlacedMove[]): Sighting[] {
  return steps.flatMap(({ move: { goes } }) => {
    if (goes.kind !== 'hop') return [];
    const { at, packet, sender } = goes.to.arrival;
    return [{ party: at, source: packet.source, owner: sender }];
  });
}

/** The request as the last party of a path gets it. */
function requestAlong(steps: readonly PlacedMove[]): Http | null {
  let request = steps[0]?.node.arrival.http ?? null;
  for (const { node, move } of steps) {
    const { asks } = move;
    if (asks !== null) request = asks.http === null ? null : withOwnAddresses(asks.http, node.arrival.http, request);
  }
  return request;
}

/**
 * What a proxy asks, with the `X-Forwarded-For` of this path: requests that differ in it alone may have come to the
 * proxy as one, `came`, where this path's is `own`.
 */
function withOwnAddresses(asked: Http, came: Http | null, own: Http | null): Http {
  const before = came?.headers.get(forwardedAddresses);
  const addresses = own?.headers.get(forwardedAddresses);
  if (addresses === before) return asked;
  const { forwarding } = asked;
  const isNew = forwarding !== undefined && forwarding !== came?.forwarding;
  // A filter gave it another value: the same on every path.
  const isKept = (isNew ? forwarding.came : asked.headers.get(forwardedAddresses)) === before;
  if (!isKept) return asked;
  const after = isNew ? addressesAfter(addresses, forwarding.source, forwarding.how) : addresses;
  const headers = new Map(asked.headers);
  if (after === undefined) headers.delete(forwardedAddresses);
  else headers.set(forwardedAddresses, after);
  return { ...asked, headers };
}

/**
 * The reply passes the same parties backwards; each undoes its own rewrites, so each hears from whom it asked. Empty
 * where nobody replies.
 */
export function replyAlong(steps: readonly PlacedMove[]): ReplyStep[] {
  const moves = steps.map(({ move }) => move);
  const end = moves.at(-1)?.goes;
  if (end?.kind !== 'end' || !replied.has(end.verdict.kind)) return [];
  const all = hopsAlong(steps);
  const ways = moves.flatMap(({ replies }): ReplyWay[] => (replies === null ? [] : [replies]));
  const straight = ways.findLast(({ kind }) => kind === 'straight');
  const [first, second, ...rest] = all;
  const last = all.at(-1);
  if (straight?.kind === 'straight' && first !== undefined && last !== undefined)
    return [{ from: last.to, to: first.from, source: straight.from, destination: last.packet.source }];
  const isPast = ways.findLast(({ kind }) => kind !== 'straight')?.kind === 'past-balancer';
  const hops =
    isPast && first?.to.kind === 'lb' && second !== undefined ? [{ ...second, from: first.from }, ...rest] : all;
  return hops.toReversed().map((hop) => ({
    from: hop.to,
    to: hop.from,
    source: hop.packet.destination.address,
    destination: hop.packet.source,
  }));
}
