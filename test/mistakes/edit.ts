import type { Workspace } from '../../shared/insight/workspace.ts';
import type { ParsedFile } from '../../shared/manifest/parseFile.ts';
import { lineStartsOf, offsetIn, positionIn, type Site } from '../../shared/manifest/position.ts';
import { type FieldPath, isList, keysAt, textAt, valueAt } from '../../shared/manifest/value.ts';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import type { Change, Replaced } from './mistake.ts';

/** What a change comes to in a text: what stands between two offsets gives way to another text. */
export interface TextEdit {
  readonly uri: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * A change as an edit of the text that a person would make it in: the manifest's own, or that of the base, patch,
 * template or values file that the value comes from. Null where it can't be made there.
 */
export function editOf(workspace: Workspace, change: Change): TextEdit | null {
  const { of } = change;
  if (change.kind === 'copy') return copied(workspace, of, change.but);
  const found = placeIn(workspace, of, change.path, change.kind === 'value' ? 'value' : 'key');
  if (found === null) return null;
  const { file, start, end } = found;
  const written = file.text.slice(start, end);
  switch (change.kind) {
    case 'value': {
      const now = change.isRaw === true ? change.text : inQuotesOf(written, change.text);
      return unquoted(written) === textAt(of.value, ...change.path) ? { ...found, text: now } : null;
    }
    case 'key':
      return unquoted(written) === change.path.at(-1) ? { ...found, text: inQuotesOf(written, change.text) } : null;
    case 'line': {
      const from = file.text.lastIndexOf('\n', start - 1) + 1;
      const to = file.text.indexOf('\n', start);
      const before = file.text.slice(from, to === -1 ? undefined : to);
      const now = change.edit(before);
      return unquoted(written) !== change.path.at(-1) || now === before
        ? null
        : { uri: found.uri, start: from, end: from + before.length, text: now };
    }
    case 'gone':
      return withoutEntry(workspace, change);
    case 'more': {
      const first = keysAt(of.value, ...change.path)[0];
      const at = first === undefined ? null : placeIn(workspace, of, [...change.path, first], 'key');
      if (at === null || at.uri !== found.uri) return null;
      const isFlow = /[{,]\s*$/.test(file.text.slice(0, at.start));
      const text = isFlow ? `${change.text}, ` : `${change.text}\n${' '.repeat(columnOf(file, at.start))}`;
      return { uri: at.uri, start: at.start, end: at.start, text };
    }
    case 'again': {
      const item = placeIn(workspace, of, change.path, 'value');
      const text = item === null ? null : replaced(workspace, of, item, change)?.trimEnd();
      if (item === null || text == null) return null;
      const end = item.start + file.text.slice(item.start, item.end).trimEnd().length;
      const before = file.text.slice(0, item.start);
      if (/[[,]\s*$/.test(before)) return { uri: item.uri, start: end, end, text: `, ${text}` };
      const [, outer = '', dash] = /(?:^|\n)( *(?:- +)*?)(- +)$/.exec(before) ?? [];
      if (dash === undefined) return null;
      return { uri: item.uri, start: end, end, text: `\n${outer.replaceAll('-', ' ')}${dash}${text}` };
    }
    default:
      return change satisfies never;
  }
}

interface Written {
  readonly file: ParsedFile;
  readonly uri: string;
  readonly start: number;
  readonly end: number;
}

function placeIn(workspace: Workspace, of: Manifest, path: FieldPath, part: 'key' | 'value'): Written | null {
  if (valueAt(of.value, ...path) === undefined) return null;
  const site = workspace.ask(() => workspace.siteOf({ object: of.key, path, part }));
  return site === null ? null : writtenAt(workspace, site);
}

function writtenAt(workspace: Workspace, { uri, range }: Site): Written | null {
  const file = workspace.ask(() => workspace.file(uri));
  if (file === null) return null;
  const starts = lineStartsOf(file.text);
  return { file, uri, start: offsetIn(starts, range.start), end: offsetIn(starts, range.end) };
}

/** From an entry to the one behind it; of the last, from the end of the one before. */
function withoutEntry(workspace: Workspace, { of, path }: { of: Manifest; path: FieldPath }): TextEdit | null {
  const last = path.at(-1);
  const parent = path.slice(0, -1);
  const owner = valueAt(of.value, ...parent);
  const siblings = isList(owner) ? owner.map((_, index) => index) : keysAt(of.value, ...parent);
  const index = siblings.findIndex((each) => each === last);
  const [before, behind] = [siblings[index - 1], siblings[index + 1]];
  const part = isList(owner) ? 'value' : 'key';
  const own = placeIn(workspace, of, path, part);
  if (own === null || (part === 'key' && unquoted(own.file.text.slice(own.start, own.end)) !== last)) return null;
  if (behind !== undefined) {
    const next = placeIn(workspace, of, [...parent, behind], part);
    if (next === null || next.uri !== own.uri || next.start <= own.start) return null;
    return { uri: own.uri, start: own.start, end: next.start, text: '' };
  }
  const [end, from] = [path, before === undefined ? null : [...parent, before]].map((each) =>
    each === null ? null : placeIn(workspace, of, each, 'value'),
  );
  if (end == null || from == null || from.uri !== own.uri || end.uri !== own.uri || from.end > own.start) return null;
  return { uri: own.uri, start: from.end, end: end.end, text: '' };
}

function copied(workspace: Workspace, of: Manifest, but: Replaced): TextEdit | null {
  const file = workspace.ask(() => workspace.file(of.uri));
  const standing = file?.standing.get(of.key);
  if (file == null || standing === undefined || standing.path.length > 0) return null;
  const { document } = standing;
  const start = offsetIn(lineStartsOf(file.text), document.at);
  const whole = { file, uri: of.uri, start, end: start + document.text.length };
  const text = replaced(workspace, of, whole, { path: [], but })?.replace(/^---.*\n/, '');
  const isApart = file.text.endsWith('\n');
  if (text === undefined || text.trimStart().startsWith('{')) return null;
  return { uri: of.uri, start: file.text.length, end: file.text.length, text: `${isApart ? '' : '\n'}---\n${text}` };
}

/** A piece of a text with scalars in it replaced; null where one isn't written there. */
function replaced(
  workspace: Workspace,
  of: Manifest,
  { file, uri, start, end }: Written,
  { path, but }: { readonly path: FieldPath; readonly but: Replaced },
): string | null {
  const edits = but.map(([inner, text]) => {
    const at = placeIn(workspace, of, [...path, ...inner], 'value');
    return at === null || at.uri !== uri || at.start < start || at.end > end ? null : { ...at, text };
  });
  let text = file.text.slice(start, end);
  for (const edit of edits.toSorted((a, b) => (b?.start ?? 0) - (a?.start ?? 0))) {
    if (edit === null) return null;
    const now = inQuotesOf(file.text.slice(edit.start, edit.end), edit.text);
    text = text.slice(0, edit.start - start) + now + text.slice(edit.end - start);
  }
  return text;
}

function unquoted(text: string): string {
  return /^(["'])(.*)\1$/s.exec(text)?.[2] ?? text;
}

function inQuotesOf(written: string, text: string): string {
  const quote = /^(["']).*\1$/s.exec(written)?.[1] ?? '';
  return `${quote}${text}${quote}`;
}

function columnOf(file: ParsedFile, offset: number): number {
  return positionIn(lineStartsOf(file.text), offset).character;
}

/** The text after an edit. */
export function edited(text: string, { start, end, text: now }: TextEdit): string {
  return text.slice(0, start) + now + text.slice(end);
}

/** Where a line of a text is after an edit of it; null for one that is in what gave way. */
export function lineAfter(before: string, edit: TextEdit): (line: number) => number | null {
  const starts = lineStartsOf(before);
  const first = positionIn(starts, edit.start);
  const last = positionIn(starts, edit.end);
  const added = edit.text.split('\n').length - 1 - (last.line - first.line);
  return (line) => {
    if (line < first.line) return line;
    // What is put before all that is written in its line moves the line.
    if (line > last.line || (line === last.line && (last.line > first.line || edit.text.endsWith(' '))))
      return line + added;
    return line === first.line ? line : null;
  };
}
