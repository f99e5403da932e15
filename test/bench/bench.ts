import { parseAllDocuments } from 'yaml';
import { lensesOf } from '../../shared/insight/lenses.ts';
import { Workspace } from '../../shared/insight/workspace.ts';
import { randomWorkspace } from '../incremental/randomWorkspace.ts';
import { seededRandom } from '../seededRandom.ts';

/** `npm run bench`: medians and ratios of one run. A keystroke's answer is its file's lenses and diagnostics, fresh. */
const seed = Number(process.env.SEED ?? 1);

function cold(texts: ReadonlyMap<string, string>): Workspace {
  const workspace = new Workspace(['/work']);
  for (const [uri, text] of texts) workspace.put(uri, text);
  for (const set of workspace.sets()) workspace.scene(set);
  return workspace;
}

function timed(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

function percentile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Types a character into a comment, then changes a number: each is one keystroke. */
function keystrokes(texts: Map<string, string>, flat: string, count: number): number[] {
  const workspace = cold(texts);
  const random = seededRandom(seed);
  const uris = [...texts.keys()].filter((uri) => uri.includes('app-'));
  return Array.from({ length: count }, (_, index) => {
    const uri = random.pick(uris);
    const text =
      (texts.get(uri) ?? '').replace(/replicas: \d+/, `replicas: ${1 + (index % 4)}`) +
      (index % 2 === 0 ? '# x\n' : '');
    return timed(() => {
      workspace.put(uri, text);
      const scene = workspace.sceneOf(uri);
      if (scene !== null) lensesOf(scene, uri);
      workspace.findings(uri);
    });
  }).slice(flat === '' ? 0 : 5);
}

console.log(`seed ${seed}, Node ${process.version}`);
for (const count of [1000, 10_000]) {
  const texts = randomWorkspace(seededRandom(seed), count);
  const bare = Array.from({ length: 3 }, () =>
    timed(() => {
      for (const text of texts.values())
        for (const document of parseAllDocuments(text)) if ('toJS' in document) document.toJS();
    }),
  );
  const start = Array.from({ length: 3 }, () => timed(() => cold(texts)));
  console.log(
    `${count} manifests, cold start: ${percentile(start, 0.5).toFixed(0)} ms, ${(percentile(start, 0.5) / percentile(bare, 0.5)).toFixed(2)} × the yaml library's ${percentile(bare, 0.5).toFixed(0)} ms`,
  );
  const times = keystrokes(texts, 'teams', 205);
  console.log(
    `${count} manifests in teams' folders, keystroke to answer: median ${percentile(times, 0.5).toFixed(2)} ms, 95th percentile ${percentile(times, 0.95).toFixed(2)} ms`,
  );
}
// The worst shape: every manifest in one set.
const one = new Map(
  [...randomWorkspace(seededRandom(seed), 1000)]
    .filter(([uri]) => uri.includes('app-'))
    .map(([uri, text]) => [
      `/work/one/${uri.slice(6).replace('/', '-')}`,
      text.replaceAll(/app-(\d)/g, `${uri.split('/')[2] ?? ''}-$1`),
    ]),
);
const inOne = keystrokes(
  new Map([...one].map(([uri, text]) => [uri.replace(/\.yaml$/, '-app-.yaml'), text])),
  'one',
  105,
);
console.log(
  `1000 manifests in one set, keystroke to answer: median ${percentile(inOne, 0.5).toFixed(2)} ms, 95th percentile ${percentile(inOne, 0.95).toFixed(2)} ms`,
);
