import { fieldOf } from '../manifest/manifest.ts';
import { fieldAt, type ParsedFile } from '../manifest/parseFile.ts';
import { range, type Site } from '../manifest/position.ts';
import { placedEdit } from './edits.ts';
import { headOf, ignoreAnnotation, ignoreWord, isInText } from './ignores.ts';
import type { Finding } from './rule.ts';

/** What writes down that a finding is to be ignored: an insertion, in whose middle the reason stands. */
export interface IgnoringEdit {
  readonly site: Site;
  readonly before: string;
  readonly after: string;
}

/** The word that stands where somebody writes the reason. */
export const reasonHere = 'reason';

/**
 * An ignore of one finding, in a comment above its line, or behind it where a comment above would be about the whole
 * object; in JSON, in an annotation of the object. Null where neither has a place.
 */
export function ignoringEdit(file: ParsedFile, { rule, site }: Finding): IgnoringEdit | null {
  if (rule === 'unused-ignore' || rule === 'unclear-ignore') return null;
  const lines = file.text.split('\n');
  const { line } = site.range.start;
  const written = (lines[line] ?? '').replace(/\r$/, '');
  const says = `${ignoreWord} ${rule}: `;
  const at = (character: number): Site => ({ uri: file.uri, range: range(line, character, line, character) });
  if (file.uri.endsWith('.json') || isInText(file, { line, character: written.length }))
    return annotation(file, site, `${rule}: `);
  const isHead = headOf(lines, line) !== null || written.startsWith('-');
  if (isHead) return { site: at(written.length), before: ` # ${says}`, after: '' };
  const indent = /^\s*/.exec(written)?.[0] ?? '';
  const end = lines[line]?.endsWith('\r') === true ? '\r\n' : '\n';
  return { site: at(0), before: `${indent}# ${says}`, after: end };
}

/** The text that is put in, whatever the reason. */
export function ignoringText({ before, after }: IgnoringEdit, reason: string): string {
  return before + reason + after;
}

function annotation(file: ParsedFile, { range: { start } }: Site, says: string): IgnoringEdit | null {
  const found = fieldAt(file, start);
  if (found === null) return null;
  const { manifest } = found;
  const [edit, ...others] = placedEdit(
    {
      kind: 'add',
      at: fieldOf(manifest, 'metadata', 'annotations'),
      key: ignoreAnnotation,
      text: JSON.stringify(says + reasonHere),
    },
    { file: () => file, siteOf: () => null, valueOf: () => manifest.value },
  );
  if (edit === undefined || others.length > 0) return null;
  const at = edit.text.indexOf(says) + says.length;
  return { site: edit.site, before: edit.text.slice(0, at), after: edit.text.slice(at + reasonHere.length) };
}
