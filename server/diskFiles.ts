import { readFileSync, statSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { URI } from 'vscode-uri';
import { notShown, sourceText } from '../render/sourceText.ts';
import type { Files } from './files.ts';
import { isSkipped, largestFile, mayBeKubernetes, mayHoldManifests, mostFiles, mostSources } from './manifestFiles.ts';

/** The files on this machine's disk. */
export const diskFiles: Files = {
  async manifestsUnder(folder) {
    const files: string[] = [];
    const queue = [pathOf(folder)];
    for (let next = queue.shift(); next !== undefined && files.length < mostFiles; next = queue.shift()) {
      const here = next;
      const entries = await readdir(here, { withFileTypes: true }).catch(() => []);
      for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
        if (isSkipped(entry.name)) continue;
        const path = join(here, entry.name);
        if (entry.isDirectory()) queue.push(path);
        else if (entry.isFile() && mayHoldManifests(path)) files.push(uriOf(path));
      }
    }
    return files;
  },
  manifests: (uris) => uris.map(manifestText),
  async source(uri) {
    const path = pathOf(uri);
    try {
      const found = await stat(path);
      if (!found.isFile()) return null;
      return found.size > largestFile ? notShown : sourceText(path, await readFile(path, 'utf8'));
    } catch {
      return null;
    }
  },
  async sourcesUnder(folder) {
    const root = pathOf(folder);
    const entries = await readdir(root, { withFileTypes: true, recursive: true }).catch(() => []);
    return entries
      .filter((entry) => entry.isFile() && !join(entry.parentPath, entry.name).slice(root.length).includes('/.git/'))
      .map((entry) => uriOf(join(entry.parentPath, entry.name)))
      .slice(0, mostSources);
  },
  isFolder: async (uri) => (await stat(pathOf(uri)).catch(() => null))?.isDirectory() === true,
};

function manifestText(uri: string): string | null {
  const path = pathOf(uri);
  try {
    if (!mayHoldManifests(path) || statSync(path).size > largestFile) return null;
    const text = readFileSync(path, 'utf8');
    return mayBeKubernetes(path, text) ? text : null;
  } catch {
    return null;
  }
}

function pathOf(uri: string): string {
  return URI.parse(uri).fsPath;
}

function uriOf(path: string): string {
  return URI.file(path).toString();
}
