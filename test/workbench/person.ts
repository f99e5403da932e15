import type { FrameLocator, Locator, Page } from 'playwright-core';

/** What a person does before the editor, by keyboard, and how they wait for what comes of it. */
export type Check = (name: string, isSo: boolean) => void;

export async function command(page: Page, title: string): Promise<void> {
  await page.keyboard.press('F1');
  await isAsked(page);
  await page.keyboard.type(title);
  await pickFocused(page, picks(page, title));
}

/** Opens a file by the end of its path, and waits for a lens over it. */
export async function openFile(page: Page, path: string, lens: string): Promise<void> {
  const [folder = '', name = ''] = path.split('/').slice(-2);
  await page.keyboard.press('Control+p');
  await typeIn(page, path);
  await pickFocused(page, picks(page, name).filter({ hasText: folder }));
  await lensOf(page, lens).first().waitFor({ timeout: 60_000, state: 'attached' });
}

export async function goTo(page: Page, line: number, column = 1): Promise<void> {
  await page.keyboard.press('Control+g');
  await typeIn(page, `:${line}:${column}`);
  await page.keyboard.press('Enter');
  await shows(page.locator('.statusbar-item', { hasText: `Ln ${line}, Col ${column}` }));
}

/** Types into the menu, or the box for a name, that opens just now; in the place of what stands there. */
export async function typeIn(page: Page, text: string): Promise<void> {
  await isAsked(page);
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
}

async function isAsked(page: Page): Promise<void> {
  await page.locator('.quick-input-widget input:focus, .rename-box input:focus').waitFor({ timeout: 20_000 });
}

/** Picks from the editor's menu as one does: by typing. */
export async function choose(page: Page, label: string): Promise<void> {
  await picks(page).first().waitFor({ timeout: 20_000 });
  await isAsked(page);
  await page.keyboard.type(label);
  await pickFocused(page, picks(page, label));
}

/** Enter, once the menu's focus is on it; until it is there no more. */
export async function pickFocused(page: Page, pick: Locator): Promise<void> {
  const focused = pick.and(page.locator('.focused')).first();
  await focused.waitFor({ timeout: 20_000 });
  await page.keyboard.press('Enter');
  await focused.waitFor({ timeout: 20_000, state: 'hidden' });
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
export function shows(found: Locator, count = -1): Promise<boolean> {
  return comes(async () => {
    const now = await found.count();
    return count === -1 ? now > 0 : now === count;
  });
}

/** Whether something comes to be so within a while. */
export async function comes(isSo: () => Promise<boolean>): Promise<boolean> {
  for (const end = Date.now() + 45_000; Date.now() < end;) {
    if (await isSo()) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/** Whether the cursor comes to stand on a line. */
export function isAtLine(page: Page, line: number): Promise<boolean> {
  return shows(page.locator('.statusbar-item', { hasText: new RegExp(`Ln ${line},`) }));
}
