import Fraction from 'fraction.js';
import { expect, test } from 'vitest';
import { askablesIn, asksOf, requestOf } from '../../shared/insight/asks.ts';
import { seededRandom } from '../seededRandom.ts';
import { coldWorkspace, tracesOf } from './live.ts';
import { randomEdit, randomWorkspace } from './randomWorkspace.ts';
import { walk } from './walk.ts';
import { follow } from '../follow.ts';

const seed = Number(process.env.SEED ?? 20261121);

// At every tenth step; `npm run incremental` does it at each, and takes many more.
test(`500 steps of a 200-manifest workspace answer as a cold start does (SEED=${seed})`, { timeout: 240_000 }, () => {
  const failure = walk({ seed, count: 500, every: 10 });
  expect(failure === null ? 'all agree' : `SEED=${seed}, step ${failure.step}: ${failure.message}`).toBe('all agree');
});

test(`no text crashes or hangs anything, and probabilities sum to one (SEED=${seed})`, { timeout: 120_000 }, () => {
  const random = seededRandom(seed + 1);
  const written = [...randomWorkspace(random, 30).values()];
  let asked = 0;
  for (let round = 0; round < 400; round++) {
    let text = random.pick(written);
    for (let edits = 1 + random.below(8); edits > 0; edits--) text = randomEdit(random, text);
    const texts = { '/work/a.yaml': text };
    const workspace = coldWorkspace({ texts, folders: ['/work'], chosenProfile: null });
    workspace.findings('/work/a.yaml');
    workspace.lenses('/work/a.yaml');
    tracesOf(workspace, '/work/a.yaml');
    const scene = workspace.sceneOf('/work/a.yaml');
    if (scene === null) throw new Error(`no scene of ${text}`);
    const { model } = scene;
    for (const ask of askablesIn(model).flatMap((askable) => asksOf(model, askable))) {
      const { paths } = follow(model, requestOf(ask, { kind: 'internet' }));
      const sum = paths.reduce((whole, { probability }) => whole.add(probability), new Fraction(0));
      expect(sum.toFraction(), text).toBe('1');
      asked++;
    }
  }
  expect(asked).toBeGreaterThan(300);
});
