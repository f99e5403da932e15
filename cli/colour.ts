import { styleText } from 'node:util';
import type { Severity } from '../shared/insight/rule.ts';

/**
 * Colours of the text formats. `styleText` leaves a text as it is where standard output is no terminal or shows no
 * colours, and obeys NO_COLOR and FORCE_COLOR.
 */
type Style = Parameters<typeof styleText>[0];

const styleOf: Readonly<Record<Severity, Style>> = {
  error: ['bold', 'red'],
  warning: 'yellow',
  info: 'cyan',
  hint: 'dim',
};

export function severityText(severity: Severity): string {
  return styleText(styleOf[severity], severity);
}

export function bold(text: string): string {
  return styleText('bold', text);
}

export function dim(text: string): string {
  return styleText('dim', text);
}

export function good(text: string): string {
  return styleText('green', text);
}

export function bad(text: string): string {
  return styleText('red', text);
}

/** A trace's text with its summary, its verdicts and what was assumed told apart. */
export function colouredTrace(text: string): string {
  return text
    .split('\n')
    .map((line, index) => {
      if (index === 0) return bold(line);
      if (line.startsWith('~ ')) return dim(line);
      if (/^ {2}delivered\b/.test(line)) return good(line);
      return /^ {2}(?:dropped|rejected|refused|unroutable|denied|answered|unresolved|unknown)\b/.test(line)
        ? bad(line)
        : line;
    })
    .join('\n');
}
