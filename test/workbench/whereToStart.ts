import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { type Check, command, picks as picksOf, shows, typeIn } from './person.ts';

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
export async function whereToStart(page: Page, check: Check): Promise<void> {
  await page.locator('.activitybar .action-label[aria-label^="Hoplens"]').first().click({ timeout: 60_000 });
  const view = page.locator('.pane', { has: page.locator('.pane-header', { hasText: /entry points/i }) });
  const row = (text: string): Locator => view.locator('.monaco-list-row', { hasText: text });
  await row('A8-local-policy').filter({ hasText: '1 way in' }).click({ timeout: 60_000 });
  await shows(row('2 hops from LB, 1 of 3 nodes'));
  await page.keyboard.press('ArrowDown');
  check('a set unfolds to its ways in, in the words of the lens', await shows(row('2 hops from LB, 1 of 3 nodes')));
  await page.keyboard.press('Enter');
  const tab = (text: string): Locator => page.locator('.tabs-container .tab', { hasText: text });
  check('Enter on a way in traces it', await shows(tab('Trace: svc/shop')));
  const asked = page.locator('.pane', { has: page.locator('.pane-header', { hasText: /requests/i }) });
  check(
    'what was asked stands among the requests',
    await shows(asked.locator('.monaco-list-row', { hasText: 'svc/shop' })),
  );

  await command(page, 'Hoplens: Show only what is lost');
  check('only what is lost can be shown', await shows(row('A13-pods-not-routable')));
  check('and then nothing else is', await shows(row('A7-load-balancer'), 0));
  await command(page, 'Hoplens: Show all entry points');

  await command(page, 'Hoplens: Trace request');
  const picks = picksOf(page);
  await typeIn(page, 'E1');
  check('with no editor open, the manifests are asked for', await shows(picks.filter({ hasText: 'E1-gateway' })));
  await page.keyboard.press('Enter');
  await shows(picks.filter({ hasText: 'svc/cart' }));
  await typeIn(page, 'cart');
  check(
    'what is typed finds hosts and names by any part, the name itself first',
    (await picks.allInnerTexts()).findIndex((each) => each.includes('svc/cart')) === 0,
  );
  await typeIn(page, "curl -X POST -H 'x-canary: always' http://shop.example.com/cart");
  check(
    'a curl line is understood',
    (await picks.allInnerTexts()).some((each) => each.includes('POST · x-canary: always')),
  );
  await typeIn(page, 'nobody');
  check(
    'what can be neither found nor asked says why',
    (await picks.allInnerTexts()).some((each) => each.startsWith("Can't read")),
  );
  await typeIn(page, 'https://shop.example.com/cart');
  await page.keyboard.press('Enter');
  await shows(picks.filter({ hasText: 'a client outside the cluster' }));
  await page.keyboard.press('Enter');
  check('Enter, Enter traces it', await shows(tab('Trace: https://shop.example.com/cart')));

  await row('A0-hostile').click();
  check('a hostile host is text in the view', await shows(row('$(bug)<img src=x onerror=alert(1)>\\u202e/')));
  check('and no icon, no element', (await page.locator('.codicon-bug, .pane-body img').count()) === 0);

  await page.keyboard.press('Control+p');
  await typeIn(page, 'A8-local-policy/shop.yaml');
  await shows(picks.filter({ hasText: 'shop.yaml' }));
  await page.keyboard.press('Enter');
  const status = page.locator('.statusbar-item', { hasText: 'A8-local-policy · 3 nodes' });
  check('the status bar says what the file is judged with', await shows(status));
  await status.click();
  check('a click on it offers profiles', await shows(picks.filter({ hasText: "Each set's own" })));
  await typeIn(page, 'None');
  await page.keyboard.press('Enter');
  check(
    'without a profile the nodes are assumed, and said to be',
    await shows(page.locator('.statusbar-item', { hasText: 'A8-local-policy · ~ 3 nodes' })),
  );
  await page.locator('.statusbar-item', { hasText: 'A8-local-policy' }).click();
  await typeIn(page, 'Each set');
  await page.keyboard.press('Enter');
  check('and back', await shows(status));

  await command(page, 'Hoplens: Open the puzzle');
  check(
    "the puzzle's answer stands over its Ingress",
    await shows(page.locator('.codelens-decoration', { hasText: '3 hops from LB, SNAT applied' })),
  );
}
