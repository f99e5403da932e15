import { type Because, written } from '../../cluster/because.ts';
import type { Ingress, IngressPath } from '../../cluster/ingress.ts';
import { once } from '../../cluster/once.ts';
import { envoyMerging } from '../envoyPath.ts';
import { type Expression, expressionFault, type HostMatch, type PathMatch } from '../match.ts';
import type { LocationTemplate } from '../routing/location.ts';
import { anything, type RouteMatch, tableOf, type TableRoute } from '../routing/routeTable.ts';
import { answer, becauseOf, forwardTo, hostOrder, routeOf } from './compiled.ts';
import type { UnreadRule } from './ingressDialect.ts';
import { dialect } from './standard.ts';
import type { Surroundings } from './surroundings.ts';

const forceRedirect = 'ingress.kubernetes.io/force-ssl-redirect';
const allowHttp = 'kubernetes.io/ingress.allow-http';

/**
 * Contour 1.33: an Envoy with a virtual host for each host that has a route, once for plain HTTP and once for each host
 * that some Ingress's `tls` names with a Secret. `ImplementationSpecific` is an expression as soon as it has one of
 * `^+*[]%`, else a prefix letter by letter.
 * Source: projectcontour/contour internal/dag/ingress_processor.go, internal/annotation/annotations.go,
 * internal/sorter/sorter.go, internal/envoy/v3/route.go, listener.go (v1.33.8). Left out: HTTPProxy, delegated
 * certificates, ExternalName Services where its configuration allows them.
 */
export const contour = dialect({
  id: 'contour',
  product: 'Contour',
  presence: {
    kind: 'pods',
    image: /(?:^|\/)(?:projectcontour\/contour|envoyproxy\/envoy)[:@]/,
    // An Envoy is anybody's, and `contour bootstrap` runs beside it.
    watches: ({ image, args }) => image.includes('projectcontour/contour') && args.includes('serve'),
    className: 'contour',
    controllerName: 'projectcontour.io/ingress-controller',
  },
  annotations: {
    prefixes: ['projectcontour.io/', 'ingress.kubernetes.io/'],
    modelled: [forceRedirect],
    harmless: /timeout|retry|num-retries|per-try|tls-minimum|tls-maximum|websocket-routes|max-/,
  },
  unreadRules,
  compile: (ingresses, surroundings) =>
    tableOf(
      numbered([...plainRoutes(ingresses, surroundings), ...secureRoutes(ingresses, surroundings)]),
      envoyMerging,
      envoyMerging,
    ),
  remark:
    'An `ImplementationSpecific` path with one of `^+*[]%` is an expression for the whole path, tried before ' +
    'every prefix. Plain HTTP is not redirected by itself; HTTPS is only for hosts that a `tls` names with a Secret. ' +
    'A default backend gets only hosts without rules. Of two rules alike in one Ingress the last counts, of two ' +
    'Ingresses either. A rule without its Service is left out, and a wildcard takes hosts in small letters alone.',
  sources: [
    'projectcontour/contour internal/dag/ingress_processor.go, internal/sorter/sorter.go, ' +
      'internal/envoy/v3/route.go, listener.go (1.33.8)',
    'projectcontour.io/docs/main/config/ingress',
  ],
});

/** What asks for the very same is one tie. */
function numbered(routes: readonly TableRoute[]): TableRoute[] {
  const ties = new Map<string, number>();
  return routes.map((route) => {
    if (route.tie === null) return route;
    const key = JSON.stringify(route.match);
    const tie = ties.get(key) ?? ties.size;
    ties.set(key, tie);
    return { ...route, tie };
  });
}

/** A rule as Contour takes it, or the default backend, which is a rule for any host. */
interface Rule {
  readonly ingress: Ingress;
  /** Null for the default backend. */
  readonly rule: IngressPath | null;
  /** `*` for any. */
  readonly host: string;
  readonly path: PathMatch;
  /** What is wrong with its backend, so that there is no route; null where nothing is. */
  readonly fault: string | null;
}

/** An Ingress's rules in their order, its default backend before them. */
function rulesOf(ingress: Ingress, surroundings: Surroundings): Rule[] {
  const own = (rule: IngressPath | null): Rule => ({
    ingress,
    rule,
    host: rule?.host?.toLowerCase() ?? '*',
    path: rule === null ? { kind: 'text-prefix', path: '/' } : pathOf(rule),
    fault: backendFault(ingress, rule, surroundings),
  });
  return [...(ingress.defaultBackend === null ? [] : [own(null)]), ...readRules(ingress).map(own)];
}

/** Behind an expression that can't be read, all further paths of the same rule are left out. */
const readRules = once((ingress: Ingress): readonly IngressPath[] =>
  pathsOfRules(ingress).flatMap((paths) => {
    const broken = paths.findIndex((each) => brokenPath(each) !== null);
    return broken < 0 ? paths : paths.slice(0, broken);
  }),
);

function unreadRules(ingress: Ingress): UnreadRule[] {
  return pathsOfRules(ingress).flatMap((paths) => {
    const index = paths.findIndex((each) => brokenPath(each) !== null);
    const rule = paths[index];
    const path = rule === undefined ? null : brokenPath(rule);
    if (rule === undefined || path === null) return [];
    const behind = paths.length - index - 1;
    const effect = behind === 0 ? 'it' : `it and the ${behind === 1 ? 'path' : `${behind} paths`} behind it`;
    return [{ rule, path, effect: `Contour leaves out ${effect}` }];
  });
}

/** The paths of an Ingress, rule by rule. */
function pathsOfRules({ rules }: Ingress): (readonly IngressPath[])[] {
  return [...Map.groupBy(rules, ({ at }) => at[2]).values()];
}

/** A path's expression where it can't be read; else null. */
function brokenPath(rule: IngressPath): Expression | null {
  const path = pathOf(rule);
  if (path.kind !== 'expression') return null;
  const fault = expressionFault(path.expression, path.dialect);
  return fault === null || fault.kind === 'not-looked-into' ? null : path;
}

function pathOf({ path, pathType }: IngressPath): PathMatch {
  if (pathType === 'Exact') return { kind: 'exact', path };
  if (pathType === 'Prefix')
    return path === '/' ? { kind: 'text-prefix', path } : { kind: 'elements', path: path.replace(/\/+$/, '') };
  return /[\^+*[\]%]/.test(path)
    ? { kind: 'expression', expression: path, dialect: 'RE2', ignoresCase: false, anchors: 'both' }
    : { kind: 'text-prefix', path: path === '' ? '/' : path };
}

/** A backend without a Service of TCP at its port makes no route. */
function backendFault(ingress: Ingress, rule: IngressPath | null, surroundings: Surroundings): string | null {
  const backend = rule === null ? ingress.defaultBackend : rule.backend;
  if (backend === null) return 'its backend is no Service';
  const found = surroundings.service(ingress.namespace, backend.service);
  if (found === null) return `Service ${backend.service} is not there`;
  const { service } = found;
  if (service === null) return null;
  if (service.type === 'ExternalName') return `Service ${backend.service} is an ExternalName, which is not enabled`;
  const port = service.ports.find((each) => each.port === backend.port || each.name === backend.port);
  return port?.protocol === 'TCP' ? null : `Service ${backend.service} has no TCP port ${backend.port}`;
}

function isServedPlain({ ingress: { manifest } }: Rule): boolean {
  return isRedirected(manifest.annotations) || manifest.annotations.get(allowHttp) !== 'false';
}

function isRedirected(annotations: ReadonlyMap<string, string>): boolean {
  return annotations.get(forceRedirect) === 'true';
}

/** One virtual host's rules alike: either of them may be the one. */
type Alike = readonly Rule[];

interface VirtualHost {
  readonly host: string;
  readonly rules: readonly Alike[];
  /** Those that make no route. */
  readonly left: readonly Rule[];
}

/** The virtual hosts of some rules, the most specific host first, each with its rules in the order of Envoy's list. */
function virtualHosts(rules: readonly Rule[]): VirtualHost[] {
  return [...Map.groupBy(rules, ({ host }) => host)]
    .map(([host, own]) => {
      const alike = Map.groupBy(
        own.filter(({ fault }) => fault === null),
        ({ path }) => JSON.stringify(path),
      );
      return {
        host,
        rules: [...alike.values()].map(lastOfEach).toSorted(inOrder),
        left: own.filter(({ fault }) => fault !== null),
      };
    })
    .filter((each) => each.rules.length > 0)
    .toSorted((a, b) => hostOrder(withoutStar(a.host), withoutStar(b.host)));
}

function withoutStar(host: string): string {
  return host === '*' ? '' : host;
}

/** Within an Ingress the last stays; Ingresses are gone through in no order. */
function lastOfEach(alike: readonly Rule[]): Alike {
  return [...new Map(alike.map((each) => [each.ingress, each])).values()];
}

/** Exact paths, expressions, prefixes; the longer first, then the later in the alphabet, then element by element. */
function inOrder([one]: Alike, [other]: Alike): number {
  if (one === undefined || other === undefined) return 0;
  const [a, b] = [textOf(one.path), textOf(other.path)];
  const kinds = kindRank(other.path) - kindRank(one.path);
  const elements = Number(other.path.kind === 'elements') - Number(one.path.kind === 'elements');
  return kinds || b.length - a.length || (a > b ? -1 : a < b ? 1 : 0) || elements;
}

function kindRank({ kind }: PathMatch): number {
  return kind === 'exact' ? 2 : kind === 'expression' ? 1 : 0;
}

function textOf(path: PathMatch): string {
  return path.kind === 'expression' ? path.expression : 'path' in path ? path.path : '';
}

/** Every host at one port; where no rule of any Ingress makes a route, it isn't listened at. */
function plainRoutes(ingresses: readonly Ingress[], surroundings: Surroundings): TableRoute[] {
  const plain = (each: Ingress): Rule[] => rulesOf(each, surroundings).filter(isServedPlain);
  const hosts = virtualHosts(ingresses.flatMap(plain));
  const base = { ...anything, scheme: 'http' } as const;
  const listens =
    hosts.length > 0 ||
    (surroundings.allIngresses()?.some((each) => plain(each).some(({ fault }) => fault === null)) ?? true);
  if (!listens)
    return [routeOf(base, { kind: 'close', reason: 'no-route' }, null, ingresses.flatMap(plain).map(whyLeft))];
  return [
    ...hosts.flatMap((each) => [...routesOf(each, base), noRoute({ ...base, host: domainOf(each.host) })]),
    noRoute(base),
  ];
}

/** One virtual host behind each name of a TLS handshake; for any other there is none. */
function secureRoutes(ingresses: readonly Ingress[], surroundings: Surroundings): TableRoute[] {
  const named = new Map(ingresses.toReversed().flatMap(secretsOf));
  const rules = ingresses.flatMap((each) => rulesOf(each, surroundings)).filter(({ host }) => named.has(host));
  const base = { ...anything, scheme: 'https' } as const;
  return [
    ...virtualHosts(rules).flatMap((each) => {
      const own = { ...base, serverName: domainOf(each.host) };
      const { because, isThere, name } = secretOf(each.host, named, surroundings);
      const assumed = isThere
        ? []
        : [{ id: `secret:${name}`, text: `Secret ${name} is not in the set: taken to be there` }];
      return [
        routeOf({ ...own, isMisdirected: true }, misdirected, null, because),
        ...routesOf(each, own).map((route) => ({ ...route, assumed: [...route.assumed, ...assumed] })),
        noRoute(own),
      ];
    }),
    routeOf(base, { kind: 'close', reason: 'tls-name' }, null, []),
  ];
}

const misdirected = answer(421, 'misdirected', 'Contour takes no Host that is not the name in the TLS handshake.');

interface NamedSecret {
  readonly ingress: Ingress;
  readonly secret: string;
  readonly because: Because;
}

/** The hosts that an Ingress's `tls` names with a Secret. */
function secretsOf(ingress: Ingress): [host: string, secret: NamedSecret][] {
  return ingress.tls.flatMap(({ hosts, secret, at }) =>
    secret === null
      ? []
      : hosts.map((host): [string, NamedSecret] => [
          host.toLowerCase(),
          { ingress, secret, because: written(ingress.manifest, `TLS ends here, with Secret ${secret}`, ...at) },
        ]),
  );
}

function secretOf(
  host: string,
  named: ReadonlyMap<string, NamedSecret>,
  surroundings: Surroundings,
): { readonly because: readonly Because[]; readonly isThere: boolean; readonly name: string } {
  const found = named.get(host);
  if (found === undefined) return { because: [], isThere: true, name: '' };
  const { ingress, secret, because } = found;
  return { because: [because], isThere: surroundings.secret(ingress.namespace, secret) !== null, name: secret };
}

/** Envoy's `host_redirect` keeps the Host but a port that was the usual one. Source: Envoy's utility.cc (`newUri`). */
const underHttps: LocationTemplate = ['https://', { of: 'authority-without-port', port: 80 }, { of: 'asked' }];

function whyLeft({ ingress, rule, fault }: Rule): Because {
  const at = rule === null ? ['spec', 'defaultBackend'] : rule.at;
  return written(ingress.manifest, `Contour leaves this rule out: ${fault}`, ...at);
}

function routesOf({ host, rules, left }: VirtualHost, base: RouteMatch): TableRoute[] {
  const taken = rules.flatMap((alike) =>
    alike.map((each): TableRoute => {
      const match = { ...base, host: hostOf(host), path: each.path };
      const of = { ingress: each.ingress, rule: each.rule };
      const { manifest } = each.ingress;
      const because = [becauseOf(each.ingress, each.rule)];
      const tie = alike.length > 1 ? 0 : null;
      if (base.scheme === 'https' || !isRedirected(manifest.annotations))
        return { ...routeOf(match, forwardTo(each.ingress, each.rule), of, because), tie };
      const text = 'Contour redirects plain HTTP to {location}.';
      const redirect = answer(301, 'tls-redirect', text, underHttps);
      return {
        ...routeOf(match, redirect, of, [written(manifest, text, 'metadata', 'annotations', forceRedirect)]),
        tie,
      };
    }),
  );
  const told = left.map((each) => {
    const { ingress, rule, path, fault } = each;
    return routeOf(
      { ...base, host: hostOf(host), path },
      answer(404, 'refused-rule', `Contour leaves this rule out: ${fault}.`),
      { ingress, rule },
      [whyLeft(each)],
    );
  });
  return [...taken, ...told];
}

/** What a virtual host takes: of a wildcard, any number of labels in the star's place. */
function domainOf(host: string): HostMatch {
  if (host === '*') return { kind: 'any', labels: 'one', but: [] };
  return host.startsWith('*.') ? { kind: 'wildcard', pattern: host, labels: 'many', but: [] } : { kind: 'exact', host };
}

/** What a rule of it takes: of a wildcard one label, as it stands in the request. */
function hostOf(host: string): HostMatch {
  const domain = domainOf(host);
  return domain.kind === 'wildcard' ? { ...domain, labels: 'one-in-small-letters' } : domain;
}

function noRoute(match: RouteMatch): TableRoute {
  return routeOf(match, answer(404, 'no-matching-rule', ''), null, []);
}
