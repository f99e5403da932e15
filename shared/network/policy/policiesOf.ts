import { isAssumed } from '../../cluster/because.ts';
import { type ClusterModel, indexOfModel, ofModel } from '../../cluster/clusterModel.ts';
import { eachOfDeclared } from '../../cluster/declared.ts';
import { matchesLabels } from '../../cluster/labelSelector.ts';
import { isNetworkPolicy, type NetworkPolicy, readNetworkPolicy } from '../../cluster/networkPolicy.ts';
import type { Pod } from '../../cluster/pod.ts';
import { labelKeysOf } from '../../cluster/podSelection.ts';
import type { Manifest } from '../../manifest/manifest.ts';
import { validateObject } from '../../manifest/validation/object.ts';

export type Direction = 'ingress' | 'egress';

const written = eachOfDeclared(
  (declared) => declared.ofKind('NetworkPolicy'),
  (manifest: Manifest) => (isNetworkPolicy(manifest) && !isAssumed(manifest.uri) ? [manifest] : []),
);

/** The NetworkPolicies of a set that the API server takes: those that it refuses enforce nothing. */
export const networkPoliciesOf = ofModel(({ declared, profile }: ClusterModel): readonly NetworkPolicy[] =>
  written(declared)
    .filter((manifest) => isTaken(manifest, profile.kubernetesMinor))
    .map(readNetworkPolicy),
);

/** A field that the server doesn't know is no reason for it: it is left out, unless somebody asks to be strict. */
function isTaken(manifest: Manifest, kubernetesMinor: number): boolean {
  return (validateObject(manifest, kubernetesMinor) ?? []).every(({ kind }) => kind === 'UnknownField');
}

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

/**
 * The NetworkPolicies that isolate a pod in a direction, in the order of the set; none of one on its node's network,
 * which no plug-in that we know of takes for a pod here.
 */
export function isolating(model: ClusterModel, pod: PodSelected, direction: Direction): readonly NetworkPolicy[] {
  if (pod.hostNetwork) return [];
  const index = bySelector(model);
  return [pod.namespace, ...labelKeysOf(pod)]
    .flatMap((key) => index.get(key))
    .filter(({ pods, isolates }) => isolates[direction] && matchesLabels(pods, pod.labels));
}
