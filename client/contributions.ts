import {
  commands,
  type Event,
  type ExtensionContext,
  type FileSystemWatcher,
  languages,
  type Uri,
  type WebviewPanelSerializer,
  workspace,
} from 'vscode';
import type { BaseLanguageClient, LanguageClientOptions } from 'vscode-languageclient';
import { changedMethod, traceCommand } from '../shared/insight/protocol.ts';
import { AskedRequests } from './askedRequests.ts';
import { createProfile } from './createProfile.ts';
import { EntryPointsView } from './entryPointsView.ts';
import { readFilesFor } from './editorFiles.ts';
import { JudgedSetStatus } from './judgedSet.ts';
import { noIcons } from './noIcons.ts';
import { ownAbilities } from './ownAbilities.ts';
import type { RequestToTrace } from './requestToTrace.ts';
import { openPuzzle } from './puzzle.ts';
import { RequestsView } from './requestsView.ts';
import { LinkedDocuments, reachDocument, routesDocument } from './linkedDocuments.ts';
import { TraceRequest } from './traceRequest.ts';
import { TracePanels } from './tracePanels.ts';

/** Makes the client of a server that isn't started yet. */
export type NewClient = (options: LanguageClientOptions) => BaseLanguageClient;

export type ContributeWith = (context: ExtensionContext, newClient: NewClient) => Contributions;

/** What the extension contributes, once it runs. */
export interface Contributions {
  readonly client: BaseLanguageClient;
  readonly panels: WebviewPanelSerializer;
}

/** For Node or a browser's worker. What the other of the two would need is never run. */
export async function contribute(context: ExtensionContext): Promise<Contributions> {
  if ('importScripts' in globalThis) return (await import('./browser.ts')).contributeInBrowser(context, contributeWith);
  return (await import('./node.ts')).contributeInNode(context, contributeWith);
}

/**
 * What Node's entry and the browser's share: starts the language server with the first manifest and contributes the
 * commands and views.
 */
function contributeWith(context: ExtensionContext, newClient: NewClient): Contributions {
  const manifestFiles = '**/{*.yaml,*.yml,*.json,*.tpl,Kustomization}';
  const started = newClient({
    middleware: noIcons,
    documentSelector: [
      { language: 'yaml' },
      { language: 'json' },
      { language: 'jsonc' },
      { language: 'dockercompose' },
      { pattern: '**/*.{yaml,yml,tpl}' },
    ],
    synchronize: {
      // Of a folder that goes or comes, VS Code names the folder alone, which no pattern of files meets.
      fileEvents: [workspace.createFileSystemWatcher(manifestFiles), foldersAlone()],
    },
  });
  started.registerFeature(ownAbilities);
  readFilesFor(started);
  const panels = new TracePanels(context.extensionUri, started);
  const linked = [reachDocument, routesDocument].map((kind) => ({
    kind,
    documents: new LinkedDocuments(started, kind),
  }));
  const status = new JudgedSetStatus(started);
  const asked = new AskedRequests(context.workspaceState);
  const traceRequest = new TraceRequest(started, panels, asked);
  const entryPoints = new EntryPointsView(started);
  context.subscriptions.push(
    panels,
    status,
    asked,
    entryPoints,
    new RequestsView(started, asked),
    traceRequest,
    commands.registerCommand(traceCommand, (given?: Partial<RequestToTrace>) => traceRequest.run(given)),
    commands.registerCommand('hoplens.createProfile', () => createProfile(started)),
    commands.registerCommand('hoplens.openPuzzle', () => openPuzzle(context.extensionUri)),
    commands.registerCommand('hoplens.openWalkthrough', () =>
      commands.executeCommand('workbench.action.openWalkthrough', `${context.extension.id}#start`, false),
    ),
    ...linked.flatMap(({ kind: { scheme, command }, documents }) => [
      commands.registerCommand(command, () => documents.show()),
      workspace.registerTextDocumentContentProvider(scheme, documents),
      languages.registerDocumentLinkProvider({ scheme }, documents),
      languages.registerHoverProvider({ scheme }, documents),
      workspace.onDidCloseTextDocument((document) => documents.forget(document)),
    ]),
    commands.registerCommand('hoplens.showOutput', () => started.outputChannel.show()),
    started.onNotification(changedMethod, () => {
      panels.refresh();
      for (const { documents } of linked) documents.refresh();
      status.refresh();
      entryPoints.refresh();
    }),
  );
  startWithKubernetes(context, started);
  return { client: started, panels };
}

/**
 * Watches all else, but for the files of manifests, which are watched already: folders that come and go, and files that
 * a kustomization or a chart is built of.
 */
function foldersAlone(): FileSystemWatcher {
  const all = workspace.createFileSystemWatcher('**');
  const others =
    (event: Event<Uri>): Event<Uri> =>
    (listener, self, disposables) =>
      event((uri) => (isManifestFile.test(uri.path) ? undefined : listener.call(self, uri)), null, disposables);
  return {
    ignoreCreateEvents: all.ignoreCreateEvents,
    ignoreChangeEvents: all.ignoreChangeEvents,
    ignoreDeleteEvents: all.ignoreDeleteEvents,
    onDidCreate: others(all.onDidCreate),
    onDidChange: others(all.onDidChange),
    onDidDelete: others(all.onDidDelete),
    dispose: () => all.dispose(),
  };
}

/** What the pattern of manifest files meets. */
const isManifestFile = /(?:\.ya?ml|\.json|\.tpl|\/Kustomization)$/;

/** Starts the server with the first document that is about Kubernetes: other people's YAML costs nothing. */
function startWithKubernetes(context: ExtensionContext, started: BaseLanguageClient): void {
  const isKubernetes = (text: string): boolean => /(?:^|[{,])\s*["']?apiVersion["']?\s*:/m.test(text);
  if (workspace.textDocuments.some((document) => isKubernetes(document.getText()))) {
    void started.start();
    return;
  }
  const waiting = [
    workspace.onDidOpenTextDocument((document) => look(document.getText())),
    workspace.onDidChangeTextDocument(({ document }) => look(document.getText())),
  ];
  function look(text: string): void {
    if (!isKubernetes(text)) return;
    for (const each of waiting) each.dispose();
    void started.start();
  }
  context.subscriptions.push(...waiting);
}
