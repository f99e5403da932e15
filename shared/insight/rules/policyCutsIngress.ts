import { isAssumed } from '../../cluster/because.ts';
import { type ClusterModel, indexOfModel } from '../../cluster/clusterModel.ts';
import type { Route } from '../../cluster/gatewayApi/route.ts';
import type { Ingress } from '../../cluster/ingress.ts';
import { nameKey, podAt, podNamed, podsWith, selectedPods, servicesSelecting } from '../../cluster/lookups.ts';
import type { NetworkPolicy } from '../../cluster/networkPolicy.ts';
import type { Pod } from '../../cluster/pod.ts';
import type { Service } from '../../cluster/service.ts';
import { fieldOf, type Manifest } from '../../manifest/manifest.ts';
import { chosenPlugin } from '../../network/policy/chosenPlugin.ts';
import { judgeAtGate } from '../../network/policy/gate.ts';
import { isolating } from '../../network/policy/policiesOf.ts';
import { seenAtGate } from '../../network/policy/seenAtGate.ts';
import { endsOf } from '../../trace/ends.ts';
import type { Station } from '../../trace/station.ts';
import { type Packet, podName } from '../../trace/trace.ts';
import { traceRequest } from '../../trace/traceRequest.ts';
import type { EndedAs, Verdict } from '../../trace/verdict.ts';
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
      if (shut === null) continue;
      yield told(model, policy, shut);
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

/** The first of those that lead to a pod of which something is told; null where all come through. */
const shutOutOf = ofPod((model, pod): ShutOut | null => {
  if (isolating(model, pod, 'ingress').length === 0) return null;
  const stopped = (comingTo(model, pod) ?? []).flatMap((coming) => stoppedPeer(model, coming) ?? []);
  if (stopped.length === 0 || !stopped.some((peer) => isTold(model, pod, peer))) return null;
  for (const service of servicesSelecting(model, pod))
    for (const manifest of leadingTo(model, service))
      for (const asked of askedFor(model, manifest, service))
        for (const { verdict } of endsOf(traceRequest(model, requestOf(asked, { kind: 'internet' })).graph))
          if (isDeniedInto(verdict) && isOf(model, pod, verdict.pod) && isTold(model, pod, verdict.peer))
            return { manifest, asked, verdict };
  return null;
});

/** Whether a trace's pod is one of a pod's workload. */
function isOf(model: ClusterModel, { manifest }: Pod, traced: string): boolean {
  return podTraced(model, traced)?.manifest.key === manifest.key;
}

function isDeniedInto(verdict: Verdict): verdict is Denied {
  return verdict.kind === 'denied' && verdict.reason === 'network-policy' && verdict.direction === 'ingress';
}

/** The requests of an object for a Service, as many as are traced. */
function askedFor(model: ClusterModel, manifest: Manifest, service: Service): Asked[] {
  const askable = askableOf(model, manifest);
  if (askable === null) return [];
  const rules = askable.kind === 'Ingress' ? askable.ingress.rules : [];
  return asksOf(model, askable)
    .filter((_, index) => (rules[index]?.backend?.service ?? service.name) === service.name)
    .slice(0, mostTraced);
}

/** A packet at the gate of a pod, of a request that an Ingress or a route leads there. */
interface Coming extends Pick<Extract<Station, { kind: 'pod' }>, 'masquerade'> {
  readonly pod: Pick<Pod, 'namespace' | 'name'>;
  readonly packet: Packet;
}

/** All that come to the pods of one workload, were it not for policies: what a policy says asks nobody for it again. */
const comingTo = ofPod(
  (model, pod): readonly Coming[] =>
    servicesSelecting(model, pod).flatMap((service) =>
      leadingTo(model, service).flatMap((manifest) =>
        askedFor(model, manifest, service).flatMap((asked) =>
          traceRequest(model, requestOf(asked, { kind: 'internet' }), { policies: 'left out' }).graph.nodes.flatMap(
            ({ arrival: { station, packet } }): Coming[] => {
              if (station.kind !== 'pod' || station.pod?.manifest.key !== pod.manifest.key) return [];
              const { masquerade, pod: own } = station;
              return [{ masquerade, pod: { namespace: own.namespace, name: own.name }, packet }];
            },
          ),
        ),
      ),
    ),
  (a, b) => JSON.stringify(a) === JSON.stringify(b),
);

/** The sender of a packet that policies deny at a pod's gate, as it is seen there; null where they let it through. */
function stoppedPeer(model: ClusterModel, { pod: { namespace, name }, packet, ...came }: Coming): string | null {
  const pod = podNamed(model, namespace, name);
  if (pod === null) return null;
  const { plugin } = chosenPlugin(model.profile);
  const seen = seenAtGate(model, packet, { pod, direction: 'ingress', ...came }, plugin);
  return judgeAtGate(model, seen.at, seen.plugin).kind === 'denied' ? seen.peer.address : null;
}

/** Who sends from an address, as far as the set shows it; null for what is merely assumed. */
function senderShown(model: ClusterModel, address: string): Pod | null {
  const sender = podAt(model, address) ?? podsWith(model, address).find(({ manifest }) => !isAssumed(manifest.uri));
  return sender === undefined || isAssumed(sender.manifest.uri) ? null : sender;
}

/** Whether it is told that somebody is shut out; not of whom nothing shows, where some rule may mean it. */
function isTold(model: ClusterModel, pod: Pod, peer: string): boolean {
  return senderShown(model, peer) !== null || !mayMeanController(model, pod);
}

/** Requests that are traced of one object. */
const mostTraced = 4;

function told(model: ClusterModel, policy: NetworkPolicy, { manifest, asked, verdict }: ShutOut): Yielded {
  const sender = senderShown(model, verdict.peer);
  const opening =
    `NetworkPolicy ${policy.name} shuts out ${manifest.kind} ${manifest.name}: what is asked of ${asked.target.text} ` +
    `comes to pod ${verdict.pod} from `;
  return {
    severity: sender === null ? 'info' : 'warning',
    message:
      sender === null
        ? `${opening}whatever serves it, and no rule lets in a controller.`
        : `${opening}pod ${podName(sender)}, and no rule lets that in on port ${verdict.port}.`,
    at: fieldOf(policy.manifest, 'spec', 'podSelector'),
    related: [theObject(manifest), ...(sender === null ? [] : [theObject(sender.manifest, sender.owner)])],
    fixes: sender === null || sender.hostNetwork ? [] : lettingIn(model, policy, sender),
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
