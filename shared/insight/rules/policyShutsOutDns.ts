import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { matchesAll } from '../../cluster/labelSelector.ts';
import { namedAddresses } from '../../cluster/namedAddresses.ts';
import type { PolicyPeer, PolicyPort, PolicyRule } from '../../cluster/networkPolicy.ts';
import type { Pod } from '../../cluster/pod.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { dnsGate } from '../../network/policy/dnsGate.ts';
import { selectsNamespace } from '../../network/policy/peer.ts';
import { isolating } from '../../network/policy/policiesOf.ts';
import { namesText } from '../../network/policy/policyText.ts';
import { addingItem } from '../fixes.ts';
import { ofPod, toldOf } from '../policies/policyPods.ts';
import { theObject } from '../related.ts';
import { rule, type Yielded } from '../rule.ts';

/** Before a packet goes to a name, the cluster's DNS is asked for it, over UDP, by the same pod. */
export const policyShutsOutDns = rule({
  id: 'policy-shuts-out-dns',
  topic: 'policies',
  severity: 'warning',
  meaning: "The pods can't ask the cluster's DNS, so no name resolves for them, whatever the rules let through.",
  remedy: "Let the pods out to the cluster's DNS, over UDP and TCP 53.",
  details:
    'Judged by all policies of the set that isolate the pods for egress. A warning where the pods are given names of ' +
    'Services, and some rule lets them out; an info where some rule lets them out to pods or to anybody. A policy ' +
    'that lets all pods of a namespace out to nobody is taken for a default that others add to.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-egress-traffic',
  about: 'NetworkPolicy',
  *check(policy, { model, isComplete }): Generator<Yielded> {
    if (!isComplete) return;
    const isForAll = policy.egress.length === 0 && matchesAll(policy.pods);
    const silent = isForAll ? [] : toldOf(model, policy, 'egress').filter((pod) => isMissed(model, pod) === true);
    const [first] = silent;
    if (first === undefined) return;
    const naming = silent.filter(({ manifest }) => namedAddresses(manifest).length > 0);
    const isOut = silent.some((pod) => rulesFor(model, pod).length > 0);
    const [named] = naming;
    const [address] = named === undefined ? [] : namedAddresses(named.manifest);
    const who = namesText([...new Set(silent.map(({ owner }) => `${owner.kind} ${owner.name}`))]);
    const example =
      named === undefined || address === undefined
        ? 'Only what they ask by address gets through.'
        : `${named.owner.kind} ${named.owner.name} is given ${address.service} by name.`;
    yield {
      severity: named !== undefined && isOut ? 'warning' : 'info',
      message:
        `NetworkPolicy ${policy.name} isolates the pods of ${who} for egress, and no policy lets them out to the ` +
        `cluster's DNS (UDP 53): no name resolves there. ${example}`,
      at: fieldOf(policy.manifest, 'spec', 'egress'),
      related: silent.map(({ manifest, owner }) => theObject(manifest, owner)),
      fixes: addingItem("Let them out to the cluster's DNS", policy.manifest, ruleForDns, 'spec', 'egress'),
    };
  },
  bad: {
    says: "lets them out to the cluster's DNS (UDP 53): no name resolves there. Deployment web is given redis by name",
    yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Egress]
  egress: [{ to: [{ podSelector: { matchLabels: { app: redis } } }] }]
          ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, env: [{ name: REDIS_URL, value: 'redis://redis:6379' }] }] }
`,
  },
  isMended: true,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Egress]
  egress: [{ to: [{ podSelector: { matchLabels: { app: redis } } }] }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: dns }
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress: [{ ports: [{ port: 53, protocol: UDP }, { port: 53 }] }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny, namespace: other }
spec: { podSelector: {}, policyTypes: [Egress] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, env: [{ name: REDIS_URL, value: 'redis://redis:6379' }] }] }
`,
});

const ruleForDns =
  '{ to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }, podSelector: ' +
  '{ matchLabels: { k8s-app: kube-dns } } }], ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }] }';

function rulesFor(model: ClusterModel, pod: Pod): readonly PolicyRule[] {
  return isolating(model, pod, 'egress').flatMap(({ egress }) => egress);
}

/** Whether a pod can't ask the cluster's DNS, and is to. */
const isMissed = ofPod((model, pod) => {
  const rules = rulesFor(model, pod);
  const isByAddress = rules.length > 0 && rules.every(({ peers }) => peers?.every(({ kind }) => kind === 'addresses'));
  const isNaming = namedAddresses(pod.manifest).length > 0;
  return (isNaming || (rules.length > 0 && !isByAddress)) && isShutOut(model, pod);
});

function isShutOut(model: ClusterModel, pod: Pod): boolean {
  const gate = dnsGate(model, pod, null, 'UDP');
  if (gate?.judgement.kind !== 'denied' || gate.direction !== 'egress' || gate.judgement.rule !== null) return false;
  if (!gate.isAssumed) return true;
  return isolating(model, pod, 'egress').every(({ egress, namespace }) =>
    egress.every(
      ({ ports, peers }) => !mayBeForDns(ports) || peers?.every((each) => !mayBeDns(model, each, namespace)),
    ),
  );
}

/** Of a DNS that isn't in the set: OpenShift's pods listen on 5353, a name may stand for any. */
function mayBeForDns(ports: readonly PolicyPort[] | null): boolean {
  return (
    ports === null ||
    ports.some(
      ({ protocol, port, endPort }) =>
        protocol === 'UDP' &&
        (typeof port !== 'number' || [53, 5353, 8053].some((each) => each >= port && each <= (endPort ?? port))),
    )
  );
}

/** Where the cluster's DNS may run: OpenShift has a namespace of its own. */
const namespacesOfDns = ['kube-system', 'openshift-dns'];

function mayBeDns(model: ClusterModel, peer: PolicyPeer, own: string): boolean {
  if (peer.kind === 'addresses') return true;
  const { namespaces } = peer;
  return namespaces === null
    ? namespacesOfDns.includes(own)
    : namespacesOfDns.some((each) => selectsNamespace(model, namespaces, each) !== false);
}
