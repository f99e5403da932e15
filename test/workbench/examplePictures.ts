import type { Page } from 'playwright-core';
import { lensOf, openFile, panelOf, shows } from './person.ts';
import { policies } from './policies.ts';
import type { Picture } from './tour.ts';

/** What single examples show, where the tour has nothing like it. */
export async function examplePictures(page: Page, picture: Picture): Promise<void> {
  await page.getByText('A1-load-balancer-by-hand').first().waitFor({ timeout: 60_000 });
  await openFile(page, 'F2-chart/templates/service.yaml', 'hop from pod');
  const line = await page.locator('.view-line', { hasText: 'targetPort' }).first().boundingBox();
  await page.mouse.move((line?.x ?? 0) + 190, (line?.y ?? 0) + 9, { steps: 5 });
  await shows(page.locator('.monaco-hover:visible'));
  await picture('chart');
  await page.mouse.move(600, 890);
  await openFile(page, 'A8-local-policy/shop.yaml', '1 of 3 nodes drops');
  await lensOf(page, '1 of 3 nodes drops').first().click();
  const panel = panelOf(page);
  await panel.locator('.rules summary').first().click();
  await panel.locator('.rules[open]').first().scrollIntoViewIfNeeded();
  await picture('rules');
  await policies(page, () => undefined, picture);
}
