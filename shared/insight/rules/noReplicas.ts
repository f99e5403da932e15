import { servicesSelecting } from '../../cluster/lookups.ts';
import { withoutReplicas } from '../../cluster/noReplicas.ts';
import { readPodTemplate } from '../../cluster/pod.ts';
import { waitingFor } from '../../cluster/waiting.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { isWatched } from '../../network/kubeProxy/proxiedPort.ts';
import { theObject } from '../related.ts';
import { rule } from '../rule.ts';

/** `replicas: 0` behind a Service that has no other pods, where nobody scales the workload up. */
export const noReplicas = rule({
  id: 'no-replicas',
  topic: 'pods',
  severity: 'warning',
  meaning: 'The workload has no pod, and a Service has no others: every connection to it is rejected.',
  remedy: 'Ask for at least one replica; if it is switched off on purpose, so is the Service.',
  details:
    'Silent where something in the set may start pods of it: a KEDA ScaledObject, a HorizontalPodAutoscaler with ' +
    "`minReplicas: 0`, an Argo Rollout that takes over its template. An ordinary HorizontalPodAutoscaler doesn't: it " +
    'leaves a workload without replicas alone.',
  link:
    'https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/' +
    '#implicit-maintenance-mode-deactivation',
  about: 'object',
  *check(manifest, { model, isComplete }) {
    const template = readPodTemplate(manifest);
    if (!isComplete || template === null) return;
    const idle = withoutReplicas(model, template);
    if (idle === null || idle.scaler !== null) return;
    const lost = servicesSelecting(model, template).filter(
      (service) =>
        isWatched(service) &&
        model.endpointsOf(service).source === 'pods' &&
        waitingFor(model, service).some(({ waits }) => waits === 'none'),
    );
    const [first] = lost;
    if (first === undefined) return;
    const effect = first.headless ? 'its name stands for no address' : 'every connection to it is rejected';
    const which =
      lost.length === 1
        ? `Service ${first.name} has no endpoint: ${effect}`
        : `${lost.length} Services have no endpoint: every connection to them is rejected`;
    yield {
      message: `${manifest.kind} ${manifest.name} has ${idle.at.at(-1)}: 0, so ${which}.`,
      at: fieldOf(manifest, ...idle.at),
      related: lost.slice(0, 5).map((each) => theObject(each.manifest)),
    };
  },
  bad: {
    says: 'Deployment web has replicas: 0, so Service web has no endpoint: every connection to it is rejected.',
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 0
            ~
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: web }] }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec: { minReplicas: 2, maxReplicas: 4, scaleTargetRef: { kind: Deployment, name: web } }
`,
  },
  good: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 0
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: web }] }
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: { name: web }
spec: { scaleTargetRef: { name: web } }
`,
});
