import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A real VS Code without a download: the npm package code-server carries the same editor, workbench and extension host,
 * served to a browser. What is installed stays in `.vscode-test/` and is used again.
 */
export const root = join(import.meta.dirname, '..', '..');
const home = join(root, '.vscode-test');
const server = join(home, 'node_modules', 'code-server', 'lib', 'vscode');
const version = '4.139.1';

export interface Workbench {
  readonly origin: string;
  /** The page's address for a folder or a `.code-workspace` file; `tests`: a module to run in the extension host. */
  readonly url: (folder: string, tests?: string) => string;
  readonly stop: () => void;
}

export interface WorkbenchOptions {
  /** Where extensions run: in a process beside the editor's server, or in a worker of the page. */
  readonly host?: 'process' | 'worker';
  /** Whether the folder that is opened is trusted; nobody is asked. */
  readonly isTrusted?: boolean;
}

/** Installs the editor if it isn't there. Throws with the reason where that can't be. */
export function installWorkbench(): void {
  if (existsSync(join(server, 'node_modules')) && existsSync(join(server, 'out', 'server-main.js'))) return;
  mkdirSync(home, { recursive: true });
  if (!existsSync(join(home, 'package.json'))) writeFileSync(join(home, 'package.json'), '{ "private": true }\n');
  run('npm', ['install', `code-server@${version}`, '--ignore-scripts', '--no-audit', '--no-fund'], home);
  run('npm', ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], server);
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status, stderr } = spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr.split('\n').slice(-4).join(' ')}`);
}

/** Starts the editor's server on a free port, its data in a folder of its own that `stop` removes. */
export async function startWorkbench({
  host = 'process',
  isTrusted = true,
}: WorkbenchOptions = {}): Promise<Workbench> {
  const port = await freePort();
  const data = mkdtempSync(join(tmpdir(), 'hoplens-workbench-'));
  mkdirSync(join(data, 'data', 'Machine'), { recursive: true });
  writeFileSync(
    join(data, 'data', 'Machine', 'settings.json'),
    JSON.stringify({ ...settings, ...(isTrusted ? trusting : untrusting), ...(host === 'worker' ? inWorker : {}) }),
  );
  const child = spawn(
    process.execPath,
    [
      'out/server-main.js',
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--without-connection-token',
      '--accept-server-license-terms',
      '--enable-smoke-test-driver',
      '--server-data-dir',
      data,
      '--telemetry-level',
      'off',
      ...(isTrusted ? ['--disable-workspace-trust'] : []),
    ],
    { cwd: server, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  await listening(child);
  const authority = `127.0.0.1:${port}`;
  return {
    origin: `http://${authority}`,
    url(folder, tests) {
      const payload = [['extensionDevelopmentPath', `vscode-remote://${authority}${root}`]];
      if (tests !== undefined) payload.push(['extensionTestsPath', `vscode-remote://${authority}${tests}`]);
      const kind = folder.endsWith('.code-workspace') ? 'workspace' : 'folder';
      const query = new URLSearchParams({ [kind]: folder, payload: JSON.stringify(payload) });
      return `http://${authority}/?${query}`;
    },
    stop() {
      child.kill();
      rmSync(data, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const settings = {
  'workbench.startupEditor': 'none',
  // In a browser VS Code saves by itself after a second: what is edited then can't be reverted.
  'files.autoSave': 'off',
  'editor.minimap.enabled': false,
  'workbench.tips.enabled': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'git.enabled': false,
};

const trusting = { 'security.workspace.trust.enabled': false };
/** Its entry for browsers is taken though it has one for Node, and lies on the editor's server. */
const inWorker = { 'remote.extensionKind': { 'hoplens.hoplens': ['web'] } };
const untrusting = { 'security.workspace.trust.startupPrompt': 'never', 'security.workspace.trust.emptyWindow': false };

function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const hear = (chunk: Buffer): void => {
      output += chunk.toString();
      if (/Extension host agent listening/.test(output)) resolve();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('exit', (code) => reject(new Error(`The editor's server ended with ${code}: ${output.slice(-500)}`)));
    setTimeout(
      () => reject(new Error(`The editor's server didn't start within 60 seconds: ${output.slice(-500)}`)),
      60_000,
    ).unref();
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('No free port.')),
      );
    });
  });
}

/** Chromium where it is installed; null where it isn't. */
export function installedChromium(): string | null {
  const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  return places.find((each) => existsSync(each)) ?? null;
}

/** Debian's Chromium, installed where that is allowed. Null where there is none. */
export function findChromium(): string | null {
  const found = installedChromium();
  if (found !== null) return found;
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) return null;
  spawnSync('apt-get', ['update'], { stdio: 'ignore' });
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return installedChromium();
}
