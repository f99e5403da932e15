/**
 * How Traefik reads the path of a request. All of it goes by bytes: a text of bytes has one letter for each.
 * Source: traefik/traefik pkg/server/server_entrypoint_tcp.go (`normalizePath`, `sanitizePath`), pkg/muxer/http/mux.go
 * (`withRoutingPath`); Go net/url url.go (`setPath`, `EscapedPath`, `JoinPath`), path path.go (`Clean`).
 */

/** As it sends the path on, and says it in redirects; null for one that Go's server answers with 400. */
export function pathTraefikSends(asked: string, { isSanitized = true } = {}): string | null {
  const normalized = normalize(urlOf(bytesOf(asked)));
  if (normalized === null) return null;
  if (!isSanitized) return escapedPath(normalized);
  const escaped = escapedPath(normalized);
  const cleaned = clean(escaped);
  const url = urlOf(escaped.endsWith('/') && !cleaned.endsWith('/') ? `${cleaned}/` : cleaned);
  return url === null ? null : escapedPath(url);
}

/** As its rules see it: what is escaped is read, but for letters that mean something in a URL. */
export function pathTraefikMatches(asked: string, { isSanitized = true } = {}): string | null {
  const sent = pathTraefikSends(asked, { isSanitized });
  if (sent === null) return null;
  const read = sent.replaceAll(/%../g, (escape) => (reserved.has(escape) ? escape : letterOf(escape)));
  return textOf(read);
}

/** Go's URL: the path without escapes, and as it was asked where that isn't how Go itself would write it, else `''`. */
interface GoUrl {
  readonly path: string;
  readonly rawPath: string;
}

function urlOf(path: string): GoUrl | null {
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) return null;
  const read = unescaped(path);
  return { path: read, rawPath: escaped(read) === path ? '' : path };
}

function escapedPath({ path, rawPath }: GoUrl): string {
  const isValid = rawPath !== '' && /^[\w\-.~$&+,/:;=@!'()*[\]%]*$/.test(rawPath) && unescaped(rawPath) === path;
  return isValid ? rawPath : escaped(path);
}

function normalize(url: GoUrl | null): GoUrl | null {
  if (url === null || url.rawPath === '') return url;
  const rawPath = url.rawPath.replaceAll(/%../g, (escape) => {
    const letter = letterOf(escape);
    return /[A-Za-z0-9\-._~]/.test(letter) ? letter : escape.toUpperCase();
  });
  return { ...url, rawPath };
}

/** `.`, `..` and double slashes resolved, and no slash at the end. */
function clean(path: string): string {
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

function letterOf(escape: string): string {
  return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
}

function escaped(path: string): string {
  return path.replaceAll(
    /[^\w\-.~$&+,/:;=@]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

function bytesOf(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
}

function textOf(bytes: string): string {
  return new TextDecoder().decode(Uint8Array.from(bytes, (letter) => letter.charCodeAt(0)));
}

/** `reservedCharacters` of pkg/muxer/http/mux.go. */
const reserved: ReadonlySet<string> = new Set([
  '%3A',
  '%2F',
  '%3F',
  '%23',
  '%5B',
  '%5D',
  '%40',
  '%21',
  '%24',
  '%26',
  '%27',
  '%28',
  '%29',
  '%2A',
  '%2B',
  '%2C',
  '%3B',
  '%3D',
  '%25',
]);
