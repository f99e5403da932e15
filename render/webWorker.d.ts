// What of a browser's workers is used here. Node's types leave it to those of the DOM, which nobody has here.
declare class Worker {
  constructor(url: string);
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onerror: ((event: { readonly message: string }) => void) | null;
  postMessage(message: unknown): void;
  terminate(): void;
}
/** A worker's own end. */
declare const self: Pick<Worker, 'onmessage' | 'postMessage'>;
