import { build } from 'esbuild';
import { openPage } from './browser.ts';
import { findChromium, root, startWorkbench } from './workbench.ts';
import { join } from 'node:path';
const name = process.argv[2] ?? 'everywhere';
const host = (process.argv[3] ?? 'worker') as 'worker' | 'process';
const suite = join(root, '.vscode-test', 'suite', `${name}.cjs`);
await build({
  absWorkingDir: root,
  entryPoints: [`test/workbench/suite/${name}.ts`],
  outfile: suite,
  bundle: true,
  platform: host === 'worker' ? 'browser' : 'node',
  format: 'cjs',
  external: ['vscode'],
  logLevel: 'warning',
});
const wb = await startWorkbench({ host, isTrusted: process.argv[4] !== 'untrusted' });
const { browser, page } = await openPage(findChromium() ?? '');
page.on(
  'console',
  (m) => /spdlog/.test(m.text()) || console.log('console:', m.text().slice(0, 600), JSON.stringify(m.location())),
);
const ended = new Promise<number>((r) => {
  void page.exposeFunction('codeAutomationExit', (c: number) => r(c));
  setTimeout(() => r(-1), 120000).unref();
});
await page.exposeFunction('codeAutomationLog', (_t: string, args: unknown[]) =>
  /spdlog/.test(String(args)) ? undefined : console.log('LOG', ...args),
);
const t0 = performance.now();
await page.goto(wb.url(process.argv[5] ?? join(root, 'examples'), suite));
console.log('exit', await ended, Math.round(performance.now() - t0));
await page.screenshot({ path: '/tmp/every-web.png' });
await browser.close();
wb.stop();
process.exit(0);
