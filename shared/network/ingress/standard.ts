import type { Ingress, IngressPath } from '../../cluster/ingress.ts';
import type { HostMatch, PathMatch } from '../match.ts';
import { anyRequest, firstRoute, type IngressDialect, type IngressRoute } from './route.ts';

/**
 * The Ingress API as it is written: exact host before wildcard before none, and a host that is named at all has a server of
 * its own; then an exact path before the longest prefix; then the first. `ImplementationSpecific` is read as a text prefix,
 * with the gce class's `/*` at the end for any rest.
 * Source: kubernetes.io/docs/concepts/services-networking/ingress (path types, multiple matches, hostname wildcards).
 */
export const standard: IngressDialect = {
  routesOf: (ingresses) => routesOf(ingresses),
  forwardedFor: 'appends',
  route: (ingresses, request) => firstRoute(routesOf(ingresses), request),
};

function routesOf(ingresses: readonly Ingress[]): IngressRoute[] {
  const routes = byHost(ingresses).flatMap(({ host, rules }) =>
    rules.toSorted((a, b) => rank(b.rule) - rank(a.rule)).map(({ ingress, rule }): IngressRoute => ({ ingress, rule, rewrite: null, match: { ...anyRequest, host, path: pathOf(rule) } })));
  return [...routes, ...defaultRoutes(ingresses)];
}

export interface HostRules {
  readonly host: HostMatch;
  readonly rules: readonly { readonly ingress: Ingress; readonly rule: IngressPath }[];
}

/** The rules of each host together, in the order of the Ingresses: exact hosts, then wildcards, then those for any host. */
export function byHost(ingresses: readonly Ingress[]): HostRules[] {
  const rules = ingresses.flatMap((ingress) => ingress.rules.map((rule) => ({ ingress, rule })));
  const grouped = Map.groupBy(rules, ({ rule }) => rule.host?.toLowerCase() ?? '');
  const named = [...grouped.keys()].filter((host) => host !== '');
  const order = (host: string): number => (host === '' ? 2 : host.startsWith('*.') ? 1 : 0);
  return [...grouped].toSorted(([a], [b]) => order(a) - order(b) || b.length - a.length).map(([host, own]) => ({ host: hostOf(host, named), rules: own }));
}

function hostOf(host: string, named: readonly string[]): HostMatch {
  if (host === '') return { kind: 'any', but: named };
  return host.startsWith('*.') ? { kind: 'wildcard', pattern: host, labels: 'one', but: named } : { kind: 'exact', host };
}

function pathOf({ path, pathType }: IngressPath): PathMatch {
  switch (pathType) {
    case 'Exact': return { kind: 'exact', path };
    case 'Prefix': return { kind: 'elements', path };
    case 'ImplementationSpecific': return path.endsWith('/*') ? { kind: 'elements', path: path.slice(0, -2) } : { kind: 'text-prefix', path };
    default: return pathType satisfies never;
  }
}

function rank({ path, pathType }: IngressPath): number {
  return (pathType === 'Exact' ? 1_000_000 : 0) + path.length;
}

/** What no rule takes: the default backend of an Ingress without rules before that of others. */
export function defaultRoutes(ingresses: readonly Ingress[]): IngressRoute[] {
  const own = ingresses.filter(({ defaultBackend }) => defaultBackend !== null);
  return [...own.filter(({ rules }) => rules.length === 0), ...own.filter(({ rules }) => rules.length > 0)].map((ingress) => ({ ingress, rule: null, rewrite: null, match: { ...anyRequest, host: { kind: 'any', but: [] }, path: { kind: 'text-prefix', path: '' } } }));
}
