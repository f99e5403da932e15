import { selectedPods } from '../../cluster/lookups.ts';
import { withoutReplicasBehind } from '../../cluster/noReplicas.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { isWatched } from '../../network/kubeProxy/proxiedPort.ts';
import { absentPods } from '../absence.ts';
import { theObject } from '../related.ts';
import { rule } from '../rule.ts';

/**
 * A Service whose selector picks no pod has no endpoints. Said where the set's own pods show that it was meant for one
 * of them, or where nothing in the set (an operator's custom resource) could make other pods.
 */
export const selectorMatchesNoPod = rule({
  id: 'selector-matches-no-pod',
  severity: 'warning',
  meaning: 'The Service has no endpoints: every connection to it is rejected.',
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
    const { absence, nearest } = absentPods(judged, service, selector);
    if (absence !== 'sure') return;
    const hint =
      nearest === null
        ? ''
        : ` The nearest, ${nearest.pod.owner.kind} ${nearest.pod.owner.name}, has ${nearest.difference}.`;
    yield {
      message: `Service ${name} selects no pod, so every connection to it is rejected.${hint}`,
      at: fieldOf(service.manifest, 'spec', 'selector'),
      related: nearest === null ? [] : [theObject(nearest.pod.manifest, nearest.pod.owner)],
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
`,
});
