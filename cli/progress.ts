/** What is under way, in one line of a terminal that is erased in the end; nothing where standard error is none. */
export function showProgress(text: string): void {
  if (!process.stderr.isTTY) return;
  const now = performance.now();
  if (now - shownAt < pause) return;
  shownAt = now;
  const width = Math.max(10, (process.stderr.columns || 80) - 1);
  process.stderr.write(`\r\u001b[K${`hoplens: ${text}`.slice(0, width)}`);
}

export function eraseProgress(): void {
  if (shownAt === -Infinity) return;
  shownAt = -Infinity;
  process.stderr.write('\r\u001b[K');
}

/** In milliseconds: nobody reads faster, and a terminal takes time. */
const pause = 100;
let shownAt = -Infinity;
