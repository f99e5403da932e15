import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { LabelSelector } from '../cluster/labelSelector.ts';
import { podNamed } from '../cluster/lookups.ts';
import type { NetworkPolicy, PolicyPeer } from '../cluster/networkPolicy.ts';
import type { Pod } from '../cluster/pod.ts';
import { type Direction, isolating } from '../network/policy/policiesOf.ts';
import { groupsOfPolicy, type PodGroup } from '../network/policy/selected.ts';
import { namesText } from '../network/policy/policyText.ts';
import { theObject } from './related.ts';
import type { Found } from './rule.ts';

/** A pod of each workload that a policy guards: none on its node's network. */
export function guardedBy(model: ClusterModel, policy: NetworkPolicy): readonly Pod[] {
  return podsOf(
    model,
    groupsOfPolicy(model, policy).filter(({ hostNetwork }) => !hostNetwork),
  );
}

/** A pod of each group. */
export function podsOf(model: ClusterModel, groups: readonly PodGroup[]): readonly Pod[] {
  return groups.flatMap(({ namespace, pod }) => podNamed(model, namespace, pod) ?? []);
}

/** The workloads that a finding has to do with. */
export function ownersOf(model: ClusterModel, groups: readonly PodGroup[]): Found['related'] {
  return podsOf(model, groups).map(({ manifest, owner }) => theObject(manifest, owner));
}

/** `3 pods (Deployment web and StatefulSet db)` */
export function groupsText(groups: readonly PodGroup[]): string {
  const count = groups.reduce((sum, each) => sum + each.count, 0);
  const owners = [...new Set(groups.map(({ owner }) => `${owner.kind} ${owner.name}`))];
  return `${count === 1 ? '1 pod' : `${count} pods`} (${namesText(owners)})`;
}

/** `app: web`, `app: web, tier in (a, b)` */
export function selectorText({ labels, expressions }: LabelSelector): string {
  return [
    ...[...labels].map(([key, value]) => `${key}: ${value}`),
    ...expressions.map(({ key, operator, values }) =>
      values.length === 0 ? `${key} ${operator}` : `${key} ${operator} (${values.join(', ')})`,
    ),
  ].join(', ');
}

/**
 * The policy at which something is told that all policies make of a pod that they isolate: the first that has rules,
 * else the first; null where none does.
 */
export function toldAt(model: ClusterModel, pod: Pod, direction: Direction): NetworkPolicy | null {
  const all = isolating(model, pod, direction);
  return all.find((each) => each[direction].length > 0) ?? all[0] ?? null;
}

/** A pod of each workload of which something is told at this policy. */
export function toldOf(model: ClusterModel, policy: NetworkPolicy, direction: Direction): readonly Pod[] {
  if (!policy.isolates[direction]) return [];
  return guardedBy(model, policy).filter((pod) => toldAt(model, pod, direction)?.manifest.key === policy.manifest.key);
}

/** Whom the policies that isolate a pod let through, entry by entry; null for anybody. */
export function peersAt(model: ClusterModel, pod: Pod, direction: Direction): readonly (PolicyPeer | null)[] {
  return isolating(model, pod, direction)
    .flatMap((each) => each[direction])
    .flatMap(({ peers }): readonly (PolicyPeer | null)[] => peers ?? [null]);
}
