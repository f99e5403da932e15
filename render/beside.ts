// The renderer with the files that lie beside this one: bundled in dist/, or here among the sources.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type NodeFiles, nodeRenderer } from './node.ts';
import type { Renderer } from './renderer.ts';

/** Starts nothing before something is built. End it with `stop`. */
export function rendererBeside(limits: Omit<NodeFiles, 'sandbox' | 'worker'> = {}): Renderer {
  const here = import.meta.dirname;
  const isBundled = existsSync(join(here, 'render.cjs'));
  return nodeRenderer({
    ...limits,
    sandbox: join(here, isBundled ? 'render.wasm.gz' : 'render.wasm.br'),
    worker: join(here, isBundled ? 'render.cjs' : 'worker.ts'),
  });
}
