import type { HostMatch } from '../match.ts';

/**
 * Hostnames of listeners and routes. A wildcard stands for one label and more, unlike an Ingress's.
 * Source: kubernetes-sigs/gateway-api apis/v1/gateway_types.go (`Listener.Hostname`), httproute_types.go (`Hostnames`;
 * v1.6.1).
 */
export function covers(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === host;
  const suffix = pattern.slice(1);
  return host.endsWith(suffix) && host.length > suffix.length;
}

/** Whether a hostname, a wildcard too, takes nothing but what another takes. */
export function isWithin(hostname: string, other: string): boolean {
  return hostname === other || covers(other, hostname);
}

/** What both a listener and a route take, the narrower of each pair; null for any host, empty where they share none. */
export function intersection(listener: string | null, route: readonly string[]): readonly string[] | null {
  if (listener === null) return route.length === 0 ? null : route;
  if (route.length === 0) return [listener];
  return route.flatMap((each) =>
    each === listener || covers(listener, each) ? [each] : covers(each, listener) ? [listener] : [],
  );
}

/** The more specific a hostname, the higher: an exact one before every wildcard, then the longer; null is any host. */
export function specificity(hostname: string | null): number {
  if (hostname === null) return 0;
  return hostname.startsWith('*.') ? hostname.length : 1000 + hostname.length;
}

export function hostMatchOf(hostname: string | null): HostMatch {
  if (hostname === null) return { kind: 'any', labels: 'one', but: [] };
  return hostname.startsWith('*.')
    ? { kind: 'wildcard', pattern: hostname, labels: 'many', but: [] }
    : { kind: 'exact', host: hostname };
}

/** Of what takes a host, the most specific; undefined where nothing does. */
export function mostSpecific<T extends { readonly hostname: string | null }>(
  candidates: readonly T[],
  host: string,
): T | undefined {
  return candidates
    .filter(({ hostname }) => hostname === null || covers(hostname, host))
    .toSorted((a, b) => specificity(b.hostname) - specificity(a.hostname))[0];
}
