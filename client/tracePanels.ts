import { type Disposable, type Uri, ViewColumn, type WebviewPanel, type WebviewPanelSerializer, window } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import type { TraceParams } from '../shared/insight/protocol.ts';
import type { PanelView } from './panel/messages.ts';
import { savedView, tracePanelType } from './savedView.ts';
import { TracePanel } from './tracePanel.ts';

/**
 * The panels with traces. A new trace takes the place of the last one, unless that is pinned. A window that is loaded
 * again has them as they were, and asks again.
 */
export class TracePanels implements WebviewPanelSerializer<unknown>, Disposable {
  readonly #extension: Uri;
  readonly #client: BaseLanguageClient;
  /** The last one shown is the last. */
  #panels: readonly TracePanel[] = [];

  constructor(extension: Uri, client: BaseLanguageClient) {
    this.#extension = extension;
    this.#client = client;
  }

  async show(request: TraceParams): Promise<void> {
    const panel = this.#panels.findLast(({ isPinned }) => !isPinned);
    if (panel !== undefined) return panel.show(request);
    const made = window.createWebviewPanel(tracePanelType, '', { viewColumn: ViewColumn.Beside, preserveFocus: true });
    this.#add(made, { sides: [{ request, trace: null, message: null }], isPinned: false });
  }

  /** Traces again what is shown. */
  refresh(): void {
    for (const panel of this.#panels) void panel.refresh();
  }

  async deserializeWebviewPanel(panel: WebviewPanel, state: unknown): Promise<void> {
    const view = savedView(state);
    if (view === null) return panel.dispose();
    if (!this.#client.isRunning()) await this.#client.start();
    this.#add(panel, view);
  }

  dispose(): void {
    for (const panel of this.#panels) panel.close();
  }

  #add(panel: WebviewPanel, view: PanelView): void {
    const options = {
      client: this.#client,
      extension: this.#extension,
      onClosed: (closed: TracePanel): void => {
        this.#panels = this.#panels.filter((each) => each !== closed);
      },
    };
    this.#panels = [...this.#panels, new TracePanel(panel, view, options)];
  }
}
