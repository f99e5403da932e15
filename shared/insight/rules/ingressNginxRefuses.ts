import { fieldOf } from '../../manifest/manifest.ts';
import { withItsHosts } from '../../network/ingress/ingressesByHost.ts';
import { admissionRefusals } from '../../network/ingress/ingressNginx/admission.ts';
import { assignmentOf } from '../../network/ingressController.ts';
import { inIngress } from '../related.ts';
import { ruleSurroundings } from '../ruledTable.ts';
import { rule } from '../rule.ts';
import { isServedByNginx } from '../servedByNginx.ts';

/** What ingress-nginx's admission webhook refuses; see `network/ingress/ingressNginx/admission.ts`. */
export const ingressNginxRefuses = rule({
  id: 'ingress-nginx-refuses',
  topic: 'ingresses',
  severity: 'error',
  meaning:
    "ingress-nginx's admission webhook refuses the Ingress, so that it is not created; " +
    'a changed one goes on as it was.',
  remedy: 'Write what the webhook takes; the message has its words.',
  details: 'Speaks of Ingresses that ingress-nginx serves, in the version that an image or the profile says.',
  link: 'https://kubernetes.github.io/ingress-nginx/how-it-works/#avoiding-outage-from-wrong-configuration',
  refuses: 'webhook',
  about: 'Ingress',
  *check(own, { model }) {
    if (!isServedByNginx(model, own)) return;
    const shared = withItsHosts(model, own);
    // As it is installed, the controller passes over what names no class, and so does its webhook.
    // Source: kubernetes/ingress-nginx internal/ingress/controller/controller.go (`CheckIngress`; 1.14).
    const assignment = assignmentOf(model.declared, own);
    const isSure = assignment.kind !== 'assumed' || assignment.className !== null;
    const unless = isSure ? '' : ', if it takes one without a class';
    for (const { at, why, other } of admissionRefusals(own, shared, ruleSurroundings(model, own)))
      yield {
        severity: isSure ? 'error' : 'warning',
        message: `ingress-nginx's webhook refuses this Ingress${unless}: ${why}.`,
        at: fieldOf(own.manifest, ...at),
        related: other === null ? [] : [inIngress(other)],
      };
  },
  bad: {
    says: "ingress-nginx's webhook refuses this Ingress",
    yaml: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: first }
spec:
  ingressClassName: nginx
  rules:
    - host: a.example
      http: { paths: [{ path: /foo, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: second }
spec:
  ingressClassName: nginx
  rules:
    - host: a.example
      http: { paths: [{ path: /foo, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }
                              ~~~~
    - host: b.example
      http:
        paths:
          - { path: "/b/(.*)", pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
                    ~~~~~~~~~
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: third
  annotations:
    nginx.ingress.kubernetes.io/permanent-redirect: "https://c.example$request_uri"
                                                    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
spec:
  ingressClassName: nginx
  rules:
    - host: c.example
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }
`,
  },
  good: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: first }
spec:
  ingressClassName: nginx
  rules:
    - host: a.example
      http: { paths: [{ path: /foo, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: second, annotations: { nginx.ingress.kubernetes.io/use-regex: "true" } }
spec:
  ingressClassName: nginx
  rules:
    - host: b.example
      http:
        paths:
          - path: "/b/(.*)"
            pathType: ImplementationSpecific
            backend: { service: { name: web, port: { number: 80 } } }
`,
});
