import type { Locator, Page } from 'playwright-core';
import { hostileNames, hostileText } from './hostileNames.ts';
import { type Check, comes, command, openFile, pickFocused, picks, shows, typeIn } from './person.ts';

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
  await typeIn(page, 'E1');
  check('with no editor open, the manifests are asked for', await shows(picks(page, 'E1-gateway')));
  await pickFocused(page, picks(page, 'E1-gateway'));
  await shows(picks(page, 'svc/cart'));
  await typeIn(page, 'cart');
  check(
    'what is typed finds hosts and names by any part, the name itself first',
    await comes(async () => {
      const [first = '', ...others] = await picks(page).allInnerTexts();
      return first.includes('svc/cart') && others.every((each) => each.includes('cart'));
    }),
  );
  await typeIn(page, "curl -X POST -H 'x-canary: always' http://shop.example.com/cart");
  check('a curl line is understood', await shows(picks(page, 'POST · x-canary: always')));
  await typeIn(page, 'nobody');
  check('what can be neither found nor asked says why', await shows(picks(page, "Can't read")));
  await typeIn(page, 'https://shop.example.com/cart');
  await pickFocused(page, picks(page, 'https://shop.example.com/cart'));
  await pickFocused(page, picks(page, 'a client outside the cluster'));
  check('Enter, Enter traces it', await shows(tab('Trace: https://shop.example.com/cart')));

  await row('A0-hostile').click();
  check('a hostile host is text in the view', await shows(row(`${hostileText}/`)));
  check('and no icon, no element', (await page.locator('.codicon-bug, .pane-body img').count()) === 0);
  await hostileNames(page, check);

  await openFile(page, 'A8-local-policy/shop.yaml', '1 of 3 nodes drops');
  const status = page.locator('.statusbar-item', { hasText: 'A8-local-policy · 3 nodes' });
  check('the status bar says what the file is judged with', await shows(status));
  await status.click();
  check('a click on it offers profiles', await shows(picks(page, "Each set's own")));
  await typeIn(page, 'None');
  await pickFocused(page, picks(page, 'None'));
  check(
    'without a profile the nodes are assumed, and said to be',
    await shows(page.locator('.statusbar-item', { hasText: 'A8-local-policy · ~ 3 nodes' })),
  );
  await page.locator('.statusbar-item', { hasText: 'A8-local-policy' }).click();
  await typeIn(page, 'Each set');
  await pickFocused(page, picks(page, "Each set's own"));
  check('and back', await shows(status));

  await command(page, 'Hoplens: Open the puzzle');
  check(
    "the puzzle's answer stands over its Ingress",
    await shows(page.locator('.codelens-decoration', { hasText: '3 hops from LB, SNAT applied' })),
  );
}
