import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { edited, safeFixes } from '../shared/insight/fixing.ts';
import type { Finding, PlacedFix } from '../shared/insight/rule.ts';

/** What was mended in files, and where. */
export interface Mended {
  readonly finding: Finding;
  readonly fix: PlacedFix;
}

/**
 * Makes the fixes of which nothing else can be meant, in the files that were named or stand in a folder that was.
 * A file whose text isn't UTF-8 is left alone: it couldn't be written back byte for byte.
 */
export function mend(findings: readonly Finding[], paths: readonly string[]): readonly Mended[] {
  const asked = (paths.length === 0 ? ['.'] : paths).filter((path) => path !== '-').map(realPath);
  const mayChange = (uri: string): boolean =>
    asked.some((path) => uri === path || uri.startsWith(`${path}${sep}`)) && utf8Text(uri) !== null;
  const { made, edits } = safeFixes(findings, mayChange);
  for (const [uri, own] of edits) {
    const text = utf8Text(uri);
    if (text !== null) writeFileSync(uri, edited(text, own));
  }
  return made;
}

/** After so many rounds, fixes that bring each other back are left. */
export const mostRounds = 10;

function realPath(path: string): string {
  return realpathSync(resolve(path));
}

function utf8Text(file: string): string | null {
  const bytes = readFileSync(file);
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : null;
}
