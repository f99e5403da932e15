import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { type Check, command, goTo, lensOf, openFile, panelOf, shows, tabOf, typeIn } from './person.ts';

/** A name that would be markup, an icon, or a turn of the writing's direction, if anybody let it. */
const hostile = '$(bug)<img src=x onerror=alert(1)>\u202E';
/** As it is shown. */
export const hostileText = hostile.replace('\u202E', String.raw`\u202e`);

/** What is to be shown of it besides the examples: a host, and a Service that nobody has. */
export function writeHostile(folder: string): void {
  mkdirSync(join(folder, 'A0-hostile'));
  const name = JSON.stringify(hostile);
  const yaml =
    'apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { ports: [{ port: 80 }] }\n---\n' +
    'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web }\nspec:\n  rules:\n' +
    `    - host: ${name}\n      http:\n        paths:\n` +
    `          - { path: /, pathType: Prefix, backend: { service: { name: ${name}, port: { number: 80 } } } }\n`;
  writeFileSync(join(folder, 'A0-hostile', 'web.yaml'), yaml);
}

/** It is text in a lens, in the panel, and where a name is refused. */
export async function hostileNames(page: Page, check: Check): Promise<void> {
  let isRun = false;
  page.on('dialog', (dialog) => {
    isRun = true;
    void dialog.dismiss();
  });
  await openFile(page, 'A0-hostile/web.yaml', hostileText);
  const lens = lensOf(page, hostileText).first();
  check('a hostile name is text in a lens', (await lens.locator('.codicon, img').count()) === 0);
  await lens.click();
  const panel = panelOf(page);
  check('and in the panel', await shows(panel.locator('body', { hasText: hostileText })));
  check('and no element there', (await panel.locator('img').count()) === 0);
  await tabOf(page, 'web.yaml').first().click();
  await goTo(page, 3, 20);
  await page.keyboard.press('F2');
  await typeIn(page, hostile);
  await page.keyboard.press('Enter');
  // The editor's driver for tests keeps notifications from popping up: they are in the list of them.
  await command(page, 'Notifications: Show Notifications');
  const refused = page.locator('.notifications-center .notification-list-item', {
    hasText: `"${hostileText}" can't be its name`,
  });
  check('and where it is refused as a name', await shows(refused));
  check('and there no icon, no element', (await refused.locator('.codicon-bug, img').count()) === 0);
  check('and nothing of it is run', !isRun);
  await page.keyboard.press('Escape');
}
