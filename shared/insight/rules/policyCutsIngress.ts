import { isAssumed } from '../../cluster/because.ts';
import { type ClusterModel, indexOfModel } from '../../cluster/clusterModel.ts';
import type { Route } from '../../cluster/gatewayApi/route.ts';
import type { Ingress } from '../../cluster/ingress.ts';
import { nameKey, podAt, podsWith, selectedPods, servicesSelecting } from '../../cluster/lookups.ts';
import type { NetworkPolicy } from '../../cluster/networkPolicy.ts';
import type { Pod } from '../../cluster/pod.ts';
import type { Service } from '../../cluster/service.ts';
import { fieldOf, type Manifest } from '../../manifest/manifest.ts';
import { endsOf } from '../../trace/ends.ts';
import { podName } from '../../trace/trace.ts';
import { traceRequest } from '../../trace/traceRequest.ts';
import type { EndedAs } from '../../trace/verdict.ts';
import { askableOf, type Asked, asksOf, requestOf } from '../asks.ts';
import { addingItem } from '../fixes.ts';
import { peersAt, toldOf } from '../policyPods.ts';
import { theObject } from '../related.ts';
import type { Fix, JudgedSet } from '../rule.ts';
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
  *check(policy, judged): Generator<Yielded> {
    const { model, isComplete } = judged;
    if (!isComplete) return;
    const pods = new Map(toldOf(model, policy, 'ingress').map((pod): [string, Pod] => [podName(pod), pod]));
    if (pods.size === 0) return;
    const services = new Set([...pods.values()].flatMap((pod) => servicesSelecting(model, pod)));
    for (const service of services)
      for (const manifest of leadingTo(model, service)) {
        const shut = shutOut(judged, manifest, service).find(({ verdict: { pod } }) => pods.has(pod));
        const pod = pods.get(shut?.verdict.pod ?? '');
        if (shut === undefined || pod === undefined) continue;
        const found = told(model, { policy, pod, manifest, shut });
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

interface ShutOut {
  readonly asked: Asked;
  readonly verdict: Denied;
}

/** The requests of an object for a Service that policies deny on their way in. */
function shutOut({ model }: JudgedSet, manifest: Manifest, service: Service): ShutOut[] {
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
  {
    policy,
    pod,
    manifest,
    shut: { asked, verdict },
  }: { readonly policy: NetworkPolicy; readonly pod: Pod; readonly manifest: Manifest; readonly shut: ShutOut },
): Yielded | null {
  const { peer, port } = verdict;
  const sender = podAt(model, peer) ?? podsWith(model, peer).find(({ manifest: { uri } }) => !isAssumed(uri)) ?? null;
  const isShown = sender !== null && !isAssumed(sender.manifest.uri);
  if (!isShown && mayMeanController(model, pod)) return null;
  const opening =
    `NetworkPolicy ${policy.name} shuts out ${manifest.kind} ${manifest.name}: what is asked of ${asked.target.text} ` +
    `comes to pod ${podName(pod)} from `;
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
