import type { Ingress, IngressPath } from '../../cluster/ingress.ts';
import type { HostMatch, PathMatch } from '../match.ts';
import {
  anyRequest,
  firstRoute,
  type IngressDialect,
  type IngressRoute,
  type RequestAtController,
  type Routed,
} from './route.ts';

/** What tells one controller's reading from another's. */
export interface DialectParts {
  /** What a rule's path takes. */
  readonly pathOf: (rule: IngressPath, ingress: Ingress) => PathMatch;
  /** The higher, the earlier, among the rules of one host. */
  readonly rank: (rule: IngressPath, path: PathMatch) => number;
  /** The Ingresses that count: those whose host another has taken may not. */
  readonly accepted?: (ingresses: readonly Ingress[]) => readonly Ingress[];
  /** What the route's Ingress makes the controller answer itself; null where it passes the request on. */
  readonly answer?: (route: IngressRoute, request: RequestAtController, ingresses: readonly Ingress[]) => Routed | null;
  readonly normalize?: (path: string) => string;
}

/** What most controllers don't do. */
export const withoutSpecialities = {
  passesTlsThrough: () => false,
  isCanary: () => false,
  canaryOf: () => null,
  refusesPlainHttp: () => null,
  sendsToPods: () => false,
  defaultService: () => null,
} satisfies Partial<IngressDialect>;

/** A dialect of the usual kind: exact hosts before wildcards before none, then by rank. */
export function dialect(
  parts: DialectParts &
    Pick<IngressDialect, 'id' | 'product' | 'presence' | 'remark' | 'sources'> &
    Partial<IngressDialect>,
): IngressDialect {
  const { pathOf, rank, accepted = (all) => all, answer = () => null, normalize = (path) => path, ...rest } = parts;
  const routesOf = (ingresses: readonly Ingress[]): IngressRoute[] => {
    const own = accepted(ingresses);
    const routes = byHost(own).flatMap(({ host, rules }) =>
      rules
        .map(({ ingress, rule }): IngressRoute & { readonly rule: IngressPath } => ({
          ingress,
          rule,
          rewrite: null,
          match: { ...anyRequest, host, path: pathOf(rule, ingress) },
        }))
        .toSorted((a, b) => rank(b.rule, b.match.path) - rank(a.rule, a.match.path)),
    );
    return [...routes, ...defaultRoutes(own)];
  };
  return {
    routesOf,
    route(ingresses, given) {
      const request = { ...given, path: normalize(given.path) };
      const found = firstRoute(routesOf(ingresses), request);
      return found.kind === 'route' ? (answer(found.route, request, ingresses) ?? found) : found;
    },
    forwardedFor: () => 'appends',
    readsProxyProtocol: () => null,
    viaClusterAddress: () => false,
    ...withoutSpecialities,
    annotations: { prefixes: [], modelled: [], harmless: /^$/ },
    groupOf: () => '',
    ...rest,
  };
}

/**
 * The Ingress API as it is written: exact host before wildcard before none, and a host that is named at all has a
 * server of its own; then an exact path before the longest prefix; then the first. `ImplementationSpecific` is read as
 * a text prefix, with the gce class's `/*` at the end for any rest.
 * Source: kubernetes.io/docs/concepts/services-networking/ingress (path types, multiple matches, hostname wildcards).
 */
export const standard: IngressDialect = dialect({
  id: 'standard',
  product: 'the standard',
  presence: { kind: 'none' },
  pathOf: standardPath,
  rank: exactThenLongest,
  remark: 'What a controller does of its own is not known.',
  sources: ['kubernetes.io/docs/concepts/services-networking/ingress'],
});

export interface HostRules {
  readonly host: HostMatch;
  readonly rules: readonly { readonly ingress: Ingress; readonly rule: IngressPath }[];
}

/**
 * The rules of each host together, in the order of the Ingresses: exact hosts, then wildcards, then those for any host.
 */
export function byHost(ingresses: readonly Ingress[]): HostRules[] {
  const rules = ingresses.flatMap((ingress) => ingress.rules.map((rule) => ({ ingress, rule })));
  const grouped = Map.groupBy(rules, ({ rule }) => rule.host?.toLowerCase() ?? '');
  const named = [...grouped.keys()].filter((host) => host !== '');
  const order = (host: string): number => (host === '' ? 2 : host.startsWith('*.') ? 1 : 0);
  return [...grouped]
    .toSorted(([a], [b]) => order(a) - order(b) || b.length - a.length)
    .map(([host, own]) => ({ host: hostOf(host, named), rules: own }));
}

function hostOf(host: string, named: readonly string[]): HostMatch {
  if (host === '') return { kind: 'any', but: named };
  return host.startsWith('*.')
    ? { kind: 'wildcard', pattern: host, labels: 'one', but: named }
    : { kind: 'exact', host };
}

function standardPath({ path, pathType }: IngressPath): PathMatch {
  switch (pathType) {
    case 'Exact':
      return { kind: 'exact', path };
    case 'Prefix':
      return { kind: 'elements', path };
    case 'ImplementationSpecific':
      return path.endsWith('/*') ? { kind: 'elements', path: path.slice(0, -2) } : { kind: 'text-prefix', path };
    default:
      return pathType satisfies never;
  }
}

/** An exact path before every prefix, then the longer one. */
export function exactThenLongest({ path, pathType }: IngressPath): number {
  return (pathType === 'Exact' ? 1_000_000 : 0) + path.length;
}

/** What no rule takes: the default backend of an Ingress without rules before that of others. */
export function defaultRoutes(ingresses: readonly Ingress[]): IngressRoute[] {
  const own = ingresses.filter(({ defaultBackend }) => defaultBackend !== null);
  return [...own.filter(({ rules }) => rules.length === 0), ...own.filter(({ rules }) => rules.length > 0)].map(
    (ingress) => ({
      ingress,
      rule: null,
      rewrite: null,
      match: { ...anyRequest, host: { kind: 'any', but: [] }, path: { kind: 'text-prefix', path: '' } },
    }),
  );
}

/** A controller's own answer to plain HTTP, and where the Ingress asks for it. */
export function answerToPlainHttp(
  ingress: Ingress,
  status: number,
  text: string,
  at: readonly (string | number)[],
): Routed {
  return { kind: 'answered', status, reason: 'tls-redirect', text, ingress, at };
}

/** Whether the `tls` of some Ingress names the host, itself or by a wildcard of one label. */
export function isTlsHost(ingresses: readonly Ingress[], host: string): boolean {
  const asked = host.toLowerCase().replace(/:\d+$/, '');
  const dot = asked.indexOf('.');
  return ingresses.some(({ tlsHosts }) =>
    tlsHosts.some((named) => [asked, `*${asked.slice(dot)}`].includes(named.toLowerCase())),
  );
}
