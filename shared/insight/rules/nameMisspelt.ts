import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { byKeyOfDeclared } from '../../cluster/declared.ts';
import { sameItems } from '../../cluster/listChanges.ts';
import { type Mention, mentionsOf } from '../../cluster/mentions.ts';
import { isWorkloadKind, workloadKinds } from '../../cluster/pod.ts';
import { fieldOf, namespaceOf } from '../../manifest/manifest.ts';
import { isServiceThere, nearService } from '../absence.ts';
import { missingService } from '../causes.ts';
import { replacing } from '../fixes.ts';
import { rule } from '../rule.ts';
import { isLike } from '../spelling.ts';

/** Names that nothing has, where something near has one like it: of whatever names a workload or a Service. */
export const nameMisspelt = rule({
  id: 'name-misspelt',
  topic: 'names',
  severity: 'warning',
  meaning: 'What is named is not there: nothing is scaled, reached or guarded by it.',
  remedy: 'Write the name of what is meant.',
  details:
    'For HorizontalPodAutoscaler, VerticalPodAutoscaler, ScaledObject, StatefulSet, webhooks, Rollout, Canary, ' +
    "Istio's VirtualService and DestinationRule, Traefik's IngressRoute, Contour's HTTPProxy, NGINX's VirtualServer " +
    "and OpenShift's Route. Of these the names alone are looked at. It speaks where the namespace has nothing of the " +
    'name and something of the kind whose name differs by a slip.',
  link: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/names/',
  about: 'object',
  *check(manifest, { model, isComplete }) {
    if (!isComplete) return;
    for (const mention of mentionsOf(manifest)) {
      const { kind, name, namespace, at, around, effect } = mention;
      const near = nearOf(model, mention);
      if (near === null) continue;
      const text = `${around[0]}${near}${around[1]}`;
      yield {
        message:
          `${manifest.kind} ${manifest.name} names ${kind} ${name}, which namespace ${namespace} doesn't have, so ` +
          `${effect}. Did you mean ${near}?`,
        at: fieldOf(manifest, ...at),
        cause: kind === 'Service' ? missingService(namespace, name) : { missing: `${kind} ${namespace}/${name}` },
        fixes: replacing(`Use ${kind} ${near}`, manifest, text, ...at),
      };
    }
  },
  bad: {
    says: "which namespace default doesn't have, so nothing is scaled. Did you mean web-shop?",
    yaml: `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: wbe-shop }
                                                                 ~~~~~~~~
  maxReplicas: 3
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web-shop }
spec: { template: { metadata: { labels: { app: web } } } }
`,
  },
  also: [
    {
      says: 'these requests lead nowhere. Did you mean reviews?',
      yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews }
spec:
  hosts: [reviews.default.svc.cluster.local]
  http:
    - route:
        - destination:
            host: reveiws.default.svc.cluster.local
                  ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
---
apiVersion: v1
kind: Service
metadata: { name: reviews }
spec: { selector: { app: reviews }, ports: [{ port: 80 }] }
`,
    },
  ],
  isMended: true,
  good: `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web-shop }
  maxReplicas: 3
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web-shop }
spec: { template: { metadata: { labels: { app: web } } } }
`,
});

/** The name that was meant; null where the one that is written is there, and where nothing is like it. */
function nearOf(model: ClusterModel, { kind, namespace, name }: Mention): string | null {
  if (kind === 'Service')
    return isServiceThere(model, namespace, name) || isUnsaid(model, kind, name)
      ? null
      : nearService(model, namespace, name);
  if (!isWorkloadKind(kind)) return null;
  const isThere = workloadKinds.some((each) => namesOf(model.declared, `${each} ${namespace}`).includes(name));
  if (isThere || isUnsaid(model, kind, name)) return null;
  return namesOf(model.declared, `${kind} ${namespace}`).find((each) => isLike(each, name)) ?? null;
}

/** Whether an object of that name doesn't say its namespace, so that it may be this one. */
function isUnsaid(model: ClusterModel, kind: string, name: string): boolean {
  return unsaidNames(model.declared, kind).includes(name);
}

/** The names of a namespace's objects of a kind, given as `kind namespace`. */
const namesOf = byKeyOfDeclared(
  (declared, key): readonly string[] => {
    const [kind = '', namespace = ''] = key.split(' ');
    return declared.ofKind(kind).flatMap((each) => (namespaceOf(each) === namespace ? [each.name] : []));
  },
  { eager: true, same: sameItems },
);

const unsaidNames = byKeyOfDeclared(
  (declared, kind): readonly string[] =>
    declared.ofKind(kind).flatMap(({ namespace, name }) => (namespace === null ? [name] : [])),
  { eager: true, same: sameItems },
);
