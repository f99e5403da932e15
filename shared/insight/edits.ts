import { isBuilt } from '../built/builtSet.ts';
import { once } from '../cluster/once.ts';
import { type Field, type ObjectKey, uriOf } from '../manifest/manifest.ts';
import { fieldAt, type ParsedDocument, type ParsedFile, startOfObject } from '../manifest/parseFile.ts';
import { lineStartsOf, type Position, positionIn, shiftedBy, type Site } from '../manifest/position.ts';
import { addingItem, addingKey, inJson, isJsonText, removing, type TextChange } from '../manifest/textChanges.ts';
import { type FieldPath, sameValue, textAt, type Value, valueAt } from '../manifest/value.ts';
import type { FixEdit, PlacedFix } from './rule.ts';

/**
 * From an edit by name to changes of text. An object that was built is changed in the source that holds the very value
 * as it was built; where none does, it isn't changed.
 */
export interface WrittenObjects {
  readonly file: (uri: string) => ParsedFile | null;
  readonly siteOf: (field: Field) => Site | null;
  /** What an object says, a built one too. */
  readonly valueOf: (key: ObjectKey) => Value | undefined;
}

type PlacedEdits = PlacedFix['edits'];

/** The changes of text that an edit comes to; none where it has no place. */
export function placedEdit(edit: FixEdit, written: WrittenObjects): PlacedEdits {
  switch (edit.kind) {
    case 'document-before':
      return documentBefore(edit.object, edit.text, written);
    case 'replace': {
      const site = scalarSite(edit.at, written);
      if (site === null) return [];
      const isJson = site.uri.endsWith('.json') || isInJson(edit.at, written);
      return [{ site, text: isJson ? inJson(edit.text) : edit.text }];
    }
    case 'quote': {
      const site = scalarSite(edit.at, written);
      if (site === null || isInQuotes(site, written)) return [];
      const { start, end } = site.range;
      return [start, end].map((each) => ({ site: emptySite(site.uri, each), text: '"' }));
    }
    case 'add':
    case 'add-item':
    case 'remove':
      return structuralEdit(edit, written);
    default:
      return edit satisfies never;
  }
}

/** Where a scalar stands; null where what stands there isn't the value. */
function scalarSite(at: Field, written: WrittenObjects): Site | null {
  const site = written.siteOf(at);
  if (site === null || (isBuilt(uriOf(at.object)) && !isWrittenAt(at, site, written))) return null;
  return hasPropertiesOfItsOwn(site, written) ? null : site;
}

/** Whether a tag says what a scalar is, or an anchor has it read elsewhere too: then more would change. */
function hasPropertiesOfItsOwn({ uri, range: { start } }: Site, { file }: WrittenObjects): boolean {
  const own = file(uri);
  const before = linesOf(own).slice(Math.max(0, start.line - 1), start.line + 1);
  before.push((before.pop() ?? '').slice(0, start.character));
  const [, properties = ''] = /(?:^|[\s[{,])((?:[&!]\S*\s+)+)$/.exec(before.join('\n')) ?? [];
  const [, anchor] = /&(\S+)/.exec(properties) ?? [];
  return (
    properties.includes('!') || (anchor !== undefined && (own?.text ?? '').split(/[\s[\]{},]+/).includes(`*${anchor}`))
  );
}

function linesOf(file: ParsedFile | null): readonly string[] {
  return file === null ? [] : linesOfFile(file);
}

const linesOfFile = once(({ text }: ParsedFile): readonly string[] => text.split('\n'));

/** Whether a source holds a built field's very value: then an edit there is an edit of that field. */
function isWrittenAt(
  { object, path }: Field,
  { uri, range: { start, end } }: Site,
  { file, valueOf }: WrittenObjects,
): boolean {
  const value = textAt(valueOf(object), ...path);
  const line = linesOf(file(uri))[start.line];
  if (value === undefined || line === undefined || start.line !== end.line) return false;
  return line.slice(start.character, end.character).replace(/^(["'])(.*)\1$/, '$2') === value;
}

function isInQuotes({ uri, range: { start } }: Site, { file }: WrittenObjects): boolean {
  return /["']/.test(linesOf(file(uri))[start.line]?.[start.character] ?? '');
}

function isInJson({ object }: Field, { file }: WrittenObjects): boolean {
  const document = file(uriOf(object))?.standing.get(object)?.document;
  return document !== undefined && isJsonText(document);
}

/** Of a dump, many edits ask for the same. */
const lineStartsIn = once(({ text }: ParsedDocument) => lineStartsOf(text));

function structuralEdit(
  edit: Extract<FixEdit, { readonly kind: 'add' | 'add-item' | 'remove' }>,
  written: WrittenObjects,
): PlacedEdits {
  const place = sourceOf(edit.at, written);
  const standing = place?.file.standing.get(place.object);
  if (place === null || standing === undefined) return [];
  const { document } = standing;
  const path = [...standing.path, ...place.path];
  const changes = ((): readonly TextChange[] | null => {
    switch (edit.kind) {
      case 'add':
        return addingKey(document, { path, key: edit.key, value: edit.text });
      case 'add-item':
        return addingItem(document, path, edit.text);
      case 'remove':
        return removing(document, path);
      default:
        return edit satisfies never;
    }
  })();
  const lineStarts = lineStartsIn(document);
  return (changes ?? []).map(({ start, end, text }) => ({
    text,
    site: {
      uri: place.file.uri,
      range: shiftedBy(document.at, { start: positionIn(lineStarts, start), end: positionIn(lineStarts, end) }),
    },
  }));
}

interface SourcePlace {
  readonly file: ParsedFile;
  readonly object: ObjectKey;
  readonly path: FieldPath;
}

/** The object of a file that a field stands in; of a built one, only where a source has the very same value there. */
function sourceOf(at: Field, { file, siteOf, valueOf }: WrittenObjects): SourcePlace | null {
  const { object, path } = at;
  if (!isBuilt(uriOf(object))) {
    const own = file(uriOf(object));
    return own === null ? null : { file: own, object, path };
  }
  const site = siteOf(at);
  const source = site === null ? null : file(site.uri);
  const found = site === null || source === null ? null : fieldAt(source, site.range.start);
  const built = valueAt(valueOf(object), ...path);
  if (source === null || found === null || built === undefined) return null;
  // A map begins where its first key does: what stands there is within it.
  for (let length = found.path.length; length >= 0; length--) {
    const own = found.path.slice(0, length);
    const value = valueAt(found.manifest.value, ...own);
    if (own.at(-1) === path.at(-1) && value !== undefined && sameValue(value, built))
      return { file: source, object: found.manifest.key, path: own };
  }
  return null;
}

function documentBefore(object: ObjectKey, text: string, { file }: WrittenObjects): PlacedEdits {
  const uri = uriOf(object);
  const own = isBuilt(uri) || uri.endsWith('.json') ? null : file(uri);
  const start = own === null ? null : startOfObject(own, object);
  // JSON has no place for it, nor has an item of a List.
  return start?.character === 0 ? [{ site: emptySite(uri, start), text }] : [];
}

/** Where something is put in. */
function emptySite(uri: string, at: Position): Site {
  return { uri, range: { start: at, end: at } };
}
