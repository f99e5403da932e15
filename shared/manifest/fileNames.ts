/** What a file is, by its URI alone. */
export function isKustomization(uri: string): boolean {
  return /\/(?:kustomization\.ya?ml|Kustomization)$/.test(uri);
}

export function isChart(uri: string): boolean {
  return /\/Chart\.ya?ml$/.test(uri);
}

/** How Helm's users call files of values: `values.yaml`, `values-prod.yaml`, and chart-testing: `ci/ingress.yaml`. */
export function isValuesFile(uri: string): boolean {
  if (/\/ci\/[^/]+\.ya?ml$/.test(uri)) return true;
  return /\/(?:[^/]+[-._])?values(?:[-._][^/]+)?\.ya?ml$/.test(uri);
}

export function folderOf(uri: string): string {
  return uri.slice(0, Math.max(0, uri.lastIndexOf('/')));
}
