import * as l10n from '@vscode/l10n';
type Headers = Readonly<Record<string, string>>;

/** Reads headers as typed, one a line; else what was wrong. Names come in lower case: proxies don't tell them apart. */
export function readHeaders(
  text: string,
): { readonly kind: 'read'; readonly value: Headers } | { readonly kind: 'unreadable'; readonly message: string } {
  const lines = text.split('\n').map((line) => line.trim());
  const headers = new Map<string, string>();
  for (const line of lines.filter((each) => each !== '')) {
    const [, name, value] = /^([^\s:"(),/;<=>?@[\\\]{}]+)\s*:(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return { kind: 'unreadable', message: unreadable(line) };
    headers.set(name.toLowerCase(), value.trim());
  }
  return { kind: 'read', value: Object.fromEntries(headers) };
}

function unreadable(line: string): string {
  return l10n.t('A header is a line "Name: value"; this one can\'t be read: {0}', line);
}

export function headersText(headers: Headers): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}
