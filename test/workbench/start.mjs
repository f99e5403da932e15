// `npm start`: installs, builds, and opens a real VS Code with the extension and the examples in it.
// `--no-open` starts the browser workbench and prints its address alone.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const root = new URL('../..', import.meta.url).pathname;
const environment = { ...process.env, PATH: `${root}node_modules/.bin:${process.env.PATH}` };
const run = (command, args) => spawnSync(command, args, { cwd: root, stdio: 'inherit', env: environment }).status ?? 1;

if (!existsSync(`${root}node_modules/.package-lock.json`) && run('npm', ['install', '--no-audit', '--no-fund']) !== 0)
  process.exit(1);
if (run('node', ['esbuild.mjs']) !== 0) process.exit(1);
const isHeadless = process.argv.includes('--no-open');
const desktop = spawnSync('code', ['--version'], { stdio: 'ignore' }).status === 0;
if (desktop && !isHeadless)
  process.exit(run('code', ['--new-window', `--extensionDevelopmentPath=${root}`, `${root}examples`]));
process.exit(
  run('node', ['--disable-warning=ExperimentalWarning', 'test/workbench/start.ts', ...process.argv.slice(2)]),
);
