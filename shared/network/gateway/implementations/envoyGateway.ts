import type { HeaderChange, PathChange } from '../../../cluster/gatewayApi/routeFilter.ts';
import type { GrpcPath, RouteMatch, WrittenMatch, WrittenPath } from '../../../cluster/gatewayApi/route.ts';
import { literal } from '../../match.ts';
import type { LocationPiece, LocationTemplate } from '../../routing/location.ts';
import type { GatewayImplementation } from '../implementation.ts';
import type { Entrance, RedirectFilter } from '../filtering.ts';
import type { GrpcMatch, Ways } from '../ways.ts';
import { envoyWays, hostOfNewUri, inEnvoy, removedFirst } from './envoy.ts';
import { envoyRedirecting, withSlashesRead } from '../../envoyPath.ts';

/** Where it does otherwise than the standard. Source: envoyproxy/gateway (v1.9.1), the files named below. */
const ways: Ways = {
  ...envoyWays,
  // internal/xds/translator/translator.go (`addRouteToRouteConfig`), internal/gatewayapi/helpers.go (`computeHosts`).
  // Of two virtual hosts of one domain Envoy refuses the whole configuration: envoyproxy/gateway#9895.
  virtualHosts: { plain: 'of-a-port', secure: 'of-a-listener', leaves: 'named', arranged: null, twice: twiceRefused },
  // internal/gatewayapi/route.go (`processHTTPRouteParentRefListener`).
  servesKindsTogether: true,
  ranks,
  grpc: grpcMatch,
  // internal/gatewayapi/listener.go (`UnescapeAndRedirect`).
  escapedSlashes: { redirectedTo: withSlashesRead },
  headerFault,
  headerSteps,
  rewrittenPath,
  redirectedPath,
  redirectedHost,
  // internal/gatewayapi/route.go (`processHTTPRouteRules`), internal/xds/translator/route.go
  // (`buildXdsWeightedRouteAction`: "Envoy can't handle mixed 500 and 503 responses").
  withoutBackend: 'together',
  // internal/gatewayapi/filters.go (`ProcessHTTPFilters`, `processRequestMirrorFilter`).
  mirrors: 'required',
};

function twiceRefused({ listeners, hostname }: { readonly listeners: string; readonly hostname: string }): string {
  return (
    `Listeners ${listeners} of one port both have routes for ${hostname}, which neither names: ` +
    'Envoy Gateway sends that hostname twice, and Envoy refuses all routes of the port. ' +
    'An Envoy that had none before answers 404; another one goes on as before.'
  );
}

/**
 * Envoy Gateway 1.9: an Envoy of its own for each Gateway, in the controller's namespace,
 * behind a Service under policy Local.
 */
export const envoyGateway: GatewayImplementation = {
  id: 'envoy-gateway',
  product: 'Envoy Gateway',
  controllerNames: ['gateway.envoyproxy.io/gatewayclass-controller'],
  classNames: [/^(?:eg|envoy|envoy-gateway(?:-class)?)$/],
  expressions: inEnvoy('before-prefixes'),
  unclaimed: ['GatewayHTTPSListenerDetectMisdirectedRequests', 'GatewayInfrastructurePropagation'],
  routers: null,
  reads: envoyRedirecting,
  ways,
  dataPlane: {
    kind: 'own',
    service: ({ namespace, name }) => ({ namespace: 'envoy-gateway-system', name: `envoy-${namespace}-${name}` }),
    externalTrafficPolicy: 'Local',
    runs: 'pods',
  },
  ownerLabels: {
    name: 'gateway.envoyproxy.io/owning-gateway-name',
    namespace: 'gateway.envoyproxy.io/owning-gateway-namespace',
  },
  ownBackends: ['gateway.envoyproxy.io', 'multicluster.x-k8s.io'],
  forwardedFor: 'appends',
  sources: [
    'conformance/reports/v1.5.1/envoy-gateway (v1.8.0)',
    'envoyproxy/gateway v1.9.1: internal/gatewayapi/sort.go (order of routes), helpers.go (`computeHosts`), ' +
      'filters.go, route.go, listener.go; internal/xds/translator/route.go',
    'gateway.envoyproxy.io/docs/api/extension_types (KubernetesServiceSpec.externalTrafficPolicy, ' +
      'ClientTrafficPolicy.path)',
  ],
  remark:
    'Its Service is made with `externalTrafficPolicy: Local`, so Envoy sees the client; an expression comes before ' +
    'every prefix; a request meets the rules of its most specific hostname alone.',
};

/**
 * Exact paths, expressions, prefixes, each by its length; then headers, a method among them, those by value first; then
 * queries alike; then HTTPRoutes before GRPCRoutes. Source: internal/gatewayapi/sort.go (`Less`).
 */
function ranks({ path, method, headers, query }: RouteMatch): number[] {
  const [kind, length] = pathRank(path);
  const grpc = path.kind === 'GRPC' ? grpcMatch(path) : null;
  const byMethod = method === null ? 0 : 1;
  return [
    kind,
    length,
    headers.length + byMethod + (grpc?.headers.length ?? 0),
    exactOnes(headers) + byMethod,
    query.length,
    exactOnes(query),
    grpc === null ? 1 : 0,
  ];
}

function exactOnes(matches: readonly WrittenMatch[]): number {
  return matches.filter(({ type }) => type === 'Exact').length;
}

function pathRank(path: WrittenPath): readonly [kind: number, length: number] {
  switch (path.kind) {
    case 'Exact':
      return [2, path.value.length];
    case 'RegularExpression':
      return [1, path.value.length];
    case 'PathPrefix':
      return [0, path.value === '/' ? 0 : path.value.length];
    case 'GRPC': {
      const match = grpcMatch(path).path;
      switch (match.kind) {
        case 'exact':
          return [2, match.path.length];
        case 'expression':
          return [1, match.expression.length];
        case 'elements':
          return [0, match.path.length];
        default:
          return [0, 0];
      }
    }
    default:
      return path satisfies never;
  }
}

const anyService = String.raw`(?i)\.?[a-z_][a-z_0-9]*(\.[a-z_][a-z_0-9]*)*`;
const anyMethod = '[A-Za-z_][A-Za-z_0-9]*';

/** Source: internal/gatewayapi/route.go (`processGRPCRouteMethodExact`, `processGRPCRouteMethodRegularExpression`). */
function grpcMatch({ type, service, method }: GrpcPath): GrpcMatch {
  const every = { kind: 'text-prefix', path: '/' } as const;
  if (service === null && method === null) return { path: every, headers: [] };
  if (type === 'RegularExpression') {
    const expression = `/${service ?? anyService}/${method ?? anyMethod}`;
    return { path: { ...inEnvoy('before-prefixes'), kind: 'expression', expression }, headers: [] };
  }
  if (method === null) return { path: { kind: 'elements', path: `/${service}` }, headers: [] };
  if (service !== null) return { path: { kind: 'exact', path: `/${service}/${method}` }, headers: [] };
  const expression = {
    ...inEnvoy('before-prefixes'),
    kind: 'expression',
    expression: `.*/${literal(method)}`,
  } as const;
  return { path: every, headers: [{ name: ':path', match: expression }] };
}

/** Source: internal/gatewayapi/filters.go (`processRequestHeaderModifierFilter`, `isModifiableHeader`). */
function headerFault({ set, add, remove }: HeaderChange): string | null {
  const name = [...set, ...add]
    .map((each) => each.name)
    .concat(remove)
    .find((each) => each === '' || /[/:]|^host$/i.test(each));
  if (name !== undefined) return `a filter on headers may not change ${name === '' ? 'one without a name' : name}`;
  const bad = [...set, ...add].find(({ value }) => !/^[!-~]+(?:[\t ]?[!-~]+)*$/.test(value));
  return bad === undefined ? null : `a filter on headers gives ${bad.name} a value that it refuses`;
}

/** What is removed goes first; what is added isn't set too. Source: as `headerFault`. */
function headerSteps({ set, add, remove }: HeaderChange): HeaderChange[] {
  const isAdded = (name: string): boolean => add.some((each) => each.name.toLowerCase() === name.toLowerCase());
  return removedFirst({ set: set.filter(({ name }) => !isAdded(name)), add, remove });
}

/** Source: internal/xds/translator/route.go (`buildXdsURLRewriteAction`, `prefix2RegexRewrite`). */
function rewrittenPath({ kind, value }: PathChange, prefix: string | null): LocationPiece | null {
  if (kind === 'ReplaceFullPath') return value === '' ? null : value;
  return newPrefix(prefix, value, value.replace(/\/$/, ''));
}

/** Source: internal/xds/translator/route.go (`buildXdsRedirectAction`). */
function redirectedPath(change: PathChange | null, prefix: string | null): LocationTemplate {
  const query = { of: 'query' } as const;
  if (change?.kind === 'ReplaceFullPath' && change.value !== '')
    return [change.value, ...(change.value.includes('?') ? [] : [query])];
  const path = change?.kind === 'ReplacePrefixMatch' ? newPrefix(prefix, change.value, change.value) : null;
  return [path ?? { of: 'path' }, query];
}

/** Letter by letter, but for a prefix that goes: then the slashes behind it go too. */
function newPrefix(prefix: string | null, written: string, by: string): LocationPiece | null {
  if (prefix === null) return null;
  return written === '' || written === '/'
    ? { of: 'path-without-prefix', prefix }
    : { of: 'path-with-text', text: prefix === '/' ? prefix : prefix.replace(/\/$/, ''), by };
}

/**
 * Ports 80 and 443 aren't said. Source: internal/gatewayapi/route.go (`processHTTPRouteParentRefListener`),
 * internal/xds/translator/route.go (`buildXdsRedirectAction`).
 */
function redirectedHost(filter: RedirectFilter, entrance: Entrance): LocationTemplate {
  const { scheme, port } = filter;
  const number = port ?? (scheme === null ? entrance.port : scheme === 'https' ? 443 : 80);
  return hostOfNewUri(filter, entrance, number === 80 || number === 443 ? null : number);
}
