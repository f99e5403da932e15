import type { RouteMatch, WrittenPath } from '../../cluster/gatewayApi/route.ts';
import type { PathMatch } from '../match.ts';
import type { RouteEntry } from './routeEntries.ts';

/**
 * How a proxy goes about it that makes a server of each hostname and locations of its paths: the path alone picks a
 * location, and if nothing in it takes the request, no other location is tried.
 */
export interface Locations {
  /** A path as a location is made of it. */
  readonly pathOf: (path: WrittenPath) => PlainPath;
  /** The locations that a path comes to, beside the other paths of its server. */
  readonly of: (path: PlainPath, all: readonly PlainPath[]) => readonly Location[];
  /** What is answered where a path comes to no location, by the method; null for 404 to all. */
  readonly elsewhere: Elsewhere | null;
}

export type PlainPath = Exclude<WrittenPath, { kind: 'GRPC' }>;

export interface Location {
  readonly path: PathMatch;
  /** The first number that differs decides; the higher is tried first. */
  readonly rank: readonly number[];
  /** Whether it only leads to another one, with a slash at the end; so it does if that one passes all requests on. */
  readonly addsSlash: boolean;
}

export interface Elsewhere {
  readonly methods: readonly string[];
  readonly status: 405;
  /** Where they get 404 like all others. */
  readonly but: PathMatch;
}

/** A location of a server, with the entries of its path in their order. */
export interface FilledLocation<T> {
  readonly location: Location;
  readonly entries: readonly T[];
  /** Whether one of them takes every request of the path. */
  readonly isWhole: boolean;
}

/** All locations of a server, in the order in which they take a path. */
export function locationsOf<T extends { readonly entry: RouteEntry }>(
  entries: readonly T[],
  { pathOf, of }: Locations,
): FilledLocation<T>[] {
  const groups = [...Map.groupBy(entries, ({ entry }) => keyOf(pathOf(entry.written.path))).values()].flatMap((own) =>
    own[0] === undefined ? [] : [{ path: pathOf(own[0].entry.written.path), own }],
  );
  const all = groups.map(({ path }) => path);
  return groups
    .flatMap(({ path, own }) =>
      of(path, all).map((location) => ({
        location,
        entries: own,
        isWhole: own.some(({ entry }) => isPathAlone(entry.written)),
      })),
    )
    .toSorted((a, b) => byRank(a.location.rank, b.location.rank));
}

/** Whether a match asks for nothing but its path. */
export function isPathAlone({ method, headers, query }: RouteMatch): boolean {
  return method === null && headers.length === 0 && query.length === 0;
}

function keyOf({ kind, value }: PlainPath): string {
  return `${kind} ${value}`;
}

function byRank(a: readonly number[], b: readonly number[]): number {
  return a.reduce((found, rank, index) => found || (b[index] ?? 0) - rank, 0);
}
