import { fieldOf, quotesFieldOf, type Manifest } from '../manifest/manifest.ts';
import { plainText } from '../manifest/textChanges.ts';
import { type FieldPath, isList, isMap, isScalar, type Value, valueAt } from '../manifest/value.ts';
import type { Fix } from './rule.ts';

/** The fixes that may be made without asking: nothing else can be meant. */
export function safely(fixes: readonly Fix[]): Fix[] {
  return fixes.map((fix) => ({ ...fix, isSafe: true }));
}

/** Puts another text in a field's place; none where the field isn't written. */
export function replacing(title: string, manifest: Manifest, text: string, ...path: FieldPath): Fix[] {
  if (!isScalar(valueAt(manifest.value, ...path))) return [];
  return [{ title, edits: [{ kind: 'replace', at: fieldOf(manifest, ...path), text }] }];
}

/** Puts a scalar in double quotes, as it is written; none where the field isn't written. */
export function quoting(title: string, manifest: Manifest, ...path: FieldPath): Fix[] {
  if (!isScalar(valueAt(manifest.value, ...path))) return [];
  return [{ title, edits: [{ kind: 'quote', at: quotesFieldOf(manifest, ...path) }] }];
}

/**
 * Gives a map a key more: `path` leads to the map, `text` is the value as YAML. None where the key is there, or a
 * scalar in the map's place.
 */
export function adding(
  title: string,
  manifest: Manifest,
  { key, text }: { readonly key: string; readonly text: string },
  ...path: FieldPath
): Fix[] {
  if (valueAt(manifest.value, ...path, key) !== undefined) return [];
  return [{ title, edits: [{ kind: 'add', at: fieldOf(manifest, ...path), key, text }] }];
}

/** Gives a list an item more, as YAML, behind its last. */
export function addingItem(title: string, manifest: Manifest, text: string, ...path: FieldPath): Fix[] {
  return [{ title, edits: [{ kind: 'add-item', at: fieldOf(manifest, ...path), text }] }];
}

/** Takes away a key with its value, or a list's item; none where it isn't written. */
export function removing(title: string, manifest: Manifest, ...path: FieldPath): Fix[] {
  if (valueAt(manifest.value, ...path) === undefined) return [];
  return [{ title, edits: [{ kind: 'remove', at: fieldOf(manifest, ...path) }] }];
}

/** Moves a key's value from one item of a list into the item beside it, and takes away what is left of the first. */
export function joining(
  title: string,
  manifest: Manifest,
  { into, from, key }: { readonly into: FieldPath; readonly from: FieldPath; readonly key: string },
): Fix[] {
  const value = valueAt(manifest.value, ...from, key);
  if (value === undefined) return [];
  return [
    {
      title,
      edits: [
        { kind: 'add', at: fieldOf(manifest, ...into), key, text: flowText(value) },
        { kind: 'remove', at: fieldOf(manifest, ...from) },
      ],
    },
  ];
}

/** A value as YAML on one line. */
function flowText(value: Value): string {
  if (isList(value)) return `[${value.map(flowText).join(', ')}]`;
  if (!isMap(value)) return typeof value === 'string' ? plainText(value) : String(value);
  const entries = Object.entries(value).map(([key, each]) => `${plainText(key)}: ${flowText(each)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

/** Puts a new document before the one of a manifest. JSON has no place for it, nor has an item of a List. */
export function documentBefore(title: string, manifest: Manifest, yaml: string): Fix[] {
  return [{ title, edits: [{ kind: 'document-before', object: manifest.key, text: `${yaml.trim()}\n---\n` }] }];
}
