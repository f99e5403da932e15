import type { PathReading } from '../normalization.ts';

/** How nginx reads the URL of a request, and writes it. */
export const readByNginx: PathReading = { path: asNginxReads, host: hostAsNginxReads };

/**
 * Without its port and its last dot, in lower case.
 * Source: nginx src/http/ngx_http_request.c `ngx_http_validate_host` (1.22).
 */
function hostAsNginxReads(header: string): string | null {
  // eslint-disable-next-line no-control-regex
  if (/[\0-\x20\x7f/]/.test(header) || header.includes('..')) return null;
  const host = header.startsWith('[') ? header.replace(/\].*$/, ']') : header.replace(/:.*$/, '');
  return host.replace(/\.$/, '').toLowerCase();
}

/** Where a path stands while it is read: within an element, after a slash, or after a slash and one dot or two. */
type Within = 'element' | 'slash' | 'dot' | 'dots';

/**
 * Escapes read, slashes merged, `.` and `..` resolved, as nginx does before it looks for a location. Null where it
 * refuses the path: a broken escape, a zero byte, a blank, a way out of the root.
 * Source: nginx src/http/ngx_http_parse.c `ngx_http_parse_complex_uri` (1.22).
 */
function asNginxReads(path: string): string | null {
  const letters = unescaped(path);
  if (letters === null || !path.startsWith('/')) return null;
  let read = '';
  let within: Within = 'element';
  for (const { letter, isEscaped } of letters) {
    if (!isEscaped && (letter === '#' || letter === '?')) break;
    if (letter === '/') {
      const before = withoutDotsAtEnd(read, within);
      if (before === null) return null;
      read = within === 'element' ? `${before}/` : before;
      within = 'slash';
    } else {
      read += letter;
      within = letter !== '.' ? 'element' : within === 'slash' ? 'dot' : within === 'dot' ? 'dots' : 'element';
    }
  }
  return withoutDotsAtEnd(read, within);
}

/** A path's end resolved: `/a/.` is `/a/`, `/a/b/..` is `/a/`. Null for a way out of the root. */
function withoutDotsAtEnd(read: string, within: Within): string | null {
  if (within === 'dot') return read.slice(0, -1);
  if (within !== 'dots') return read;
  const slash = read.length < 4 ? -1 : read.lastIndexOf('/', read.length - 4);
  return slash === -1 ? null : read.slice(0, slash + 1);
}

interface ReadLetter {
  readonly letter: string;
  readonly isEscaped: boolean;
}

/** The letters of a path, its escapes read; bytes that are no UTF-8 stand as lone surrogates (`strayByte`). */
function unescaped(path: string): ReadLetter[] | null {
  // eslint-disable-next-line no-control-regex
  if (/[\0-\x20\x7f]/.test(path)) return null;
  const letters: ReadLetter[] = [];
  for (let at = 0; at < path.length;) {
    const [escapes = ''] = /^(?:%[0-9a-fA-F]{2})+/.exec(path.slice(at, at + longestRun)) ?? [];
    if (escapes === '') {
      if (path[at] === '%') return null;
      const letter = String.fromCodePoint(path.codePointAt(at) ?? 0);
      letters.push({ letter, isEscaped: false });
      at += letter.length;
    } else {
      const bytes = escapes
        .split('%')
        .slice(1)
        .map((each) => Number.parseInt(each, 16));
      if (bytes.includes(0)) return null;
      letters.push(...lettersOf(bytes).map((letter) => ({ letter, isEscaped: true })));
      at += escapes.length;
    }
  }
  return letters;
}

/** As many letters of escapes as are read at once: a multiple of what one letter takes. */
const longestRun = 3 * 4 * 256;

/** Bytes as UTF-8. */
function lettersOf(bytes: readonly number[]): string[] {
  const letters: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] ?? 0;
    const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    const text = decoded(bytes.slice(at, at + length));
    letters.push(text ?? strayByte(first));
    at += text === null ? 1 : length;
  }
  return letters;
}

function decoded(bytes: readonly number[]): string | null {
  try {
    return decodeURIComponent(bytes.map((each) => `%${each.toString(16).padStart(2, '0')}`).join(''));
  } catch {
    return null;
  }
}

/** A byte that is no part of UTF-8, as Python's `surrogateescape` writes it. */
function strayByte(byte: number): string {
  return String.fromCharCode(0xdc00 + byte);
}

/**
 * A path that was read and changed, as nginx writes it into a request: byte by byte.
 * Source: nginx src/core/ngx_string.c `ngx_escape_uri` with NGX_ESCAPE_URI (since 1.21.1).
 */
export function escapedByNginx(path: string): string {
  // eslint-disable-next-line no-control-regex
  return path.replaceAll(/[\0-\x20"#%<>?\\^`{|}\x7f]|[^\0-\x7f]+/gu, (letters) => [...letters].map(escapesOf).join(''));
}

function escapesOf(letter: string): string {
  const code = letter.codePointAt(0) ?? 0;
  const isStray = code >= 0xdc80 && code <= 0xdcff;
  if (code < 0x80 || isStray) return `%${(code & 0xff).toString(16).toUpperCase().padStart(2, '0')}`;
  return code >= 0xd800 && code <= 0xdfff ? '%EF%BF%BD' : encodeURIComponent(letter);
}
