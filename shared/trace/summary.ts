import type { Hop, Path, Trace } from './trace.ts';

/** A trace in one line, and the numbers behind it. Hops count from the load balancer where there is one. */
export interface Summary {
  readonly text: string;
  /** Null where nothing is delivered. */
  readonly hops: { readonly min: number; readonly max: number } | null;
  readonly snat: 'always' | 'sometimes' | 'never';
}

export function summarize({ paths }: Trace): Summary {
  const delivered = paths.filter(({ verdict }) => verdict.kind === 'delivered');
  const masqueraded = delivered.filter(isMasqueraded).length;
  const snat = masqueraded === 0 ? 'never' : masqueraded === delivered.length ? 'always' : 'sometimes';
  if (delivered.length === 0) {
    const [first] = paths;
    const why = first === undefined || first.verdict.kind === 'delivered' ? 'no way in' : `${first.verdict.kind}: ${first.verdict.reason}`;
    return { text: why, hops: null, snat };
  }
  const counts = delivered.map(({ hops }) => countedHops(hops).length);
  const hops = { min: Math.min(...counts), max: Math.max(...counts) };
  const [sample] = delivered;
  const origin = sample?.hops.some(({ to }) => to.kind === 'lb') === true ? 'LB' : sample?.hops[0]?.from.kind ?? 'client';
  const count = hops.min === hops.max ? `${hops.min} ${hops.min === 1 ? 'hop' : 'hops'}` : `${hops.min}-${hops.max} hops`;
  const source = snat === 'always' ? 'SNAT applied' : snat === 'sometimes' ? 'SNAT on some paths' : origin === 'LB' || origin === 'client' ? 'source preserved' : 'no SNAT';
  return { text: `${count} from ${origin}, ${source}`, hops, snat };
}

/** The hops that count: from the load balancer on, else all. */
export function countedHops(hops: readonly Hop[]): readonly Hop[] {
  const balancer = hops.findIndex(({ to }) => to.kind === 'lb');
  return hops.slice(balancer + 1);
}

export function isMasqueraded({ hops }: Path): boolean {
  return hops.some(({ rewrites }) => rewrites.some(({ kind }) => kind === 'SNAT'));
}
