import { byKeyOfModel, type ClusterModel, indexOfModel } from '../cluster/clusterModel.ts';
import type { ClusterNetworkPolicy } from '../cluster/clusterNetworkPolicy.ts';
import { addressIn } from '../cluster/address.ts';
import type { Pod } from '../cluster/pod.ts';
import type { Protocol } from '../cluster/service.ts';
import { chosenPlugin } from '../network/policy/chosenPlugin.ts';
import { judgeAtGate, type TierField } from '../network/policy/gate.ts';
import { clusterPoliciesOf, type Direction, tierAt } from '../network/policy/policiesOf.ts';
import { podName } from '../trace/trace.ts';

/** Two policies of one tier and priority that don't agree, and a connection about which they don't. */
export interface Tie {
  readonly rules: readonly [TierField, TierField];
  /** `web.shop → db.shop on TCP 5432`. */
  readonly about: string;
}

/** The policies that share a tier and a priority with one, that one among them. */
export function ofSamePriority(model: ClusterModel, policy: ClusterNetworkPolicy): readonly ClusterNetworkPolicy[] {
  return byPriority(model).get(priorityKey(policy));
}

const byPriority = indexOfModel(clusterPoliciesOf, (policy: ClusterNetworkPolicy) => [priorityKey(policy)]);

function priorityKey({ tier, priority }: Pick<ClusterNetworkPolicy, 'tier' | 'priority'>): string {
  return `${tier} ${priority}`;
}

/** Where policies of a policy's tier and priority don't agree about pods of the set, each two of them once. */
export function tiesWith(model: ClusterModel, policy: ClusterNetworkPolicy): readonly Tie[] {
  return ofSamePriority(model, policy).length < 2 ? [] : tiesOf(model, priorityKey(policy));
}

/** How many connections are tried: of pods that policies don't tell apart one, and the ports that rules name. */
const mostTried = 4000;

const tiesOf = byKeyOfModel(
  (model, key): readonly Tie[] => {
    const { plugin } = chosenPlugin(model.profile);
    const ties = new Map<string, Tie>();
    const pods = unlikePods(model);
    let tried = 0;
    for (const direction of ['ingress', 'egress'] as const)
      for (const pod of pods) {
        const policies = tiedAt(model, pod, direction, key);
        if (new Set(policies.flatMap((each) => each[direction].map(({ action }) => action))).size < 2) continue;
        for (const peer of [...pods.map((each) => ({ ...each, name: podName(each) })), ...peersOutside(policies)])
          for (const { protocol, port } of portsTried(policies, direction)) {
            if (peer.address === pod.address) continue;
            if (++tried > mostTried) return [...ties.values()];
            const at = { pod, direction, protocol, peer: peer.address, port };
            const judgement = judgeAtGate(model, at, plugin);
            if (judgement.kind !== 'tied' || priorityKey(judgement) !== key) continue;
            const [from, to] = direction === 'ingress' ? [peer.name, podName(pod)] : [podName(pod), peer.name];
            const pair = judgement.by.map(({ field }) => field.object).join('\n');
            if (!ties.has(pair))
              ties.set(pair, { rules: judgement.by, about: `${from} → ${to} on ${protocol} ${port}` });
          }
      }
    return [...ties.values()];
  },
  { same: (a, b) => JSON.stringify(a) === JSON.stringify(b) },
);

function tiedAt(model: ClusterModel, pod: Pod, direction: Direction, key: string): readonly ClusterNetworkPolicy[] {
  return (['Admin', 'Baseline'] as const)
    .flatMap((tier) => tierAt(model, pod, direction, tier))
    .flatMap(({ policy, unsure }) => (unsure === null && priorityKey(policy) === key ? [policy] : []));
}

/** Of pods that policies can't tell apart, the first. */
function unlikePods({ pods }: ClusterModel): readonly Pod[] {
  const there = pods.filter(({ address, hostNetwork }) => !hostNetwork && address !== '');
  const alike = Map.groupBy(there, ({ namespace, labels }) => JSON.stringify([namespace, [...labels]]));
  return [...alike.values()].flatMap(([first]) => first ?? []);
}

function peersOutside(
  policies: readonly ClusterNetworkPolicy[],
): { readonly address: string; readonly name: string }[] {
  const ranges = policies.flatMap(({ egress }) =>
    egress.flatMap(({ peers }) => peers.flatMap((each) => (each.kind === 'networks' ? each.ranges : []))),
  );
  return [...new Set(ranges)].map((range) => ({ address: addressIn(range, 1), name: addressIn(range, 1) }));
}

/** Each port that a rule names, and one that stands for all others. */
function portsTried(
  policies: readonly ClusterNetworkPolicy[],
  direction: Direction,
): readonly { readonly protocol: Protocol; readonly port: number }[] {
  const named = policies.flatMap((each) =>
    each[direction].flatMap(({ ports }) =>
      (ports ?? []).flatMap(({ protocol, port }) =>
        typeof port === 'number' ? [{ protocol: protocol ?? ('TCP' as const), port }] : [],
      ),
    ),
  );
  const all = [...named, { protocol: 'TCP' as const, port: 80 }];
  return [...new Map(all.map((each) => [`${each.protocol} ${each.port}`, each])).values()];
}
