import { join } from 'node:path';
import type { ExtensionContext } from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import type { ActivateWith } from './extension.ts';

/** The desktop's entry, and a remote machine's: the server is a process of its own. */
export function activateInNode(context: ExtensionContext, activateWith: ActivateWith): void {
  const module = join(context.extensionPath, 'dist', 'server.cjs');
  const transport = TransportKind.ipc;
  const server = { run: { module, transport }, debug: { module, transport } };
  activateWith(context, (options) => new LanguageClient('hoplens', 'Hoplens', server, options));
}
