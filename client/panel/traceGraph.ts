import { Graph, layout } from '@dagrejs/dagre';
import type { TraceJson } from '../../shared/trace/traceJson.ts';
import { type Leg, partiesOf, type PartyBox } from './parties.ts';

/** A trace as boxes and arrows with places: what the panel draws. Lengths in pixels. */
export interface TraceGraph {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

export interface Box extends PartyBox {
  readonly id: string;
  /** The centre. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Arrow {
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** The share of the packets that takes it; empty where all do. */
  readonly share: string;
  /** Addresses before and after, one line each. */
  readonly lines: readonly string[];
  readonly x: number;
  readonly y: number;
  readonly crossesNodes: boolean;
}

/** More arrows than this are drawn with their shares alone: the steps beside have the rest. */
const mostLabelled = 14;
const characterWidth = 6.6;

export function traceGraph(trace: Pick<TraceJson, 'nodes' | 'moves'>): TraceGraph {
  const { boxes, legs } = partiesOf(trace);
  const isLabelled = legs.length <= mostLabelled;
  const graph = new Graph();
  graph.setGraph({ rankdir: 'TB', nodesep: 18, ranksep: 22, edgesep: 10, marginx: 8, marginy: 8 });
  for (const [id, { title, detail }] of boxes)
    graph.setNode(id, { width: Math.max(title.length * 7.4, detail.length * characterWidth) + 28, height: 46 });
  const labels = new Map<Leg, { share: string; lines: string[] }>();
  // Last first: the layout then has the first on the left.
  for (const leg of legs.toReversed()) {
    const share = leg.share.equals(1) ? '' : leg.share.toFraction();
    const lines = isLabelled ? [...leg.lines] : [];
    labels.set(leg, { share, lines });
    const width = Math.max(share.length * 8, ...lines.map((line) => line.length * 6)) + 12;
    graph.setEdge(leg.from, leg.to, { width, height: (lines.length + (share === '' ? 0 : 1)) * 14 + 6, labelpos: 'c' });
  }
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    width,
    height,
    boxes: [...boxes].map(([id, box]) => ({ id, ...box, ...boxPlace(graph.node(id)) })),
    arrows: legs.map((leg) => {
      const edge = graph.edge(leg.from, leg.to) as { points?: { x: number; y: number }[]; x?: number; y?: number };
      const { share, lines } = labels.get(leg) ?? { share: '', lines: [] };
      return {
        points: edge.points ?? [],
        share,
        lines,
        x: edge.x ?? 0,
        y: edge.y ?? 0,
        crossesNodes: leg.crossesNodes,
      };
    }),
  };
}

function boxPlace(node: unknown): Pick<Box, 'x' | 'y' | 'width' | 'height'> {
  const { x, y, width, height } = node as Pick<Box, 'x' | 'y' | 'width' | 'height'>;
  return { x, y, width, height };
}
