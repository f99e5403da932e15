import { FileType, Uri, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import {
  type FileContent,
  type FolderEntry,
  type ListFoldersAnswer,
  listFoldersMethod,
  type ListFoldersParams,
  readFilesMethod,
  type ReadFilesAnswer,
  type ReadFilesParams,
} from '../shared/insight/protocol.ts';

/** Reads files for the server where it has no disk of its own: in the browser, and in virtual file systems. */
export function readFilesFor(client: BaseLanguageClient): void {
  const decoder = new TextDecoder();

  async function content(uri: Uri, largest: number): Promise<FileContent | null> {
    try {
      const { type, size } = await workspace.fs.stat(uri);
      if ((type & FileType.File) === 0) return null;
      if (size > largest) return { kind: 'too-large' };
      return { kind: 'text', text: decoder.decode(await workspace.fs.readFile(uri)) };
    } catch {
      return null;
    }
  }

  async function entries(folder: Uri): Promise<readonly FolderEntry[]> {
    try {
      const found = await workspace.fs.readDirectory(folder);
      // A link to a folder isn't followed: it may lead back to where it stands.
      return found.flatMap(([name, type]): FolderEntry[] => {
        if (type === FileType.Directory) return [{ name, kind: 'folder' }];
        return (type & FileType.File) === 0 ? [] : [{ name, kind: 'file' }];
      });
    } catch {
      return [];
    }
  }

  client.onRequest(readFilesMethod, ({ uris, largest }: ReadFilesParams): Promise<ReadFilesAnswer> =>
    Promise.all(uris.map((uri) => content(Uri.parse(uri), largest))),
  );
  client.onRequest(listFoldersMethod, ({ uris }: ListFoldersParams): Promise<ListFoldersAnswer> =>
    Promise.all(uris.map((uri) => entries(Uri.parse(uri)))),
  );
}
