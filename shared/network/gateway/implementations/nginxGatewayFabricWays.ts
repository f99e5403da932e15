import Fraction from 'fraction.js';
import type { HeaderChange } from '../../../cluster/gatewayApi/routeFilter.ts';
import type { Route, RouteMatch, RouteRule, WrittenPath } from '../../../cluster/gatewayApi/route.ts';
import { byBytes, bytesIn } from '../../goText.ts';
import { escapedByNginx } from '../../ingress/nginxPath.ts';
import { expressionFault } from '../../match.ts';
import { asItIs } from '../../normalization.ts';
import type { LocationTemplate } from '../../routing/location.ts';
import type { Entrance, Mirrored, RedirectFilter } from '../filtering.ts';
import type { PathBranch, PathBranches, PlainPath } from '../pathBranches.ts';
import { standardWays, type Ways } from '../ways.ts';

const kinds: readonly PlainPath['kind'][] = ['Exact', 'PathPrefix', 'RegularExpression'];

const branches: PathBranches = {
  pathOf,
  of: branchesOfPath,
  // Source: state/dataplane/sort.go (`sortPathRules`): exact, prefix, regularExpression. Copies' paths aren't counted.
  numbered: (a, b) =>
    bytesIn(b.value) - bytesIn(a.value) || byBytes(a.value, b.value) || kinds.indexOf(a.kind) - kinds.indexOf(b.kind),
  // Source: nginx/config/servers.go (`initializeInternalMatchLocation`, `updateLocationRedirectFilter`): unlike a
  // rewrite, a redirect doesn't go back to `$request_uri` first.
  innerPath: (path, match) => `/_ngf-internal-rule${path}-route${match}`,
  // No location takes the path: nginx looks for a file, by GET, HEAD and POST alone. Source: nginx
  // src/http/modules/ngx_http_static_module.c `ngx_http_static_handler` (1.22); nginx/config/servers.go
  // (`createDefaultRootLocation`).
  elsewhere: { methods: ['PUT', 'PATCH', 'DELETE', 'OPTIONS'], status: 405, but: { kind: 'exact', path: '/' } },
};

/**
 * Where NGINX Gateway Fabric does otherwise than the standard.
 * Source: nginx/nginx-gateway-fabric internal/controller (v2.6.7), the files named below. What nginx makes of such a
 * configuration, a real one (1.22) was asked: TLS names and Hosts, slashes at the end, 405, redirects.
 */
export const nginxGatewayFabricWays: Ways = {
  ...standardWays,
  // A server for each hostname. Source: state/dataplane/configuration.go (`upsertRoute`, `hostPathRules.buildServers`),
  // state/graph/route_common.go (`isolateHostnamesForParentRefs`), nginx/config/maps.go
  // (`buildMisdirectedRequestMaps`), nginx/config/servers_template.go (`ssl_reject_handshake`, 421).
  virtualHosts: {
    plain: 'of-a-port',
    secure: 'of-a-port-by-listener',
    leaves: 'named',
    arranged: null,
    twice: 'together',
  },
  // Source: state/dataplane/configuration.go (`upsertRoute`): only what a path comes to is gRPC's.
  servesKindsTogether: true,
  rules: rulesTaken,
  branches,
  // Source: nginx/config/servers.go (`createProxyPass`): without a path, or with `$request_uri`.
  says: asItIs,
  escapes: escapedByNginx,
  // Source: nginx/modules/src/httpmatches.js (`headersMatch`).
  headers: 'one-of-list',
  headerFault,
  // Source: nginx/config/servers_template.go (`CORSHeaders`).
  preflights: { of: 'every-options', status: 200 },
  // Source: state/graph/backend_refs.go (`validateRouteBackendRef`).
  backendFilters: 'refused',
  shares,
  copies,
  // Source: nginx/config/servers.go (`createReturnAndRewriteConfigForRedirectFilter`).
  redirectedPath: (change, prefix) =>
    change === null ? [{ of: 'asked' }] : standardWays.redirectedPath(change, prefix),
  redirectedHost,
};

/** A gRPC method is an exact path, all methods are `/`. Source: state/graph/grpcroute.go (`ConvertGRPCMatches`). */
function pathOf(path: WrittenPath): PlainPath {
  if (path.kind !== 'GRPC') return path;
  const { service, method } = path;
  return service === null || method === null
    ? { kind: 'PathPrefix', value: '/' }
    : { kind: 'Exact', value: `/${service}/${method}` };
}

const exactRank = [3];

/**
 * nginx takes an exact location, else the first expression that fits, else the longest prefix. A prefix without a slash
 * at its end is two: the path itself, and all below; one with a slash is only all below, and nginx itself redirects the
 * path itself there. Expressions stand by their length, and are bound at the start of what is written, so at the first
 * alternative alone.
 * Source: nginx/config/servers.go (`initializeExternalLocations`, `createPath`), state/dataplane/sort.go
 * (`sortPathRules`), nginx src/http/ngx_http_core_module.c (`ngx_http_core_find_location`, `auto_redirect`; 1.22).
 */
function branchesOfPath({ kind, value }: PlainPath, all: readonly PlainPath[]): PathBranch[] {
  const has = (otherKind: PlainPath['kind'], otherValue: string): boolean =>
    all.some((each) => each.kind === otherKind && each.value === otherValue);
  const exact = (path: string): PathBranch => ({ path: { kind: 'exact', path }, rank: exactRank, addsSlash: false });
  const below = (path: string): PathBranch => ({
    path: { kind: 'text-prefix', path },
    rank: [1, path.length],
    addsSlash: false,
  });
  switch (kind) {
    case 'Exact':
      return [exact(value)];
    case 'RegularExpression': {
      const expression = `^${value}`;
      const path = { kind: 'expression', expression, dialect: 'PCRE', ignoresCase: false, anchors: 'none' } as const;
      return [{ path, rank: [2], addsSlash: false }];
    }
    case 'PathPrefix': {
      if (!value.endsWith('/'))
        return [
          ...(has('PathPrefix', `${value}/`) ? [] : [below(`${value}/`)]),
          ...(has('Exact', value) ? [] : [exact(value)]),
        ];
      const bare = value.slice(0, -1);
      const isBareTaken = bare === '' || has('Exact', bare) || has('PathPrefix', bare);
      return [below(value), ...(isBareTaken ? [] : [{ ...exact(bare), addsSlash: true }])];
    }
    default:
      return kind satisfies never;
  }
}

/**
 * A rule with a match that it refuses isn't there; a route of which no rule is right in matches and filters neither.
 * Source: state/graph/httproute.go (`processHTTPRouteRules`, `validateMatch`), grpcroute.go
 * (`validateGRPCMethodMatch`), state/dataplane/configuration.go (`upsertListener`, `upsertRoute`).
 */
function rulesTaken({ rules }: Route): readonly RouteRule[] {
  const taken = rules.filter(({ matches }) => matches.every(isTaken));
  return taken.some(isWithoutFault) ? taken : [];
}

function isWithoutFault({ filters }: RouteRule): boolean {
  return filters.every((filter) => filter.kind !== 'RequestHeaderModifier' || headerFault(filter.change) === null);
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']);

/** Source: nginx/config/validation/http_njs_match.go, common.go (`pathFmt`, `validatePathInRegexMatch`). */
function isTaken({ path, method, headers, query }: RouteMatch): boolean {
  return (
    isPathTaken(path) &&
    (method === null || methods.has(method)) &&
    [...headers, ...query].every(({ name, value }) => name.trim() !== '' && value.trim() !== '')
  );
}

function isPathTaken(path: WrittenPath): boolean {
  if (path.kind === 'GRPC')
    return path.type === 'Exact' && (path.service === null) === (path.method === null) && isPlain(grpcPath(path));
  const { kind, value } = path;
  if (!isPlain(value) || value.startsWith('/_ngf-internal')) return false;
  return kind !== 'RegularExpression' || expressionFault(value, 'PCRE')?.kind !== 'syntax';
}

function grpcPath({ service, method }: { readonly service: string | null; readonly method: string | null }): string {
  return `/${service ?? ''}/${method ?? ''}`;
}

function isPlain(path: string): boolean {
  return /^\/[^\s{};]*$/.test(path);
}

/**
 * Why a filter on headers makes its rule answer 500.
 * Source: nginx/config/validation/common.go (`validateHeaderName`), state/graph/common_filter.go
 * (`validateFilterHeaderModifierFields`).
 */
function headerFault({ set, add, remove }: HeaderChange): string | null {
  const lists = [set.map(({ name }) => name), add.map(({ name }) => name), remove];
  const name = lists.flat().find((each) => /^(?:host|connection|upgrade)$/i.test(each));
  if (name !== undefined) return `a filter on headers may not change ${name}`;
  const twice = lists.flatMap((each) =>
    each.filter((one, index) => each.slice(0, index).some((other) => other.toLowerCase() === one.toLowerCase())),
  )[0];
  return twice === undefined ? null : `a filter on headers names ${twice} twice`;
}

/**
 * Hundredths of a percent, rounded down; the last gets the rest, even without a weight.
 * Source: nginx/config/split_clients.go (`createBackendGroupSplitClientDistributions`, `percentOf`).
 */
function shares(weights: readonly number[]): Fraction[] {
  const total = weights.reduce((sum, each) => sum + each, 0);
  if (weights.length < 2 || total === 0) return weights.map((each) => new Fraction(each === 0 ? 0 : 1));
  const percents = weights.slice(0, -1).map((each) => Math.floor(((each * 100) / total) * 100) / 100);
  const rest = percents.reduce((left, each) => left - each, 100);
  return [...percents, rest].map((each) => new Fraction(each.toFixed(2)).div(100));
}

/**
 * A rule copies to a Service once, whatever its port, in the largest share that is written, in hundredths of a percent.
 * Source: state/dataplane/convert.go (`convertHTTPRequestMirrorFilter`), nginx/config/servers.go
 * (`updateLocationMirrorFilters`, `extractMirrorTargetsWithPercentages`), split_clients.go
 * (`createRequestMirrorSplitClients`).
 */
function copies(mirrors: readonly Mirrored[]): Mirrored[] {
  const byService = Map.groupBy(mirrors, ({ backend: { namespace, name } }) => `${namespace}/${name}`);
  return [...byService.values()]
    .flatMap((same) => same.toSorted((a, b) => b.share.compare(a.share)).slice(0, 1))
    .map(({ backend, share }) => ({ backend, share: new Fraction(share.mul(100).valueOf().toFixed(2)).div(100) }))
    .filter(({ share }) => !share.equals(0));
}

/**
 * Without a scheme the port is always said, even the usual one; with one, if it is written and isn't the scheme's own.
 * Source: nginx/config/servers.go (`createReturnAndRewriteConfigForRedirectFilter`).
 */
function redirectedHost({ scheme, hostname, port }: RedirectFilter, entrance: Entrance): LocationTemplate {
  const host = hostname ?? ({ of: 'host' } as const);
  if (scheme === null) return [host, `:${port ?? entrance.port ?? ''}`];
  return [host, port === null || port === (scheme === 'https' ? 443 : 80) ? '' : `:${port}`];
}
