import type { Site } from '../shared/manifest/position.ts';
import { typedName } from './input.ts';

/** Where something stands, as people count: lines and columns from 1. */
export function place({ uri, range: { start, end } }: Site): {
  file: string;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
} {
  return {
    file: typedName(uri),
    line: start.line + 1,
    column: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
  };
}
