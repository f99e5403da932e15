// The worker in a browser: `dist/web/render.js`.
import type { ToWorker } from './protocol.ts';
import { renderService } from './service.ts';

const hear = renderService((message) => self.postMessage(message));
// oxlint-disable-next-line unicorn/require-post-message-target-origin
self.onmessage = ({ data }) => hear(data as ToWorker);
