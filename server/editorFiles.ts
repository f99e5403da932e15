import { type Connection, RequestType } from 'vscode-languageserver';
import { URI, Utils } from 'vscode-uri';
import { notShown, sourceText } from '../render/sourceText.ts';
import {
  type ListFoldersAnswer,
  listFoldersMethod,
  type ListFoldersParams,
  readFilesMethod,
  type ReadFilesAnswer,
  type ReadFilesParams,
} from '../shared/insight/protocol.ts';
import type { Files } from './files.ts';
import { isSkipped, largestFile, mayBeKubernetes, mayHoldManifests, mostFiles, mostSources } from './manifestFiles.ts';

const listFolders = new RequestType<ListFoldersParams, ListFoldersAnswer, void>(listFoldersMethod);
const readFiles = new RequestType<ReadFilesParams, ReadFilesAnswer, void>(readFilesMethod);

/**
 * The files of whatever file systems the editor has: a repository in the browser, an archive, memory. The editor reads
 * them; each request asks for many, since each takes a journey.
 */
export function editorFiles(connection: Connection): Files {
  async function read(uris: readonly string[]): Promise<ReadFilesAnswer> {
    const known = await connection.sendRequest(readFiles, { uris, largest: largestFile }).catch(() => []);
    return uris.map((_, index) => known[index] ?? null);
  }

  /** The folders of one depth are asked for at once. */
  async function under(
    folder: string,
    most: number,
    { enters, takes }: { readonly enters: (name: string) => boolean; readonly takes: (uri: string) => boolean },
  ): Promise<string[]> {
    const files: string[] = [];
    for (let depth = [folder]; depth.length > 0 && files.length < most;) {
      const all = await connection.sendRequest(listFolders, { uris: depth }).catch(() => []);
      const next: string[] = [];
      for (const [index, entries] of all.entries())
        for (const { name, kind } of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
          if (!enters(name)) continue;
          const uri = Utils.joinPath(URI.parse(depth[index] ?? folder), name).toString();
          if (kind === 'folder') next.push(uri);
          else if (takes(uri)) files.push(uri);
        }
      depth = next;
    }
    return files.slice(0, most);
  }

  return {
    manifestsUnder: (folder) =>
      under(folder, mostFiles, { enters: (name) => !isSkipped(name), takes: mayHoldManifests }),
    async manifests(uris) {
      const contents = await read(uris);
      return contents.map((content, index) => {
        const uri = uris[index] ?? '';
        if (content?.kind !== 'text' || !mayHoldManifests(uri)) return null;
        return mayBeKubernetes(uri, content.text) ? content.text : null;
      });
    },
    async source(uri) {
      const [content] = await read([uri]);
      if (content === null || content === undefined) return null;
      return content.kind === 'too-large' ? notShown : sourceText(uri, content.text);
    },
    sourcesUnder: (folder) => under(folder, mostSources, { enters: (name) => name !== '.git', takes: () => true }),
    async isFolder(uri) {
      // A folder without anything in it is none that matters.
      const [entries] = await connection.sendRequest(listFolders, { uris: [uri] }).catch(() => []);
      return entries !== undefined && entries.length > 0;
    },
  };
}
