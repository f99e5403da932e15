import {
  byAge,
  type Route,
  type RouteMatch,
  type RouteRule,
  type WrittenMatch,
  type WrittenPath,
} from '../../cluster/gatewayApi/route.ts';
import type { NamedTextMatch, PathMatch, RequestMatch } from '../match.ts';
import type { ServingListener } from './attachment.ts';
import { hostMatchOf, specificity } from './hostnames.ts';
import type { ExpressionReading } from './implementation.ts';

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

/** The HTTP and gRPC routes of a listener, match by match. */
export function entriesOf({ attached }: ServingListener, reading: ExpressionReading | null): RouteEntry[] {
  return attached
    .filter(({ route: { kind } }) => kind === 'HTTPRoute' || kind === 'GRPCRoute')
    .flatMap(({ route, hostnames }) =>
      (hostnames ?? [null]).flatMap((hostname) =>
        route.rules.flatMap((rule) =>
          rule.matches.map((each): RouteEntry => ({
            route,
            rule,
            written: each,
            hostname,
            match: requestMatch(hostname, each, reading),
          })),
        ),
      ),
    );
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

/** The order in which entries are tried: the most specific first, then the oldest route. */
export function entryOrder(reading: ExpressionReading | null): (a: RouteEntry, b: RouteEntry) => number {
  return (a, b) => order(a, b, reading) || byAge(a.route, b.route);
}

/** Whether only age decides between two entries of different routes. */
export function isTied(a: RouteEntry, b: RouteEntry, reading: ExpressionReading | null): boolean {
  return a.route !== b.route && order(a, b, reading) === 0;
}

/** By how specific they are: what the standard wants before the age of the routes. 0 where neither is. */
function order(a: RouteEntry, b: RouteEntry, reading: ExpressionReading | null): number {
  return (
    specificity(b.hostname) - specificity(a.hostname) ||
    pathRank(b.written.path, reading) - pathRank(a.written.path, reading) ||
    Number(b.written.method !== null) - Number(a.written.method !== null) ||
    b.written.headers.length - a.written.headers.length ||
    b.written.query.length - a.written.query.length
  );
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

export function pathMatch(path: WrittenPath, reading: ExpressionReading | null): PathMatch {
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
        text === null ? '[^/]+' : type === 'Exact' ? text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&') : `(?:${text})`;
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
