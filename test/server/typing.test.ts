import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CompletionList, InlayHint } from 'vscode-languageserver/node';
import { type Editor, type Folder, newFolder, pod, service, startEditor } from './editor.ts';

let folder: Folder;
let editor: Editor;

/** Names that would do something if anybody took them for more than text. */
const hostile = ['<img onerror=alert(1)>', '$(bug)', 'a\u202etxt', `n${'o'.repeat(10_000)}`];

beforeAll(async () => {
  folder = newFolder({
    'shop.yaml': service('shop', 'http'),
    'pods.yaml': pod('shop'),
    'hostile.yaml': hostile.map((name) => service(JSON.stringify(name), JSON.stringify(name))).join('---\n'),
  });
  editor = await startEditor(folder);
});

afterAll(() => editor.stop());

async function open(name: string, text: string): Promise<void> {
  folder.write({ [name]: text });
  await editor.open(folder.at(name), text);
}

test('a backend is completed while nothing of it can be read yet', async () => {
  const text =
    'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: shop }\n' +
    'spec:\n  defaultBackend:\n    service:\n      name: sh\n      port\n';
  await open('ingress.yaml', text);
  const { items }: CompletionList = await editor.connection.sendRequest('textDocument/completion', {
    textDocument: { uri: folder.at('ingress.yaml') },
    position: { line: 6, character: 14 },
  });
  expect(items[0]).toEqual({
    label: 'shop',
    kind: 18,
    detail: 'Service in default, 1 endpoint',
    documentation: '80 → 8080',
    filterText: 'shop',
    sortText: '0000',
    textEdit: {
      range: { start: { line: 6, character: 12 }, end: { line: 6, character: 14 } },
      newText: 'shop',
    },
  });
  const written = items.map(({ label, textEdit }) => ({ label, text: textEdit?.newText }));
  for (const name of hostile) {
    const label = name.replace('\u202e', String.raw`\u202e`);
    expect(written).toContainEqual({ label, text: name.startsWith('no') ? name : JSON.stringify(name) });
  }
});

async function hints(name: string, [from, to]: readonly [number, number]): Promise<InlayHint[]> {
  return editor.connection.sendRequest('textDocument/inlayHint', {
    textDocument: { uri: folder.at(name) },
    range: { start: { line: from, character: 0 }, end: { line: to, character: 0 } },
  });
}

test('hints of the lines that are seen lead to where they come from, and are refreshed', async () => {
  await editor.open(folder.at('shop.yaml'), service('shop', 'http'));
  expect(await hints('shop.yaml', [0, 2])).toEqual([]);
  const label = [
    {
      value: '→ 8080',
      tooltip: 'Pod shop',
      location: {
        uri: folder.at('pods.yaml'),
        range: { start: { line: 3, character: 93 }, end: { line: 3, character: 97 } },
      },
    },
  ];
  expect(await hints('shop.yaml', [3, 4])).toContainEqual({
    position: { line: 3, character: 69 },
    kind: 1,
    paddingLeft: true,
    label,
  });
  await editor.quiet();
  const before = editor.hintRefreshes();
  await editor.open(folder.at('pods.yaml'), pod('shop').replace('8080', '9090'), 2);
  await editor.quiet();
  expect(editor.hintRefreshes()).toBe(before + 1);
  expect(JSON.stringify(await hints('shop.yaml', [3, 4]))).toContain('→ 9090');
});

test('hints of hostile names are short texts', async () => {
  await editor.open(
    folder.at('hostile.yaml'),
    hostile.map((name) => service('web', JSON.stringify(name))).join('---\n'),
  );
  await editor.open(
    folder.at('pods.yaml'),
    hostile.map((name, index) => pod(`p${index}`, JSON.stringify(name))).join('---\n'),
    3,
  );
  for (const { label } of await hints('hostile.yaml', [0, 100]))
    for (const part of Array.isArray(label) ? label : []) expect(part.value.length).toBeLessThan(62);
});

test('with hints off, none are given', async () => {
  await editor.connection.sendNotification('workspace/didChangeConfiguration', {
    settings: { hoplens: { inlayHints: 'off' } },
  });
  expect(await hints('shop.yaml', [0, 9])).toEqual([]);
});
