import { byKeyOfModel, type ClusterModel, indexOfModel, ofModel } from '../../cluster/clusterModel.ts';
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
import { type ClusterNetworkPolicy, readClusterNetworkPolicy } from '../../cluster/clusterNetworkPolicy.ts';
import { fieldOf, type Manifest } from '../../manifest/manifest.ts';
import { type FieldPath, valueAt } from '../../manifest/value.ts';
import { hasWorkloads, serviceNamesIn, workloadsIn } from '../absence.ts';
import { replacing } from '../fixes.ts';
import { labelled, labelSlip } from '../labelSlip.ts';
import { mendingSlip, misspeltSelector } from '../misspeltSelector.ts';
import { selectorText } from '../policies/policyPods.ts';
import { type JudgedSet, rule, type Yielded } from '../rule.ts';
import { isSlipOf } from '../spelling.ts';

/** A NetworkPolicy's selectors that pick nothing by a slip. */
export const policySelectsNothing = rule({
  id: 'policy-selects-nothing',
  topic: 'policies',
  severity: 'warning',
  meaning: 'The policy guards none of the pods that were meant, or lets in none of them.',
  remedy: 'Write the labels that the pods or Namespaces have.',
  details:
    'It speaks where a selector picks nothing and a label of the set differs from it by a plain slip (`dev` and ' +
    "`dex` are two names), be it in its key, its value or its letters' case, in `matchLabels` or in the values of " +
    "`In`; or by a letter at its end where the namespace's policies pick their pods by this label and none of them " +
    'names the value that there is (`cart` for `carts`). The same of the namespace that a policy is in, where ' +
    'nothing else is in it. A selector that merely picks nothing may be meant for what is applied from elsewhere. Of ' +
    'policies for the whole cluster it looks at the subject and the peers.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource',
  about: 'object',
  *check(manifest, judged): Generator<Yielded> {
    const forCluster = readClusterNetworkPolicy(manifest);
    if (forCluster !== null) yield* judgeClusterPolicy(judged, forCluster);
    if (!isNetworkPolicy(manifest)) return;
    const policy = readNetworkPolicy(manifest);
    yield* judgeOwnNamespace(judged, policy);
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
    {
      says: 'The nearest, Deployment web, has app: web instead of ap: web.',
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
  namespace: shop
spec:
  podSelector: { matchLabels: { ap: web } }
               ~~~~~~~~~~~~~~~~~~~~~~~~~~~~
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec: { template: { metadata: { labels: { app: web } } } }
`,
    },
    {
      says: 'The nearest, Deployment web, has app: web instead of app in (wbe).',
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
  namespace: shop
spec:
  podSelector: { matchExpressions: [{ key: app, operator: In, values: [wbe] }] }
               ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec: { template: { metadata: { labels: { app: web } } } }
`,
    },
    {
      says: 'The nearest, Deployment web, has app: web instead of app: Web.',
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
  namespace: shop
spec:
  podSelector: { matchLabels: { app: Web } }
               ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec: { template: { metadata: { labels: { app: web } } } }
`,
    },
    {
      says: 'Namespace shop has kubernetes.io/metadata.name: shop.',
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
  namespace: shop
spec:
  podSelector: {}
  ingress:
    - from:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.nam: shop } }
                             ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec: { template: { metadata: { labels: { app: web } } } }
`,
    },
    {
      says: 'is in namespace shpo, of which nothing else is here, so it guards no pod. Namespace shop has pods',
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
  namespace: shpo
             ~~~~
spec:
  podSelector: { matchLabels: { app: web } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec: { template: { metadata: { labels: { app: web } } } }
`,
    },
    {
      says: 'ClusterNetworkPolicy web is for no pod. The nearest, Deployment web, has app: web instead of app: wbe.',
      yaml: `
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: web }
spec:
  tier: Admin
  priority: 10
  subject:
    pods:
      namespaceSelector: {}
      podSelector: { matchLabels: { app: wbe } }
                   ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  ingress:
    - action: Deny
      from:
        - namespaces: { matchLabels: { kubernetes.io/metadata.name: shpo } }
                      ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec: { template: { metadata: { labels: { app: web } } } }
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
        - { podSelector: { matchLabels: { zone: web } } }
        - { podSelector: { matchExpressions: [{ key: app, operator: In, values: [api, wet] }] } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: elsewhere, namespace: shop }
spec: { podSelector: {} }
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
  const { namespaces } = peer;
  const meant = namespaces === null ? [namespace] : namespacesMeant(judged, namespaces);
  if (namespaces !== null && meant.length === 0) {
    const selectorAt = [...peer.at, 'namespaceSelector'];
    yield* judgeNamespaces(judged, manifest, { selector: namespaces, at: selectorAt, does: `${does} nobody by this` });
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

const labelledNamespaces = ofModel(
  ({ declared }: ClusterModel) => labelled([...knownNamespaces(declared)].map(([name, labels]) => ({ name, labels }))),
  { eager: true },
);

function* judgeNamespaces(
  { model, isComplete }: JudgedSet,
  manifest: Manifest,
  { selector, at, does }: { readonly selector: LabelSelector; readonly at: FieldPath; readonly does: string },
): Generator<Yielded> {
  if (!isComplete) return;
  const slip = labelSlip(selector, labelledNamespaces(model));
  if (slip === null) return;
  yield {
    message:
      `${manifest.kind} ${manifest.name}: no Namespace has ${selectorText(selector)}, so it ${does}. ` +
      `Namespace ${slip.meant.name} has ${slip.has}.`,
    at: fieldOf(manifest, ...at),
    fixes: mendingSlip(manifest, at, slip),
  };
}

/**
 * A policy in a namespace of which the set has nothing else, a letter away from one that has the pods; told once for
 * all of them.
 */
function* judgeOwnNamespace({ model, isComplete }: JudgedSet, policy: NetworkPolicy): Generator<Yielded> {
  const { manifest, namespace, name, pods } = policy;
  const isThere = (each: string): boolean =>
    hasWorkloads(model, each) || serviceNamesIn(model, each).length > 0 || isDescribed(each);
  const isDescribed = (each: string): boolean => model.declared.gatewayApi.namespaceLabels.has(each);
  if (!isComplete || manifest.namespace === null || isThere(namespace)) return;
  const near = [...knownNamespaces(model.declared).keys()].find(
    (each) => isSlipOf(each, namespace) && workloadsIn(model, each).some(({ labels }) => matchesLabels(pods, labels)),
  );
  if (near === undefined) return;
  yield {
    message:
      `NetworkPolicy ${name} is in namespace ${namespace}, of which nothing else is here, so it guards no pod. ` +
      `Namespace ${near} has pods that it would select.`,
    at: fieldOf(manifest, 'metadata', 'namespace'),
    fixes: replacing(`Use namespace ${near}`, manifest, near, 'metadata', 'namespace'),
    cause: `namespace ${namespace}`,
  };
}

/** The same of a policy for the whole cluster: its subject and its peers. */
function* judgeClusterPolicy(judged: JudgedSet, policy: ClusterNetworkPolicy): Generator<Yielded> {
  const { manifest, subject, ingress, egress } = policy;
  const peers = [...ingress, ...egress].flatMap((each) => each.peers);
  const places = [
    { selected: subject, at: ['spec', 'subject'], does: 'is for no pod' },
    ...peers.flatMap((each) =>
      each.kind === 'pods' ? [{ selected: each, at: each.at, does: 'means nobody by this' }] : [],
    ),
  ];
  for (const { selected, at, does } of places) {
    const isOfPods = valueAt(manifest.value, ...at, 'pods') !== undefined;
    const selectorAt = isOfPods ? [...at, 'pods', 'namespaceSelector'] : [...at, 'namespaces'];
    const meant = namespacesMeant(judged, selected.namespaces);
    if (meant.length === 0) {
      yield* judgeNamespaces(judged, manifest, { selector: selected.namespaces, at: selectorAt, does });
      continue;
    }
    const podsAt = [...at, 'pods', 'podSelector'];
    const sought = { manifest, selector: selected.pods, at: podsAt, namespaces: meant.slice(0, most) };
    const misspelt = isOfPods ? misspeltSelector(judged, sought) : null;
    if (misspelt === null) continue;
    const { hint, ...rest } = misspelt;
    yield { message: `${manifest.kind} ${manifest.name} ${does}. ${hint}`, at: fieldOf(manifest, ...podsAt), ...rest };
  }
}

function namespacesMeant({ model }: JudgedSet, selector: LabelSelector): string[] {
  return [...knownNamespaces(model.declared)].flatMap(([each, labels]) =>
    matchesLabels(selector, labels) ? [each] : [],
  );
}
