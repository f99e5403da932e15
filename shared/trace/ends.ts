import Fraction from 'fraction.js';
import { once } from '../cluster/once.ts';
import { type GraphNode, movesInOrder, type TraceGraph } from './graph.ts';
import type { Http } from './trace.ts';
import type { Verdict } from './verdict.ts';

/** How a request may end, at one node of its graph. */
export interface End {
  readonly node: GraphNode;
  readonly verdict: Verdict;
  /** Of all packets that come to the node. */
  readonly share: Fraction;
  /** The HTTP request as the last party gets it, though perhaps with another's headers; null where it isn't HTTP. */
  readonly received: Http | null;
}

/** All of them, in the order in which the paths first come to them. */
export const endsOf = once((graph: TraceGraph): readonly End[] =>
  movesInOrder(graph).flatMap(({ node, move: { goes, share, asks } }) =>
    goes.kind !== 'end'
      ? []
      : [{ node, verdict: goes.verdict, share, received: asks === null ? node.arrival.http : asks.http }],
  ),
);

/** What share of the request's packets comes to each node. */
const sharesOf = once(({ nodes, start }: TraceGraph): ReadonlyMap<GraphNode, Fraction> => {
  const shares = new Map([[start, new Fraction(1)]]);
  for (const node of nodes) {
    const own = shares.get(node);
    if (own === undefined) continue;
    for (const { goes, share } of node.moves) {
      if (goes.kind === 'end') continue;
      const known = shares.get(goes.to);
      const coming = own.mul(share);
      shares.set(goes.to, known === undefined ? coming : known.add(coming));
    }
  }
  return shares;
});

/** The probability that a packet of the request comes to a node, exactly. */
export function probabilityAt(graph: TraceGraph, node: GraphNode): Fraction {
  return sharesOf(graph).get(node) ?? new Fraction(0);
}

/** The probability that the request ends so, exactly. */
export function probabilityOf(graph: TraceGraph, { node, share }: End): Fraction {
  return probabilityAt(graph, node).mul(share);
}
