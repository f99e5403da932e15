import Fraction from 'fraction.js';
import type { PathJson } from '../../shared/trace/traceJson.ts';

/** Paths that differ in names and addresses alone, each with the same share. */
export interface AlikePaths {
  /** The same as long as the trace has such paths: what is open stays open. */
  readonly key: string;
  readonly paths: readonly PathJson[];
  /** Of each. */
  readonly share: Fraction;
  readonly together: Fraction;
}

/** A trace's paths in their order, alike ones at the place of the first. */
export function alikePaths(paths: readonly PathJson[]): readonly AlikePaths[] {
  return [...Map.groupBy(paths, shapeOf)].map(([key, alike]) => {
    const share = new Fraction(alike[0]?.probability ?? 0);
    return { key, paths: alike, share, together: share.mul(alike.length) };
  });
}

/** What a path is but for the names of nodes and pods. */
function shapeOf({ probability, hops, verdict, source }: PathJson): string {
  const { kind, reason, status, namespace, service } = verdict;
  const way = hops.map(({ from, to, crossesNodes, rewrites, because }) => [
    kindOf(from),
    kindOf(to),
    crossesNodes,
    rewrites.map((each) => each.kind),
    because.map(({ file, line }) => (file === null ? '' : `${file}:${line}`)),
  ]);
  return JSON.stringify([probability, kind, reason, status, namespace, service, kindOf(source?.party ?? ''), way]);
}

function kindOf(party: string): string {
  const slash = party.indexOf('/');
  return slash === -1 ? party : party.slice(0, slash);
}
