import { pathTraefikMatches, pathTraefikSends } from './ingress/traefikPath.ts';

/**
 * Resolves `.` and `..` and reads escapes of letters that need none,
 * as Envoy does where `normalize_path` is set (RFC 3986, 6).
 */
export function withoutDots(path: string): string {
  const decoded = path.replaceAll(/%[0-9A-Fa-f]{2}/g, (escape) => {
    const letter = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return /[A-Za-z0-9\-._~]/.test(letter) ? letter : escape;
  });
  const elements: string[] = [];
  const parts = decoded.split('/').slice(1);
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    if (part === '..') elements.pop();
    else if (part !== '.') elements.push(part);
    if (isLast && (part === '.' || part === '..')) elements.push('');
  }
  return `/${elements.join('/')}`;
}

/** Several slashes in a row as one. */
export function withMergedSlashes(path: string): string {
  return path.replaceAll(/\/{2,}/g, '/');
}

/** How a proxy reads a path before it looks for a route. */
export type PathReading = 'as-it-is' | 'without-dots' | 'without-dots-and-double-slashes' | 'nginx' | TraefikReading;

/** As its rules see a path, and as it says it itself; `-kept` where its `sanitizePath` is off. */
export type TraefikReading = 'traefik' | 'traefik-says' | 'traefik-kept' | 'traefik-says-kept';

/** Null for a path that the proxy refuses (400). */
export function pathRead(path: string, reading: PathReading): string | null {
  switch (reading) {
    case 'as-it-is':
      return path;
    case 'without-dots':
      return withoutDots(path);
    case 'without-dots-and-double-slashes':
      return withMergedSlashes(withoutDots(path));
    case 'nginx':
      return asNginxReads(path);
    case 'traefik':
      return pathTraefikMatches(path);
    case 'traefik-says':
      return pathTraefikSends(path);
    case 'traefik-kept':
      return pathTraefikMatches(path, { isSanitized: false });
    case 'traefik-says-kept':
      return pathTraefikSends(path, { isSanitized: false });
    default:
      return reading satisfies never;
  }
}

/** The name of a host as the proxy looks for it. */
export function hostRead(host: string, reading: PathReading): string {
  // Source: traefik/traefik pkg/muxer/http/matcher.go (`host`).
  return reading.startsWith('traefik') ? host.replace(/\.(?=:\d+$|$)/, '') : host;
}

/**
 * `.` and `..` resolved, slashes merged, escapes of ordinary letters read,
 * as nginx does before it looks for a location.
 */
function asNginxReads(path: string): string {
  const decoded = path.replaceAll(/%[0-9A-Fa-f]{2}/g, (escape) => {
    const code = Number.parseInt(escape.slice(1), 16);
    return code > 0x20 && code < 0x7f && code !== 0x25 ? String.fromCharCode(code) : escape;
  });
  const elements: string[] = [];
  const parts = decoded.split('/');
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    if (part === '..') elements.pop();
    else if (part !== '' && part !== '.') elements.push(part);
    if (isLast && (part === '' || part === '.' || part === '..') && elements.length > 0) elements.push('');
  }
  return `/${elements.join('/')}`;
}
