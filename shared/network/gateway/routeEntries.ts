import {
  byAge,
  type Route,
  type RouteMatch,
  type RouteRule,
  type WrittenMatch,
  type WrittenPath,
} from '../../cluster/gatewayApi/route.ts';
import { once } from '../../cluster/once.ts';
import { literal, type NamedTextMatch, type PathMatch, type RequestMatch } from '../match.ts';
import type { ServingListener } from './attachment.ts';
import { hostMatchOf, intersection, specificity } from './hostnames.ts';
import type { ExpressionReading } from './expressionReading.ts';
import type { GatewayImplementation } from './implementation.ts';
import type { Ways } from './ways.ts';

/** One match of a rule, for one host. */
export interface RouteEntry {
  readonly route: Route;
  readonly rule: RouteRule;
  /** Null where the kind has none: the rule takes every connection. */
  readonly written: RouteMatch;
  readonly match: RequestMatch;
  /** The host that it took part with; null for any. */
  readonly hostname: string | null;
}

/** An entry, and the listener that it stands behind. */
export interface PlacedEntry {
  readonly listener: ServingListener;
  readonly entry: RouteEntry;
  /** The route's hostname that it is of, as it is written; null for any. */
  readonly writtenHostname: string | null;
}

/** The HTTP and gRPC routes of a listener, match by match. */
export function entriesOf(listener: ServingListener, { expressions, ways }: EntryReading): PlacedEntry[] {
  return listener.attached
    .filter(({ route: { kind } }) => kind === 'HTTPRoute' || kind === 'GRPCRoute')
    .flatMap(({ route }) =>
      hostsOf(listener.hostname, route).flatMap(({ hostname, writtenHostname }) =>
        route.rules.flatMap((rule) =>
          rule.matches.map((each): PlacedEntry => {
            const match = entryMatch(requestMatch(hostname, each, expressions), each, ways);
            return { listener, entry: { route, rule, written: each, hostname, match }, writtenHostname };
          }),
        ),
      ),
    );
}

/** What a listener and each of a route's hostnames both take. */
function hostsOf(
  listener: string | null,
  { hostnames }: Route,
): readonly { readonly hostname: string | null; readonly writtenHostname: string | null }[] {
  if (hostnames.length === 0) return [{ hostname: listener, writtenHostname: null }];
  return hostnames.flatMap((written) =>
    (intersection(listener, [written]) ?? []).map((hostname) => ({ hostname, writtenHostname: written })),
  );
}

function entryMatch(match: RequestMatch, { path }: RouteMatch, { grpc }: Ways): RequestMatch {
  if (grpc === null || path.kind !== 'GRPC') return match;
  const own = grpc(path);
  return { ...match, path: own.path, headers: [...match.headers, ...own.headers] };
}

/** A route that takes every connection; null where it has no rule. */
export function entryOfWhole(route: Route): RouteEntry | null {
  const [rule] = route.rules;
  const [match] = rule?.matches ?? [];
  return rule === undefined || match === undefined
    ? null
    : { route, rule, written: match, hostname: null, match: anyRequest };
}

const anyRequest: RequestMatch = {
  host: hostMatchOf(null),
  path: { kind: 'text-prefix', path: '' },
  method: null,
  headers: [],
  query: [],
};

/** How a table's entries are read and put in order. */
export type EntryReading = Pick<GatewayImplementation, 'expressions' | 'ways'>;

/** Which of two entries is tried first. */
export interface EntryOrder {
  /** The most specific first, then the oldest route. */
  readonly compare: (a: RouteEntry, b: RouteEntry) => number;
  /** Whether only age decides between two entries of different routes. */
  readonly isTied: (a: RouteEntry, b: RouteEntry) => boolean;
}

export function entryOrder({ expressions, ways }: EntryReading): EntryOrder {
  const ranksOf = once((match: RouteMatch) => ways.ranks(match, expressions));
  /** By how specific they are: what decides before the age of the routes. 0 where neither is. */
  const order = (a: RouteEntry, b: RouteEntry): number => {
    const hosts = specificity(b.hostname) - specificity(a.hostname);
    if (hosts !== 0) return hosts;
    const others = ranksOf(b.written);
    return ranksOf(a.written).reduce((found, rank, index) => found || (others[index] ?? 0) - rank, 0);
  };
  return {
    compare: (a, b) => order(a, b) || byAge(a.route, b.route),
    isTied: (a, b) => a.route !== b.route && order(a, b) === 0,
  };
}

export function requestMatch(
  hostname: string | null,
  { path, method, headers, query }: RouteMatch,
  reading: ExpressionReading | null,
): RequestMatch {
  return {
    host: hostMatchOf(hostname),
    path: pathMatch(path, reading),
    method,
    headers: headers.map((each) => named(each, reading)),
    query: query.map((each) => named(each, reading)),
  };
}

function named({ name, type, value }: WrittenMatch, reading: ExpressionReading | null): NamedTextMatch {
  if (type === 'Exact') return { name, match: { kind: 'exact', text: value } };
  return {
    name,
    match:
      reading === null
        ? { kind: 'unknown', text: value }
        : {
            kind: 'expression',
            expression: value,
            dialect: reading.dialect,
            ignoresCase: reading.ignoresCase,
            anchors: reading.inHeaders,
          },
  };
}

function pathMatch(path: WrittenPath, reading: ExpressionReading | null): PathMatch {
  switch (path.kind) {
    case 'Exact':
      return { kind: 'exact', path: path.value };
    case 'PathPrefix':
      return { kind: 'elements', path: path.value };
    case 'RegularExpression':
      return reading === null
        ? { kind: 'unknown', text: path.value }
        : {
            kind: 'expression',
            expression: path.value,
            dialect: reading.dialect,
            ignoresCase: reading.ignoresCase,
            anchors: reading.anchors,
          };
    case 'GRPC': {
      const { type, service, method } = path;
      if (service === null && method === null) return { kind: 'text-prefix', path: '/' };
      if (type === 'Exact' && service !== null)
        return method === null
          ? { kind: 'text-prefix', path: `/${service}/` }
          : { kind: 'exact', path: `/${service}/${method}` };
      if (reading === null && type === 'RegularExpression')
        return { kind: 'unknown', text: `${service ?? ''}/${method ?? ''}` };
      const exactly = (text: string | null): string =>
        text === null ? '[^/]+' : type === 'Exact' ? literal(text) : `(?:${text})`;
      return {
        kind: 'expression',
        expression: `/${exactly(service)}/${exactly(method)}`,
        dialect: 'RE2',
        ignoresCase: false,
        anchors: 'both',
      };
    }
    default:
      return path satisfies never;
  }
}
