import * as l10n from '@vscode/l10n';
import { render } from 'preact';
import { exportedSvg } from './exportedSvg.ts';
import type { FromPanel, PanelView, ToPanel } from './messages.ts';
import { shownView } from './shownView.ts';
import { TraceView } from './TraceView.tsx';

interface Editor {
  postMessage(message: FromPanel): void;
  getState(): PanelView | undefined;
  setState(state: PanelView): void;
}

declare function acquireVsCodeApi(): Editor;

const editor = acquireVsCodeApi();
const root = document.getElementById('trace');
l10n.config({ contents: root?.dataset['words'] ?? '{}' });

function show(view: PanelView): void {
  if (root !== null) render(<TraceView view={shownView(view)} post={(message) => editor.postMessage(message)} />, root);
}

window.addEventListener('message', ({ data }: MessageEvent<ToPanel>) => {
  switch (data.kind) {
    case 'show': {
      const view = withLastTraces(data.view, editor.getState());
      editor.setState(view);
      return show(view);
    }
    case 'draw': {
      const picture = root?.querySelectorAll('.side').item(data.side)?.querySelector('.diagram svg');
      if (picture instanceof SVGSVGElement) editor.postMessage({ kind: 'drawn', svg: exportedSvg(picture) });
      return;
    }
    default:
      return data satisfies never;
  }
});
/** A panel that comes back with its window shows what it last showed until there is a new answer. */
function withLastTraces(view: PanelView, before: PanelView | undefined): PanelView {
  const sides = view.sides.map((side, index) => {
    const last = before?.sides[index];
    return side.trace === null && last?.request.target === side.request.target ? { ...side, trace: last.trace } : side;
  });
  return { ...view, sides };
}

const last = editor.getState();
if (last !== undefined) show(last);
editor.postMessage({ kind: 'ready' });
