import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { newFolder, root } from '../server/editor.ts';

const web = `apiVersion: v2
kind: Service
metadata: { name: web, annotations: { a: true } }
spec: { ports: [{ port: 80, nodePort: 80 }], type: NodePort } # é
`;
const mended = web.replace('v2', 'v1').replace('true', '"true"');
const folder = newFolder({
  'one/web.yaml': web,
  'two/web.yaml': web,
  'overlay/kustomization.yaml': 'resources: [../two]\n',
  'two/kustomization.yaml': 'resources: [web.yaml]\n',
});
afterAll(() => folder.remove('.'));

function lint(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync('node', ['--disable-warning=ExperimentalWarning', join(root, 'cli/main.ts'), 'lint', ...args], {
    cwd: folder.path,
    encoding: 'utf8',
  });
}

function textOf(name: string): string {
  return readFileSync(join(folder.path, name), 'utf8');
}

test('lint --fix mends what it was asked for, says so, and its status is of what is left', { timeout: 60_000 }, () => {
  const { status, stdout, stderr } = lint('--fix', 'one');
  expect(textOf('one/web.yaml')).toBe(mended);
  expect(stderr.split('\n').slice(0, 2)).toEqual([
    'one/web.yaml:1:13: mended: Write v1 [no-such-api-version]',
    'one/web.yaml:3:42: mended: Put it in quotes [quotes-missing]',
  ]);
  expect(stdout).toContain('[node-port-out-of-range]');
  expect(stdout).not.toContain('[quotes-missing]');
  expect(status).toBe(1);
  // Of a base that wasn't named, nothing is changed.
  lint('--fix', 'overlay');
  expect(textOf('two/web.yaml')).toBe(web);
});
