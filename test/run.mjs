// `npm test`: installs what is missing, then type-checks, lints, and runs every suite. Ends with `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const path = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`;
// On Windows npm and the tools are scripts, which only a shell starts; no argument has a space in it.
const options = { cwd: root, env: { ...process.env, PATH: path }, shell: process.platform === 'win32' };
const run = (command, args) =>
  spawnSync(command, args, { ...options, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;

if (!existsSync(join(root, 'node_modules', '.package-lock.json')) && !run('npm', ['ci', '--no-audit', '--no-fund']))
  process.exit(1);

const steps = [
  ['type check', 'tsc', ['-p', '.']],
  ['type check of the panel', 'tsc', ['-p', 'client/panel']],
  ['format', 'oxfmt', ['--check', '.']],
  // The direction of imports is among its rules: .oxlintrc.json.
  ['lint', 'oxlint', ['--deny-warnings', 'shared', 'server', 'client', 'cli', 'render', 'test']],
  ['build', 'node', ['esbuild.mjs']],
];
let passed = 0;
let failed = 0;
for (const [name, command, args] of steps) {
  const ok = run(command, args);
  console.log(`${ok ? 'ok' : 'FAILED'}: ${name}`);
  if (ok) passed++;
  else failed++;
}
const report = 'node_modules/.cache/vitest.json';
const ok = run('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile=${report}`]);
if (existsSync(join(root, report))) {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(join(root, report), 'utf8'));
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  // Where others' own tests are held against us, the whole of them is a test of its own, which says how many they are.
  for (const { title, status } of results)
    if (status === 'skipped' || status === 'pending') console.log(`not run: ${title}`);
    else if (/^all \d/.test(title)) console.log(`${status === 'passed' ? 'ok' : 'FAILED'}: ${title}`);
  passed += numPassedTests;
  failed += numFailedTests;
}
if (!ok && failed === 0) failed++;
const inEditor = spawnSync('node', ['--disable-warning=ExperimentalWarning', 'test/workbench/run.ts'], {
  ...options,
  stdio: ['ignore', 'pipe', 'inherit'],
  encoding: 'utf8',
});
process.stdout.write(inEditor.stdout);
const counted = /workbench: (\d+) passed, (\d+) failed/.exec(inEditor.stdout);
passed += Number(counted?.[1] ?? 0);
failed += counted === null ? 1 : Number(counted[2]);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
