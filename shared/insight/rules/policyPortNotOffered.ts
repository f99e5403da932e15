import { type ClusterModel, indexOfModel } from '../../cluster/clusterModel.ts';
import { matchesLabels } from '../../cluster/labelSelector.ts';
import { selectedPods, servicesIn } from '../../cluster/lookups.ts';
import {
  isNetworkPolicy,
  type NetworkPolicy,
  type PolicyPort,
  type PolicyRule,
  readNetworkPolicy,
} from '../../cluster/networkPolicy.ts';
import type { Pod } from '../../cluster/pod.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { chosenPlugin } from '../../network/policy/chosenPlugin.ts';
import { replacing } from '../fixes.ts';
import { theObject } from '../related.ts';
import { rule, type Yielded } from '../rule.ts';

/**
 * A port that a NetworkPolicy opens is the pod's own, never the Service's: kube-proxy has rewritten the destination
 * before the policy is asked; but for plug-ins that ask it before that, on the way out of a pod. A name is looked up in
 * each pod's containers.
 */
export const policyPortNotOffered = rule({
  id: 'policy-port-not-offered',
  topic: 'policies',
  severity: 'warning',
  meaning: 'The NetworkPolicy opens a port that no pod has, and the one that they have stays shut.',
  remedy: "Write the container's port, not the Service's.",
  details:
    "A name that no pod's container has is certain. A number is told where the pods declare ports and this isn't " +
    "one: as a warning where it is a Service's port that leads to another, else as an info, as a container may " +
    'listen on a port that it does not declare. Nothing is said of the ports of an Istio sidecar.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-range-of-ports',
  about: 'object',
  *check(manifest, { model, isComplete }): Generator<Yielded> {
    if (!isComplete || !isNetworkPolicy(manifest)) return;
    const policy = readNetworkPolicy(manifest);
    const pods = podsOf(model, policy);
    for (const each of policy.ingress) yield* judge(model, policy, { rule: each, pods, seesService: false });
    const seesService = chosenPlugin(model.profile).plugin.egressSees === 'service';
    for (const each of policy.egress) {
      const own = each.peers?.map((peer) =>
        peer.kind === 'pods' && peer.namespaces === null
          ? selectedPods(model, { namespace: policy.namespace, selector: peer.pods.labels }).filter((pod) =>
              matchesLabels(peer.pods, pod.labels),
            )
          : [],
      );
      if (own?.every((found) => found.length > 0) === true)
        yield* judge(model, policy, { rule: each, pods: own.flat(), seesService });
    }
  },
  bad: {
    says: "80 is port 80 of Service web, which leads to the pods' port 8080",
    yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress:
    - ports:
        - port: 80
                ~~
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, ports: [{ name: http, containerPort: 8080 }] }] }
`,
  },
  also: [
    {
      says: 'none of its pods has a TCP port named htpt; they have http (8080)',
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress:
    - ports:
        - port: htpt
                ~~~~
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, ports: [{ name: http, containerPort: 8080 }] }] }
`,
    },
  ],
  isMended: true,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress: [{ ports: [{ port: 8080 }, { port: http }, { port: 15090 }, { port: 8000, endPort: 8100 }] }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, ports: [{ name: http, containerPort: 8080 }] }] }
`,
});

const podsByNamespace = indexOfModel(
  ({ pods }) => pods,
  ({ namespace }: Pod) => [namespace],
);

/** The pods that a policy is for, where it names a label of theirs. */
function podsOf(model: ClusterModel, { pods, namespace }: NetworkPolicy): readonly Pod[] {
  const candidates =
    pods.labels.size === 0
      ? podsByNamespace(model).get(namespace)
      : selectedPods(model, { namespace, selector: pods.labels });
  return candidates.filter(({ labels }) => matchesLabels(pods, labels));
}

/** What a rule opens, at which pods; whether the gate sees a Service's own port. */
interface Opened {
  readonly rule: PolicyRule;
  readonly pods: readonly Pod[];
  readonly seesService: boolean;
}

function* judge(
  model: ClusterModel,
  { manifest, name }: NetworkPolicy,
  { rule: { ports }, pods, seesService }: Opened,
): Generator<Yielded> {
  const [first] = pods;
  if (first === undefined) return;
  for (const wanted of ports ?? []) {
    const { port, protocol } = wanted;
    const declared = pods.map(({ containers }) =>
      containers.flatMap((each) => each.ports.filter((offered) => offered.protocol === protocol)),
    );
    const all = declared.flat();
    if (port === null || all.some((each) => opens(wanted, each))) continue;
    const offered = [
      ...new Set(all.map((each) => (each.name === '' ? `${each.port}` : `${each.name} (${each.port})`))),
    ];
    const at = [...wanted.at, 'port'];
    const own = { at: fieldOf(manifest, ...at), related: [theObject(first.manifest, first.owner)] };
    const opening = `NetworkPolicy ${name} opens port ${port}, but `;
    const [only, another] = offered;
    const theOnly = all[0];
    if (typeof port === 'string') {
      yield {
        ...own,
        message:
          `${opening}none of its pods has a ${protocol} port named ${port}; they have ` +
          `${offered.join(', ') || 'none'}. The rule lets nothing through.`,
        fixes:
          only === undefined || another !== undefined || theOnly === undefined
            ? []
            : replacing(`Use ${theOnly.name || theOnly.port}`, manifest, theOnly.name || `${theOnly.port}`, ...at),
      };
      continue;
    }
    if (declared.some((each) => each.length === 0) || sidecarPorts.has(port)) continue;
    const target = targetOf(model, first, wanted);
    if (target !== null && seesService) continue;
    yield {
      ...own,
      severity: target === null ? 'info' : 'warning',
      message:
        target === null
          ? `${opening}none of its pods declares it; they declare ${offered.join(', ')}. ` +
            'Unless something listens there all the same, the rule lets nothing through.'
          : `${opening}${port} is port ${port} of Service ${target.service}, which leads to the pods' port ` +
            `${target.port}: a policy sees the pod's port, so the Service's connections are dropped.`,
      fixes: target === null ? [] : replacing(`Use port ${target.port}`, manifest, `${target.port}`, ...at),
    };
  }
}

/**
 * What Istio's sidecar and ztunnel listen on, and istiod: no manifest declares it.
 * Source: https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio (1.27).
 */
const sidecarPorts = new Set([15008, 15012, 15017, 15020, 15021, 15090]);

function opens({ port, endPort }: PolicyPort, offered: { readonly name: string; readonly port: number }): boolean {
  if (typeof port === 'string') return offered.name === port;
  return port !== null && offered.port >= port && offered.port <= (endPort ?? port);
}

/** The Service before a pod whose own port this is, and the pod's port behind it. */
function targetOf(
  model: ClusterModel,
  pod: Pod,
  { port, protocol, endPort }: PolicyPort,
): { service: string; port: number } | null {
  if (endPort !== null) return null;
  for (const { name, selector, ports, headless } of servicesIn(model, pod.namespace)) {
    if (headless || selector === null || ![...selector].every(([key, value]) => pod.labels.get(key) === value))
      continue;
    const found = ports.find((each) => each.port === port && each.protocol === protocol);
    const offered = pod.containers.flatMap((each) => each.ports);
    const target = offered.find((each) => each.port === found?.targetPort || each.name === found?.targetPort);
    if (target !== undefined && target.port !== port) return { service: name, port: target.port };
  }
  return null;
}
