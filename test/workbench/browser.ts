import { type Browser, chromium, type Page } from 'playwright-core';

/** A page in Debian's Chromium, of the size of a laptop's window. */
export async function openPage(executablePath: string): Promise<{ browser: Browser; page: Page }> {
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, deviceScaleFactor: 1 });
  return { browser, page };
}
