import { type ExtensionContext, Uri, workspace } from 'vscode';
import {
  BrowserMessageReader,
  BrowserMessageWriter,
  LanguageClient,
  type MessageTransports,
} from 'vscode-languageclient/browser';
import { ownFileMethod, type OwnFileParams } from '../shared/insight/protocol.ts';
import type { Contributions, ContributeWith } from './contributions.ts';

/**
 * The browser's entry: the server is a worker. Its script is read as a file and started from memory, since no worker
 * can be started from another origin, and the editor serves extensions from one.
 */
export function contributeInBrowser(context: ExtensionContext, contributeWith: ContributeWith): Contributions {
  const own = (name: string): Thenable<Uint8Array> =>
    workspace.fs.readFile(Uri.joinPath(context.extensionUri, 'dist', name));
  return contributeWith(context, (options) => {
    const client = new LanguageClient('hoplens', 'Hoplens', async () => startWorker(await own('server.cjs')), options);
    client.onRequest(ownFileMethod, ({ name }: OwnFileParams) => own(name));
    return client;
  });
}

/** VS Code puts a class of its own in the place of `Worker`, by which the library wouldn't know one. */
function startWorker(script: Uint8Array): MessageTransports {
  const worker = new Worker(URL.createObjectURL(new Blob([new Uint8Array(script)], { type: 'text/javascript' })));
  return { reader: new BrowserMessageReader(worker), writer: new BrowserMessageWriter(worker) };
}
