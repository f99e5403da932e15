import Fraction from 'fraction.js';
import { printableStart } from '../manifest/printable.ts';
import { namesText } from '../network/policy/policyText.ts';
import { endsOf, likelyEndsOf } from './ends.ts';
import { type Move, rewritesOf } from './flight.ts';
import type { GraphNode, Trace, TraceGraph } from './graph.ts';
import type { Party, Rewrite } from './trace.ts';
import type { Verdict } from './verdict.ts';
import { verdictText } from './verdictText.ts';

/** A trace in one line, and the numbers behind it. Hops count from the load balancer where there is one. */
export interface Summary {
  readonly text: string;
  /** Null where nothing is delivered. */
  readonly hops: { readonly min: number; readonly max: number } | null;
  readonly snat: 'always' | 'sometimes' | 'never';
}

type Traced = Pick<Trace, 'graph'>;

export function summarize({ graph }: Traced): Summary {
  const way = describeWay([{ graph }]);
  if (way === null) {
    const denied = describeDenied([{ graph }]);
    if (denied !== null) return { text: denied, hops: null, snat: 'never' };
    const verdicts = [...new Set(endsOf(graph).map(({ verdict }) => verdictText(verdict)))];
    return { text: verdicts.join(', ') || 'no way in', hops: null, snat: 'never' };
  }
  const lost = lostShares(graph)
    .map(({ text, share }) => `, ${share.toFraction()} ${text}`)
    .join('');
  return { text: `${way.count}, ${way.source}${lost}`, hops: way.hops, snat: way.snat };
}

/** The delivered paths in the words of a lens: `2 hops from LB` and `SNAT applied`. */
export interface Way {
  readonly count: string;
  readonly source: string;
  readonly hops: { readonly min: number; readonly max: number };
  readonly snat: Summary['snat'];
}

/** Of one trace or several together; null where no path of any is delivered. */
export function describeWay(traces: readonly Traced[]): Way | null {
  return wayTo(traces, ({ kind }) => kind === 'delivered');
}

/**
 * Where policies deny all of it, how far it comes and by whom: `2 hops from LB, denied by default-deny`. Null where
 * something ends otherwise.
 */
export function describeDenied(traces: readonly Traced[]): string | null {
  const ends = traces.flatMap(({ graph }) => endsOf(graph)).map(({ verdict }) => verdict);
  const denied = ends.filter(isDeniedByPolicy);
  if (denied.length === 0 || denied.length < ends.length) return null;
  const by = namesText(policiesOf(denied));
  if (denied.every(({ direction }) => direction === 'egress')) return `denied on the way out by ${by}`;
  const way = wayTo(traces, ({ kind }) => kind === 'denied');
  return `${way === null ? '' : `${way.count}, `}denied by ${by}`;
}

/** What share policies deny, of several traces `some`, and by whom. Null where none do. */
export function describePartlyDenied(
  traces: readonly Traced[],
): { readonly share: string; readonly by: string } | null {
  const ends = traces.flatMap(({ graph }) => endsOf(graph)).map(({ verdict }) => verdict);
  const denied = ends.filter(isDeniedByPolicy);
  if (denied.length === 0) return null;
  const [only, ...others] = traces;
  const share =
    only === undefined || others.length > 0
      ? 'some'
      : likelyEndsOf(only.graph)
          .filter(({ verdict }) => isDeniedByPolicy(verdict))
          .reduce((sum, { probability }) => sum.add(probability), new Fraction(0))
          .toFraction();
  return { share, by: namesText(policiesOf(denied)) };
}

type DeniedByPolicy = Extract<Verdict, { kind: 'denied'; reason: 'network-policy' }>;

export function isDeniedByPolicy(verdict: Verdict): verdict is DeniedByPolicy {
  return verdict.kind === 'denied' && verdict.reason === 'network-policy';
}

function policiesOf(denied: readonly DeniedByPolicy[]): string[] {
  return [...new Set(denied.flatMap(({ policies }) => policies))].map((name) => printableStart(name, longestName));
}

const longestName = 60;

function wayTo(traces: readonly Traced[], isEnd: (verdict: Verdict) => boolean): Way | null {
  const found = traces.flatMap(({ graph }) => waysTo(graph, isEnd) ?? []);
  const [sample] = found;
  if (sample === undefined) return null;
  const { behindBalancer, withoutBalancer, isMasqueraded, isUnmasqueraded, isProxied } = found.reduce(together);
  const hops = rangeOfBoth(behindBalancer, withoutBalancer) ?? none;
  const snat = !isMasqueraded ? 'never' : isUnmasqueraded ? 'sometimes' : 'always';
  const origin = sample.isFirstBalanced ? 'LB' : sample.from;
  const number =
    hops.min === hops.max ? `${hops.min} ${hops.min === 1 ? 'hop' : 'hops'}` : `${hops.min}-${hops.max} hops`;
  const source =
    snat === 'always'
      ? 'SNAT applied'
      : snat === 'sometimes'
        ? 'SNAT on some paths'
        : origin === 'LB' || origin === 'client'
          ? // Without a masquerade the client's address reaches the pod, unless a proxy made a connection of its own.
            isProxied
            ? 'no SNAT'
            : 'source preserved'
          : 'no SNAT';
  return { count: `${number} from ${origin}`, source, hops, snat };
}

/** What share ends in each verdict but delivery, in the order of the paths; what policies deny, with their names. */
function lostShares(graph: TraceGraph): { text: string; share: Fraction }[] {
  const shares = new Map<string, Fraction>();
  const denied = new Set<string>();
  const lost = endsOf(graph).some(({ verdict }) => verdict.kind !== 'delivered') ? likelyEndsOf(graph) : [];
  for (const { verdict, probability } of lost) {
    const { kind } = verdict;
    if (kind !== 'delivered') shares.set(kind, shares.get(kind)?.add(probability) ?? probability);
    if (isDeniedByPolicy(verdict)) for (const name of policiesOf([verdict])) denied.add(name);
  }
  const by = denied.size === 0 ? '' : ` by ${namesText([...denied])}`;
  return [...shares].map(([kind, share]) => ({ text: kind === 'denied' ? `${kind}${by}` : kind, share }));
}

interface Range {
  readonly min: number;
  readonly max: number;
}

/** The paths that are asked about (those that are delivered) from somewhere on, taken together. */
interface Deliveries {
  /** How many hops they have. */
  readonly all: Range;
  /** How many count: from the first load balancer on, of paths that meet one ahead; null where none does. */
  readonly behindBalancer: Range | null;
  /** The same of those that meet none. */
  readonly withoutBalancer: Range | null;
  /** Whether some of them are masqueraded, and whether some aren't. */
  readonly isMasqueraded: boolean;
  readonly isUnmasqueraded: boolean;
  /** Whether a proxy makes a connection of its own on some. */
  readonly isProxied: boolean;
  /** Whether the first of them meets a load balancer. */
  readonly isFirstBalanced: boolean;
}

/** From the ends backwards, each node once; null where nothing ends so. */
function waysTo(
  { nodes, start }: TraceGraph,
  isEnd: (verdict: Verdict) => boolean,
): (Deliveries & { readonly from: Party['kind'] }) | null {
  const known = new Map<GraphNode, Deliveries>();
  for (const node of nodes.toReversed()) {
    const own = node.moves.flatMap((move) => leading(move, known, isEnd) ?? []);
    if (own.length > 0) known.set(node, own.reduce(together));
  }
  const all = known.get(start);
  if (all === undefined) return null;
  return { ...all, from: start.arrival.at.kind };
}

const none: Range = { min: 0, max: 0 };

/** What a move comes to of what ends so; null where nothing does. */
function leading(
  move: Move<GraphNode>,
  known: ReadonlyMap<GraphNode, Deliveries>,
  isEnd: (verdict: Verdict) => boolean,
): Deliveries | null {
  const { goes } = move;
  const rewrites = rewritesOf(move);
  if (goes.kind === 'end')
    return !isEnd(goes.verdict)
      ? null
      : done(rewrites, {
          all: none,
          behindBalancer: null,
          withoutBalancer: none,
          isMasqueraded: false,
          isUnmasqueraded: true,
          isProxied: false,
          isFirstBalanced: false,
        });
  const ahead = known.get(goes.to);
  if (ahead === undefined) return null;
  if (goes.kind === 'on') return done(rewrites, ahead);
  const isBalancer = goes.to.arrival.at.kind === 'lb';
  return done(rewrites, {
    ...ahead,
    all: further(ahead.all),
    behindBalancer: isBalancer ? ahead.all : ahead.behindBalancer,
    withoutBalancer: isBalancer || ahead.withoutBalancer === null ? null : further(ahead.withoutBalancer),
    isFirstBalanced: isBalancer || ahead.isFirstBalanced,
  });
}

function done(rewrites: readonly Rewrite[], ahead: Deliveries): Deliveries {
  const isMasqueraded = rewrites.some(({ kind }) => kind === 'SNAT');
  return {
    ...ahead,
    isMasqueraded: isMasqueraded || ahead.isMasqueraded,
    isUnmasqueraded: !isMasqueraded && ahead.isUnmasqueraded,
    isProxied: ahead.isProxied || rewrites.some(({ kind }) => kind === 'proxy'),
  };
}

function together<D extends Deliveries>(a: D, b: D): D {
  return {
    ...a,
    all: rangeOfBoth(a.all, b.all),
    behindBalancer: rangeOfBoth(a.behindBalancer, b.behindBalancer),
    withoutBalancer: rangeOfBoth(a.withoutBalancer, b.withoutBalancer),
    isMasqueraded: a.isMasqueraded || b.isMasqueraded,
    isUnmasqueraded: a.isUnmasqueraded || b.isUnmasqueraded,
    isProxied: a.isProxied || b.isProxied,
  };
}

function rangeOfBoth<R extends Range | null>(a: R, b: R): R | Range {
  if (a === null || b === null) return a ?? b;
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

function further({ min, max }: Range): Range {
  return { min: min + 1, max: max + 1 };
}
