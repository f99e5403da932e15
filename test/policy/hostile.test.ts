import { expect, test } from 'vitest';
import { fieldHelpAt } from '../../shared/insight/fieldHelp.ts';
import { reachability } from '../../shared/insight/reachability/reachability.ts';
import { reachLines } from '../../shared/insight/reachability/reachText.ts';
import { Workspace } from '../../shared/insight/workspace.ts';
import { isList, isMap, type MapValue, type Value } from '../../shared/manifest/value.ts';
import { randomPolicySet } from '../oracle/randomPolicySet.ts';
import { type SeededRandom, seededRandom } from '../seededRandom.ts';
import { probed } from './probes.ts';

// Policies of which any value may be anything. `POLICIES=10000 npx vitest run test/policy/hostile.test.ts` takes many.

const policies = Number(process.env.POLICIES ?? 400);
const uri = 'hostile.json';

const nonsense: readonly Value[] = [
  null,
  true,
  0,
  -1,
  2 ** 53,
  1.5,
  '',
  '\u202egnp.exe',
  '<img src=x onerror=alert(1)>',
  '$(bug)',
  'a'.repeat(10_000),
  '10.0.0.0/99',
  '::ffff:10.0.0.1/96',
  '10.244.1.0/24 ',
  '__proto__',
  // Something fills these in later.
  '${LATER}',
  '__LATER__',
  [],
  [null],
  [[]],
  {},
  { constructor: null },
  { matchLabels: null, matchExpressions: [{ key: 'app', operator: 'Between', values: [1, null] }] },
];

/** A value with some of what is in it exchanged. */
function garbled(random: SeededRandom, value: Value, depth = 0): Value {
  if (depth > 1 && random.below(14) === 0) return random.pick(nonsense);
  if (isList(value)) return value.map((each) => garbled(random, each, depth + 1));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]): [string, Value] => [
      depth > 0 && random.below(60) === 0 ? random.pick(['nope', '__proto__', 'podSelector', key.toUpperCase()]) : key,
      garbled(random, each, depth + 1),
    ]),
  );
}

const isPolicy = ({ kind }: MapValue): boolean => String(kind).endsWith('NetworkPolicy');

test(`${policies} policies that say anything break nothing`, { timeout: 600_000 }, () => {
  const objects: MapValue[] = [];
  const { probes, objects: first } = randomPolicySet(seededRandom(1), { hasTiers: true, policies: null });
  objects.push(...first.filter((each) => !isPolicy(each)));
  for (let seed = 2; objects.length < policies; seed++) {
    const random = seededRandom(seed);
    const made = randomPolicySet(random, { hasTiers: true, policies: null }).objects.filter(isPolicy);
    for (const [index, each] of made.entries()) {
      const value = garbled(random, each);
      if (isMap(value)) objects.push({ ...value, metadata: { name: `p-${seed}-${index}` } });
    }
  }
  const workspace = new Workspace([]);
  workspace.put(uri, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 1));
  const found = workspace.findings(uri);
  expect(found.length).toBeGreaterThan(policies / 10);
  expect(workspace.lenses(uri).length).toBeGreaterThan(policies / 10);
  const [scene, file] = [workspace.sceneOf(uri), workspace.file(uri)];
  if (scene === null || file === null) throw new Error('nothing is judged');
  const answers = probes.map((probe) => probed(scene.model, { ...probe, expect: 'allow' }));
  // Of so many of one priority some disagree.
  const open = '{"kind":"unknown","reason":"network-policy"';
  expect(answers.filter((each) => !['allow', 'deny'].includes(each) && !each.startsWith(open))).toEqual([]);
  expect(reachLines(reachability(scene, { from: null, to: null, port: null }), 120).length).toBeGreaterThan(1);
  const lines = file.text.split('\n');
  for (let line = 0; line < lines.length; line += 1 + Math.floor(lines.length / 2000))
    fieldHelpAt(scene, file, { line, character: lines[line]?.search(/\w/) ?? 0 });
});
