import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openPage } from './browser.ts';
import { takePicture } from './picture.ts';
import { copyDemo, tour } from './tour.ts';
import { findChromium, installWorkbench, startWorkbench } from './workbench.ts';

/**
 * Takes the tour's pictures in the real workbench, in each theme: `npm run screenshots [FOLDER]`.
 */
const [out = join(tmpdir(), 'hoplens-pictures')] = process.argv.slice(2);
const themes = { light: 'Light Modern', dark: 'Dark Modern', contrast: 'Default High Contrast' } as const;

const executable = findChromium();
if (executable === null) throw new Error('There is no Chromium.');
installWorkbench();
mkdirSync(out, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'hoplens-tour-'));
const workbench = await startWorkbench();
const { browser, page } = await openPage(executable);
try {
  if (copyDemo(folder)) {
    await setTheme(page, 'light');
    await page.goto(workbench.url(folder));
    await tour(
      page,
      folder,
      (name, isSo) => console.log(`${isSo ? 'ok' : 'FAILED'}: ${name}`),
      async (name) => {
        for (const theme of ['dark', 'contrast', 'light'] as const) {
          await setTheme(page, theme);
          await takePicture(page, join(out, `${name}-${theme}.png`));
          if (name === 'what-if') await widths(page, theme);
        }
      },
    );
  } else console.log('skipped: microservices-demo is not at hand');
} catch (error) {
  await page.screenshot({ path: join(out, 'failure.png') });
  throw error;
} finally {
  await browser.close();
  workbench.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** The panel alone, as narrow and as wide as it is made. */
async function widths(at: Page, theme: string): Promise<void> {
  const size = at.viewportSize() ?? { width: 1440, height: 900 };
  await at.keyboard.press('Control+b');
  for (const width of [360, 1600]) {
    // The bar on its left and the frame are so wide.
    await at.setViewportSize({ width: width + 57, height: size.height });
    await at.waitForTimeout(1000);
    await takePicture(at, join(out, `what-if-${width}-${theme}.png`));
  }
  await at.setViewportSize(size);
  await at.keyboard.press('Control+b');
}

/** By the settings of the folder that is open, so that no menu closes over it. */
async function setTheme(at: Page, theme: keyof typeof themes): Promise<void> {
  mkdirSync(join(folder, '.vscode'), { recursive: true });
  writeFileSync(
    join(folder, '.vscode', 'settings.json'),
    JSON.stringify({ 'workbench.colorTheme': themes[theme], 'window.autoDetectHighContrast': false }),
  );
  const of = { light: '.vs', dark: '.vs-dark', contrast: '.hc-black' }[theme];
  if (at.url() !== 'about:blank') await at.locator(`.monaco-workbench${of}`).waitFor({ timeout: 20_000 });
  await at.waitForTimeout(600);
}
