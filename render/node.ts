// The renderer in Node: the sandbox's file and the worker's are the caller's to say.
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { brotliDecompress, gunzip } from 'node:zlib';
import type { WorkerPort } from './protocol.ts';
import { createRenderer, type Renderer } from './renderer.ts';

export interface NodeFiles {
  /** `render.wasm.gz` as it is installed, or `render.wasm.br` as it is kept among the sources. */
  readonly sandbox: string;
  /** `render.cjs`, or `worker.ts` where Node runs TypeScript. */
  readonly worker: string;
  readonly mostMilliseconds?: number;
}

export function nodeRenderer({ sandbox, worker, ...limits }: NodeFiles): Renderer {
  return createRenderer({
    ...limits,
    module: () => moduleOf(sandbox),
    startWorker: () => nodeWorker(worker),
  });
}

/** Several renderers share what V8 compiles of one module. */
const modules = new Map<string, Promise<WebAssembly.Module>>();

function moduleOf(sandbox: string): Promise<WebAssembly.Module> {
  const known = modules.get(sandbox) ?? compiledModule(sandbox);
  modules.set(sandbox, known);
  known.catch(() => modules.delete(sandbox));
  return known;
}

async function compiledModule(sandbox: string): Promise<WebAssembly.Module> {
  const unpack = promisify(sandbox.endsWith('.gz') ? gunzip : brotliDecompress);
  return WebAssembly.compile(await unpack(await readFile(sandbox)));
}

function nodeWorker(file: string): WorkerPort {
  // A chart that includes itself goes deep before Helm stops it.
  const worker = new Worker(file, { resourceLimits: { stackSizeMb: 3 } });
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (hear) => worker.on('message', hear),
    onError: (hear) => worker.on('error', ({ message }) => hear(message)),
    terminate: () => void worker.terminate(),
  };
}
