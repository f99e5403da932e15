import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How long nobody asks anything before it counts as a rest, in milliseconds. */
const rest = 4000;
/** A share of that time in which a resting server may be busy. */
const mostBusy = 0.02;
/** As much as the heap has grown since it was collected before it is worth while, in bytes and as a share of it. */
const leastGrowth = { bytes: 16 * 1024 * 1024, share: 0.25 };

/**
 * Gives memory back while nobody types, and keeps no process alive for it. V8 lets its heap grow as long as it is busy,
 * and then leaves it so: a server of 100 MB holds 370 after some thousand edits. To keep it small all the time costs a
 * third more work at each key; in a rest nobody waits for it.
 */
export function collectAtRest(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') return;
  let before = performance.eventLoopUtilization();
  let kept = 0;
  setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    const least = kept + Math.max(leastGrowth.bytes, kept * leastGrowth.share);
    if (utilization > mostBusy || process.memoryUsage().heapTotal < least) return;
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    kept = process.memoryUsage().heapTotal;
  }, rest).unref();
}
