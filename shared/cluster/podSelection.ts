import type { Pod } from './pod.ts';

/** Pods by namespace and one label, so that a selector looks only at those that have its first label. */
const indexes = new WeakMap<readonly Pod[], ReadonlyMap<string, readonly Pod[]>>();

function indexOf(pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const known = indexes.get(pods);
  if (known !== undefined) return known;
  const index = new Map<string, Pod[]>();
  for (const pod of pods) {
    for (const [key, value] of pod.labels) {
      const entry = `${pod.namespace}\n${key}\n${value}`;
      const list = index.get(entry);
      if (list === undefined) index.set(entry, [pod]);
      else list.push(pod);
    }
  }
  indexes.set(pods, index);
  return index;
}

/** The pods that a Service's selector picks, whether or not they offer its ports; none for a Service without a selector. */
export function selectedPods(
  { selector, namespace }: { readonly selector: ReadonlyMap<string, string> | null; readonly namespace: string },
  pods: readonly Pod[],
): readonly Pod[] {
  if (selector === null) return [];
  let candidates: readonly Pod[] | null = null;
  for (const [key, value] of selector) {
    const having: readonly Pod[] = indexOf(pods).get(`${namespace}\n${key}\n${value}`) ?? [];
    if (candidates === null || having.length < candidates.length) candidates = having;
  }
  return (candidates ?? []).filter(({ labels }) => [...selector].every(([key, value]) => labels.get(key) === value));
}
