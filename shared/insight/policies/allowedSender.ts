import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { selectedPods } from '../../cluster/lookups.ts';
import type { Service } from '../../cluster/service.ts';
import type { TierRule } from '../../cluster/clusterNetworkPolicy.ts';
import type { NetworkPolicy, PolicyRule } from '../../cluster/networkPolicy.ts';
import { isolating } from '../../network/policy/policiesOf.ts';
import { chosenBy, type PodGroup, podGroupsIn } from '../../network/policy/selected.ts';
import { workloadAbbreviations } from '../../trace/readRequest.ts';
import { podName } from '../../trace/trace.ts';
import type { TypedOrigin } from '../asks.ts';

/** The pods that rules of a policy in a namespace name, as far as somebody asks for them. */
export function* groupsAllowed(
  model: ClusterModel,
  namespace: string,
  rules: readonly PolicyRule[],
): Generator<PodGroup> {
  for (const { peers } of rules)
    for (const peer of peers ?? []) if (peer.kind === 'pods') yield* chosenBy(model, peer, namespace).groups;
}

/** The pods that rules of a policy for the whole cluster name. */
export function* groupsRuled(model: ClusterModel, rules: readonly TierRule[]): Generator<PodGroup> {
  for (const { peers } of rules)
    for (const peer of peers) if (peer.kind === 'pods') yield* chosenBy(model, peer, '').groups;
}

/** WHO as typed. */
export function originOf({ owner, namespace, pod }: PodGroup): TypedOrigin {
  const word = workloadAbbreviations.get(owner.kind);
  return word === undefined
    ? `pod/${podName({ name: pod, namespace })}`
    : `${word}/${podName({ name: owner.name, namespace })}`;
}

/** As many as are tried. */
const mostTried = 4;

/**
 * Who of the set may come to a Service's pods where policies stand in between: the workloads that these let in by name,
 * and where somebody else is let in too, those beside it.
 */
export function allowedSenders(model: ClusterModel, service: Service): TypedOrigin[] {
  const [first] = selectedPods(model, service);
  if (first === undefined) return [];
  const found = new Set<TypedOrigin>();
  for (const group of allowedGroups(model, service.namespace, isolating(model, first, 'ingress'))) {
    if (group.owner.kind === first.owner.kind && group.owner.name === first.owner.name) continue;
    found.add(originOf(group));
    if (found.size === mostTried) return [...found];
  }
  return [...found];
}

function* allowedGroups(model: ClusterModel, own: string, policies: readonly NetworkPolicy[]): Generator<PodGroup> {
  for (const { namespace, ingress } of policies) yield* groupsAllowed(model, namespace, ingress);
  const isOpen = policies.length === 0 || policies.some(({ ingress }) => ingress.some(({ peers }) => peers === null));
  if (isOpen) yield* podGroupsIn(model, own);
}
