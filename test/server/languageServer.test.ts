import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createProtocolConnection,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, 'examples', 'A8-local-policy');
const uri = pathToFileURL(join(folder, 'shop.yaml')).href;

let child: ChildProcess;
let connection: ProtocolConnection;
const diagnostics = new Map<string, { message: string; code: string }[]>();

beforeAll(async () => {
  child = spawn('node', ['--disable-warning=ExperimentalWarning', 'cli/main.ts', 'server', '--stdio'], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (child.stdout === null || child.stdin === null) throw new Error('no pipe');
  connection = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  connection.onNotification(
    'textDocument/publishDiagnostics',
    (params: { uri: string; diagnostics: { message: string; code: string }[] }) =>
      void diagnostics.set(params.uri, params.diagnostics),
  );
  connection.listen();
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'example' }],
  });
  await connection.sendNotification('initialized', {});
});

afterAll(async () => {
  await connection.sendRequest('shutdown');
  await connection.sendNotification('exit');
  connection.dispose();
});

async function open(text: string, at = uri): Promise<void> {
  await connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri: at, languageId: 'yaml', version: 1, text },
  });
}

async function titles(at = uri): Promise<string[]> {
  const lenses: { command: { title: string } }[] = await connection.sendRequest('textDocument/codeLens', {
    textDocument: { uri: at },
  });
  return lenses.map(({ command }) => command.title);
}

test('the workspace is read in the background, and its profile counts', async () => {
  await expect.poll(() => titles(), { timeout: 10_000 }).toContain('2 hops from LB, 1 of 3 nodes drops');
});

test('an open document wins over the disk until it is closed', async () => {
  await open(
    'apiVersion: v1\nkind: Service\nmetadata: { name: shop }\n' +
      'spec: { selector: { app: shop }, ports: [{ port: 80 }] }\n---\napiVersion: v1\nkind: Pod\n' +
      'metadata: { name: shop, labels: { app: shop } }\n',
  );
  expect(await titles()).toContain('1 hop from pod, no SNAT');
  await connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  await expect.poll(() => titles(), { timeout: 5000 }).toContain('2 hops from LB, 1 of 3 nodes drops');
});

test('the custom requests list what can be traced, and trace it', async () => {
  const { targets, origins }: { targets: { target: string }[]; origins: { from: string }[] } =
    await connection.sendRequest('hoplens/targets', { uri });
  expect(targets.map(({ target }) => target)).toEqual(['svc/shop']);
  expect(origins.map(({ from }) => from)).toEqual([
    'internet',
    'pod',
    'deploy/shop',
    'pod/shop-0',
    'pod/shop-1',
    'pod/shop-2',
    'node/node-1',
    'node/node-2',
    'node/node-3',
  ]);
  const answer = await connection.sendRequest('hoplens/trace', { uri, target: 'svc/shop', from: 'internet' });
  expect(answer).toMatchObject({
    kind: 'trace',
    trace: { version: 1, summary: { text: '2 hops from LB, source preserved' } },
  });
  expect(await connection.sendRequest('hoplens/trace', { uri, target: '???', from: 'internet' })).toMatchObject({
    kind: 'unreadable',
  });
});

test('a fix writes the ReferenceGrant that is missing, and an annotation is completed', async () => {
  const at = pathToFileURL(join(folder, 'route.yaml')).href;
  await open(
    'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: shop, namespace: web }\nspec:\n' +
      '  rules:\n    - backendRefs: [{ name: cart, namespace: shop, port: 80 }]\n---\napiVersion: v1\n' +
      'kind: Service\nmetadata:\n  name: web\n  annotations:\n    azure-load-balancer-int\n',
    at,
  );
  const range = { start: { line: 5, character: 46 }, end: { line: 5, character: 46 } };
  const actions: { title: string; edit: { changes: Record<string, { newText: string }[]> } }[] =
    await connection.sendRequest('textDocument/codeAction', {
      textDocument: { uri: at },
      range,
      context: { diagnostics: [] },
    });
  expect(actions.map(({ title, edit }) => [title, edit.changes[at]?.[0]?.newText.split('\n')[1]])).toEqual([
    ['Add a ReferenceGrant for Service cart', 'kind: ReferenceGrant'],
    ['Ignore reference-grant-missing here', ''],
  ]);
  const { items }: { items: { label: string }[] } = await connection.sendRequest('textDocument/completion', {
    textDocument: { uri: at },
    position: { line: 12, character: 27 },
  });
  expect(items.map(({ label }) => label)).toContain('service.beta.kubernetes.io/azure-load-balancer-internal');
  await connection.sendNotification('textDocument/didClose', { textDocument: { uri: at } });
});

test('hostile text costs nothing but its own lenses', async () => {
  const bad = pathToFileURL(join(folder, 'bad.yaml')).href;
  const bombs = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...Array.from(
      { length: 9 },
      (_, index) =>
        `${String.fromCharCode(98 + index)}: &${String.fromCharCode(98 + index)} ` +
        `[${`*${String.fromCharCode(97 + index)},`.repeat(9)}]`,
    ),
  ].join('\n');
  await open(
    `apiVersion: v1\nkind: Service\n${bombs}\n---\napiVersion: v1\nkind: Pod\nspec: ${'['.repeat(5000)}\n`,
    bad,
  );
  await expect
    .poll(() => diagnostics.get(bad)?.map(({ code }) => code), { timeout: 10_000 })
    .toEqual(['yaml-too-large', 'yaml-too-deep']);
  await connection.sendNotification('textDocument/didClose', { textDocument: { uri: bad } });
  await expect.poll(() => titles(), { timeout: 5000 }).toContain('2 hops from LB, 1 of 3 nodes drops');
});
