import type { Index } from './derived.ts';

/** A pod, or the workload that would make it. */
interface Labelled {
  readonly namespace: string;
  readonly labels: ReadonlyMap<string, string>;
}

/** A namespace and one label: what pods are looked up by. */
function labelKey(namespace: string, key: string, value: string): string {
  return `${namespace}\n${key}\n${value}`;
}

export function labelKeysOf({ namespace, labels }: Labelled): string[] {
  return [...labels].map(([key, value]) => labelKey(namespace, key, value));
}

export interface PodSelector {
  readonly selector: ReadonlyMap<string, string> | null;
  readonly namespace: string;
}

/**
 * The pods or workloads that a Service's selector picks; none for a Service without a selector.
 * They are looked for among those that have its rarest label: nothing that lacks it can change the answer.
 */
export function pickedBy<T extends Labelled>({ selector, namespace }: PodSelector, byLabel: Index<T>): readonly T[] {
  if (selector === null) return [];
  let rarest: { readonly key: string; readonly count: number } | null = null;
  for (const [name, value] of selector) {
    const key = labelKey(namespace, name, value);
    const count = byLabel.count(key);
    if (rarest === null || count < rarest.count) rarest = { key, count };
  }
  const candidates = rarest === null ? [] : byLabel.get(rarest.key);
  const wanted = [...selector];
  return candidates.filter(({ labels }) => wanted.every(([key, value]) => labels.get(key) === value));
}

/** Under which of the label keys a selector's owner is found: of a pod that it picks, one leads to it. */
export function selectorKeysOf({ selector, namespace }: PodSelector): string[] {
  const [first] = selector ?? [];
  return first === undefined ? [] : [labelKey(namespace, ...first)];
}
