import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { type LabelSelector, matchesAll } from '../../cluster/labelSelector.ts';
import type { NetworkPolicy, PolicyPeer } from '../../cluster/networkPolicy.ts';
import { keyFieldOf } from '../../manifest/manifest.ts';
import { valueAt } from '../../manifest/value.ts';
import { chosenBy, type PodGroup, podGroupsIn } from '../../network/policy/selected.ts';
import { joining } from '../fixes.ts';
import { groupsText, ownersOf, selectorText } from '../policies/policyPods.ts';
import type { JudgedSet, Severity } from '../rule.ts';
import { rule, type Yielded } from '../rule.ts';

/** One dash too many: either of two entries is enough, both selectors of one entry must hold. */
export const policyPeersApart = rule({
  id: 'policy-peers-apart',
  topic: 'policies',
  severity: 'warning',
  meaning: 'Every pod of the other namespace is let through, and the pods that were meant only as some of these.',
  remedy: "Write both selectors in one entry: take away the second's dash.",
  details:
    "It speaks where the pods' labels are of nobody in the policy's own namespace, in which a `podSelector` of its " +
    'own looks, and of pods in the namespaces of the entry beside it. Where that namespace is not in the set, only ' +
    'where the two entries share a name (`ingress-nginx`, `kube-system` and `kube-dns`), as an info.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors',
  about: 'NetworkPolicy',
  *check(policy, judged): Generator<Yielded> {
    for (const direction of ['ingress', 'egress'] as const)
      for (const { peers } of policy.isolates[direction] ? policy[direction] : [])
        for (const [index, each] of (peers ?? []).entries()) {
          const next = peers?.[index + 1];
          const pair = next === undefined ? null : pairOf(policy, each, next);
          if (pair !== null) yield* judge(judged, policy, { ...pair, does: does[direction] });
        }
  },
  bad: {
    says:
      'lets in all pods of namespace edge by this, 4 pods (Deployment proxy and Deployment debug), and by the entry ' +
      'beside it those with app: proxy of namespace shop, of which there is none. In one entry they would mean 1 pod ' +
      '(Deployment proxy) alone.',
    yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress:
    - from:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: edge } }
          ~~~~~~~~~~~~~~~~~
        - podSelector: { matchLabels: { app: proxy } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec: { template: { metadata: { labels: { app: web } } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: proxy, namespace: edge }
spec: { template: { metadata: { labels: { app: proxy } } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: debug, namespace: edge }
spec: { replicas: 3, template: { metadata: { labels: { app: debug } } } }
`,
  },
  also: [
    {
      says: 'lets out to all pods of namespaces with kubernetes.io/metadata.name: kube-system by this',
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector:
          ~~~~~~~~~~~~~~~~~
            matchLabels:
              kubernetes.io/metadata.name: kube-system
        - podSelector:
            matchLabels:
              k8s-app: kube-dns
      ports: [{ port: 53, protocol: UDP }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec: { template: { metadata: { labels: { app: web } } } }
`,
    },
    {
      says:
        'lets in all pods of all namespaces by this, 3 pods (Deployment web, Deployment proxy and Deployment debug), ' +
        'and by the entry beside it those with app: proxy of namespace shop, of which there is none. In one entry ' +
        'they would mean 1 pod (Deployment proxy) alone.',
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress:
    - from:
        - namespaceSelector: {}
          ~~~~~~~~~~~~~~~~~
        - podSelector: { matchLabels: { app: proxy } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec: { template: { metadata: { labels: { app: web } } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: proxy, namespace: edge }
spec: { template: { metadata: { labels: { app: proxy } } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: debug, namespace: edge }
spec: { template: { metadata: { labels: { app: debug } } } }
`,
    },
  ],
  isMended: true,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec:
  podSelector: {}
  ingress:
    - from:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: edge } }
          podSelector: { matchLabels: { app: proxy } }
    - from:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: edge } }
        - podSelector: { matchLabels: { app: web } }
    - from:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: monitoring } }
        - podSelector: { matchLabels: { role: client } }
    - from:
        - namespaceSelector: {}
        - podSelector: { matchLabels: { app: web } }
    - from:
        - namespaceSelector: {}
        - podSelector: { matchLabels: { role: client } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec: { template: { metadata: { labels: { app: web } } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: proxy, namespace: edge }
spec: { template: { metadata: { labels: { app: proxy } } } }
`,
});

const does = { ingress: 'lets in', egress: 'lets out to' } as const;

type OfPods = Extract<PolicyPeer, { kind: 'pods' }>;

/** Two entries, one beside the other, that look like one in two. */
interface Pair {
  /** All pods of some namespaces, or of all. */
  readonly wide: OfPods & { readonly namespaces: LabelSelector };
  /** Some pods of the policy's own namespace. */
  readonly narrow: OfPods;
}

function pairOf(policy: NetworkPolicy, first: PolicyPeer, second: PolicyPeer): Pair | null {
  if (first.kind !== 'pods' || second.kind !== 'pods') return null;
  const [wide, narrow] = first.namespaces === null ? [second, first] : [first, second];
  const { namespaces } = wide;
  if (namespaces === null || narrow.namespaces !== null || matchesAll(narrow.pods)) return null;
  return valueAt(policy.manifest.value, ...wide.at, 'podSelector') === undefined
    ? { wide: { ...wide, namespaces }, narrow }
    : null;
}

function* judge(
  { model, isComplete }: JudgedSet,
  policy: NetworkPolicy,
  { wide, narrow, does: verb }: Pair & { readonly does: string },
): Generator<Yielded> {
  const { manifest, name, namespace } = policy;
  if (!isComplete || chosenBy(model, narrow, namespace).groups.length > 0) return;
  const all = chosenBy(model, wide, namespace);
  const both = chosenBy(model, { ...wide, pods: narrow.pods }, namespace);
  const severity = severityOf(model, policy, { wide, narrow, both: both.groups });
  if (severity === null) return;
  const where = matchesAll(wide.namespaces)
    ? 'of all namespaces'
    : all.namespaces.length === 1
      ? `of namespace ${all.namespaces[0] ?? ''}`
      : `of namespaces with ${selectorText(wide.namespaces)}`;
  const now = all.groups.length === 0 ? '' : `, ${groupsText(all.groups)},`;
  const alone =
    both.groups.length === 0 ? 'the pods with both' : `${groupsText(both.groups)}${isMore(all.groups, both.groups)}`;
  yield {
    severity,
    message:
      `NetworkPolicy ${name} ${verb} all pods ${where} by this${now} and by the entry beside it those with ` +
      `${selectorText(narrow.pods)} of namespace ${namespace}, of which there is none. ` +
      `In one entry they would mean ${alone}.`,
    at: keyFieldOf(manifest, ...wide.at, 'namespaceSelector'),
    related: ownersOf(model, all.groups),
    fixes: joining('Make one entry of both', manifest, { into: wide.at, from: narrow.at, key: 'podSelector' }),
  };
}

function isMore(all: readonly PodGroup[], both: readonly PodGroup[]): string {
  return all.length > both.length ? ' alone' : ', who are all that there are now';
}

/** How sure it is that one entry was meant; null where two may well be. */
function severityOf(
  model: ClusterModel,
  { namespace }: NetworkPolicy,
  { wide, narrow, both }: Pair & { readonly both: readonly PodGroup[] },
): Severity | null {
  const isOwnShown = podGroupsIn(model, namespace).length > 0;
  if (both.length > 0) return isOwnShown ? 'warning' : 'info';
  if (!isOwnShown || chosenBy(model, wide, namespace).groups.length > 0) return null;
  const spaces = [...wide.namespaces.labels.values()];
  const names = [...narrow.pods.labels.values()];
  const isOfDns = spaces.includes('kube-system') && names.some((each) => each === 'kube-dns' || each === 'coredns');
  return isOfDns || names.some((each) => spaces.includes(each)) ? 'info' : null;
}
