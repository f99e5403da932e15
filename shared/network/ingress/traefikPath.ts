import type { PathReading } from '../normalization.ts';
import { bytesOf, clean, escapedPath, type GoUrl, letterOf, textOf, urlOf } from '../goUrl.ts';

/**
 * How Traefik reads the path of a request.
 * Source: traefik/traefik pkg/server/server_entrypoint_tcp.go (`normalizePath`, `sanitizePath`), pkg/muxer/http/mux.go
 * (`withRoutingPath`).
 */

/** As its rules see a request, and as it says it itself; whether its entry points sanitize paths. */
export function traefikReading(isSanitized: boolean): { readonly reads: PathReading; readonly says: PathReading } {
  return {
    reads: { path: (asked) => pathTraefikMatches(asked, { isSanitized }), host: withoutLastDot },
    says: { path: (asked) => pathTraefikSends(asked, { isSanitized }), host: withoutLastDot },
  };
}

/** Source: traefik/traefik pkg/muxer/http/matcher.go (`host`). */
function withoutLastDot(host: string): string {
  return host.replace(/\.(?=:\d+$|$)/, '');
}

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

function normalize(url: GoUrl | null): GoUrl | null {
  if (url === null || url.rawPath === '') return url;
  const rawPath = url.rawPath.replaceAll(/%../g, (escape) => {
    const letter = letterOf(escape);
    return /[A-Za-z0-9\-._~]/.test(letter) ? letter : escape.toUpperCase();
  });
  return { ...url, rawPath };
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
