import { selectedPods } from '../../cluster/lookups.ts';
import { withoutReplicasBehind } from '../../cluster/noReplicas.ts';
import type { Pod } from '../../cluster/pod.ts';
import { fieldOf, type Manifest } from '../../manifest/manifest.ts';
import { plainText } from '../../manifest/textChanges.ts';
import { textsAt } from '../../manifest/value.ts';
import { isWatched } from '../../network/kubeProxy/proxiedPort.ts';
import { absentPods, type NearPod, type Selectable } from '../absence.ts';
import { removing, replacing } from '../fixes.ts';
import { theObject } from '../related.ts';
import { type Fix, rule } from '../rule.ts';
import { isSlipOf } from '../spelling.ts';

/**
 * A Service whose selector picks no pod has no endpoints. Said where the set's own pods show that it was meant for one
 * of them, or where nothing in the set (an operator's custom resource) could make other pods.
 */
export const selectorMatchesNoPod = rule({
  id: 'selector-matches-no-pod',
  topic: 'services',
  severity: 'warning',
  meaning: 'The Service has no endpoints: every connection to it is rejected.',
  remedy: 'Write the labels of the pods that are meant into the selector, or give the pods these labels.',
  details:
    'It speaks where a workload of the namespace was plainly meant (one label is misspelt or missing, or it has ' +
    "the Service's name), where pods with these labels are in another namespace, or where nothing in the set " +
    'could make such pods. The pods of custom resources are known for many operators; a custom resource of ' +
    'another operator, a HelmRelease or an Application may make any pod, so it keeps this silent. Where the pods ' +
    'merely lack a label, something may set it at run time (Patroni, Vault), so that is an info; of labels whose ' +
    'values a controller makes (`pod-template-hash`, `controller-uid`) nothing is said.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service',
  about: 'Service',
  *check(service, judged) {
    const { model } = judged;

    const { selector, name } = service;
    if (
      selector === null ||
      !isWatched(service) ||
      service.type === 'ExternalName' ||
      model.endpointsOf(service).source !== 'pods' ||
      selectedPods(model, service).length > 0 ||
      withoutReplicasBehind(model, service).length > 0
    )
      return;
    const { absence, nearest, elsewhere } = absentPods(judged, { ...service, selector });
    if (absence !== 'sure' || (nearest !== null && isTemplateAtFault(selector, nearest.pod))) return;
    const near = nearest?.pod ?? elsewhere;
    const hint =
      nearest !== null
        ? ` The nearest, ${nearest.pod.owner.kind} ${nearest.pod.owner.name}, has ${nearest.difference}.`
        : elsewhere === null
          ? ''
          : ` Pods with these labels are in namespace ${elsewhere.namespace}, not in ${service.namespace}.`;
    const isSetLater = nearest !== null && lacksOneKey(selector, nearest);
    const unless = isSetLater ? `: unless something sets ${nearest.label} at run time,` : ', so';
    const effect = service.headless ? 'its name resolves to nothing' : 'every connection to it is rejected';
    yield {
      severity: isSetLater ? 'info' : 'warning',
      message: `Service ${name} selects no pod${unless} ${effect}.${hint}`,
      at: fieldOf(service.manifest, 'spec', 'selector'),
      related: near === null ? [] : [theObject(near.manifest, near.owner)],
      fixes: fixesFor(service.manifest, nearest, elsewhere),
    };
  },
  bad: {
    says: 'has app: web instead of app: wbe',
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  selector: { app: wbe }
            ~~~~~~~~~~~~
  ports: [{ port: 80 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { template: { metadata: { labels: { app: web } } } }
`,
  },
  also: [
    {
      says: 'Service web selects no pod: unless something sets role at run time, its name resolves to nothing.',
      yaml: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  clusterIP: None
  selector: { app: web, role: master }
            ~~~~~~~~~~~~~~~~~~~~~~~~~~
  ports: [{ port: 80 }]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: web }
spec: { template: { metadata: { labels: { app: web } } } }
`,
    },
    {
      says: 'Pods with these labels are in namespace shop, not in store.',
      yaml: `
apiVersion: v1
kind: Service
metadata: { name: cart, namespace: store }
spec:
  selector: { app: basket }
            ~~~~~~~~~~~~~~~
  ports: [{ port: 80 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: cart, namespace: shop }
spec: { template: { metadata: { labels: { app: basket } } } }
`,
    },
    {
      says: 'Pods with these labels are in namespace shop, not in shpo.',
      yaml: `
apiVersion: v1
kind: Service
metadata: { name: admin, namespace: shpo }
spec:
  selector: { app: basket }
            ~~~~~~~~~~~~~~~
  ports: [{ port: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec: { selector: { app: basket }, ports: [{ port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: cart, namespace: shop }
spec: { template: { metadata: { labels: { app: basket } } } }
`,
    },
    {
      says: 'The nearest, Prometheus main, has prometheus: main instead of prometheus: mian.',
      yaml: `
apiVersion: v1
kind: Service
metadata: { name: metrics, namespace: monitoring }
spec:
  selector: { prometheus: mian }
            ~~~~~~~~~~~~~~~~~~~~
  ports: [{ port: 9090 }]
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: { name: main, namespace: monitoring }
`,
    },
  ],
  isMended: true,
  good: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  selector: { app: web }
  ports: [{ port: 80 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { template: { metadata: { labels: { app: web } } } }
---
apiVersion: v1
kind: Service
metadata: { name: metrics }
spec: { selector: { app.kubernetes.io/name: prometheus, prometheus: main }, ports: [{ port: 9090 }] }
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: { name: main }
---
apiVersion: v1
kind: Service
metadata: { name: index }
spec: { selector: { job-name: index }, ports: [{ port: 80 }] }
---
apiVersion: batch/v1
kind: Job
metadata: { name: index }
spec: { template: { spec: { containers: [{ name: index, image: example/index:1 }] } } }
---
apiVersion: v1
kind: Service
metadata: { name: one-revision }
spec: { selector: { app: web, pod-template-hash: 5d8f }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: canary }
spec: { selector: { app: canary }, ports: [{ port: 80 }] }
---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: shop }
spec: { template: { metadata: { labels: { app: canary } } } }
`,
});

/**
 * Whether all other labels pick the pod, and it has nothing like the one that is missing: Patroni's `role` and Vault's
 * `vault-active` are set by the pods themselves.
 */
function lacksOneKey(selector: ReadonlyMap<string, string>, { pod, label, value }: NearPod): boolean {
  return (
    value === null &&
    selector.size > 1 &&
    [...selector].every(([key, wanted]) => key === label || pod.labels.get(key) === wanted) &&
    ![...pod.labels].some(([key, has]) => has === selector.get(label) && isSlipOf(key, label))
  );
}

/** The label that the pods have, without the one that they lack, or the namespace that they are in. */
function fixesFor(manifest: Manifest, nearest: NearPod | null, elsewhere: Selectable | null): Fix[] {
  if (nearest === null)
    return elsewhere === null
      ? []
      : replacing(`Use namespace ${elsewhere.namespace}`, manifest, elsewhere.namespace, 'metadata', 'namespace');
  const { label, value } = nearest;
  const path = ['spec', 'selector', label];
  return value === null
    ? removing(`Leave out ${label}`, manifest, ...path)
    : replacing(`Use ${label}: ${value}`, manifest, plainText(value), ...path);
}

/** Whether the pods' own workload asks for what the Service asks for: its template is at fault, and is told so. */
function isTemplateAtFault(
  selector: ReadonlyMap<string, string>,
  { labels, manifest }: Pick<Pod, 'labels' | 'manifest'>,
): boolean {
  const own = textsAt(manifest.value, 'spec', 'selector', 'matchLabels');
  return [...selector].every(([key, value]) => labels.get(key) === value || own?.get(key) === value);
}
