import { fieldOf } from '../../manifest/manifest.ts';
import { rule } from '../rule.ts';

/** Source: kubernetes.io/docs/reference/using-api/deprecation-guide. */
const gone: Readonly<Record<string, { readonly since: string; readonly now: string }>> = {
  'extensions/v1beta1 Ingress': { since: '1.22', now: 'networking.k8s.io/v1' },
  'networking.k8s.io/v1beta1 Ingress': { since: '1.22', now: 'networking.k8s.io/v1' },
  'networking.k8s.io/v1beta1 IngressClass': { since: '1.22', now: 'networking.k8s.io/v1' },
  'extensions/v1beta1 Deployment': { since: '1.16', now: 'apps/v1' },
  'extensions/v1beta1 DaemonSet': { since: '1.16', now: 'apps/v1' },
  'extensions/v1beta1 ReplicaSet': { since: '1.16', now: 'apps/v1' },
  'apps/v1beta1 Deployment': { since: '1.16', now: 'apps/v1' },
  'apps/v1beta2 Deployment': { since: '1.16', now: 'apps/v1' },
  'apps/v1beta2 ReplicaSet': { since: '1.16', now: 'apps/v1' },
  'apps/v1beta1 StatefulSet': { since: '1.16', now: 'apps/v1' },
  'apps/v1beta2 StatefulSet': { since: '1.16', now: 'apps/v1' },
  'apps/v1beta2 DaemonSet': { since: '1.16', now: 'apps/v1' },
  'batch/v2alpha1 CronJob': { since: '1.21', now: 'batch/v1' },
  'batch/v1beta1 CronJob': { since: '1.25', now: 'batch/v1' },
  'extensions/v1beta1 NetworkPolicy': { since: '1.16', now: 'networking.k8s.io/v1' },
  'policy/v1beta1 PodDisruptionBudget': { since: '1.25', now: 'policy/v1' },
  'autoscaling/v2beta1 HorizontalPodAutoscaler': { since: '1.25', now: 'autoscaling/v2' },
  'autoscaling/v2beta2 HorizontalPodAutoscaler': { since: '1.26', now: 'autoscaling/v2' },
  'discovery.k8s.io/v1beta1 EndpointSlice': { since: '1.25', now: 'discovery.k8s.io/v1' },
};

/** An API version that the API server no longer takes, of a kind that decides about traffic. */
export const goneApiVersion = rule({
  id: 'gone-api-version',
  topic: 'api',
  severity: 'error',
  meaning: 'The API server no longer knows this version: nothing of the manifest comes to be.',
  remedy: 'Write the version that took its place, and what it calls the fields.',
  details:
    'Silent where the profile says an older Kubernetes, which still serves the version. A trace for a host of such ' +
    'an Ingress ends as `unresolved (gone-version)`, its lens says the same, and no rule speaks of its traffic.',
  link: 'https://kubernetes.io/docs/reference/using-api/deprecation-guide/',
  refuses: 'API server',
  about: 'object',
  *check(manifest, { model: { profile } }) {
    const found = gone[`${manifest.apiVersion} ${manifest.kind}`];
    if (found === undefined || profile.kubernetesMinor < Number(found.since.slice(2))) return;
    yield {
      message: `${manifest.apiVersion} ${manifest.kind} is gone since Kubernetes ${found.since}; write ${found.now}.`,
      at: fieldOf(manifest, 'apiVersion'),
    };
  },
  bad: {
    says: 'gone since Kubernetes 1.22',
    yaml: `
apiVersion: extensions/v1beta1
            ~~~~~~~~~~~~~~~~~~
kind: Ingress
metadata: { name: demo }
spec: { backend: { serviceName: demo, servicePort: 80 } }
`,
  },
  good: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: demo }
spec: { defaultBackend: { service: { name: demo, port: { number: 80 } } } }
`,
});
