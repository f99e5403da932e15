/**
 * A URL's path as Go's library holds and writes it. All of it goes by bytes: a text of bytes has one letter for each.
 * Source: Go net/url url.go (`setPath`, `EscapedPath`, `JoinPath`), path path.go (`Clean`).
 */

/**
 * A path and the rest of another as one, escaped; without a slash at its start where the first has none. `rest` is
 * escaped already.
 * Source: Go net/url url.go (`JoinPath`).
 */
export function joinedByGo(path: string, rest: string): string {
  const start = escapedByGo(path);
  const joined = clean(`${start}/${rest}`);
  const kept = rest.endsWith('/') && joined !== '/' ? `${joined}/` : joined;
  const url = urlOf(start.startsWith('/') ? kept : kept.slice(1));
  return url === null ? start : escapedPath(url) || '/';
}

/** A written path as Go puts it into a URL. */
export function escapedByGo(path: string): string {
  return escaped(bytesOf(path));
}

/** Go's URL: the path without escapes, and as it was asked where that isn't how Go itself would write it, else `''`. */
export interface GoUrl {
  readonly path: string;
  readonly rawPath: string;
}

export function urlOf(path: string): GoUrl | null {
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) return null;
  const read = unescaped(path);
  return { path: read, rawPath: escaped(read) === path ? '' : path };
}

export function escapedPath({ path, rawPath }: GoUrl): string {
  const isValid = rawPath !== '' && /^[\w\-.~$&+,/:;=@!'()*[\]%]*$/.test(rawPath) && unescaped(rawPath) === path;
  return isValid ? rawPath : escaped(path);
}

/** `.`, `..` and double slashes resolved, and no slash at the end. */
export function clean(path: string): string {
  const elements: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') elements.pop();
    else if (part !== '' && part !== '.') elements.push(part);
  }
  return `/${elements.join('/')}`;
}

function unescaped(path: string): string {
  return path.replaceAll(/%../g, letterOf);
}

export function letterOf(escape: string): string {
  return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
}

function escaped(path: string): string {
  return path.replaceAll(
    /[^\w\-.~$&+,/:;=@]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

export function bytesOf(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
}

export function textOf(bytes: string): string {
  return new TextDecoder().decode(Uint8Array.from(bytes, (letter) => letter.charCodeAt(0)));
}
