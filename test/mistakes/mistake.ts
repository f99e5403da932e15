import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import type { Severity } from '../../shared/insight/rule.ts';
import type { Field, Manifest } from '../../shared/manifest/manifest.ts';
import { type FieldPath, itemsAt, keysAt, textAt, type Value } from '../../shared/manifest/value.ts';

/** A mistake that people make in manifests, where it can be made, and what must be said of it. */
export interface Mistake {
  /** What somebody did. */
  readonly name: string;
  /** What must be found: any of these rules, at least as grave. */
  readonly rules: readonly string[];
  readonly least: Severity;
  /** The kinds of objects that it can be made in. */
  readonly kinds: readonly string[];
  /** What it would take to find it; it is made all the same, and reported. */
  readonly missing?: string;
  readonly places: (spot: Spot) => Iterable<Place>;
}

/** An object among those that it is applied with. */
export interface Spot {
  readonly manifest: Manifest;
  readonly value: Value;
  readonly model: ClusterModel;
  /** False where something outside the set adds to it: what is missing there proves nothing. */
  readonly isComplete: boolean;
  /** Whether an object is of the set's own files: what is borrowed by its name isn't there under a wrong one. */
  readonly isOwn: (other: Pick<Manifest, 'key'>) => boolean;
  /** Whether no other file of the repository has one of its kind and name, which would be taken in its place. */
  readonly isAlone: boolean;
  /** The text at a path with a slip of the finger in it; the same text where it is too short for one. */
  readonly slip: (...path: FieldPath) => string;
}

/** One place to make a mistake at. */
export interface Place {
  readonly change: Change;
  /** Where it must be said, any of these; without, where the text is changed. */
  readonly at?: readonly Field[];
}

/** What is done to a text. */
export type Change =
  /** A scalar is another: in its quotes, unless `isRaw`. */
  | {
      readonly kind: 'value';
      readonly of: Manifest;
      readonly path: FieldPath;
      readonly text: string;
      readonly isRaw?: true;
    }
  | { readonly kind: 'key'; readonly of: Manifest; readonly path: FieldPath; readonly text: string }
  /** An entry of a map or a list is gone. */
  | { readonly kind: 'gone'; readonly of: Manifest; readonly path: FieldPath }
  /** A map has one entry more, `text`, before its others. */
  | { readonly kind: 'more'; readonly of: Manifest; readonly path: FieldPath; readonly text: string }
  /** An item of a list stands there twice, scalars in the copy replaced. */
  | { readonly kind: 'again'; readonly of: Manifest; readonly path: FieldPath; readonly but: Replaced }
  /** The whole object follows at the end of its file once more, scalars in the copy replaced. */
  | { readonly kind: 'copy'; readonly of: Manifest; readonly but: Replaced }
  /** The line of a key is another. */
  | { readonly kind: 'line'; readonly of: Manifest; readonly path: FieldPath; readonly edit: (line: string) => string };

/** Paths within what is repeated, with the texts that stand there instead. */
export type Replaced = readonly (readonly [path: FieldPath, text: string])[];

export function value(of: Manifest, path: FieldPath, text: string): Change {
  return { kind: 'value', of, path, text };
}

export function raw(of: Manifest, path: FieldPath, text: string): Change {
  return { kind: 'value', of, path, text, isRaw: true };
}

export function key(of: Manifest, path: FieldPath, text: string): Change {
  return { kind: 'key', of, path, text };
}

export function gone(of: Manifest, path: FieldPath): Change {
  return { kind: 'gone', of, path };
}

export function more(of: Manifest, path: FieldPath, text: string): Change {
  return { kind: 'more', of, path, text };
}

export function again(of: Manifest, path: FieldPath, but: Replaced = []): Change {
  return { kind: 'again', of, path, but };
}

export function copy(of: Manifest, but: Replaced = []): Change {
  return { kind: 'copy', of, but };
}

export function line(of: Manifest, path: FieldPath, edit: (line: string) => string): Change {
  return { kind: 'line', of, path, edit };
}

/** The items of a list, each with its path. */
export function itemsWith(value: Value, ...path: FieldPath): { readonly item: Value; readonly at: FieldPath }[] {
  return itemsAt(value, ...path).map((item, index) => ({ item, at: [...path, index] }));
}

/** A number that is written, and a thousand; null where none is. */
export function otherNumber(value: Value, ...path: FieldPath): string | null {
  const text = textAt(value, ...path);
  return text === undefined || !/^\d+$/.test(text) ? null : String(Number(text) + 1000);
}

/** The paths of a map's entries. */
export function entriesAt(value: Value, ...path: FieldPath): FieldPath[] {
  return keysAt(value, ...path).map((each) => [...path, each]);
}
