import { isValuesFile } from '../shared/manifest/fileNames.ts';
import { notShown, sourceText } from '../render/sourceText.ts';
import { readFileSync, statSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The workspace's files on disk that can hold manifests. */
const manifestFile = /(?:\.ya?ml|\.json|[\\/]Kustomization)$/;
const largestFile = 16 * 1024 * 1024;
const mostFiles = 50_000;
const skipped = new Set(['node_modules', 'vendor', 'dist', 'out', 'target']);

function isSkipped(name: string): boolean {
  return name.startsWith('.') || skipped.has(name);
}

/** Whether a path within a workspace's folder leads into what is skipped there. */
export function hasSkippedPart(path: string): boolean {
  return path.split('/').some(isSkipped);
}

/** Whether a path is called as files with manifests are. */
export function mayHoldManifests(path: string): boolean {
  return manifestFile.test(path);
}

export async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true;
}

/** The files under a folder, nearest first. Folders that can't be read are left out. */
export async function manifestFilesUnder(folder: string): Promise<string[]> {
  const files: string[] = [];
  const queue = [folder];
  for (let next = queue.shift(); next !== undefined && files.length < mostFiles; next = queue.shift()) {
    const here = next;
    const entries = await readdir(here, { withFileTypes: true }).catch(() => []);
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (isSkipped(entry.name)) continue;
      const path = join(here, entry.name);
      if (entry.isDirectory()) queue.push(path);
      else if (entry.isFile() && manifestFile.test(path)) files.push(path);
    }
  }
  return files;
}

/** A file's text if it may be about Kubernetes; null where it isn't, is too large, or can't be read. */
export async function readManifestFile(path: string): Promise<string | null> {
  try {
    if (!manifestFile.test(path) || (await stat(path)).size > largestFile) return null;
    const text = await readFile(path, 'utf8');
    return mayBeKubernetes(path, text) ? text : null;
  } catch {
    return null;
  }
}

/**
 * The same without a promise, for the thousands that are read at the start: promises take the main thread seven times
 * as long as small files do.
 */
export function readManifestFileNow(path: string): string | null {
  try {
    if (!manifestFile.test(path) || statSync(path).size > largestFile) return null;
    const text = readFileSync(path, 'utf8');
    return mayBeKubernetes(path, text) ? text : null;
  } catch {
    return null;
  }
}

const mostSources = 2_000;

/**
 * Any file that something is built of, as text; null for what isn't there. What is no text, or is too large, is there
 * all the same: a ConfigMap may be made of it, and of that nothing but its being there matters.
 */
export async function readSource(path: string): Promise<string | null> {
  try {
    const found = await stat(path);
    if (!found.isFile()) return null;
    return found.size > largestFile ? notShown : sourceText(path, await readFile(path, 'utf8'));
  } catch {
    return null;
  }
}

/** All files under a chart's folder. */
export async function sourcesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && !join(entry.parentPath, entry.name).slice(folder.length).includes('/.git/'))
    .map((entry) => join(entry.parentPath, entry.name))
    .slice(0, mostSources);
}

/** Whether a text can matter to a manifest set at all: another program's YAML is none of our business. */
export function mayBeKubernetes(path: string, text: string): boolean {
  return text.includes('apiVersion') || /(?:[Kk]ustomization|Chart)(?:\.ya?ml)?$/.test(path) || isValuesFile(path);
}
