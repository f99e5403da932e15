import { printableStart } from '../shared/manifest/printable.ts';

/** As long as a label, a description or a line of a menu gets. */
const longest = 200;

/**
 * A text of a manifest as VS Code's labels show it: one line, as it is written. Where icons are drawn (quick picks, the
 * status bar), `$(bug)` would be one.
 */
export function plainLabel(text: string): string {
  return printableStart(text, longest);
}

/** The same where icons are drawn. */
export function withoutIcons(text: string): string {
  return plainLabel(text).replaceAll(/\$\((?=[a-z0-9~-]+\))/gi, '\\$(');
}
