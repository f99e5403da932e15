import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openPage } from './browser.ts';
import { takePicture } from './picture.ts';
import { findChromium, installWorkbench, root, startWorkbench } from './workbench.ts';

/**
 * Drives the real workbench as a person would and takes the README's pictures: `npm run screenshots [FILE]`.
 * FILE is a manifest to look at; by default an example. Behind it: a lens's words to click, the folder for the
 * pictures, the theme, the line to stand on, and a name, if only the panel is wanted.
 */
const [
  file = join(root, 'examples', 'A8-local-policy', 'shop.yaml'),
  lens = 'hops from LB',
  out = join(root, 'docs', 'images'),
  theme = 'light',
  line = '3',
  only = '',
] = process.argv.slice(2);
const executable = findChromium();
if (executable === null) throw new Error('There is no Chromium.');
installWorkbench();
const folder = mkdtempSync(join(tmpdir(), 'hoplens-look-'));
const name = file.slice(file.lastIndexOf('/') + 1);
// The file with its neighbours: a profile beside it counts.
cpSync(join(file, '..'), folder, { recursive: true });
mkdirSync(out, { recursive: true });
const workbench = await startWorkbench();
const { browser, page } = await openPage(executable);
try {
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) console.log(`console: ${message.text()}`);
  });
  await page.goto(workbench.url(folder));
  await page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
  await page.locator('.explorer-folders-view').getByText(name).dblclick({ timeout: 30_000 });
  await page.locator('.codelens-decoration', { hasText: lens }).first().waitFor({ timeout: 60_000, state: 'attached' });
  if (theme === 'dark') await command(page, 'Preferences: Toggle between Light/Dark Themes');
  await page.waitForTimeout(500);
  await page.keyboard.press('Control+g');
  await page.waitForTimeout(400);
  await page.keyboard.type(line);
  await page.keyboard.press('Enter');
  await page.waitForTimeout(1500);
  if (only === '') await takePicture(page, join(out, 'lenses.png'));
  await page.locator('.codelens-decoration a', { hasText: lens }).first().click();
  const panel = page.frameLocator('iframe.webview').last().frameLocator('iframe').last();
  await panel.locator('svg .box').first().waitFor({ timeout: 30_000 });
  await page.waitForTimeout(1000);
  // Alone, the panel stands on the right of the page.
  await takePicture(
    page,
    join(out, `${only === '' ? 'panel' : only}.png`),
    only === '' ? undefined : { x: 895, y: 70, width: 540, height: 790 },
  );
  if (only === '') {
    await panel.locator('.rules summary').first().click();
    await panel.locator('.rules[open]').first().scrollIntoViewIfNeeded();
    await takePicture(page, join(out, 'rules.png'));
  }
  console.log(await panel.locator('header').innerText());
} catch (error) {
  await page.screenshot({ path: join(out, 'failure.png') });
  throw error;
} finally {
  await browser.close();
  workbench.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function command(page: Page, title: string): Promise<void> {
  await page.keyboard.press('F1');
  await page.waitForTimeout(600);
  await page.keyboard.type(title);
  await page.waitForTimeout(600);
  await page.keyboard.press('Enter');
  await page.waitForTimeout(600);
}
