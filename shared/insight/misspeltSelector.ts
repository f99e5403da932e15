import { type LabelSelector, matchesAll, matchesLabels } from '../cluster/labelSelector.ts';
import { selectedPods } from '../cluster/lookups.ts';
import { fieldOf, keyFieldOf, type Manifest } from '../manifest/manifest.ts';
import { plainText } from '../manifest/textChanges.ts';
import type { FieldPath } from '../manifest/value.ts';
import { absentPods, labelledIn, mayBeUnseen, type NearPod } from './absence.ts';
import { replacing } from './fixes.ts';
import { labelSlip, type LabelSlip, picksAny } from './labelSlip.ts';
import { theObject } from './related.ts';
import type { Fix, Found, JudgedSet } from './rule.ts';
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
 * For a selector that picks no pod though one label of some pod differs from it by a slip alone, be it in its key, its
 * value or its letters' case; null otherwise. A selector that merely picks none may be meant for what is applied from
 * elsewhere, or for later.
 */
export function misspeltSelector(judged: JudgedSet, sought: PodsSought): MisspeltSelector | null {
  const { selector, namespaces } = sought;
  if (!judged.isComplete || matchesAll(selector)) return null;
  if (namespaces.some((namespace) => isPicking(judged, selector, namespace))) return null;
  return misspeltValue(judged, sought) ?? slip(judged, sought);
}

function isPicking({ model }: JudgedSet, selector: LabelSelector, namespace: string): boolean {
  const { labels } = selector;
  if (labels.size === 0) return picksAny(selector, labelledIn(model, namespace));
  return selectedPods(model, { selector: labels, namespace }).some((each) => matchesLabels(selector, each.labels));
}

/** One value of `matchLabels`; with other labels beside it that agree, by whatever it is like. */
function misspeltValue(judged: JudgedSet, sought: PodsSought): MisspeltSelector | null {
  const { manifest, selector, at, namespaces } = sought;
  const { labels, expressions } = selector;
  if (labels.size === 0 || expressions.length > 0) return null;
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

function slip({ model }: JudgedSet, { manifest, selector, at, namespaces }: PodsSought): MisspeltSelector | null {
  for (const namespace of namespaces) {
    if (mayBeUnseen(model, { name: '', namespace, manifest, selector: selector.labels })) continue;
    const found = labelSlip(selector, labelledIn(model, namespace));
    if (found === null) continue;
    const { meant, difference } = found;
    return {
      hint: `The nearest, ${meant.owner.kind} ${meant.owner.name}, has ${difference}.`,
      related: [theObject(meant.manifest, meant.owner)],
      fixes: mendingSlip(manifest, at, found),
    };
  }
  return null;
}

/** Writes what was meant in the place of what is misspelt in the selector at a path. */
export function mendingSlip(
  manifest: Manifest,
  selectorAt: FieldPath,
  slipped: Omit<LabelSlip<unknown>, 'meant'>,
): Fix[] {
  const { at, part, text } = slipped;
  const path = [...selectorAt, ...at];
  const field = part === 'key' ? keyFieldOf(manifest, ...path) : fieldOf(manifest, ...path);
  return [{ title: `Use ${text}`, edits: [{ kind: 'replace', at: field, text: plainText(text) }] }];
}
