import Fraction from 'fraction.js';
import type { HeaderChange, PathChange } from '../../cluster/gatewayApi/routeFilter.ts';
import type { GrpcPath, Route, RouteKind, RouteMatch, RouteRule, WrittenPath } from '../../cluster/gatewayApi/route.ts';
import type { Listener } from '../../cluster/gatewayApi/gateway.ts';
import type { NamedTextMatch, PathMatch } from '../match.ts';
import type { PathReading } from '../normalization.ts';
import type { LocationPiece, LocationTemplate } from '../routing/location.ts';
import type { ExpressionReading } from './expressionReading.ts';
import type { Entrance, Mirrored, RedirectFilter } from './filtering.ts';
import { intersection } from './hostnames.ts';
import type { PathBranches } from './pathBranches.ts';
import type { PlacedEntry, RouteEntry } from './routeEntry.ts';

/**
 * How an implementation goes about what the standard decides, or leaves open. `standardWays` is the standard's own; an
 * implementation's file says where it does otherwise, with the source.
 */
export interface Ways {
  /** Of two listeners that clash within a Gateway, whether both are refused, or the later one. */
  readonly clashing: 'both' | 'later';
  /** The protocols of listeners that it knows beside the standard's. */
  readonly protocols: readonly string[];
  /** The kinds of routes that it takes where a listener of protocol TLS ends TLS itself. */
  readonly endedTls: readonly RouteKind[];
  /** Whether a listener of protocol HTTPS needs `tls`: some take certificates from elsewhere. */
  readonly needsTls: boolean;
  /** How references may name the group of Services and Secrets, beside leaving it out. */
  readonly coreGroup: 'core' | null;
  /** The hostnames of a route that a listener serves: null for any, empty for none. */
  readonly hostnames: (asked: AskedHostnames) => readonly string[] | null;
  /** What stands behind the listeners of a port, in its order; null where it is the standard's. */
  readonly arranged: Arranging | null;
  /** Why the proxy refuses all routes that stand in one table; null where it takes them. */
  readonly tableFault: (entries: readonly RouteEntry[]) => string | null;
  /** What plain HTTP gets at a port where no listener has a route. */
  readonly withoutRoutes: 'answered' | 'closed';
  /** Whether over TLS the Host has to be the very name of the handshake; else 421. */
  readonly takesServerNameAlone: boolean;
  /** Null where hostnames are the standard's: the most specific listener, then the rules of all hostnames in order. */
  readonly virtualHosts: VirtualHosts | null;
  /** Whether HTTPRoutes and GRPCRoutes of one hostname are served together; the standard refuses the younger. */
  readonly servesKindsTogether: boolean;
  /** How specific a match is beside its hostname: the first number that differs decides, the higher goes first. */
  readonly ranks: (match: RouteMatch, reading: ExpressionReading | null) => readonly number[];
  /** The rules of a route that it takes: of a route that it doesn't take at all, none. */
  readonly rules: (route: Route) => readonly RouteRule[];
  /** Where the path decides before anything else is asked; null where rules are tried one by one. */
  readonly branches: PathBranches | null;
  /** What a gRPC service and method come to, null for no route; null itself where it is the standard's. */
  readonly grpc: ((path: GrpcPath) => GrpcMatch | null) | null;
  /** What happens to a path with an escaped slash, before any route. */
  readonly escapedSlashes: 'kept' | { readonly redirectedTo: (path: string) => string };
  /** How it says a path to backends, and in redirects; null for as it reads it. */
  readonly says: PathReading | null;
  /** How it escapes a path that it changed; null where it writes it as it stands. */
  readonly escapes: ((path: string) => string) | null;
  /** Whether a header's value is compared as a whole, or one of the items of a list. */
  readonly headers: 'whole' | 'one-of-list';
  /** Whether a query's names and values are compared decoded. As they are written, the first of a name counts. */
  readonly query: 'decoded' | 'as-written';
  /** What plain HTTP gets from a listener with TLS. */
  readonly plainHttpAtTls: 'answered' | 'closed';
  /** Why it refuses a filter on headers, so that all its requests are answered 500; null where it doesn't. */
  readonly headerFault: (change: HeaderChange) => string | null;
  /** What a filter on headers comes to, step by step. */
  readonly headerSteps: (change: HeaderChange) => readonly HeaderChange[];
  /** The Host that a filter on headers gives; null where Host is a header like others. */
  readonly hostSet: (change: HeaderChange) => string | null;
  /** Which requests a filter for CORS answers, before any backend is asked: browsers' preflights, or all OPTIONS. */
  readonly preflights: { readonly of: 'browsers' | 'every-options'; readonly status: 200 | 204 };
  /** Whether a backend has filters of its own; where it can't, one with filters can't be asked. */
  readonly backendFilters: 'taken' | 'refused';
  /** The share of each backend by the weights of all of a rule; 0 for one that gets nothing. */
  readonly shares: (weights: readonly number[]) => readonly Fraction[];
  /** Which copies a rule really sends. */
  readonly copies: (mirrors: readonly Mirrored[]) => readonly Mirrored[];
  /**
   * Whose filters change a request first. Those of a rule and of its only backend may also be one: what is removed goes
   * first.
   */
  readonly firstFilters: 'rule' | 'backend' | 'backend-of-several';
  /** What a path becomes. `prefix` is the one that the rule matched, null for a match of another kind. */
  readonly rewrittenPath: (change: PathChange, prefix: string | null) => LocationPiece | null;
  /** What a redirect makes of path and query. */
  readonly redirectedPath: (change: PathChange | null, prefix: string | null) => LocationTemplate;
  /** What a redirect makes of the Host and its port. */
  readonly redirectedHost: (filter: RedirectFilter, entrance: Entrance) => LocationTemplate;
  /**
   * Whether each backend that can't be asked is answered as it is itself, or all of a rule's with one status; or one
   * that is invalid has no share, unless all are.
   */
  readonly withoutBackend: 'each' | 'together' | 'left-out';
  /** Whether a copy to a backend that isn't there is left out, or fails the rule; then it goes with no redirect. */
  readonly mirrors: 'left-out' | 'required';
  /** Whether a share of the requests is copied, where one is written, or all of them. */
  readonly mirrored: 'share' | 'all';
}

export type Arranging = <Listener>(entries: readonly PlacedEntry<Listener>[]) => readonly PlacedEntry<Listener>[];

/** Which listener, and a route that refers to it. */
export interface AskedHostnames {
  readonly listener: string | null;
  readonly route: readonly string[];
  /** The hostnames of the listeners that the same reference of the route doesn't lead to. */
  readonly others: readonly string[];
}

/** One virtual host takes a request, by its most specific hostname; if none of its routes does, none does. */
export interface VirtualHosts {
  /** Whose routes without TLS stand in one table. */
  readonly plain: 'of-a-port' | 'of-the-gateway';
  /**
   * Whose routes with TLS do. Of a port, by listener: a TLS name that no hostname of a route takes is refused, and a
   * Host of another listener than the TLS name's is answered 421.
   */
  readonly secure: 'of-a-listener' | 'of-a-hostname' | 'of-the-gateway' | 'of-a-port-by-listener';
  /**
   * What a listener leaves to another one of its port: a hostname that the other names, or all that routes write and
   * the other, if it is the more specific, takes.
   */
  readonly leaves: 'nothing' | 'named' | 'covered';
  /** How the rules of one virtual host stand in it, given as they are ranked; null where they stay so. */
  readonly arranged: (<T>(rules: readonly T[], placeOf: (rule: T) => Place) => readonly T[]) | null;
  /** What comes of two listeners' routes of one hostname in one table: one list, or the proxy refuses the table. */
  readonly twice: 'together' | RefusedTwice;
}

/** What may decide where a match of a rule stands in a virtual host. */
export interface Place {
  readonly listener: Listener;
  readonly route: Route;
  readonly match: RouteMatch;
  /** The route's hostname that it is for, as it is written; null for any. */
  readonly writtenHostname: string | null;
}

/** Says what the proxy does of which two listeners have routes of one hostname, which neither names. */
export type RefusedTwice = (twice: { readonly listeners: string; readonly hostname: string }) => string;

export interface GrpcMatch {
  readonly path: PathMatch;
  readonly headers: readonly NamedTextMatch[];
}

/**
 * The standard's, and where it leaves something open, as most do it.
 * Source: kubernetes-sigs/gateway-api apis/v1/httproute_types.go, grpcroute_types.go (v1.6.1).
 */
export const standardWays: Ways = {
  clashing: 'both',
  protocols: [],
  endedTls: ['TLSRoute', 'TCPRoute'],
  needsTls: true,
  coreGroup: null,
  hostnames: ({ listener, route }) => intersection(listener, route),
  arranged: null,
  tableFault: () => null,
  withoutRoutes: 'answered',
  takesServerNameAlone: false,
  virtualHosts: null,
  servesKindsTogether: false,
  ranks: standardRanks,
  rules: ({ rules }) => rules,
  branches: null,
  grpc: null,
  escapedSlashes: 'kept',
  says: null,
  escapes: null,
  headers: 'whole',
  query: 'decoded',
  plainHttpAtTls: 'answered',
  headerFault: () => null,
  headerSteps: (change) => [change],
  hostSet: () => null,
  preflights: { of: 'browsers', status: 204 },
  backendFilters: 'taken',
  shares: sharesByWeight,
  copies: (mirrors) => mirrors,
  firstFilters: 'rule',
  rewrittenPath: standardPath,
  redirectedPath: (change, prefix) => [
    (change === null ? null : standardPath(change, prefix)) ?? { of: 'path' },
    { of: 'query' },
  ],
  redirectedHost: standardHost,
  withoutBackend: 'each',
  mirrors: 'left-out',
  mirrored: 'share',
};

function sharesByWeight(weights: readonly number[]): Fraction[] {
  const total = weights.reduce((sum, each) => sum + each, 0);
  return weights.map((each) => (total === 0 ? new Fraction(0) : new Fraction(each, total)));
}

function standardRanks({ path, method, headers, query }: RouteMatch, reading: ExpressionReading | null): number[] {
  return [pathRank(path, reading), Number(method !== null), headers.length, query.length];
}

const rankOfExpressions = { 'before-prefixes': 2_000_000, 'among-prefixes': 1_000_000, 'behind-prefixes': 0 } as const;

function pathRank(path: WrittenPath, reading: ExpressionReading | null): number {
  const rank = reading?.rank ?? 'before-prefixes';
  switch (path.kind) {
    case 'Exact':
      return 10_000_000;
    case 'PathPrefix':
      return 1_000_000 + path.value.replace(/\/$/, '').length;
    case 'RegularExpression':
      return rankOfExpressions[rank] + path.value.length;
    case 'GRPC':
      return (path.type === 'Exact' ? 5_000_000 : 0) + (path.service?.length ?? 0) * 2000 + (path.method?.length ?? 0);
    default:
      return path satisfies never;
  }
}

/** The prefix that the rule matched is replaced, element by element; null where a path of another kind is left. */
function standardPath({ kind, value }: PathChange, prefix: string | null): LocationPiece | null {
  if (kind === 'ReplaceFullPath') return value;
  return prefix === null ? null : { of: 'path-with-prefix', prefix, by: value };
}

/** The port is the filter's, else the scheme's own, else the listener's; it isn't said where it goes without saying. */
function standardHost({ scheme, hostname, port }: RedirectFilter, entrance: Entrance): LocationTemplate {
  const usual = (scheme ?? entrance.scheme) === 'https' ? 443 : 80;
  const number = port ?? (scheme === null ? entrance.port : usual);
  return [hostname ?? { of: 'host' }, number === null || number === usual ? '' : `:${number}`];
}
