import type { LabelSelector } from '../cluster/labelSelector.ts';
import { selectedPods } from '../cluster/lookups.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { plainText } from '../manifest/textChanges.ts';
import type { FieldPath } from '../manifest/value.ts';
import { absentPods, type NearPod } from './absence.ts';
import { replacing } from './fixes.ts';
import { theObject } from './related.ts';
import type { Found, JudgedSet } from './rule.ts';
import { isSlipOf } from './spelling.ts';

/** A selector of pods, and the namespaces in which it looks for them. */
export interface PodsSought {
  readonly manifest: Manifest;
  readonly at: FieldPath;
  readonly selector: LabelSelector;
  readonly namespaces: readonly string[];
  /** Whether nothing but a pod's value can be meant by one that merely is like it: `carts` by `cart`. */
  readonly isPlain?: (label: string, value: string) => boolean;
}

/** What a selector that picks no pod was plainly meant for. */
export interface MisspeltSelector extends Pick<Found, 'related' | 'fixes'> {
  /** As a sentence. */
  readonly hint: string;
}

/**
 * For a selector that picks no pod though one label of some pod differs from it by a slip alone; null otherwise. A
 * selector that merely picks none may be meant for what is applied from elsewhere, or for later.
 */
export function misspeltSelector(judged: JudgedSet, sought: PodsSought): MisspeltSelector | null {
  const { manifest, selector, at, namespaces } = sought;
  if (!judged.isComplete || selector.labels.size === 0 || selector.expressions.length > 0) return null;
  const { labels } = selector;
  if (namespaces.some((namespace) => selectedPods(judged.model, { selector: labels, namespace }).length > 0))
    return null;
  const near = namespaces
    .map((namespace) => absentPods(judged, { name: '', namespace, manifest, selector: labels }).nearest)
    .find((each): each is NearPod & { readonly value: string } => each !== null && each.value !== null);
  // One label alone may as well be of what is applied from elsewhere: `app: api` beside `app: app`.
  if (near === undefined) return null;
  if (labels.size === 1 && !isSlipOf(near.value, labels.get(near.label) ?? '')) {
    if (sought.isPlain?.(near.label, near.value) !== true) return null;
  }
  const { pod, label, value, difference } = near;
  return {
    hint: `The nearest, ${pod.owner.kind} ${pod.owner.name}, has ${difference}.`,
    related: [theObject(pod.manifest, pod.owner)],
    fixes: replacing(`Use ${label}: ${value}`, manifest, plainText(value), ...at, 'matchLabels', label),
  };
}
