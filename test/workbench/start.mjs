// `npm start`: installs, builds, and opens a real VS Code with the extension and the examples in it.
// `--no-open` starts the browser workbench and prints its address alone.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const path = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`;
// On Windows npm and code are scripts, which only a shell starts: there a path is quoted.
const isWindows = process.platform === 'win32';
const options = { cwd: root, env: { ...process.env, PATH: path }, shell: isWindows };
const quoted = (text) => (isWindows ? `"${text}"` : text);
const run = (command, args) => spawnSync(command, args, { ...options, stdio: 'inherit' }).status ?? 1;

if (
  !existsSync(join(root, 'node_modules', '.package-lock.json')) &&
  run('npm', ['ci', '--no-audit', '--no-fund']) !== 0
)
  process.exit(1);
if (run('node', ['esbuild.mjs']) !== 0) process.exit(1);
const isHeadless = process.argv.includes('--no-open');
const desktop = spawnSync('code', ['--version'], { stdio: 'ignore', shell: isWindows }).status === 0;
if (desktop && !isHeadless) {
  const opened = [`--extensionDevelopmentPath=${root}`, join(root, 'examples')];
  process.exit(run('code', ['--new-window', ...opened.map(quoted)]));
}
process.exit(
  run('node', ['--disable-warning=ExperimentalWarning', 'test/workbench/start.ts', ...process.argv.slice(2)]),
);
