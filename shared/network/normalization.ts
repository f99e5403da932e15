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

export function asItIs(path: string): string {
  return path;
}
