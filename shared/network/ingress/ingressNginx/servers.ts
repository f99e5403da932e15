import type { Ingress, IngressPath } from '../../../cluster/ingress.ts';
import { isWildcardFor } from '../../match.ts';
import type { Surroundings } from '../surroundings.ts';
import { type Asked, noRedirect } from './annotations.ts';
import { byBytes, bytesIn } from '../../goText.ts';
import { anyHost, type NginxPathType, type TakenIngress, type TakenPath } from './takenIngress.ts';
import { customDefault, hasDefaultEndpoints, ownDefault, upstreamOf, type Upstreams } from './upstreams.ts';

/**
 * A server for each host that a rule of a non-canary names, and its locations.
 * Source: kubernetes/ingress-nginx internal/ingress/controller/controller.go `createServers`, `getBackendServers`,
 * `extractTLSSecretName`, location.go `updateServerLocations`, pkg/util/ingress `BuildRedirects` (v1.14.5).
 */
export interface NginxServer {
  /** As a rule names it; `_` for the one that takes what no name takes. */
  readonly hostname: string;
  aliases: { readonly of: Ingress; readonly names: readonly string[] } | null;
  locations: NginxLocation[];
  /** Null without TLS. */
  certificate: Certificate | null;
  /** The Ingress whose `from-to-www-redirect` counts. */
  fromToWww: Ingress | null;
  /** The Ingress whose `ssl-passthrough` counts. */
  passthrough: Ingress | null;
  /** The Ingress whose client certificates count. */
  clientCertificate: TakenIngress | null;
  clientCertificateFault: TakenIngress | null;
}

export interface Certificate {
  /** The Ingress by which the host has TLS; null for the controller's default server. */
  readonly of: Ingress | null;
  /** As far as it is known: the hosts that the `tls` with its Secret names. */
  readonly names: readonly string[];
}

export interface NginxLocation {
  readonly path: string;
  readonly pathType: NginxPathType;
  readonly upstream: string;
  /** A server's own root, which the first path of `/` takes the place of. */
  readonly isDefault: boolean;
  /** Whose annotations count; null for nginx's own. */
  readonly owner: Ingress | null;
  readonly asked: Asked | null;
  readonly rule: IngressPath | null;
  /** Where its error pages come from. */
  readonly errorUpstream: string;
}

export type NginxServers = Map<string, NginxServer>;

function serverOf(hostname: string, root: NginxLocation): NginxServer {
  return {
    hostname,
    aliases: null,
    locations: [root],
    certificate: hostname === anyHost ? { of: null, names: [] } : null,
    fromToWww: null,
    passthrough: null,
    clientCertificate: null,
    clientCertificateFault: null,
  };
}

function rootOf(owner: TakenIngress | null): NginxLocation {
  const backend = owner?.ingress.defaultBackend ?? null;
  return {
    path: '/',
    pathType: 'Prefix',
    upstream: owner === null || backend === null ? ownDefault : upstreamOf(owner.ingress, backend),
    isDefault: true,
    owner: owner?.ingress ?? null,
    asked: owner?.asked ?? null,
    rule: null,
    errorUpstream: ownDefault,
  };
}

/**
 * Each has a root of its own, from the oldest Ingress that names it, with that Ingress's annotations and default
 * backend. What no host takes is `_`'s; only an Ingress without rules gives it a root.
 */
export function createServers(primaries: readonly TakenIngress[], surroundings: Surroundings): NginxServers {
  const any = serverOf(anyHost, rootOf(null));
  const servers: NginxServers = new Map([[anyHost, any]]);
  for (const taken of primaries) {
    const isCatchAll = taken.ingress.defaultBackend !== null && taken.rules.length === 0;
    if (isCatchAll && any.locations[0]?.isDefault === true) {
      // Its redirects and rewrites, ssl-redirect among them, don't count.
      any.locations = [{ ...rootOf(taken), isDefault: false, asked: withoutRedirects(taken.asked) }];
    }
    for (const { host } of taken.rules) if (!servers.has(host)) servers.set(host, serverOf(host, rootOf(taken)));
  }
  for (const taken of primaries)
    for (const { host } of taken.rules) {
      const own = servers.get(host);
      if (own !== undefined) configure(own, taken, surroundings);
    }
  for (const own of servers.values()) {
    const names = own.aliases?.names.filter((alias) => alias !== own.hostname && !servers.has(alias));
    if (own.aliases !== null && names !== undefined) own.aliases = { ...own.aliases, names };
  }
  return servers;
}

/** What of a server the first Ingress with a rule for its host decides that says it. */
function configure(server: NginxServer, { ingress, asked }: TakenIngress, surroundings: Surroundings): void {
  if (asked.sslPassthrough) server.passthrough ??= ingress;
  if (asked.aliases.length > 0) server.aliases ??= { of: ingress, names: asked.aliases };
  if (ingress.hasTls) server.certificate ??= certificateOf(server.hostname, ingress, surroundings);
}

function withoutRedirects(asked: Asked): Asked {
  return {
    ...asked,
    redirect: noRedirect,
    rewrite: {
      target: '',
      sslRedirect: false,
      forceSslRedirect: false,
      preserveTrailingSlash: false,
      useRegex: false,
      appRoot: '',
    },
  };
}

/**
 * Any `tls` makes a certificate, if only the controller's default one; `hosts` picks the Secret. For which names a
 * Secret's certificate is made isn't read: it is taken to be for the hosts that stand beside it.
 */
function certificateOf(host: string, ingress: Ingress, surroundings: Surroundings): Certificate {
  const named = ingress.tls.find(({ hosts }) => hosts.some((each) => each.toLowerCase() === host));
  const fitting = named ?? ingress.tls.find(({ hosts }) => covers(hosts, host));
  const isThere =
    fitting !== undefined &&
    fitting.secret !== null &&
    surroundings.secret(ingress.namespace, fitting.secret)?.has('tls.crt') === true;
  return { of: ingress, names: isThere ? fitting.hosts.map((each) => each.toLowerCase()) : [] };
}

/** Source: internal/net/ssl/ssl.go `IsValidHostname`. */
export function covers(names: readonly string[], host: string): boolean {
  return names.some((name) => name.toLowerCase() === host || isWildcardFor(name.toLowerCase(), host));
}

/** The locations of the paths. Where path and type are there already, the first stays. */
export function addPaths(ingresses: readonly TakenIngress[], upstreams: Upstreams, servers: NginxServers): void {
  const firsts = new Map([...servers.values()].map((server) => [server, new Map([['/', 0]])]));
  for (const taken of ingresses) {
    for (const { host, paths } of taken.rules) {
      // Where only canaries name a host, this is the server of all other hosts.
      const server = servers.get(host) ?? servers.get(anyHost);
      const first = server === undefined ? undefined : firsts.get(server);
      if (server === undefined || first === undefined || (paths === null && host !== anyHost)) continue;
      if (taken.asked.clientCertificateFault !== null) server.clientCertificateFault ??= taken;
      if (taken.asked.clientCertificate !== null) server.clientCertificate ??= taken;
      for (const each of paths ?? []) {
        if (addPath(server, first, { taken, path: each, upstreams }) && taken.asked.redirect.fromToWww)
          server.fromToWww ??= taken.ingress;
      }
    }
  }
}

/** Only the first location of that path is looked at: past one of another type, a third makes a duplicate. */
function addPath(
  server: NginxServer,
  firsts: Map<string, number>,
  {
    taken: { ingress, asked },
    path: { path, pathType, rule },
    upstreams,
  }: { readonly taken: TakenIngress; readonly path: TakenPath; readonly upstreams: Upstreams },
): boolean {
  if (rule.backend === null) return false;
  const upstream = upstreamOf(ingress, rule.backend);
  if (upstreams.get(upstream)?.isCanary ?? true) return false;
  const at = firsts.get(path);
  const first = at === undefined ? undefined : server.locations[at];
  const made = { path, pathType, upstream, isDefault: false, owner: ingress, asked, rule, errorUpstream: ownDefault };
  if (first === undefined || first.pathType !== pathType) {
    if (at === undefined) firsts.set(path, server.locations.length);
    server.locations.push(made);
    return true;
  }
  if (!first.isDefault || at === undefined) return false;
  server.locations[at] = made;
  return true;
}

/** `default-backend`: where a location's upstream has no endpoints, that Service takes its place. */
export function useDefaultBackends(upstreams: Upstreams, servers: NginxServers, surroundings: Surroundings): void {
  for (const server of servers.values())
    server.locations = server.locations.map((location) => withDefaultBackend(location, upstreams, surroundings));
}

function withDefaultBackend(location: NginxLocation, upstreams: Upstreams, surroundings: Surroundings): NginxLocation {
  const { owner, asked } = location;
  const upstream = upstreams.get(location.upstream);
  if (upstream === undefined || location.upstream === ownDefault || owner === null) return location;
  const service = asked?.defaultBackend ?? null;
  if (service === null) return location;
  const isReachable = upstream.isReachable();
  const isWanted = !isReachable || (asked?.customHttpErrors.length ?? 0) > 0;
  if (!isWanted || !hasDefaultEndpoints(owner.namespace, service, surroundings)) return location;
  const own = customDefault(owner, service, surroundings);
  upstreams.set(own.name, { ...own.upstream, canaries: upstream.canaries });
  return { ...location, errorUpstream: own.name, upstream: isReachable ? location.upstream : own.name };
}

/** In the order of nginx.conf, each Prefix with an exact location beside it. */
export function arrange(servers: NginxServers): NginxServer[] {
  for (const server of servers.values()) server.locations = withExactTwins(sorted(server.locations));
  return [...servers.values()].toSorted((a, b) => byBytes(a.hostname, b.hostname));
}

/** The longest path first; of one length backwards by letter; else as they came, the root first. */
function sorted(locations: readonly NginxLocation[]): NginxLocation[] {
  return locations
    .map((location) => ({ location, length: bytesIn(location.path) }))
    .toSorted((a, b) => b.length - a.length || byBytes(b.location.path, a.location.path))
    .map(({ location }) => location);
}

/** A Prefix becomes one that ends in a slash, and an exact one for itself. */
function withExactTwins(locations: readonly NginxLocation[]): NginxLocation[] {
  const exact = new Set(locations.filter(({ pathType }) => pathType === 'Exact').map(({ path }) => path));
  return locations.flatMap((location): NginxLocation[] => {
    const { path } = location;
    if (path === '/' || location.pathType === 'Exact' || needsExpression(location)) return [location];
    const prefix: NginxLocation = { ...location, path: path.endsWith('/') ? path : `${path}/` };
    return exact.has(path) ? [prefix] : [prefix, { ...location, pathType: 'Exact' }];
  });
}

/** With `use-regex`, or a `rewrite-target` that isn't the path itself: then every path of the host is an expression. */
export function needsExpression({ path, asked }: NginxLocation): boolean {
  if (asked === null) return false;
  const { target, useRegex } = asked.rewrite;
  return useRegex || (target !== '' && target !== path);
}

/** The host with `www.` before it, or without. */
export function twinOf(host: string): string {
  return host.startsWith('www.') ? host.slice(4) : `www.${host}`;
}
