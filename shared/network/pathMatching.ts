import type { Ingress, IngressPath } from '../cluster/ingress.ts';

/**
 * Which rule of a controller's Ingresses takes a request.
 * Source: kubernetes.io/docs/concepts/services-networking/ingress (path types, multiple matches, hostname wildcards).
 * `ImplementationSpecific` is read as a string prefix, with the gce class's trailing `/*` for any rest; what a controller
 * does beyond that (regular expressions, rewrites) is left out.
 */
export interface RouteMatch {
  readonly ingress: Ingress;
  /** Null where the default backend takes what no rule matches. */
  readonly path: IngressPath | null;
}

/** The winning rule: exact host before wildcard before none; then Exact before the longest prefix; then the first. */
export function matchIngress(ingresses: readonly Ingress[], host: string, path: string): RouteMatch | null {
  const candidates = ingresses.flatMap((ingress) => ingress.rules.map((rule) => ({ ingress, rule })));
  const asked = host.toLowerCase().replace(/:\d+$/, '');
  const hosts = [
    candidates.filter(({ rule }) => rule.host !== null && rule.host.toLowerCase() === asked),
    candidates.filter(({ rule }) => rule.host !== null && isWildcardFor(rule.host.toLowerCase(), asked)),
    candidates.filter(({ rule }) => rule.host === null),
  ];
  for (const group of hosts) {
    const matching = group.filter(({ rule }) => matchesPath(rule, path)).sort((a, b) => rank(b.rule) - rank(a.rule));
    const [best] = matching;
    if (best !== undefined) return { ingress: best.ingress, path: best.rule };
    // A host that is named at all is that host's own server: only a default backend is left.
    if (group.length > 0 && group !== hosts[2]) break;
  }
  const fallback = ingresses.find(({ defaultBackend, rules }) => defaultBackend !== null && rules.length === 0) ?? ingresses.find(({ defaultBackend }) => defaultBackend !== null);
  return fallback === undefined ? null : { ingress: fallback, path: null };
}

export function isWildcardFor(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return false;
  const dot = host.indexOf('.');
  return dot > 0 && host.slice(dot) === pattern.slice(1);
}

export function matchesPath({ path, pathType }: Pick<IngressPath, 'path' | 'pathType'>, asked: string): boolean {
  switch (pathType) {
    case 'Exact': return asked === path;
    case 'Prefix': {
      const elements = (text: string): string[] => text.split('/').filter((each) => each !== '');
      const wanted = elements(path);
      const given = elements(asked);
      return wanted.every((element, index) => given[index] === element);
    }
    case 'ImplementationSpecific': return asked.startsWith(path.endsWith('/*') ? path.slice(0, -1) : path) || path.endsWith('/*') && asked === path.slice(0, -2);
    default: return pathType satisfies never;
  }
}

function rank({ path, pathType }: IngressPath): number {
  return (pathType === 'Exact' ? 1_000_000 : 0) + path.length;
}
