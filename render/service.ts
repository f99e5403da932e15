// The worker's side: answers what the host asks, one message after the other.
import type { FromWorker, ToWorker } from './protocol.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';

/** Gives what hears the host's messages; `answer` sends to the host. */
export function renderService(answer: (message: FromWorker) => void): (message: ToWorker) => void {
  let sandbox: Sandbox | null = null;
  /** What comes until the sandbox is open. */
  let waiting: ToWorker[] = [];
  const hear = (message: ToWorker): void => {
    if (message.kind === 'open') {
      openSandbox(message.module).then(
        (opened) => {
          sandbox = opened;
          answer({ kind: 'opened' });
          for (const each of waiting) hear(each);
          waiting = [];
        },
        (error) => answer(broken(error, [])),
      );
    } else if (sandbox === null) waiting.push(message);
    else
      try {
        if (message.kind === 'put') sandbox.put(message.path, message.text);
        else if (message.kind === 'remove') sandbox.remove(message.path);
        else answer({ kind: 'built', rendered: sandbox.build(message.request) });
      } catch (error) {
        answer(broken(error, sandbox.lastWords()));
      }
  };
  return hear;
}

/** Go says on its standard error that memory is out, and exits; V8 says that its stack is. */
function broken(error: unknown, lastWords: readonly string[]): FromWorker {
  const why = error instanceof Error ? error.message : String(error);
  const isMemory = [why, ...lastWords].some((line) => /out of memory|cannot allocate|memory limit/i.test(line));
  return { kind: 'broken', why, isMemory };
}
