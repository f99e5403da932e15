import type { NginxLocation, NginxServers } from './servers.ts';
import { anyHost, type TakenIngress } from './takenIngress.ts';
import { ownDefault, upstreamOf, type Upstreams } from './upstreams.ts';

/**
 * A canary's upstream joins that of a primary's location of the same host, path and type; wherever the primary's
 * Service is used, the canary takes its share. One that joins nothing is taken away, from whoever else uses the
 * Service too. Returns the canaries at which the controller panics.
 * Source: kubernetes/ingress-nginx internal/ingress/controller/controller.go `mergeAlternativeBackends` (v1.14.5).
 */
export function mergeCanaries(
  ingresses: readonly TakenIngress[],
  upstreams: Upstreams,
  servers: NginxServers,
): TakenIngress[] {
  const canaries = ingresses.filter(({ asked }) => asked.isCanary);
  if (canaries.length === ingresses.length) return [];
  for (const canary of canaries) mergeCanary(canary, upstreams, servers);
  return canaries.filter(({ rules }) => rules.some(({ paths }) => paths === null));
}

function mergeCanary({ ingress, rules }: TakenIngress, upstreams: Upstreams, servers: NginxServers): void {
  if (ingress.defaultBackend !== null) {
    const own = upstreamOf(ingress, ingress.defaultBackend);
    join(own, upstreams, { locations: servers.get(anyHost)?.locations ?? [], fits: () => true });
  }
  for (const { host, paths } of rules) {
    const server = servers.get(host);
    for (const { path, pathType, rule } of paths ?? []) {
      if (rule.backend === null || server === undefined) continue;
      join(upstreamOf(ingress, rule.backend), upstreams, {
        locations: server.locations,
        fits: (location) => location.path === path && location.pathType === pathType,
      });
    }
  }
}

/** Of a server's locations, those that fit. A location of the canary's own upstream ends it. */
function join(
  own: string,
  upstreams: Upstreams,
  {
    locations,
    fits,
  }: { readonly locations: readonly NginxLocation[]; readonly fits: (location: NginxLocation) => boolean },
): void {
  if (!upstreams.has(own)) return;
  let hasJoined = false;
  for (const location of locations) {
    const { upstream } = location;
    const primary = upstreams.get(upstream);
    if (primary === undefined) continue;
    if (upstream === own) return;
    if (upstream === ownDefault || primary.isCanary || !fits(location)) continue;
    if (!primary.canaries.includes(own)) primary.canaries.push(own);
    hasJoined = true;
  }
  if (!hasJoined) upstreams.delete(own);
}
