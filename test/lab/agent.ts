import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

const program = join(import.meta.dirname, '..', '..', '.vscode-test', 'lab-agent');

/** How one connection ended in the real kernel, and what the server that answered saw as its source. */
export interface Outcome {
  readonly kind: 'answered' | 'refused' | 'rejected' | 'unreachable' | 'lost';
  readonly name?: string;
  readonly source?: string;
}

export interface Ask {
  readonly namespace: string;
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly count: number;
  readonly timeoutMs: number;
}

/** Builds the program that stands in the namespaces; why it can't, or null. */
export function buildAgent(): string | null {
  mkdirSync(join(program, '..'), { recursive: true });
  const { status, error, stderr } = spawnSync('go', ['build', '-mod=readonly', '-o', program, '.'], {
    cwd: join(import.meta.dirname, 'agent'),
    encoding: 'utf8',
  });
  if (error !== undefined) return 'Go is not on the path';
  return status === 0 ? null : stderr;
}

/** One process that listens and asks in any number of namespaces. */
export class Agent {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting = new Map<
    number,
    { resolve: (outcomes: readonly Outcome[]) => void; reject: (error: Error) => void }
  >();
  #last = 0;

  constructor() {
    this.#child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const { id, error, outcomes = [] }: { id: number; error?: string; outcomes?: Outcome[] } = JSON.parse(line);
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(outcomes);
      else waiting?.reject(new Error(error));
    });
    this.#child.on('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the agent has ended'));
      this.#waiting.clear();
    });
  }

  #send(command: object): Promise<readonly Outcome[]> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.stdin.write(`${JSON.stringify({ id, ...command })}\n`);
    });
  }

  async listen(namespace: string, protocol: 'tcp' | 'udp', address: string, name: string): Promise<void> {
    await this.#send({ op: 'listen', namespace, protocol, address, name });
  }

  ask(ask: Ask): Promise<readonly Outcome[]> {
    return this.#send({ op: 'ask', ...ask });
  }

  async closeListeners(): Promise<void> {
    await this.#send({ op: 'close' });
  }

  end(): void {
    this.#child.stdin.end();
  }
}
