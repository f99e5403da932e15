import { rendererBeside } from '../render/beside.ts';
import { diskFiles } from './diskFiles.ts';
import type { ServerHost } from './serve.ts';

/** Node, with the disk and a thread for the sandbox. */
export const nodeHost: ServerHost = {
  openRenderer: () => rendererBeside(),
  disk: diskFiles,
  nextTurn: () => new Promise((resolve) => setImmediate(resolve)),
};
