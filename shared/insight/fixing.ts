import { lineStartsOf, offsetIn, type Position, type Range } from '../manifest/position.ts';
import type { Finding, PlacedFix } from './rule.ts';

/** Several fixes made at once: those that get in each other's way are left for the next time. */
export interface Fixing {
  /** What was mended, each with the fix that did it. */
  readonly made: readonly { readonly finding: Finding; readonly fix: PlacedFix }[];
  /** Their edits by file; none overlaps another. */
  readonly edits: ReadonlyMap<string, readonly TextEdit[]>;
}

export interface TextEdit {
  readonly range: Range;
  readonly text: string;
}

/** The first fix of each finding for which nothing else can be meant; `mayChange` says which files may be changed. */
export function safeFixes(findings: readonly Finding[], mayChange: (uri: string) => boolean): Fixing {
  const made: { finding: Finding; fix: PlacedFix }[] = [];
  const edits = new Map<string, TextEdit[]>();
  for (const finding of findings) {
    const [fix] = finding.fixes;
    if (fix === undefined || !fix.isSafe || !fix.edits.every(({ site }) => mayChange(site.uri))) continue;
    const fresh = fix.edits.filter(
      ({ site, text }) => !(edits.get(site.uri) ?? []).some((each) => isSame(each, { range: site.range, text })),
    );
    const isFree = fresh.every(({ site }) => !(edits.get(site.uri) ?? []).some(overlaps(site.range)));
    if (!isFree) continue;
    made.push({ finding, fix });
    for (const { site, text } of fresh) {
      const own = edits.get(site.uri) ?? [];
      own.push({ range: site.range, text });
      edits.set(site.uri, own);
    }
  }
  return { made, edits };
}

/** A text with edits made, none of which overlaps another; those at one place in their order. */
export function edited(text: string, edits: readonly TextEdit[]): string {
  const starts = lineStartsOf(text);
  return edits
    .map(({ range: { start, end }, text: added }) => ({
      start: offsetIn(starts, start),
      end: offsetIn(starts, end),
      added,
    }))
    .toSorted((a, b) => a.start - b.start)
    .reduceRight((all, { start, end, added }) => all.slice(0, start) + added + all.slice(end), text);
}

function isSame(one: TextEdit, other: TextEdit): boolean {
  const [a, b] = [one.range, other.range];
  return one.text === other.text && order(a.start, b.start) === 0 && order(a.end, b.end) === 0;
}

/** What begins at one place overlaps, two insertions as well: which comes first isn't known. */
function overlaps(one: Range): (edit: TextEdit) => boolean {
  return ({ range: other }) =>
    order(one.start, other.start) === 0 || (order(one.start, other.end) < 0 && order(other.start, one.end) < 0);
}

function order(a: Position, b: Position): number {
  return a.line - b.line || a.character - b.character;
}
