import { type Because, written } from '../../cluster/because.ts';
import { byAge, type Route } from '../../cluster/gatewayApi/route.ts';
import { once } from '../../cluster/once.ts';
import {
  type Answer,
  anything,
  type Close,
  type RouteMatch,
  type RouteTable,
  tableOf,
  type TableRoute,
} from '../routing/routeTable.ts';
import { escapedSlash } from '../normalization.ts';
import type { JudgedGateway, ServingListener } from './attachment.ts';
import { hostMatchBut, hostMatchOf, intersection, isWithin, specificity } from './hostnames.ts';
import { type Elsewhere, branchesOf } from './pathBranches.ts';
import { claims, type GatewayImplementation } from './implementation.ts';
import { type RankedRouter, rankedRouters } from './rankedRouters.ts';
import { entriesOf, entryOfWhole, type EntryOrder, entryOrder } from './routeEntries.ts';
import type { PlacedEntry, RouteEntry } from './routeEntry.ts';
import type { Routers } from './routers.ts';
import { routesOfEntry, type WeightedRouteBackend } from './ruleRoutes.ts';
import { type Place, type RefusedTwice, standardWays, type VirtualHosts, type Ways } from './ways.ts';

/**
 * All that is written for a Gateway, as a table: which listener takes a connection, and which rule of which route a
 * request on it.
 * Source: kubernetes-sigs/gateway-api apis/v1/gateway_types.go (listener isolation), httproute_types.go and
 * grpcroute_types.go (`Matches`: precedence), tlsroute_types.go, tcproute_types.go (v1.6.1).
 */
export type GatewayTable = RouteTable<OfListener, WeightedRouteBackend>;
export type GatewayRoute = TableRoute<OfListener, WeightedRouteBackend>;

/** Whose a route is: a listener's own, or a rule's behind it. */
export interface OfListener {
  readonly listener: ServingListener;
  readonly entry: RouteEntry | null;
  /** Another route's rule that asks for the same and is as specific, so that age decides; null where none is. */
  readonly rival: RouteEntry | null;
}

/** The table of a Gateway, for as long as what is written for it is the same. */
export function gatewayTable(judged: JudgedGateway, implementation: GatewayImplementation): GatewayTable {
  const known = tables.get(judged);
  if (known?.implementation === implementation) return known.table;
  const table = compile(judged, implementation);
  tables.set(judged, { implementation, table });
  return table;
}

const tables = new WeakMap<
  JudgedGateway,
  { readonly implementation: GatewayImplementation; readonly table: GatewayTable }
>();

function compile({ listeners, perhaps }: JudgedGateway, implementation: GatewayImplementation): GatewayTable {
  const accepted = listeners.filter(({ isAccepted }) => isAccepted);
  const bound = Map.groupBy(
    accepted,
    ({ listener: { port, protocol } }) => `${protocol === 'UDP' ? 'UDP' : 'TCP'} ${port}`,
  );
  const order = entryOrder(implementation);
  const ranked = once((own: readonly ServingListener[]) =>
    withRivals(entriesInOrder(own, implementation, order), order),
  );
  const { virtualHosts } = implementation.ways;
  const secureHosts = once((https: readonly ServingListener[]) =>
    virtualHosts === null ? [] : secureHostsAt(https, { virtualHosts, ofGateway: listeners, implementation, order }),
  );
  const routes = [...bound.values()].flatMap((own) =>
    routesAtPort({ listeners: own, ofGateway: listeners, implementation, order, ranked, secureHosts, perhaps }),
  );
  const { reads, routers, ways } = implementation;
  return tableOf(routes, reads, routers?.says ?? ways.says ?? reads);
}

/** The listeners that are bound to one port, and how their implementation goes about it. */
interface AtPort {
  readonly listeners: readonly ServingListener[];
  /** All of the Gateway, at whatever port. */
  readonly ofGateway: readonly ServingListener[];
  readonly implementation: GatewayImplementation;
  readonly order: EntryOrder;
  /** The rules of the HTTP and gRPC routes behind some listeners, in the order in which they are tried. */
  readonly ranked: (listeners: readonly ServingListener[]) => readonly RankedEntry[];
  /** The hostnames at a port with TLS, where the Host picks one of any of its listeners. */
  readonly secureHosts: (https: readonly ServingListener[]) => readonly VirtualHost[];
  /** Why routes of which it can't be said may stand behind them too. */
  readonly perhaps: readonly string[];
}

function routesAtPort(at: AtPort): GatewayRoute[] {
  const [first] = at.listeners;
  if (first === undefined) return [];
  const { port, protocol } = first.listener;
  const base = { ...anything, port: { protocol: protocol === 'UDP' ? 'UDP' : 'TCP', number: port } as const };
  if (protocol === 'TCP' || protocol === 'UDP') return connectionsAt(first, base, at);
  const { routers } = at.implementation;
  if (routers !== null) return routesOfRouters(routers, { ...at, base });
  const secure = at.listeners.filter(({ listener }) => listener.protocol === 'HTTPS' || listener.protocol === 'TLS');
  if (secure.length === 0) {
    const noTls = closing(first, { ...base, scheme: 'https' }, 'tls-name');
    return [noTls, ...escapedSlashes(first, base, at), ...plainRoutes(first, base, at)];
  }
  const plain = plainHttpAtTls(first, { ...base, scheme: 'http' }, at);
  const https = secure.filter(({ listener }) => listener.protocol === 'HTTPS');
  const atSecure = { ...at, listeners: secure, https, base };
  const { virtualHosts } = at.implementation.ways;
  const named =
    virtualHosts?.secure === 'of-a-hostname'
      ? routesOfNames({ ...atSecure, virtualHosts })
      : byHostname(secure).flatMap((own) => routesOfSecure(own, atSecure));
  return [plain, ...named, closing(first, base, 'tls-name')];
}

function plainRoutes(first: ServingListener, base: RouteMatch, at: AtPort): GatewayRoute[] {
  const { virtualHosts } = at.implementation.ways;
  if (virtualHosts === null) return routesByHost(first, { ...at, base, hostname: null, isIsolated: isIsolated(at) });
  const isPlain = ({ listener, isAccepted }: ServingListener): boolean => isAccepted && listener.protocol === 'HTTP';
  const together = virtualHosts.plain === 'of-a-port' ? at.listeners : at.ofGateway.filter(isPlain);
  return routesByVirtualHost(first, { ...at, virtualHosts, base, listeners: together });
}

function plainHttpAtTls(first: ServingListener, match: RouteMatch, { implementation }: AtPort): GatewayRoute {
  return implementation.ways.plainHttpAtTls === 'closed'
    ? closing(first, match, 'plain-http')
    : answering(first, match, { reason: 'plain-http', status: 400 });
}

/** What a path with an escaped slash gets before any route: another path; of gRPC, 400. */
function escapedSlashes(own: ServingListener, base: RouteMatch, { implementation }: AtPort): GatewayRoute[] {
  const slashes = implementation.ways.escapedSlashes;
  if (slashes === 'kept') return [];
  const whole = { kind: 'expression', dialect: 'RE2', ignoresCase: false, anchors: 'both' } as const;
  const match: RouteMatch = { ...base, path: { ...whole, expression: escapedSlash } };
  const isGrpc = { name: 'content-type', match: { ...whole, expression: 'application/grpc.*' } };
  const answer = {
    kind: 'answer',
    text: `${implementation.product} takes no escaped slash in a path of gRPC.`,
  } as const;
  return [
    ownRoute(
      own,
      { ...match, headers: [isGrpc] },
      { ...answer, reason: 'refused-request', status: 400, location: null },
    ),
    ownRoute(own, match, {
      ...answer,
      reason: 'redirect',
      status: 307,
      location: [{ of: 'path-read-anew', name: 'with slashes read', by: slashes.redirectedTo }, { of: 'query' }],
      text: '',
    }),
  ];
}

function isIsolated({ implementation }: AtPort): boolean {
  return claims(implementation, 'GatewayHTTPListenerIsolation');
}

/** The most specific hostname first; of the same, as they are written. */
const byHostname = once((listeners: readonly ServingListener[]): readonly ServingListener[] =>
  listeners.toSorted((a, b) => specificity(b.hostname) - specificity(a.hostname)),
);

interface AtPortAs extends AtPort {
  readonly base: RouteMatch;
}

interface AtSecurePort extends AtPortAs {
  /** Those of the listeners that end TLS and read HTTP. */
  readonly https: readonly ServingListener[];
}

/** What a TLS handshake comes to that asks for a listener's hostname. */
function routesOfSecure(own: ServingListener, at: AtSecurePort): GatewayRoute[] {
  const base = { ...at.base, serverName: hostMatchOf(own.hostname) };
  if (own.listener.protocol === 'TLS') return routesByServerName(own, base, at);
  const { virtualHosts } = at.implementation.ways;
  if (virtualHosts !== null)
    return virtualHosts.secure === 'of-a-port-by-listener'
      ? routesOfSecureByListener(own, { ...at, base })
      : [
          ...escapedSlashes(own, base, at),
          ...secureVirtualHosts(own, { ...at, virtualHosts, base }, virtualHosts.secure),
        ];
  const detects = claims(at.implementation, 'GatewayHTTPSListenerDetectMisdirectedRequests');
  const misdirected = (match: RouteMatch): GatewayRoute =>
    answering(own, match, { reason: 'misdirected', status: 421 });
  const named = byHostname(at.listeners).flatMap((each) => {
    const { hostname } = each;
    if (each === own) return routesByHost(own, { ...at, listeners: [own], base, hostname, isIsolated: true });
    if (isHidden(each, at.listeners)) return [];
    return detects
      ? [misdirected({ ...base, host: hostMatchOf(hostname) })]
      : routesByHost(each, { ...at, listeners: at.https, base, hostname, isIsolated: isIsolated(at) });
  });
  if (at.listeners.some(({ hostname }) => hostname === null)) return named;
  // A host that is no listener's.
  return [...named, detects ? misdirected(base) : noRoute(own, base, at)];
}

interface AtVirtualHosts extends AtPortAs {
  readonly virtualHosts: VirtualHosts;
}

function secureVirtualHosts(
  own: ServingListener,
  at: AtVirtualHosts,
  secure: Exclude<VirtualHosts['secure'], 'of-a-port-by-listener'>,
): GatewayRoute[] {
  const isSecure = ({ listener, isAccepted }: ServingListener): boolean => isAccepted && listener.protocol === 'HTTPS';
  switch (secure) {
    case 'of-a-listener':
      return routesByVirtualHost(own, { ...at, listeners: [own] });
    case 'of-the-gateway':
      return routesByVirtualHost(own, { ...at, listeners: at.ofGateway.filter(isSecure) });
    // `routesOfNames` has them.
    case 'of-a-hostname':
      return [];
    default:
      return secure satisfies never;
  }
}

/** Each hostname of a rule is one of its own in the TLS handshake, whatever listeners it comes from. */
function routesOfNames(at: AtSecurePort & AtVirtualHosts): GatewayRoute[] {
  const ofHttps = namedVirtualHosts(at.https, at).flatMap(({ hostname, listeners: [own], entries }) => {
    if (own === undefined) return [];
    const base = { ...at.base, serverName: hostMatchOf(hostname) };
    const misdirected = { reason: 'misdirected', status: 421 } as const;
    const { takesServerNameAlone, tableFault } = at.implementation.ways;
    const fault = tableFault(entries.map(({ entry }) => entry));
    const routes = [
      ...(takesServerNameAlone ? [answering(own, { ...base, isMisdirected: true }, misdirected)] : []),
      ...escapedSlashes(own, base, at),
      ...(fault === null
        ? entries.flatMap((each) => routesOfEach(each, { ...at, base }))
        : [refusedRoutes(own, base, fault)]),
      noRoute(own, base, at),
    ];
    return [{ hostname, routes }];
  });
  const ofTls = at.listeners
    .filter(({ listener }) => listener.protocol === 'TLS')
    .map((own) => ({ hostname: own.hostname, routes: routesOfSecure(own, at) }));
  return [...ofHttps, ...ofTls]
    .toSorted((a, b) => specificity(b.hostname) - specificity(a.hostname))
    .flatMap(({ routes }) => routes);
}

/**
 * A connection is taken if a hostname with rules takes the name in its TLS handshake, at whatever listener of the port;
 * a listener without routes or without a hostname has its own, with no rule. The Host then picks a hostname alike; but
 * if its listener isn't that of the TLS name, it is answered 421. A Host that no hostname takes is answered 404.
 */
function routesOfSecureByListener(own: ServingListener, at: AtSecurePort): GatewayRoute[] {
  const { base, https } = at;
  const hosts = at.secureHosts(https);
  const misdirected = (host: string | null): GatewayRoute =>
    answering(own, { ...base, host: hostMatchOf(host) }, { reason: 'misdirected', status: 421 });
  const nested = (within: string | null): GatewayRoute[] =>
    byHostname(https)
      .filter((each) => each !== own && isWithin(each.hostname, within) && isWithin(each.hostname, own.hostname))
      .map((each) => misdirected(each.hostname));
  const served = ({ entries }: VirtualHost, host: string | null): GatewayRoute[] => [
    ...nested(host),
    ...routesOfHost(entries, { ...at, own, host }),
    noRoute(own, { ...base, host: hostMatchOf(host) }, at),
  ];
  const answered = hosts.flatMap((each) => {
    const { hostname } = each;
    if (listenerAt(https, hostname) === own) return served(each, hostname);
    return isWithin(own.hostname, hostname)
      ? [...served(each, own.hostname), misdirected(hostname)]
      : [misdirected(hostname)];
  });
  const isWhole = hosts.some(({ hostname }) => isWithin(own.hostname, hostname));
  const names = hosts.flatMap(({ hostname }) =>
    hostname !== null && isWithin(hostname, own.hostname) ? hostname : [],
  );
  const unnamed = { ...base, serverName: hostMatchBut(own.hostname, names) };
  const { elsewhere = null } = at.implementation.ways.branches ?? {};
  return [
    ...(isWhole ? [] : [closing(own, unnamed, 'tls-name')]),
    ...answered,
    ...(elsewhere === null ? [] : otherMethods(own, base, elsewhere)),
    noRoute(own, base, at),
  ];
}

/** The hostnames with rules at a port with TLS, and the listeners' own that have none; the most specific first. */
function secureHostsAt(https: readonly ServingListener[], naming: Naming): VirtualHost[] {
  const named = namedVirtualHosts(https, naming);
  const empty = https
    .filter(({ hostname, attached }) => hostname === null || attached.length === 0)
    .filter(({ hostname }) => named.every((each) => each.hostname !== hostname))
    .map((each) => ({ hostname: each.hostname, listeners: [each], entries: [] }));
  return [...named, ...empty].toSorted((a, b) => specificity(b.hostname) - specificity(a.hostname));
}

/** The most specific of some listeners that takes all of a hostname. */
function listenerAt(listeners: readonly ServingListener[], hostname: string | null): ServingListener | undefined {
  return byHostname(listeners).find((each) => isWithin(hostname, each.hostname));
}

function otherMethods(own: ServingListener, match: RouteMatch, { methods, status }: Elsewhere): GatewayRoute[] {
  return methods.map((method) => answering(own, { ...match, method }, { reason: 'no-matching-rule', status }));
}

/** The hostnames of all rules behind some listeners, the most specific first, each with its rules alone. */
function routesByVirtualHost(first: ServingListener, at: AtVirtualHosts): GatewayRoute[] {
  const hosts = namedVirtualHosts(at.listeners, at);
  const { twice } = at.virtualHosts;
  const refused = twice === 'together' ? undefined : hosts.find(({ listeners }) => listeners.length > 1);
  if (twice !== 'together' && refused !== undefined)
    return [refusedRoutes(first, at.base, textOfTwice(refused, twice))];
  const fault = at.implementation.ways.tableFault(hosts.flatMap(({ entries }) => entries.map(({ entry }) => entry)));
  if (fault !== null) return [refusedRoutes(first, at.base, fault)];
  if (hosts.length === 0 && at.perhaps.length === 0 && at.implementation.ways.withoutRoutes === 'closed')
    return [closing(first, at.base, 'no-route')];
  return [
    ...hosts.flatMap(({ hostname, listeners: [own = first], entries }) => [
      ...routesOfHost(entries, { ...at, own, host: hostname }),
      noRoute(own, { ...at.base, host: hostMatchOf(hostname) }, at),
    ]),
    ...(hosts.some(({ hostname }) => hostname === null) ? [] : [noRoute(first, at.base, at)]),
  ];
}

interface AtHost extends AtPortAs {
  readonly own: ServingListener;
  readonly host: string | null;
}

/** The rules of one virtual host, one by one or by their branches. */
function routesOfHost(entries: readonly RankedEntry[], at: AtHost): GatewayRoute[] {
  const { own, host, base, implementation } = at;
  const { branches } = implementation.ways;
  if (branches === null) return entries.flatMap((each) => routesOfEach(each, at, host));
  const server = { ...base, host: hostMatchOf(host) };
  const found = branchesOf(entries, branches).flatMap(({ path, addsSlash, entries: inside, isWhole, innerPath }) => {
    const match = { ...server, path };
    const routes = inside.flatMap((each, index) =>
      routesOfEach(each, innerPath === null ? at : redirectingFrom(innerPath(index), at), host),
    );
    if (!addsSlash)
      return [
        ...routes.map((each) => ({ ...each, match: { ...each.match, path } })),
        ...(isWhole ? [] : [noRoute(own, match, at)]),
      ];
    const last = routes.at(-1);
    const isPassed = inside.length === 1 && isWhole && last?.action.kind === 'forward';
    return isPassed ? [{ ...last, match, action: slashAdded(own, at) }] : [];
  });
  const { elsewhere } = branches;
  const isEvery = found.some(({ match: { path } }) => path.kind === 'text-prefix' && path.path === '/');
  return elsewhere === null || isEvery
    ? found
    : [...found, noRoute(own, { ...server, path: elsewhere.but }, at), ...otherMethods(own, server, elsewhere)];
}

/** A redirect that replaces a prefix finds none but `/` in a path of the proxy's own, and leads there. */
function redirectingFrom(innerPath: string, at: AtHost): AtHost {
  const { ways } = at.implementation;
  const redirectedPath: Ways['redirectedPath'] = (change, prefix) =>
    change?.kind === 'ReplacePrefixMatch'
      ? [prefix === '/' ? change.value.replace(/\/$/, '') : '', innerPath, { of: 'query' }]
      : ways.redirectedPath(change, prefix);
  return { ...at, implementation: { ...at.implementation, ways: { ...ways, redirectedPath } } };
}

/** The same URL with a slash behind its path. */
function slashAdded(own: ServingListener, { base }: AtPortAs): Answer {
  const scheme = schemeOf(own);
  const entrance = { scheme, port: base.port?.number ?? null };
  const location = [`${scheme}://`, ...standardWays.redirectedHost(unchanged, entrance), { of: 'path' }, '/'] as const;
  const query = { of: 'query' } as const;
  return { kind: 'answer', reason: 'redirect', status: 301, location: [...location, query], text: '' };
}

const unchanged = {
  kind: 'RequestRedirect',
  scheme: null,
  hostname: null,
  port: null,
  path: null,
  status: 301,
  at: [],
} as const;

interface VirtualHost {
  readonly hostname: string | null;
  readonly listeners: readonly ServingListener[];
  readonly entries: readonly RankedEntry[];
}

type Placed = PlacedEntry<ServingListener>;
type Naming = Pick<AtVirtualHosts, 'virtualHosts' | 'ofGateway' | 'implementation' | 'order'>;

function namedVirtualHosts(listeners: readonly ServingListener[], naming: Naming): VirtualHost[] {
  const { implementation, order, virtualHosts } = naming;
  const found = entriesInOrder(listeners, implementation, order).filter((each) => !isLeft(each, naming));
  const { arranged } = virtualHosts;
  return [...Map.groupBy(found, ({ entry }) => entry.hostname)].map(([hostname, own]) => ({
    hostname,
    listeners: [...new Set(own.map(({ listener }) => listener))],
    entries: withRivals(arranged?.(own, placeOf) ?? own, order),
  }));
}

function placeOf({ listener: { listener }, entry: { route, written: match }, writtenHostname }: Placed): Place {
  return { listener, route, match, writtenHostname };
}

/** Whether an entry's hostname is for another listener of the same port. */
function isLeft(
  { listener: own, entry: { hostname }, writtenHostname }: Placed,
  { ofGateway, virtualHosts: { leaves } }: Naming,
): boolean {
  const isFor = (other: string): boolean => {
    switch (leaves) {
      case 'nothing':
        return false;
      case 'named':
        return other === hostname;
      case 'covered':
        return (
          specificity(other) > specificity(own.hostname) && writtenHostname !== null && isWithin(writtenHostname, other)
        );
      default:
        return leaves satisfies never;
    }
  };
  return ofGateway.some(
    (each) =>
      each !== own &&
      each.hostname !== null &&
      each.hostname !== own.hostname &&
      each.listener.port === own.listener.port &&
      isFor(each.hostname),
  );
}

/** What every request gets where the proxy refuses the whole table: as one that had none before. */
function refusedRoutes(first: ServingListener, base: RouteMatch, text: string): GatewayRoute {
  return ownRoute(first, base, { kind: 'answer', reason: 'refused-routes', status: 404, location: null, text });
}

function textOfTwice({ hostname, listeners }: VirtualHost, twice: RefusedTwice): string {
  const names = listeners.map(({ listener }) => listener.name).join(' and ');
  return twice({ listeners: names, hostname: hostname ?? 'every hostname' });
}

/** Whether another listener of the same hostname stands before it. */
function isHidden(own: ServingListener, listeners: readonly ServingListener[]): boolean {
  return listeners.find(({ hostname }) => hostname === own.hostname) !== own;
}

interface ByHost extends AtPortAs {
  /** The hosts that are asked; null for any. */
  readonly hostname: string | null;
  readonly isIsolated: boolean;
}

/** Isolated, the most specific listener decides alone; else the routes of all that take the host are tried together. */
function routesByHost(first: ServingListener, at: ByHost): GatewayRoute[] {
  const ordered = byHostname(at.listeners).flatMap((listener) => {
    const [hostname = null] = intersection(at.hostname, listener.hostname === null ? [] : [listener.hostname]) ?? [];
    const isApart = hostname === null && (at.hostname !== null || listener.hostname !== null);
    return isApart ? [] : [{ listener, hostname }];
  });
  const ends = (own: ServingListener, hostname: string | null): GatewayRoute =>
    noRoute(own, { ...at.base, host: hostMatchOf(hostname) }, at);
  const last = ordered.some(({ hostname }) => hostname === at.hostname) ? [] : [ends(first, at.hostname)];
  if (!at.isIsolated)
    return [...ruled(at.listeners, at), ...ordered.map(({ listener, hostname }) => ends(listener, hostname)), ...last];
  return [
    ...ordered.flatMap(({ listener, hostname }) => [
      ...ruled([listener], { ...at, hostname }),
      ends(listener, hostname),
    ]),
    ...last,
  ];
}

/**
 * The rules that take a host, of the HTTP and gRPC routes behind some listeners, in the order in which they are tried.
 */
function ruled(listeners: readonly ServingListener[], at: ByHost): GatewayRoute[] {
  const { hostname } = at;
  return at.ranked(listeners).flatMap((each) => {
    const own = each.entry.hostname;
    const [host = null] = intersection(hostname, own === null ? [] : [own]) ?? [];
    return host === null && (hostname !== null || own !== null) ? [] : routesOfEach(each, at, host);
  });
}

/** Where each match is a router: HTTP and HTTPS apart, each with a 404 for the rest; before HTTPS, TLS that goes on. */
function routesOfRouters(routers: Routers, at: AtPortAs): GatewayRoute[] {
  const [first] = at.listeners;
  if (first === undefined) return [];
  const passed = byHostname(at.listeners.filter(({ listener }) => listener.protocol === 'TLS')).flatMap((own) =>
    routesByServerName(own, { ...at.base, serverName: hostMatchOf(own.hostname) }, at).filter(
      ({ action }) => action.kind !== 'close',
    ),
  );
  const [perhaps] = at.perhaps;
  const nowhere = (own: ServingListener, match: RouteMatch): GatewayRoute =>
    perhaps === undefined
      ? answering(own, match, { reason: 'no-matching-rule', status: 404 })
      : ownRoute(own, match, { kind: 'unknown', what: perhaps });
  const answered = (['http', 'https'] as const).flatMap((scheme) => {
    const base = { ...at.base, scheme };
    const listeners = byHostname(at.listeners.filter((each) => each.listener.protocol === scheme.toUpperCase()));
    const found = rankedRouters(listeners, routers, at.implementation.expressions).flatMap((router) =>
      routesOfRouter(router, routers, base),
    );
    const named = listeners.map((own) => nowhere(own, { ...base, host: routers.hostOf(own.hostname) }));
    const isEvery = listeners.some(({ hostname }) => hostname === null);
    return [...found, ...named, ...(isEvery ? [] : [nowhere(listeners[0] ?? first, base)])];
  });
  return [...passed, ...answered];
}

function routesOfRouter({ listener, rank, entries }: RankedRouter, routers: Routers, base: RouteMatch): GatewayRoute[] {
  return entries.flatMap((entry) => {
    const { query, ...asked } = entry.match;
    return routesOfEntry(entry, {
      // Any of the values that a request has for a name may be the one.
      match: { ...base, ...asked, anyQuery: query },
      of: { listener, entry, rival: null },
      because: becauseOf(listener, entry),
      scheme: schemeOf(listener),
      filtering: routers.filtering,
      ways: standardWays,
      statusWithoutBackend: routers.statusWithoutBackend(entry.route, entry.rule),
    }).map((route) => ({ ...route, tie: rank }));
  });
}

/** An entry in its place, and the next one where only age decides between the two. */
interface RankedEntry extends Placed {
  readonly rival: RouteEntry | null;
}

function entriesInOrder(
  listeners: readonly ServingListener[],
  implementation: GatewayImplementation,
  { compare }: EntryOrder,
): readonly Placed[] {
  const placed = listeners.flatMap((listener) => entriesOf(listener, implementation));
  const { arranged } = implementation.ways;
  return arranged === null ? placed.toSorted((a, b) => compare(a.entry, b.entry)) : arranged(placed);
}

function withRivals(entries: readonly Placed[], { isTied }: EntryOrder): RankedEntry[] {
  return entries.map((each, index) => {
    const next = entries[index + 1]?.entry;
    return { ...each, rival: next !== undefined && isTied(each.entry, next) ? next : null };
  });
}

function routesOfEach(
  { listener, entry, rival }: RankedEntry,
  { base, implementation: { ways } }: AtPortAs,
  host = entry.hostname,
): GatewayRoute[] {
  const match = { ...base, ...entry.match, host: hostMatchOf(host) };
  const of = { listener, entry, rival };
  return routesOfEntry(entry, { match, of, because: becauseOf(listener, entry), scheme: schemeOf(listener), ways });
}

function schemeOf({ listener: { protocol } }: ServingListener): 'http' | 'https' {
  return protocol === 'HTTPS' ? 'https' : 'http';
}

/** A TLSRoute by its most specific hostname; without one, a TCPRoute on what a listener decrypted. */
function routesByServerName(own: ServingListener, base: RouteMatch, at: AtPort): GatewayRoute[] {
  const ofTls = own.attached
    .filter(({ route }) => route.kind === 'TLSRoute')
    .toSorted((a, b) => byAge(a.route, b.route))
    .flatMap(({ route, hostnames }) => (hostnames ?? [null]).map((hostname) => ({ hostname, route })))
    .toSorted((a, b) => specificity(b.hostname) - specificity(a.hostname))
    .flatMap(({ hostname, route }) =>
      whole(
        own,
        route,
        { ...base, serverName: hostname === null ? base.serverName : hostMatchOf(hostname) },
        { ...at, rival: null },
      ),
    );
  const rest = own.listener.tls?.mode === 'Terminate' ? connectionsAt(own, base, at) : [];
  const isOpen = rest.some(({ action }) => action.kind === 'forward');
  return [...ofTls, ...(isOpen ? rest : [closing(own, base, 'tls-name')])];
}

/** Of TCPRoutes and UDPRoutes on one listener, the oldest has every connection. */
function connectionsAt(own: ServingListener, base: RouteMatch, at: AtPort): GatewayRoute[] {
  const [oldest, second] = own.attached
    .filter(({ route }) => route.kind === 'TCPRoute' || route.kind === 'UDPRoute')
    .toSorted((a, b) => byAge(a.route, b.route));
  const isSameAge = second !== undefined && oldest?.route.createdAt === second.route.createdAt;
  const rival = isSameAge ? entryOfWhole(second.route) : null;
  const routes = oldest === undefined ? [] : whole(own, oldest.route, base, { ...at, rival });
  return [...routes, noRoute(own, base, at)];
}

/** A route that takes every connection that comes to it; none where it has no rule. */
function whole(
  own: ServingListener,
  route: Route,
  match: RouteMatch,
  { rival, implementation: { ways } }: Pick<AtPort, 'implementation'> & { readonly rival: RouteEntry | null },
): GatewayRoute[] {
  const entry = entryOfWhole(route);
  if (entry === null) return [closing(own, match, 'no-route')];
  const of = { listener: own, entry, rival };
  const passesTls = own.listener.tls?.mode === 'Passthrough';
  return routesOfEntry(entry, { match, of, because: becauseOf(own, entry), scheme: 'https', passesTls, ways });
}

/** What a listener does with a request, or a connection, that none of its routes takes. */
function noRoute(own: ServingListener, match: RouteMatch, { perhaps: [text] }: AtPort): GatewayRoute {
  const { protocol } = own.listener;
  if (text !== undefined) return ownRoute(own, match, { kind: 'unknown', what: text });
  return protocol === 'HTTP' || protocol === 'HTTPS'
    ? answering(own, match, { reason: 'no-matching-rule', status: 404 })
    : closing(own, match, 'no-route');
}

function answering(own: ServingListener, match: RouteMatch, answer: Pick<Answer, 'reason' | 'status'>): GatewayRoute {
  return ownRoute(own, match, { kind: 'answer', location: null, text: '', ...answer });
}

function closing(own: ServingListener, match: RouteMatch, reason: Close['reason']): GatewayRoute {
  return ownRoute(own, match, { kind: 'close', reason });
}

function ownRoute(own: ServingListener, match: RouteMatch, action: GatewayRoute['action']): GatewayRoute {
  const because = [becauseOfListener(own)];
  const of = { listener: own, entry: null, rival: null };
  return { match, action, of, because, assumed: [], tie: null, statusWithoutBackend: 503 };
}

function becauseOfListener({ listener }: ServingListener): Because {
  return written(listener.owner.manifest, `listener ${listener.name}`, ...listener.at);
}

function becauseOf(own: ServingListener, { route, rule, written: match }: RouteEntry): Because[] {
  const { tls, owner } = own.listener;
  const certificates = tls?.mode === 'Terminate' ? tls.certificates.slice(0, 1) : [];
  return [
    written(route.manifest, `${route.kind} ${route.name}`, ...(match.at.length > 0 ? match.at : rule.at)),
    becauseOfListener(own),
    ...certificates.map(({ kind, name, at }) => written(owner.manifest, `TLS ends here, with ${kind} ${name}`, ...at)),
  ];
}
