import { addressIn } from '../../cluster/address.ts';
import { byKeyOfModel, type ClusterModel, indexOfModel, ofModel } from '../../cluster/clusterModel.ts';
import type { ClusterNetworkPolicy, SelectedPods, TierRule } from '../../cluster/clusterNetworkPolicy.ts';
import { matchesLabels } from '../../cluster/labelSelector.ts';
import { sameEntries, sameItems } from '../../cluster/listChanges.ts';
import type { Pod } from '../../cluster/pod.ts';
import type { ObjectKey } from '../../manifest/manifest.ts';
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

/** What a policy doesn't agree about with one of its tier and priority before it by name; null for nothing. */
export function tieOf(model: ClusterModel, policy: ClusterNetworkPolicy): Tie | null {
  return tieAt(model, `${priorityKey(policy)}\n${policy.manifest.key}`);
}

function priorityKey({ tier, priority }: Pick<ClusterNetworkPolicy, 'tier' | 'priority'>): string {
  return `${tier} ${priority}`;
}

const tieAt = byKeyOfModel(
  (model, key): Tie | null => {
    const [priority = '', ...object] = key.split('\n');
    return tiesOf(model, priority).get(object.join('\n')) ?? null;
  },
  { eager: true, same: isSameTie },
);

const byPriority = indexOfModel(clusterPoliciesOf, (policy: ClusterNetworkPolicy) => [priorityKey(policy)]);

/** What is looked at for one priority, so that thousands of policies that are all for everybody take a moment. */
const most = {
  /** Pods, for each subject that is written. */
  subjects: 50_000,
  /** Pairs of rules, and those that may be about the same peers. */
  pairs: 200_000,
  searched: 2000,
  /** Policies that are asked about a connection, all of one pod's for each. */
  asked: 50_000,
};
/** How many pods, peers and ports are tried for two rules: what comes before them may decide about the first. */
const mostOfEach = 4;

/** By the later one of two policies that don't agree. */
const tiesOf = byKeyOfModel(
  (model, key): ReadonlyMap<ObjectKey, Tie> => {
    const { plugin } = chosenPlugin(model.profile);
    const ties = new Map<ObjectKey, Tie>();
    const left = { ...most };
    for (const meeting of meetingsOf(model, key)) {
      const { pod, direction } = meeting;
      for (const { peer, protocol, port } of connections(model, meeting, { told: ties, left })) {
        const judgement = judgeAtGate(model, { pod, direction, protocol, peer: peer.address, port }, plugin);
        if (judgement.kind !== 'tied' || priorityKey(judgement) !== key) continue;
        const [from, to] = direction === 'ingress' ? [peer.name, podName(pod)] : [podName(pod), peer.name];
        const about = `${from} → ${to} on ${protocol} ${port}`;
        for (const own of judgement.against)
          if (!ties.has(own.field.object)) ties.set(own.field.object, { rules: [judgement.by[0], own], about });
      }
    }
    return ties;
  },
  { eager: true, same: (a, b) => sameEntries(a, b, isSameTie) },
);

function isSameTie(a: Tie | null | undefined, b: Tie | null | undefined): boolean {
  if (a == null || b == null) return a === b;
  const textOf = ({ rules, about }: Tie): string =>
    JSON.stringify([about, rules.map(({ name, field, rule }) => [name, field, rule.name])]);
  return textOf(a) === textOf(b);
}

/** Policies that have a say at the same pod, in the order of their names. */
interface Meeting {
  readonly pod: Pod;
  readonly direction: Direction;
  readonly policies: readonly ClusterNetworkPolicy[];
}

/**
 * Where policies of one priority meet that don't all do the same: of pods at which the same policies do, a few. What
 * never meets is never compared, however many there are.
 */
const meetingsOf = byKeyOfModel(
  (model, key): readonly Meeting[] => {
    const policies = byPriority(model).get(key);
    if (policies.length < 2) return [];
    const subjects = [...Map.groupBy(policies, ({ subject }) => subjectText(subject)).values()];
    const subjectsAt = new Map<Pod, number[]>();
    let left = most.subjects;
    for (const [index, [first]] of subjects.entries())
      for (const pod of first === undefined || left <= 0 ? [] : podsOf(model, first.subject)) {
        left--;
        subjectsAt.set(pod, [...(subjectsAt.get(pod) ?? []), index]);
      }
    const alike = Map.groupBy(subjectsAt.keys(), (pod) => (subjectsAt.get(pod) ?? []).join(' '));
    return [...alike].flatMap(([indexes, pods]) => {
      const there = indexes
        .split(' ')
        .flatMap((index) => subjects[Number(index)] ?? [])
        .toSorted((a, b) => (a.name < b.name ? -1 : 1));
      return directions
        .filter((direction) => areUnlike(there, direction))
        .flatMap((direction) => pods.slice(0, mostOfEach).map((pod) => ({ pod, direction, policies: there })));
    });
  },
  { eager: true, same: (a, b) => a.length === b.length && a.every((each, index) => isSameMeeting(each, b[index])) },
);

function subjectText({ pods, namespaces }: SelectedPods): string {
  return JSON.stringify([pods, namespaces].map(({ labels, expressions }) => [[...labels], expressions]));
}

function areUnlike(policies: readonly ClusterNetworkPolicy[], direction: Direction): boolean {
  const actions = new Set(policies.flatMap((each) => each[direction].map(({ action }) => action)));
  return policies.length > 1 && actions.size > 1;
}

function isSameMeeting(a: Meeting, b: Meeting | undefined): boolean {
  return a.pod === b?.pod && a.direction === b.direction && sameItems(a.policies, b.policies);
}

const directions = ['ingress', 'egress'] as const;

interface Connection {
  readonly peer: Someone;
  readonly protocol: Protocol;
  readonly port: number;
}

interface Someone {
  readonly address: string;
  readonly name: string;
}

/** What was found so far, and how much may still be looked at. */
interface Search {
  readonly told: ReadonlyMap<ObjectKey, Tie>;
  readonly left: { -readonly [K in keyof typeof most]: number };
}

/** Connections that rules of two policies mean which do not do the same, for each policy that isn't told of yet. */
function* connections(
  model: ClusterModel,
  { pod, direction, policies }: Meeting,
  { told, left }: Search,
): Generator<Connection> {
  for (const [index, other] of policies.entries()) {
    const isTold = (): boolean => told.has(other.manifest.key);
    for (const one of isTold() ? [] : policies.slice(0, index))
      for (const [a, b] of isTold() ? [] : unlikeRules(one[direction], other[direction])) {
        if (isTold()) break;
        if (left.pairs-- <= 0 || left.searched <= 0) return;
        if (areApart(a, b)) continue;
        left.searched--;
        const ports = portsOfBoth(a, b);
        for (const peer of first(peersOfBoth(model, a, b)))
          for (const each of peer.address === pod.address ? [] : ports) {
            if (left.asked <= 0) return;
            left.asked -= policies.length;
            yield { peer, ...each };
          }
      }
  }
}

function unlikeRules(one: readonly TierRule[], other: readonly TierRule[]): (readonly [TierRule, TierRule])[] {
  return one.flatMap((a) => other.flatMap((b) => (a.action === b.action ? [] : [[a, b] as const])));
}

/** Whether two rules plainly mean different pods: they ask for another value of the same label. */
function areApart({ peers: some }: TierRule, { peers: others }: TierRule): boolean {
  return some.every((a) => others.every((b) => a.kind === 'pods' && b.kind === 'pods' && areApartBy(a, b)));
}

function areApartBy(a: SelectedPods, b: SelectedPods): boolean {
  return (['pods', 'namespaces'] as const).some((which) =>
    [...a[which].labels].some(([label, value]) => (b[which].labels.get(label) ?? value) !== value),
  );
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

/** Whoever both rules mean: looked for among those of the one that means fewer; of ranges, an address of each. */
function* peersOfBoth(model: ClusterModel, one: TierRule, other: TierRule): Generator<Someone> {
  const [rule, against] = isOfLabels(one) || !isOfLabels(other) ? [one, other] : [other, one];
  const isOfPods = [rule, against].every(({ peers }) => peers.every(({ kind }) => kind === 'pods'));
  yield* inBoth(peersOf(model, rule), ({ address }) => means(model, against, address));
  if (!isOfPods) yield* inBoth(peersOf(model, against), ({ address }) => means(model, rule, address));
}

function isOfLabels({ peers }: TierRule): boolean {
  return peers.every((each) => each.kind === 'pods' && each.pods.labels.size > 0);
}

function means(model: ClusterModel, { peers }: TierRule, address: string): Matched {
  return anyOf(peers, (each) => meansTierPeer(model, each, peerAt(model, address)));
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
