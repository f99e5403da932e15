import { familyOf } from '../../cluster/address.ts';
import { type ClusterModel, indexOfModel } from '../../cluster/clusterModel.ts';
import { matchesLabels } from '../../cluster/labelSelector.ts';
import { selectedPods, servicesSelecting } from '../../cluster/lookups.ts';
import {
  isNetworkPolicy,
  type NetworkPolicy,
  type PolicyPort,
  type PolicyRule,
  readNetworkPolicy,
} from '../../cluster/networkPolicy.ts';
import type { Pod } from '../../cluster/pod.ts';
import type { Service, ServicePort } from '../../cluster/service.ts';
import { fieldOf, type Manifest } from '../../manifest/manifest.ts';
import type { FieldPath } from '../../manifest/value.ts';
import { chosenPlugin } from '../../network/policy/chosenPlugin.ts';
import { type Judgement, judgeAtGate, type PolicyName } from '../../network/policy/gate.ts';
import { type Direction, isolating } from '../../network/policy/policiesOf.ts';
import type { PolicyPlugin } from '../../network/policy/policyPlugin.ts';
import { seenAtGate } from '../../network/policy/seenAtGate.ts';
import { removing, replacing } from '../fixes.ts';
import { peersMeant } from '../policies/peersMeant.ts';
import { guardedBy } from '../policies/policyPods.ts';
import { theObject } from '../related.ts';
import { type Fix, rule, type Yielded } from '../rule.ts';

/**
 * A port that a NetworkPolicy opens is the pod's own, never the Service's: kube-proxy has rewritten the destination
 * before the policy is asked, and a plug-in that asks it before that makes the Service's port of the pod's. A name is
 * looked up in each pod's containers.
 */
export const policyPortNotOffered = rule({
  id: 'policy-port-not-offered',
  topic: 'policies',
  severity: 'warning',
  meaning: 'The NetworkPolicy opens a port that no pod has, and the one that they have stays shut.',
  remedy: "Write the container's port, not the Service's.",
  details:
    "A name that no pod's container has is certain. A number is told where the pods declare ports and this isn't " +
    "one: as a warning where it is a Service's port that leads to another which no policy opens for those that the " +
    'rule means, as the network plug-in in force reads it; else as an info, as a container may listen on a port that ' +
    'it does not declare. A range is read the same way. Nothing is said of the ports of an Istio sidecar.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-range-of-ports',
  about: 'object',
  *check(manifest, { model, isComplete }): Generator<Yielded> {
    if (!isComplete || !isNetworkPolicy(manifest)) return;
    const policy = readNetworkPolicy(manifest);
    const { plugin } = chosenPlugin(model.profile);
    if (!plugin.enforces.includes('NetworkPolicy')) return;
    const { isolates, ingress, egress, namespace } = policy;
    const guarded = isolates.ingress ? podsOf(model, policy) : [];
    for (const each of isolates.ingress ? ingress : [])
      yield* judge(model, policy, { direction: 'ingress', rule: each, pods: guarded, plugin });
    for (const each of isolates.egress ? egress : []) {
      const own = each.peers?.map((peer) =>
        peer.kind === 'pods' && peer.namespaces === null ? podsOf(model, { namespace, pods: peer.pods }) : [],
      );
      if (own?.every((found) => found.length > 0) === true)
        yield* judge(model, policy, { direction: 'egress', rule: each, pods: own.flat(), plugin });
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
    {
      says: "opens ports 80 to 90, but 80 is port 80 of Service web, which leads to the pods' port 8080",
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
          endPort: 90
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: http }] }
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
    {
      says: "80 is port 80 of Service web, which leads to the pods' port 8080: a policy means the pod's port",
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: client }
spec:
  podSelector: { matchLabels: { app: client } }
  policyTypes: [Egress]
  egress:
    - to: [{ podSelector: { matchLabels: { app: web } } }]
      ports:
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
---
apiVersion: v1
kind: Pod
metadata: { name: client, labels: { app: client } }
---
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: prod }
spec: { podNetwork: { cni: aws-vpc } }
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
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: by-the-service }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress: [{ ports: [{ port: 80 }] }]
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
});

const podsByNamespace = indexOfModel(
  ({ pods }) => pods,
  ({ namespace }: Pod) => [namespace],
);

/** One pod of each workload. */
function podsOf(model: ClusterModel, { pods, namespace }: Pick<NetworkPolicy, 'pods' | 'namespace'>): readonly Pod[] {
  const candidates =
    pods.labels.size === 0
      ? podsByNamespace(model).get(namespace)
      : selectedPods(model, { namespace, selector: pods.labels });
  const found = candidates.filter(({ labels }) => matchesLabels(pods, labels));
  return [...new Map(found.toReversed().map((pod) => [pod.manifest.key, pod])).values()].toReversed();
}

/** What a rule opens, at which pods. */
interface Opened {
  readonly direction: Direction;
  readonly rule: PolicyRule;
  readonly pods: readonly Pod[];
  readonly plugin: PolicyPlugin;
}

function* judge(model: ClusterModel, policy: NetworkPolicy, opened: Opened): Generator<Yielded> {
  const { manifest, name } = policy;
  const { rule: each, pods, plugin } = opened;
  const [first] = pods;
  if (first === undefined) return;
  for (const wanted of each.ports ?? []) {
    const { port, protocol } = wanted;
    const declared = pods.map(({ containers }) =>
      containers.flatMap((one) => one.ports.filter((offered) => offered.protocol === protocol)),
    );
    const all = declared.flat();
    if (port === null) continue;
    const last = plugin.portRanges === 'whole' && typeof port === 'number' ? (wanted.endPort ?? port) : port;
    if (all.some((one) => (typeof port === 'string' ? one.name === port : isBetween(one.port, port, last)))) continue;
    const offered = [...new Set(all.map((one) => (one.name === '' ? `${one.port}` : `${one.name} (${one.port})`)))];
    const at = [...wanted.at, 'port'];
    const own = { at: fieldOf(manifest, ...at), related: [theObject(first.manifest, first.owner)] };
    const opening = `NetworkPolicy ${name} opens ${last === port ? `port ${port}` : `ports ${port} to ${last}`}, but `;
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
    if (declared.some((one) => one.length === 0) || sidecarPorts.has(port)) continue;
    const leading = pods.flatMap((pod) => leadingOn(model, pod, wanted, last));
    const shut = leading.flatMap((one) => shutTo(model, policy, opened, one) ?? [])[0];
    if (leading.length > 0 && shut === undefined) continue;
    yield shut === undefined
      ? {
          ...own,
          severity: 'info',
          message:
            `${opening}none of its pods declares ${last === port ? 'it' : 'any of them'}; they declare ` +
            `${offered.join(', ')}. Unless something listens there all the same, the rule lets nothing through.`,
        }
      : {
          ...own,
          message:
            `${opening}${shut.port.port} is port ${shut.port.port} of Service ${shut.service.name}, which leads to ` +
            `the pods' port ${shut.target}: a policy means the pod's port, so the Service's connections are ` +
            `${plugin.denies === 'drops' ? 'dropped' : 'rejected'}` +
            `${shut.but === null ? '.' : `, but for those that ${shut.but.kind} ${shut.but.name} lets through.`}`,
          fixes: usingPort(manifest, wanted.at, shut.target),
        };
  }
}

/**
 * What Istio's sidecar and ztunnel listen on, and istiod: no manifest declares it.
 * Source: https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio (1.27).
 */
const sidecarPorts = new Set([15008, 15012, 15017, 15020, 15021, 15090]);

function isBetween(port: number, first: number, last: number | string): boolean {
  return port >= first && typeof last === 'number' && port <= last;
}

/** A Service before a pod of which a policy names the port, and the pod's port behind it. */
interface Leading {
  readonly pod: Pod;
  readonly service: Service;
  readonly port: ServicePort;
  readonly target: number;
}

function leadingOn(
  model: ClusterModel,
  pod: Pod,
  { port: first, protocol }: PolicyPort,
  last: number | string,
): Leading[] {
  if (typeof first !== 'number') return [];
  const offered = pod.containers.flatMap((each) => each.ports);
  return servicesSelecting(model, pod).flatMap((service) => {
    if (service.headless) return [];
    return service.ports.flatMap((port) => {
      if (port.protocol !== protocol || !isBetween(port.port, first, last)) return [];
      const target = offered.find((each) => each.port === port.targetPort || each.name === port.targetPort)?.port;
      return target === undefined || isBetween(target, first, last) ? [] : [{ pod, service, port, target }];
    });
  });
}

interface Shut extends Leading {
  /** Who lets others through; null where nobody does. */
  readonly but: PolicyName | null;
}

/**
 * Whether some of those whom a rule means can't get through to a pod by a Service, whatever all policies together open;
 * null where all can, or it isn't known.
 */
function shutTo(model: ClusterModel, policy: NetworkPolicy, opened: Opened, leading: Leading): Shut | null {
  const asked = opened.direction === 'ingress' ? comingIn : goingOut;
  const judgements = asked(model, policy, opened, leading);
  if (!judgements.some(({ kind }) => kind === 'denied')) return null;
  const others = opened.direction === 'ingress' ? comingBesides(model, opened, leading) : [];
  const allowed = [...judgements, ...others].find((each) => each.kind === 'allowed');
  return { ...leading, but: allowed?.by ?? null };
}

/** Those whom any rule for the pod means. */
function comingBesides(model: ClusterModel, opened: Opened, leading: Leading): readonly Judgement[] {
  return isolating(model, leading.pod, 'ingress')
    .flatMap((policy) => policy.ingress.map((each) => ({ policy, rule: each })))
    .slice(0, mostRules)
    .flatMap(({ policy, rule: each }) => comingIn(model, policy, { ...opened, rule: each }, leading));
}

const mostRules = 32;

type Asked = (model: ClusterModel, policy: NetworkPolicy, opened: Opened, leading: Leading) => readonly Judgement[];

const comingIn: Asked = (model, policy, { rule: each, plugin }, { pod, port: { protocol }, target }) =>
  peersMeant(model, policy, each, pod).map((peer) =>
    judgeAtGate(model, { pod, direction: 'ingress', protocol, peer, port: target }, plugin),
  );

const goingOut: Asked = (model, policy, { plugin }, { pod, service, port, target }) =>
  guardedBy(model, policy).map((client) => {
    const { protocol } = port;
    const family = familyOf(pod.address);
    const address = service.clusterIPs.find((each) => familyOf(each) === family);
    const source = client.addresses.find((each) => familyOf(each) === family) ?? client.address;
    const seen = seenAtGate(
      model,
      { protocol, source, destination: { address: pod.address, port: target } },
      { pod: client, direction: 'egress', service: address === undefined ? null : { address, port: port.port } },
      plugin,
    );
    return judgeAtGate(model, seen.at, seen.plugin);
  });

/** One port in the place of another, or of a range. */
function usingPort(manifest: Manifest, at: FieldPath, port: number): Fix[] {
  const title = `Use port ${port}`;
  const [replaced] = replacing(title, manifest, `${port}`, ...at, 'port');
  const ends = removing(title, manifest, ...at, 'endPort').flatMap(({ edits }) => edits);
  return replaced === undefined ? [] : [{ title, edits: [...replaced.edits, ...ends] }];
}
