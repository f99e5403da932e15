import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Texts } from './apps.ts';
import { type Editor, type ServerCommand, startEditor } from './editor.ts';
import type { Keystrokes } from './keystrokes.ts';
import type { Goal, Measured } from './table.ts';

/** What a run of the bench measures, and with what. */
export interface Run {
  readonly rows: ReadonlySet<number>;
  readonly seed: number;
  readonly keys: number;
  /** What a row may take; then it is cut. */
  readonly seconds: number;
  /** A folder for everything that is written. */
  readonly folder: string;
  readonly server: ServerCommand;
  readonly commandLine: ServerCommand;
  /** yaml-language-server; null where nothing runs beside ours. */
  readonly yamlServer: ServerCommand | null;
  readonly bareYaml: ServerCommand;
  /** Tells whoever waits what is going on. */
  say(text: string): void;
}

export type Values = Partial<Keystrokes> & Pick<Keystrokes, 'values'>;

export interface Station {
  readonly rows: readonly number[];
  measured(run: Run, folder: string): Promise<Measured[]>;
}

/** What a server may take to read a workspace, in ms, before the bench gives it up. */
export const startLimit = 60_000;

export function goal(median: number, p95: number | null = null, sent: number | null = null): Goal {
  return { median, p95, sent };
}

export async function withEditor<T>(run: Run, folder: string, use: (editor: Editor) => Promise<T>): Promise<T> {
  const editor = await startEditor({ command: run.server, folder, asked: 'codeLens' });
  try {
    return await use(editor);
  } finally {
    await editor.stop();
  }
}

export function write(folder: string, texts: Texts): void {
  for (const [file, text] of texts) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}

export function measuredAs(
  {
    row,
    what,
    goal: wanted,
    unit = 'ms',
  }: Pick<Measured, 'row' | 'what' | 'goal'> & { readonly unit?: Measured['unit'] },
  { values, began = [], answered = [], work = [], sent = [], changed = [], notes = [] }: Values,
): Measured {
  return { row, what, unit, values, began, goal: wanted, answered, work, sent, changed, notes };
}
