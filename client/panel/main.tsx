import { render } from 'preact';
import type { FromPanel, ToPanel } from './messages.ts';
import { TraceView } from './TraceView.tsx';

interface Editor {
  postMessage(message: FromPanel): void;
  getState(): ToPanel | undefined;
  setState(state: ToPanel): void;
}

declare function acquireVsCodeApi(): Editor;

const editor = acquireVsCodeApi();
const root = document.getElementById('trace');

function draw(message: ToPanel): void {
  if (root !== null)
    render(
      <TraceView
        request={message.request}
        answer={message.answer}
        open={(file, line) => editor.postMessage({ kind: 'open', file, line })}
      />,
      root,
    );
}

window.addEventListener('message', ({ data }: MessageEvent<ToPanel>) => {
  editor.setState(data);
  draw(data);
});
const last = editor.getState();
if (last !== undefined) draw(last);
editor.postMessage({ kind: 'ready' });
