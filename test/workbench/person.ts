import type { FrameLocator, Locator, Page } from 'playwright-core';

/** What a person does before the editor, by keyboard, and how they wait for what comes of it. */
export type Check = (name: string, isSo: boolean) => void;

export async function command(page: Page, title: string): Promise<void> {
  await page.keyboard.press('F1');
  await picks(page).first().waitFor({ timeout: 20_000 });
  await page.waitForTimeout(400);
  await page.keyboard.type(title);
  await picks(page, title).and(page.locator('.focused')).first().waitFor({ timeout: 20_000 });
  await page.waitForTimeout(200);
  await page.keyboard.press('Enter');
  await page.waitForTimeout(800);
}

/** Opens a file by the end of its path, and waits for a lens over it. */
export async function openFile(page: Page, path: string, lens: string): Promise<void> {
  await page.keyboard.press('Control+p');
  await typeIn(page, path);
  const name = path.slice(path.lastIndexOf('/') + 1);
  await picks(page, name).first().waitFor({ timeout: 20_000 });
  await page.keyboard.press('Enter');
  await lensOf(page, lens).first().waitFor({ timeout: 60_000, state: 'attached' });
}

export async function goTo(page: Page, line: number, column = 1): Promise<void> {
  await page.keyboard.press('Control+g');
  await page.locator('.quick-input-widget input').first().waitFor();
  await typeIn(page, `:${line}:${column}`);
  await page.keyboard.press('Enter');
  await shows(page.locator('.statusbar-item', { hasText: `Ln ${line}, Col ${column}` }));
}

/** In the place of what was typed into a menu before. */
export async function typeIn(page: Page, text: string): Promise<void> {
  await page.waitForTimeout(400);
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
  await page.waitForTimeout(600);
}

/** Picks from the editor's menu as one does: by typing. */
export async function choose(page: Page, label: string): Promise<void> {
  await picks(page).first().waitFor({ timeout: 10_000 });
  await page.keyboard.type(label);
  await picks(page, label).and(page.locator('.focused')).first().waitFor({ timeout: 10_000 });
  await page.keyboard.press('Enter');
}

/** What a menu offers: all of it, or what has this text. */
export function picks(page: Page, text = ''): Locator {
  return page.locator('.quick-input-widget .quick-input-list .monaco-list-row', { hasText: text });
}

export function lensOf(page: Page, text: string): Locator {
  return page.locator('.codelens-decoration a', { hasText: text });
}

export function tabOf(page: Page, text: string): Locator {
  return page.locator('.tabs-container .tab', { hasText: text });
}

/** The newest trace panel. */
export function panelOf(page: Page): FrameLocator {
  return page.frameLocator('iframe.webview').last().frameLocator('iframe').last();
}

/** Presses a button of the panel by the keyboard. */
export async function press(panel: FrameLocator, name: string): Promise<void> {
  await panel.getByRole('button', { name, exact: true }).press('Enter');
}

/** Whether so many are there within a while: at least one, if no number is given. */
export async function shows(found: Locator, count = -1): Promise<boolean> {
  for (const end = Date.now() + 45_000; Date.now() < end;) {
    const now = await found.count();
    if (count === -1 ? now > 0 : now === count) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/** Whether the cursor comes to stand on a line. */
export function isAtLine(page: Page, line: number): Promise<boolean> {
  return shows(page.locator('.statusbar-item', { hasText: new RegExp(`Ln ${line},`) }));
}
