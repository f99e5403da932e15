import { isAssumed } from '../../cluster/because.ts';
import { type ClusterModel, indexOfModel } from '../../cluster/clusterModel.ts';
import type { Route } from '../../cluster/gatewayApi/route.ts';
import type { Ingress } from '../../cluster/ingress.ts';
import { nameKey, podAt, podsWith, selectedPods, servicesSelecting } from '../../cluster/lookups.ts';
import type { NetworkPolicy } from '../../cluster/networkPolicy.ts';
import type { Pod } from '../../cluster/pod.ts';
import type { Service } from '../../cluster/service.ts';
import { fieldOf, type Manifest } from '../../manifest/manifest.ts';
import { isolating } from '../../network/policy/policiesOf.ts';
import { endsOf } from '../../trace/ends.ts';
import { podName } from '../../trace/trace.ts';
import { traceRequest } from '../../trace/traceRequest.ts';
import type { EndedAs } from '../../trace/verdict.ts';
import { askableOf, type Asked, asksOf, requestOf } from '../asks.ts';
import { addingItem } from '../fixes.ts';
import { ofPod, peersAt, podTraced, toldOf } from '../policies/policyPods.ts';
import { theObject } from '../related.ts';
import type { Fix } from '../rule.ts';
import { rule, type Yielded } from '../rule.ts';

/** To a backend's pods, all that comes through a controller or a gateway comes from its pods. */
export const policyCutsIngress = rule({
  id: 'policy-cuts-ingress',
  topic: 'policies',
  severity: 'warning',
  meaning: 'What the Ingress or the route leads to the pods is dropped at their gate: requests end in a timeout.',
  remedy: "Let in the controller's pods, by their labels and their namespace.",
  details:
    'Found by tracing the requests that an Ingress or a route leads to the pods. Where the controller is not in the ' +
    'set it is an info, and only where no rule can mean it: none is for other namespaces, addresses, or anybody.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-ingress-traffic',
  about: 'NetworkPolicy',
  *check(policy, { model, isComplete }): Generator<Yielded> {
    if (!isComplete) return;
    for (const pod of toldOf(model, policy, 'ingress')) {
      const shut = shutOutOf(model, pod);
      const found = shut === null ? null : told(model, { policy, pod, ...shut });
      if (found === null) continue;
      yield found;
      return;
    }
  },
  bad: {
    says:
      'shuts out Ingress web: what is asked of http://shop.example.com/ comes to pod web-0 from pod ' +
      'controller.ingress, and no rule lets that in on port 80',
    yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny }
spec:
  podSelector: {}
               ~~
  policyTypes: [Ingress]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example.com
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { template: { metadata: { labels: { app: web } } } }
---
apiVersion: v1
kind: Service
metadata: { name: controller, namespace: ingress }
spec: { type: NodePort, selector: { app: ingress }, ports: [{ name: http, port: 80 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: controller, namespace: ingress, labels: { app: ingress } }
spec:
  containers:
    - name: controller
      image: registry.k8s.io/ingress-nginx/controller:v1.14.5
      args: [/nginx-ingress-controller]
`,
  },
  isMended: true,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny }
spec: { podSelector: {}, policyTypes: [Ingress] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ingress }
spec:
  podSelector: {}
  ingress: [{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ingress-nginx } } }] }]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec: { defaultBackend: { service: { name: web, port: { number: 80 } } } }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { template: { metadata: { labels: { app: web } } } }
`,
});

const ingressesByService = indexOfModel(
  ({ ingresses }) => ingresses,
  ({ namespace, rules, defaultBackend }: Ingress) => {
    const backends = [defaultBackend, ...rules.map(({ backend }) => backend)];
    return [...new Set(backends.flatMap((each) => (each === null ? [] : [`${namespace}/${each.service}`])))];
  },
);

const routesByService = indexOfModel(
  ({ gatewayApi }) => gatewayApi.routes,
  ({ rules }: Route) => [
    ...new Set(
      rules.flatMap(({ backends }) => backends.flatMap((each) => (each.kind === 'Service' ? nameKey(each) : []))),
    ),
  ],
);

/** The Ingresses and routes with a Service as a backend. */
function leadingTo(model: ClusterModel, service: Service): Manifest[] {
  const key = nameKey(service);
  return [...ingressesByService(model).get(key), ...routesByService(model).get(key)].map(({ manifest }) => manifest);
}

type Denied = Extract<EndedAs<'denied'>, { reason: 'network-policy' }>;

/** A request through an Ingress or a route that is denied at a pod, on its way in. */
interface ShutOut {
  readonly manifest: Manifest;
  readonly asked: Asked;
  readonly verdict: Denied;
}

/** The first of those that lead to a pod; null where all come through. */
const shutOutOf = ofPod((model, pod): ShutOut | null => {
  if (isolating(model, pod, 'ingress').length === 0) return null;
  for (const service of servicesSelecting(model, pod))
    for (const manifest of leadingTo(model, service))
      for (const shut of shutOut(model, manifest, service))
        if (podTraced(model, shut.verdict.pod)?.manifest.key === pod.manifest.key) return { ...shut, manifest };
  return null;
});

/** The requests of an object for a Service that policies deny on their way in. */
function shutOut(model: ClusterModel, manifest: Manifest, service: Service): Omit<ShutOut, 'manifest'>[] {
  const askable = askableOf(model, manifest);
  if (askable === null) return [];
  const rules = askable.kind === 'Ingress' ? askable.ingress.rules : [];
  return asksOf(model, askable)
    .filter((_, index) => (rules[index]?.backend?.service ?? service.name) === service.name)
    .slice(0, mostTraced)
    .flatMap((asked) =>
      endsOf(traceRequest(model, requestOf(asked, { kind: 'internet' })).graph).flatMap(({ verdict }) =>
        verdict.kind === 'denied' && verdict.reason === 'network-policy' && verdict.direction === 'ingress'
          ? [{ asked, verdict }]
          : [],
      ),
    );
}

/** Requests that are traced of one object. */
const mostTraced = 4;

function told(
  model: ClusterModel,
  { policy, pod, manifest, asked, verdict }: ShutOut & { readonly policy: NetworkPolicy; readonly pod: Pod },
): Yielded | null {
  const { peer, port } = verdict;
  const sender = podAt(model, peer) ?? podsWith(model, peer).find(({ manifest: { uri } }) => !isAssumed(uri)) ?? null;
  const isShown = sender !== null && !isAssumed(sender.manifest.uri);
  if (!isShown && mayMeanController(model, pod)) return null;
  const opening =
    `NetworkPolicy ${policy.name} shuts out ${manifest.kind} ${manifest.name}: what is asked of ${asked.target.text} ` +
    `comes to pod ${verdict.pod} from `;
  return {
    severity: isShown ? 'warning' : 'info',
    message:
      sender !== null && isShown
        ? `${opening}pod ${podName(sender)}, and no rule lets that in on port ${port}.`
        : `${opening}whatever serves it, and no rule lets in a controller.`,
    at: fieldOf(policy.manifest, 'spec', 'podSelector'),
    related: [theObject(manifest), ...(sender !== null && isShown ? [theObject(sender.manifest, sender.owner)] : [])],
    fixes: sender === null || !isShown || sender.hostNetwork ? [] : lettingIn(model, policy, sender),
  };
}

/** Whether some rule may mean a controller that nothing shows. */
function mayMeanController(model: ClusterModel, pod: Pod): boolean {
  return peersAt(model, pod, 'ingress').some(
    (peer) =>
      peer === null ||
      peer.kind === 'addresses' ||
      peer.namespaces !== null ||
      selectedPods(model, { namespace: pod.namespace, selector: peer.pods.labels }).length === 0,
  );
}

function lettingIn(model: ClusterModel, { manifest }: NetworkPolicy, sender: Pod): Fix[] {
  const [service] = servicesSelecting(model, sender);
  const labels = [...(service?.selector ?? sender.labels)].map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  const text =
    `{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ${sender.namespace} } }, ` +
    `podSelector: { matchLabels: { ${labels.join(', ')} } } }] }`;
  return addingItem(`Let in the pods of ${sender.owner.kind} ${sender.owner.name}`, manifest, text, 'spec', 'ingress');
}
