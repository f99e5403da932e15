import { ofDeclared } from '../../cluster/declared.ts';
import { sameItems } from '../../cluster/listChanges.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { assignmentOf, classesSurelyServed, isUsualClass } from '../../network/ingressController.ts';
import { replacing } from '../fixes.ts';
import { rule } from '../rule.ts';
import { isLike } from '../spelling.ts';

/**
 * A class that no controller of the set or the profile serves, where there are controllers to compare with, or that is
 * a slip of one of the set's IngressClasses.
 */
export const ingressClassUnserved = rule({
  id: 'ingress-class-unserved',
  topic: 'ingresses',
  severity: 'warning',
  meaning: 'No controller takes the Ingress: its hosts and paths lead nowhere.',
  remedy: 'Write the name of an IngressClass that a controller serves.',
  details:
    'It speaks where the set shows its Ingress controllers and none takes the class: an info, unless the class is ' +
    'a letter or two off one that is served. And where the class is a letter or two off an IngressClass of the ' +
    "set; a controller's usual class, such as nginx, is then taken to be applied from elsewhere. A controller " +
    'counts where its image and arguments show that it watches Ingresses: a lone Envoy or Kong, or a Traefik with ' +
    'other providers, does not.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class',
  about: 'Ingress',
  *check(ingress, { model, isComplete }) {
    const { className, classPath, manifest, name } = ingress;
    if (!isComplete || className === null) return;
    const { kind } = assignmentOf(model.declared, ingress);
    if (kind !== 'unserved' && kind !== 'assumed') return;
    const served = kind === 'unserved' ? classesSurelyServed(model.declared) : [];
    const known = served.length > 0 ? served : classNames(model.declared);
    if (known.includes(className)) return;
    const alike = known.find((each) => isLike(each, className));
    // What nobody here serves may be served by what is applied from elsewhere, unless it is a slip.
    if (alike === undefined ? served.length === 0 : served.length === 0 && isUsualClass(className)) return;
    const why = served.length > 0 ? `No controller serves class ${className}` : `There is no class ${className}`;
    const those = served.length > 0 ? `Served here: ${served.join(', ')}.` : `Did you mean ${alike}?`;
    const unless = alike === undefined ? ' unless one outside this set does' : '';
    yield {
      severity: alike === undefined ? 'info' : 'warning',
      message: `${why}, so Ingress ${name} leads nowhere${unless}. ${those}`,
      at: fieldOf(manifest, ...classPath),
      cause: className,
      fixes: alike === undefined ? [] : replacing(`Use class ${alike}`, manifest, alike, ...classPath),
    };
  },
  bad: {
    says: 'No controller serves class ngnix',
    yaml: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  ingressClassName: ngnix
                    ~~~~~
  defaultBackend: { service: { name: web, port: { number: 80 } } }
---
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: test }
spec: { ingressControllers: [{ class: nginx }] }
`,
  },
  also: [
    {
      says: 'There is no class edge-ngnix, so Ingress web leads nowhere. Did you mean edge-nginx?',
      yaml: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  ingressClassName: edge-ngnix
                    ~~~~~~~~~~
  defaultBackend: { service: { name: web, port: { number: 80 } } }
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: edge-nginx }
spec: { controller: k8s.io/ingress-nginx }
`,
    },
  ],
  isMended: true,
  good: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  ingressClassName: nginx
  defaultBackend: { service: { name: web, port: { number: 80 } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: proxies }
spec:
  selector: { matchLabels: { app: proxies } }
  template:
    metadata: { labels: { app: proxies } }
    spec:
      containers:
        - { name: envoy, image: "envoyproxy/envoy:v1.30.0" }
        - { name: kong, image: "kong:3.7" }
        - { name: traefik, image: "traefik:v3.1", args: [--providers.docker] }
`,
});

const classNames = ofDeclared((declared) => declared.ofKind('IngressClass').map(({ name }) => name), {
  eager: true,
  same: sameItems,
});
