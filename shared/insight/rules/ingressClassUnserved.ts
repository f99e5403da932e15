import { fieldOf } from '../../manifest/manifest.ts';
import { assignmentOf, shownControllers } from '../../network/ingressController.ts';
import { replacing } from '../fixes.ts';
import { rule } from '../rule.ts';
import { isLike } from '../spelling.ts';

/** A class that no controller of the set or the profile serves, where there are controllers to compare with. */
export const ingressClassUnserved = rule({
  id: 'ingress-class-unserved',
  severity: 'warning',
  meaning: 'No controller takes the Ingress: its hosts and paths lead nowhere.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class',
  about: 'Ingress',
  *check(ingress, { model, isComplete }) {
    if (!isComplete) return;
    const controllers = shownControllers(model.declared);

    const assignment = assignmentOf(model.declared, ingress);
    if (assignment.kind !== 'unserved' || assignment.className === null) return;
    const { className } = assignment;
    const served = [...new Set(controllers.flatMap(({ classes }) => classes))];
    const alike = served.find((each) => isLike(each, className));
    yield {
      message:
        `No controller serves class ${className}, so Ingress ${ingress.name} leads ` +
        `nowhere. Served here: ${served.join(', ')}.`,
      at: fieldOf(ingress.manifest, ...ingress.classPath),
      cause: className,
      fixes: alike === undefined ? [] : replacing(`Use class ${alike}`, ingress.manifest, alike, ...ingress.classPath),
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
  rules: []
---
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: test }
spec: { ingressControllers: [{ class: nginx }] }
`,
  },
  isMended: true,
  good: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  ingressClassName: nginx
  rules: []
---
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: test }
spec: { ingressControllers: [{ class: nginx }] }
`,
});
