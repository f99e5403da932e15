import type { IngressPath } from '../../cluster/ingress.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import type { IngressDialect } from '../../network/ingress/ingressDialect.ts';
import type { PathMatch } from '../../network/match.ts';
import { surpriseOf } from '../../network/witness.ts';
import { dialectFor, pathsOf, ruledTable } from '../ruledTable.ts';
import { type Yielded, rule } from '../rule.ts';

/** A path that its controller reads otherwise than it is written; ingress-nginx has a rule of its own. */
export const pathReadsOtherwise = rule({
  id: 'path-reads-otherwise',
  topic: 'ingresses',
  severity: 'hint',
  meaning: 'The controller takes more requests than the path says, or fewer; another controller will not.',
  remedy: 'Write the path so that it means the same to every controller.',
  details:
    'Each finding names a request that shows the difference. What ingress-nginx reads otherwise is ' +
    '`ingress-nginx-surprise`.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types',
  about: 'Ingress',
  *check(ingress, { model }): Generator<Yielded> {
    const dialect = dialectFor(model, ingress);
    if (dialect === null || dialect.id === 'standard' || dialect.id === 'ingress-nginx') return;
    for (const { rule: own, path } of pathsOf(ruledTable(model, dialect, ingress), ingress)) {
      const message = messageOf(dialect, own, path);
      if (message === null) continue;
      yield {
        message,
        at: fieldOf(ingress.manifest, ...own.at, 'path'),
        cause: `${own.pathType} of ${ingress.manifest.key}`,
      };
    }
  },
  bad: {
    says: '/foo also takes /foox: Traefik',
    yaml: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: one }
spec:
  ingressClassName: traefik
  rules:
    - host: a.example
      http:
        paths:
          - { path: /foo, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
                    ~~~~
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: two }
spec:
  ingressClassName: istio
  rules:
    - host: b.example
      http:
        paths:
          - { path: /, pathType: ImplementationSpecific, backend: { service: { name: web, port: { number: 80 } } } }
                    ~
`,
  },
  good: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: one }
spec:
  ingressClassName: traefik
  rules:
    - host: a.example
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: two }
spec:
  ingressClassName: istio
  rules:
    - host: b.example
      http: { paths: [{ path: /foo, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }
`,
});

/** What is written means something only for `Exact` and `Prefix`; the bare slash is taken by everybody to mean all. */
function messageOf({ product }: IngressDialect, { path, pathType }: IngressPath, read: PathMatch): string | null {
  if (pathType === 'ImplementationSpecific') {
    const missed = path === '/' ? surpriseOf({ kind: 'text-prefix', path: '/' }, read) : null;
    return missed === null
      ? null
      : `/ does not take ${missed}: ${product} reads an ImplementationSpecific path as a whole. With pathType: ` +
          'Prefix it takes everything.';
  }
  const more = surpriseOf(read, pathType === 'Exact' ? { kind: 'exact', path } : { kind: 'elements', path });
  return more === null
    ? null
    : `${path} also takes ${more}: ${product} reads ${pathType === 'Exact' ? 'it' : 'a Prefix'} letter by letter, ` +
        'not element by element.';
}
