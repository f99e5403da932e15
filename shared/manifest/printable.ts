/**
 * A text of a manifest for a terminal or a page of plain lines: what would move the cursor, end the line or turn the
 * direction of writing is written as its code.
 */
export function printable(text: string): string {
  return text.replaceAll(unprintable, (letter) => {
    const code = letter.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** The start of such a text: of its first `longest` characters, and a sign for what is left out. */
export function printableStart(text: string, longest: number): string {
  return text.length <= longest ? printable(text) : `${printable(text.slice(0, longest))}…`;
}

/** Controls of both sets, line and paragraph separators, and the marks and brackets of bidirectional text. */
// eslint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;
