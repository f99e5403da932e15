/** How a proxy reads the URL of a request before it looks for a route; each null for what it refuses (400). */
export interface PathReading {
  readonly path: (asked: string) => string | null;
  /** The Host, as it looks for that. */
  readonly host: (asked: string) => string | null;
}

function asAsked(text: string): string {
  return text;
}

export const asItIs: PathReading = { path: asAsked, host: asAsked };

export const dotsResolved: PathReading = { path: withoutDots, host: asAsked };

export const dotsAndSlashesResolved: PathReading = {
  path: (path) => withMergedSlashes(withoutDots(path)),
  host: asAsked,
};

export function pathRead(path: string, reading: PathReading): string | null {
  return reading.path(path);
}

export function hostRead(host: string, reading: PathReading): string | null {
  return reading.host(host);
}

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

/** Whether a path has an escaped slash or backslash. */
export const escapedSlash = '.*%(?:2[Ff]|5[Cc]).*';

/** Several slashes in a row as one. */
export function withMergedSlashes(path: string): string {
  return path.replaceAll(/\/{2,}/g, '/');
}
