import { printable, printableStart } from '../../shared/manifest/printable.ts';
import type { PanelView } from './messages.ts';

/**
 * A view as it is drawn: what turns the direction of writing is written as its code, wherever a manifest has it.
 * Requests stay as they are, for they are asked again; whoever shows them shows `printed`.
 */
export function shownView(view: PanelView): PanelView {
  const text = JSON.stringify(view);
  if (printable(text) === text) return view;
  const made: PanelView = JSON.parse(text, (_, value: unknown) =>
    typeof value === 'string' ? printable(value) : value,
  );
  return { ...made, sides: view.sides.map(({ request }, index) => ({ ...(made.sides[index] ?? empty), request })) };
}

const empty = { trace: null, message: null };

/** A heading has room for so many characters. */
const longest = 240;

/** What somebody typed or wrote, for a line. */
export function printed(text: string): string {
  return printableStart(text, longest);
}
