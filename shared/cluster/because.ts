import { type Field, fieldOf, type Manifest } from '../manifest/manifest.ts';
import { type FieldPath, valueAt } from '../manifest/value.ts';

/**
 * What a statement rests on, by name: an object's field, a fact of the profile (null where nothing is written), or a
 * named assumption. The line is looked up where it is shown.
 */
export type Because =
  | { readonly kind: 'field'; readonly text: string; readonly field: Field }
  | { readonly kind: 'profile'; readonly text: string; readonly field: Field | null }
  | { readonly kind: 'assumption'; readonly text: string; readonly assumption: string };

/** Something that no manifest says and that the answer depends on. */
export interface Assumption {
  readonly id: string;
  readonly text: string;
}

/** The name of the file that an assumption's objects would stand in: what rests on them rests on the assumption. */
export function assumedFile({ id }: Assumption): string {
  return `${assumedScheme}${id}`;
}

const assumedScheme = 'hoplens-assumed:';

/** Whether a file is none: the objects in it are assumed. */
export function isAssumed(uri: string): boolean {
  return uri.startsWith(assumedScheme);
}

/** A manifest's field; where the field isn't written, its default at the nearest place that is. */
export function written(manifest: Manifest, text: string, ...path: FieldPath): Because {
  if (isAssumed(manifest.uri))
    return { kind: 'assumption', text, assumption: manifest.uri.slice(assumedScheme.length) };
  const isWritten = valueAt(manifest.value, ...path) !== undefined;
  return { kind: 'field', text: isWritten ? text : `${text} (default)`, field: fieldOf(manifest, ...path) };
}

export function assumed({ id, text }: Assumption): Because {
  return { kind: 'assumption', text, assumption: id };
}

/** The same for reasons that say the same of the same. */
export function becauseKey(because: Because): string {
  if (because.kind === 'assumption') return `${because.assumption} ${because.text}`;
  const { text, field } = because;
  return field === null ? text : `${text} ${field.object} ${field.path.join('.')}`;
}
