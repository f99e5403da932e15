// What the editor's thread and the sandbox's worker say to each other.
import type { Rendered, RenderRequest } from './sandbox.ts';

export type ToWorker =
  /** The first message. */
  | { readonly kind: 'open'; readonly module: WebAssembly.Module }
  | { readonly kind: 'put'; readonly path: string; readonly text: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'build'; readonly request: RenderRequest };

export type FromWorker =
  | { readonly kind: 'opened' }
  | { readonly kind: 'built'; readonly rendered: Rendered }
  /** The build took the sandbox down with it: nothing more can be asked of this worker. */
  | { readonly kind: 'broken'; readonly why: string; readonly isMemory: boolean };

/** A worker of Node's or of a browser's, as the host sees it. */
export interface WorkerPort {
  readonly post: (message: ToWorker) => void;
  readonly onMessage: (hear: (message: FromWorker) => void) => void;
  readonly onError: (hear: (why: string) => void) => void;
  readonly terminate: () => void;
}
