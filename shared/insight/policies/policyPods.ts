import { byKeyOfModel, type ClusterModel, indexOfModel } from '../../cluster/clusterModel.ts';
import type { LabelSelector } from '../../cluster/labelSelector.ts';
import { sameItems } from '../../cluster/listChanges.ts';
import { nameKey, podNamed } from '../../cluster/lookups.ts';
import type { NetworkPolicy, PolicyPeer } from '../../cluster/networkPolicy.ts';
import type { Pod } from '../../cluster/pod.ts';
import { type Direction, isolating, networkPoliciesOf } from '../../network/policy/policiesOf.ts';
import { groupsOfPolicy, type PodGroup } from '../../network/policy/selected.ts';
import { namesText } from '../../network/policy/policyText.ts';
import { theObject } from '../related.ts';
import type { Found } from '../rule.ts';

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
 * Something derived of one pod, for whoever speaks of many: of a policy for all pods of a namespace, an edit costs what
 * it changes.
 */
export function ofPod<T>(
  make: (model: ClusterModel, pod: Pod) => T,
  same: (a: T, b: T) => boolean = Object.is,
): (model: ClusterModel, pod: Pod) => T | null {
  const byName = byKeyOfModel(
    (model, key) => {
      const [namespace = '', name = ''] = key.split('/');
      const pod = podNamed(model, namespace, name);
      return pod === null ? null : make(model, pod);
    },
    { eager: true, same: (a, b) => a === b || (a !== null && b !== null && same(a, b)) },
  );
  return (model, pod) => byName(model, nameKey(pod));
}

const toldAt = {
  ingress: ofPod((model, pod) => keyOf(ofRules(isolating(model, pod, 'ingress'), 'ingress'))),
  egress: ofPod((model, pod) => keyOf(ofRules(widest(isolating(model, pod, 'egress')), 'egress'))),
};

/**
 * The policy at which something is told that all policies make of a pod that they isolate: the first that has rules,
 * else the first. Of what goes out, one that is for as many pods as can be: whom pods ask, all of them ask.
 */
function ofRules(all: readonly NetworkPolicy[], direction: Direction): NetworkPolicy | undefined {
  return all.find((each) => each[direction].length > 0) ?? all[0];
}

function widest(all: readonly NetworkPolicy[]): readonly NetworkPolicy[] {
  const demands = ({ pods }: NetworkPolicy): number => pods.labels.size + pods.expressions.length;
  const fewest = Math.min(...all.map(demands));
  return all.filter((each) => demands(each) === fewest);
}

function keyOf(policy: NetworkPolicy | undefined): string | null {
  return policy?.manifest.key ?? null;
}

const toldBy = {
  ingress: toldIn('ingress'),
  egress: toldIn('egress'),
};

/** By a policy's key: several rules ask for the same. */
function toldIn(direction: Direction): (model: ClusterModel, key: string) => readonly Pod[] {
  return byKeyOfModel(
    (model, key) =>
      policiesByKey(model)
        .get(key)
        .flatMap((policy) => guardedBy(model, policy))
        .filter((pod) => toldAt[direction](model, pod) === key),
    { eager: true, same: sameItems },
  );
}

const policiesByKey = indexOfModel(networkPoliciesOf, ({ manifest }: NetworkPolicy) => [manifest.key]);

/** A pod of each workload of which something is told at this policy. */
export function toldOf(
  model: ClusterModel,
  { manifest, isolates }: NetworkPolicy,
  direction: Direction,
): readonly Pod[] {
  return isolates[direction] ? toldBy[direction](model, manifest.key) : [];
}

/** Whom the policies that isolate a pod let through, entry by entry; null for anybody. */
export function peersAt(model: ClusterModel, pod: Pod, direction: Direction): readonly (PolicyPeer | null)[] {
  return isolating(model, pod, direction)
    .flatMap((each) => each[direction])
    .flatMap(({ peers }): readonly (PolicyPeer | null)[] => peers ?? [null]);
}

/** The pod that a trace calls so: see `podName`. */
export function podTraced(model: ClusterModel, called: string): Pod | null {
  const at = called.lastIndexOf('.');
  const elsewhere = at === -1 ? null : podNamed(model, called.slice(at + 1), called.slice(0, at));
  return elsewhere ?? podNamed(model, 'default', called);
}
