import { type Disposable, l10n, Position, Range, Uri, ViewColumn, type WebviewPanel, window, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { type TraceAnswer, traceMethod } from '../shared/insight/protocol.ts';
import type { FromPanel, ToPanel } from './panel/messages.ts';
import type { RequestToTrace } from './requestToTrace.ts';

/** The panel beside the editor that shows one trace and follows every edit. */
export class TracePanel implements Disposable {
  readonly #extension: Uri;
  readonly #client: BaseLanguageClient;
  #panel: WebviewPanel | null = null;
  #shown: RequestToTrace | null = null;
  /** Counts requests, so that a late answer never replaces a newer one. */
  #turn = 0;

  constructor(extension: Uri, client: BaseLanguageClient) {
    this.#extension = extension;
    this.#client = client;
  }

  async show(request: RequestToTrace): Promise<void> {
    this.#shown = request;
    const panel = this.#panel ?? this.#open();
    panel.title = l10n.t('Trace: {0}', request.target);
    panel.reveal(panel.viewColumn ?? ViewColumn.Beside, true);
    await this.refresh();
  }

  /** Traces again what is shown; nothing where nothing is. */
  async refresh(): Promise<void> {
    const [panel, request] = [this.#panel, this.#shown];
    if (panel === null || request === null) return;
    const turn = ++this.#turn;
    const answer = await this.#client.sendRequest<TraceAnswer>(traceMethod, request);
    if (turn === this.#turn && panel === this.#panel) this.#post({ kind: 'show', request, answer });
  }

  dispose(): void {
    this.#panel?.dispose();
  }

  #open(): WebviewPanel {
    const panel = window.createWebviewPanel(
      'hoplens.trace',
      l10n.t('Trace'),
      { viewColumn: ViewColumn.Beside, preserveFocus: true },
      { enableScripts: true, localResourceRoots: [Uri.joinPath(this.#extension, 'dist')] },
    );
    this.#panel = panel;
    panel.iconPath = Uri.joinPath(this.#extension, 'dist', 'icon.png');
    panel.webview.html = this.#page(panel);
    panel.webview.onDidReceiveMessage((message: FromPanel) => this.#hear(message));
    panel.onDidDispose(() => {
      this.#panel = null;
      this.#shown = null;
    });
    return panel;
  }

  #post(message: ToPanel): void {
    void this.#panel?.webview.postMessage(message);
  }

  #hear(message: FromPanel): void {
    switch (message.kind) {
      case 'ready':
        return void this.refresh();
      case 'open':
        return void this.#reveal(message.file, message.line);
      default:
        return message satisfies never;
    }
  }

  async #reveal(file: string, line: number): Promise<void> {
    const position = new Position(Math.max(0, line - 1), 0);
    const document = await workspace.openTextDocument(Uri.parse(file));
    const text = document.lineAt(Math.min(position.line, document.lineCount - 1));
    const visible = window.visibleTextEditors.find((editor) => editor.document === document);
    await window.showTextDocument(document, {
      viewColumn: visible?.viewColumn ?? ViewColumn.One,
      selection: new Range(text.range.start.translate(0, text.firstNonWhitespaceCharacterIndex), text.range.end),
    });
  }

  #page({ webview }: WebviewPanel): string {
    const nonce = crypto.randomUUID();
    const script = webview.asWebviewUri(Uri.joinPath(this.#extension, 'dist', 'panel.js'));
    const style = webview.asWebviewUri(Uri.joinPath(this.#extension, 'dist', 'panel.css'));
    const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}';`;
    return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${style}">
<title>Trace</title>
</head>
<body><main id="trace"></main><script nonce="${nonce}" src="${script}"></script></body>
</html>`;
  }
}
