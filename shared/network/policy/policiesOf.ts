import { isAssumed } from '../../cluster/because.ts';
import { byKeyOfModel, type ClusterModel, eachOfModel, indexOfModel, ofModel } from '../../cluster/clusterModel.ts';
import { type ClusterNetworkPolicy, readClusterNetworkPolicy, type Tier } from '../../cluster/clusterNetworkPolicy.ts';
import { crdRefusalsOf } from '../../cluster/crdRefusals.ts';
import { eachOfDeclared } from '../../cluster/declared.ts';
import { namespaceNameLabel } from '../../cluster/gatewayApi/gatewayApi.ts';
import { matchesLabels } from '../../cluster/labelSelector.ts';
import { isNetworkPolicy, type NetworkPolicy, readNetworkPolicy } from '../../cluster/networkPolicy.ts';
import { sameItems } from '../../cluster/listChanges.ts';
import { once } from '../../cluster/once.ts';
import type { Pod } from '../../cluster/pod.ts';
import { labelKeysOf } from '../../cluster/podSelection.ts';
import type { Manifest } from '../../manifest/manifest.ts';
import { validateObject } from '../../manifest/validation/object.ts';
import { isUndecided, selectsPod, type Undecided } from './peer.ts';

export type Direction = 'ingress' | 'egress';

const written = eachOfDeclared(
  (declared) => declared.ofKind('NetworkPolicy'),
  (manifest: Manifest) => (isNetworkPolicy(manifest) && !isAssumed(manifest.uri) ? [manifest] : []),
);

/** The NetworkPolicies of a set that the API server takes: those that it refuses enforce nothing. */
export const networkPoliciesOf = eachOfModel(
  ({ declared }) => written(declared),
  (manifest: Manifest, kubernetesMinor: number) =>
    takenBy(manifest)(kubernetesMinor) ? [readNetworkPolicy(manifest)] : [],
  ({ profile }) => profile.kubernetesMinor,
);

/**
 * Whether a version's API server takes a policy. One with a field that it doesn't know it doesn't, as those who apply
 * manifests ask it to be strict. Source: KEP-2885 (kubectl since 1.25; server-side apply always).
 */
const takenBy = once((manifest: Manifest): ((kubernetesMinor: number) => boolean) => {
  const known = new Map<number, boolean>();
  return (minor) => {
    const before = known.get(minor);
    if (before !== undefined) return before;
    const isTaken = (validateObject(manifest, minor) ?? []).length === 0;
    known.set(minor, isTaken);
    return isTaken;
  };
});

const takenByKey = indexOfModel(networkPoliciesOf, ({ manifest }: NetworkPolicy) => [manifest.key]);

/** Whether a policy's manifest is taken by the API server. */
export function isTakenPolicy(model: ClusterModel, { key }: Pick<Manifest, 'key'>): boolean {
  return takenByKey(model).get(key).length > 0;
}

/** By one label that a pod must have to be selected; by the namespace alone where there is none. */
const bySelector = indexOfModel(networkPoliciesOf, ({ namespace, pods }: NetworkPolicy) => {
  const [first] = labelKeysOf({ namespace, labels: pods.labels });
  return [first ?? namespace];
});

/** What policies select a pod by. */
export type PodSelected = Pick<Pod, 'namespace' | 'labels' | 'hostNetwork'>;

/** Equal for pods of one namespace with the same labels: the same policies are for them. */
const classOf = once(({ namespace, labels }: PodSelected) => JSON.stringify([namespace, [...labels]]));

function readClass(key: string): Pick<Pod, 'namespace' | 'labels'> {
  const [namespace, labels]: [string, [string, string][]] = JSON.parse(key);
  return { namespace, labels: new Map(labels) };
}

/**
 * The NetworkPolicies that isolate a pod in a direction, in the order of the set; none of one on its node's network,
 * which no plug-in that we know of takes for a pod here.
 */
export function isolating(model: ClusterModel, pod: PodSelected, direction: Direction): readonly NetworkPolicy[] {
  return pod.hostNetwork ? [] : selectingClass(model, classOf(pod))[direction];
}

/** Those that select it, for either direction. */
export function selecting(model: ClusterModel, pod: PodSelected): readonly NetworkPolicy[] {
  return pod.hostNetwork ? [] : selectingClass(model, classOf(pod)).all;
}

interface Selecting extends Readonly<Record<Direction, readonly NetworkPolicy[]>> {
  readonly all: readonly NetworkPolicy[];
}

const selectingClass = byKeyOfModel(
  (model, key): Selecting => {
    const pod = readClass(key);
    const index = bySelector(model);
    const all = [pod.namespace, ...labelKeysOf(pod)]
      .flatMap((each) => index.get(each))
      .filter(({ pods }) => matchesLabels(pods, pod.labels));
    const isolatingIn = (direction: Direction): readonly NetworkPolicy[] =>
      all.filter(({ isolates }) => isolates[direction]);
    return { all, ingress: isolatingIn('ingress'), egress: isolatingIn('egress') };
  },
  { eager: true, same: (a, b) => sameItems(a.all, b.all) },
);

const writtenForCluster = eachOfDeclared(
  (declared) => [
    ...declared.ofKind('ClusterNetworkPolicy'),
    ...declared.ofKind('AdminNetworkPolicy'),
    ...declared.ofKind('BaselineAdminNetworkPolicy'),
  ],
  (manifest: Manifest) => {
    const policy = readClusterNetworkPolicy(manifest);
    return policy === null || isAssumed(manifest.uri) || !isTakenByCrd(manifest) ? [] : [policy];
  },
);

/** The policies for the whole cluster, of all three kinds, that the API server takes. */
export function clusterPoliciesOf({ declared }: ClusterModel): readonly ClusterNetworkPolicy[] {
  return writtenForCluster(declared);
}

const clusterPoliciesByKey = indexOfModel(clusterPoliciesOf, ({ manifest }: ClusterNetworkPolicy) => [manifest.key]);

/** Whether the manifest of a policy for the whole cluster is taken by the API server. */
export function isTakenClusterPolicy(model: ClusterModel, { key }: Pick<Manifest, 'key'>): boolean {
  return clusterPoliciesByKey(model).get(key).length > 0;
}

/** What only some release of its CRD refuses, a cluster may take. */
function isTakenByCrd(manifest: Manifest): boolean {
  return crdRefusalsOf(manifest).every(({ by }) => by.taking !== null);
}

/**
 * By one label that a pod must have to be a subject; by one that its namespace must have, or by its being labelled at
 * all, for a namespace whose labels aren't known; by nothing where there is none.
 */
const bySubject = indexOfModel(clusterPoliciesOf, ({ subject: { pods, namespaces } }: ClusterNetworkPolicy) => {
  const [label] = pods.labels;
  if (label !== undefined) return [subjectKey('pod', ...label)];
  const name = namespaces.labels.get(namespaceNameLabel);
  if (name !== undefined) return [subjectKey('namespace', namespaceNameLabel, name)];
  const [own] = namespaces.labels;
  return own === undefined ? ['all'] : [subjectKey('namespace', ...own), 'labelled'];
});

function subjectKey(of: 'pod' | 'namespace', label: string, value: string): string {
  return `${of}\n${label}\n${value}`;
}

/** A policy for the whole cluster at a pod's gate; `unsure` where it can't be known whether the pod is its subject. */
export interface AtSubject {
  readonly policy: ClusterNetworkPolicy;
  readonly unsure: Undecided | null;
}

/**
 * The policies of a tier that have rules for a pod in a direction, the lowest priority number first, then by name; none
 * for a pod on its node's network.
 */
export function tierAt(model: ClusterModel, pod: PodSelected, direction: Direction, tier: Tier): readonly AtSubject[] {
  if (pod.hostNetwork || !hasClusterPolicies(model)) return [];
  return subjectedTo(model, classOf(pod))[tier][direction];
}

interface SubjectedTo extends Readonly<Record<Tier, Readonly<Record<Direction, readonly AtSubject[]>>>> {
  readonly all: readonly AtSubject[];
}

const hasClusterPolicies = ofModel((model) => clusterPoliciesOf(model).length > 0, { eager: true });

const subjectedTo = byKeyOfModel(
  (model: ClusterModel, key): SubjectedTo => {
    const { namespace, labels } = readClass(key);
    const index = bySubject(model);
    const ofNamespace = model.declared.gatewayApi.namespaceLabels.get(namespace);
    const all = [
      'all',
      ...[...labels].map(([label, value]) => subjectKey('pod', label, value)),
      subjectKey('namespace', namespaceNameLabel, namespace),
      ...(ofNamespace === undefined
        ? ['labelled']
        : [...ofNamespace]
            .filter(([label]) => label !== namespaceNameLabel)
            .map(([label, value]) => subjectKey('namespace', label, value))),
    ]
      .flatMap((each) => index.get(each))
      .flatMap((policy): AtSubject[] => {
        const selects = selectsPod(model, policy.subject, { namespace, labels });
        return selects === false ? [] : [{ policy, unsure: isUndecided(selects) ? selects : null }];
      })
      .toSorted(({ policy: a }, { policy: b }) => a.priority - b.priority || (a.name < b.name ? -1 : 1));
    const ofTier = (tier: Tier): SubjectedTo[Tier] => {
      const own = all.filter(({ policy }) => policy.tier === tier);
      return {
        ingress: own.filter(({ policy }) => policy.ingress.length > 0),
        egress: own.filter(({ policy }) => policy.egress.length > 0),
      };
    };
    return { all, Admin: ofTier('Admin'), Baseline: ofTier('Baseline') };
  },
  { same: (a, b) => a.all.length === b.all.length && a.all.every((each, index) => isSame(each, b.all[index])) },
);

function isSame({ policy, unsure }: AtSubject, other: AtSubject | undefined): boolean {
  return policy === other?.policy && (unsure === null) === (other.unsure === null);
}

/** Whether any policy has something to say at a pod's gate. */
export function isJudged(model: ClusterModel, pod: Pod, direction: Direction): boolean {
  return (
    isolating(model, pod, direction).length > 0 ||
    tierAt(model, pod, direction, 'Admin').length > 0 ||
    tierAt(model, pod, direction, 'Baseline').length > 0
  );
}
