import Fraction from 'fraction.js';
import { verdictText } from './verdictText.ts';
import type { Hop, Path, Trace } from './trace.ts';

/** A trace in one line, and the numbers behind it. Hops count from the load balancer where there is one. */
export interface Summary {
  readonly text: string;
  /** Null where nothing is delivered. */
  readonly hops: { readonly min: number; readonly max: number } | null;
  readonly snat: 'always' | 'sometimes' | 'never';
}

export function summarize({ paths }: Pick<Trace, 'paths'>): Summary {
  const way = describeWay(paths);
  if (way === null) {
    const verdicts = [...new Set(paths.map(({ verdict }) => verdictText(verdict)))];
    return { text: verdicts.join(', ') || 'no way in', hops: null, snat: 'never' };
  }
  const lost = lostShares(paths)
    .map(({ kind, share }) => `, ${share.toFraction()} ${kind}`)
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

/** Null where no path is delivered. */
export function describeWay(paths: readonly Path[]): Way | null {
  const delivered = paths.filter(({ verdict }) => verdict.kind === 'delivered');
  const [sample] = delivered;
  if (sample === undefined) return null;
  const masqueraded = delivered.filter(isMasqueraded).length;
  const snat = masqueraded === 0 ? 'never' : masqueraded === delivered.length ? 'always' : 'sometimes';
  const hops = hopRange(delivered);
  const origin = sample.hops.some(({ to }) => to.kind === 'lb') ? 'LB' : (sample.hops[0]?.from.kind ?? 'client');
  const number =
    hops.min === hops.max ? `${hops.min} ${hops.min === 1 ? 'hop' : 'hops'}` : `${hops.min}-${hops.max} hops`;
  const source =
    snat === 'always'
      ? 'SNAT applied'
      : snat === 'sometimes'
        ? 'SNAT on some paths'
        : origin === 'LB' || origin === 'client'
          ? preserved(delivered)
          : 'no SNAT';
  return { count: `${number} from ${origin}`, source, hops, snat };
}

/** One by one: there can be more paths than a call takes arguments. */
function hopRange(paths: readonly Path[]): { min: number; max: number } {
  let min = Infinity;
  let max = 0;
  for (const { hops } of paths) {
    const count = countedHops(hops).length;
    min = Math.min(min, count);
    max = Math.max(max, count);
  }
  return { min, max };
}

/** Without a masquerade the client's address reaches the pod, unless a proxy made a connection of its own. */
function preserved(delivered: readonly Path[]): string {
  return delivered.some(({ hops }) => hops.some(({ rewrites }) => rewrites.some(({ kind }) => kind === 'proxy')))
    ? 'no SNAT'
    : 'source preserved';
}

/** What share ends in each verdict but delivery, in the order of the paths. */
export function lostShares(paths: readonly Path[]): { kind: string; share: Fraction }[] {
  const shares = new Map<string, Fraction>();
  for (const { verdict, probability } of paths) {
    if (verdict.kind !== 'delivered')
      shares.set(verdict.kind, (shares.get(verdict.kind) ?? new Fraction(0)).add(probability));
  }
  return [...shares].map(([kind, share]) => ({ kind, share }));
}

/** The hops that count: from the load balancer on, else all. */
export function countedHops(hops: readonly Hop[]): readonly Hop[] {
  const balancer = hops.findIndex(({ to }) => to.kind === 'lb');
  return hops.slice(balancer + 1);
}

export function isMasqueraded({ hops }: Path): boolean {
  return hops.some(({ rewrites }) => rewrites.some(({ kind }) => kind === 'SNAT'));
}
