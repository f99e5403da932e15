import { join } from 'node:path';
import type { ExtensionContext } from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import type { Contributions, ContributeWith } from './contributions.ts';

/** The desktop's entry, and a remote machine's: the server is a process of its own. */
export function contributeInNode(context: ExtensionContext, contributeWith: ContributeWith): Contributions {
  const module = join(context.extensionPath, 'dist', 'server.cjs');
  const transport = TransportKind.ipc;
  const server = { run: { module, transport }, debug: { module, transport } };
  return contributeWith(context, (options) => new LanguageClient('hoplens', 'Hoplens', server, options));
}
