import { env, l10n, Position, Range, Uri, ViewColumn, type WebviewPanel, window, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import {
  type TraceAnswer,
  type TraceChoices,
  traceChoicesMethod,
  type TraceFormat,
  traceMethod,
  type TraceParams,
  type TraceTextAnswer,
  traceTextMethod,
} from '../shared/insight/protocol.ts';
import { printableStart } from '../shared/manifest/printable.ts';
import type { FromPanel, PanelMenu, PanelView, SideView, ToPanel } from './panel/messages.ts';
import { type CopyAs, pickComparison, pickCopy, pickWhatIf, pickWho } from './traceMenus.ts';

export interface TracePanelOptions {
  readonly client: BaseLanguageClient;
  readonly extension: Uri;
  readonly onClosed: (panel: TracePanel) => void;
}

/** A panel beside the editor: one trace, or two that are compared. It follows every edit. */
export class TracePanel {
  readonly #panel: WebviewPanel;
  readonly #options: TracePanelOptions;
  #view: PanelView;
  /** Counts requests, so that a late answer never replaces a newer one. */
  #turn = 0;
  #isClosed = false;
  /** Where the drawing goes that the panel was asked for. */
  #drawnFor: 'clipboard' | 'file' = 'file';

  constructor(panel: WebviewPanel, view: PanelView, options: TracePanelOptions) {
    this.#panel = panel;
    this.#view = view;
    this.#options = options;
    panel.webview.options = {
      enableScripts: true,
      localResourceRoots: [Uri.joinPath(options.extension, 'dist')],
    };
    panel.iconPath = Uri.joinPath(options.extension, 'dist', 'icon.png');
    panel.webview.html = this.#page();
    panel.webview.onDidReceiveMessage((message: FromPanel) => void this.#hear(message));
    panel.onDidDispose(() => {
      this.#isClosed = true;
      options.onClosed(this);
    });
    this.#entitle();
  }

  get isPinned(): boolean {
    return this.#view.isPinned;
  }

  get requests(): readonly TraceParams[] {
    return this.#view.sides.map(({ request }) => request);
  }

  /** Shows another request in place of what it showed. */
  async show(request: TraceParams): Promise<void> {
    this.#panel.reveal(this.#panel.viewColumn ?? ViewColumn.Beside, true);
    await this.#ask([request]);
  }

  /** Traces again what is shown. */
  async refresh(): Promise<void> {
    await this.#ask(this.requests);
  }

  close(): void {
    this.#panel.dispose();
  }

  async #ask(requests: readonly TraceParams[]): Promise<void> {
    const { client } = this.#options;
    const turn = ++this.#turn;
    const before = this.#view.sides;
    // What is asked for counts at once: who changes it again, changes that.
    const asked = requests.map((request, side): SideView => {
      const shown = requests.length === before.length ? before[side] : before.find((each) => each.request === request);
      return shown?.request === request ? shown : { request, trace: shown?.trace ?? null, message: null };
    });
    this.#view = { ...this.#view, sides: asked };
    this.#entitle();
    const answers = await Promise.all(
      requests.map((request) => client.sendRequest<TraceAnswer>(traceMethod, request).catch((): null => null)),
    );
    // An answer that was overtaken by an edit comes with the next refresh.
    if (turn !== this.#turn || this.#isClosed) return;
    const sides = asked.map((side, index): SideView => {
      const answer = answers[index] ?? null;
      if (answer === null) return side;
      return answer.kind === 'trace' ? { ...side, trace: answer, message: null } : { ...side, message: answer.message };
    });
    this.#show({ ...this.#view, sides });
  }

  #show(view: PanelView): void {
    this.#view = view;
    this.#entitle();
    this.#post({ kind: 'show', view });
  }

  #entitle(): void {
    const [left, right] = this.#view.sides;
    const target = printableStart(left?.request.target ?? '', longestTitle);
    this.#panel.title = right === undefined ? l10n.t('Trace: {0}', target) : l10n.t('Compare: {0}', target);
  }

  #post(message: ToPanel): void {
    if (!this.#isClosed) void this.#panel.webview.postMessage(message);
  }

  async #hear(message: FromPanel): Promise<void> {
    switch (message.kind) {
      case 'ready':
        return this.refresh();
      case 'open':
        return showLine(message.file, message.line, this.#panel.viewColumn);
      case 'ask':
        return this.#ask(this.requests.map((each, side) => (side === message.side ? message.request : each)));
      case 'menu':
        return this.#menu(message.menu, message.side);
      case 'pin':
        return this.#show({ ...this.#view, isPinned: message.isPinned });
      case 'keep':
        return this.#show({ ...this.#view, sides: this.#view.sides.filter((_, side) => side === message.side) });
      case 'drawn':
        return this.#drawnFor === 'file' ? saveAs('svg', message.svg) : copied(message.svg);
      default:
        return message satisfies never;
    }
  }

  async #menu(menu: PanelMenu, side: number): Promise<void> {
    const request = this.requests[side];
    if (request === undefined) return;
    if (menu === 'copy') {
      const picked = await pickCopy();
      return picked === undefined ? undefined : this.#copy(picked, request, side);
    }
    const choices = await this.#options.client.sendRequest<TraceChoices>(traceChoicesMethod, request);
    const replaced = (by: TraceParams | undefined): Promise<void> | undefined =>
      by === undefined ? undefined : this.#ask(this.requests.map((each, index) => (index === side ? by : each)));
    switch (menu) {
      case 'who':
        return replaced(await pickWho(request, choices));
      case 'what-if':
        return replaced(await pickWhatIf(request, choices));
      case 'compare': {
        const other = await pickComparison(request, choices);
        return other === undefined ? undefined : this.#ask([request, other]);
      }
      default:
        return menu satisfies never;
    }
  }

  async #copy({ as, to }: CopyAs, request: TraceParams, side: number): Promise<void> {
    if (as === 'svg') {
      this.#drawnFor = to;
      return this.#post({ kind: 'draw', side });
    }
    const params = { ...request, format: as };
    const answer = await this.#options.client.sendRequest<TraceTextAnswer>(traceTextMethod, params);
    if (answer.kind === 'unreadable') return void window.showErrorMessage(answer.message);
    return to === 'file' ? saveAs(as, answer.text) : copied(answer.text);
  }

  #page(): string {
    const { webview } = this.#panel;
    const { extension } = this.#options;
    const nonce = crypto.randomUUID();
    const script = webview.asWebviewUri(Uri.joinPath(extension, 'dist', 'panel.js'));
    const style = webview.asWebviewUri(Uri.joinPath(extension, 'dist', 'panel.css'));
    const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}';`;
    const { bundle } = l10n;
    return `<!DOCTYPE html>
<html lang="${bundle === undefined ? 'en' : env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${style}">
<title>${l10n.t('Trace')}</title>
</head>
<body>
<main id="trace" data-words="${inAttribute(JSON.stringify(bundle ?? {}))}"></main>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
  }
}

/** A tab has room for so many characters. */
const longestTitle = 60;

function inAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
}

/** Beside the panel, where it doesn't cover it. */
async function showLine(file: string, line: number, panel: ViewColumn | undefined): Promise<void> {
  const uri = Uri.parse(file);
  try {
    const document = await workspace.openTextDocument(uri);
    const text = document.lineAt(Math.max(0, Math.min(line, document.lineCount) - 1));
    const start = new Position(text.lineNumber, text.firstNonWhitespaceCharacterIndex);
    const visible = window.visibleTextEditors.find((editor) => editor.document === document);
    const other = window.tabGroups.all.find(({ viewColumn }) => viewColumn !== panel);
    await window.showTextDocument(document, {
      viewColumn: visible?.viewColumn ?? other?.viewColumn ?? ViewColumn.Beside,
      selection: new Range(start, text.range.end),
    });
  } catch {
    void window.showWarningMessage(l10n.t("{0} can't be opened: it may be gone.", workspace.asRelativePath(uri)));
  }
}

async function copied(text: string): Promise<void> {
  await env.clipboard.writeText(text);
  window.setStatusBarMessage(l10n.t('Trace copied'), 3000);
}

const extensions: Readonly<Record<TraceFormat | 'svg', string>> = {
  text: 'txt',
  mermaid: 'mmd',
  json: 'json',
  svg: 'svg',
};

async function saveAs(format: TraceFormat | 'svg', text: string): Promise<void> {
  const name = `trace.${extensions[format]}`;
  const [folder] = workspace.workspaceFolders ?? [];
  const uri = await window.showSaveDialog({
    ...(folder === undefined ? {} : { defaultUri: Uri.joinPath(folder.uri, name) }),
    filters: { [l10n.t('Trace')]: [extensions[format]] },
  });
  if (uri === undefined) return;
  try {
    await workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    void window.showErrorMessage(l10n.t("The trace can't be saved: {0}", why));
  }
}
