import {
  byAge,
  type Route,
  type RouteMatch,
  type RouteRule,
  type WrittenMatch,
  type WrittenPath,
} from '../../cluster/gatewayApi/route.ts';
import { matches, type NamedTextMatch, type PathMatch, type RequestMatch, type RequestSeen } from '../match.ts';
import type { JudgedGateway, ServingListener } from './attachment.ts';
import { covers, hostMatchOf, mostSpecific, specificity } from './hostnames.ts';
import { claims, type ExpressionReading, type GatewayImplementation } from './implementation.ts';

/**
 * Which listener takes a request, and which rule of which route.
 * Source: kubernetes-sigs/gateway-api apis/v1/gateway_types.go (listener isolation), httproute_types.go and
 * grpcroute_types.go (`Matches`: precedence), tlsroute_types.go, tcproute_types.go (v1.6.1).
 */
export interface RouteEntry {
  readonly route: Route;
  readonly rule: RouteRule;
  /** Null where the kind has none: the rule takes every connection. */
  readonly written: RouteMatch;
  readonly match: RequestMatch;
  /** The host that it took part with; null for any. */
  readonly hostname: string | null;
}

export type Decision =
  | {
      readonly kind: 'rule';
      readonly listener: ServingListener;
      readonly entry: RouteEntry;
      readonly rival: RouteEntry | null;
    }
  /** Nothing on that port, in that protocol. */
  | { readonly kind: 'no-listener' }
  /** No listener or route has the name that the TLS handshake asks for. */
  | { readonly kind: 'no-tls-name' }
  /** Plain HTTP at a listener that takes TLS alone. */
  | { readonly kind: 'plain-at-tls' }
  /** The Host belongs to another listener than the one whose certificate was asked for. */
  | { readonly kind: 'misdirected'; readonly listener: ServingListener }
  | { readonly kind: 'none'; readonly listener: ServingListener }
  | { readonly kind: 'unreadable'; readonly listener: ServingListener; readonly entry: RouteEntry };

/** What arrived at the gateway. */
export interface Arrival {
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  /** Null where it isn't known to be HTTP. */
  readonly request: RequestSeen | null;
  /** The name in the TLS handshake; null without TLS, `''` for TLS that names nobody. */
  readonly serverName: string | null;
}

export function decide(
  { listeners }: JudgedGateway,
  implementation: GatewayImplementation,
  { port, protocol, request, serverName }: Arrival,
): Decision {
  const { expressions } = implementation;
  const isIsolated = claims(implementation, 'GatewayHTTPListenerIsolation');
  const bound = listeners.filter(
    ({ isAccepted, listener }) =>
      isAccepted && listener.port === port && (listener.protocol === 'UDP') === (protocol === 'UDP'),
  );
  const [first] = bound;
  if (first === undefined) return { kind: 'no-listener' };
  if (first.listener.protocol === 'TCP' || first.listener.protocol === 'UDP') return connection(first);
  const secure = bound.filter(({ listener }) => listener.protocol === 'HTTPS' || listener.protocol === 'TLS');
  if (serverName === null) {
    if (secure.length > 0) return { kind: 'plain-at-tls' };
    return request === null ? { kind: 'none', listener: first } : routedByHost(bound, request, expressions, isIsolated);
  }
  if (secure.length === 0) return { kind: 'no-tls-name' };
  const named = mostSpecific(secure, serverName);
  if (named === undefined) return { kind: 'no-tls-name' };
  if (named.listener.protocol === 'TLS')
    return byServerName(
      secure.filter(({ listener }) => listener.protocol === 'TLS'),
      named,
      serverName,
    );
  if (request === null) return { kind: 'none', listener: named };
  const forHost = mostSpecific(secure, hostOf(request));
  if (forHost === named) return routedByHost([named], request, expressions, true);
  if (claims(implementation, 'GatewayHTTPSListenerDetectMisdirectedRequests'))
    return { kind: 'misdirected', listener: named };
  return routedByHost(
    secure.filter(({ listener }) => listener.protocol === 'HTTPS'),
    request,
    expressions,
    isIsolated,
  );
}

function hostOf({ host }: RequestSeen): string {
  return host.toLowerCase().replace(/:\d+$/, '');
}

/** Isolated, the most specific listener decides alone; else the routes of all that take the host are tried together. */
function routedByHost(
  listeners: readonly ServingListener[],
  request: RequestSeen,
  expressions: ExpressionReading | null,
  isIsolated: boolean,
): Decision {
  const host = hostOf(request);
  const taking = listeners.filter(({ hostname }) => hostname === null || covers(hostname, host));
  const own = mostSpecific(taking, host);
  const [first] = listeners;
  if (own === undefined) return first === undefined ? { kind: 'no-listener' } : { kind: 'none', listener: first };
  const entries = entriesOf(isIsolated ? [own] : taking, expressions);
  for (const [index, entry] of entries.entries()) {
    const taken = matches(entry.match, request);
    if (taken === null) return { kind: 'unreadable', listener: own, entry };
    if (!taken) continue;
    const next = entries[index + 1];
    const isRival =
      next !== undefined &&
      next.route !== entry.route &&
      order(entry, next, expressions) === 0 &&
      matches(next.match, request) === true;
    return { kind: 'rule', listener: own, entry, rival: isRival ? next : null };
  }
  return { kind: 'none', listener: own };
}

/** A TLSRoute by its most specific hostname; without one, a TCPRoute on what a listener decrypted. */
function byServerName(listeners: readonly ServingListener[], named: ServingListener, serverName: string): Decision {
  const found = mostSpecific(
    listeners
      .filter((each) => each === named)
      .flatMap((listener) =>
        listener.attached
          .filter(({ route }) => route.kind === 'TLSRoute')
          .toSorted((a, b) => byAge(a.route, b.route))
          .flatMap(({ route, hostnames }) => (hostnames ?? [null]).map((hostname) => ({ hostname, route, listener }))),
      ),
    serverName,
  );
  if (found !== undefined) return whole(found.listener, found.route, found.hostname);
  const connected = connection(named);
  return connected.kind === 'rule' && named.listener.tls?.mode === 'Terminate' ? connected : { kind: 'no-tls-name' };
}

/** Of TCPRoutes and UDPRoutes on one listener, the oldest has every connection. */
function connection(listener: ServingListener): Decision {
  const [oldest, second] = listener.attached
    .filter(({ route }) => route.kind === 'TCPRoute' || route.kind === 'UDPRoute')
    .toSorted((a, b) => byAge(a.route, b.route));
  if (oldest === undefined) return { kind: 'none', listener };
  const decision = whole(listener, oldest.route, null);
  const isTied = second !== undefined && oldest.route.createdAt === second.route.createdAt;
  return decision.kind === 'rule' && isTied ? { ...decision, rival: entryOfWhole(second.route, null) } : decision;
}

function whole(listener: ServingListener, route: Route, hostname: string | null): Decision {
  const entry = entryOfWhole(route, hostname);
  return entry === null ? { kind: 'none', listener } : { kind: 'rule', listener, entry, rival: null };
}

function entryOfWhole(route: Route, hostname: string | null): RouteEntry | null {
  const [rule] = route.rules;
  const [written] = rule?.matches ?? [];
  return rule === undefined || written === undefined
    ? null
    : {
        route,
        rule,
        written,
        hostname,
        match: {
          host: hostMatchOf(hostname),
          path: { kind: 'text-prefix', path: '' },
          method: null,
          headers: [],
          query: [],
        },
      };
}

/** The HTTP and gRPC routes of some listeners, in the order in which they are tried. */
export function entriesOf(listeners: readonly ServingListener[], expressions: ExpressionReading | null): RouteEntry[] {
  const entries = listeners.flatMap(({ attached }) =>
    attached
      .filter(({ route: { kind } }) => kind === 'HTTPRoute' || kind === 'GRPCRoute')
      .flatMap(({ route, hostnames }) =>
        (hostnames ?? [null]).flatMap((hostname) =>
          route.rules.flatMap((rule) =>
            rule.matches.map((written): RouteEntry => ({
              route,
              rule,
              written,
              hostname,
              match: requestMatch(hostname, written, expressions),
            })),
          ),
        ),
      ),
  );
  return entries.toSorted((a, b) => order(a, b, expressions) || byAge(a.route, b.route));
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

function pathRank(path: WrittenPath, reading: ExpressionReading | null): number {
  const rank = reading?.rank ?? 'before-prefixes';
  switch (path.kind) {
    case 'Exact':
      return 10_000_000;
    case 'PathPrefix':
      return 1_000_000 + path.value.replace(/\/$/, '').length;
    case 'RegularExpression':
      return (rank === 'before-prefixes' ? 2_000_000 : 0) + path.value.length;
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
