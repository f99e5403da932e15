import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CallHierarchyItem, WorkspaceEdit } from 'vscode-languageserver/node';
import { type Editor, type Folder, newFolder, pod, service, spawnServer, startEditor } from './editor.ts';

let folder: Folder;
let editor: Editor;

const ingress =
  'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: shop }\n' +
  'spec: { defaultBackend: { service: { name: shop, port: { number: 80 } } } }\n';

beforeAll(async () => {
  folder = newFolder({
    'shop.yaml': service('shop', 'http'),
    'pods.yaml': pod('shop'),
    'ingress.yaml': ingress,
    'apart/kustomization.yaml': 'resources: [shop.yaml]\n',
    'apart/shop.yaml': service('apart', 'http'),
  });
  editor = await startEditor(folder);
});

afterAll(() => editor.stop());

function ask<T>(method: string, file: string, more: object): Promise<T> {
  return editor.connection.sendRequest(method, { textDocument: { uri: folder.at(file) }, ...more });
}

const inBackend = { position: { line: 3, character: ingress.split('\n')[3]?.indexOf('shop') } };
const nameOfService = {
  uri: 'shop.yaml',
  range: { start: { line: 2, character: 18 }, end: { line: 2, character: 22 } },
};
const nameInBackend = {
  uri: 'ingress.yaml',
  range: { start: { line: 3, character: 43 }, end: { line: 3, character: 47 } },
};

function placed<T extends { readonly uri: string }>(place: T): T {
  return { ...place, uri: folder.at(place.uri) };
}

test('the definition of a backend is its Service', async () => {
  expect(await ask('textDocument/definition', 'ingress.yaml', inBackend)).toEqual([placed(nameOfService)]);
});

test('who answers for a Service is its pod', async () => {
  const found = await ask('textDocument/typeDefinition', 'ingress.yaml', inBackend);
  expect(found).toMatchObject([{ uri: folder.at('pods.yaml'), range: { start: { line: 2 } } }]);
});

test('what reaches a Service, and what it reaches', async () => {
  const [item] = await ask<CallHierarchyItem[]>('textDocument/prepareCallHierarchy', 'ingress.yaml', inBackend);
  expect(item).toMatchObject({
    name: 'Service shop',
    uri: folder.at('shop.yaml'),
    selectionRange: nameOfService.range,
  });
  expect(await editor.connection.sendRequest('callHierarchy/incomingCalls', { item })).toMatchObject([
    { from: { name: 'Ingress shop', uri: folder.at('ingress.yaml') }, fromRanges: [nameInBackend.range] },
  ]);
  expect(await editor.connection.sendRequest('callHierarchy/outgoingCalls', { item })).toMatchObject([
    { to: { name: 'Pod shop', detail: expect.stringMatching(/^1 pod, /) } },
  ]);
  const strange = { ...item, data: { object: 'file:///gone.yaml\nService//shop', host: null, port: null } };
  expect(await editor.connection.sendRequest('callHierarchy/outgoingCalls', { item: strange })).toEqual([]);
});

test('who refers to a Service', async () => {
  const context = { includeDeclaration: false };
  const found = await ask('textDocument/references', 'shop.yaml', { position: nameOfService.range.start, context });
  expect(found).toEqual([placed(nameInBackend)]);
});

test('what is the same in a file', async () => {
  const found = await ask('textDocument/documentHighlight', 'ingress.yaml', inBackend);
  expect(found).toEqual([{ range: nameInBackend.range, kind: 2 }]);
});

test('the files that a kustomization names', async () => {
  expect(await ask('textDocument/documentLink', 'apart/kustomization.yaml', {})).toEqual([
    {
      range: { start: { line: 0, character: 12 }, end: { line: 0, character: 21 } },
      target: folder.at('apart/shop.yaml'),
    },
  ]);
});

test('the outline of a file', async () => {
  const range = { start: { line: 3, character: 41 }, end: { line: 3, character: 71 } };
  expect(await ask('textDocument/documentSymbol', 'shop.yaml', {})).toMatchObject([
    {
      name: 'Service shop',
      selectionRange: nameOfService.range,
      children: [{ name: ':80 → http', range, selectionRange: range }],
    },
  ]);
});

test('what is called so in the workspace', async () => {
  const found = await ask('workspace/symbol', 'shop.yaml', { query: 'service shop' });
  expect(found).toMatchObject([{ name: 'Service shop', location: placed(nameOfService) }]);
});

test('a name, and what it is in all files once it is another', async () => {
  const { range } = nameOfService;
  const position = range.start;
  expect(await ask('textDocument/prepareRename', 'shop.yaml', { position })).toEqual({ range, placeholder: 'shop' });
  expect(await ask('textDocument/rename', 'shop.yaml', { position, newName: 'store' })).toEqual({
    changes: {
      [folder.at('shop.yaml')]: [{ range, newText: 'store' }],
      [folder.at('ingress.yaml')]: [{ range: nameInBackend.range, newText: 'store' }],
    },
  });
  await expect(ask('textDocument/rename', 'shop.yaml', { position, newName: 'No!' })).rejects.toThrow(
    '"No!" can\'t be its name',
  );
});

test('what is not sure is asked first, by an editor that can', async () => {
  const other = newFolder({
    'shop.yaml': service('shop', 'http'),
    'pods.yaml': pod('shop'),
    'job.yaml':
      'apiVersion: v1\nkind: Pod\nmetadata: { name: job }\n' +
      'spec: { containers: [{ name: job, env: [{ name: SHOP_URL, value: "http://shop:80/" }] }] }\n',
  });
  const its = await startEditor(other, spawnServer(), {
    documentChanges: true,
    changeAnnotationSupport: { groupsOnLabel: true },
  });
  await its.open(other.at('shop.yaml'), service('shop', 'http'), 7);
  const { documentChanges, changeAnnotations } = await its.connection.sendRequest<WorkspaceEdit>(
    'textDocument/rename',
    {
      textDocument: { uri: other.at('shop.yaml') },
      position: nameOfService.range.start,
      newName: 'store',
    },
  );
  expect(documentChanges).toMatchObject([
    {
      textDocument: { uri: other.at('shop.yaml'), version: 7 },
      edits: [{ range: nameOfService.range, newText: 'store' }],
    },
    { textDocument: { uri: other.at('job.yaml'), version: null }, edits: [{ newText: 'store', annotationId: 'text' }] },
  ]);
  expect(changeAnnotations).toMatchObject({ text: { label: 'In texts', needsConfirmation: true } });
  await its.stop();
});
