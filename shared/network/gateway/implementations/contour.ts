import type { GatewayImplementation } from '../implementation.ts';
import { envoyWays, inEnvoy, removedFirst } from './envoy.ts';
import type { HeaderChange, PathChange, RouteFilter } from '../../../cluster/gatewayApi/routeFilter.ts';
import type { GrpcPath } from '../../../cluster/gatewayApi/route.ts';
import { envoyMerging } from '../../envoyPath.ts';
import type { LocationPiece, LocationTemplate } from '../../routing/location.ts';
import type { Entrance, RedirectFilter } from '../filtering.ts';
import { covers } from '../hostnames.ts';
import type { AskedHostnames, GrpcMatch, Ways } from '../ways.ts';
import type { RouteEntry } from '../routeEntry.ts';
import { contourEntries } from './contourEntries.ts';

/**
 * Where it does otherwise than the standard. Source: projectcontour/contour (v1.33.8), internal/dag/ and the files
 * named below.
 */
const ways: Ways = {
  ...envoyWays,
  // internal/gatewayapi/listeners.go (`ValidateListeners`).
  clashing: 'later',
  hostnames,
  arranged: contourEntries,
  tableFault,
  // internal/dag/builder.go (`Build`: a listener without virtual hosts is dropped).
  withoutRoutes: 'closed',
  // internal/envoy/v3/listener.go (`FilterMisdirectedRequests`).
  takesServerNameAlone: true,
  // internal/xdscache/v3/route.go, listener.go: a filter chain for each hostname.
  virtualHosts: { plain: 'of-a-port', secure: 'of-a-hostname', leaves: 'nothing', arranged: null, twice: 'together' },
  servesKindsTogether: true,
  grpc,
  hostSet,
  headerSteps: ({ set, add, remove }) => removedFirst({ set: set.filter(isNoHost), add: add.filter(isNoHost), remove }),
  rewrittenPath,
  redirectedPath,
  redirectedHost,
  // gatewayapi_processor.go (`httpClusters`, `clusterRoutes`).
  withoutBackend: 'left-out',
  // gatewayapi_processor.go (`computeHTTPRouteForListener`: `Weight: 100`).
  mirrored: 'all',
};

/**
 * Contour 1.33 with its gateway provisioner: an Envoy DaemonSet for each Gateway behind a Service under policy Local.
 */
export const contour: GatewayImplementation = {
  id: 'contour',
  product: 'Contour',
  controllerNames: ['projectcontour.io/gateway-controller'],
  classNames: [/^contour$/],
  expressions: inEnvoy('before-prefixes'),
  unclaimed: [
    'GatewayStaticAddresses',
    'HTTPRouteParentRefPort',
    'HTTPRoutePortRedirect',
    'HTTPRouteRequestPercentageMirror',
    'GatewayHTTPSListenerDetectMisdirectedRequests',
  ],
  routers: null,
  reads: envoyMerging,
  ways,
  dataPlane: {
    kind: 'own',
    service: ({ namespace, name }) => ({ namespace, name: `envoy-${name}` }),
    externalTrafficPolicy: 'Local',
    runs: 'on every node',
  },
  ownerLabels: { name: 'projectcontour.io/owning-gateway-name', namespace: null },
  ownBackends: [],
  forwardedFor: 'appends',
  sources: [
    'conformance/reports/v1.3.0/projectcontour-contour (v1.33.0)',
    'projectcontour/contour v1.33.8: internal/sorter/sorter.go (order of routes), internal/envoy/v3/route.go, ' +
      'listener.go, internal/dag/gatewayapi_processor.go, policy.go, internal/gatewayapi/listeners.go',
    'projectcontour.io/docs/main/guides/gateway-api',
  ],
  remark:
    'Its Service is made with `externalTrafficPolicy: Local` before an Envoy on ' +
    'every node; an expression comes before every prefix; a rule that asks for what an older one has is left out ' +
    'whole; over TLS a Host that is not the name of the handshake gets 421.',
};

/**
 * A hostname is left to another listener, of whatever port, that has it, or that takes it by a longer wildcard; but not
 * to one that the same reference leads to. Source: gatewayapi_processor.go (`computeHosts`).
 */
function hostnames({ listener, route, others }: AskedHostnames): readonly string[] | null {
  if (route.length === 0) return listener === null ? null : [listener];
  const own = listener ?? '';
  const isLeft = (hostname: string): boolean =>
    others.some(
      (each) => each === hostname || (isWildcard(each) && covers(each, hostname) && each.length > own.length),
    );
  const served = route.flatMap((each) => {
    if (listener === null) return isLeft(each) ? [] : [each];
    if (listener === each) return [each];
    if (isWildcard(listener)) return covers(listener, each) && !isLeft(each) ? [each] : [];
    return isWildcard(each) && covers(each, listener) ? [listener] : [];
  });
  return [...new Set(served)];
}

function isWildcard(hostname: string): boolean {
  return hostname.startsWith('*');
}

/**
 * Contour hands on that Host is to be removed, and Envoy refuses all routes that come with it.
 * Source: policy.go (`headersPolicyGatewayAPI`), envoyproxy/envoy source/common/router/header_parser.cc (`configure`).
 */
function tableFault(entries: readonly RouteEntry[]): string | null {
  const removing = entries.find(({ rule: { filters, backends } }) => {
    const redirects = filters.some(({ kind }) => kind === 'RequestRedirect');
    const changes = [...filters, ...backends.filter(({ weight }) => weight > 0).flatMap((each) => each.filters)];
    return !redirects && changes.some(removesHost);
  });
  return removing === undefined
    ? null
    : `${removing.route.kind} ${removing.route.name} removes the header Host, which Envoy never lets go: ` +
        'it refuses all routes that come with it. ' +
        'An Envoy that had none before answers 404; another one goes on as before.';
}

function removesHost(filter: RouteFilter): boolean {
  return filter.kind === 'RequestHeaderModifier' && filter.change.remove.some((name) => !isNoHost({ name }));
}

/** By a service and a method, or by neither. Source: gatewayapi_processor.go (`gatewayGRPCMethodMatchCondition`). */
function grpc({ type, service, method }: GrpcPath): GrpcMatch | null {
  if (service === null && method === null) return { path: { kind: 'text-prefix', path: '/' }, headers: [] };
  if (type !== 'Exact' || service === null || method === null) return null;
  return { path: { kind: 'exact', path: `/${service}/${method}` }, headers: [] };
}

/** Source: policy.go (`headersPolicyGatewayAPI`). */
function hostSet({ set, add }: HeaderChange): string | null {
  return [...set, ...add].findLast((each) => !isNoHost(each))?.value ?? null;
}

function isNoHost({ name }: { readonly name: string }): boolean {
  return name.toLowerCase() !== 'host';
}

/** Source: gatewayapi_processor.go (`handlePathRewritePrefixRemoval`), internal/envoy/v3/route.go (`routeRoute`). */
function rewrittenPath({ kind, value }: PathChange, prefix: string | null): LocationPiece | null {
  if (kind === 'ReplaceFullPath') return value === '' ? '/' : value;
  if (prefix === null) return null;
  return value === '' || value === '/'
    ? { of: 'path-without-prefix', prefix }
    : { of: 'path-with-text', text: prefix === '/' ? prefix : prefix.replace(/\/+$/, ''), by: value };
}

/** Source: internal/envoy/v3/route.go (`routeRedirect`), envoyproxy/envoy source/common/http/utility.cc (`newUri`). */
function redirectedPath(change: PathChange | null, prefix: string | null): LocationTemplate {
  const path = change === null ? null : rewrittenPath(change, prefix);
  return [
    path ?? { of: 'path' },
    ...(typeof path === 'string' && path.includes('?') ? [] : [{ of: 'query' } as const]),
  ];
}

/** Only a port that is written is said; the Host's own stays, unless it was the usual one of another scheme. */
function redirectedHost({ scheme, hostname, port }: RedirectFilter, entrance: Entrance): LocationTemplate {
  if (hostname !== null || port !== null) return [hostname ?? { of: 'host' }, port === null ? '' : `:${port}`];
  return [
    scheme === null || scheme === entrance.scheme
      ? { of: 'authority' }
      : { of: 'authority-without-port', port: entrance.scheme === 'https' ? 443 : 80 },
  ];
}
