import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What a process has had of the processor, its own thread of requests alone, in milliseconds; 0 where nobody tells. */
export function processorTime({ pid }: ChildProcess): number {
  try {
    // proc(5): user and system time are the fields 14 and 15, in hundredths of a second; the name may hold spaces.
    const fields = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return 0;
  }
}
