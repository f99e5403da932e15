import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { newPage, openPage } from './browser.ts';
import { examplePictures } from './examplePictures.ts';
import { takePicture } from './picture.ts';
import { copyDemo, tour } from './tour.ts';
import { findChromium, installWorkbench, root, startWorkbench } from './workbench.ts';

/**
 * Takes the pictures of the tour and of the examples in the real workbench, each in all themes, to be looked at:
 * `npm run screenshots [FOLDER]`. Those that are shown somewhere go to `docs/images`.
 */
const [out = mkdtempSync(join(tmpdir(), 'hoplens-pictures-'))] = process.argv.slice(2);
const shown: readonly string[] = [
  'entry-points-light',
  'what-if-light',
  'compare-dark',
  'line-light',
  'completion-dark',
  'rename-light',
  'rules-light',
  'chart-light',
];
const themes = {
  dark: { id: 'Dark Modern', page: '.vs-dark' },
  contrast: { id: 'Default High Contrast', page: '.hc-black' },
  light: { id: 'Light Modern', page: '.vs' },
} as const;
type Theme = keyof typeof themes;

const executable = findChromium();
if (executable === null) throw new Error('There is no Chromium.');
installWorkbench();
mkdirSync(out, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'hoplens-look-'));
const [demo, examples] = [join(folder, 'microservices-demo'), join(folder, 'examples')];
cpSync(join(root, 'examples'), examples, { recursive: true });
const workbench = await startWorkbench();
const { browser, page } = await openPage(executable);
try {
  if (copyDemo(demo)) {
    await open(page, demo);
    await tour(
      page,
      demo,
      (name, isSo) => console.log(`${isSo ? 'ok' : 'FAILED'}: ${name}`),
      (name) => takeAll(page, demo, name),
    );
  } else console.log('skipped: microservices-demo is not at hand');
  const second = await newPage(browser);
  await open(second, examples);
  await examplePictures(second, (name) => takeAll(second, examples, name));
} finally {
  await browser.close();
  workbench.stop();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`All pictures: ${out}`);

async function open(at: Page, opened: string): Promise<void> {
  writeTheme(opened, 'light');
  await at.goto(workbench.url(opened));
}

async function takeAll(at: Page, opened: string, name: string): Promise<void> {
  // What moves has come to rest.
  await at.waitForTimeout(1500);
  for (const theme of ['dark', 'contrast', 'light'] as const) {
    writeTheme(opened, theme);
    await at.locator(`.monaco-workbench${themes[theme].page}`).waitFor({ timeout: 20_000 });
    await at.waitForTimeout(600);
    await take(at, `${name}-${theme}`);
    if (name === 'what-if') await takeWidths(at, `${name}-${theme}`);
  }
}

async function take(at: Page, name: string): Promise<void> {
  await takePicture(at, join(out, `${name}.png`));
  if (shown.includes(name)) copyFileSync(join(out, `${name}.png`), join(root, 'docs', 'images', `${name}.png`));
}

/** The panel alone, as narrow and as wide as it is made. */
async function takeWidths(at: Page, name: string): Promise<void> {
  const size = at.viewportSize() ?? { width: 1440, height: 900 };
  await at.keyboard.press('Control+b');
  for (const width of [360, 1600]) {
    // The bar on its left and the frame are so wide.
    await at.setViewportSize({ width: width + 57, height: size.height });
    await at.waitForTimeout(1000);
    await take(at, `${name}-${width}`);
  }
  await at.setViewportSize(size);
  await at.keyboard.press('Control+b');
}

/** By the settings of the folder that is open, so that no menu closes over it. */
function writeTheme(opened: string, theme: Theme): void {
  mkdirSync(join(opened, '.vscode'), { recursive: true });
  const settings = {
    'workbench.colorTheme': themes[theme].id,
    'window.autoDetectHighContrast': false,
    'files.exclude': { '.vscode': true },
  };
  writeFileSync(join(opened, '.vscode', 'settings.json'), JSON.stringify(settings));
}
