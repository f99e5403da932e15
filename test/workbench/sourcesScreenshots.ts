import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openPage } from './browser.ts';
import { takePicture } from './picture.ts';
import { findChromium, installWorkbench, root, startWorkbench } from './workbench.ts';

/** Pictures of an overlay's base, an overlay's patch and a chart's template in the real workbench, light and dark. */
const executable = findChromium();
if (executable === null) throw new Error('There is no Chromium.');
installWorkbench();
const folder = mkdtempSync(join(tmpdir(), 'hoplens-look-'));
for (const each of ['F1-overlays', 'F2-chart'])
  cpSync(join(root, 'examples', each), join(folder, each), { recursive: true });
const out = join(root, 'docs', 'images');
const workbench = await startWorkbench();
const { browser, page } = await openPage(executable);
try {
  await page.goto(workbench.url(folder));
  await page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
  await page.waitForTimeout(2500);
  for (const theme of ['light', 'dark']) {
    if (theme === 'dark') await command(page, 'Preferences: Toggle between Light/Dark Themes');
    await open(page, 'base/shop.yaml', 'hops from LB');
    await takePicture(page, join(out, `overlay-${theme}.png`));
    await open(page, 'templates/service.yaml', 'hop from pod');
    const line = await page.locator('.view-line', { hasText: 'targetPort' }).first().boundingBox();
    await page.mouse.move((line?.x ?? 0) + 190, (line?.y ?? 0) + 9, { steps: 5 });
    await page.waitForTimeout(1500);
    await takePicture(page, join(out, `chart-${theme}.png`));
  }
} finally {
  await browser.close();
  workbench.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function command(at: Page, title: string): Promise<void> {
  await at.keyboard.press('F1');
  await at.waitForTimeout(600);
  await at.keyboard.type(title);
  await at.waitForTimeout(600);
  await at.keyboard.press('Enter');
  await at.waitForTimeout(800);
}

/** Opens a file by its name, and waits for a lens over it. */
async function open(at: Page, name: string, lens: string): Promise<void> {
  await at.keyboard.press('Control+p');
  await at.waitForTimeout(600);
  await at.keyboard.type(name);
  await at.waitForTimeout(1500);
  await at.keyboard.press('Enter');
  await at.locator('.codelens-decoration', { hasText: lens }).first().waitFor({ timeout: 30_000, state: 'attached' });
  await at.waitForTimeout(1000);
}
