import { fieldOf, type Manifest } from '../manifest/manifest.ts';
import { type ParsedDocument, type ParsedFile, siteOfField, startOfObject } from '../manifest/parseFile.ts';
import { placesIn } from '../manifest/places.ts';
import { positionFrom, type Position, range, type Site } from '../manifest/position.ts';
import { faultOfId } from './levels.ts';
import type { Finding, Found } from './rule.ts';

/**
 * What somebody has decided not to be told of: `# hoplens-ignore RULE[, RULE]: reason`. Behind a line's text, or on a
 * line of its own above it, it is about what is found on that line; before an object's first line, about the object;
 * `# hoplens-ignore-file`, before anything else in a file, about the file. In a template, `{{/* hoplens-ignore … *}}`
 * is one as well. Where there are no comments (JSON), the object's annotation `hoplens.dev/ignore` says the same.
 */
export interface Ignore {
  readonly rules: readonly string[];
  /** Empty where none is given. */
  readonly reason: string;
  /** The lines that it is about, the last included. */
  readonly first: number;
  readonly last: number;
  readonly site: Site;
  /** As it is written. */
  readonly text: string;
}

export const ignoreWord = 'hoplens-ignore';
export const ignoreAnnotation = 'hoplens.dev/ignore';

/** The rules that a text names, and why: `RULE[, RULE]: reason`. */
export function readIgnore(text: string): Pick<Ignore, 'rules' | 'reason'> {
  const [, names = '', reason = ''] = /^([^:]*)(?::([^]*))?$/.exec(text) ?? [];
  return { rules: names.split(/[\s,]+/).filter((each) => each !== ''), reason: reason.trim() };
}

/** What is wrong with an ignore, besides that nothing may be there to ignore. */
export function faultsOfIgnore({
  rules,
  reason,
}: Pick<Ignore, 'rules' | 'reason'>): Pick<Finding, 'severity' | 'message'>[] {
  if (rules.length === 0)
    return [
      { severity: 'warning', message: 'This ignores nothing: it names no rule. Write the rule, a colon, and why.' },
    ];
  const unknown = rules.flatMap((rule) => faultOfId(rule) ?? []);
  if (unknown.length > 0) return unknown.map((message) => ({ severity: 'warning', message }));
  return reason === '' ? [{ severity: 'hint', message: 'This gives no reason: write why, behind a colon.' }] : [];
}

export function unusedMessage(rules: readonly string[]): string {
  return `${rules.join(', ')}: nothing of that is found here, so there is nothing to ignore.`;
}

/** A file's ignores, in its order. */
export function ignoresIn(file: ParsedFile): readonly Ignore[] {
  let found = known.get(file);
  if (found === undefined) {
    found = file.text.includes(ignoreWord) ? readIgnores(file) : [];
    known.set(file, found);
  }
  return found;
}

const known = new WeakMap<ParsedFile, readonly Ignore[]>();

const written = new RegExp(
  `(?:(?:^|\\s)#|\\{\\{-?\\s*/\\*)\\s*${ignoreWord}(-file)?(?![\\w-])(.*?)(?:\\*/\\s*-?\\}\\}.*)?$`,
);

function readIgnores(file: ParsedFile): Ignore[] {
  const { uri, text } = file;
  const lines = text.split(/\r?\n/);
  const starts = startsOfObjects(file);
  return lines.flatMap((line, number): Ignore[] => {
    const match = written.exec(line);
    if (match === null) return [];
    const [whole, isOfFile, says = ''] = match;
    const start = match.index + whole.length - whole.trimStart().length;
    if (isInText(file, { line: number, character: start })) return [];
    const isAlone = line.slice(0, start).trim() === '';
    const place = { site: { uri, range: range(number, start, number, line.trimEnd().length) }, text: whole.trim() };
    const about = (first: number, last: number): Ignore[] => [{ ...readIgnore(says), ...place, first, last }];
    if (isOfFile !== undefined) {
      const isFirst = lines.slice(0, number).every(isEmpty);
      return isFirst ? about(0, lines.length) : about(number, -1);
    }
    if (!isAlone) return about(number, number);
    const next = lines.findIndex((each, index) => index > number && !isCommentLine(each));
    const head = headOf(lines, number);
    if (head !== null) return about(number, head);
    return about(next === -1 ? number : next, starts.get(next) ?? next);
  });
}

/** Of a line before anything is said in its document, the document's last line; null for any other line. */
export function headOf(lines: readonly string[], number: number): number | null {
  const before = lines.slice(0, number).findLastIndex((line) => !isEmpty(line));
  if (before !== -1 && !isSeparator(lines[before] ?? '')) return null;
  const next = lines.findIndex((line, index) => index > number && isSeparator(line));
  // A file's first document may begin with a separator.
  const own = lines.slice(number + 1, next === -1 ? undefined : next).every(isEmpty);
  if (next === -1) return lines.length;
  if (!own) return next;
  const after = lines.findIndex((line, index) => index > next && isSeparator(line));
  return after === -1 ? lines.length : after;
}

/** The line on which each item of a List begins, and the one on which it ends. */
function startsOfObjects(file: ParsedFile): ReadonlyMap<number, number> {
  return new Map(
    file.manifests.flatMap(({ key }) => {
      if (file.standing.get(key)?.path.length === 0) return [];
      const start = startOfObject(file, key);
      const site = siteOfField(file, { object: key, path: [], part: 'value' });
      return start === null || site === null ? [] : [[start.line, site.range.end.line] as const];
    }),
  );
}

/** Whether what stands there is part of a value, so that a comment can't. */
export function isInText({ documents }: ParsedFile, position: Position): boolean {
  const document = documentAt(documents, position);
  if (document === undefined || document.content.value === null) return false;
  return placesIn(document).isInScalar(positionFrom(document.at, position));
}

function documentAt(documents: readonly ParsedDocument[], { line }: Position): ParsedDocument | undefined {
  return documents.findLast(({ at }) => at.line <= line);
}

function isSeparator(line: string): boolean {
  return line.startsWith('---');
}

function isCommentLine(line: string): boolean {
  return /^\s*(?:#|\{\{-?\s*\/\*)/.test(line);
}

/** Nothing, a comment, or an action of a template that stands alone. */
function isEmpty(line: string): boolean {
  return line.trim() === '' || isCommentLine(line) || /^\s*\{\{[^{}]*\}\}\s*$/.test(line);
}

/** What is left when a file's ignores have taken out what they are about; which of them did, is noted in `used`. */
export function withoutIgnored<T extends Placed>(
  file: ParsedFile,
  findings: readonly T[],
  used: Set<string>,
): readonly T[] {
  const ignores = ignoresIn(file);
  if (ignores.length === 0) return findings;
  const lines = file.text.split(/\r?\n/);
  return findings.filter((finding) => {
    const at = linesOf(finding, lines);
    const by = ignores.filter(
      ({ rules, first, last }) => rules.includes(finding.rule) && at.some((line) => line >= first && line <= last),
    );
    for (const { rules, text } of by)
      for (const rule of rules) if (rule === finding.rule) used.add(usedName(text, rule));
    return by.length === 0;
  });
}

type Placed = Pick<Finding, 'rule' | 'site'>;

/** The line of a finding; that of its key too, where the value begins on the next. */
function linesOf(
  {
    site: {
      range: { start },
    },
  }: Placed,
  lines: readonly string[],
): number[] {
  const isFirst = /^\s*(?:-\s+)?$/.test((lines[start.line] ?? '').slice(0, start.character));
  const above = lines.slice(0, start.line).findLastIndex((line) => line.trim() !== '' && !isCommentLine(line));
  const isKey = isFirst && /:\s*(?:#.*)?$/.test(lines[above] ?? '');
  return isKey ? [start.line, above] : [start.line];
}

function usedName(text: string, rule: string): string {
  return `${rule} ${text}`;
}

/** What is to be said of the ignores themselves: those that are unclear, those that ignore nothing. */
export function ignoreFindings(
  file: ParsedFile,
  used: ReadonlySet<string>,
  isAsked: (rule: string) => boolean = () => true,
): Finding[] {
  return ignoresIn(file).flatMap((ignore): Finding[] => {
    const { rules, site, text, first, last } = ignore;
    const faults = faultsOfIgnore(ignore).map((fault) => ({ rule: 'unclear-ignore', ...fault }));
    const unused = rules.filter((rule) => faultOfId(rule) === null && isAsked(rule) && !used.has(usedName(text, rule)));
    const message =
      last < first
        ? `${ignoreWord}-file stands before anything else in a file; here it ignores nothing.`
        : unusedMessage(unused);
    if (unused.length > 0) faults.push({ rule: 'unused-ignore', severity: 'info', message });
    return faults.map((fault) => ({ ...fault, site, related: [], fixes: [] }));
  });
}

/** What is left of what was found in an object when its annotation has taken out what it names. */
export function withoutAnnotated(
  manifest: Manifest,
  found: readonly Found[],
  isAsked: (rule: string) => boolean,
): readonly Found[] {
  const text = manifest.annotations.get(ignoreAnnotation);
  if (text === undefined) return found;
  const ignore = readIgnore(text);
  const at = fieldOf(manifest, 'metadata', 'annotations', ignoreAnnotation);
  const unused = ignore.rules.filter(
    (id) => faultOfId(id) === null && isAsked(id) && !found.some(({ rule }) => rule === id),
  );
  return [
    ...found.filter(({ rule }) => !ignore.rules.includes(rule)),
    ...faultsOfIgnore(ignore).map((fault) => ({
      rule: 'unclear-ignore',
      ...fault,
      at,
      related: [],
      fixes: [],
      cause: null,
    })),
    ...(unused.length === 0
      ? []
      : [
          {
            rule: 'unused-ignore',
            severity: 'info',
            message: unusedMessage(unused),
            at,
            related: [],
            fixes: [],
            cause: null,
          } as const,
        ]),
  ];
}
