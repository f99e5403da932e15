import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** What is built for the tests alone: git knows nothing of it. */
export const built = join(import.meta.dirname, '..', '..', '.vscode-test');

/** A Go program around a product's own packages, from a folder beside this one. */
export interface JudgeSource {
  readonly folder: string;
  /** Its name among what is built. */
  readonly name: string;
  /** What the compiler is told besides. */
  readonly flags?: readonly string[];
  /** What has to be there before it is compiled; why that can't be, or null. */
  readonly prepare?: () => string | null;
}

/** Builds a product's packages into the program that answers; why it can't, or null. */
export function buildJudge({ folder, name, flags = [], prepare }: JudgeSource): string | null {
  if (spawnSync('go', ['version']).error !== undefined) return 'Go is not on the path';
  const missing = prepare?.() ?? null;
  if (missing !== null) return missing;
  mkdirSync(built, { recursive: true });
  const { status, stderr } = spawnSync('go', ['build', '-mod=readonly', ...flags, '-o', join(built, name), '.'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return status === 0 ? null : stderr;
}

/** Whether it is there from an earlier run: to build it takes minutes, and a download. */
export function isJudgeBuilt({ name }: JudgeSource): boolean {
  return existsSync(join(built, name));
}

/** A judge that runs: one question a line, one answer a line, as JSON. */
export class JudgeProgram<Answer extends object> {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;

  constructor({ name }: JudgeSource) {
    this.#child = spawn(join(built, name), { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** What it says; what it has against the question is thrown. */
  async ask(question: object): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    let value = '';
    // A product's packages may print something of their own while they are loaded.
    while (!value.startsWith('{')) {
      const next = await this.#answers.next();
      if (next.done === true) throw new Error('the judge ended');
      ({ value } = next);
    }
    const answer = JSON.parse(value) as Answer & { readonly error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }

  close(): void {
    this.#child.stdin.end();
  }
}

/** What an answer has to hold. */
export function said<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('no answer');
  return part;
}
