import { hostRange } from '../../cluster/address.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { matchesAll } from '../../cluster/labelSelector.ts';
import { namedAddresses } from '../../cluster/namedAddresses.ts';
import type { NetworkPolicy, PolicyPeer, PolicyPort, PolicyRule } from '../../cluster/networkPolicy.ts';
import type { Pod } from '../../cluster/pod.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { dnsGate, type DnsPeers, dnsPeers } from '../../network/policy/dnsGate.ts';
import { selectsNamespace } from '../../network/policy/peer.ts';
import { isolating } from '../../network/policy/policiesOf.ts';
import { namesText } from '../../network/policy/policyText.ts';
import { valueAt } from '../../manifest/value.ts';
import { plainText } from '../../manifest/textChanges.ts';
import { addingItem, documentBefore } from '../fixes.ts';
import { ofPod, toldOf } from '../policies/policyPods.ts';
import { theObject } from '../related.ts';
import { rule, type Yielded } from '../rule.ts';

/** Before a packet goes to a name, the cluster's DNS is asked for it, over UDP, by the same pod. */
export const policyShutsOutDns = rule({
  id: 'policy-shuts-out-dns',
  topic: 'policies',
  severity: 'warning',
  meaning: "The pods can't ask the cluster's DNS, so no name resolves for them, whatever the rules let through.",
  remedy:
    "Let the pods out to the cluster's DNS, over UDP and TCP, at the port where its pods listen: 53, of OpenShift's " +
    '5353.',
  details:
    'Judged by all policies of the set that isolate the pods for egress. A warning where the pods are given names of ' +
    'Services, and some rule lets them out; an info where some rule lets them out to pods or to anybody. A policy ' +
    'that lets all pods of a namespace out to nobody is taken for a default that others add to. Told once a policy, ' +
    'at the one with the widest selector of those that isolate the pods: a rule there mends it for all of them. The ' +
    "rule that mends it is for the DNS that the set shows: its pods, or the addresses of the nodes' own caches; " +
    'else for `kube-dns`.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-egress-traffic',
  about: 'NetworkPolicy',
  *check(policy, { model, isComplete }): Generator<Yielded> {
    if (!isComplete) return;
    const silent = toldOf(model, policy, 'egress').filter((pod) => isMissed(model, pod) === true);
    const out = silent.filter((pod) => rulesFor(model, pod).length > 0);
    const [first] = silent;
    if (first === undefined || (out.length === 0 && matchesAll(policy.pods))) return;
    const isNaming = ({ manifest }: Pod): boolean => namedAddresses(manifest).length > 0;
    const asking = out.find(isNaming);
    const named = asking ?? silent.find(isNaming);
    const [address] = named === undefined ? [] : namedAddresses(named.manifest);
    const dns = dnsPeers(model, first);
    const letting = ruleFor(dns);
    const who = namesText([...new Set(silent.map(({ owner }) => `${owner.kind} ${owner.name}`))]);
    const example =
      named === undefined || address === undefined
        ? 'Only what they ask by address gets through.'
        : `${named.owner.kind} ${named.owner.name} is given ${address.service} by name.`;
    yield {
      severity: asking === undefined ? 'info' : 'warning',
      message:
        `NetworkPolicy ${policy.name} isolates the pods of ${who} for egress, and no policy lets them out to the ` +
        `cluster's DNS (UDP ${dns.port}): no name resolves there. ${example}`,
      at: fieldOf(
        policy.manifest,
        'spec',
        valueAt(policy.manifest.value, 'spec', 'egress') === undefined ? 'policyTypes' : 'egress',
      ),
      related: silent.map(({ manifest, owner }) => theObject(manifest, owner)),
      fixes: [
        ...addingItem("Let them out to the cluster's DNS", policy.manifest, letting, 'spec', 'egress'),
        ...(policy.egress.length > 0
          ? []
          : documentBefore('Write a policy beside it that does', policy.manifest, policyForDns(policy, letting))),
      ],
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
  also: [
    {
      says:
        'default-deny isolates the pods of Deployment cart and Deployment web for egress, and no policy lets them ' +
        "out to the cluster's DNS",
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny }
spec:
  podSelector: {}
  policyTypes: [Egress]
               ~~~~~~~~
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Egress]
  egress: [{ to: [{ podSelector: { matchLabels: { app: cart } } }] }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: cart }
spec:
  podSelector: { matchLabels: { app: cart } }
  policyTypes: [Egress]
  egress: [{ to: [{ podSelector: { matchLabels: { app: redis } } }] }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: cart }
spec: { template: { metadata: { labels: { app: cart } } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { template: { metadata: { labels: { app: web } } } }
`,
    },
    {
      says: "the cluster's DNS (UDP 5353): no name resolves there",
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Egress]
  egress:
  - to: [{ podSelector: { matchLabels: { app: redis } } }]
  ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { template: { metadata: { labels: { app: web } } } }
---
apiVersion: v1
kind: Service
metadata: { name: dns-default, namespace: openshift-dns }
spec:
  clusterIP: 172.30.0.10
  selector: { dns.operator.openshift.io/daemonset-dns: default }
  ports: [{ name: dns, port: 53, targetPort: dns, protocol: UDP }]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: dns-default, namespace: openshift-dns }
spec:
  template:
    metadata: { labels: { dns.operator.openshift.io/daemonset-dns: default } }
    spec: { containers: [{ name: dns, ports: [{ name: dns, containerPort: 5353, protocol: UDP }] }] }
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

/** For the DNS that the set shows, where it does. */
function ruleFor(peers: DnsPeers): string {
  const ports = ['UDP', 'TCP'].map((protocol) => `{ protocol: ${protocol}, port: ${peers.port} }`).join(', ');
  return `{ to: [${entriesFor(peers).join(', ')}], ports: [${ports}] }`;
}

function entriesFor(peers: DnsPeers): string[] {
  if (peers.kind === 'addresses')
    return peers.addresses
      .map(hostRange)
      .map((each) => `{ ipBlock: { cidr: ${each.includes(':') ? plainText(each) : each} } }`);
  const labels = [...peers.labels].map(([key, value]) => `${plainText(key)}: ${plainText(value)}`).join(', ');
  const namespace = `{ matchLabels: { kubernetes.io/metadata.name: ${plainText(peers.namespace)} } }`;
  return [`{ namespaceSelector: ${namespace}, podSelector: { matchLabels: { ${labels} } } }`];
}

/** A policy with a name of its own, for the same pods. */
function policyForDns({ manifest, namespace, name }: NetworkPolicy, rule: string): string {
  const selector = valueAt(manifest.value, 'spec', 'podSelector') ?? {};
  const inNamespace = manifest.namespace === null ? '' : `, namespace: ${plainText(namespace)}`;
  return (
    'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n' +
    `metadata: { name: ${plainText(`${name}-dns`)}${inNamespace} }\n` +
    `spec:\n  podSelector: ${JSON.stringify(selector)}\n  policyTypes: [Egress]\n  egress:\n    - ${rule}\n`
  );
}

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
