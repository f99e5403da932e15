import { fieldOf } from '../../manifest/manifest.ts';
import { withItsHosts } from '../../network/ingress/ingressesByHost.ts';
import { admissionRefusals } from '../../network/ingress/ingressNginx/admission.ts';
import { configurationAlone } from '../../network/ingress/ingressNginx/configuration.ts';
import { reloadFaults } from '../../network/ingress/ingressNginx/reloadFaults.ts';
import { inIngress } from '../related.ts';
import { ruleSurroundings } from '../ruledTable.ts';
import { rule } from '../rule.ts';
import { isServedByNginx } from '../servedByNginx.ts';

/** What ingress-nginx's webhook lets through and nginx refuses; see `network/ingress/ingressNginx/reloadFaults.ts`. */
export const ingressNginxStalls = rule({
  id: 'ingress-nginx-stalls',
  topic: 'ingresses',
  severity: 'error',
  meaning:
    'nginx refuses the whole configuration, so that from then on no change of any Ingress, Service or certificate ' +
    'is applied.',
  remedy: 'Correct the value: until then, nothing that changes in the cluster reaches nginx.',
  details: 'What the webhook refuses already is `ingress-nginx-refuses`.',
  link: 'https://kubernetes.github.io/ingress-nginx/how-it-works/#avoiding-outage-from-wrong-configuration',
  about: 'Ingress',
  *check(own, { model }) {
    if (!isServedByNginx(model, own)) return;
    const shared = withItsHosts(model, own);
    const surroundings = ruleSurroundings(model, own);
    const faults = reloadFaults(configurationAlone(shared, surroundings)).filter(
      ({ ingress }) => ingress.manifest === own.manifest,
    );
    // What the webhook refuses doesn't come to nginx.
    if (faults.length === 0 || admissionRefusals(own, shared, surroundings).length > 0) return;
    for (const { at, why, other } of faults)
      yield {
        message:
          `nginx refuses its whole configuration: ${why}. The webhook lets it through, and until it is mended ` +
          'ingress-nginx applies no change of anything.',
        at: fieldOf(own.manifest, ...at),
        related: other === null || other.ingress.manifest === own.manifest ? [] : [inIngress(other)],
      };
  },
  bad: {
    says: 'nginx refuses its whole configuration',
    yaml: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: slashes }
spec:
  ingressClassName: nginx
  rules:
    - host: a.example
      http:
        paths:
          - { path: /foo, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
          - { path: /foo/, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
                    ~~~~~
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: twin
  annotations: { nginx.ingress.kubernetes.io/from-to-www-redirect: "true" }
                                                                   ~~~~~~
spec:
  ingressClassName: nginx
  rules:
    - host: "*.b.example"
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }
`,
  },
  good: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: slashes, annotations: { nginx.ingress.kubernetes.io/from-to-www-redirect: "true" } }
spec:
  ingressClassName: nginx
  rules:
    - host: a.example
      http:
        paths:
          - { path: /foo, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
          - { path: /foo/bar/, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
`,
});
