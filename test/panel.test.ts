import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FromPanel } from '../client/panel/messages.ts';
import { openPage } from './workbench/browser.ts';
import { crowd, panelCases, type Shown, shownOf, workspaceOf } from './workbench/panelAnswers.ts';
import { openPanel, pickTheme, type ThemeName, themeNames } from './workbench/panelPage.ts';
import { installedChromium, root } from './workbench/workbench.ts';

// The panel as it is built, in a real browser. `npm test` builds it before.

const chromium = installedChromium();
const lack =
  chromium === null
    ? 'there is no Chromium'
    : existsSync(join(root, 'dist', 'panel.js'))
      ? null
      : 'the panel is not built: npm run build';

/** Hundreds of paths that are all alike take axe minutes. */
function withFewPaths({ kind, view }: Shown): Shown {
  const sides = view.sides.map((side) => {
    const { trace } = side;
    if (trace === null) return side;
    return { ...side, trace: { ...trace, trace: { ...trace.trace, paths: trace.trace.paths.slice(0, 6) } } };
  });
  return { kind, view: { ...view, sides } };
}

test.runIf(lack !== null)(`not run: the panel in a browser: ${lack}`, () => undefined);

describe.skipIf(lack !== null)('the panel', () => {
  let browser: Browser;
  let page: Page;
  const cases = new Map(panelCases().map(([name, shown]) => [name, withFewPaths(shown)]));

  beforeAll(async () => {
    ({ browser, page } = await openPage(chromium ?? ''));
  });
  afterAll(async () => {
    await browser.close();
  });

  async function open(name: string, theme: ThemeName = 'light'): Promise<void> {
    const shown = cases.get(name);
    if (shown === undefined) throw new Error(`no case ${name}`);
    await openPanel(page, theme, shown);
  }
  const focusedName = (): Promise<string> => page.evaluate("document.activeElement?.getAttribute('aria-label') ?? ''");

  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  async function violations(of: 'all' | 'colours' = 'all'): Promise<string[]> {
    if (await page.evaluate("typeof axe === 'undefined'")) await page.addScriptTag({ path: axe });
    const options = of === 'all' ? {} : { runOnly: ['color-contrast', 'link-in-text-block'] };
    const found: AxeResults = await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`);
    return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
  }

  test.each([...cases.keys()])('axe finds nothing in %s, in any theme', async (name) => {
    await open(name);
    await page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))");
    const box = page.locator('.picture .box');
    if ((await box.count()) > 0) await box.last().focus();
    expect(await violations()).toEqual([]);
    // A theme is colours and nothing else.
    for (const theme of themeNames.filter((each) => each !== 'light')) {
      await pickTheme(page, theme);
      expect({ theme, found: await violations('colours') }).toEqual({ theme, found: [] });
    }
  });

  test('axe finds nothing in the reply, and with forced colours', async () => {
    await open('local');
    await page.getByRole('button', { name: 'Reply' }).click();
    await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
    expect(await violations()).toEqual([]);
    await page.emulateMedia({ forcedColors: 'none', reducedMotion: 'no-preference' });
  });

  test('the arrow keys go along the way, Enter shows the line', async () => {
    await open('local');
    await page.locator('.picture [tabindex="0"]').focus();
    const heard = [await focusedName()];
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowDown', 'ArrowDown']) {
      await page.keyboard.press(key);
      heard.push(await focusedName());
    }
    expect(heard).toMatchInlineSnapshot(`
      [
        "client, 198.51.100.7",
        "step 1 of 3: client to lb/shop: 198.51.100.7 → 203.0.113.84:80",
        "lb/shop, 203.0.113.84",
        "step 2 of 3: lb/shop to node/node-1: 1/2 · 50 %; 198.51.100.7 → 192.168.0.11:30080; DNAT, was 203.0.113.84:80",
        "step 2 of 3: lb/shop to node/node-2: 1/2 · 50 %; 198.51.100.7 → 192.168.0.12:30080; DNAT, was 203.0.113.84:80",
        "step 2 of 3: lb/shop to node/node-2: 1/2 · 50 %; 198.51.100.7 → 192.168.0.12:30080; DNAT, was 203.0.113.84:80",
      ]
    `);
    await page.keyboard.press('Enter');
    const said: readonly FromPanel[] = await page.evaluate('said');
    expect(said.at(-1)).toMatchObject({ kind: 'open', line: 6 });
  });

  test('the step buttons say where they are', async () => {
    await open('local');
    for (const _ of [1, 2]) await page.getByRole('button', { name: 'Step ›' }).click();
    expect(await page.locator('.diagram .spoken').innerText()).toMatch(/^step 2 of 3: lb\/shop to node\/node-1: 1\/2/);
    expect(await page.locator('.step').innerText()).toBe('step 2 of 3');
  });

  test('a fold is opened by a click, and closed again', async () => {
    await open('fifty');
    const boxes = page.locator('.picture .box');
    const before = await boxes.count();
    await boxes.filter({ hasText: '17 pods' }).first().click();
    expect(await boxes.count()).toBe(before + 12);
    await page.getByRole('button', { name: 'Fold' }).click();
    expect(await boxes.count()).toBe(before);
  });

  test('a box of a crowd opens some of its nodes', async () => {
    await open('crowd');
    await page.locator('.picture .box', { hasText: '100 nodes' }).click();
    expect(await page.locator('.picture .frame-title').allTextContents()).toEqual([
      'node-1',
      'node-2',
      'node-3',
      'node-4',
      '96 nodes: node-5 …',
    ]);
  });

  test('it is drawn at real size, in letters that can be read, and zooms by key', async () => {
    await open('fifty');
    const picture = page.locator('.picture');
    const sizeOf = (): Promise<number> => picture.evaluate((svg) => svg.getBoundingClientRect().width);
    const real = await picture.evaluate((svg) => Number(svg.getAttribute('viewBox')?.split(' ')[2]));
    expect(await sizeOf()).toBeCloseTo(real, 0);
    const sizes: readonly number[] = await page.evaluate(
      "[...document.querySelectorAll('.picture text')].map((each) => parseFloat(getComputedStyle(each).fontSize))",
    );
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(11);
    await page.locator('.picture [tabindex="0"]').focus();
    await page.keyboard.press('+');
    expect(await sizeOf()).toBeCloseTo(real * 1.2, 0);
    await page.keyboard.press('0');
    expect(await sizeOf()).toBeCloseTo(real, 0);
  });

  test('no text is wider than what it stands in', async () => {
    for (const name of ['local', 'gateway', 'two-tiers', 'dropping']) {
      await open(name);
      const over = await page.locator('.picture .box, .picture .frame').evaluateAll((all) =>
        all.flatMap((each) => {
          const around = each.querySelector('rect:not(.more)')?.getBoundingClientRect();
          return [...each.querySelectorAll('text')]
            .filter((text) => text.getBoundingClientRect().right > (around?.right ?? 0))
            .map(({ textContent }) => textContent);
        }),
      );
      expect(over).toEqual([]);
    }
  });

  test('hostile names are text', async () => {
    await open('hostile', 'dark');
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.evaluate('said')).toEqual([{ kind: 'ready' }]);
    const written = await page.locator('.as-text').textContent();
    expect(written).toContain('pod/<img src=x onerror="said.push(1)">$(bug)\\u202exxx');
    expect(written).not.toContain('\u202e');
    expect((await page.locator('.picture').boundingBox())?.width).toBeLessThan(2000);
  });

  test("it speaks the editor's language; what the engine says is English", async () => {
    await openPanel(page, 'light', shownOf(workspaceOf(crowd(3, 3, 'Local')), 'svc/web'), {
      'Copy or save…': 'Kopieren & "sichern"…',
      'asked from {0}': 'gefragt von {0}',
      '{0} to {1}: {2}': 'von {0} zu {1}: {2}',
    });
    await page.getByRole('button', { name: 'Kopieren & "sichern"…' }).waitFor();
    expect(await page.locator('header .asked').innerText()).toBe('gefragt von internet');
    expect(await page.locator('.picture .arrow').first().getAttribute('aria-label')).toContain(
      ': von client zu lb/web: ',
    );
    expect(await page.locator('.summary').innerText()).toBe('2 hops from LB, source preserved');
    expect(await page.getByRole('button', { name: 'What if…' }).count()).toBe(1);
  });

  test('the exported picture stands alone, in its colours, and says why a request is denied', async () => {
    await open('shut in', 'dark');
    const { outputFiles } = await build({
      absWorkingDir: root,
      entryPoints: ['client/panel/exportedSvg.ts'],
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'exported',
    });
    await page.addScriptTag({ content: outputFiles[0]?.text ?? '' });
    const svg: string = await page.evaluate("exported.exportedSvg(document.querySelector('.picture'))");
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg).not.toMatch(/var\(|class=|tabindex/);
    expect(svg).toMatch(/<desc>NetworkPolicy default-deny lets nothing from .*\(web.yaml:\d+\)<\/desc>/);
    await page.setContent(svg);
    expect(await page.evaluate("getComputedStyle(document.querySelector('svg text')).fill")).toBe('rgb(191, 191, 191)');
  });

  test('the verdict is spoken when it is another, and not at each refresh', async () => {
    await open('compared');
    await page.evaluate(`
      globalThis.heard = [];
      new MutationObserver(() => heard.push(document.querySelector('[role=status]').textContent))
        .observe(document.querySelector('[role=status]'), { childList: true, characterData: true, subtree: true });
    `);
    for (const name of ['compared', 'compared', 'what-if']) await show(page, cases.get(name));
    expect(await page.evaluate('heard')).toEqual(['2 hops from LB, source preserved, 1/3 dropped.']);
  });

  test('what is open stays open, and the focus where it is, while the trace follows an edit', async () => {
    await open('what-if');
    const assumptions = page.locator('.assumptions');
    await assumptions.locator('summary').click();
    await page.locator('.paths > li > details > summary').last().click();
    const isOpen = (): Promise<boolean[]> =>
      page.locator('details').evaluateAll((all) => all.map((each) => each.hasAttribute('open')));
    await page.waitForTimeout(200);
    const before = await isOpen();
    await page.getByRole('button', { name: 'What if…' }).focus();
    await show(page, cases.get('what-if'));
    await show(page, cases.get('what-if'));
    expect(await isOpen()).toEqual(before);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('What if…');
  });

  test('a request is changed by its form; a header that is none is said there', async () => {
    await open('what-if');
    await page.getByText('Change request').click();
    await page.getByLabel('Headers').fill('X-Env');
    await page.getByLabel('Method').fill('POST');
    await page.keyboard.press('Enter');
    expect(await page.getByRole('alert').innerText()).toContain("this one can't be read: X-Env");
    await page.getByLabel('Headers').fill('X-Env: canary');
    await page.getByRole('button', { name: 'Trace' }).click();
    const said: readonly FromPanel[] = await page.evaluate('said');
    expect(said.at(-1)).toMatchObject({
      kind: 'ask',
      side: 0,
      request: {
        target: 'svc/web',
        whatIf: ['node/node-1=just-drained'],
        details: { method: 'POST', protocol: 'TCP', headers: { 'x-env': 'canary' } },
      },
    });
  });

  test('where there is more of the picture than is in view, it fades', async () => {
    await page.setViewportSize({ width: 400, height: 900 });
    await open('gates');
    const edges = page.locator('.edges');
    await expect.poll(() => edges.getAttribute('class')).toContain('more-right');
    await page.locator('.viewport').evaluate((each) => each.scrollTo(each.scrollWidth, 0));
    await expect.poll(() => edges.getAttribute('class')).toMatch(/^edges more-left/);
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  test('every control has a name and is reached by Tab, in a panel as narrow as it gets', async () => {
    await page.setViewportSize({ width: 360, height: 900 });
    await open('compared');
    const controls = await page
      .locator('button, summary, input, select, textarea')
      .evaluateAll((all) =>
        all.filter((each) => each.checkVisibility()).map((each) => each.getBoundingClientRect().right),
      );
    expect(Math.max(...controls)).toBeLessThanOrEqual(360);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    const names: string[] = [];
    for (let at = 0; at < 6; at++) {
      await page.keyboard.press('Tab');
      names.push(await page.evaluate('document.activeElement.textContent'));
    }
    expect(names).toEqual(['Keep left', 'Keep right', 'Pin', 'From internet', 'What if…', 'Copy or save…']);
    await page.setViewportSize({ width: 1440, height: 900 });
  });
});

async function show(page: Page, message: Shown | undefined): Promise<void> {
  await page.evaluate(`window.postMessage(${JSON.stringify(message)}, '*')`);
  await page.evaluate('new Promise((resolve) => setTimeout(resolve, 50))');
}
