import { byKeyOfModel, type ClusterModel, indexOfModel } from '../../cluster/clusterModel.ts';
import { selectedPods } from '../../cluster/lookups.ts';
import { networkPoliciesOf } from '../../network/policy/policiesOf.ts';
import { type LabelSelector, matchesLabels } from '../../cluster/labelSelector.ts';
import { knownNamespaces } from '../../cluster/namespaces.ts';
import { once } from '../../cluster/once.ts';
import {
  isNetworkPolicy,
  type NetworkPolicy,
  type PolicyPeer,
  readNetworkPolicy,
} from '../../cluster/networkPolicy.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import type { FieldPath } from '../../manifest/value.ts';
import { replacing } from '../fixes.ts';
import { misspeltSelector } from '../misspeltSelector.ts';
import { type JudgedSet, rule, type Yielded } from '../rule.ts';
import { isSlipOf } from '../spelling.ts';

/** A NetworkPolicy's selectors that pick nothing by a slip. */
export const policySelectsNothing = rule({
  id: 'policy-selects-nothing',
  topic: 'policies',
  severity: 'warning',
  meaning: 'The NetworkPolicy guards none of the pods that were meant, or lets in none of them.',
  remedy: 'Write the labels that the pods or Namespaces have.',
  details:
    'It speaks where a selector picks nothing and a label of the set differs from it by a plain slip (`dev` and ' +
    "`dex` are two names), or by a letter at its end where the namespace's policies pick their pods by this label " +
    'and none of them names the value that there is (`cart` for `carts`). A selector that merely picks nothing may ' +
    'be meant for what is applied from elsewhere.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource',
  about: 'object',
  *check(manifest, judged): Generator<Yielded> {
    if (!isNetworkPolicy(manifest)) return;
    const policy = readNetworkPolicy(manifest);
    const isPlain = isPlainIn(judged.model, policy.namespace);
    const own = {
      manifest,
      selector: policy.pods,
      at: ['spec', 'podSelector'],
      namespaces: [policy.namespace],
      isPlain,
    };
    const misspelt = misspeltSelector(judged, own);
    if (misspelt !== null) {
      const { hint, ...rest } = misspelt;
      yield {
        message: `NetworkPolicy ${policy.name} selects no pod, so it guards none. ${hint}`,
        at: fieldOf(manifest, 'spec', 'podSelector'),
        ...rest,
      };
    }
    for (const direction of ['ingress', 'egress'] as const)
      for (const { peers } of policy[direction])
        for (const peer of peers ?? []) yield* judgePeer(judged, policy, peer, direction);
  },
  bad: {
    says: 'The nearest, Deployment web, has app: web instead of app: wbe.',
    yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec:
  podSelector: { matchLabels: { app: wbe } }
               ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  ingress: [{}]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { template: { metadata: { labels: { app: web } } } }
`,
  },
  also: [
    {
      says: 'lets in no pod of this rule. The nearest, Deployment cart, has app: cart instead of app: crat.',
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec:
  podSelector: {}
  ingress:
    - from:
        - podSelector: { matchLabels: { app: crat } }
                       ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: cart, namespace: shop }
spec: { template: { metadata: { labels: { app: cart } } } }
`,
    },
    {
      says: 'no Namespace has team: platfrom, so it lets in nobody by this. Namespace edge has team: platform.',
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec:
  podSelector: {}
  ingress:
    - from:
        - namespaceSelector: { matchLabels: { team: platfrom } }
                             ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
---
apiVersion: v1
kind: Namespace
metadata: { name: edge, labels: { team: platform } }
`,
    },
    {
      says: 'The nearest, Deployment carts, has name: carts instead of name: cart.',
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: cart-access, namespace: shop }
spec:
  podSelector: { matchLabels: { name: cart } }
               ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  ingress:
    - from:
        - podSelector: { matchLabels: { name: front-end } }
        - podSelector: { matchLabels: { name: orders } }
        - podSelector: { matchLabels: { name: user } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: carts, namespace: shop }
spec: { template: { metadata: { labels: { name: carts } } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: orders, namespace: shop }
spec: { template: { metadata: { labels: { name: orders } } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: front-end, namespace: shop }
spec: { template: { metadata: { labels: { name: front-end } } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: user, namespace: shop }
spec: { template: { metadata: { labels: { name: user } } } }
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
  ingress:
    - from:
        - { namespaceSelector: { matchLabels: { team: elsewhere } } }
        - { podSelector: { matchLabels: { app: wet } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { template: { metadata: { labels: { app: web } } } }
`,
});

type Direction = 'ingress' | 'egress';

function* judgePeer(
  judged: JudgedSet,
  policy: NetworkPolicy,
  peer: PolicyPeer,
  direction: Direction,
): Generator<Yielded> {
  if (peer.kind === 'addresses') return;
  const { manifest, name, namespace } = policy;
  const does = direction === 'ingress' ? 'lets in' : 'lets out to';
  const known = knownNamespaces(judged.model.declared);
  const { namespaces } = peer;
  const meant =
    namespaces === null
      ? [namespace]
      : [...known].flatMap(([each, labels]) => (matchesLabels(namespaces, labels) ? [each] : []));
  if (namespaces !== null && meant.length === 0) {
    yield* judgeNamespaces(judged, policy, { selector: namespaces, at: [...peer.at, 'namespaceSelector'], does });
    return;
  }
  const at = [...peer.at, 'podSelector'];
  const isPlain = namespaces === null ? isPlainIn(judged.model, namespace) : () => false;
  const sought = { manifest, selector: peer.pods, at, namespaces: meant.slice(0, most), isPlain };
  const misspelt = misspeltSelector(judged, sought);
  if (misspelt === null) return;
  const { hint, ...rest } = misspelt;
  yield {
    message: `NetworkPolicy ${name} ${does} no pod of this rule. ${hint}`,
    at: fieldOf(manifest, ...at),
    ...rest,
  };
}

/** The labels by which a policy selects pods of its own namespace. */
const ownLabels = once(({ pods, ingress, egress }: NetworkPolicy): readonly (readonly [string, string])[] => {
  const peers = [...ingress, ...egress].flatMap((each) => each.peers ?? []);
  const own = peers.flatMap((each) => (each.kind === 'pods' && each.namespaces === null ? [each.pods] : []));
  return [pods, ...own].flatMap(({ labels }) => [...labels]);
});

const policiesByLabel = indexOfModel(networkPoliciesOf, (policy: NetworkPolicy) => [
  ...new Set(ownLabels(policy).map(([label]) => `${policy.namespace}\n${label}`)),
]);

const policiesByValue = indexOfModel(networkPoliciesOf, (policy: NetworkPolicy) => [
  ...new Set(ownLabels(policy).map(([label, value]) => valueKey(policy.namespace, label, value))),
]);

function valueKey(namespace: string, label: string, value: string): string {
  return `${namespace}\n${label}\n${value}`;
}

/**
 * Where a namespace's policies go by a label, and name most of its values, one that none of them names is that of a pod
 * which was forgotten, or is misspelt.
 */
function isPlainIn(model: ClusterModel, namespace: string): (label: string, value: string) => boolean {
  return (label, value) =>
    policiesByValue(model).get(valueKey(namespace, label, value)).length === 0 && goBy(model, `${namespace}\n${label}`);
}

/** Whether a namespace's policies pick pods there by several values of a label. */
const goBy = byKeyOfModel(
  (model, key) => {
    const [namespace = '', own = ''] = key.split('\n');
    const picking = new Set<string>();
    for (const policy of policiesByLabel(model).get(key))
      for (const [label, value] of ownLabels(policy)) {
        if (label !== own || picking.has(value)) continue;
        if (selectedPods(model, { namespace, selector: new Map([[label, value]]) }).length > 0) picking.add(value);
        if (picking.size === fewestPicking) return true;
      }
    return false;
  },
  { eager: true },
);

const fewestPicking = 3;

/** The namespaces in which pods are looked for. */
const most = 20;

function* judgeNamespaces(
  { model, isComplete }: JudgedSet,
  { manifest, name }: NetworkPolicy,
  { selector, at, does }: { readonly selector: LabelSelector; readonly at: FieldPath; readonly does: string },
): Generator<Yielded> {
  if (!isComplete || selector.labels.size !== 1 || selector.expressions.length > 0) return;
  const [[key, value] = ['', '']] = selector.labels;
  const near = nearNamespace(model, key, value);
  if (near === null) return;
  yield {
    message:
      `NetworkPolicy ${name}: no Namespace has ${key}: ${value}, so it ${does} nobody by this. ` +
      `Namespace ${near.name} has ${key}: ${near.value}.`,
    at: fieldOf(manifest, ...at),
    fixes: replacing(`Use ${key}: ${near.value}`, manifest, near.value, ...at, 'matchLabels', key),
  };
}

function nearNamespace(model: ClusterModel, key: string, value: string): { name: string; value: string } | null {
  for (const [name, labels] of knownNamespaces(model.declared)) {
    const has = labels.get(key);
    if (has !== undefined && isSlipOf(has, value)) return { name, value: has };
  }
  return null;
}
