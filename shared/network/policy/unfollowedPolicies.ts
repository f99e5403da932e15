import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { eachOfDeclared, indexOfDeclared, ofDeclared } from '../../cluster/declared.ts';
import { namespaceNameLabel } from '../../cluster/gatewayApi/gatewayApi.ts';
import { type LabelSelector, matchesLabels, readLabelSelector } from '../../cluster/labelSelector.ts';
import { podAt } from '../../cluster/lookups.ts';
import { once } from '../../cluster/once.ts';
import type { Pod } from '../../cluster/pod.ts';
import { labelKeysOf } from '../../cluster/podSelection.ts';
import { groupOf, type Manifest, namespaceOf } from '../../manifest/manifest.ts';
import { itemsAt, keysAt, textAt, textOf, type Value, valueAt } from '../../manifest/value.ts';
import type { Direction } from './policiesOf.ts';

/**
 * A policy of a kind that isn't read here: a product's own, often called like a standard one. What it lets through and
 * what not isn't known, so a verdict holds only as far as it has no say. Whom it may be for is read where that is
 * plain.
 */
export interface UnfollowedPolicy {
  readonly manifest: Manifest;
  readonly product: string;
  readonly kind: string;
  readonly name: string;
  readonly subjects: readonly Subject[];
  readonly directions: readonly Direction[];
  /** Whether it has a say only in what leaves the cluster. */
  readonly isForOutside: boolean;
}

/** Pods, all but those that surely aren't meant. */
interface Subject {
  /** Null for any. */
  readonly namespace: string | null;
  readonly pods: LabelSelector;
}

interface UnfollowedKind {
  readonly product: string;
  readonly groups: readonly string[];
  readonly kind: string;
  readonly subjects: (spec: Value | undefined, namespace: string) => readonly Subject[];
  readonly directions: (spec: Value | undefined) => readonly Direction[];
  readonly isForOutside?: true;
}

const directions: readonly Direction[] = ['ingress', 'egress'];
const anyPods: LabelSelector = { labels: new Map(), expressions: [] };

const calico = { product: 'Calico', groups: ['projectcalico.org', 'crd.projectcalico.org'] };
const cilium = { product: 'Cilium', groups: ['cilium.io'], directions: bySections };
const antrea = {
  product: 'Antrea',
  groups: ['crd.antrea.io', 'security.antrea.tanzu.vmware.com'],
  directions: bySections,
};
const aws = { product: 'AWS', groups: ['networking.k8s.aws'] };

/** Calico's staged ones do nothing, and are no such kinds. */
const unfollowedKinds: readonly UnfollowedKind[] = [
  // projectcalico/calico api/pkg/apis/projectcalico/v3/networkpolicy.go, globalnetworkpolicy.go (87c1590).
  {
    ...calico,
    kind: 'NetworkPolicy',
    subjects: (spec, namespace) => [{ ...byExpression(textAt(spec, 'selector')), namespace }],
    directions: (spec) => byTypes(spec, 'types'),
  },
  {
    ...calico,
    kind: 'GlobalNetworkPolicy',
    subjects: (spec) => {
      const { pods, namespace } = byExpression(textAt(spec, 'selector'));
      return [{ pods, namespace: namespace ?? namespaceIn(textAt(spec, 'namespaceSelector')) }];
    },
    directions: (spec) => byTypes(spec, 'types'),
  },
  // cilium/cilium pkg/policy/api/rule.go (1.20.2); one without an endpointSelector is for nodes.
  { ...cilium, kind: 'CiliumNetworkPolicy', subjects: (spec, namespace) => byEndpoints(spec, namespace) },
  { ...cilium, kind: 'CiliumClusterwideNetworkPolicy', subjects: (spec) => byEndpoints(spec, null) },
  // antrea-io/antrea pkg/apis/crd/v1beta1/types.go `AppliedTo` (fc70f2b).
  { ...antrea, kind: 'NetworkPolicy', subjects: (spec, namespace) => byAppliedTo(spec, namespace) },
  { ...antrea, kind: 'ClusterNetworkPolicy', subjects: (spec) => byAppliedTo(spec, null) },
  // aws/amazon-network-policy-controller-k8s api/v1alpha1 (ecc7e6a).
  {
    ...aws,
    kind: 'ApplicationNetworkPolicy',
    subjects: byPodSelector,
    directions: (spec) => byTypes(spec, 'policyTypes'),
  },
  {
    ...aws,
    kind: 'ClusterNetworkPolicy',
    subjects: (spec) => {
      const of = (...path: readonly string[]): Value | undefined => valueAt(spec, 'subject', ...path);
      return [
        {
          namespace: namespaceOfSelector(of('namespaces') ?? of('pods', 'namespaceSelector')),
          pods: readLabelSelector(of('pods', 'podSelector')),
        },
      ];
    },
    directions: bySections,
  },
  // https://cloud.google.com/kubernetes-engine/docs/how-to/fqdn-network-policies
  {
    product: 'GKE',
    groups: ['networking.gke.io'],
    kind: 'FQDNNetworkPolicy',
    subjects: byPodSelector,
    directions: outOnly,
  },
  // ovn-kubernetes go-controller/pkg/crd/egressfirewall/v1/types.go: for addresses outside the cluster (8871cd9).
  {
    product: 'OVN-Kubernetes',
    groups: ['k8s.ovn.org'],
    kind: 'EgressFirewall',
    subjects: byNamespace,
    directions: outOnly,
    isForOutside: true,
  },
  {
    product: 'OpenShift',
    groups: ['network.openshift.io'],
    kind: 'EgressNetworkPolicy',
    subjects: byNamespace,
    directions: outOnly,
    isForOutside: true,
  },
  // https://istio.io/latest/docs/reference/config/security/authorization-policy/
  {
    product: 'Istio',
    groups: ['security.istio.io'],
    kind: 'AuthorizationPolicy',
    subjects: (spec, namespace) => [
      { namespace: namespace === istioRoot ? null : namespace, pods: readLabelSelector(valueAt(spec, 'selector')) },
    ],
    directions: inOnly,
  },
  // https://linkerd.io/2/reference/authorization-policy/: a Server's port is shut but for who is authorized.
  {
    product: 'Linkerd',
    groups: ['policy.linkerd.io'],
    kind: 'Server',
    subjects: byPodSelector,
    directions: inOnly,
  },
];

/** What is in its root namespace is for all of the mesh; the usual one. */
const istioRoot = 'istio-system';

const kindNames = [...new Set(unfollowedKinds.map(({ kind }) => kind))];

/** A policy that isn't followed; null for any other object. */
export const unfollowedPolicy = once((manifest: Manifest): UnfollowedPolicy | null => {
  const group = groupOf(manifest);
  const found = unfollowedKinds.find(({ kind, groups }) => kind === manifest.kind && groups.includes(group));
  if (found === undefined) return null;
  const specs = [valueAt(manifest.value, 'spec'), ...itemsAt(manifest.value, 'specs')];
  const written = specs.filter((each) => each !== undefined);
  const { kind, product, isForOutside = false } = found;
  const said = new Set(written.flatMap((spec) => found.directions(spec)));
  return {
    manifest,
    product,
    kind,
    name: manifest.name,
    subjects: written.flatMap((spec) => found.subjects(spec, namespaceOf(manifest))),
    directions: directions.filter((each) => said.has(each)),
    isForOutside,
  };
});

const all = eachOfDeclared(
  (declared) => kindNames.flatMap((kind) => declared.ofKind(kind)),
  (manifest: Manifest) => {
    const policy = unfollowedPolicy(manifest);
    return policy === null ? [] : [policy];
  },
);

/** Most sets have none, and then no pod is looked up. */
const hasAny = ofDeclared((declared): boolean => all(declared).length > 0, { eager: true });

/** By one label that a pod must have, or by the namespace alone; '' is that of any. */
const bySubject = indexOfDeclared(all, ({ subjects }: UnfollowedPolicy) => [
  ...new Set(
    subjects.map(({ namespace, pods: { labels } }) => {
      const [first] = labelKeysOf({ namespace: namespace ?? '', labels });
      return first ?? namespace ?? '';
    }),
  ),
]);

const podKeys = once((pod: Pod) =>
  [pod.namespace, ''].flatMap((namespace) => [namespace, ...labelKeysOf({ namespace, labels: pod.labels })]),
);

/** Those that may be for a pod of the pod network, in either direction. */
export function unfollowedFor({ declared }: ClusterModel, pod: Pod): readonly UnfollowedPolicy[] {
  if (pod.hostNetwork || !hasAny(declared)) return [];
  const index = bySubject(declared);
  const found = podKeys(pod).flatMap((key) => index.get(key));
  return [...new Set(found)].filter(({ subjects }) =>
    subjects.some(
      ({ namespace, pods }) => (namespace ?? pod.namespace) === pod.namespace && matchesLabels(pods, pod.labels),
    ),
  );
}

/** Those that may have a say in what comes into a pod, or leaves it for an address. */
export function unfollowedAt(
  model: ClusterModel,
  { pod, direction, to }: { readonly pod: Pod; readonly direction: Direction; readonly to: string },
): readonly UnfollowedPolicy[] {
  return unfollowedFor(model, pod).filter(
    ({ directions: said, isForOutside }) => said.includes(direction) && !(isForOutside && podAt(model, to) !== null),
  );
}

function byNamespace(_spec: Value | undefined, namespace: string): readonly Subject[] {
  return [{ namespace, pods: anyPods }];
}

function byPodSelector(spec: Value | undefined, namespace: string): readonly Subject[] {
  return [{ namespace, pods: readLabelSelector(valueAt(spec, 'podSelector')) }];
}

function inOnly(): readonly Direction[] {
  return ['ingress'];
}

function outOnly(): readonly Direction[] {
  return ['egress'];
}

/** Those that are listed, else those that have rules, else the way in. */
function byTypes(spec: Value | undefined, key: string): readonly Direction[] {
  const types = itemsAt(spec, key).map((each) => textOf(each)?.toLowerCase());
  if (types.length > 0) return directions.filter((each) => types.includes(each));
  const ruled = directions.filter((each) => itemsAt(spec, each).length > 0);
  return ruled.length > 0 ? ruled : ['ingress'];
}

function bySections(spec: Value | undefined): readonly Direction[] {
  const keys = keysAt(spec);
  return directions.filter((each) => keys.includes(each) || keys.includes(`${each}Deny`));
}

/** The namespace that a selector picks by its name; null where it may pick any. */
function namespaceOfSelector(selector: Value | undefined): string | null {
  return readLabelSelector(selector).labels.get(namespaceNameLabel) ?? null;
}

/** Of Calico's own selectors, `a == "b" && c == 'd'`, the parts that say what a label is; anything else may be so. */
function byExpression(selector = ''): Subject {
  const equal = equalities(selector);
  const labels = [...equal].filter(([key]) => !key.startsWith('projectcalico.org/'));
  return {
    namespace: equal.get('projectcalico.org/namespace') ?? null,
    pods: { labels: new Map(labels), expressions: [] },
  };
}

function namespaceIn(selector = ''): string | null {
  const equal = equalities(selector);
  return equal.get('projectcalico.org/name') ?? equal.get(namespaceNameLabel) ?? null;
}

function equalities(selector: string): ReadonlyMap<string, string> {
  if (/\|\||[!&(]\s*\(|^\s*\(/.test(selector)) return new Map();
  return new Map(
    selector.split('&&').flatMap((term) => {
      const [, key, , value] = /^\s*([\w./-]+)\s*==\s*(["'])([^"']*)\2\s*$/.exec(term) ?? [];
      return key === undefined || value === undefined ? [] : [[key, value] as const];
    }),
  );
}

/** Cilium writes of which source a label is before it: `k8s:app`. Those of a namespace stand among the pod's. */
function byEndpoints(spec: Value | undefined, namespace: string | null): readonly Subject[] {
  const written = valueAt(spec, 'endpointSelector');
  if (written === undefined) return [];
  const { labels, expressions } = readLabelSelector(written);
  const plain = (key: string): string => key.replace(/^(?:k8s|any)[:.]/, '');
  const isOfPod = (key: string): boolean => !/^(?:k8s:)?io\.(?:kubernetes|cilium)\./.test(key);
  return [
    {
      namespace: namespace ?? [...labels].find(([key]) => plain(key) === 'io.kubernetes.pod.namespace')?.[1] ?? null,
      pods: {
        labels: new Map([...labels].filter(([key]) => isOfPod(key)).map(([key, value]) => [plain(key), value])),
        expressions: expressions.filter(({ key }) => isOfPod(key)).map((each) => ({ ...each, key: plain(each.key) })),
      },
    },
  ];
}

/** Antrea says it for a policy or rule by rule; a group or an account may be any pod's. */
function byAppliedTo(spec: Value | undefined, own: string | null): readonly Subject[] {
  const rules = directions.flatMap((each) => itemsAt(spec, each));
  return [spec, ...rules]
    .flatMap((each) => itemsAt(each, 'appliedTo'))
    .filter((each) => valueAt(each, 'nodeSelector') === undefined)
    .map((each) => ({
      namespace: own ?? namespaceOfSelector(valueAt(each, 'namespaceSelector')),
      pods: readLabelSelector(valueAt(each, 'podSelector')),
    }));
}
