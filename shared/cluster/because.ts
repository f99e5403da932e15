import { type Manifest, siteOf } from '../manifest/manifest.ts';
import type { Site } from '../manifest/position.ts';
import { type Path, valueAt } from '../manifest/value.ts';

/** What a statement rests on: a manifest's line, a fact of the profile, or a named assumption. */
export type Because =
  | { readonly kind: 'manifest'; readonly text: string; readonly site: Site }
  | { readonly kind: 'profile'; readonly text: string; readonly site: Site | null }
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

/** A manifest's field; where the field isn't written, its default at the nearest place that is. */
export function written(manifest: Manifest, text: string, ...path: Path): Because {
  if (manifest.uri.startsWith(assumedScheme))
    return { kind: 'assumption', text, assumption: manifest.uri.slice(assumedScheme.length) };
  const isWritten = valueAt(manifest.value, ...path) !== undefined;
  return { kind: 'manifest', text: isWritten ? text : `${text} (default)`, site: siteOf(manifest, ...path) };
}

export function assumed({ id, text }: Assumption): Because {
  return { kind: 'assumption', text, assumption: id };
}
