import type { Page } from 'playwright-core';
import { type Check, choose, comes, panelOf, press, shows } from './person.ts';

/** What a person does in the trace panel, by keyboard: what if, compare, pin, break the YAML, load the window again. */
export async function tracePanelChecks(page: Page, url: string, check: Check): Promise<void> {
  await page.goto(url);
  const explorer = page.locator('.explorer-folders-view');
  await explorer.getByText('A7-load-balancer').click({ timeout: 60_000 });
  await explorer.getByText('web.yaml').dblclick({ timeout: 60_000 });
  await page.locator('.codelens-decoration a', { hasText: '2 hops from LB, SNAT applied' }).click({ timeout: 60_000 });
  const panel = panelOf(page);
  const summaries = (): Promise<string[]> => panel.locator('.summary').allInnerTexts();
  await panel.locator('.summary').waitFor({ timeout: 60_000 });

  await press(panel, 'What if…');
  await choose(page, 'node-1 is down');
  check('what if: the trace is of the other cluster', await shows(panel.locator('.chip', { hasText: 'node-1' })));
  check('and says what it assumes', await shows(panel.locator('.chip', { hasText: 'node-1 is down' })));
  await panel.locator('.chip button').press('Enter');
  check('an assumption is taken back', await shows(panel.locator('.chip'), 0));

  await press(panel, 'From internet');
  await choose(page, 'pod');
  check('somebody else asks', await shows(panel.getByRole('button', { name: 'From pod' })));
  await press(panel, 'From pod');
  await choose(page, 'nobody/at-all');
  check("who asks and can't be read is said in the panel", await shows(panel.locator('.message')));
  check('and the last trace stays', (await summaries()).length === 1);
  await press(panel, 'From nobody/at-all');
  await choose(page, 'internet');
  check('the message goes', await shows(panel.locator('.message'), 0));

  await press(panel, 'Compare…');
  await choose(page, 'node-1 was just drained');
  check('two traces stand side by side', await shows(panel.locator('.side'), 2));
  check('with what differs', await shows(panel.locator('.comparison caption', { hasText: /differences?$/ })));
  await press(panel, 'Keep left');
  check('one of them is kept', await shows(panel.locator('.side'), 1));

  await press(panel, 'Copy or save…');
  await choose(page, 'Copy as Mermaid');
  const copied = (): Promise<string> => page.evaluate('navigator.clipboard.readText()');
  check('a trace is copied as Mermaid', await comes(async () => (await copied()).includes('flowchart')));

  await press(panel, 'Pin');
  check('a panel is pinned', await shows(panel.getByRole('button', { name: 'Pinned' })));
  const pinned = Date.now();

  await page.locator('.tab', { hasText: 'web.yaml' }).first().click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('\nbroken: a: b');
  check('unreadable YAML is said in the panel', await shows(panel.locator('.as-of')));
  check('and the last trace stays there', (await summaries())[0] === '2 hops from LB, SNAT applied');
  check(
    'and over the manifest',
    await shows(page.locator('.codelens-decoration a', { hasText: 'as of the last readable text' })),
  );
  for (let times = 0; times < 8; times++) await page.keyboard.press('Control+z');
  check('readable again, it says so no more', await shows(panel.locator('.as-of'), 0));

  // In a browser the editor writes down what its windows show every five seconds.
  await page.waitForTimeout(Math.max(0, pinned + 6000 - Date.now()));
  await page.reload();
  const again = panelOf(page);
  check('the panel is there after a reload', await shows(again.getByRole('button', { name: 'Pinned' })));
  check('with its trace', await shows(again.locator('.summary', { hasText: '2 hops from LB, SNAT applied' })));
  await page.locator('.codelens-decoration a', { hasText: '2 hops from LB, SNAT applied' }).first().click();
  check(
    'a pinned panel keeps its request: another opens',
    await shows(page.locator('.tab', { hasText: 'Trace: ' }), 2),
  );
}
