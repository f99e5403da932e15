import type { Ingress, IngressPath } from '../../cluster/ingress.ts';
import { once } from '../../cluster/once.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import type { RuleOfIngress } from '../../network/ingress/compiled.ts';
import type { Expression, PathMatch } from '../../network/match.ts';
import type { OfIngress, RouteTable, TableRoute } from '../../network/routing/routeTable.ts';
import { dialectFor, ruledTable } from '../ruledTable.ts';
import { rule } from '../rule.ts';

/**
 * A path of an Ingress that no request comes to, since the controller tries another one first that takes all of its
 * requests. ingress-nginx tries its regular expressions the longest text first, so that `/app(/|$)(.*)` comes before
 * `/app/api`. Two that are alike are `samePathTwice`'s.
 */
export const routeShadowed = rule({
  id: 'route-shadowed',
  topic: 'ingresses',
  severity: 'warning',
  meaning: 'The controller tries another path first, which takes every request that was meant for this one.',
  remedy: 'Write the path so that it is tried first: longer than the other, or as no expression, on a host of its own.',
  details:
    'Read off the table that the controller makes of all Ingresses of the host. Said only where the earlier path ' +
    'takes whatever begins with its plain letters, and this one asks for nothing but what begins so too; not where ' +
    'both lead to the same backend.',
  link: 'https://kubernetes.github.io/ingress-nginx/user-guide/ingress-path-matching/',
  about: 'Ingress',
  *check(ingress, { model }) {
    const dialect = dialectFor(model, ingress);
    if (dialect === null) return;
    for (const { shadowed, by } of shadowedIn(ruledTable(model, dialect, ingress)).get(ingress.manifest.key) ?? [])
      yield {
        message:
          `No request comes to ${shadowed.path}: ${dialect.product} tries ${by.rule.path}` +
          `${by.ingress === ingress ? '' : ` of Ingress ${by.ingress.name}`} first, which takes them all.`,
        at: fieldOf(ingress.manifest, ...shadowed.at, 'path'),
        related: [{ message: `${by.rule.path} takes them`, at: fieldOf(by.ingress.manifest, ...by.rule.at, 'path') }],
      };
  },
  bad: {
    says: 'ingress-nginx tries /app(/|$)(.*) of Ingress web first, which takes them all.',
    yaml: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, annotations: { nginx.ingress.kubernetes.io/rewrite-target: /$2 } }
spec:
  ingressClassName: nginx
  rules:
    - host: web.example.com
      http:
        paths:
          - path: /app(/|$)(.*)
            pathType: ImplementationSpecific
            backend: { service: { name: web, port: { number: 80 } } }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: api }
spec:
  ingressClassName: nginx
  rules:
    - host: web.example.com
      http:
        paths:
          - { path: /app/api, pathType: Prefix, backend: { service: { name: api, port: { number: 80 } } } }
                    ~~~~~~~~
`,
  },
  good: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, annotations: { nginx.ingress.kubernetes.io/rewrite-target: /$2 } }
spec:
  ingressClassName: nginx
  rules:
    - host: web.example.com
      http:
        paths:
          - path: /app(/|$)(.*)
            pathType: ImplementationSpecific
            backend: { service: { name: web, port: { number: 80 } } }
          - path: /app/api(/|$)(.*)
            pathType: ImplementationSpecific
            backend: { service: { name: api, port: { number: 80 } } }
`,
});

interface Shadow {
  readonly ingress: Ingress;
  readonly shadowed: IngressPath;
  readonly by: RuleOfIngress;
}

/** So many routes that nobody wrote them by hand: they aren't compared with each other. */
const mostCompared = 2000;

/** The rules of which every route is behind one that takes all that it takes; by their Ingress. */
const shadowedIn = once((table: RouteTable): ReadonlyMap<string, readonly Shadow[]> => {
  if (table.routes.length > mostCompared) return new Map();
  const forwards = table.routes.filter(({ action }) => action.kind === 'forward');
  const covers = new Map<IngressPath, { readonly ingress: Ingress; readonly by: RuleOfIngress | null }>();
  for (const [index, route] of forwards.entries()) {
    const own = ruleOf(route.of);
    if (own === null || covers.get(own.rule)?.by === null) continue;
    const by = coveringRule(forwards.slice(0, index), route);
    covers.set(own.rule, { ingress: own.ingress, by });
  }
  const found = [...covers].flatMap(([shadowed, { ingress, by }]) => (by === null ? [] : [{ ingress, shadowed, by }]));
  return Map.groupBy(found, ({ ingress }) => ingress.manifest.key);
});

function ruleOf(of: OfIngress | null): RuleOfIngress | null {
  return of?.rule == null ? null : { ingress: of.ingress, rule: of.rule };
}

/** The rule of an earlier route that takes all that this one takes, and does something else with it. */
function coveringRule(earlier: readonly TableRoute[], route: TableRoute): RuleOfIngress | null {
  const own = ruleOf(route.of);
  for (const each of earlier) {
    const other = ruleOf(each.of);
    if (other === null || other.rule === own?.rule || (each.tie !== null && each.tie === route.tie)) continue;
    if (!asksNoMore(each, route) || !coversPath(each.match.path, route.match.path)) continue;
    return backendsOf(each) === backendsOf(route) ? null : other;
  }
  return null;
}

/** Whether a route asks for nothing beside the path that the other doesn't ask for as well. */
function asksNoMore({ match }: TableRoute, { match: other }: TableRoute): boolean {
  const isFree =
    !match.isMisdirected &&
    match.method === null &&
    match.clients === null &&
    [match.headers, match.query, match.anyQuery, match.cookies].every((each) => each.length === 0);
  const isSame = (['host', 'serverName', 'port'] as const).every(
    (field) => JSON.stringify(match[field]) === JSON.stringify(other[field]),
  );
  return isFree && isSame && (match.scheme === null || match.scheme === other.scheme);
}

function backendsOf({ action }: TableRoute): string {
  return action.kind === 'forward'
    ? JSON.stringify(action.to.map(({ namespace, service, port }) => [namespace, service, port]))
    : '';
}

/** Whether one path takes all that another takes; false where that isn't plain, and for two that are alike. */
function coversPath(path: PathMatch, other: PathMatch): boolean {
  if (path.kind !== 'expression' || JSON.stringify(path) === JSON.stringify(other)) return false;
  const open = /^\^?([\w/~-]+)(?:(\(\/\|\$\))?(?:\.\*|\(\.\*\))\$?)?$/.exec(path.expression);
  const begins = plainStartOf(other);
  if (open?.[1] === undefined || begins === null || path.anchors === 'both' || !isBound(path)) return false;
  const wanted = open[2] === undefined ? open[1] : `${open[1]}/`;
  return path.ignoresCase ? begins.toLowerCase().startsWith(wanted.toLowerCase()) : begins.startsWith(wanted);
}

/** The plain letters that every path which a match takes begins with; null where that isn't plain. */
function plainStartOf(match: PathMatch): string | null {
  switch (match.kind) {
    case 'exact':
    case 'text-prefix':
      return match.path;
    case 'expression':
      return !isBound(match) || hasBareAlternative(match.expression) ? null : lettersOf(match.expression);
    default:
      return null;
  }
}

/** Whether it is bound to the path's first letter. */
function isBound({ anchors, expression }: Expression): boolean {
  return anchors !== 'none' || expression.startsWith('^');
}

/** Whether an alternative stands outside of brackets, so that not every path begins alike. */
function hasBareAlternative(expression: string): boolean {
  return expression.replaceAll(/\([^()]*\)/g, '').includes('|');
}

function lettersOf(expression: string): string {
  const letters = /^\^?([\w/~-]*)/.exec(expression)?.[1] ?? '';
  return /^\^?[\w/~-]*[?*+{]/.test(expression) ? letters.slice(0, -1) : letters;
}
