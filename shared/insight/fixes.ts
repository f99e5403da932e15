import type { Manifest } from '../manifest/manifest.ts';
import { siteOf } from '../manifest/manifest.ts';
import { range, type Site } from '../manifest/position.ts';
import type { Path } from '../manifest/value.ts';
import { valueAt } from '../manifest/value.ts';
import type { Fix } from './rule.ts';

/** Puts another text in a field's place; none where the field isn't written. */
export function replacing(title: string, manifest: Manifest, text: string, ...path: Path): Fix[] {
  return valueAt(manifest.value, ...path)?.kind === 'scalar'
    ? [{ title, edits: [{ site: siteOf(manifest, ...path), text }] }]
    : [];
}

/** Puts a document of its own before the one that a manifest is; none for JSON and for what stands in a List. */
export function documentBefore(title: string, manifest: Manifest, yaml: string): Fix[] {
  const { start } = manifest.value.range;
  if (start.character !== 0 || manifest.uri.endsWith('.json')) return [];
  const line = manifest.line + start.line;
  const site: Site = { uri: manifest.uri, range: range(line, 0, line, 0) };
  return [{ title, edits: [{ site, text: `${yaml.trim()}\n---\n` }] }];
}
