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
import { isLike, isSlipOf } from '../spelling.ts';

/** Names that nothing has, where something near has one like it: of whatever names a workload or a Service. */
export const nameMisspelt = rule({
  id: 'name-misspelt',
  topic: 'names',
  severity: 'warning',
  meaning: 'What is named is not there: nothing is scaled, reached or guarded by it.',
  remedy: 'Write the name of what is meant.',
  details:
    'For HorizontalPodAutoscaler, VerticalPodAutoscaler, ScaledObject, StatefulSet, webhooks, Rollout, Canary, ' +
    "Istio's VirtualService and DestinationRule, Traefik's IngressRoute, Contour's HTTPProxy, NGINX's " +
    "VirtualServer and OpenShift's Route. Of these the names alone are looked at. It speaks where the namespace " +
    'has nothing of the name and something of the kind whose name differs by a slip (an info where it may be ' +
    'another name), or a workload of the name that is of another kind.',
  link: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/names/',
  about: 'object',
  *check(manifest, { model, isComplete }) {
    if (!isComplete) return;
    for (const mention of mentionsOf(manifest)) {
      const { kind, name, namespace, at, around, effect } = mention;
      if (isUnsaid(model, kind, name) || isThere(model, mention)) continue;
      const other = isWorkloadKind(kind) ? otherKindOf(model, mention) : null;
      if (other !== null) {
        yield {
          message: `${manifest.kind} ${manifest.name} names ${kind} ${name}, but ${name} is a ${other}, so ${effect}.`,
          at: fieldOf(manifest, ...at),
          fixes:
            isOfApps(kind) && isOfApps(other)
              ? replacing(`Use kind ${other}`, manifest, other, ...at.slice(0, -1), 'kind')
              : [],
        };
        continue;
      }
      const near = nearOf(model, mention);
      if (near === null) continue;
      const isSure = isSlipOf(near, name);
      const text = `${around[0]}${near}${around[1]}`;
      yield {
        severity: isSure ? 'warning' : 'info',
        message:
          `${manifest.kind} ${manifest.name} names ${kind} ${name}, which namespace ${namespace} doesn't have` +
          `${isSure ? ', so' : ' here: unless it is applied from elsewhere,'} ${effect}. Did you mean ${near}?`,
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
      says: 'names StatefulSet web, but web is a Deployment, so nothing is scaled.',
      yaml: `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: StatefulSet, name: web }
                                                                  ~~~
  maxReplicas: 3
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { template: { metadata: { labels: { app: web } } } }
`,
    },
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

function isThere(model: ClusterModel, { kind, namespace, name }: Mention): boolean {
  return kind === 'Service'
    ? isServiceThere(model, namespace, name)
    : namesOf(model.declared, `${kind} ${namespace}`).includes(name);
}

/** The one kind of workload that has a name which another kind is said to have. */
function otherKindOf({ declared }: ClusterModel, { namespace, name }: Mention): string | null {
  const [only, ...others] = workloadKinds.filter((each) => namesOf(declared, `${each} ${namespace}`).includes(name));
  return only === undefined || others.length > 0 ? null : only;
}

function isOfApps(kind: string): boolean {
  return kind === 'Deployment' || kind === 'StatefulSet';
}

/** The name that may have been meant; null where nothing of the kind is like it. */
function nearOf(model: ClusterModel, { kind, namespace, name }: Mention): string | null {
  if (kind === 'Service') return nearService(model, namespace, name);
  if (!isWorkloadKind(kind)) return null;
  const names = namesOf(model.declared, `${kind} ${namespace}`);
  return names.find((each) => isSlipOf(each, name)) ?? names.find((each) => isLike(each, name)) ?? null;
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
