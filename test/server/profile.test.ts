import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type JudgedSetAnswer, judgedSetMethod } from '../../shared/insight/protocol.ts';
import { type Editor, type Folder, newFolder, pod, service, startEditor } from './editor.ts';

const profile = (node: string): string =>
  `apiVersion: hoplens.dev/v1alpha1\nkind: ClusterProfile\nmetadata: { name: ${node} }\n` +
  `spec: { nodes: [{ name: ${node} }] }\n`;

let folder: Folder;
let elsewhere: Folder;
let editor: Editor;
const said: string[] = [];

beforeAll(async () => {
  folder = newFolder({
    'shop.yaml': `${service('shop', 'http')}---\n${pod('shop')}`,
    'hoplens.yaml': profile('own'),
    'profiles/large.yaml': profile('large'),
    '.config/hoplens.yaml': profile('hidden'),
    'dist/pod.yaml': pod('other'),
  });
  elsewhere = newFolder({ 'hoplens.yaml': profile('elsewhere') });
  editor = await startEditor(folder);
  editor.connection.onNotification('window/showMessage', ({ message }: { message: string }) => void said.push(message));
});

afterAll(async () => {
  await editor.stop();
  elsewhere.remove('.');
});

/** The nodes of the cluster that the folder is judged in. */
async function nodes(): Promise<string[]> {
  const { origins }: { origins: { from: string }[] } = await editor.connection.sendRequest('hoplens/targets', {
    uri: folder.at('shop.yaml'),
  });
  return origins.flatMap(({ from }) => (from.startsWith('node/') ? [from.slice('node/'.length)] : []));
}

async function choose(path: string): Promise<void> {
  said.length = 0;
  await editor.connection.sendNotification('workspace/didChangeConfiguration', {
    settings: { hoplens: { profile: path } },
  });
}

test.each<[string, () => string, string, boolean]>([
  ['one of the workspace', () => 'profiles/large.yaml', 'large', false],
  ['one in a folder that is skipped', () => '.config/hoplens.yaml', 'hidden', false],
  ['one outside of the workspace', () => join(elsewhere.path, 'hoplens.yaml'), 'elsewhere', false],
  ['a file that is not there', () => 'profiles/lagre.yaml', 'own', true],
  ['a file without a profile', () => 'dist/pod.yaml', 'own', true],
  ['none', () => '', 'own', false],
])('hoplens.profile names %s', async (_, path, node, isSaid) => {
  await choose(path());
  expect(await nodes()).toEqual([node]);
  expect(said).toEqual(isSaid ? [expect.stringContaining('there is no ClusterProfile in that file')] : []);
});

test('hoplens.profile: assumed leaves every profile out', async () => {
  await choose('assumed');
  expect(await nodes()).toEqual(['node-1', 'node-2', 'node-3']);
  expect(said).toEqual([]);
  const judged: JudgedSetAnswer = await editor.connection.sendRequest(judgedSetMethod, { uri: folder.at('shop.yaml') });
  expect(judged).toMatchObject({ profile: null, nodes: { count: 3, isAssumed: true } });
  expect(judged?.profiles.map(({ name }) => name).toSorted()).toEqual(['large', 'own']);
  await choose('');
});

test('a chosen profile in a folder that is skipped follows its file', async () => {
  await choose('.config/hoplens.yaml');
  folder.write({ '.config/hoplens.yaml': profile('edited') });
  await editor.watched([{ uri: folder.at('.config/hoplens.yaml'), type: 2 }]);
  await expect.poll(nodes).toEqual(['edited']);
});
