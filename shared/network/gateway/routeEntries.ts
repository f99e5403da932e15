import {
  byAge,
  type Route,
  type RouteMatch,
  type WrittenMatch,
  type WrittenPath,
} from '../../cluster/gatewayApi/route.ts';
import { once } from '../../cluster/once.ts';
import { literal, type NamedTextMatch, type PathMatch, type RequestMatch } from '../match.ts';
import type { ServingListener } from './attachment.ts';
import { hostMatchOf, intersection, specificity } from './hostnames.ts';
import type { ExpressionReading } from './expressionReading.ts';
import type { GatewayImplementation } from './implementation.ts';
import type { PlacedEntry, RouteEntry } from './routeEntry.ts';
import type { Ways } from './ways.ts';

/** The HTTP and gRPC routes of a listener, match by match. */
export function entriesOf(
  listener: ServingListener,
  { expressions, ways }: EntryReading,
): PlacedEntry<ServingListener>[] {
  return listener.attached
    .filter(({ route: { kind } }) => kind === 'HTTPRoute' || kind === 'GRPCRoute')
    .flatMap(({ route, hostnames }) =>
      hostsOf(listener.hostname, route, hostnames).flatMap(({ hostname, writtenHostname }) =>
        ways.rules(route).flatMap((rule) =>
          rule.matches.flatMap((each): PlacedEntry<ServingListener>[] => {
            const match = entryMatch(requestMatch(hostname, each, expressions), each, ways);
            return match === null
              ? []
              : [{ listener, entry: { route, rule, written: each, hostname, match }, writtenHostname }];
          }),
        ),
      ),
    );
}

interface HostOfRoute {
  readonly hostname: string | null;
  /** The route's own that it is of; null for any. */
  readonly writtenHostname: string | null;
}

/** What a listener and each of a route's hostnames both take, as far as the route is `taken` there (null for any). */
function hostsOf(
  listener: string | null,
  { hostnames }: Route,
  taken: readonly string[] | null,
): readonly HostOfRoute[] {
  const all: HostOfRoute[] =
    hostnames.length === 0
      ? [{ hostname: listener, writtenHostname: null }]
      : hostnames.flatMap((written) =>
          (intersection(listener, [written]) ?? []).map((hostname) => ({ hostname, writtenHostname: written })),
        );
  const own: readonly (string | null)[] = taken ?? [null];
  const others = own.filter((each) => all.every(({ hostname }) => hostname !== each));
  return [
    ...all.filter(({ hostname }) => own.includes(hostname)),
    ...others.map((hostname) => ({ hostname, writtenHostname: hostname })),
  ];
}

function entryMatch(match: RequestMatch, { path }: RouteMatch, { grpc, headers }: Ways): RequestMatch | null {
  const asked = headers === 'whole' ? match : { ...match, headers: match.headers.map(listed) };
  if (grpc === null || path.kind !== 'GRPC') return asked;
  const own = grpc(path);
  return own === null ? null : { ...asked, path: own.path, headers: [...asked.headers, ...own.headers] };
}

function listed({ name, match }: NamedTextMatch): NamedTextMatch {
  return { name, match: { kind: 'listed', item: match } };
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
