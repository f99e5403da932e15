import { printableStart } from '../../shared/manifest/printable.ts';

/** As much of a name as a list of an editor has room for. */
const longest = 200;

/** A text of a manifest for an editor's list: one line, nothing that turns the direction of writing, not too long. */
export function shortName(text: string): string {
  return printableStart(text, longest);
}
