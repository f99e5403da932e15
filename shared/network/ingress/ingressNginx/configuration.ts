import { once } from '../../../cluster/once.ts';
import type { Ingress } from '../../../cluster/ingress.ts';
import type { Surroundings } from '../surroundings.ts';
import { mergeCanaries } from './canaries.ts';
import { type NginxSettings, nginxSettings } from './settings.ts';
import {
  addPaths,
  arrange,
  covers,
  createServers,
  needsExpression,
  type NginxServer,
  twinOf,
  useDefaultBackends,
} from './servers.ts';
import { anyHost, byAge, isRefused, type RefusedIngress, taken, type TakenIngress } from './takenIngress.ts';
import { createUpstreams, type Upstreams } from './upstreams.ts';

/**
 * What the controller makes of all Ingresses, before it writes nginx.conf.
 * Source: kubernetes/ingress-nginx internal/ingress/controller/controller.go `getConfiguration` (v1.14.5).
 */
export interface NginxConfiguration {
  readonly settings: NginxSettings;
  readonly surroundings: Surroundings;
  /** In the order of nginx.conf, after those of `redirects`. */
  readonly servers: readonly NginxServer[];
  /** The servers that `from-to-www-redirect` makes. */
  readonly redirects: readonly WwwRedirect[];
  readonly upstreams: Upstreams;
  /** Hosts for which a certificate is set, wildcards too: plain HTTP for these is redirected. */
  readonly secured: ReadonlySet<string>;
  readonly ingresses: readonly TakenIngress[];
  /** Ingresses that the controller passes over. */
  readonly refused: readonly RefusedIngress[];
  /** Canaries with a rule without `http`, at which the controller panics. */
  readonly panics: readonly TakenIngress[];
}

export interface WwwRedirect {
  readonly from: string;
  readonly to: NginxServer;
  readonly ingress: Ingress;
}

export function configurationOf(ingresses: readonly Ingress[], surroundings: Surroundings): NginxConfiguration {
  const settings = nginxSettings(surroundings.settings);
  const found = ingresses.map((ingress) => taken(ingress, settings, surroundings));
  const sorted = byAge(found.filter((each): each is TakenIngress => !isRefused(each)));
  const upstreams = createUpstreams(sorted, settings, surroundings);
  const servers = createServers(
    sorted.filter(({ asked }) => !asked.isCanary),
    surroundings,
  );
  addPaths(sorted, upstreams, servers);
  const panics = mergeCanaries(sorted, upstreams, servers);
  useDefaultBackends(upstreams, servers, surroundings);
  const ordered = arrange(servers);
  const redirects = wwwRedirects(ordered);
  return {
    settings,
    surroundings,
    servers: ordered,
    redirects,
    upstreams,
    secured: securedHosts(ordered, redirects),
    ingresses: sorted,
    refused: found.filter(isRefused),
    panics,
  };
}

function wwwRedirects(servers: readonly NginxServer[]): WwwRedirect[] {
  const hosts = new Set(servers.map(({ hostname }) => hostname));
  return servers.flatMap((to): WwwRedirect[] => {
    const from = twinOf(to.hostname);
    return to.fromToWww === null || hosts.has(from) ? [] : [{ from, to, ingress: to.fromToWww }];
  });
}

/**
 * An alias only where the certificate covers it.
 * Source: internal/ingress/controller/nginx.go `configureCertificates`.
 */
function securedHosts(servers: readonly NginxServer[], redirects: readonly WwwRedirect[]): Set<string> {
  const secured = new Map<string, boolean>();
  for (const { hostname, certificate, aliases } of servers) {
    secured.set(hostname, certificate !== null);
    for (const alias of aliases?.names ?? [])
      secured.set(alias, certificate !== null && covers(certificate.names, alias));
  }
  for (const { from, to } of redirects)
    secured.set(from, to.certificate !== null && covers(to.certificate.names, from));
  return new Set([...secured].flatMap(([name, is]) => (is ? [name] : [])));
}

/** Of the Ingresses alone, whatever they name: once for each list of them. */
export function configurationAlone(ingresses: readonly Ingress[], surroundings: Surroundings): NginxConfiguration {
  return configurations(surroundings)(ingresses);
}

const configurations = once((surroundings: Surroundings) =>
  once((ingresses: readonly Ingress[]) => configurationOf(ingresses, surroundings)),
);

/** By host (`''` for any), the Ingresses that make each of its paths an expression. */
export const expressionCauses = once(
  ({ servers }: NginxConfiguration): ReadonlyMap<string, readonly Ingress[]> =>
    new Map(
      servers.map(({ hostname, locations }) => [
        hostname === anyHost ? '' : hostname,
        [...new Set(locations.filter(needsExpression).flatMap(({ owner }) => owner ?? []))],
      ]),
    ),
);
