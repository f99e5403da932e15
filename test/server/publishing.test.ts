import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Editor, type Folder, newFolder, pod, service, startEditor } from './editor.ts';

let folder: Folder;
let editor: Editor;
const wait = { timeout: 10_000 };

beforeAll(async () => {
  folder = newFolder({
    'team/lonely.yaml': service('lonely'),
    'team/shop.yaml': service('shop', 'http'),
    'team/pods.yaml': pod('shop'),
    // What is wrong here has nothing to do with any pod.
    'team/refused.yaml': service('refused', '8080').replace('port: 80,', 'port: 70000,'),
    'team/also.yaml': service('also', 'http'),
    'other/lonely.yaml': service('far'),
    'two/deep/er/lonely.yaml': service('deep'),
  });
  editor = await startEditor(folder);
});

afterAll(() => editor.stop());

test('what is wrong in the workspace is published without a version', () => {
  expect(editor.codes(folder.at('team/lonely.yaml'))).toEqual(['target-port-not-offered']);
  expect(editor.published.every(({ version }) => version === undefined)).toBe(true);
});

test.each(['two', 'two/deep'])('a folder that is deleted takes its problems along: %s', async (name) => {
  const uri = folder.at('two/deep/er/lonely.yaml');
  expect(editor.codes(uri)).toEqual(['target-port-not-offered']);
  folder.remove(name);
  await editor.watched([{ uri: folder.at(name), type: 3 }]);
  await expect.poll(() => editor.codes(uri), wait).toEqual([]);
  expect(await editor.lenses(uri)).toEqual([]);
  folder.write({ 'two/deep/er/lonely.yaml': service('deep') });
  await editor.watched([{ uri: `${folder.at(name)}/`, type: 1 }]);
  await expect.poll(() => editor.codes(uri), wait).toEqual(['target-port-not-offered']);
  expect(await editor.lenses(uri)).not.toEqual([]);
});

test('a folder that is renamed takes its problems along, and what is open in it stays as it is', async () => {
  const [before, after, open] = ['two/deep/er', 'new/er', 'two/deep/er/open.yaml'].map((name) => folder.at(name));
  await editor.open(open ?? '', service('open'));
  await expect.poll(() => editor.codes(open ?? ''), wait).toEqual(['target-port-not-offered']);
  folder.remove('two');
  folder.write({ 'new/er/lonely.yaml': service('deep') });
  await editor.watched([
    { uri: folder.at('two'), type: 3 },
    { uri: folder.at('new'), type: 1 },
  ]);
  await expect.poll(() => editor.codes(`${after}/lonely.yaml`), wait).toEqual(['target-port-not-offered']);
  expect(editor.codes(`${before}/lonely.yaml`)).toEqual([]);
  expect(editor.codes(open ?? '')).toEqual(['target-port-not-offered']);
  await editor.close(open ?? '');
  await expect.poll(() => editor.codes(open ?? ''), wait).toEqual([]);
});

test.each(['node_modules', 'node_modules/chart', '.cache'])(
  'a folder that is left alone stays so: %s',
  async (name) => {
    const uri = folder.at(`${name}/lonely.yaml`);
    folder.write({ [`${name}/lonely.yaml`]: service('strange') });
    await editor.watched([
      { uri: folder.at(name), type: 1 },
      { uri, type: 1 },
    ]);
    await editor.quiet();
    expect(editor.codes(uri)).toBeNull();
  },
);

test('a document that is closed and reopened at once has the diagnostics of its new text', async () => {
  const uri = folder.at('team/lonely.yaml');
  await editor.open(uri, service('lonely'), 1);
  await editor.quiet();
  const from = editor.published.length;
  void editor.close(uri);
  void editor.open(uri, service('lonely', 'http'), 1);
  await editor.quiet();
  expect(editor.published.slice(from).map(({ diagnostics }) => diagnostics.length)).toEqual([0]);
  void editor.close(uri);
  void editor.open(uri, 'apiVersion: v1\nkind: Service\nmetadata: [\n', 5);
  await expect.poll(() => editor.codes(uri), wait).toEqual(['yaml-syntax']);
  expect(editor.last(uri)?.version).toBe(5);
  await editor.close(uri);
  await expect.poll(() => editor.codes(uri), wait).toEqual(['target-port-not-offered']);
  expect(editor.last(uri)).not.toHaveProperty('version');
});

test('an edit publishes the edited file first, with its version, then those that it changes, no other', async () => {
  const uri = folder.at('team/pods.yaml');
  await editor.open(uri, pod('shop'), 7);
  await editor.quiet();
  const from = editor.published.length;
  await editor.change(uri, `${pod('shop', 'else')}---\n${service('mine')}`, 8);
  await editor.quiet();
  const [first, ...others] = editor.published.slice(from);
  expect([first?.uri, first?.version]).toEqual([uri, 8]);
  expect(others.map(({ version }) => version)).toEqual(others.map(() => undefined));
  // Each of these says by which names the pods offer their ports.
  const named = ['new/er/lonely', 'other/lonely', 'team/also', 'team/lonely', 'team/shop'];
  expect(others.map((each) => each.uri).toSorted()).toEqual(named.map((name) => folder.at(`${name}.yaml`)));
  const next = editor.published.length;
  await editor.change(uri, `${pod('shop', 'else')}---\n${service('mine', 'else')}`, 9);
  await editor.quiet();
  expect(editor.published.slice(next).map((each) => [each.uri, each.version])).toEqual([[uri, 9]]);
  await editor.close(uri);
  await editor.quiet();
  expect(editor.codes(folder.at('team/shop.yaml'))).toEqual([]);
});

test('a key in a comment publishes nothing and has no lens asked for again', async () => {
  const uri = folder.at('team/shop.yaml');
  const text = `# A comment\n${service('shop', 'http')}`;
  await editor.open(uri, text, 1);
  await editor.lenses(uri);
  await editor.quiet();
  const [from, refreshes] = [editor.published.length, editor.refreshes()];
  for (let version = 2; version < 12; version++) {
    await editor.change(uri, text.replace('comment', 'comment'.repeat(version)), version);
    await editor.quiet();
  }
  expect(editor.published.slice(from)).toEqual([]);
  expect(editor.refreshes()).toBe(refreshes);
  await editor.close(uri);
  await editor.quiet();
});

test('50 keys at once end in the state of the last one, and what lies between is hardly published', async () => {
  const uri = folder.at('team/shop.yaml');
  await editor.open(uri, service('shop', 'http'), 1);
  await editor.lenses(uri);
  await editor.quiet();
  const from = editor.published.length;
  for (let version = 2; version < 52; version++)
    void editor.change(uri, service('shop', version % 2 === 0 ? 'http' : 'nothing'), version);
  const asked = editor.lenses(uri);
  await editor.quiet();
  expect((await asked).join()).toContain('no pod offers');
  expect(editor.codes(uri)).toEqual(['target-port-not-offered']);
  expect(editor.last(uri)?.version).toBe(51);
  expect(editor.published.length - from).toBeLessThan(10);
  await editor.close(uri);
  await editor.quiet();
});

test('an open file of more than 4 MB is said to be too large until it is smaller', { timeout: 30_000 }, async () => {
  const uri = folder.at('team/large.yaml');
  const filled = (size: number): string => {
    const comment = `# ${'x'.repeat(96)}\n`;
    return service('large') + comment.repeat(Math.floor(size / comment.length));
  };
  await editor.open(uri, filled(4.1 * 1024 * 1024), 1);
  await expect.poll(() => editor.codes(uri), wait).toEqual(['too-large']);
  expect(editor.last(uri)?.version).toBe(1);
  expect(await editor.lenses(uri)).toEqual([]);
  await editor.change(uri, filled(3.9 * 1024 * 1024), 2);
  await expect.poll(() => editor.codes(uri), wait).toEqual(['target-port-not-offered']);
  expect(await editor.lenses(uri)).not.toEqual([]);
  await editor.change(uri, filled(4.1 * 1024 * 1024), 3);
  await expect.poll(() => editor.codes(uri), wait).toEqual(['too-large']);
  await editor.change(uri, service('large', 'http'), 4);
  await expect.poll(() => editor.codes(uri), wait).toEqual([]);
  await editor.change(uri, filled(4.1 * 1024 * 1024), 5);
  await expect.poll(() => editor.codes(uri), wait).toEqual(['too-large']);
  await editor.close(uri);
  await expect.poll(() => editor.codes(uri), wait).toEqual([]);
});
