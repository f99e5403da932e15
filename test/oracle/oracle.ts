import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { iptablesRules } from '../../shared/network/kubeProxy/iptablesRules.ts';
import { difference, digest } from './compare.ts';
import { question } from './question.ts';
import { randomModel } from './randomModel.ts';

/**
 * `npm run oracle`: random clusters from a seed; our rules for a node beside those of kube-proxy's own packages.
 * With KEEP=1, the digests of its first answers are kept for the tests that run without Go.
 */
const mostKept = 300;
const first = Number(process.env.SEED ?? 1);
const count = Number(process.env.COUNT ?? 2000);
const built = join(import.meta.dirname, '..', '..', '.vscode-test', 'oracle');

mkdirSync(join(built, '..'), { recursive: true });
const build = spawnSync('go', ['build', '-mod=readonly', '-o', built, '.'], { cwd: import.meta.dirname, stdio: ['ignore', 'inherit', 'inherit'] });
if (build.status !== 0) {
  console.log('skipped: the oracle could not be built; it needs Go');
  process.exit(build.error === undefined ? 1 : 0);
}

const child = spawn(built, { stdio: ['pipe', 'pipe', 'inherit'] });
const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
const kept: [number, string][] = [];
let agreed = 0;
for (let seed = first; seed < first + count; seed++) {
  const { model, node } = randomModel(seed);
  child.stdin.write(`${JSON.stringify(question(model, node))}\n`);
  const { value } = await answers.next();
  const answer: { rules?: string; error?: string } = JSON.parse(String(value));
  const found = answer.rules === undefined ? answer.error ?? 'no answer' : difference(iptablesRules(model, node, 'IPv4'), answer.rules);
  if (found !== null) {
    console.log(`seed ${seed}, ${node.name}: ${found}\nTo replay: SEED=${seed} COUNT=1 npm run oracle`);
    break;
  }
  agreed++;
  if (kept.length < mostKept && answer.rules !== undefined) kept.push([seed, digest(answer.rules)]);
}
child.stdin.end();
if (process.env.KEEP === '1') writeFileSync(join(import.meta.dirname, 'agreement.json'), `{ "version": "v1.36.3", "package": "k8s.io/kubernetes/pkg/proxy/iptables", "answers": [\n${kept.map((each) => JSON.stringify(each)).join(',\n')}\n] }\n`);
console.log(`${agreed} of ${count} random clusters agree with kube-proxy (seeds ${first} to ${first + count - 1})`);
process.exit(agreed === count ? 0 : 1);
