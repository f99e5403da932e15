import {
  commands,
  type Disposable,
  env,
  EventEmitter,
  l10n,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { type JudgedSetAnswer, judgedSetMethod, traceCommand } from '../shared/insight/protocol.ts';
import type { AskedRequests } from './askedRequests.ts';
import { commandLineOf } from '../shared/trace/commandLine.ts';
import { plainLabel } from './plainLabel.ts';
import type { RequestToTrace } from './requestToTrace.ts';

/** A line of the view. */
export type RequestNode =
  | { readonly kind: 'group'; readonly of: 'saved' | 'recent' }
  | {
      readonly kind: 'request';
      readonly of: 'saved' | 'recent';
      readonly name: string;
      readonly request: RequestToTrace;
    };

/** The view `Requests`: those that have a name, and those that were asked last. A click asks again. */
export class RequestsView implements TreeDataProvider<RequestNode>, Disposable {
  readonly #client: BaseLanguageClient;
  readonly #asked: AskedRequests;
  readonly #changed = new EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #listeners: readonly Disposable[];

  constructor(client: BaseLanguageClient, asked: AskedRequests) {
    this.#client = client;
    this.#asked = asked;
    const command = (
      name: string,
      run: (node: Extract<RequestNode, { kind: 'request' }>) => Promise<void>,
    ): Disposable =>
      commands.registerCommand(name, (node?: RequestNode) => (node?.kind === 'request' ? run(node) : undefined));
    this.#listeners = [
      window.createTreeView('hoplens.requests', { treeDataProvider: this }),
      this.#changed,
      asked.onDidChange(() => this.#changed.fire()),
      command('hoplens.traceAgain', async ({ request }) => {
        await commands.executeCommand(traceCommand, request);
      }),
      command('hoplens.saveRequest', ({ name, request }) => this.#name(name, request)),
      command('hoplens.renameRequest', ({ name, request }) => this.#name(name, request)),
      command('hoplens.removeRequest', ({ request, of }) => asked.forget(request, of)),
      command('hoplens.copyRequest', async ({ request }) => {
        await env.clipboard.writeText(commandLineOf({ ...request, path: folderOf(await this.#entryOf(request)) }));
      }),
      commands.registerCommand('hoplens.clearRequests', () => asked.clearRecent()),
    ];
  }

  /** The file whose folder the command line is given: of a build, its kustomization or chart. */
  async #entryOf({ uri, build }: RequestToTrace): Promise<string> {
    if (build === undefined || !this.#client.isRunning()) return uri;
    const set = await this.#client.sendRequest<JudgedSetAnswer>(judgedSetMethod, { uri });
    return set?.builds.find(({ root }) => root === build)?.entry ?? uri;
  }

  async #name(before: string, request: RequestToTrace): Promise<void> {
    const name = await window.showInputBox({
      title: l10n.t('A name for this request'),
      prompt: plainLabel(`${request.target}, ${request.from}`),
      value: before,
      validateInput: (value) => (value.trim() === '' ? l10n.t('A request needs a name to be saved by.') : undefined),
    });
    if (name !== undefined) await this.#asked.save(name.trim(), request);
  }

  getChildren(node?: RequestNode): RequestNode[] {
    const { saved, recent } = this.#asked;
    if (node === undefined)
      return [
        ...(saved.length === 0 ? [] : [{ kind: 'group', of: 'saved' } as const]),
        ...(recent.length === 0 ? [] : [{ kind: 'group', of: 'recent' } as const]),
      ];
    if (node.kind === 'request') return [];
    return node.of === 'saved'
      ? saved.map(({ name, request }) => ({ kind: 'request', of: 'saved', name, request }))
      : recent.map((request) => ({ kind: 'request', of: 'recent', name: request.target, request }));
  }

  getTreeItem(node: RequestNode): TreeItem {
    if (node.kind === 'group') {
      const label = node.of === 'saved' ? l10n.t('Saved') : l10n.t('Asked before');
      const group = new TreeItem(label, TreeItemCollapsibleState.Expanded);
      group.id = node.of;
      group.contextValue = node.of;
      return group;
    }
    const { request, name, of } = node;
    const item = new TreeItem(plainLabel(name), TreeItemCollapsibleState.None);
    const { method = 'GET', headers = {} } = request.details ?? {};
    const asks = [
      ...(method === 'GET' ? [] : [method]),
      ...(name === request.target ? [] : [request.target]),
      l10n.t('from {0}', request.from),
      ...Object.entries(headers).map(([header, value]) => `${header}: ${value}`),
      workspace.asRelativePath(Uri.parse(request.uri)),
    ];
    item.description = plainLabel(asks.join(' · '));
    item.iconPath = new ThemeIcon(of === 'saved' ? 'bookmark' : 'history');
    item.contextValue = `${of}Request`;
    item.command = { title: l10n.t('Trace request'), command: traceCommand, arguments: [request] };
    return item;
  }

  dispose(): void {
    for (const each of this.#listeners) each.dispose();
  }
}

/** The folder of a file, as the command line is given it from the workspace's folder. */
function folderOf(uri: string): string {
  const relative = workspace.asRelativePath(Uri.parse(uri), false);
  return relative.includes('/') ? relative.slice(0, relative.lastIndexOf('/')) : '.';
}
