import Fraction from 'fraction.js';
import type { GraphNode, TraceGraph } from './graph.ts';
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
export function endsOf({ moves }: TraceGraph): End[] {
  return moves.flatMap(({ node, move: { goes, share, asks } }) =>
    goes.kind !== 'end'
      ? []
      : { node, verdict: goes.verdict, share, received: asks === null ? node.arrival.http : asks.http },
  );
}

/** The same, each with the probability that the request ends so, exactly. */
export function likelyEndsOf(graph: TraceGraph): (End & { readonly probability: Fraction })[] {
  const probabilities = probabilitiesOf(graph);
  return endsOf(graph).map((end) => ({ ...end, probability: likelihood(probabilities, end.node, end.share) }));
}

/** The probability that a packet of the request comes to a node, for each, exactly. */
export function probabilitiesOf({ nodes, start }: TraceGraph): ReadonlyMap<GraphNode, Fraction> {
  const probabilities = new Map([[start, new Fraction(1)]]);
  for (const node of nodes) {
    for (const { goes, share } of node.moves) {
      if (goes.kind === 'end') continue;
      const coming = likelihood(probabilities, node, share);
      const known = probabilities.get(goes.to);
      probabilities.set(goes.to, known === undefined ? coming : known.add(coming));
    }
  }
  return probabilities;
}

/** Of a share of a node's packets. */
export function likelihood(
  probabilities: ReadonlyMap<GraphNode, Fraction>,
  node: GraphNode,
  share: Fraction,
): Fraction {
  const own = probabilities.get(node) ?? new Fraction(0);
  return share.equals(1) ? own : own.mul(share);
}
