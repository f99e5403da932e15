import { siteOf } from '../../manifest/manifest.ts';
import { rule } from '../rule.ts';

/** The same host, path and type claimed twice in one class: only one backend can win, and which one the API leaves open. */
export const samePathTwice = rule({
  id: 'same-path-twice',
  severity: 'warning',
  meaning: 'Only one of the two backends gets the requests; which one depends on the controller.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#multiple-matches',
  *check({ model }) {
    const seen = new Map<string, { site: ReturnType<typeof siteOf>; text: string; backend: string }>();
    for (const ingress of model.ingresses) {
      if (ingress.manifest.annotations.get('nginx.ingress.kubernetes.io/canary') === 'true') continue;
      for (const path of ingress.rules) {
        const key = JSON.stringify([ingress.className, path.host?.toLowerCase() ?? null, path.path, path.pathType]);
        const site = siteOf(ingress.manifest, ...path.at, 'path');
        const backend = `${ingress.namespace}/${path.backend?.service ?? ''}:${path.backend?.port ?? ''}`;
        const first = seen.get(key);
        if (first === undefined) seen.set(key, { site, backend, text: `Ingress ${ingress.name}` });
        else if (first.backend !== backend) {
          yield {
            site,
            message: `${path.host ?? 'Any host'}${path.host === null ? ', path ' : ''}${path.path} is claimed twice: here for Service ${path.backend?.service ?? '(none)'}, and by ${first.text}. Only one of them gets the requests.`,
            related: [{ message: `first claimed by ${first.text}`, site: first.site }],
          };
        }
      }
    }
  },
  bad: {
    says: 'claimed twice',
    yaml: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  rules:
    - host: shop.example
      http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: one, port: { number: 80 } } } }
          - { path: /, pathType: Prefix, backend: { service: { name: two, port: { number: 80 } } } }
                    ~
`,
  },
  good: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  rules:
    - host: shop.example
      http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: one, port: { number: 80 } } } }
          - { path: /two, pathType: Prefix, backend: { service: { name: two, port: { number: 80 } } } }
`,
});
