import type { Page } from 'playwright-core';
import { type Check, command, goTo, isAtLine, lensOf, openFile, panelOf, shows, tabOf } from './person.ts';
import type { Picture } from './tour.ts';

/** Somebody opens a policy that lets in the office, and finds out by its lens why the office is mostly shut out. */
export async function policies(page: Page, check: Check, picture: Picture): Promise<void> {
  await page.getByText('A1-load-balancer-by-hand').first().waitFor({ timeout: 60_000 });
  await openFile(page, 'G1-office-behind-masquerade/admin.yaml', '2/3 denied by allow-office');
  await goTo(page, 34);
  check('policies: a lens says whom a policy isolates', await shows(lensOf(page, 'isolates 3 pods for ingress')));
  check('policies: and whom it lets in', await shows(lensOf(page, 'lets in: 198.51.100.0/24 → 8443')));
  await goTo(page, 42, 18);
  await page.keyboard.press('Control+k');
  await page.keyboard.press('Control+i');
  const said = page.locator('.monaco-hover:visible', { hasText: 'Whoever is seen with an address of' });
  check('policies: a hover says who has an address of the range', await shows(said));
  await picture('policy-hover');
  await page.keyboard.press('Escape');
  await lensOf(page, 'isolates 3 pods for ingress').first().click();
  check('policies: a click traces to its pods', await shows(tabOf(page, 'Trace: svc/admin')));
  const panel = panelOf(page);
  const pod = panel.locator('.picture .box.pod').first();
  check('policies: each pod has a gate that is half open', await shows(panel.locator('.picture path.gate.half'), 3));
  await pod.focus();
  await picture('policy-gate');
  await pod.press('Enter');
  check('policies: Enter at a gate leads to the rule that comes nearest', await isAtLine(page, 41));
  await whoReachesWhom(page, check, picture);
}

/** And then who else may ask its pods: all pairs, at a glance. */
async function whoReachesWhom(page: Page, check: Check, picture: Picture): Promise<void> {
  await openFile(page, 'G2-and-or/shop.yaml', 'isolates');
  await command(page, 'Hoplens: Show who reaches whom');
  check('reach: it opens beside the file', await shows(tabOf(page, 'Who reaches whom')));
  const row = page.locator('.view-line', { hasText: /^payments/ }).first();
  check('reach: a grid has a row for each who asks alike', await shows(row));
  const mark = row.locator('.detected-link').nth(1);
  await mark.hover();
  const said = page.locator('.monaco-hover:visible', { hasText: 'kept out by orders-scraped' });
  check('reach: a mark says by whom it is so', await shows(said));
  await picture('reach');
  await said.locator('a', { hasText: 'orders-scraped' }).click();
  check('reach: and leads to the rule', await shows(tabOf(page, 'shop.yaml')));
}
