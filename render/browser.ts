// The renderer in a browser: whoever starts it has the files.
import type { FromWorker, WorkerPort } from './protocol.ts';
import { createRenderer, type Renderer } from './renderer.ts';

export interface BrowserFiles {
  /** `render.wasm.gz`: no browser but one unpacks Brotli for a script. */
  readonly sandbox: () => Promise<Uint8Array>;
  /** `render.js`. */
  readonly worker: () => Promise<Uint8Array>;
}

export function browserRenderer({ sandbox, worker }: BrowserFiles): Renderer {
  let script = '';
  return createRenderer({
    module: async () => {
      const [packed, text] = await Promise.all([sandbox(), worker()]);
      script = URL.createObjectURL(new Blob([new Uint8Array(text)], { type: 'text/javascript' }));
      return WebAssembly.compile(await unpacked(packed));
    },
    startWorker: () => browserWorker(script),
  });
}

async function unpacked(packed: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([new Uint8Array(packed)]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function browserWorker(script: string): WorkerPort {
  const worker = new Worker(script);
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (hear) => {
      worker.onmessage = ({ data }) => hear(data as FromWorker);
    },
    onError: (hear) => {
      worker.onerror = ({ message }) => hear(message);
    },
    terminate: () => worker.terminate(),
  };
}
