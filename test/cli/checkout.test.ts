import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { newFolder, root } from '../server/editor.ts';

/**
 * The GitHub Action and the pre-commit hook, run from a copy of this checkout by the very commands of their files.
 * Only what npm would download is linked instead.
 */
const isWindows = process.platform === 'win32';
const service = `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: NodePort, ports: [{ port: 80, nodePort: 80 }] }
`;
const folder = newFolder({
  'workspace/base/web.yaml': service,
  'workspace/base/kustomization.yaml': 'resources: [web.yaml]\nnamePrefix: my-\n',
  'workspace/fine and well/config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\n',
  'bin/npm': `#!/bin/sh
case "$1" in
ci | install) ln -s "${root}/node_modules" node_modules ;;
*)
  PATH=\${PATH#*:}
  exec npm "$@"
  ;;
esac
`,
});
const [checkout, workspace] = [join(folder.path, 'checkout'), join(folder.path, 'workspace')];
for (const name of readdirSync(root))
  if (!['node_modules', '.git', 'dist', 'test', 'examples', 'docs', '.vscode-test'].includes(name))
    cpSync(join(root, name), join(checkout, name), { recursive: true });
chmodSync(join(folder.path, 'bin/npm'), 0o755);
const PATH = [join(folder.path, 'bin'), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
/** `npx vitest` says in the environment where it is itself. */
const own = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'));
const environment = { ...Object.fromEntries(own), PATH };
afterAll(() => folder.remove('.'));

interface Step {
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly 'working-directory'?: string;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the action's steps as GitHub's runner does, up to the first that fails; what the last of them said. */
function runAction(given: Readonly<Record<string, string>>): Answer {
  const { inputs, runs }: Action = parse(readFileSync(join(checkout, 'action.yml'), 'utf8'));
  const filled = (text: string): string =>
    text.replace(/\$\{\{ (?:inputs\.([\w-]+)|github\.action_path) \}\}/g, (_, name?: string) =>
      name === undefined ? checkout : (given[name] ?? inputs[name]?.default ?? ''),
    );
  let last: Answer = { status: null, stdout: '', stderr: '' };
  for (const { run, env = {}, 'working-directory': directory } of runs.steps) {
    if (run === undefined || (run.startsWith('npm ci') && existsSync(join(checkout, 'node_modules')))) continue;
    folder.write({ 'step.sh': filled(run) });
    const stepsOwn = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, filled(value)]));
    last = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', join(folder.path, 'step.sh')], {
      cwd: directory === undefined ? workspace : filled(directory),
      env: { ...environment, ...stepsOwn },
      encoding: 'utf8',
    });
    if (last.status !== 0) break;
  }
  return last;
}

test.skipIf(isWindows)('the action annotates, and fails as it is told', { timeout: 120_000 }, () => {
  const { status, stdout, stderr } = runAction({});
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^::error file=base\/web\.yaml,line=4,endLine=4,col=\d+,endColumn=\d+,title=node-port-out/);
  expect(status).toBe(1);
  expect(runAction({ paths: 'fine and well\n' })).toEqual(expect.objectContaining({ status: 0, stdout: '' }));
  const options = '--rule=node-port-out-of-range=off\n';
  expect(runAction({ options, format: 'sarif', output: join(folder.path, 'hoplens.sarif') }).status).toBe(0);
  expect(JSON.parse(readFileSync(join(folder.path, 'hoplens.sarif'), 'utf8')).runs[0].results).toEqual([]);
});

/** Source: pre-commit/pre-commit pre_commit/languages/node.py `install_environment` (4.2). */
test.skipIf(isWindows)('the pre-commit hook runs from what npm packs', { timeout: 120_000 }, () => {
  const [hook]: readonly { readonly entry: string }[] = parse(
    readFileSync(join(checkout, '.pre-commit-hooks.yaml'), 'utf8'),
  );
  const npm = (...args: readonly string[]): string =>
    spawnSync('npm', args, { cwd: checkout, env: environment, encoding: 'utf8' }).stdout;
  if (!existsSync(join(checkout, 'node_modules')))
    npm('install', '--include=dev', '--include=prod', '--ignore-prepublish', '--no-progress', '--no-save');
  const packed = npm('pack').trim();
  spawnSync('tar', ['xzf', packed], { cwd: checkout });
  const { bin }: { readonly bin: Readonly<Record<string, string>> } = JSON.parse(
    readFileSync(join(checkout, 'package', 'package.json'), 'utf8'),
  );
  const [name = '', ...args] = hook?.entry.split(' ') ?? [];
  const { status, stdout } = spawnSync('node', [join(checkout, 'package', bin[name] ?? ''), ...args], {
    cwd: workspace,
    env: environment,
    encoding: 'utf8',
  });
  expect(stdout).toMatch(/^base\/web\.yaml:4:\d+: error: .*\[node-port-out-of-range\]\n$/);
  expect(status).toBe(1);
});
