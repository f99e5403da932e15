import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { podNamed } from '../../cluster/lookups.ts';
import { type ClusterNetworkPolicy, readClusterNetworkPolicy } from '../../cluster/clusterNetworkPolicy.ts';
import { isNetworkPolicy, type NetworkPolicy, readNetworkPolicy } from '../../cluster/networkPolicy.ts';
import { type Field, fieldOf, keyFieldOf, type Manifest } from '../../manifest/manifest.ts';
import { type FieldPath, type Value, valueAt } from '../../manifest/value.ts';
import { chosenBy, groupsOfPolicy, type PodGroup } from '../../network/policy/selected.ts';
import type { Link } from './links.ts';

/**
 * From the selectors of a policy to the workloads whose pods it is for, and whose it lets through: from a workload's
 * name an editor comes back to all policies that have a say in its pods' traffic, by whatever labels.
 */
export function policyLinks(manifest: Manifest): Link[] {
  if (isNetworkPolicy(manifest)) return linksOfPolicy(readNetworkPolicy(manifest));
  const policy = readClusterNetworkPolicy(manifest);
  return policy === null ? [] : linksOfClusterPolicy(policy);
}

function linksOfPolicy(policy: NetworkPolicy): Link[] {
  const { manifest, namespace } = policy;
  const peers = [...policy.ingress, ...policy.egress].flatMap((rule) => rule.peers ?? []);
  return [
    ...linkFrom(manifest, ['spec', 'podSelector'], [namespace], (model) => groupsOfPolicy(model, policy)),
    ...peers.flatMap((peer) =>
      peer.kind === 'pods'
        ? linkFrom(
            manifest,
            selectorAt(manifest, peer.at),
            [namespace],
            (model) => chosenBy(model, peer, namespace).groups,
          )
        : [],
    ),
  ];
}

function linksOfClusterPolicy({ manifest, subject, ingress, egress }: ClusterNetworkPolicy): Link[] {
  const chosen =
    (selected: Pick<typeof subject, 'pods' | 'namespaces'>) =>
    (model: ClusterModel): readonly PodGroup[] =>
      chosenBy(model, selected, '').groups;
  const peers = [...ingress, ...egress].flatMap((rule) => rule.peers);
  return [
    ...linkFrom(manifest, selectorAt(manifest, ['spec', 'subject']), ['*'], chosen(subject)),
    ...peers.flatMap((peer) =>
      peer.kind === 'pods' ? linkFrom(manifest, selectorAt(manifest, peer.at), ['*'], chosen(peer)) : [],
    ),
  ];
}

/** The selector of pods where one is written, else that of namespaces. */
function selectorAt({ value }: Manifest, at: FieldPath): FieldPath {
  const paths = [['podSelector'], ['pods', 'podSelector'], ['namespaceSelector'], ['namespaces']];
  const written = paths.find((path) => valueAt(value, ...at, ...path) !== undefined);
  return [...at, ...(written ?? ['podSelector'])];
}

/** `where` tells selectors apart that say the same and look elsewhere. */
function linkFrom(
  manifest: Manifest,
  at: FieldPath,
  where: readonly string[],
  groups: (model: ClusterModel) => readonly PodGroup[],
): Link[] {
  const written: Value | undefined = valueAt(manifest.value, ...at);
  const name = String(at.at(-1));
  if (written === undefined) return [];
  const beside =
    at.at(-1) === 'podSelector' ? (valueAt(manifest.value, ...at.slice(0, -1), 'namespaceSelector') ?? null) : null;
  return [
    {
      by: 'what follows',
      from: { field: keyFieldOf(manifest, ...at), whole: name, text: name, at: 0 },
      to: (model) => workloadsOf(model, groups(model)),
      asks: JSON.stringify(['policy', name, where, written, beside]),
    },
  ];
}

function workloadsOf(model: ClusterModel, groups: readonly PodGroup[]): Field[] {
  const manifests = groups.flatMap(({ namespace, pod }) => podNamed(model, namespace, pod)?.manifest ?? []);
  return [...new Set(manifests)].map((each) => fieldOf(each, 'metadata', 'name'));
}
