import { withItsHosts } from '../../network/ingress/ingressesByHost.ts';
import type { Ingress, IngressPath } from '../../cluster/ingress.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { ingressNginx, isWritten, usesRegularExpressions } from '../../network/ingress/ingressNginx.ts';
import type { IngressRoute } from '../../network/ingress/ingressDialect.ts';
import { controllerOf } from '../../network/ingressController.ts';
import type { PathMatch } from '../../network/match.ts';
import { surpriseOf } from '../../network/witness.ts';
import { rule } from '../rule.ts';

/**
 * Source: the Kubernetes blog of 27 February 2026 on ingress-nginx's surprises; see `network/ingress/ingressNginx.ts`.
 */
export const ingressNginxSurprise = rule({
  id: 'ingress-nginx-surprise',
  severity: 'info',
  meaning:
    'ingress-nginx, retired since March 2026, takes more requests than the path says; whatever replaces it will not.',
  link: 'https://kubernetes.io/blog/2026/02/27/ingress-nginx-before-you-migrate/',
  about: 'Ingress',
  *check(own, { model }) {
    if (controllerOf(model, own)?.implementation !== ingressNginx.id) return;
    const served = withItsHosts(model, own);
    const routes = ingressNginx.routesOf(served);
    for (const route of routes) {
      if (route.rule === null || route.ingress.manifest !== own.manifest) continue;
      const causes = causesOf(served, route);
      const message = messageOf(route, route.rule, causes, routes);
      if (message === null) continue;
      yield {
        message,
        at: fieldOf(own.manifest, ...route.rule.at, 'path'),
        related: causes
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

/** The Ingresses that turn the host's paths into regular expressions; empty where nothing does. */
function causesOf(ingresses: readonly Ingress[], { rule: own, match }: IngressRoute): Ingress[] {
  return match.path.kind !== 'expression'
    ? []
    : ingresses.filter(
        (ingress) => usesRegularExpressions(ingress) && ingress.rules.some((each) => isSameHost(each, own)),
      );
}

function isSameHost(one: IngressPath | null, other: IngressPath | null): boolean {
  return one?.host?.toLowerCase() === other?.host?.toLowerCase();
}

function messageOf(
  { match, ingress }: IngressRoute,
  path: IngressPath,
  causes: readonly Ingress[],
  all: readonly IngressRoute[],
): string | null {
  if (match.path.kind !== 'expression') {
    const bare = path.path.slice(0, -1);
    const isRedirected =
      path.path.length > 1 &&
      path.path.endsWith('/') &&
      !all.some((other) => isSameHost(other.rule, path) && isWritten(other, bare));
    return isRedirected
      ? `A request for ${bare} is redirected to ${path.path} (301) by ingress-nginx; nothing in the manifest says so.`
      : null;
  }
  const surprise = surpriseOf(match.path, plainReading(path, usesRegularExpressions(ingress)));
  if (surprise === null) return null;
  const why = causes.some(({ manifest }) => manifest === ingress.manifest)
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
