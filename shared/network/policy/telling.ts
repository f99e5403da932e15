import { isIn } from '../../cluster/address.ts';
import { type ClusterModel, ofModel } from '../../cluster/clusterModel.ts';
import type { ClusterNetworkPolicy } from '../../cluster/clusterNetworkPolicy.ts';
import type { LabelSelector } from '../../cluster/labelSelector.ts';
import type { NetworkPolicy, PolicyPort } from '../../cluster/networkPolicy.ts';
import { once } from '../../cluster/once.ts';
import type { Pod } from '../../cluster/pod.ts';
import { isUndecided, selectsNamespace } from './peer.ts';
import { clusterPoliciesOf, type Direction, isolating, networkPoliciesOf, tierAt } from './policiesOf.ts';

/** All policies of every kind that have something to say at a pod's gate. */
export function policiesAt(
  model: ClusterModel,
  pod: Pod,
  direction: Direction,
): readonly (NetworkPolicy | ClusterNetworkPolicy)[] {
  const tiers = (['Admin', 'Baseline'] as const).flatMap((tier) => tierAt(model, pod, direction, tier));
  return [...isolating(model, pod, direction), ...tiers.map(({ policy }) => policy)];
}

/** All that the policies at a gate ask of the pods on its other side. */
export interface Telling {
  /** The labels' keys, each with the values that are named. */
  readonly labels: readonly (readonly [key: string, values: ReadonlySet<string>])[];
  readonly namespaces: readonly LabelSelector[];
  readonly ranges: readonly string[];
  /** Equal for equal ranges; empty without any. */
  readonly rangesKey: string;
  /** The ports that are named or numbered. */
  readonly ports: readonly PolicyPort[];
  readonly goesByPortNames: boolean;
}

export function tellingOf(policies: readonly (NetworkPolicy | ClusterNetworkPolicy)[], direction: Direction): Telling {
  const labels = new Map<string, Set<string>>();
  const namespaces: LabelSelector[] = [];
  const ranges = new Set<string>();
  const ports: PolicyPort[] = [];
  for (const rule of policies.flatMap((policy) => [...policy[direction]])) {
    ports.push(...(rule.ports ?? []));
    for (const peer of rule.peers ?? []) {
      if (peer.kind === 'addresses') for (const each of [peer.range, ...peer.except]) ranges.add(each);
      if (peer.kind === 'networks') for (const each of peer.ranges) ranges.add(each);
      if (peer.kind !== 'pods') continue;
      collect(peer.pods, labels);
      if (peer.namespaces !== null) namespaces.push(peer.namespaces);
    }
  }
  return {
    labels: [...labels],
    namespaces,
    ranges: [...ranges],
    rangesKey: [...ranges].join(' '),
    ports,
    // On the way in the names are the gate's own pod's.
    goesByPortNames: direction === 'egress' && ports.some(({ port }) => typeof port === 'string'),
  };
}

function collect({ labels, expressions }: LabelSelector, into: Map<string, Set<string>>): void {
  const named = [
    ...[...labels].map(([key, value]) => ({ key, values: [value] })),
    ...expressions.map(({ key, values }) => ({ key, values })),
  ];
  for (const { key, values } of named) {
    const known = into.get(key) ?? new Set();
    into.set(key, known);
    for (const value of values) known.add(value);
  }
}

/** The labels' keys that any policy of a set asks for: by no other label pods can be told apart. */
export const labelsAskedFor = ofModel((model: ClusterModel): ReadonlySet<string> => {
  const policies = [...networkPoliciesOf(model), ...clusterPoliciesOf(model)];
  const labels = new Map<string, Set<string>>();
  for (const policy of policies) collect('subject' in policy ? policy.subject.pods : policy.pods, labels);
  const peers = (['ingress', 'egress'] as const).flatMap((each) => tellingOf(policies, each).labels);
  return new Set([...labels.keys(), ...peers.map(([key]) => key)]);
});

/** Equal for namespaces that these policies can't tell apart; `own` is that of the gate. */
export function likenessOfNamespace(
  model: ClusterModel,
  { namespaces }: Telling,
  namespace: string,
  own: string,
): string {
  const selected = namespaces.map((each) => {
    const selects = selectsNamespace(model, each, namespace);
    return isUndecided(selects) ? `?${namespace}` : selects ? '1' : '0';
  });
  return `${namespace === own ? 'own' : ''} ${selected.join('')}`;
}

/**
 * Equal for pods of one namespace that these policies can't tell apart at a port; empty for those that have every label
 * that is asked for and no value that is named, as nearly all have. Of a label whose value nobody names, only that it
 * is there can matter.
 */
export function likeness(telling: Telling, pod: ToldApart, port: number): string {
  const { labels, ranges, goesByPortNames } = telling;
  const values = isUsual(telling, pod)
    ? ''
    : labels.map(([key, named]) => {
        const value = pod.labels.get(key);
        return value === undefined ? '|' : named.has(value) ? `|=${value}` : '|~';
      });
  if (values === '' && ranges.length === 0 && !goesByPortNames) return '';
  const names = goesByPortNames ? namesAt(pod, port) : '';
  return `${values}|${lying(telling, pod)}|${names}`;
}

/** Whether a pod has every label that is asked for, and no value that is named. */
function isUsual({ labels }: Telling, pod: ToldApart): boolean {
  for (const [key, values] of labels) {
    const value = pod.labels.get(key);
    if (value === undefined || values.has(value)) return false;
  }
  return true;
}

/** What policies may tell a pod by; a Service of the same is told alike. */
export type ToldApart = Pick<Pod, 'labels' | 'addresses' | 'containers'>;

/** In which of the ranges each of a pod's addresses lies. */
export function lying({ ranges, rangesKey }: Telling, pod: ToldApart): string {
  if (ranges.length === 0) return '';
  const known = lies(pod);
  const before = known.get(rangesKey);
  if (before !== undefined) return before;
  const bits = ranges.map((range) => pod.addresses.map((address) => (isIn(address, range) ? '1' : '0')).join(''));
  known.set(rangesKey, bits.join(' '));
  return bits.join(' ');
}

const lies = once<ToldApart, Map<string, string>>(() => new Map());

function namesAt({ containers }: ToldApart, wanted: number): string {
  const ports = containers.flatMap((each) => each.ports.filter(({ port }) => port === wanted));
  return ports.map(({ name, protocol }) => `${name}/${protocol}`).join();
}
