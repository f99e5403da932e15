import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

/** A file that is named itself is judged whatever it holds; in a folder, another program's YAML is left alone. */
const folder = mkdtempSync(join(tmpdir(), 'hoplens-'));
afterAll(() => rmSync(folder, { recursive: true }));

const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n';
const bomb = Array.from({ length: 25 }, (_, at) => `m${at + 1}: &m${at + 1} {<<: [*m${at}, *m${at}], k: *m${at}}\n`);
const texts = {
  'broken.yaml': 'a: [\n',
  'second.yaml': `${manifest}---\na: [\n`,
  'template.yaml': 'a: {{ .Values.a }}\n',
  'other.yaml': 'a: [1]\n',
  'notes.md': '# a: [\nb: [\n',
  'bomb.yaml': `m0: &m0 {a: b}\n${bomb.join('')}`,
};
for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);

test.each([
  ['broken YAML', ['broken.yaml'], ['broken.yaml yaml-syntax']],
  ['a broken document beside a manifest', ['second.yaml'], ['second.yaml yaml-syntax']],
  [
    'several files',
    ['broken.yaml', 'other.yaml', 'second.yaml'],
    ['broken.yaml yaml-syntax', 'second.yaml yaml-syntax'],
  ],
  ["another program's template", ['template.yaml'], []],
  ["another program's YAML", ['other.yaml'], []],
  ['what is no YAML by its name', ['notes.md'], []],
  ['nested merge keys', ['bomb.yaml'], ['bomb.yaml yaml-too-large']],
  ['their folder', ['.'], ['bomb.yaml yaml-too-large']],
])('lint of %s', (_, paths, expected) => {
  const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts');
  const args = ['--disable-warning=ExperimentalWarning', main, 'lint', '--format', 'json', ...paths];
  const { status, stdout } = spawnSync('node', args, { cwd: folder, encoding: 'utf8' });
  const found = JSON.parse(stdout) as readonly { readonly file: string; readonly rule: string }[];
  expect([...new Set(found.map(({ file, rule }) => `${file} ${rule}`))]).toEqual(expected);
  expect(status).toBe(expected.length > 0 ? 1 : 0);
});
