import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { selectedPods } from '../../cluster/lookups.ts';
import type { Service } from '../../cluster/service.ts';
import type { TierRule } from '../../cluster/clusterNetworkPolicy.ts';
import type { PolicyRule } from '../../cluster/networkPolicy.ts';
import { isolating } from '../../network/policy/policiesOf.ts';
import { chosenBy, type PodGroup } from '../../network/policy/selected.ts';
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

/** Who of the set may be let in to a Service's pods where policies isolate them: the workloads that these name. */
export function allowedSenders(model: ClusterModel, service: Service): TypedOrigin[] {
  const [first] = selectedPods(model, service);
  if (first === undefined) return [];
  const found = new Set<TypedOrigin>();
  for (const { namespace, ingress } of isolating(model, first, 'ingress'))
    for (const group of groupsAllowed(model, namespace, ingress)) {
      if (group.owner.kind === first.owner.kind && group.owner.name === first.owner.name) continue;
      found.add(originOf(group));
      if (found.size === mostTried) return [...found];
    }
  return [...found];
}
