import { rendererBeside } from '../../render/beside.ts';
import { checkedIn, foldersMissing, misled } from './originsOf.ts';

/**
 * `npm run origins`: changes the text at the place that a built value leads to, builds again, and asks whether the
 * value is another. COUNT values of each build (12), by chance from SEED (1), of the repositories that NAME is part of.
 */
const missing = foldersMissing();
if (missing !== null) {
  console.log(`skipped: ${missing}`);
  process.exit(0);
}
const [seed, count] = [Number(process.env.SEED ?? 1), Number(process.env.COUNT ?? 12)];
const renderer = rendererBeside({ mostMilliseconds: 60_000 });
const checked = await checkedIn(renderer, process.env.NAME ?? '', { seed, count });
renderer.stop();
const wrong = misled(checked);
for (const line of wrong) console.log(line);
const judged = checked.filter(({ outcome }) => outcome !== 'unjudged').length;
console.log(
  `${judged - wrong.length} of ${judged} values lead to the line that decides them ` +
    `(${checked.length - judged} changes couldn't be built; SEED=${seed})`,
);
process.exitCode = (judged - wrong.length) / judged >= 0.98 ? 0 : 1;
