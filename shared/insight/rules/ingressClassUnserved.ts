import { ofDeclared } from '../../cluster/declared.ts';
import { sameItems } from '../../cluster/listChanges.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { assignmentOf, isUsualClass, shownControllers } from '../../network/ingressController.ts';
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
    'It speaks where the set shows its Ingress controllers and none takes the class, and where the class is a letter ' +
    "or two off an IngressClass of the set. A class that is a controller's usual one, such as nginx, is taken to be " +
    'applied from elsewhere.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class',
  about: 'Ingress',
  *check(ingress, { model, isComplete }) {
    const { className, classPath, manifest, name } = ingress;
    if (!isComplete || className === null) return;
    const { kind } = assignmentOf(model.declared, ingress);
    const served = [...new Set(shownControllers(model.declared).flatMap(({ classes }) => classes))];
    const known = kind === 'unserved' ? served : kind === 'assumed' ? classNames(model.declared) : [className];
    if (known.includes(className) || known.length === 0) return;
    const alike = known.find((each) => isLike(each, className));
    // What nobody here serves may be served by what is applied from elsewhere, unless it is a slip.
    if (kind === 'assumed' && (alike === undefined || isUsualClass(className))) return;
    const why = kind === 'unserved' ? `No controller serves class ${className}` : `There is no class ${className}`;
    const those = kind === 'unserved' ? `Served here: ${served.join(', ')}.` : `Did you mean ${alike}?`;
    yield {
      message: `${why}, so Ingress ${name} leads nowhere. ${those}`,
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
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: test }
spec: { ingressControllers: [{ class: nginx }] }
`,
});

const classNames = ofDeclared((declared) => declared.ofKind('IngressClass').map(({ name }) => name), {
  eager: true,
  same: sameItems,
});
