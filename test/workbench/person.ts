import type { FrameLocator, Locator, Page } from 'playwright-core';

/** What a person does before the editor, by keyboard, and how they wait for what comes of it. */
export type Check = (name: string, isSo: boolean) => void;

/** As long as the slowest machine may take for what a person waits for, in milliseconds. */
export const patience = 60_000;

export async function command(page: Page, title: string): Promise<void> {
  await ask(page, 'F1', `>${title}`);
  await pickFocused(page, picks(page, title));
  // What is typed next is for what the command opens.
  await page
    .locator('.quick-input-widget input[aria-label^="Type the name of a command"]')
    .waitFor({ timeout: patience, state: 'hidden' });
}

/** Opens a file by the end of its path, and waits for a lens over it. */
export async function openFile(page: Page, path: string, lens: string): Promise<void> {
  const [folder = '', name = ''] = path.split('/').slice(-2);
  await ask(page, 'Control+p', path);
  await pickFocused(page, picks(page, name).filter({ hasText: folder }));
  await lensOf(page, lens).first().waitFor({ timeout: patience, state: 'attached' });
}

export async function goTo(page: Page, line: number, column = 1): Promise<void> {
  await ask(page, 'Control+g', `:${line}:${column}`);
  await page.keyboard.press('Enter');
  // The cursor may have stood there already: what is pressed next is the editor's only once the box is gone.
  await page.locator('.quick-input-widget').waitFor({ timeout: patience, state: 'hidden' });
  await isInEditor(page);
  await page.locator('.statusbar-item', { hasText: `Ln ${line}, Col ${column}` }).waitFor({ timeout: patience });
}

/** Waits until keys go to the text of an editor. */
export async function isInEditor(page: Page): Promise<void> {
  await page.locator('.editor-container .monaco-editor.focused').waitFor({ timeout: patience });
}

/** Presses keys, and once more where nothing came of it, as long as the editor may not be ready. */
export async function pressUntil(
  page: Page,
  keys: readonly string[],
  found: Locator,
  { times, apart }: { readonly times: number; readonly apart: number } = { times: 30, apart: 2000 },
): Promise<boolean> {
  for (let time = 0; time < times; time++) {
    for (const key of keys) await page.keyboard.press(key);
    if (await appears(found, apart)) return true;
  }
  return false;
}

/** Renames what the cursor stands in; once more where that is refused, as not all is built yet. */
export async function rename(page: Page, name: string, found: Locator): Promise<boolean> {
  for (let times = 0; times < 4; times++) {
    // A second press would close the box that the first still opens, and open another.
    await pressUntil(page, ['F2'], page.locator('.rename-box input:focus'), { times: 3, apart: 20_000 });
    if (!(await isTypedIn(page, name))) continue;
    await page.keyboard.press('Enter');
    if (await appears(found, 15_000)) return true;
  }
  return false;
}

function appears(found: Locator, within: number): Promise<boolean> {
  const waited = found.first().waitFor({ timeout: within });
  return waited.then(
    () => true,
    () => false,
  );
}

/** Types into the menu, or the box for a name, that opens just now; in the place of what stands there. */
export async function typeIn(page: Page, text: string): Promise<void> {
  if (!(await comes(() => isTypedIn(page, text)))) throw new Error(`there is no box to type ${text} into`);
}

/** Opens the box for a question and types it; once more where a view that takes the focus closes it. */
async function ask(page: Page, key: string, text: string): Promise<void> {
  for (let times = 0; times < 6; times++) {
    await page.keyboard.press(key);
    if (await isTypedIn(page, text)) return;
  }
  throw new Error(`there is no box to type ${text} into`);
}

/** Types into the box that is there, and looks whether it has the text: one that closes takes the keys with it. */
async function isTypedIn(page: Page, text: string): Promise<boolean> {
  const box = focusedInput(page);
  if (!(await appears(box, 10_000))) return false;
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
  const typed = box.evaluate((each: { value: string }) => each.value, undefined, { timeout: 2000 });
  return typed.then(
    (value) => value === text,
    () => false,
  );
}

async function isAsked(page: Page): Promise<void> {
  await focusedInput(page).waitFor({ timeout: patience });
}

function focusedInput(page: Page): Locator {
  return page.locator('.quick-input-widget input:focus, .rename-box input:focus');
}

/** Picks from the editor's menu as one does: by typing. */
export async function choose(page: Page, label: string): Promise<void> {
  await picks(page).first().waitFor({ timeout: patience });
  await isAsked(page);
  await page.keyboard.type(label);
  await pickFocused(page, picks(page, label));
}

/** Enter, once the menu's focus is on it; until it is there no more. */
export async function pickFocused(page: Page, pick: Locator): Promise<void> {
  const focused = pick.and(page.locator('.focused')).first();
  await focused.waitFor({ timeout: patience });
  await page.keyboard.press('Enter');
  await focused.waitFor({ timeout: patience, state: 'hidden' });
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
  for (const end = Date.now() + patience; Date.now() < end;) {
    if (await isSo()) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/** Whether the cursor comes to stand on a line. */
export function isAtLine(page: Page, line: number): Promise<boolean> {
  return shows(page.locator('.statusbar-item', { hasText: new RegExp(`Ln ${line},`) }));
}
