import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { iptablesRules } from '../../shared/network/kubeProxy/iptablesRules.ts';
import { nftablesRules } from '../../shared/network/kubeProxy/nftablesRules.ts';
import { difference } from './compare.ts';
import { type Asked, question } from './question.ts';

const program = join(import.meta.dirname, '..', '..', '.vscode-test', 'oracle');

/** Builds kube-proxy's packages into the program that answers; why it can't, or null. */
export function buildOracle(): string | null {
  mkdirSync(join(program, '..'), { recursive: true });
  const { status, error, stderr } = spawnSync('go', ['build', '-mod=readonly', '-o', program, '.'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  if (error !== undefined) return 'Go is not on the path';
  return status === 0 ? null : stderr;
}

/** Where in the object, and which kind of `field.Error`. */
export interface ServerError {
  readonly field: string;
  readonly type: string;
  readonly message?: string;
}

/** kube-proxy's own packages, asked one question at a time. */
export class Oracle {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;

  constructor() {
    this.#child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async #ask(
    asked: object,
  ): Promise<{ rules?: string; errors?: ServerError[]; refusals?: ServerError[][]; error?: string }> {
    this.#child.stdin.write(`${JSON.stringify(asked)}\n`);
    const { value } = await this.#answers.next();
    return JSON.parse(String(value));
  }

  async rules(asked: Asked): Promise<string> {
    const { rules, error } = await this.#ask(question(asked));
    if (rules === undefined) throw new Error(error ?? 'no answer');
    return rules;
  }

  /** What the API server's own validation has against an object. */
  async errors(object: object): Promise<readonly ServerError[]> {
    const { errors, error } = await this.#ask({ validate: object });
    if (errors === undefined) throw new Error(error ?? 'no answer');
    return errors;
  }

  /** What its allocators have against each of some Services, created one after another. */
  async refusals(creation: object): Promise<readonly (readonly ServerError[])[]> {
    const { refusals, error } = await this.#ask({ create: creation });
    if (refusals === undefined) throw new Error(error ?? 'no answer');
    return refusals;
  }

  close(): void {
    this.#child.stdin.end();
  }
}

export function ownRules({ model, node, mode, family }: Asked): string {
  return mode === 'nftables' ? nftablesRules(model, node, family) : iptablesRules(model, node, family);
}

/** Where our rules and kube-proxy's first differ; null where they say the same. */
export async function disagreement(oracle: Oracle, asked: Asked): Promise<string | null> {
  return difference(ownRules(asked), await oracle.rules(asked));
}
