import { isValuesFile } from '../shared/manifest/fileNames.ts';

/** Which files of a workspace can hold manifests, and how many of them are read. */
const manifestFile = /(?:\.ya?ml|\.json|[\\/]Kustomization)$/;
const skipped = new Set(['node_modules', 'vendor', 'dist', 'out', 'target']);

/** In bytes. */
export const largestFile = 16 * 1024 * 1024;
export const mostFiles = 50_000;
/** Of one chart. */
export const mostSources = 2_000;

/** Whether a file or folder is passed over by its name. */
export function isSkipped(name: string): boolean {
  return name.startsWith('.') || skipped.has(name);
}

/** Whether a path within a workspace's folder leads into what is skipped there. */
export function hasSkippedPart(path: string): boolean {
  return path.split('/').some(isSkipped);
}

/** Whether a path or URI is called as files with manifests are. */
export function mayHoldManifests(path: string): boolean {
  return manifestFile.test(path);
}

/** Whether a text can matter to a manifest set at all: another program's YAML is none of our business. */
export function mayBeKubernetes(path: string, text: string): boolean {
  return text.includes('apiVersion') || /(?:[Kk]ustomization|Chart)(?:\.ya?ml)?$/.test(path) || isValuesFile(path);
}
