import {
  byAge,
  type RouteMatch,
  type RouteRule,
  type WrittenMatch,
  type WrittenPath,
} from '../../../cluster/gatewayApi/route.ts';
import { specificity } from '../hostnames.ts';
import type { PlacedEntry } from '../routeEntry.ts';

/**
 * What Contour makes of the rules behind the listeners of a port: one table of conditions for each hostname, in which a
 * rule has room with all of its matches or with none.
 * Source: projectcontour/contour internal/dag/gatewayapi_processor.go, dag.go (`HasConflictRoute`),
 * internal/sorter/sorter.go (v1.33.8).
 */
export function contourEntries<Listener>(placed: readonly PlacedEntry<Listener>[]): PlacedEntry<Listener>[] {
  const taken = new Map<string, PlacedEntry<Listener>>();
  const seen = placed.filter(({ entry }) => isRouted(entry.rule)).map(asAsked);
  for (const own of together(seen)) {
    const isRefused = own.some((each) => taken.get(keyOf(each))?.entry.route.kind === each.entry.route.kind);
    if (!isRefused) for (const each of own) taken.set(keyOf(each), each);
  }
  return [...taken.values()].toSorted(inOrder);
}

type Placed = PlacedEntry<unknown>;

/** A rule without backends has no route, unless it redirects. */
function isRouted({ backends, filters }: RouteRule): boolean {
  return backends.length > 0 || filters.some(({ kind }) => kind === 'RequestRedirect');
}

/** A redirect doesn't look at the query (`redirectRoutes`). */
function asAsked<Listener>(placed: PlacedEntry<Listener>): PlacedEntry<Listener> {
  const { entry } = placed;
  if (!entry.rule.filters.some(({ kind }) => kind === 'RequestRedirect')) return placed;
  return {
    ...placed,
    entry: { ...entry, written: { ...entry.written, query: [] }, match: { ...entry.match, query: [] } },
  };
}

/** The entries of one rule behind one listener: HTTPRoutes before GRPCRoutes, the oldest first. */
function together<Listener>(placed: readonly PlacedEntry<Listener>[]): (readonly PlacedEntry<Listener>[])[] {
  const kindOf = ({ entry: { route } }: Placed): number => (route.kind === 'HTTPRoute' ? 0 : 1);
  const ordered = placed.toSorted((a, b) => kindOf(a) - kindOf(b) || byAge(a.entry.route, b.entry.route));
  const byListener = [...Map.groupBy(ordered, ({ entry }) => entry.route).values()].flatMap((own) => [
    ...Map.groupBy(own, ({ listener }) => listener).values(),
  ]);
  return byListener.flatMap((own) => [...Map.groupBy(own, ({ entry }) => entry.rule).values()]);
}

/** What two routes of one virtual host may not have alike. */
function keyOf({ entry: { hostname, written: match } }: Placed): string {
  const { path, method, headers, query } = match;
  return JSON.stringify([hostname, conditionOf(path), headers, method, query]);
}

/** What a gRPC service and method come to, as other paths are written: all calls, or one path. */
function conditionOf(path: WrittenPath): readonly [kind: Exclude<WrittenPath['kind'], 'GRPC'>, text: string] {
  if (path.kind !== 'GRPC') return [path.kind, path.value];
  return path.service === null ? ['PathPrefix', '/'] : ['Exact', `/${path.service}/${path.method}`];
}

/**
 * Exact paths, expressions, prefixes; the longer, then the later in the alphabet; then a method, more headers, more
 * queries, the earlier rule of its route, and the headers and queries one by one. The routes' age says nothing.
 */
function inOrder({ entry: one }: Placed, { entry: other }: Placed): number {
  const hosts = specificity(other.hostname) - specificity(one.hostname);
  if (hosts !== 0) return hosts;
  const [a, b] = [one.written, other.written];
  const paths = pathOrder(a, b);
  if (paths !== 0) return paths;
  return (
    Number(b.method !== null) - Number(a.method !== null) ||
    b.headers.length - a.headers.length ||
    b.query.length - a.query.length ||
    one.route.rules.indexOf(one.rule) - other.route.rules.indexOf(other.rule) ||
    oneByOne(a.headers, b.headers) ||
    oneByOne(a.query, b.query)
  );
}

const rankOfKind = { PathPrefix: 0, RegularExpression: 1, Exact: 2 } as const;

function pathOrder({ path: a }: RouteMatch, { path: b }: RouteMatch): number {
  const [[kind, one], [otherKind, other]] = [conditionOf(a), conditionOf(b)];
  const kinds = rankOfKind[otherKind] - rankOfKind[kind];
  return kinds || other.length - one.length || (one > other ? -1 : one < other ? 1 : 0);
}

function oneByOne(ours: readonly WrittenMatch[], theirs: readonly WrittenMatch[]): number {
  const sorted = (matches: readonly WrittenMatch[]): string[] =>
    matches.map(({ name, type, value }) => `${name}\n${type === 'Exact' ? 0 : 1}\n${value}`).toSorted();
  const others = sorted(theirs);
  return sorted(ours).reduce((found, each, index) => {
    const other = others[index] ?? '';
    return found || (each < other ? -1 : each > other ? 1 : 0);
  }, 0);
}
