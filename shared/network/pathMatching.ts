import { RE2JS } from 're2js';
import type { Ingress, IngressPath } from '../cluster/ingress.ts';

/**
 * Which rule of a controller's Ingresses takes a request.
 * Source: kubernetes.io/docs/concepts/services-networking/ingress (path types, multiple matches, hostname wildcards).
 * `ImplementationSpecific` is read as a string prefix, with the gce class's trailing `/*` for any rest.
 * ingress-nginx turns every path of a host into a regular expression, without regard to case and anchored at the start
 * alone, as soon as one Ingress of that host asks for it, tried from the longest path on.
 * Source: kubernetes/ingress-nginx internal/ingress/controller/template/template.go `buildLocation`, `enforceRegexModifier`
 * (1.13). nginx's dialect is PCRE, ours RE2: what RE2 can't read (look-around) is `unreadable`. Rewrites are left out.
 */
export type PathDialect = 'standard' | 'ingress-nginx';

export interface RouteMatch {
  readonly ingress: Ingress;
  /** Null where the default backend takes what no rule matches. */
  readonly path: IngressPath | null;
  /** Whether the rule that decides couldn't be read, so that the match is not known. */
  readonly isUnreadable: boolean;
}

/** The winning rule: exact host before wildcard before none; then Exact before the longest prefix; then the first. */
export function matchIngress(ingresses: readonly Ingress[], host: string, path: string, dialect: PathDialect = 'standard'): RouteMatch | null {
  const candidates = ingresses.flatMap((ingress) => ingress.rules.map((rule) => ({ ingress, rule })));
  const asked = host.toLowerCase().replace(/:\d+$/, '');
  const hosts = [
    candidates.filter(({ rule }) => rule.host !== null && rule.host.toLowerCase() === asked),
    candidates.filter(({ rule }) => rule.host !== null && isWildcardFor(rule.host.toLowerCase(), asked)),
    candidates.filter(({ rule }) => rule.host === null),
  ];
  for (const group of hosts) {
    const best = dialect === 'ingress-nginx' && group.some(({ ingress }) => usesRegularExpressions(ingress))
      ? firstByExpression(group, path)
      : group.filter(({ rule }) => matchesPath(rule, path)).map((each) => ({ ...each, isUnreadable: false })).toSorted((a, b) => rank(b.rule) - rank(a.rule))[0];
    if (best !== undefined) return { ingress: best.ingress, path: best.rule, isUnreadable: best.isUnreadable };
    // A host that is named at all is that host's own server: only a default backend is left.
    if (group.length > 0 && group !== hosts[2]) break;
  }
  const fallback = ingresses.find(({ defaultBackend, rules }) => defaultBackend !== null && rules.length === 0) ?? ingresses.find(({ defaultBackend }) => defaultBackend !== null);
  return fallback === undefined ? null : { ingress: fallback, path: null, isUnreadable: false };
}

/** Annotations by which one Ingress turns all paths of its hosts into regular expressions. */
export function usesRegularExpressions({ manifest: { annotations } }: Ingress): boolean {
  return annotations.get('nginx.ingress.kubernetes.io/use-regex') === 'true' || annotations.has('nginx.ingress.kubernetes.io/rewrite-target');
}

interface Candidate {
  readonly ingress: Ingress;
  readonly rule: IngressPath;
}

function firstByExpression(group: readonly Candidate[], path: string): (Candidate & { isUnreadable: boolean }) | undefined {
  for (const candidate of group.toSorted((a, b) => b.rule.path.length - a.rule.path.length)) {
    const matches = matchesExpression(candidate.rule.path, path);
    if (matches !== false) return { ...candidate, isUnreadable: matches === null };
  }
  return undefined;
}

/** Null for an expression that RE2 can't read. RE2 takes linear time, whatever a manifest holds. */
function matchesExpression(expression: string, path: string): boolean | null {
  try {
    return RE2JS.compile(expression, RE2JS.CASE_INSENSITIVE).matcher(path).lookingAt();
  } catch {
    return null;
  }
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
