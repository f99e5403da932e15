import {
  type CancellationToken,
  DocumentLink,
  type DocumentLinkProvider,
  EventEmitter,
  l10n,
  Range,
  type TextDocument,
  type TextDocumentContentProvider,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { type RoutesAnswer, type RoutesLineAnswer, routesMethod } from '../shared/insight/protocol.ts';

export const routesScheme = 'hoplens-routes';

/**
 * `Hoplens: Show routes`: a read-only document with what each proxy of a file's set does with requests. Each line leads
 * to its YAML; it follows every edit.
 */
export class RoutesDocument implements TextDocumentContentProvider, DocumentLinkProvider {
  readonly #client: BaseLanguageClient;
  readonly #changed = new EventEmitter<Uri>();
  readonly #lines = new Map<string, readonly RoutesLineAnswer[]>();
  readonly onDidChange = this.#changed.event;

  constructor(client: BaseLanguageClient) {
    this.#client = client;
  }

  async show(): Promise<void> {
    const uri = window.activeTextEditor?.document.uri;
    if (uri === undefined || uri.scheme === routesScheme) {
      void window.showInformationMessage(l10n.t('Open a Kubernetes manifest first: its manifest set has the routes.'));
      return;
    }
    if (!this.#client.isRunning()) await this.#client.start();
    const own = Uri.from({ scheme: routesScheme, path: '/Routes', query: uri.toString() });
    await window.showTextDocument(await workspace.openTextDocument(own), { preview: true, viewColumn: -2 });
  }

  /** Something changed that routes may rest on: those that are open are asked for again. */
  refresh(): void {
    for (const uri of this.#lines.keys()) this.#changed.fire(Uri.parse(uri));
  }

  async provideTextDocumentContent(uri: Uri, token: CancellationToken): Promise<string> {
    const { lines } = await this.#client.sendRequest<RoutesAnswer>(routesMethod, { uri: uri.query }, token);
    this.#lines.set(uri.toString(), lines);
    return lines.map(({ text }) => text).join('\n');
  }

  provideDocumentLinks(document: TextDocument): DocumentLink[] {
    return (this.#lines.get(document.uri.toString()) ?? []).flatMap(({ text, place }, index) => {
      if (place === null) return [];
      // What it asks, not the blanks of the column behind it.
      const start = text.length - text.trimStart().length;
      const end = text.split(' → ')[0]?.trimEnd().length ?? text.length;
      const target = Uri.parse(place.uri).with({ fragment: `L${place.line + 1}` });
      return [new DocumentLink(new Range(index, start, index, end), target)];
    });
  }

  /** A document that nobody has open any more is not asked for. */
  forget(document: TextDocument): void {
    this.#lines.delete(document.uri.toString());
  }
}
