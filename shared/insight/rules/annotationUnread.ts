import { fieldOf } from '../../manifest/manifest.ts';
import { placeOfAnnotation } from '../../network/ingress/ingressNginx/admission.ts';
import { askedBy } from '../../network/ingress/ingressNginx/annotations.ts';
import { nginxSettings } from '../../network/ingress/ingressNginx/settings.ts';
import { refused } from '../../network/ingress/ingressNginx/takenIngress.ts';
import { ruleSurroundings } from '../ruledTable.ts';
import { rule } from '../rule.ts';
import { isServedByNginx } from '../servedByNginx.ts';

/**
 * An annotation whose value ingress-nginx can't read. Those for which it refuses the whole Ingress have another rule,
 * `ingress-nginx-refuses`. Source: see `network/ingress/ingressNginx/annotations.ts`.
 */
export const annotationUnread = rule({
  id: 'annotation-unread',
  severity: 'warning',
  meaning: 'ingress-nginx goes on as if the annotation were not there, or answers every request with an error.',
  link: 'https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/',
  about: 'Ingress',
  *check(own, { model }) {
    if (!isServedByNginx(model, own)) return;
    const surroundings = ruleSurroundings(model, own);
    const settings = nginxSettings(surroundings.settings);
    if (refused(own, settings) !== null) return;
    const { unread, denied, clientCertificateFault: fault } = askedBy(own, settings, surroundings);
    for (const { annotation, why } of unread)
      yield {
        message: `${annotation} ${why}. ingress-nginx passes over it.`,
        at: fieldOf(own.manifest, ...placeOfAnnotation(annotation)),
      };
    if (denied === null) return;
    const instead = fault === denied ? 'answers 403 for the whole host' : 'answers 503 whatever is asked';
    yield {
      message: `${denied.why}: ingress-nginx ${instead}.`,
      at: fieldOf(own.manifest, ...placeOfAnnotation(denied.annotation)),
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
