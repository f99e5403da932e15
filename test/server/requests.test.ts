import { afterAll, beforeAll, expect, test } from 'vitest';
import { CancellationTokenSource, LSPErrorCodes, ResponseError } from 'vscode-languageserver/node';
import { type Editor, type Folder, newFolder, pause, pod, service, startEditor } from './editor.ts';

let folder: Folder;
let editor: Editor;
let uri: string;

beforeAll(async () => {
  folder = newFolder({ 'shop.yaml': service('shop', 'http'), 'pods.yaml': pod('shop') });
  editor = await startEditor(folder);
  uri = folder.at('shop.yaml');
  await editor.open(uri, service('shop', 'http'), 1);
  await editor.open(folder.at('pods.yaml'), pod('shop'), 1);
});

afterAll(() => editor.stop());

const position = { line: 3, character: 30 };
const start = { line: 0, character: 0 };
const requests: readonly (readonly [string, object])[] = [
  ['textDocument/codeLens', {}],
  ['textDocument/hover', { position }],
  ['textDocument/codeAction', { range: { start, end: start }, context: { diagnostics: [] } }],
  ['textDocument/definition', { position }],
  ['textDocument/references', { position, context: { includeDeclaration: true } }],
  ['textDocument/documentHighlight', { position }],
  ['textDocument/documentLink', {}],
  ['textDocument/documentSymbol', {}],
  ['textDocument/rename', { position: { line: 2, character: 20 }, newName: 'store' }],
  ['hoplens/targets', {}],
  ['hoplens/trace', { target: 'svc/shop', from: 'internet' }],
];

/** The code that a request is refused with; null where it is answered. */
async function refusal(answer: Promise<unknown>): Promise<number | null> {
  return answer.then(
    () => null,
    (error: unknown) => (error instanceof ResponseError ? error.code : Number.NaN),
  );
}

let version = 1;

/** The server is at this for so long that what is sent meanwhile waits. */
async function keepBusy(): Promise<void> {
  version++;
  await editor.change(folder.at('pods.yaml'), `${pod('shop')}${`# ${version}\n`.repeat(150_000)}`, version);
}

test.each(requests)('%s is answered, but not for a version that is no more', async (method, params) => {
  const request = { textDocument: { uri }, uri, ...params };
  expect(await refusal(editor.connection.sendRequest(method, request))).toBeNull();
  await keepBusy();
  const old = refusal(editor.connection.sendRequest(method, request));
  // Others come between.
  const between = refusal(editor.connection.sendRequest('hoplens/targets', { uri: folder.at('pods.yaml') }));
  void editor.change(uri, `# ${method}\n${service('shop', 'http')}`, ++version);
  const now = refusal(editor.connection.sendRequest(method, request));
  expect([await old, await between, await now]).toEqual([LSPErrorCodes.ContentModified, null, null]);
});

test.each(requests)('%s that is cancelled is answered as cancelled', async (method, params) => {
  await keepBusy();
  const source = new CancellationTokenSource();
  const answer = refusal(
    editor.connection.sendRequest(method, { textDocument: { uri }, uri, ...params }, source.token),
  );
  source.cancel();
  expect(await answer).toBe(LSPErrorCodes.RequestCancelled);
});

// As they come over the pipe: what is wrong with one costs that one alone.
const wrong: readonly (readonly [string, string])[] = [
  ['text that is no JSON', '{"jsonrpc": "2.0", "method": '],
  ['a list', '[1, 2]'],
  ['null', 'null'],
  ['a method that is no text', '{"jsonrpc":"2.0","id":900,"method":5}'],
  ['a request of an unknown method', '{"jsonrpc":"2.0","id":901,"method":"textDocument/unheardOf","params":{}}'],
  ['a notification of an unknown method', '{"jsonrpc":"2.0","method":"unheard/of","params":[1]}'],
  ['an answer that nobody asked for', '{"jsonrpc":"2.0","id":902,"result":1}'],
  ['a request without parameters', '{"jsonrpc":"2.0","id":903,"method":"textDocument/hover"}'],
  ...['5', '{}', '[]', 'null', '"text"', '{"uri":5}'].flatMap((document) =>
    [
      'textDocument/codeLens',
      'textDocument/hover',
      'textDocument/codeAction',
      'textDocument/completion',
      'textDocument/definition',
      'textDocument/references',
      'textDocument/documentHighlight',
      'textDocument/documentLink',
      'textDocument/documentSymbol',
      'textDocument/prepareRename',
      'textDocument/rename',
      'workspace/symbol',
      'hoplens/trace',
      'textDocument/didOpen',
      'textDocument/didChange',
      'textDocument/didClose',
    ].map((method) => {
      const id = method.includes('did') ? '' : '"id":904,';
      const params = `{"textDocument":${document},"uri":${document},"contentChanges":3}`;
      return [`${method} of ${document}`, `{"jsonrpc":"2.0",${id}"method":"${method}","params":${params}}`] as const;
    }),
  ),
  ...['null', '{"changes":5}', '{"changes":[{"uri":7,"type":1},{"type":"x"}]}', '{"settings":[1]}'].flatMap((params) =>
    ['workspace/didChangeWatchedFiles', 'workspace/didChangeConfiguration', 'workspace/didChangeWorkspaceFolders'].map(
      (method) => [`${method} of ${params}`, `{"jsonrpc":"2.0","method":"${method}","params":${params}}`] as const,
    ),
  ),
];

test.each(wrong)('it lives on after %s', async (_, message) => {
  editor.child.stdin.write(`Content-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`);
  expect(await refusal(editor.connection.sendRequest('hoplens/targets', { uri }))).toBeNull();
  expect(editor.child.exitCode).toBeNull();
});

test.each([
  'untitled:Untitled-1',
  'git:/shop.yaml?ref=main',
  'vscode-notebook-cell:/a.ipynb#1',
  'https://example.com/shop.yaml',
  'file:///%zz/%00.yaml',
  'file://server/share/shop.yaml',
  '::',
  '',
])("a document at %s doesn't end the server", async (strange) => {
  await editor.open(strange, service('strange', 'http'), 1);
  await editor.change(strange, service('strange'), 2);
  await refusal(editor.connection.sendRequest('textDocument/codeLens', { textDocument: { uri: strange } }));
  await editor.watched([
    { uri: strange, type: 1 },
    { uri: strange, type: 3 },
  ]);
  await editor.close(strange);
  await editor.watched([{ uri: strange, type: 2 }]);
  await pause(20);
  expect(await editor.lenses(uri)).not.toEqual([]);
  expect(editor.child.exitCode).toBeNull();
});
