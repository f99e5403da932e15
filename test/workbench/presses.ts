import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { type Check, choose, command, goTo, openFile, picks, pressUntil, shows, tabOf, typeIn } from './person.ts';

const name = 'A0-pressed';
const text = `apiVersion: v1
kind: Service
metadata: { name: web, annotations: { team: 12 } }
spec:
  type: LoadBalancer
  selector: { app: web }
  ports: [{ port: 80, targetPort: http }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: web, ports: [{ name: http, containerPort: 8080 }] }] }
`;

const printed = `apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Node
    metadata: { name: node-a }
    status: { addresses: [{ type: InternalIP, address: 192.168.0.21 }] }
`;

/** A Service with a mistake that is mended in one way. */
export function writePressed(folder: string): void {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'web.yaml'), text);
}

/** What is pressed in a manifest, and from the command palette. */
export async function presses(page: Page, url: string, check: Check): Promise<void> {
  await page.goto(url);
  await page.locator('.monaco-workbench .explorer-folders-view').waitFor({ timeout: 60_000 });
  await page.getByText('A1-load-balancer-by-hand').first().waitFor({ timeout: 60_000 });
  await openFile(page, `${name}/web.yaml`, 'hops from LB');
  const line = (words: string) => page.locator('.view-line', { hasText: words });

  const actions = page.locator('.action-widget .monaco-list-row');
  const act = async (at: readonly [line: number, column: number], title: RegExp): Promise<void> => {
    await goTo(page, ...at);
    // As long as nothing is found there yet, nothing is offered.
    await pressUntil(page, ['Control+.'], actions);
    for (let times = 0; times < 20; times++) {
      if ((await actions.and(page.locator('.focused')).filter({ hasText: title }).count()) > 0) break;
      await page.keyboard.press('ArrowDown');
    }
    await page.keyboard.press('Enter');
  };
  await act([3, 43], /^Ignore /);
  check('a finding is ignored, with room for the reason', await shows(line('hoplens-ignore quotes-missing')));
  await command(page, 'File: Revert File');
  await shows(line('hoplens-ignore'), 0);
  await act([3, 43], /^Put it in quotes/);
  check('a quick fix mends it', await shows(line('team: "12"')));
  await command(page, 'File: Revert File');
  await shows(line('team: "12"'), 0);
  await command(page, 'Fix All');
  check('fix all mends what can be meant in one way', await shows(line('team: "12"')));
  await command(page, 'File: Revert File');

  await openFile(page, 'E1-gateway/shop.yaml', '3 hops from LB');
  await page.keyboard.press('Control+Shift+o');
  await typeIn(page, '@cart');
  check('symbols of a file name Services and hosts', await shows(picks(page, 'Service cart')));
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+t');
  await typeIn(page, '#Service shop');
  check('symbols of the workspace name Services of all sets', await shows(picks(page, 'Service shop')));
  await page.keyboard.press('Escape');

  await openFile(page, 'F1-overlays/overlays/prod/kustomization.yaml', 'prod');
  await goTo(page, 7, 12);
  await command(page, 'Open Link');
  check('what a kustomization names is a link', await shows(tabOf(page, 'client-address.yaml')));

  await command(page, 'Hoplens: Trace request');
  await typeIn(page, 'svc/shop');
  check('svc/NAME is understood', await shows(picks(page, 'svc/shop')));
  await page.keyboard.press('Escape');

  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(printed)})`);
  await command(page, 'Hoplens: Create profile from cluster');
  await choose(page, 'Take what is on the clipboard');
  check('a profile is made of what kubectl printed', await shows(line('192.168.0.21')));

  await command(page, 'Hoplens: Get started');
  check('the walkthrough opens with the puzzle', await shows(page.getByText('How many hops?')));
}
