import type { Ingress, IngressPath } from '../../cluster/ingress.ts';
import { textAt } from '../../manifest/value.ts';
import { envoyReading } from '../envoyPath.ts';
import { hostMatchOf, isWithin, specificity } from '../gateway/hostnames.ts';
import type { PathMatch } from '../match.ts';
import { anything, type RouteMatch, type RouteTable, tableOf, type TableRoute } from '../routing/routeTable.ts';
import { answer, becauseOf, forwardTo, routeOf, type RuleOfIngress } from './compiled.ts';
import { dialect } from './standard.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Istio 1.31 as an Ingress controller. Pilot makes a VirtualService of all rules of a host, and of each Ingress a
 * Gateway: for every host at port 80, and for each of its `tls` with a Secret at port 443.
 * Sources: istio/istio (2026-08-27, 1.31) pilot/pkg/config/kube/ingress, and the files named below.
 */
export const istio = dialect({
  id: 'istio',
  product: 'Istio',
  presence: {
    kind: 'pods',
    image: null,
    className: 'istio',
    controllerName: 'istio.io/ingress-controller',
  },
  compile,
  besideHosts: ({ tls }) =>
    tls.flatMap(({ hosts }) => (hosts.length > 1 ? hosts.map((each) => each.toLowerCase()) : [])),
  countsForAllHosts: ({ tls }) => tls.some(({ hosts, secret }) => secret !== null && hosts.length === 0),
  remark:
    'An `ImplementationSpecific` path is exact (`/` takes `/` alone), unless it ends in `.*` or `/*`: then it is a ' +
    'prefix, element by element. A wildcard takes several labels. A default backend is ignored. TLS is ended for the ' +
    'hosts of a `tls` with a Secret ' +
    "alone, and serves the hosts whose first Ingress is that one. The certificates must be in the gateway's own " +
    'namespace.',
  sources: [
    'istio/istio pilot/pkg/config/kube/ingress/virtualservices.go (`createFallbackStringMatch`, `sortHTTPRoutes`), ' +
      'gateways.go, ingress.go (2026-08-27, 1.31)',
    'istio/istio pilot/pkg/networking/core/gateway.go (`buildGatewayHTTPRouteConfig`), pilot/pkg/model/gateway.go ' +
      '(`mergeGateways`), pilot/pkg/networking/core/route/route.go (`TranslateRouteMatch`)',
    'istio.io/latest/docs/tasks/traffic-management/ingress/kubernetes-ingress',
  ],
});

/** All rules of one host. */
interface VirtualService {
  /** Null for any. */
  readonly host: string | null;
  /** The Ingress of its first rule: it is bound to that one's Gateway alone. */
  readonly owner: Ingress;
  readonly name: string;
  readonly rules: readonly Ruled[];
}

/** A rule with what its path takes, by how much of it is written. */
interface Ruled extends RuleOfIngress {
  readonly path: PathMatch;
  readonly length: number;
}

function compile(ingresses: readonly Ingress[], surroundings: Surroundings): RouteTable {
  const services = virtualServices(ingresses, surroundings);
  const hosts = services.map(({ host, rules }) => ({ host, rules }));
  const secure = tlsServers(ingresses).flatMap(({ ingress, names }) =>
    names.flatMap((name) => {
      const base: RouteMatch = { ...anything, scheme: 'https', serverName: hostMatchOf(name) };
      return { name, routes: routesOf(sharedHosts(names, ingress, services), base) };
    }),
  );
  return tableOf(
    [
      ...secure.toSorted((a, b) => specificity(b.name) - specificity(a.name)).flatMap(({ routes }) => routes),
      routeOf({ ...anything, scheme: 'https' }, { kind: 'close', reason: 'tls-name' }, null, []),
      ...routesOf(hosts, anything),
    ],
    envoyReading,
    envoyReading,
  );
}

/** The older first, then by name. Source: virtualservices.go (`sortRulesByCreationTimestamp`). */
function byAge(a: Ingress, b: Ingress): number {
  return inOrder(a.createdAt ?? '', b.createdAt ?? '') || inOrder(a.name, b.name) || inOrder(a.namespace, b.namespace);
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A host without any rule that can be made has none: then it is as if nobody named it. */
function virtualServices(ingresses: readonly Ingress[], surroundings: Surroundings): VirtualService[] {
  const rules = ingresses
    .toSorted(byAge)
    .flatMap((ingress) => ingress.rules.map((rule): RuleOfIngress => ({ ingress, rule })));
  return [...Map.groupBy(rules, ({ rule }) => rule.host?.toLowerCase() ?? null)].flatMap(([host, own]) => {
    const made = own
      .filter(({ ingress, rule }) => hasPort(ingress, rule, surroundings))
      .map((each): Ruled => ({ ...each, ...pathOf(each) }))
      .toSorted((a, b) => b.length - a.length || Number(isExact(b)) - Number(isExact(a)));
    const [first] = own;
    if (first === undefined || made.length === 0) return [];
    const { ingress: owner } = first;
    return [{ host, owner, name: `${(host ?? '*').replaceAll('.', '-')}-${owner.name}`, rules: made }];
  });
}

function isExact({ path }: Ruled): boolean {
  return path.kind === 'exact';
}

/** Whether a backend's port is known: a name needs the Service. Source: virtualservices.go (`resolveNamedPort`). */
function hasPort({ namespace }: Ingress, { backend }: IngressPath, { service }: Surroundings): boolean {
  if (backend === null) return false;
  if (typeof backend.port !== 'string') return true;
  const found = service(namespace, backend.service);
  return found !== null && (found.service?.ports.some(({ name }) => name === backend.port) ?? true);
}

/** Source: virtualservices.go (`convertIngressRule`, `createFallbackStringMatch`, `getMatchURILength`). */
function pathOf({
  ingress: { manifest },
  rule: { path, pathType, at },
}: RuleOfIngress): Pick<Ruled, 'path' | 'length'> {
  if (pathType === 'Prefix') return prefix(path);
  if (pathType === 'Exact') return { path: { kind: 'exact', path }, length: path.length };
  const written = textAt(manifest.value, ...at, 'path') ?? '';
  if (['', '*', '/*', '.*'].includes(written)) return { path: { kind: 'text-prefix', path: '/' }, length: 0 };
  return path.endsWith('.*') || path.endsWith('/*')
    ? prefix(path.slice(0, -2))
    : { path: { kind: 'exact', path }, length: path.length };
}

/** Element by element, in whatever way it is written. Source: route.go (`TranslateRouteMatch`: Ingress semantics). */
function prefix(path: string): Pick<Ruled, 'path' | 'length'> {
  return { path: path === '/' ? { kind: 'text-prefix', path } : { kind: 'elements', path }, length: path.length };
}

/** Null is every name. Source: gateways.go (`convertIngressV1alpha3`). */
interface TlsServer {
  readonly ingress: Ingress;
  readonly names: readonly (string | null)[];
}

/** By the Gateways' names; one with a name of an earlier one is left out. Source: gateway.go (`mergeGateways`). */
function tlsServers(ingresses: readonly Ingress[]): TlsServer[] {
  const taken = new Set<string | null>();
  return ingresses
    .toSorted((a, b) => inOrder(gatewayName(a), gatewayName(b)))
    .flatMap((ingress) =>
      ingress.tls.flatMap(({ hosts, secret }): TlsServer[] => {
        const names = hosts.length === 0 ? [null] : [...new Set(hosts.map((each) => (each === '*' ? null : each)))];
        if (secret === null || names.some((each) => taken.has(each))) return [];
        for (const each of names) taken.add(each);
        return [{ ingress, names }];
      }),
    );
}

function gatewayName({ name, namespace }: Ingress): string {
  return `${name}-istio-autogenerated-k8s-ingress-${namespace}`;
}

interface Host {
  readonly host: string | null;
  readonly rules: readonly Ruled[];
}

/** What a server with TLS shares with the VirtualServices of its own Gateway: the narrower host of each pair. */
function sharedHosts(
  names: readonly (string | null)[],
  ingress: Ingress,
  services: readonly VirtualService[],
): readonly Host[] {
  const own = services.filter(({ owner }) => owner === ingress).toSorted((a, b) => inOrder(a.name, b.name));
  const found = own.flatMap(({ host, rules }) =>
    names.flatMap((name) =>
      isPartOf(host, name) ? [{ host, rules }] : isPartOf(name, host) ? [{ host: name, rules }] : [],
    ),
  );
  return [...Map.groupBy(found, ({ host }) => host)].map(([host, all]) => ({
    host,
    rules: lastCatchAll(all.flatMap(({ rules }) => rules)),
  }));
}

function isPartOf(host: string | null, other: string | null): boolean {
  return other === null || (host !== null && isWithin(host, other));
}

/** What takes every request goes behind the rest. Source: route.go (`SortVHostRoutes`). */
function lastCatchAll(rules: readonly Ruled[]): readonly Ruled[] {
  const isAll = ({ path }: Ruled): boolean => path.kind === 'text-prefix';
  return [...rules.filter((each) => !isAll(each)), ...rules.filter(isAll)];
}

/** Envoy's virtual hosts: the most specific that takes the Host decides alone, with 404 where no rule of it does. */
function routesOf(hosts: readonly Host[], base: RouteMatch): TableRoute[] {
  const ordered = hosts.toSorted((a, b) => specificity(b.host) - specificity(a.host));
  const nothing = (host: string | null): TableRoute =>
    routeOf({ ...base, host: hostMatchOf(host) }, answer(404, 'no-matching-rule', ''), null, []);
  return [
    ...ordered.flatMap(({ host, rules }) => [
      ...rules.map(({ ingress, rule, path }) =>
        routeOf({ ...base, host: hostMatchOf(host), path }, forwardTo(ingress, rule), { ingress, rule }, [
          becauseOf(ingress, rule),
        ]),
      ),
      nothing(host),
    ]),
    ...(hosts.some(({ host }) => host === null) ? [] : [nothing(null)]),
  ];
}
