import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { type Field, fieldOf, type Manifest } from '../../manifest/manifest.ts';
import { type FieldPath, textAt } from '../../manifest/value.ts';

/**
 * Where one object names another, a port, a listener or a label of it: what an editor jumps along. All by name; the
 * places are looked up where they are shown (`marks.ts`). What an object links to is made when somebody asks, and kept
 * with the object.
 */
export interface Link {
  /**
   * What ties the two: a name that both write (`text`: in a text that only pods read, a URL say), a label, a host, or
   * nothing that is written in both: a class and the controller that takes it, a namespace and the grant for it.
   */
  readonly by: 'name' | 'text' | 'label' | 'host' | 'what follows';
  readonly from: Mark;
  /**
   * What is named: `metadata.name`, a port's number or name, a label. Several where a selector picks several, none
   * where the set hasn't it.
   */
  readonly to: (model: ClusterModel) => readonly Field[];
  /** Names what `to` looks up, where other links may look up the very same; null for one that asks for its own. */
  readonly asks: string | null;
}

/** Links that lead to the same. */
export interface LinkGroup {
  readonly links: readonly Link[];
  readonly to: Link['to'];
}

/** Of a thousand policies for one label each leads to a thousand pods: they are looked up once. */
export function groupedLinks(links: readonly Link[]): LinkGroup[] {
  const groups = Map.groupBy(links, (link) => link.asks ?? link);
  return [...groups.values()].map((alike) => ({ links: alike, to: (model) => alike[0]?.to(model) ?? [] }));
}

/** A scalar, or a part of one: the name of a Service in a URL. */
export interface Mark {
  readonly field: Field;
  /** All that the field says. */
  readonly whole: string;
  /** What it says of the one named, and where that begins in the whole. */
  readonly text: string;
  readonly at: number;
}

/** What a field says; null where it says nothing. A part of it begins at an offset. */
export function markAt(
  manifest: Manifest,
  path: FieldPath,
  part: { readonly text: string; readonly at: number } | null = null,
): Mark | null {
  const whole = textAt(manifest.value, ...path);
  if (whole === undefined || whole === '') return null;
  return { field: fieldOf(manifest, ...path), whole, text: part?.text ?? whole, at: part?.at ?? 0 };
}
