import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createProtocolConnection,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import type { FileContent, FolderEntry } from '../../shared/insight/protocol.ts';
import { pathInSandbox, uriInSandbox } from '../../server/sandboxPaths.ts';
import { pod, service, spawnServer } from './editor.ts';

/**
 * Folders that are on no disk of the server: it has their files from the client, as in a browser. Two of them, each
 * with settings of its own.
 */
const files = new Map([
  ['vfs://repo/a/plain/web.yaml', service('web')],
  ['vfs://repo/a/plain/pod.yaml', pod('web')],
  ['vfs://repo/a/node_modules/web.yaml', service('skipped')],
  ['vfs://repo/a/base/kustomization.yaml', 'resources: [web.yaml, pod.yaml]\n'],
  ['vfs://repo/a/base/web.yaml', service('web', 'http')],
  ['vfs://repo/a/base/pod.yaml', pod('web')],
  ['vfs://repo/a/prod/kustomization.yaml', 'resources: [../base]\nnamePrefix: prod-\n'],
  ['vfs://repo/b/web.yaml', service('web')],
  ['vfs://repo/b/pod.yaml', pod('web')],
]);

let settings: Readonly<Record<string, object>> = {
  'vfs://repo/b': { rules: { 'target-port-not-offered': 'error' }, codeLens: ['way'] },
};
const published = new Map<string, PublishDiagnosticsParams['diagnostics']>();
let connection: ProtocolConnection;
const child = spawnServer();
const wait = { timeout: 20_000 };

/** How much one request asks for: each is a journey. */
const asked: number[] = [];

beforeAll(async () => {
  connection = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  connection.onNotification('textDocument/publishDiagnostics', ({ uri, diagnostics }: PublishDiagnosticsParams) => {
    published.set(uri, diagnostics);
  });
  connection.onRequest('hoplens/readFiles', ({ uris }: { uris: string[] }): (FileContent | null)[] => {
    asked.push(uris.length);
    return uris.map((uri) => {
      const text = files.get(uri);
      return text === undefined ? null : { kind: 'text', text };
    });
  });
  connection.onRequest('hoplens/listFolders', ({ uris }: { uris: string[] }): FolderEntry[][] =>
    uris.map((folder) => {
      const inside = [...files.keys()].filter((uri) => uri.startsWith(`${folder}/`));
      const names = inside.map((uri) => uri.slice(folder.length + 1).split('/'));
      return [...new Map(names.map(([name = '', ...rest]) => [name, rest.length > 0])).entries()].map(
        ([name, isFolder]) => ({ name, kind: isFolder ? 'folder' : 'file' }),
      );
    }),
  );
  connection.onRequest('workspace/configuration', ({ items }: { items: { scopeUri?: string }[] }) =>
    items.map(({ scopeUri = '' }) => settings[scopeUri] ?? {}),
  );
  connection.onUnhandledNotification(() => undefined);
  connection.listen();
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: {
      workspace: { configuration: true, workspaceFolders: true },
      experimental: { hoplens: { readsFiles: true, showsTraces: true } },
    },
    workspaceFolders: ['a', 'b'].map((name) => ({ uri: `vfs://repo/${name}`, name })),
  });
  await connection.sendNotification('initialized', {});
});

afterAll(() => {
  connection.dispose();
  child.kill();
});

const said = (uri: string): string[] =>
  (published.get(uri) ?? []).map(({ code, severity = 0 }) => `${String(code)} ${severity}`);

async function lenses(uri: string): Promise<string[]> {
  const found: { command: { title: string } }[] = await connection.sendRequest('textDocument/codeLens', {
    textDocument: { uri },
  });
  return found.map(({ command }) => command.title);
}

test('files are read many at a time, and judged by the settings of their folder', async () => {
  await expect.poll(() => said('vfs://repo/a/plain/web.yaml'), wait).toEqual(['target-port-not-offered 2']);
  await expect.poll(() => said('vfs://repo/b/web.yaml'), wait).toEqual(['target-port-not-offered 1']);
  expect(published.has('vfs://repo/a/node_modules/web.yaml')).toBe(false);
  expect(Math.max(...asked)).toBeGreaterThan(5);
  expect(await lenses('vfs://repo/b/web.yaml')).toEqual(['no way in: no pod offers the targetPort']);
  expect(await lenses('vfs://repo/a/plain/web.yaml')).toContain('Trace request');
});

test('kustomizations are built of them', async () => {
  await expect.poll(() => lenses('vfs://repo/a/base/web.yaml'), wait).toContain('1 hop from pod, no SNAT');
  expect(published.get('vfs://repo/a/prod/kustomization.yaml') ?? []).toEqual([]);
});

test('a change is read again', async () => {
  files.set('vfs://repo/a/plain/web.yaml', service('web', 'http'));
  const changes = [{ uri: 'vfs://repo/a/plain/web.yaml', type: 2 }];
  await connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
  await expect.poll(() => said('vfs://repo/a/plain/web.yaml'), wait).toEqual([]);
});

test('settings that change are asked for again, and what is excluded goes and comes back', async () => {
  settings = { 'vfs://repo/b': { exclude: ['web.yaml'] } };
  await connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
  await expect.poll(() => said('vfs://repo/b/web.yaml'), wait).toEqual([]);
  expect(await lenses('vfs://repo/b/web.yaml')).toEqual([]);
  settings = {};
  await connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
  await expect.poll(() => said('vfs://repo/b/web.yaml'), wait).toEqual(['target-port-not-offered 2']);
});

test.each([
  ['file:///home/me/a%20b/x.yaml', '/home/me/a b/x.yaml'],
  ['memfs:/shop/x.yaml', '/:memfs/shop/x.yaml'],
  ['vscode-vfs://github/me/shop/x.yaml', '/:vscode-vfs:github/me/shop/x.yaml'],
  ['vscode-remote://ssh-remote%2Bhost/x.yaml', '/:vscode-remote:ssh-remote%2Bhost/x.yaml'],
])('%s lies in the sandbox at %s', (uri, path) => {
  expect(pathInSandbox(uri)).toBe(path);
  expect(uriInSandbox(path)).toBe(uri);
});
