import { addressIn } from '../../cluster/address.ts';
import { byKeyOfModel, type ClusterModel, indexOfModel, ofModel } from '../../cluster/clusterModel.ts';
import type { ClusterNetworkPolicy, SelectedPods, TierRule } from '../../cluster/clusterNetworkPolicy.ts';
import { matchesLabels } from '../../cluster/labelSelector.ts';
import { sameItems } from '../../cluster/listChanges.ts';
import type { Pod } from '../../cluster/pod.ts';
import type { Protocol } from '../../cluster/service.ts';
import { chosenPlugin } from '../../network/policy/chosenPlugin.ts';
import { judgeAtGate, type TierField } from '../../network/policy/gate.ts';
import { anyOf, type Matched, meansTierPeer, peerAt, selectsNamespace, selectsPod } from '../../network/policy/peer.ts';
import { clusterPoliciesOf, type Direction } from '../../network/policy/policiesOf.ts';
import { podName } from '../../trace/trace.ts';

/** Two policies of one tier and priority that don't agree, and a connection about which they don't. */
export interface Tie {
  readonly rules: readonly [TierField, TierField];
  /** `web.shop → db.shop on TCP 5432`. */
  readonly about: string;
}

const byPriority = indexOfModel(clusterPoliciesOf, (policy: ClusterNetworkPolicy) => [priorityKey(policy)]);

function priorityKey({ tier, priority }: Pick<ClusterNetworkPolicy, 'tier' | 'priority'>): string {
  return `${tier} ${priority}`;
}

/** Where policies of a policy's tier and priority don't agree about pods of the set, each two of them once. */
export function tiesWith(model: ClusterModel, policy: ClusterNetworkPolicy): readonly Tie[] {
  const key = priorityKey(policy);
  return byPriority(model).get(key).length < 2 ? [] : tiesOf(model, key);
}

/** How many of a priority are looked at, the first by name, and how many connections are tried in all. */
const most = { policies: 60, tried: 1000 };
/** How many pods, peers and ports are tried for two rules: what comes before them may decide about the first. */
const mostOfEach = 4;

const tiesOf = byKeyOfModel(
  (model, key): readonly Tie[] => {
    const all = byPriority(model)
      .get(key)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const policies = all.slice(0, most.policies);
    const { plugin } = chosenPlugin(model.profile);
    const ties: Tie[] = [];
    let tried = 0;
    for (const [index, one] of policies.entries())
      for (const other of policies.slice(index + 1)) {
        const about = directions.flatMap((direction) => connections(model, [one, other], direction));
        for (const { direction, pod, peer, protocol, port } of about) {
          if (++tried > most.tried) return ties;
          const judgement = judgeAtGate(model, { pod, direction, protocol, peer: peer.address, port }, plugin);
          const isTied = judgement.kind === 'tied' && areOf(judgement.by, [one, other]);
          if (!isTied) continue;
          const [from, to] = direction === 'ingress' ? [peer.name, podName(pod)] : [podName(pod), peer.name];
          ties.push({ rules: judgement.by, about: `${from} → ${to} on ${protocol} ${port}` });
          break;
        }
      }
    return ties;
  },
  { same: (a, b) => JSON.stringify(a) === JSON.stringify(b) },
);

const directions = ['ingress', 'egress'] as const;

function areOf(rules: readonly TierField[], policies: readonly ClusterNetworkPolicy[]): boolean {
  return policies.every(({ manifest }) => rules.some(({ field }) => field.object === manifest.key));
}

interface Connection {
  readonly direction: Direction;
  readonly pod: Pod;
  readonly peer: Someone;
  readonly protocol: Protocol;
  readonly port: number;
}

interface Someone {
  readonly address: string;
  readonly name: string;
}

/** Connections that a rule of either policy means, of which one does something else than the other. */
function connections(
  model: ClusterModel,
  [one, other]: readonly [ClusterNetworkPolicy, ClusterNetworkPolicy],
  direction: Direction,
): Connection[] {
  const pairs = one[direction].flatMap((a) =>
    other[direction].flatMap((b) => (a.action === b.action ? [] : [[a, b] as const])),
  );
  if (pairs.length === 0) return [];
  const pods = first(inBoth(podsOf(model, one.subject), (pod) => selectsPod(model, other.subject, pod)));
  if (pods.length === 0) return [];
  return pairs.flatMap(([a, b]) => {
    const ports = portsOfBoth(a, b);
    const peers = ports.length === 0 ? [] : first(peersOfBoth(model, a, b));
    return pods.flatMap((pod) =>
      peers
        .filter(({ address }) => address !== pod.address)
        .flatMap((peer) => ports.map((each) => ({ direction, pod, peer, ...each }))),
    );
  });
}

function first<T>(items: Iterable<T>): T[] {
  const taken: T[] = [];
  for (const each of items) {
    taken.push(each);
    if (taken.length === mostOfEach) break;
  }
  return taken;
}

function* inBoth<T>(items: Iterable<T>, isInOther: (item: T) => Matched): Generator<T> {
  for (const each of items) if (isInOther(each) === true) yield each;
}

/** Of pods that policies can't tell apart, the first. */
function* podsOf(model: ClusterModel, selected: SelectedPods): Generator<Pod> {
  const { byLabel, byNamespace } = unlikePods(model);
  const [label] = selected.pods.labels;
  if (label !== undefined) {
    yield* inBoth(byLabel.get(label.join('=')) ?? [], (pod) => selectsPod(model, selected, pod));
    return;
  }
  for (const [namespace, pods] of byNamespace)
    if (selectsNamespace(model, selected.namespaces, namespace) === true)
      yield* inBoth(pods, ({ labels }) => matchesLabels(selected.pods, labels));
}

interface UnlikePods {
  readonly all: readonly Pod[];
  readonly byLabel: ReadonlyMap<string, readonly Pod[]>;
  readonly byNamespace: ReadonlyMap<string, readonly Pod[]>;
}

const unlikePods = ofModel(
  ({ pods }: ClusterModel): UnlikePods => {
    const there = pods.filter(({ address, hostNetwork }) => !hostNetwork && address !== '');
    const alike = Map.groupBy(there, ({ namespace, labels }) => JSON.stringify([namespace, [...labels]]));
    const all = [...alike.values()].flatMap(([pod]) => pod ?? []);
    const labelled = all.flatMap((pod) => [...pod.labels].map((label) => ({ label: label.join('='), pod })));
    const byLabel = Map.groupBy(labelled, ({ label }) => label);
    return {
      all,
      byLabel: new Map([...byLabel].map(([label, each]) => [label, each.map(({ pod }) => pod)])),
      byNamespace: Map.groupBy(all, ({ namespace }) => namespace),
    };
  },
  { eager: true, same: (a, b) => sameItems(a.all, b.all) },
);

function* peersOfBoth(model: ClusterModel, one: TierRule, other: TierRule): Generator<Someone> {
  for (const [rule, against] of [
    [one, other],
    [other, one],
  ] as const)
    yield* inBoth(peersOf(model, rule), ({ address }) =>
      anyOf(against.peers, (each) => meansTierPeer(model, each, peerAt(model, address))),
    );
}

function* peersOf(model: ClusterModel, { peers }: TierRule): Generator<Someone> {
  for (const peer of peers) {
    if (peer.kind === 'pods') for (const pod of podsOf(model, peer)) yield { address: pod.address, name: podName(pod) };
    if (peer.kind === 'networks')
      for (const range of peer.ranges) yield { address: addressIn(range, 1), name: addressIn(range, 1) };
  }
}

/** Ports that both rules may mean: those that one names, or one that stands for all. */
function portsOfBoth(one: TierRule, other: TierRule): { readonly protocol: Protocol; readonly port: number }[] {
  const named = [one, other].flatMap(({ ports }) =>
    (ports ?? []).flatMap(({ protocol, port }) =>
      protocol !== null && typeof port === 'number' ? [{ protocol, port }] : [],
    ),
  );
  return [...named, { protocol: 'TCP' as const, port: 80 }].slice(0, mostOfEach);
}
