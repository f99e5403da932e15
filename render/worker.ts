// The worker in Node: `dist/render.cjs`.
import { parentPort } from 'node:worker_threads';
import { renderService } from './service.ts';

const hear = renderService((message) => parentPort?.postMessage(message));
parentPort?.on('message', hear);
