import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { shows } from './person.ts';

/** A host that would be markup, an icon, or a turn of the writing's direction, if anybody let it. */
const hostile = '$(bug)<img src=x onerror=alert(1)>\u202E';

/** What the side bar is to show of it besides the examples. */
export function writeHostile(folder: string): void {
  mkdirSync(join(folder, 'A0-hostile'));
  const yaml =
    'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web }\nspec:\n  rules:\n' +
    `    - host: ${JSON.stringify(hostile)}\n      http:\n        paths:\n` +
    '          - { path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }\n';
  writeFileSync(join(folder, 'A0-hostile', 'web.yaml'), yaml);
}

/** A person who has never seen it: from the side bar to a trace, by clicks and by the keyboard. */
export async function whereToStart(page: Page, check: (name: string, isSo: boolean) => void): Promise<void> {
  await page.locator('.activitybar .action-label[aria-label^="Hoplens"]').first().click({ timeout: 60_000 });
  const view = page.locator('.pane', { has: page.locator('.pane-header', { hasText: /entry points/i }) });
  const row = (text: string): Locator => view.locator('.monaco-list-row', { hasText: text });
  await row('A8-local-policy').filter({ hasText: '1 way in' }).click({ timeout: 60_000 });
  await isThere(row('2 hops from LB, 1 of 3 nodes'));
  await page.keyboard.press('ArrowDown');
  check('a set unfolds to its ways in, in the words of the lens', await isThere(row('2 hops from LB, 1 of 3 nodes')));
  await page.keyboard.press('Enter');
  const tab = (text: string): Locator => page.locator('.tabs-container .tab', { hasText: text });
  check('Enter on a way in traces it', await isThere(tab('Trace: svc/shop')));
  const asked = page.locator('.pane', { has: page.locator('.pane-header', { hasText: /requests/i }) });
  check(
    'what was asked stands among the requests',
    await isThere(asked.locator('.monaco-list-row', { hasText: 'svc/shop' })),
  );

  await command(page, 'Hoplens: Show only what is lost');
  check('only what is lost can be shown', await isThere(row('A13-pods-not-routable')));
  check('and then nothing else is', await shows(row('A7-load-balancer'), 0));
  await command(page, 'Hoplens: Show all entry points');

  await command(page, 'Hoplens: Trace request');
  const picks = page.locator('.quick-input-widget .quick-input-list .monaco-list-row');
  await type(page, 'E1');
  check('with no editor open, the manifests are asked for', await isThere(picks.filter({ hasText: 'E1-gateway' })));
  await page.keyboard.press('Enter');
  await isThere(picks.filter({ hasText: 'svc/cart' }));
  await type(page, 'cart');
  check(
    'what is typed finds hosts and names by any part, the name itself first',
    (await texts(picks)).findIndex((each) => each.includes('svc/cart')) === 0,
  );
  await type(page, "curl -X POST -H 'x-canary: always' http://shop.example.com/cart");
  check(
    'a curl line is understood',
    (await texts(picks)).some((each) => each.includes('POST · x-canary: always')),
  );
  await type(page, 'nobody');
  check(
    'what can be neither found nor asked says why',
    (await texts(picks)).some((each) => each.startsWith("Can't read")),
  );
  await type(page, 'https://shop.example.com/cart');
  await page.keyboard.press('Enter');
  await isThere(picks.filter({ hasText: 'a client outside the cluster' }));
  await page.keyboard.press('Enter');
  check('Enter, Enter traces it', await isThere(tab('Trace: https://shop.example.com/cart')));

  await row('A0-hostile').click();
  check('a hostile host is text in the view', await isThere(row('$(bug)<img src=x onerror=alert(1)>\\u202e/')));
  check('and no icon, no element', (await page.locator('.codicon-bug, .pane-body img').count()) === 0);

  await page.keyboard.press('Control+p');
  await type(page, 'A8-local-policy/shop.yaml');
  await isThere(picks.filter({ hasText: 'shop.yaml' }));
  await page.keyboard.press('Enter');
  const status = page.locator('.statusbar-item', { hasText: 'A8-local-policy · 3 nodes' });
  check('the status bar says what the file is judged with', await isThere(status));
  await status.click();
  check('a click on it offers profiles', await isThere(picks.filter({ hasText: "Each set's own" })));
  await type(page, 'None');
  await page.keyboard.press('Enter');
  check(
    'without a profile the nodes are assumed, and said to be',
    await isThere(page.locator('.statusbar-item', { hasText: 'A8-local-policy · ~ 3 nodes' })),
  );
  await page.locator('.statusbar-item', { hasText: 'A8-local-policy' }).click();
  await type(page, 'Each set');
  await page.keyboard.press('Enter');
  check('and back', await isThere(status));

  await command(page, 'Hoplens: Open the puzzle');
  check(
    "the puzzle's answer stands over its Ingress",
    await isThere(page.locator('.codelens-decoration', { hasText: '3 hops from LB, SNAT applied' })),
  );
}

async function isThere(locator: Locator): Promise<boolean> {
  return locator
    .first()
    .waitFor({ timeout: 20_000 })
    .then(
      () => true,
      () => false,
    );
}

/** In the place of what was typed before. */
async function type(page: Page, text: string): Promise<void> {
  await page.waitForTimeout(500);
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
  await page.waitForTimeout(700);
}

async function command(page: Page, title: string): Promise<void> {
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input').first().waitFor();
  await page.waitForTimeout(600);
  await page.keyboard.type(title);
  await isThere(page.locator('.quick-input-list .monaco-list-row.focused', { hasText: title }));
  await page.keyboard.press('Enter');
  await page.waitForTimeout(800);
}

function texts(rows: Locator): Promise<string[]> {
  return rows.allInnerTexts();
}
