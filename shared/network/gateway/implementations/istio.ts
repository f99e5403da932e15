import { byAge, type GrpcPath, type RouteMatch, type WrittenPath } from '../../../cluster/gatewayApi/route.ts';
import type { HeaderChange, PathChange } from '../../../cluster/gatewayApi/routeFilter.ts';
import { envoyReading } from '../../envoyPath.ts';
import type { LocationPiece, LocationTemplate } from '../../routing/location.ts';
import type { Entrance, RedirectFilter } from '../filtering.ts';
import type { GatewayImplementation } from '../implementation.ts';
import type { GrpcMatch, Place, Ways } from '../ways.ts';
import { envoyWays, hostOfNewUri, inEnvoy, removedFirst } from './envoy.ts';

/** Where it does otherwise than the standard. Source: istio/istio (2026-08-27, 1.31), the files named below. */
const ways: Ways = {
  ...envoyWays,
  // pilot/pkg/config/kube/gateway/conversion.go: waypoints, and gateways between networks.
  protocols: ['HBONE'],
  // pilot/pkg/networking/core/gateway.go (`buildGatewayHTTPRouteConfig`: virtual hosts, by port and by TLS server),
  // pilot/pkg/config/kube/gateway/conversion.go (`hostnameAllowedByIsolation`).
  virtualHosts: {
    plain: 'of-a-port',
    secure: 'of-a-listener',
    leaves: 'covered',
    arranged: byVirtualServices,
    twice: 'together',
  },
  // pilot/pkg/config/kube/gateway/controller.go (`httpAndGrpcVS`).
  servesKindsTogether: true,
  ranks,
  grpc: grpcMatch,
  headerSteps,
  hostSet,
  // pilot/pkg/networking/core/route/route.go (`processDestination`, `processWeightedDestination`).
  firstFilters: 'backend-of-several',
  rewrittenPath,
  redirectedPath,
  redirectedHost,
};

/** Istio 1.31: an Envoy of its own for each Gateway, in the Gateway's namespace. */
export const istio: GatewayImplementation = {
  id: 'istio',
  product: 'Istio',
  controllerNames: ['istio.io/gateway-controller'],
  classNames: [/^istio(?:-waypoint)?$/],
  expressions: inEnvoy('behind-prefixes'),
  unclaimed: ['GatewayHTTPSListenerDetectMisdirectedRequests'],
  routers: null,
  reads: envoyReading,
  ways,
  dataPlane: {
    kind: 'own',
    service: ({ namespace, name, className }) => ({ namespace, name: `${name}-${className}` }),
    externalTrafficPolicy: 'Cluster',
    runs: 'pods',
  },
  ownerLabels: null,
  ownBackends: ['networking.istio.io', 'multicluster.x-k8s.io'],
  forwardedFor: 'appends',
  sources: [
    'conformance/reports/v1.4.0/istio-istio (1.28)',
    'istio/istio pilot/pkg/config/kube/gateway/conversion.go, route_collections.go, controller.go (2026-08-27, 1.31)',
    'istio/istio pilot/pkg/networking/core/gateway.go, route/route.go (2026-08-27, 1.31)',
    'istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api (names)',
    'istio.io/latest/docs/reference/config/istio.mesh.v1alpha1 (PathNormalization)',
  ],
  remark:
    'A regular expression is tried only when no exact path and no prefix takes the request. Routes that name a ' +
    'hostname otherwise are ranked apart, also where a listener makes one hostname of them.',
};

/**
 * Pilot makes a VirtualService of all rules of one written hostname at one listener, and ranks these alone; behind a
 * rule that takes every request it sends no other. In a virtual host they stand one behind the other: by their
 * listeners' names, those of the Gateway's own namespace first, then the one with the oldest route, then by hostname.
 * What takes every request goes behind all.
 * Sources: pilot/pkg/config/kube/gateway/route_collections.go (`mergeHTTPRoutes`), pilot/pkg/model/push_context.go
 * (`VirtualServicesForGateway`), pilot/pkg/model/virtualservice_controller.go (by age, then by name),
 * pilot/pkg/networking/core/route/route.go (`BuildHTTPRoutesForVirtualService`, `SortVHostRoutes`, `IsCatchAllRoute`).
 */
function byVirtualServices<T>(rules: readonly T[], placeOf: (rule: T) => Place): T[] {
  const placed = rules.map((rule): PlacedRule<T> => ({ rule, place: placeOf(rule) }));
  const found = [...Map.groupBy(placed, ({ place }) => nameOf(place))]
    .flatMap(([name, own]) => virtualService(name, own) ?? [])
    .toSorted(
      (a, b) =>
        inOrder(a.listener, b.listener) ||
        Number(b.isOwn) - Number(a.isOwn) ||
        inOrder(a.age, b.age) ||
        inOrder(a.name, b.name),
    )
    .flatMap((service) => service.rules);
  return [...found.filter((each) => !takesAll(each)), ...found.filter(takesAll)].map(({ rule }) => rule);
}

interface PlacedRule<T> {
  readonly rule: T;
  readonly place: Place;
}

interface VirtualService<T> {
  readonly name: string;
  readonly listener: string;
  /** Whether its oldest route is of the Gateway's namespace. */
  readonly isOwn: boolean;
  readonly age: string;
  readonly rules: readonly PlacedRule<T>[];
}

function virtualService<T>(name: string, rules: readonly PlacedRule<T>[]): VirtualService<T> | null {
  const ageOf = ({ place: { route } }: PlacedRule<T>): string => route.createdAt ?? '';
  const [oldest] = rules.toSorted((a, b) => inOrder(ageOf(a), ageOf(b)) || byAge(a.place.route, b.place.route));
  if (oldest === undefined) return null;
  const { listener, route } = oldest.place;
  const last = rules.findIndex(takesAll);
  return {
    name,
    listener: `${listener.owner.name}~${listener.name}`,
    isOwn: route.namespace === listener.owner.namespace,
    age: ageOf(oldest),
    rules: last < 0 ? rules : rules.slice(0, last + 1),
  };
}

function nameOf({ listener, writtenHostname }: Place): string {
  return `${listener.owner.name}~${listener.name}~${writtenHostname ?? '*'}`;
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function takesAll<T>({ place: { match } }: PlacedRule<T>): boolean {
  const { path, method, headers, query } = match;
  if (method !== null || headers.length + query.length > 0) return false;
  switch (path.kind) {
    case 'PathPrefix':
      return path.value === '/';
    case 'RegularExpression':
      return path.value === '.*';
    case 'GRPC':
      return path.service === null && path.method === null;
    case 'Exact':
      return false;
    default:
      return path satisfies never;
  }
}

/** Source: pilot/pkg/config/kube/gateway/conversion.go (`sortHTTPRoutes`). */
function ranks({ path, method, headers, query }: RouteMatch): number[] {
  const [kind, length] = pathRank(path);
  return [kind, length, Number(method !== null), headers.length, query.length];
}

/** Source: pilot/pkg/config/kube/gateway/conversion.go (`getURIRank`, `createURIMatch`). */
function pathRank(path: WrittenPath): readonly [kind: number, length: number] {
  switch (path.kind) {
    case 'Exact':
      return [3, path.value.length];
    case 'PathPrefix':
      return [2, path.value === '/' ? 1 : path.value.replace(/\/$/, '').length];
    case 'RegularExpression':
      return [1, path.value.length];
    case 'GRPC': {
      const { path: made } = grpcMatch(path);
      switch (made.kind) {
        case 'exact':
          return [3, made.path.length];
        case 'elements':
          return [2, made.path.length + 1];
        case 'expression':
          return [1, made.expression.length];
        default:
          return [-1, 0];
      }
    }
    default:
      return path satisfies never;
  }
}

/** Source: pilot/pkg/config/kube/gateway/conversion.go (`createGRPCURIMatch`). */
function grpcMatch({ type, service, method }: GrpcPath): GrpcMatch {
  const matched = (path: GrpcMatch['path']): GrpcMatch => ({ path, headers: [] });
  if (service === null && method === null) return matched({ kind: 'text-prefix', path: '/' });
  if (type === 'Exact' && service !== null)
    return matched(
      method === null ? { kind: 'elements', path: `/${service}` } : { kind: 'exact', path: `/${service}/${method}` },
    );
  const expression = `/${service ?? '[^/]+'}/${method ?? '.+'}`;
  return matched({ ...inEnvoy('behind-prefixes'), kind: 'expression', expression });
}

function isHost(name: string): boolean {
  return name.startsWith(':') || name.toLowerCase() === 'host';
}

/** Source: pilot/pkg/networking/core/route/route.go (`TranslateHeadersOperations`). */
function headerSteps({ set, add, remove }: HeaderChange): HeaderChange[] {
  const isOther = ({ name }: { readonly name: string }): boolean => !isHost(name);
  return removedFirst({
    set: set.filter(isOther),
    add: add.filter(isOther),
    remove: remove.filter((name) => !isHost(name)),
  });
}

/** What is set counts before what is added. Source: as `headerSteps`. */
function hostSet({ set, add }: HeaderChange): string | null {
  const found = [...set, ...add].find(({ name, value }) => /^(?:host|:authority)$/i.test(name) && value !== '');
  return found?.value ?? null;
}

/** Source: conversion.go (`createRewriteFilter`), route.go (`applyHTTPRouteDestination`). */
function rewrittenPath({ kind, value }: PathChange, prefix: string | null): LocationPiece | null {
  if (kind === 'ReplaceFullPath') return value === '' ? null : value;
  if (prefix === null) return null;
  const by = value.replace(/\/$/, '');
  return by === '' ? { of: 'path-with-prefix', prefix, by: '/' } : { of: 'path-with-text', text: textOf(prefix), by };
}

/** Source: pilot/pkg/networking/core/route/route.go (`ApplyRedirect`). */
function redirectedPath(change: PathChange | null, prefix: string | null): LocationTemplate {
  const query = { of: 'query' } as const;
  if (change === null || change.value === '') return [{ of: 'path' }, query];
  if (change.kind === 'ReplaceFullPath') return [change.value, ...(change.value.includes('?') ? [] : [query])];
  return [prefix === null ? { of: 'path' } : { of: 'path-with-text', text: textOf(prefix), by: change.value }, query];
}

/** The letters that Envoy matched of a prefix. Source: route.go (`TranslateRouteMatch`). */
function textOf(prefix: string): string {
  return prefix === '/' ? prefix : prefix.replace(/\/$/, '');
}

/** A port that is usual for the scheme isn't said. Source: route.go (`ApplyRedirect`). */
function redirectedHost(filter: RedirectFilter, entrance: Entrance): LocationTemplate {
  const { scheme, port } = filter;
  const number = port ?? (scheme === null ? entrance.port : null);
  const usual = (scheme ?? entrance.scheme) === 'https' ? 443 : 80;
  return hostOfNewUri(filter, entrance, number === usual ? null : number);
}
