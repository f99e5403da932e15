import { fieldOf } from '../../manifest/manifest.ts';
import { ingressNginx } from '../../network/ingress/ingressNginx/ingressNginx.ts';
import type { EffectOfUnread } from '../../network/ingress/unreadValue.ts';
import { dialectFor, ruleSurroundings } from '../ruledTable.ts';
import { rule } from '../rule.ts';
import { isServedByNginx } from '../servedByNginx.ts';

/**
 * An annotation whose value its controller can't read. Those for which ingress-nginx refuses the whole Ingress have
 * another rule, `ingress-nginx-refuses`. Source: see `unread` of each controller in `network/ingress/`.
 */
export const annotationUnread = rule({
  id: 'annotation-unread',
  topic: 'ingresses',
  severity: 'warning',
  meaning:
    'The controller goes on as if the annotation were not there, passes over the whole Ingress, or answers every ' +
    'request with an error.',
  remedy: 'Write a value that the controller reads; the message says what it wants.',
  details:
    "Each controller is asked for its own annotations: ingress-nginx, Traefik, HAProxy, Kong, NGINX's own and " +
    "AWS's. Silent where no controller of the set, the profile or the class serves the Ingress.",
  link: 'https://kubernetes.io/docs/concepts/services-networking/ingress-controllers/',
  about: 'Ingress',
  *check(own, { model }) {
    const dialect = dialectFor(model, own);
    if (dialect === null || (dialect === ingressNginx && !isServedByNginx(model, own))) return;
    for (const { name, what, effect } of dialect.unread(own, ruleSurroundings(model, own)))
      yield {
        message: `${what}. ${dialect.product} ${effectText(effect)}.`,
        at: fieldOf(own.manifest, 'metadata', 'annotations', name),
      };
  },
  bad: {
    says: 'ingress-nginx',
    yaml: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations:
    nginx.ingress.kubernetes.io/ssl-redirect: "no"
                                              ~~~~
    nginx.ingress.kubernetes.io/whitelist-source-range: 10.0.0.0/8 192.168.0.0/16
                                                        ~~~~~~~~~~~~~~~~~~~~~~~~~
spec:
  ingressClassName: nginx
  rules:
    - host: a.example
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  annotations:
    traefik.ingress.kubernetes.io/router.priority: high
                                                   ~~~~
spec:
  ingressClassName: traefik
  rules:
    - host: b.example
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }
`,
  },
  good: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations:
    nginx.ingress.kubernetes.io/ssl-redirect: "false"
    nginx.ingress.kubernetes.io/whitelist-source-range: 10.0.0.0/8, 192.168.0.0/16
spec:
  ingressClassName: nginx
  rules:
    - host: a.example
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }
`,
});

function effectText(effect: EffectOfUnread): string {
  switch (effect) {
    case 'annotation-ignored':
      return 'passes over it';
    case 'taken-for-false':
      return 'takes it for false';
    case 'paths-ignored':
      return 'passes over the ImplementationSpecific paths';
    case 'ingress-ignored':
      return 'passes over the whole Ingress';
    case 'balancer-unchanged':
      return 'then changes nothing of the load balancer, for others of its group neither';
    case 'host-answers-403':
      return 'answers 403 for the whole host';
    case 'answers-503':
      return 'answers 503 whatever is asked';
    default:
      return effect satisfies never;
  }
}
