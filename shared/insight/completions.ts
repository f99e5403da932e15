import { chartFields, setFields } from '../manifest/writtenSets.ts';
import { loadBalancerKinds } from '../network/loadBalancers/catalogue.ts';

import { levels } from './levels.ts';
import { otherFindings } from './otherFindings.ts';
import { rules } from './rules/all.ts';

/** Something that can be written where the cursor stands. */
export interface Completion {
  readonly label: string;
  /** What is written in place of what was typed of it. */
  readonly text: string;
  /** Whose it is. */
  readonly detail: string;
  readonly documentation: string;
  /** How much of the line before the cursor it replaces, in characters. */
  readonly typed: number;
}

/**
 * The annotations that a load balancer's controller reads, below `annotations:` of a Service; the fields of a set, and
 * the profiles of the same file, in a `ManifestSets` document; elsewhere none. It looks at lines alone, because a key
 * that is being typed isn't YAML yet.
 */
export function completionsAt(
  text: string,
  { line, character }: { readonly line: number; readonly character: number },
): Completion[] {
  const lines = text.split('\n');
  const before = (lines[line] ?? '').slice(0, character);
  const ofSets = completionsOfSets(lines, line, before);
  if (ofSets.length > 0) return ofSets;
  const typed = /^(\s+)([\w./-]*)$/.exec(before);
  if (typed === null) return [];
  const [, indent = '', key = ''] = typed;
  const parent = lines
    .slice(0, line)
    .findLast((each) => each.trim() !== '' && !each.trim().startsWith('#') && indentOf(each) < indent.length);
  if (parent === undefined || parent.trim() !== 'annotations:') return [];
  const document = documentAt(lines, line);
  if (!document.some((each) => /^kind:\s*["']?Service["']?\s*$/.test(each))) return [];
  const written = new Set(document.map((each) => /^\s*["']?([\w./-]+)["']?\s*:/.exec(each)?.[1]));
  const known = new Map(
    loadBalancerKinds.flatMap(({ title, annotations }) =>
      annotations.map(({ name, meaning }) => [name, { title, meaning }] as const),
    ),
  );
  return [...known]
    .filter(([name]) => !written.has(name) && name.includes(key))
    .map(([name, { title, meaning }]) => ({
      label: name,
      text: `${name}: `,
      detail: title,
      documentation: meaning,
      typed: key.length,
    }));
}

function documentAt(lines: readonly string[], line: number): readonly string[] {
  const start = lines.slice(0, line).findLastIndex(isSeparator) + 1;
  const end = lines.slice(line).findIndex(isSeparator);
  return lines.slice(start, end === -1 ? undefined : line + end);
}

type SetField = (typeof setFields)[number] | (typeof chartFields)[number];

const meanings: Readonly<Record<SetField, string>> = {
  name: 'What the set is called.',
  files: "Globs, from this file's folder: base/**, overlays/production/*.yaml.",
  profile: 'The ClusterProfile that the set is judged by, by its name.',
  path: "The chart's folder, from this file's.",
  values: "Files of values beside the chart's own, the last wins.",
  release: "The release's name; without it, the name of this entry.",
  namespace: 'The namespace that the chart is installed in.',
  set: "Single values, as helm's --set: image.tag=v2.",
};

function completionsOfSets(lines: readonly string[], line: number, before: string): Completion[] {
  if (/^ {3,}[a-z-]*(?:: *[a-z]*)?$/.test(before) && isInLevels(lines, line)) return completionsOfLevels(before);
  const [, key, value] = /^\s+(?:- )?(?:profile: *([\w.-]*)|([a-z]*))$/.exec(before) ?? [];
  if ((key === undefined && value === undefined) || !documentAt(lines, line).some(isOfSets)) return [];
  if (key !== undefined)
    return profilesIn(lines)
      .filter((name) => name.startsWith(key))
      .map((name) => ({
        label: name,
        text: name,
        detail: 'ClusterProfile',
        documentation: meanings.profile,
        typed: key.length,
      }));
  const list = lines.slice(0, line).findLast((each) => /^\s+(?:sets|charts):\s*$/.test(each));
  if (list === undefined) return [];
  const fields: readonly SetField[] = list.includes('charts') ? chartFields : setFields;
  return fields.filter((name) => name.startsWith(value ?? '')).map((name) => setField(name, value ?? ''));
}

/** Whether a line stands in `rules`, how grave findings are. */
function isInLevels(lines: readonly string[], line: number): boolean {
  const own = indentOf(lines[line] ?? '');
  const parent = lines.slice(0, line).findLast((each) => each.trim() !== '' && indentOf(each) < own);
  return /^\s+rules:\s*$/.test(parent ?? '') && documentAt(lines, line).some(isOfSets);
}

/** A rule's id, or behind it, how grave it is. */
function completionsOfLevels(before: string): Completion[] {
  const [, id = '', level] = /^\s+([a-z-]*)(?:: *([a-z]*))?$/.exec(before) ?? [];
  if (level !== undefined)
    return levels
      .filter((each) => each.startsWith(level))
      .map((each) => ({ label: each, text: each, detail: id, documentation: '', typed: level.length }));
  return [...rules, ...otherFindings]
    .filter((each) => each.id.includes(id))
    .map((each) => ({
      label: each.id,
      text: `${each.id}: `,
      detail: each.severity,
      documentation: each.meaning,
      typed: id.length,
    }));
}

function setField(name: SetField, typed: string): Completion {
  return { label: name, text: `${name}: `, detail: 'ManifestSets', documentation: meanings[name], typed: typed.length };
}

function isOfSets(line: string): boolean {
  return /^kind:\s*["']?ManifestSets["']?\s*$/.test(line);
}

/** The names of the text's profiles. */
function profilesIn(lines: readonly string[]): string[] {
  return lines.flatMap((each, index) => {
    if (!/^kind:\s*["']?ClusterProfile["']?\s*$/.test(each)) return [];
    const text = documentAt(lines, index).join('\n');
    return /^metadata:\s*(?:\{\s*|\n\s+)name:\s*["']?([\w.-]+)/m.exec(text)?.[1] ?? [];
  });
}

function isSeparator(line: string): boolean {
  return /^---(?:\s|$)/.test(line);
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
