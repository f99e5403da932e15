import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openPage } from '../workbench/browser.ts';
import { suiteIn, suiteOf } from '../workbench/suites.ts';
import { findChromium, installWorkbench, startWorkbench } from '../workbench/workbench.ts';
import { goal, measuredAs, type Run } from './station.ts';
import type { Measured } from './table.ts';

/** How often the editor is opened for it. */
const times = 3;

/** How long VS Code waits for the extension itself: in its real extension host, each time in a new window. */
export async function activation(run: Run, folder: string): Promise<Measured[]> {
  const row = { row: 17, what: "activation in VS Code's extension host", goal: goal(100, null) };
  const executable = findChromium();
  if (executable === null) return [measuredAs(row, { values: [], notes: ['not measured: there is no Chromium'] })];
  installWorkbench();
  const [values, work]: [number[], number[]] = [[], []];
  const suite = await suiteOf('activation', 'node');
  const empty = join(folder, 'empty');
  mkdirSync(empty, { recursive: true });
  const workbench = await startWorkbench();
  const { browser } = await openPage(executable);
  try {
    for (let time = 0; time < times; time++) {
      run.say(`  window ${time + 1} of ${times}`);
      const page = await browser.newPage();
      await suiteIn(page, workbench.url(empty, suite), (line) => {
        const [, milliseconds, worked] = /^activation: ([\d.]+) ms, ([\d.]+)/.exec(line) ?? [];
        if (milliseconds === undefined) return;
        values.push(Number(milliseconds));
        work.push(Number(worked));
      });
      await page.close();
    }
  } finally {
    await browser.close();
    workbench.stop();
  }
  return [measuredAs(row, { values, work, notes: values.length === times ? [] : ['not every window said it'] })];
}
