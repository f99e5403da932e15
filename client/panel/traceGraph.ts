import { isLost } from '../../shared/trace/verdict.ts';
import { Graph, layout } from '@dagrejs/dagre';
import Fraction from 'fraction.js';
import type { TraceJson } from '../../shared/trace/traceJson.ts';

/** A trace as boxes and arrows with places: what the panel draws. Lengths in pixels. */
export interface TraceGraph {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

export interface Box {
  readonly id: string;
  readonly kind: 'client' | 'lb' | 'node' | 'pod' | 'external' | 'verdict' | 'answer';
  readonly title: string;
  readonly detail: string;
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

interface Leg {
  readonly from: string;
  readonly to: string;
  /** Addresses as the packet arrives; what its sender did to it stands on the arrow before. Empty at an end. */
  readonly lines: readonly string[];
  readonly crossesNodes: boolean;
  share: Fraction;
}

/** More arrows than this are drawn with their shares alone: the steps beside have the rest. */
const mostLabelled = 14;
const characterWidth = 6.6;

export function traceGraph({ nodes, moves }: Pick<TraceJson, 'nodes' | 'moves'>): TraceGraph {
  const boxes = new Map<string, Pick<Box, 'kind' | 'title' | 'detail'>>();
  const legs = new Map<string, Leg>();
  const addLeg = ({ share, ...leg }: Leg): void => {
    const key = `${leg.from}\n${leg.to}`;
    const known = legs.get(key);
    if (known === undefined) legs.set(key, { ...leg, share });
    else known.share = known.share.add(share);
  };
  // A party has one box, but whoever asks has another as the one who asks.
  const asking = new Set([0]);
  for (const move of moves) if (move.kind === 'on' && asking.has(move.from)) asking.add(move.to);
  const boxOf = (index: number): string => {
    const { party = 'client', address = '' } = nodes[index] ?? {};
    const id = asking.has(index) ? `start ${party}` : party;
    if (!boxes.has(id)) boxes.set(id, { kind: boxKind(party), title: party, detail: address });
    return id;
  };
  for (const move of moves) {
    const { kind, from } = move;
    const share = new Fraction(move.probability);
    if (kind === 'hop') {
      const { source = '', destination = '' } = nodes[move.to] ?? {};
      const { crossesNodes } = move;
      const lines = [`${source} →`, destination, ...(crossesNodes ? ['crosses nodes'] : [])];
      addLeg({ from: boxOf(from), to: boxOf(move.to), lines, crossesNodes, share });
    } else if (kind === 'end' && move.verdict.kind !== 'delivered') {
      const { verdict } = move;
      const at = boxOf(from);
      const end = `verdict ${verdict.kind} ${verdict.reason ?? ''} ${at}`;
      boxes.set(end, {
        kind: isLost(verdict) ? 'verdict' : 'answer',
        title: verdict.status === null ? verdict.kind : `${verdict.kind} ${verdict.status}`,
        detail: verdict.reason ?? '',
      });
      addLeg({ from: at, to: end, lines: [], crossesNodes: false, share });
    }
  }
  const isLabelled = legs.size <= mostLabelled;
  const graph = new Graph();
  graph.setGraph({ rankdir: 'TB', nodesep: 18, ranksep: 22, edgesep: 10, marginx: 8, marginy: 8 });
  for (const [id, { title, detail }] of boxes)
    graph.setNode(id, { width: Math.max(title.length * 7.4, detail.length * characterWidth) + 28, height: 46 });
  const labels = new Map<Leg, { share: string; lines: string[] }>();
  // Last first: the layout then has the first on the left.
  for (const leg of [...legs.values()].reverse()) {
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
    arrows: [...legs.values()].map((leg) => {
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

function boxKind(party: string): Box['kind'] {
  const [kind] = party.split('/');
  return kind === 'lb' || kind === 'node' || kind === 'pod' || kind === 'external' ? kind : 'client';
}
