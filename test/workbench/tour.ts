import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import {
  type Check,
  choose,
  comes,
  goTo,
  isInEditor,
  lensOf,
  openFile,
  panelOf,
  press,
  pressUntil,
  rename,
  shows,
  tabOf,
} from './person.ts';
import { root } from './workbench.ts';

/** Takes a picture where somebody wants one. */
export type Picture = (name: string) => Promise<void>;

const base = 'kustomize/base';
/** Where the pointer points at nothing: in the status bar. */
const nowhere = [600, 890] as const;
/** What the team that takes the tour put in front of the shop. */
const ingress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: frontend
                port:
                  name: http
`;

/** Copies microservices-demo (GoogleCloudPlatform) to a folder, with an Ingress; false where it isn't at hand. */
export function copyDemo(folder: string): boolean {
  const corpus = join(root, '..', 'shared', 'corpus');
  const name = existsSync(corpus)
    ? readdirSync(corpus).find((each) => each.endsWith('__microservices-demo'))
    : undefined;
  if (name === undefined) return false;
  cpSync(join(corpus, name), folder, { recursive: true });
  writeFileSync(join(folder, base, 'ingress.yaml'), ingress);
  const kustomization = join(folder, base, 'kustomization.yaml');
  writeFileSync(kustomization, readFileSync(kustomization, 'utf8').replace(/^resources:\n/m, '$&- ingress.yaml\n'));
  return true;
}

/**
 * Somebody who has never seen Hoplens opens microservices-demo: finds the way in, traces it, asks what if node-2 is
 * down, compares, jumps to the line, looks around there, and renames a port across files.
 */
export async function tour(page: Page, folder: string, check: Check, picture: Picture): Promise<void> {
  await page.locator('.activitybar .action-label[aria-label^="Hoplens"]').first().click({ timeout: 60_000 });
  await page.mouse.move(...nowhere);
  const view = page.locator('.pane', { has: page.locator('.pane-header', { hasText: /entry points/i }) });
  const row = (text: string): Locator => view.locator('.monaco-list-row', { hasText: text });
  const kustomize = row('kustomize').filter({ hasText: '2 ways in' }).first();
  await kustomize.waitFor({ timeout: 90_000 });
  await shows(view.locator('.message', { hasText: 'Building' }), 0);
  await picture('entry-points');
  await kustomize.click();
  // It unfolds, and then the first way in of it has the focus.
  await comes(async () => {
    if ((await row('frontend-external').and(page.locator('.focused')).count()) > 0) return true;
    await page.keyboard.press('ArrowRight');
    return false;
  });
  await page.keyboard.press('Enter');
  const isTraced = await shows(tabOf(page, 'Trace: svc/frontend-external'));
  check('demo: Enter on a way in of the side bar traces it', isTraced);
  const panel = panelOf(page);
  await panel.locator('.summary').waitFor({ timeout: 60_000 });
  await picture('trace');

  await page.mouse.move(...nowhere);
  await press(panel, 'What if…');
  await picture('what-if-menu');
  await choose(page, 'node-2 is down');
  check('demo: what if node-2 is down', await shows(panel.locator('.chip', { hasText: 'node-2 is down' })));
  await picture('what-if');
  await panel.locator('.chip button').press('Enter');
  await shows(panel.locator('.chip'), 0);
  await press(panel, 'Compare…');
  await choose(page, 'node-2 is down');
  check('demo: compared with node-2 down', await shows(panel.locator('.comparison caption')));
  await picture('compare');
  await press(panel, 'Keep left');
  await shows(panel.locator('.side'), 1);

  await panel.locator('.picture [tabindex="0"]').focus();
  for (let times = 0; times < 5; times++) await page.keyboard.press('ArrowRight');
  await picture('step');
  await page.keyboard.press('Enter');
  check('demo: Enter leads from a step to its line', await shows(tabOf(page, 'frontend.yaml')));
  await isInEditor(page);
  await picture('line');

  await goTo(page, ...placeOf(folder, 'frontend.yaml', 'type: LoadBalancer', 'LoadBalancer'));
  const hover = page.locator('.monaco-hover:visible', { hasText: 'load balancer' });
  check('demo: a hover says what it does', await pressUntil(page, ['Control+k', 'Control+i'], hover));
  await picture('hover');
  await page.keyboard.press('Escape');

  await openFile(page, `${base}/ingress.yaml`, 'hops from LB');
  await goTo(page, ...placeOf(folder, 'ingress.yaml', 'name: frontend', 'frontend'));
  await page.keyboard.press('Shift+End');
  await page.keyboard.press('Delete');
  await page.keyboard.press('Control+Space');
  const offered = page.locator('.suggest-widget .monaco-list-row');
  check('demo: completion has the Services', await shows(offered.filter({ hasText: 'checkoutservice' })));
  await page.keyboard.press('Control+Space');
  await picture('completion');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+z');
  await shows(page.locator('.view-line', { hasText: 'name: frontend' }));
  await lensOf(page, 'hops from LB').first().waitFor({ timeout: 60_000 });

  await page.keyboard.press('Shift+Alt+h');
  const calls = page.locator('.composite.viewlet .monaco-list-row');
  check('demo: a call hierarchy shows who reaches a Service', await shows(calls.filter({ hasText: 'Ingress shop' })));
  await picture('call-hierarchy');

  await goTo(page, ...placeOf(folder, 'ingress.yaml', 'name: http', 'http'));
  const preview = page.locator('.bulk-edit-panel .monaco-list-row');
  const isAsked = await rename(page, 'web', preview.filter({ hasText: 'frontend.yaml' }));
  check('demo: what other sets share is asked first', isAsked);
  for (const file of ['frontend.yaml', 'ingress.yaml'])
    await preview.filter({ hasText: file }).locator('.edit-checkbox').click();
  await picture('rename');
  await page.locator('.bulk-edit-panel').getByRole('button', { name: 'Apply' }).press('Enter');
  const named = page.locator('.view-line', { hasText: 'name: web' });
  check('demo: a port is renamed in the Ingress', await shows(named));
  await tabOf(page, 'frontend.yaml').click();
  check('demo: and in the Service, which is another file', await shows(named));
  await page.keyboard.press('Control+z');
  check('demo: and taken back', await shows(named, 0));
}

/** Line and column, from 1, of a word in its surroundings, in one of the base's files. */
function placeOf(folder: string, file: string, surroundings: string, word: string): [line: number, column: number] {
  const text = readFileSync(join(folder, base, file), 'utf8');
  const before = text.slice(0, text.indexOf(surroundings) + surroundings.indexOf(word)).split('\n');
  return [before.length, (before.at(-1) ?? '').length + 1];
}
