import type { GrpcPath, RouteKind, RouteMatch, WrittenPath } from '../../../cluster/gatewayApi/route.ts';
import type { HeaderChange, PathChange, RouteFilter } from '../../../cluster/gatewayApi/routeFilter.ts';
import { bytesIn, quoted } from '../../goText.ts';
import { escapedByGo } from '../../goUrl.ts';
import { traefikReading } from '../../ingress/traefikPath.ts';
import { type HostMatch, literal, type PathMatch } from '../../match.ts';
import type { Edit } from '../../routing/edits.ts';
import type { LocationPiece, LocationTemplate } from '../../routing/location.ts';
import type { Answer } from '../../routing/routeTable.ts';
import type { Entrance, RedirectFilter } from '../filtering.ts';
import type { Router, Routers } from '../routers.ts';

/**
 * The routers that Traefik makes of routes. `npm run oracle -- traefik-gateway` asks its own code.
 * Source: traefik/traefik pkg/provider/kubernetes/gateway/{httproute,grpcroute}.go, pkg/muxer/http,
 * pkg/middlewares/gatewayapi, pkg/server/service/loadbalancer/wrr/wrr.go (3.7.13).
 */
export const traefikRouters: Routers = {
  rank: (router) => (router.route.kind === 'GRPCRoute' ? rankOfGrpc(router) : rankOfHttp(router)),
  hostOf,
  grpcPathOf,
  filtering: {
    mirrored: (share) => share,
    refusal,
    headers,
    rewritten: (change, path) => [pathOf(change, path)],
    location,
  },
  // Source: httproute.go (`loadWRRService`), wrr.go (`nextServer`): the 500 is set for a rule that names nothing alone.
  statusWithoutBackend: ({ kind }, { backends, filters }) =>
    kind === 'HTTPRoute' && backends.length === 0 && filters.length === 0 ? 500 : 503,
  says: traefikReading(true).says,
};

/**
 * A name with a dot at its end is found too, but not by a wildcard, which is an expression there.
 * Source: pkg/muxer/http/matcher.go (`host`, `hostRegexp`), httproute.go (`buildHostRule`).
 */
function hostOf(hostname: string | null): HostMatch {
  if (hostname === null) return { kind: 'any', labels: 'one', but: [] };
  return hostname.startsWith('*.')
    ? { kind: 'wildcard', pattern: hostname, labels: 'many-plain', but: [] }
    : { kind: 'exact-or-dotted', host: hostname };
}

/** Source: httproute.go (`loadHTTPRoute`, `buildMatchRule`, `buildHostRule`). */
function rankOfHttp({ route, rule, match, hostnames }: Router): number {
  const { path, method, headers, query } = match;
  return (
    rankOfPath(path) +
    (method === null ? 0 : 1000) +
    headers.length * 100 +
    query.length * 10 +
    longest(hostnames) +
    route.rules.length -
    route.rules.indexOf(rule)
  );
}

/** Source: httproute.go (`buildPathRule`). */
function rankOfPath(path: WrittenPath): number {
  switch (path.kind) {
    case 'Exact':
      return 100_000;
    case 'PathPrefix':
      return path.value === '/' ? 1 : 10_000 + bytesIn(path.value) * 100;
    case 'RegularExpression':
      return 10_000 + bytesIn(path.value) * 100;
    // A GRPCRoute has a rank of its own.
    case 'GRPC':
      return 0;
    default:
      return path satisfies never;
  }
}

/** The longest hostname and the length of what else is asked, as text. Source: grpcroute.go (`buildGRPCMatchRule`). */
function rankOfGrpc({ match: { path, headers }, hostnames }: Router): number {
  const expression = path.kind === 'GRPC' ? grpcExpression(path) : null;
  const pathRule = expression === null ? 'PathPrefix("/")' : `PathRegexp(${quoted(expression)})`;
  const rules = [pathRule, ...headers.map(headerRule)].join(' && ');
  return longest(hostnames) + bytesIn(rules);
}

/** An expression even where it is exact, and bound nowhere. Source: grpcroute.go (`buildGRPCMethodRule`). */
function grpcPathOf(path: GrpcPath): PathMatch {
  const expression = grpcExpression(path);
  return expression === null
    ? { kind: 'text-prefix', path: '/' }
    : { kind: 'expression', expression, dialect: 'RE2', ignoresCase: false, anchors: 'none' };
}

function grpcExpression(path: GrpcPath): string | null {
  if (path.service === null && path.method === null) return null;
  const exactly = (text: string | null): string =>
    text === null || text === '' ? '[^/]+' : path.type === 'Exact' ? literal(text) : text;
  return `/${exactly(path.service)}/${exactly(path.method)}`;
}

function headerRule({ name, type, value }: RouteMatch['headers'][number]): string {
  return `${type === 'Exact' ? 'Header' : 'HeaderRegexp'}(${quoted(name)},${quoted(value)})`;
}

function longest(hostnames: readonly string[] | null): number {
  return Math.max(0, ...(hostnames ?? []).map((each) => each.length));
}

/** One filter that it doesn't take, and the whole rule answers 500. Source: httproute.go (`loadHTTPRoute`). */
function refusal(filter: RouteFilter, kind: RouteKind): Answer | null {
  if (isTaken(filter, kind === 'GRPCRoute')) return null;
  const name = filter.kind === 'other' ? filter.name : filter.kind;
  const text = `Traefik doesn't take the filter ${name} of a ${kind}, and answers 500 in place of what it is part of.`;
  return { kind: 'answer', reason: 'refused-request', status: 500, location: null, text };
}

/** A Host that is set is the request's own. Source: pkg/middlewares/gatewayapi/headermodifier. */
function headers({ set, add, remove }: HeaderChange): Edit[] {
  const isHost = ({ name }: HeaderChange['set'][number]): boolean => name.toLowerCase() === 'host';
  const change = { set: set.filter((each) => !isHost(each)), add: add.filter((each) => !isHost(each)), remove };
  return [{ kind: 'headers', change }, ...set.filter(isHost).map(({ value }): Edit => ({ kind: 'host', to: [value] }))];
}

/**
 * A port that is written stands there even where it is the usual one; else, without a scheme, that of the Host.
 * Source: httproute.go (`createRequestRedirect`), pkg/middlewares/gatewayapi/redirect/request_redirect.go.
 */
function location(
  { scheme, hostname, port, path }: RedirectFilter,
  asking: WrittenPath,
  entrance: Entrance,
): LocationTemplate {
  return [
    `${scheme ?? entrance.scheme}://`,
    hostname ?? { of: 'host' },
    port === null ? (scheme === null ? { of: 'port-of-host' } : '') : `:${port}`,
    path === null ? { of: 'said-path' } : pathOf(rooted(path), asking),
    { of: 'query' },
  ];
}

/** Source: httproute.go (`loadMiddlewares`, `createURLRewrite`), grpcroute.go (`loadGRPCMiddlewares`). */
function isTaken(filter: RouteFilter, isGrpc: boolean): boolean {
  switch (filter.kind) {
    case 'RequestHeaderModifier':
      return true;
    case 'ResponseHeaderModifier':
    case 'RequestRedirect':
      return !isGrpc;
    case 'URLRewrite':
      return !isGrpc && (filter.hostname !== null || filter.path !== null);
    case 'RequestMirror':
    case 'CORS':
      return false;
    // An ExtensionRef of its own; of all others none is taken.
    case 'other':
      return filter.name.startsWith('Middleware ');
    default:
      return filter satisfies never;
  }
}

/**
 * A prefix is cut off and what is left joined to the new one: `/new/` for `/foo` is `/new`, and the rest without its
 * slash where the new one is empty. Source: pkg/middlewares/gatewayapi/{urlrewrite,redirect} (`ServeHTTP`).
 */
function pathOf({ kind, value }: PathChange, path: WrittenPath): LocationPiece {
  if (kind === 'ReplaceFullPath') return value === '' ? '/' : escapedByGo(value);
  const prefix = path.kind === 'GRPC' ? '/' : path.value;
  return { of: 'path-joined', prefix: prefix.replace(/\/$/, ''), by: value };
}

/** In a URL a path starts with a slash. Source: Go net/url url.go (`URL.String`). */
function rooted({ kind, value }: PathChange): PathChange {
  return { kind, value: value.startsWith('/') ? value : `/${value}` };
}
