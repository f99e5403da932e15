import { fieldOf, type Manifest } from '../manifest/manifest.ts';
import { isScalar, type FieldPath, valueAt } from '../manifest/value.ts';
import type { Fix } from './rule.ts';

/** Puts another text in a field's place; none where the field isn't written. */
export function replacing(title: string, manifest: Manifest, text: string, ...path: FieldPath): Fix[] {
  if (!isScalar(valueAt(manifest.value, ...path))) return [];
  return [{ title, edits: [{ kind: 'replace', at: fieldOf(manifest, ...path), text }] }];
}

/** Puts a scalar in double quotes, as it is written; none where the field isn't written. */
export function quoting(title: string, manifest: Manifest, ...path: FieldPath): Fix[] {
  if (!isScalar(valueAt(manifest.value, ...path))) return [];
  return [{ title, edits: [{ kind: 'quote', at: fieldOf(manifest, ...path) }] }];
}

/** Puts a new document before the one of a manifest. JSON has no place for it, nor has an item of a List. */
export function documentBefore(title: string, manifest: Manifest, yaml: string): Fix[] {
  return [{ title, edits: [{ kind: 'document-before', object: manifest.key, text: `${yaml.trim()}\n---\n` }] }];
}
