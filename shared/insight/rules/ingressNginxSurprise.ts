import { once } from '../../cluster/once.ts';
import type { Ingress, IngressPath } from '../../cluster/ingress.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { withItsHosts } from '../../network/ingress/ingressesByHost.ts';
import { configurationAlone, expressionCauses } from '../../network/ingress/ingressNginx/configuration.ts';
import { ingressNginx } from '../../network/ingress/ingressNginx/ingressNginx.ts';
import { controllerOf } from '../../network/ingressController.ts';
import type { PathMatch } from '../../network/match.ts';
import type { RouteTable } from '../../network/routing/routeTable.ts';
import { surpriseOf } from '../../network/witness.ts';
import { pathsOf, ruledTable, ruleSurroundings } from '../ruledTable.ts';
import { rule, type Yielded } from '../rule.ts';

/**
 * Source: the Kubernetes blog of 27 February 2026 on ingress-nginx's surprises; see `network/ingress/ingressNginx/`.
 */
export const ingressNginxSurprise = rule({
  id: 'ingress-nginx-surprise',
  topic: 'ingresses',
  severity: 'info',
  meaning:
    'ingress-nginx, retired since March 2026, takes more requests than the path says; whatever replaces it will not.',
  remedy: 'Write the path as it is meant, with `pathType: Exact` or without an expression.',
  details: "Each finding names a request that is taken and that the path doesn't say.",
  link: 'https://kubernetes.io/blog/2026/02/27/ingress-nginx-before-you-migrate/',
  about: 'Ingress',
  *check(own, { model }) {
    if (controllerOf(model, own)?.implementation !== ingressNginx.id) return;
    const served = withItsHosts(model, own);
    const surroundings = ruleSurroundings(model, own);
    const table = ruledTable(model, ingressNginx, own);
    yield* redirectedSlashes(table, own);
    const causes = expressionCauses(configurationAlone(served, surroundings));
    for (const { rule: path, path: read } of pathsOf(table, own)) {
      if (read.kind !== 'expression') continue;
      const of = causes.get(path.host?.toLowerCase() ?? '') ?? [];
      const message = messageOf(own, path, { read, causes: of });
      if (message === null) continue;
      yield {
        message,
        at: fieldOf(own.manifest, ...path.at, 'path'),
        cause: `${own.manifest.key} by ${of.map(({ name }) => name).join(' ')}`,
        related: of
          .filter((cause) => cause.manifest !== own.manifest)
          .map((cause) => ({
            message: `Ingress ${cause.name} makes it one`,
            at: fieldOf(cause.manifest, 'metadata', 'annotations'),
          })),
      };
    }
  },
  bad: {
    says: '/HEAD also takes /HEADx',
    yaml: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: one
  annotations: { nginx.ingress.kubernetes.io/rewrite-target: /uuid }
spec:
  ingressClassName: nginx
  rules:
    - host: a.example
      http:
        paths:
          - path: "/u[A-Z]"
                  ~~~~~~~~~
            pathType: ImplementationSpecific
            backend: { service: { name: web, port: { number: 80 } } }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: two }
spec:
  ingressClassName: nginx
  rules:
    - host: a.example
      http:
        paths:
          - { path: /HEAD, pathType: Exact, backend: { service: { name: web, port: { number: 80 } } } }
                    ~~~~~
    - host: b.example
      http:
        paths:
          - { path: /my-path/, pathType: Exact, backend: { service: { name: web, port: { number: 80 } } } }
                    ~~~~~~~~~
    - host: c.example
      http:
        paths:
          - path: /my-path/
                  ~~~~~~~~~
            pathType: ImplementationSpecific
            backend: { service: { name: web, port: { number: 80 } } }
`,
  },
  good: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: two, annotations: { nginx.ingress.kubernetes.io/proxy-body-size: 1m } }
spec:
  ingressClassName: nginx
  rules:
    - host: a.example
      http:
        paths:
          - { path: /HEAD, pathType: Exact, backend: { service: { name: web, port: { number: 80 } } } }
          - { path: /my-path, pathType: Exact, backend: { service: { name: web, port: { number: 80 } } } }
          - { path: /my-path/, pathType: Exact, backend: { service: { name: web, port: { number: 80 } } } }
`,
});

const answers = once(({ routes }: RouteTable) =>
  Map.groupBy(
    routes.filter(({ action }) => action.kind === 'answer'),
    ({ of }) => of?.ingress.manifest.key ?? null,
  ),
);

/** Paths that end in a slash and redirect the request that lacks it. */
function* redirectedSlashes(table: RouteTable, own: Ingress): Generator<Yielded> {
  const said = new Set<IngressPath>();
  for (const { of, action, match } of answers(table).get(own.manifest.key) ?? []) {
    if (of?.rule == null || said.has(of.rule)) continue;
    if (action.kind !== 'answer' || match.path.kind !== 'exact' || of.rule.path !== `${match.path.path}/`) continue;
    said.add(of.rule);
    yield {
      message:
        `A request for ${match.path.path} is redirected to ${of.rule.path} (${action.status}) by ingress-nginx; ` +
        'nothing in the manifest says so.',
      at: fieldOf(own.manifest, ...of.rule.at, 'path'),
    };
  }
}

function messageOf(
  ingress: Ingress,
  path: IngressPath,
  { read, causes }: { readonly read: PathMatch; readonly causes: readonly Ingress[] },
): string | null {
  const isOwn = causes.some(({ manifest }) => manifest === ingress.manifest);
  const surprise = surpriseOf(read, plainReading(path, isOwn));
  if (surprise === null) return null;
  const why = isOwn
    ? 'ingress-nginx reads its regular expressions without regard to case, and as prefixes'
    : `Ingress ${causes[0]?.name ?? ''} makes every path of the host a regular ` +
      'expression, read without regard to case, and as a prefix';
  return `${path.path} also takes ${surprise}: ${why}.`;
}

/** What the manifest seems to say: the path type, or a whole expression where the Ingress itself asks for them. */
function plainReading({ path, pathType }: IngressPath, isExpression: boolean): PathMatch {
  if (pathType === 'Exact') return { kind: 'exact', path };
  if (pathType === 'Prefix') return { kind: 'elements', path };
  return isExpression
    ? { kind: 'expression', expression: path, dialect: 'PCRE', ignoresCase: false, anchors: 'both' }
    : { kind: 'text-prefix', path };
}
