import { isIn } from '../../cluster/address.ts';
import type { LabelSelector } from '../../cluster/labelSelector.ts';
import type { NetworkPolicy } from '../../cluster/networkPolicy.ts';
import { once } from '../../cluster/once.ts';
import type { Pod } from '../../cluster/pod.ts';
import type { Direction } from './policiesOf.ts';

/** All that some policies ask of the pods on the other side of a gate. */
export interface Telling {
  /** The labels' keys, each with the values that are named. */
  readonly labels: readonly (readonly [key: string, values: ReadonlySet<string>])[];
  readonly ranges: readonly string[];
  /** Equal for equal ranges; empty without any. */
  readonly rangesKey: string;
  readonly goesByPortNames: boolean;
}

export function tellingOf(policies: readonly NetworkPolicy[], direction: Direction): Telling {
  const rules = policies.flatMap((policy) => policy[direction]);
  const labels = new Map<string, Set<string>>();
  const ranges = new Set<string>();
  for (const peer of rules.flatMap(({ peers }) => peers ?? [])) {
    if (peer.kind === 'addresses') for (const range of [peer.range, ...peer.except]) ranges.add(range);
    else collect(peer.pods, labels);
  }
  // On the way in the names are the gate's own pod's.
  const goesByPortNames =
    direction === 'egress' && rules.some(({ ports }) => ports?.some(({ port }) => typeof port === 'string') === true);
  return { labels: [...labels], ranges: [...ranges], rangesKey: [...ranges].join(' '), goesByPortNames };
}

function collect({ labels, expressions }: LabelSelector, into: Map<string, Set<string>>): void {
  for (const [key, values] of [
    ...[...labels].map(([name, value]) => [name, [value]] as const),
    ...expressions.map((each) => [each.key, each.values] as const),
  ]) {
    const known = into.get(key) ?? new Set<string>();
    for (const value of values) known.add(value);
    into.set(key, known);
  }
}

/**
 * Equal for pods of a namespace that these policies can't tell apart at a port; empty for those that have every label
 * that is asked for and no value that is named, as nearly all have. A namespace's labels are known by its name; of a
 * label whose value nobody names, only that it is there can matter.
 */
export function likeness(telling: Telling, pod: Pod, port: number): string {
  const { labels, ranges, goesByPortNames } = telling;
  let isUsual = ranges.length === 0 && !goesByPortNames;
  for (const [key, values] of labels) {
    if (!isUsual) break;
    const value = pod.labels.get(key);
    isUsual = value !== undefined && !values.has(value);
  }
  if (isUsual) return '';
  const values = labels.map(([key, named]) => {
    const value = pod.labels.get(key);
    return value === undefined ? '' : named.has(value) ? `=${value}` : '~';
  });
  const names = goesByPortNames ? namesAt(pod, port) : '';
  return `|${values.join('|')}|${lying(telling, pod)}|${names}`;
}

/** In which of the ranges each of a pod's addresses lies. */
export function lying({ ranges, rangesKey }: Telling, pod: Pod): string {
  if (ranges.length === 0) return '';
  const known = lies(pod);
  const before = known.get(rangesKey);
  if (before !== undefined) return before;
  const bits = ranges.map((range) => pod.addresses.map((address) => (isIn(address, range) ? '1' : '0')).join(''));
  known.set(rangesKey, bits.join(' '));
  return bits.join(' ');
}

const lies = once((_: Pod) => new Map<string, string>());

function namesAt({ containers }: Pod, wanted: number): string {
  const ports = containers.flatMap((each) => each.ports.filter(({ port }) => port === wanted));
  return ports.map(({ name, protocol }) => `${name}/${protocol}`).join();
}
