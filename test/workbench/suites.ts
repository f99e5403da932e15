import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { root } from './workbench.ts';

/** A suite as one file. It mustn't end in .js: there a worker would take it for a module, as the package says. */
export async function suiteOf(name: string, platform: 'node' | 'browser'): Promise<string> {
  mkdirSync(join(root, '.vscode-test', 'suite'), { recursive: true });
  const outfile = join(root, '.vscode-test', 'suite', `${name}.cjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [`test/workbench/suite/${name}.ts`],
    outfile,
    bundle: true,
    platform,
    format: 'cjs',
    external: ['vscode'],
    logLevel: 'warning',
  });
  return outfile;
}

/** Runs a suite in a page; gives each line to `hear`, and its exit code, or null where it takes too long. */
export async function suiteIn(page: Page, url: string, hear: (line: string) => void): Promise<number | null> {
  const ended = new Promise<number | null>((resolve) => {
    void page.exposeFunction('codeAutomationExit', (code: number) => resolve(code));
    setTimeout(() => resolve(null), longest).unref();
  });
  await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => {
    for (const line of args.map(String).join(' ').split('\n')) hear(line);
  });
  await page.goto(url);
  return ended;
}

const longest = 180_000;
