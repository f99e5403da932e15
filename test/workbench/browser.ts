import { type Browser, chromium, type Page } from 'playwright-core';

/** Debian's Chromium. */
export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
}

/** The same with a page in it. */
export async function openPage(executablePath: string): Promise<{ browser: Browser; page: Page }> {
  const browser = await openBrowser(executablePath);
  return { browser, page: await newPage(browser) };
}

/** A page of the size of a laptop's window, for somebody who has never been here, and who may copy and paste. */
export function newPage(browser: Browser): Promise<Page> {
  return browser.newPage({
    viewport: { width: 1440, height: 900 },
    deviceScaleFactor: 1,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
}
