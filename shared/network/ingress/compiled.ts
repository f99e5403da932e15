import Fraction from 'fraction.js';
import { type Because, written } from '../../cluster/because.ts';
import type { Backend, Ingress, IngressPath } from '../../cluster/ingress.ts';
import { once } from '../../cluster/once.ts';
import { type FieldPath, itemsAt, textAt } from '../../manifest/value.ts';
import type { HostMatch, Labels, PathMatch } from '../match.ts';
import { type LocationTemplate, sameUnderHttps } from '../routing/location.ts';
import {
  type Answer,
  anything,
  type Forward,
  type RouteMatch,
  type RouteTable,
  type TableRoute,
  type WeightedBackend,
} from '../routing/routeTable.ts';

/** What every controller's table is made of. */

export interface RuleOfIngress {
  readonly ingress: Ingress;
  readonly rule: IngressPath;
}

/** One host's rules, in the order of the Ingresses. */
export interface HostRules {
  readonly host: HostMatch;
  readonly rules: readonly RuleOfIngress[];
}

/** The rules of each host together: exact hosts, then wildcards, then those for any host. */
export function byHost(ingresses: readonly Ingress[]): HostRules[] {
  const rules = ingresses.flatMap((ingress) => ingress.rules.map((rule) => ({ ingress, rule })));
  const grouped = Map.groupBy(rules, ({ rule }) => rule.host?.toLowerCase() ?? '');
  const named = [...grouped.keys()].filter((host) => host !== '');
  return [...grouped]
    .toSorted(([a], [b]) => hostOrder(a, b))
    .map(([host, own]) => ({ host: hostMatchOf(host, named), rules: own }));
}

/** Exact hosts, then wildcards, the longest first, then `''` for any: which of two is tried first. */
export function hostOrder(a: string, b: string): number {
  const rank = (host: string): number => (host === '' ? 2 : host.startsWith('*.') ? 1 : 0);
  return rank(a) - rank(b) || b.length - a.length;
}

/** The hosts of its rules, `''` for any, those without paths among them. */
export function ruledHosts({ manifest }: Ingress): string[] {
  return itemsAt(manifest.value, 'spec', 'rules').map((rule) => (textAt(rule, 'host') ?? '').toLowerCase());
}

/** A host as it is written, `''` for any; `named` are those that have rules of their own. */
export function hostMatchOf(host: string, named: readonly string[], labels: Labels = 'one'): HostMatch {
  if (host === '') return { kind: 'any', labels, but: named };
  return host.startsWith('*.') ? { kind: 'wildcard', pattern: host, labels, but: named } : { kind: 'exact', host };
}

/** What a rule rests on, or a default backend. */
export function becauseOf(ingress: Ingress, rule: IngressPath | null): Because {
  return rule === null
    ? written(ingress.manifest, 'defaultBackend', 'spec', ingress.version === 'v1' ? 'defaultBackend' : 'backend')
    : written(ingress.manifest, `${rule.host ?? '*'} ${rule.pathType} ${rule.path}`, ...rule.at);
}

/** What a table makes of each rule's path: once for each rule and reading. */
export function ruledPaths(table: RouteTable | undefined): readonly (RuleOfIngress & { readonly path: PathMatch })[] {
  const found = new Map<string, RuleOfIngress & { readonly path: PathMatch }>();
  for (const { of, action, match } of table?.routes ?? []) {
    if (of?.rule == null || action.kind !== 'forward' || action.passesTls) continue;
    const { ingress, rule } = of;
    const key = JSON.stringify([ingress.manifest.key, rule.at, match.path]);
    if (!found.has(key)) found.set(key, { ingress, rule, path: match.path });
  }
  return [...found.values()];
}

export function annotated(ingress: Ingress, name: string, text: string): Because {
  return written(ingress.manifest, text, 'metadata', 'annotations', name);
}

export const all = new Fraction(1);

/** A backend as an Ingress writes it. */
export function backendOf(
  ingress: Ingress,
  backend: Backend | null,
  share: Fraction = all,
  because: readonly Because[] = [],
): WeightedBackend {
  return {
    namespace: ingress.namespace,
    service: backend?.service ?? null,
    port: backend?.port ?? null,
    share,
    ingress,
    because,
    viaClusterAddress: null,
    at: backend === null ? null : written(ingress.manifest, `backend ${backend.service}`, ...backend.at),
  };
}

/** To the backend of a rule, or to a default backend. */
export function forwardTo(ingress: Ingress, rule: IngressPath | null): Forward {
  const backend = rule === null ? ingress.defaultBackend : rule.backend;
  return { kind: 'forward', to: [backendOf(ingress, backend)], edits: [], passesTls: false };
}

export function answer(
  status: number,
  reason: Answer['reason'],
  text: string,
  location: LocationTemplate | null = null,
): Answer {
  return { kind: 'answer', status, reason, location, text };
}

export function routeOf(
  match: RouteMatch,
  action: TableRoute['action'],
  of: TableRoute['of'],
  because: readonly Because[],
): TableRoute {
  return { match, action, of, because, assumed: [], tie: null, statusWithoutBackend: 503 };
}

/** What no rule takes: the default backend of an Ingress without rules before that of others. */
export function defaultRoutes(ingresses: readonly Ingress[]): TableRoute[] {
  const own = ingresses.filter(({ defaultBackend }) => defaultBackend !== null);
  const ordered = [...own.filter(({ rules }) => rules.length === 0), ...own.filter(({ rules }) => rules.length > 0)];
  return ordered.map((ingress) =>
    routeOf(anything, forwardTo(ingress, null), { ingress, rule: null }, [becauseOf(ingress, null)]),
  );
}

/** The Service (`namespace/name`) that gets what no rule takes, where an argument of the controller names one. */
export function defaultServiceRoutes(name: string | null): TableRoute[] {
  const [namespace, service] = name?.split('/') ?? [];
  if (namespace === undefined || service === undefined) return [];
  const backend = {
    namespace,
    service,
    port: null,
    share: all,
    ingress: null,
    because: [],
    viaClusterAddress: null,
    at: null,
  } as const;
  return [routeOf(anything, { kind: 'forward', to: [backend], edits: [], passesTls: false }, null, [])];
}

/** TLS that goes on as it is, by the name in its handshake, to the backend of the host's root. */
export function passThroughRoutes(ingress: Ingress): TableRoute[] {
  const hosts = Map.groupBy(ingress.rules, ({ host }) => host?.toLowerCase() ?? '');
  return [...hosts].flatMap(([host, own]): TableRoute[] => {
    const rule = own.find(({ path }) => path === '/') ?? own[0];
    if (host === '' || rule === undefined) return [];
    const text = `ssl-passthrough: TLS for ${host} is not ended here, so no path is looked at`;
    return [
      {
        match: { ...anything, scheme: 'https', serverName: { kind: 'exact', host } },
        action: { ...forwardTo(ingress, rule), passesTls: true },
        of: { ingress, rule },
        because: [written(ingress.manifest, text, ...rule.at)],
        assumed: [],
        tie: null,
        statusWithoutBackend: 503,
      },
    ];
  });
}

/** A controller's own answer to plain HTTP: for which requests, and where the Ingress asks for it. */
export interface AnswerToPlainHttp {
  /** The host that it is for; null for every host of the route. */
  readonly host: HostMatch | null;
  readonly status: number;
  readonly location: LocationTemplate | null;
  readonly text: string;
  readonly at: FieldPath;
}

export function plainHttpAnswered(
  { match, of }: TableRoute,
  { host, status, location, text, at }: AnswerToPlainHttp,
): TableRoute {
  const answer: Answer = { kind: 'answer', status, reason: 'tls-redirect', location, text };
  const because = of === null ? [] : [written(of.ingress.manifest, text, ...at)];
  return routeOf({ ...match, scheme: 'http', host: host ?? match.host }, answer, of, because);
}

/** A redirect of plain HTTP where the `tls` of some Ingress covers the host. */
export function redirectsOfTlsHosts(
  ingresses: readonly Ingress[],
  host: HostMatch,
  { status, text }: { readonly status: number; readonly text: string },
): AnswerToPlainHttp[] {
  return tlsHostsWithin(ingresses, host).map((each) => ({
    host: each,
    status,
    location: sameUnderHttps,
    text,
    at: ['spec', 'tls'],
  }));
}

/** The hosts under which a route is asked and that the `tls` of some Ingress names, itself or by a wildcard. */
function tlsHostsWithin(ingresses: readonly Ingress[], host: HostMatch): HostMatch[] {
  const { names, byWildcard } = tlsNames(ingresses);
  if (host.kind === 'exact' || host.kind === 'exact-or-dotted')
    return names.has(host.host) || names.has(wildcardOf(host.host)) ? [host] : [];
  if (host.kind === 'starts' || host.kind === 'expression') return [];
  if (host.kind === 'any')
    return [...names].filter((each) => !host.but.includes(each)).map((each) => hostMatchOf(each, host.but));
  const { pattern, but } = host;
  return (byWildcard.get(pattern) ?? [])
    .filter((each) => each === pattern || !but.includes(each))
    .map((each) => (each === pattern ? host : hostMatchOf(each, but)));
}

/** The hosts that the `tls` of some Ingress names, and the same by the wildcard that takes each. */
const tlsNames = once((ingresses: readonly Ingress[]) => {
  const names = new Set(ingresses.flatMap(({ tlsHosts }) => tlsHosts.map((each) => each.toLowerCase())));
  return { names, byWildcard: Map.groupBy(names, wildcardOf) };
});

/** The wildcard that takes a host; of a wildcard, itself. */
function wildcardOf(host: string): string {
  return host.replace(/^[^.]+\./, '*.');
}
