import type { SideView } from '../../client/panel/messages.ts';
import { openPage } from './browser.ts';
import { panelCases, type Shown, shownSides } from './panelAnswers.ts';
import { openPanel } from './panelPage.ts';
import { findChromium } from './workbench.ts';

/**
 * How long the built panel takes to draw an answer in a real browser, from the message to the laid out page: the best
 * and the middle one of ten.
 */
const chromium = findChromium();
if (chromium === null) throw new Error('There is no Chromium.');
const { browser, page } = await openPage(chromium);
try {
  for (const [name, shown] of panelCases()) {
    const { sides } = shown.view;
    const cleared: Shown = shownSides(sides.map((side): SideView => ({ ...side, trace: null, message: '' })));
    const alone: Shown = shownSides(sides.map(withoutPaths));
    await openPanel(page, 'light', shown);
    const said: string[] = [];
    for (const [what, each] of [
      ['panel', shown],
      ['diagram alone', alone],
    ] as const) {
      const times: number[] = [];
      for (let turn = 0; turn < 10; turn++) times.push(await page.evaluate(drawing(cleared, each)));
      const [best = 0, , , , middle = 0] = times.toSorted((a, b) => a - b);
      said.push(`${what} ${best.toFixed(0)} to ${middle.toFixed(0)} ms`);
    }
    console.log(`${name}: ${said.join(', ')}`);
  }
} finally {
  await browser.close();
}

function withoutPaths(side: SideView): SideView {
  return side.trace === null ? side : { ...side, trace: { ...side.trace, trace: { ...side.trace.trace, paths: [] } } };
}

/** A script that draws an answer after another one, and says how long that took. */
function drawing(before: object, shown: object): string {
  return `(() => {
    const show = (data) => window.dispatchEvent(new MessageEvent('message', { data }));
    show(${JSON.stringify(before)});
    document.body.getBoundingClientRect();
    const from = performance.now();
    show(${JSON.stringify(shown)});
    document.body.getBoundingClientRect();
    return performance.now() - from;
  })()`;
}
