import { asItIs, type PathReading, withMergedSlashes, withoutDots } from './normalization.ts';

/** How Envoy reads the path of a request, as whoever configures it asks. */

export const envoyReading: PathReading = { ...asItIs, path: withoutDotsOfEnvoy };

export const envoyMerging: PathReading = { ...asItIs, path: merged };

/** One with an escaped slash stays as it is: it gets another answer. */
export const envoyRedirecting: PathReading = {
  ...asItIs,
  path: (path) => (/%(?:2f|5c)/i.test(path) ? path : merged(path)),
};

/** With its escaped slashes read, then as it is read while they are merged. */
export function withSlashesRead(path: string): string {
  return merged(unescapedSlashes(path));
}

function merged(path: string): string {
  return mergedByEnvoy(withoutDotsOfEnvoy(path));
}

/** Source: envoyproxy/envoy source/common/http/path_utility.cc (`unescapeSlashes`). */
function unescapedSlashes(path: string): string {
  return path.replaceAll(/%2f/gi, '/').replaceAll(/%5c/gi, '\\');
}

/**
 * `.` and `..` resolved, escapes read of letters that need none; backslashes as slashes, `..;x` as `..`; slashes in a
 * row stay.
 * Source: envoyproxy/envoy source/common/http/path_utility.cc (`canonicalPath`), Chromium url/url_canon_path.cc.
 */
function withoutDotsOfEnvoy(path: string): string {
  const plain = path
    .replaceAll('\\', '/')
    .split('/')
    .map((each) => (/^\.{1,2};/.test(each) ? each.replace(/;.*$/, '') : each));
  return withoutDots(plain.join('/'));
}

/**
 * Several slashes in a row as one, but of nothing else two stay.
 * Source: envoyproxy/envoy source/common/http/path_utility.cc (`mergeSlashes`).
 */
function mergedByEnvoy(path: string): string {
  return /^\/{2,}$/.test(path) ? '//' : withMergedSlashes(path);
}
