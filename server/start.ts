/**
 * The server of the extension, in one file for both: a process of Node, or a browser's worker. What the other of the
 * two would need is never run.
 */
void (isWorker() ? import('./browser.ts') : import('./node.ts'));

function isWorker(): boolean {
  return 'importScripts' in globalThis;
}
