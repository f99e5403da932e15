import type { Field } from '../../manifest/manifest.ts';
import type { Direction } from '../../network/policy/policiesOf.ts';

/** What comes of a packet. */
export type What =
  | { readonly kind: 'reaches' }
  /** Of those outside, whom these rules allow. */
  | {
      readonly kind: 'limited';
      readonly to: readonly string[];
      readonly policies: readonly string[];
      readonly at: Field | null;
    }
  | {
      readonly kind: 'denied';
      readonly direction: Direction;
      /** All that isolate the pod at whose gate it ends. */
      readonly policies: readonly string[];
      /** The rule of a tier that denies it, in words; null where NetworkPolicies isolate the pod. */
      readonly rule: string | null;
      /** The rule that would take it at another port, in words; null where none would. */
      readonly nearest: string | null;
      readonly at: Field | null;
    }
  /** What it depends on, in words. */
  | { readonly kind: 'undecided'; readonly text: string; readonly at: Field | null }
  /** No policy has to do with it. */
  | { readonly kind: 'ends'; readonly text: string };
