import { mkdirSync, mkdtempSync, rmSync, writeFileSync, cpSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import type { Page } from 'playwright-core';
import { newPage, openBrowser } from './browser.ts';
import { writeHostile } from './hostileNames.ts';
import { isAtLine, lensOf, panelOf } from './person.ts';
import { presses, writePressed } from './presses.ts';
import { suiteIn, suiteOf } from './suites.ts';
import { policies } from './policies.ts';
import { copyDemo, tour } from './tour.ts';
import { tracePanelChecks } from './tracePanel.ts';
import {
  findChromium,
  installWorkbench,
  root,
  startWorkbench,
  type Workbench,
  type WorkbenchOptions,
} from './workbench.ts';
import { whereToStart } from './whereToStart.ts';

/**
 * The suite inside a real VS Code, then the workbench's own surface: a lens is clicked and the panel read. Prints a
 * line for each test and, last, `workbench: N passed, N failed`; where there is no editor to be had, the reason.
 */
const [suite, inWorker, inWorkspaces] = await Promise.all([
  suiteOf('index', 'node'),
  suiteOf('everywhere', 'browser'),
  suiteOf('workspaces', 'node'),
]);

let passed = 0;
let failed = 0;
/** `where`: which workbench is spoken of, where it isn't the usual one. */
function hear(line: string, where = ''): void {
  if (line.startsWith('ok: ')) passed++;
  else if (line.startsWith('FAILED: ')) failed++;
  else return;
  console.log(`  ${line.replace(': ', `: ${where}`)}`);
}

function said(name: string, isSo: boolean): void {
  hear(isSo ? `ok: ${name}` : `FAILED: ${name}`);
}

const folders: string[] = [];
function newFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `hoplens-${name}-`));
  folders.push(folder);
  return folder;
}

/**
 * The examples in a folder of their own for each visit: what is not saved the editor's server keeps for a folder, and
 * opens it again for the next who comes there.
 */
function newExamples(): string {
  const folder = newFolder('examples');
  cpSync(join(root, 'examples'), folder, { recursive: true });
  writeHostile(folder);
  writePressed(folder);
  return folder;
}

try {
  if (spawnSync('code', ['--version'], { stdio: 'ignore' }).status === 0 && process.env.DISPLAY !== undefined)
    await inDesktop();
  else await inBrowser();
} catch (error) {
  failed++;
  console.log(`  FAILED: the workbench: ${error instanceof Error ? error.message : String(error)}`);
} finally {
  for (const each of folders) rmSync(each, { recursive: true, force: true });
}
console.log(`workbench: ${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

async function inDesktop(): Promise<void> {
  await runTests({
    vscodeExecutablePath: 'code',
    extensionDevelopmentPath: root,
    extensionTestsPath: suite,
    launchArgs: [newExamples(), '--disable-extensions', '--disable-workspace-trust'],
  });
  hear('ok: the suite in the desktop editor');
}

async function inBrowser(): Promise<void> {
  const executable = findChromium();
  if (executable === null) {
    console.log('  skipped: there is no Chromium, and none could be installed');
    return;
  }
  installWorkbench();
  const workbench = await startWorkbench();
  // The longest first, so that both browsers end at about the same time.
  const visits: Visit[] = [
    (page) => tracePanelChecks(page, workbench.url(newExamples()), said),
    (page) => presses(page, workbench.url(newExamples()), said),
    async (page) => {
      await page.goto(workbench.url(newExamples()));
      await whereToStart(page, said);
    },
    (page) => passedIn(page, workbench.url(newExamples(), suite)),
    (page) =>
      inWorkbenchOfItsOwn('in a worker of the browser', { host: 'worker' }, (url, where) =>
        passedIn(page, url(newExamples(), inWorker), where),
      ),
    (page) =>
      inWorkbenchOfItsOwn('untrusted, of several folders', { isTrusted: false }, (url, where) =>
        passedIn(page, url(workspaceOfSeveral(), inWorkspaces), where),
      ),
    async (page) => {
      await page.goto(workbench.url(newExamples()));
      await policies(page, said, () => Promise.resolve());
    },
    (page) => surface(page, workbench.url(newExamples())),
  ];
  const demo = newFolder('tour');
  if (copyDemo(demo))
    visits.unshift(async (page) => {
      await page.goto(workbench.url(demo));
      await tour(page, demo, said, () => Promise.resolve());
    });
  else console.log('  skipped: the tour, as microservices-demo is not at hand');
  try {
    // While one waits for the editor, another goes on: each in a browser of its own, with a clipboard of its own.
    await Promise.all([visitAll(executable, visits), visitAll(executable, visits)]);
  } finally {
    workbench.stop();
  }
}

/** What somebody does who has never been here. */
type Visit = (page: Page) => Promise<void>;

/** Takes one visit after the other until none is left. What breaks one off is said, and the next begins. */
async function visitAll(executable: string, visits: Visit[]): Promise<void> {
  const browser = await openBrowser(executable);
  try {
    for (let visit = visits.shift(); visit !== undefined; visit = visits.shift()) {
      const page = await newPage(browser);
      try {
        await visit(page);
      } catch (error) {
        said(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error), false);
      } finally {
        await page.context().close();
      }
    }
  } finally {
    await browser.close();
  }
}

/** A workbench with other options; `where` is said before what passes in it. */
async function inWorkbenchOfItsOwn(
  name: string,
  options: WorkbenchOptions,
  use: (url: Workbench['url'], where: string) => Promise<void>,
): Promise<void> {
  const workbench = await startWorkbench(options);
  try {
    await use(workbench.url, `${name}: `);
  } finally {
    workbench.stop();
  }
}

/** The examples, and two folders that differ in their settings alone. */
function workspaceOfSeveral(): string {
  const several = newFolder('workspaces');
  const service =
    'apiVersion: v1\nkind: Service\nmetadata: { name: web }\n' +
    'spec: { selector: { app: wbe }, ports: [{ port: 80 }] }\n---\n' +
    'apiVersion: v1\nkind: Pod\nmetadata: { name: web, labels: { app: web } }\n' +
    'spec: { containers: [{ name: web, image: web }] }\n';
  for (const name of ['strict', 'lax']) {
    mkdirSync(join(several, name, '.vscode'), { recursive: true });
    writeFileSync(join(several, name, 'web.yaml'), service);
  }
  const rules = { 'hoplens.rules': { 'selector-matches-no-pod': 'off' } };
  writeFileSync(join(several, 'lax', '.vscode', 'settings.json'), JSON.stringify(rules));
  const file = join(several, 'several.code-workspace');
  const folders = [{ path: newExamples(), name: 'examples' }, { path: 'strict' }, { path: 'lax' }];
  writeFileSync(file, JSON.stringify({ folders }));
  return file;
}

async function passedIn(page: Page, url: string, where = ''): Promise<void> {
  let failures = 0;
  const code = await suiteIn(page, url, (line) => {
    if (line.startsWith('FAILED: ')) failures++;
    hear(line, where);
  });
  if (code === null) throw new Error(`${where}the suite did not end within three minutes`);
  if (code !== 0 && failures === 0) throw new Error(`${where}the suite ended with ${code}`);
}

/** What a person does: open a file, read the lens, click it, read the panel, follow a step to its line. */
async function surface(page: Page, url: string): Promise<void> {
  const refused: string[] = [];
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy') && message.text().includes('panel'))
      refused.push(message.text());
  });
  await page.goto(url);
  const explorer = page.locator('.explorer-folders-view');
  await explorer.getByText('A8-local-policy').click({ timeout: 60_000 });
  await explorer.getByText('shop.yaml').dblclick({ timeout: 30_000 });
  await lensOf(page, '2 hops from LB, 1 of 3 nodes drops').click({ timeout: 60_000 });
  const panel = panelOf(page);
  await panel.locator('svg .box').first().waitFor({ timeout: 30_000 });
  said(
    'a click on the lens opens the panel with the summary',
    (await panel.locator('.summary').first().innerText()) === '2 hops from LB, source preserved',
  );
  said('the diagram has a box for each party', (await panel.locator('svg .box').count()) === 7);
  said(
    'the branches carry exact fractions, alike ones together',
    /^2 paths alike, 1\/4 \(25 %\) each, together 1\/2 .*\n1\/2 \(50 %\)/.test(
      (await panel.locator('.paths > li > details > summary').allInnerTexts()).join('\n'),
    ),
  );
  await panel.locator('.rules summary').first().click();
  const rules = await panel.locator('.rules[open] code').allInnerTexts();
  said(
    'the panel shows the rules on demand, to the one that rewrites',
    rules.some((rule) => /-j DNAT --to-destination 10\.244\.\d+\.\d+:8080/.test(rule)),
  );
  await panel.locator('.paths .because button', { hasText: 'shop.yaml' }).first().click();
  // The first reason of the first path is the Service's type, on line 5.
  said('a step leads to its YAML line', await isAtLine(page, 5));
  await panel.locator('.picture [tabindex="0"]').focus();
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
  const spoken = await panel.locator('.picture :focus').getAttribute('aria-label');
  said('the arrow keys step through the diagram', spoken?.startsWith('step 2 of 3: lb/shop to node/node-1') === true);
  await page.keyboard.press('Enter');
  said('Enter leads to the line that decides the step', await isAtLine(page, 6));
  await panel.getByRole('button', { name: 'Reply' }).click();
  said('the reply goes back by the same ways', (await panel.locator('.picture.reply-way .arrow').count()) === 6);
  said('the panel breaks no rule of its content-security policy', refused.length === 0);
}
