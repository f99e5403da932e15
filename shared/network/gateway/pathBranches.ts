import type { RouteMatch, WrittenPath } from '../../cluster/gatewayApi/route.ts';
import type { PathMatch } from '../match.ts';

/**
 * How a proxy goes about it that asks for the path first: the path alone picks a branch of a hostname, and if no rule
 * in it takes the request, no other branch is tried.
 */
export interface PathBranches {
  /** A path as a branch is made of it. */
  readonly pathOf: (path: WrittenPath) => PlainPath;
  /** The branches that a path comes to, beside the other paths of its hostname. */
  readonly of: (path: PlainPath, all: readonly PlainPath[]) => readonly PathBranch[];
  /** The order in which the paths of a hostname are numbered. */
  readonly numbered: (a: PlainPath, b: PlainPath) => number;
  /**
   * The path of the proxy's own to which it hands a request whose path has several matches, by the numbers of the path
   * and of the match: a redirect finds no prefix there that it could replace. Null where there is none.
   */
  readonly innerPath: ((path: number, match: number) => string) | null;
  /** What is answered where a path has no branch, by the method; null for 404 to all. */
  readonly elsewhere: Elsewhere | null;
}

export type PlainPath = Exclude<WrittenPath, { kind: 'GRPC' }>;

export interface PathBranch {
  readonly path: PathMatch;
  /** The first number that differs decides, the higher is tried first; then the order in which paths are numbered. */
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

/** A branch, with the entries of its path in their order. */
export interface FilledBranch<T> extends PathBranch {
  readonly entries: readonly T[];
  /** Whether one of them takes every request of the path. */
  readonly isWhole: boolean;
  /** The path to which the proxy hands the requests of an entry, by its place; null where it needs none. */
  readonly innerPath: ((entry: number) => string) | null;
}

/** All branches of a hostname, in the order in which they take a path. */
export function branchesOf<T extends { readonly entry: { readonly written: RouteMatch } }>(
  entries: readonly T[],
  { pathOf, of, numbered, innerPath }: PathBranches,
): FilledBranch<T>[] {
  const groups = [...Map.groupBy(entries, ({ entry }) => keyOf(pathOf(entry.written.path))).values()]
    .flatMap((own) => (own[0] === undefined ? [] : [{ path: pathOf(own[0].entry.written.path), own }]))
    .toSorted((a, b) => numbered(a.path, b.path));
  const all = groups.map(({ path }) => path);
  return groups
    .flatMap(({ path, own }, number) => {
      const isWhole = own.some(({ entry }) => isPathAlone(entry.written));
      const isToldApart = own.length > 1 || !isWhole;
      const inner = innerPath === null || !isToldApart ? null : (entry: number) => innerPath(number, entry);
      return of(path, all).map((branch) => ({ ...branch, entries: own, isWhole, innerPath: inner }));
    })
    .toSorted((a, b) => byRank(a.rank, b.rank));
}

/** Whether a match asks for nothing but its path. */
function isPathAlone({ method, headers, query }: RouteMatch): boolean {
  return method === null && headers.length === 0 && query.length === 0;
}

function keyOf({ kind, value }: PlainPath): string {
  return `${kind} ${value}`;
}

function byRank(a: readonly number[], b: readonly number[]): number {
  return a.reduce((found, rank, index) => found || (b[index] ?? 0) - rank, 0);
}
