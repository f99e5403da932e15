import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createProtocolConnection,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { type Folder, newFolder, pod, service, spawnServer } from './editor.ts';

/**
 * `hoplens server --stdio` as other editors speak to it: each says what it can, asks in its own way, and knows nothing
 * of Hoplens' own requests.
 */
interface OtherEditor {
  readonly name: string;
  readonly capabilities: object;
  /** What it sends at the start. */
  readonly initializationOptions?: object;
  /** What it answers to `workspace/configuration`; null where it can't be asked. */
  readonly settings: object | null;
}

const settings = { rules: { 'selector-matches-no-pod': 'info' }, exclude: ['old'] };

/** As their sources say: Neovim runtime/lua/vim/lsp/protocol.lua, Helix helix-lsp/src/client.rs, Zed crates/lsp. */
const neovim: OtherEditor = {
  name: 'Neovim',
  capabilities: {
    workspace: { configuration: true, workspaceFolders: true, diagnostics: { refreshSupport: true } },
    textDocument: { diagnostic: { dynamicRegistration: false, relatedDocumentSupport: true } },
    window: { showDocument: { support: true }, workDoneProgress: true },
  },
  settings,
};
const helix: OtherEditor = {
  name: 'Helix',
  capabilities: {
    workspace: { configuration: true, workspaceFolders: true, diagnostics: { refreshSupport: true } },
    textDocument: { diagnostic: { dynamicRegistration: false } },
    window: { workDoneProgress: true },
  },
  initializationOptions: { hoplens: settings },
  settings,
};
const zed: OtherEditor = {
  name: 'Zed',
  capabilities: {
    workspace: {
      configuration: true,
      workspaceFolders: true,
      diagnostics: { refreshSupport: true },
      didChangeConfiguration: { dynamicRegistration: true },
      codeLens: { refreshSupport: true },
    },
    textDocument: { diagnostic: { dynamicRegistration: true, relatedDocumentSupport: true } },
    window: { workDoneProgress: true },
  },
  settings,
};
const plain: OtherEditor = {
  name: 'an editor that asks for no diagnostics and answers nothing',
  capabilities: {},
  initializationOptions: settings,
  settings: null,
};

interface Started {
  readonly connection: ProtocolConnection;
  readonly folder: Folder;
  readonly published: string[];
  readonly messages: string[];
  readonly refreshes: () => number;
  readonly open: (name: string, text: string) => Promise<void>;
  readonly change: (name: string, text: string, version: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

const files = {
  'shop.yaml': service('shop', '8080'),
  'pods.yaml': pod('shop').replace('app: shop', 'app: shpo'),
  'old/shop.yaml': service('old', 'nothing'),
};

async function start({ capabilities, initializationOptions, settings: own }: OtherEditor): Promise<Started> {
  const folder = newFolder(files);
  const child = spawnServer();
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const published: string[] = [];
  const messages: string[] = [];
  let refreshes = 0;
  connection.onNotification('textDocument/publishDiagnostics', ({ uri }: { uri: string }) => void published.push(uri));
  connection.onNotification('window/showMessage', ({ message }: { message: string }) => void messages.push(message));
  connection.onRequest('workspace/configuration', ({ items }: { items: { section: string }[] }) =>
    items.map(({ section }) => (section === 'hoplens' ? own : null)),
  );
  connection.onRequest('workspace/diagnostic/refresh', () => void refreshes++);
  connection.onRequest('workspace/codeLens/refresh', () => null);
  connection.onRequest('client/registerCapability', () => null);
  connection.onRequest('window/workDoneProgress/create', () => null);
  connection.onUnhandledNotification(() => undefined);
  connection.listen();
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: folder.uri,
    capabilities,
    initializationOptions,
    workspaceFolders: [{ uri: folder.uri, name: 'shop' }],
  });
  await connection.sendNotification('initialized', {});
  return {
    connection,
    folder,
    published,
    messages,
    refreshes: () => refreshes,
    open: (name, text) =>
      connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri: folder.at(name), languageId: 'yaml', version: 1, text },
      }),
    change: (name, text, version) =>
      connection.sendNotification('textDocument/didChange', {
        textDocument: { uri: folder.at(name), version },
        contentChanges: [{ text }],
      }),
    async stop() {
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      connection.dispose();
      folder.remove('.');
    },
  };
}

interface Report {
  readonly kind: string;
  readonly resultId: string;
  readonly items?: readonly { readonly code: string; readonly severity: number }[];
}

const wait = { timeout: 20_000 };

describe.each([neovim, helix, zed])('$name', (editor) => {
  let started: Started;
  beforeAll(async () => {
    started = await start(editor);
  });
  afterAll(() => started.stop());

  test('asks for diagnostics, and none are sent', async () => {
    const { connection, folder, published, refreshes, open, change } = started;
    const uri = folder.at('shop.yaml');
    const ask = (previousResultId?: string): Promise<Report> =>
      connection.sendRequest('textDocument/diagnostic', { textDocument: { uri }, previousResultId });
    await open('shop.yaml', files['shop.yaml']);
    // By the settings it is but an info.
    const said = [{ code: 'selector-matches-no-pod', severity: 3 }];
    await expect.poll(async () => (await ask()).items, wait).toMatchObject(said);
    const { resultId } = await ask();
    expect(await ask(resultId)).toMatchObject({ kind: 'unchanged', resultId });
    // What is found here rests on another file: the editor is told to ask again.
    const before = refreshes();
    await open('pods.yaml', files['pods.yaml']);
    await change('pods.yaml', pod('shop'), 2);
    await expect.poll(refreshes, wait).toBeGreaterThan(before);
    expect(await ask(resultId)).toMatchObject({ kind: 'full', items: [] });
    // The next answer is right though no refresh comes in between.
    await change('pods.yaml', files['pods.yaml'], 3);
    expect((await ask()).items).toMatchObject(said);
    const { items }: { items: readonly (Report & { uri: string })[] } = await connection.sendRequest(
      'workspace/diagnostic',
      { previousResultIds: [] },
    );
    expect(items.map((each) => each.uri)).toEqual([uri]);
    expect(published).toEqual([]);
  });

  test('traces by a command that answers with text', async () => {
    const { connection, folder, messages, change } = started;
    const uri = folder.at('shop.yaml');
    await change('pods.yaml', pod('shop'), 4);
    const [lens]: { command: { title: string; arguments: unknown[] } }[] = await connection.sendRequest(
      'textDocument/codeLens',
      { textDocument: { uri } },
    );
    expect(lens?.command.title).toBe('1 hop from pod, no SNAT');
    const run = (command: object | undefined): Promise<string> =>
      connection.sendRequest('workspace/executeCommand', command);
    const text = await run(lens?.command);
    expect(text).toMatch(/^svc\/shop from pod\n\n1 hop from pod, no SNAT\n[^]*→ pod\/shop .*\n {2}delivered.*\n/);
    expect(text).toContain('(shop.yaml:');
    // Whoever drops a command's answer shows a message.
    expect(messages.map((each) => each.split('\n')[0])).toEqual(['svc/shop from pod']);
    const [action]: { command: object }[] = await connection.sendRequest('textDocument/codeAction', {
      textDocument: { uri },
      range: { start: { line: 3, character: 2 }, end: { line: 3, character: 2 } },
      context: { diagnostics: [] },
    });
    expect(action?.command).toEqual({
      title: 'Trace svc/shop: 1 hop from pod, no SNAT',
      command: 'hoplens.trace',
      arguments: lens?.command.arguments,
    });
    const typed = { command: 'hoplens.trace', arguments: [uri, 'svc/shop', 'pod/shop'] };
    expect(await run(typed)).toMatch(/^svc\/shop from pod\/shop\n/);
    expect(await run({ command: 'hoplens.trace', arguments: [{ uri, target: 'svc/' }] })).toMatch(/svc\/NAME/);
    await expect(run({ command: 'hoplens.trace' })).rejects.toThrow(/takes/);
  });
});

test('an editor that asks for none is sent them, by the settings that it sends', async () => {
  const { published, folder, open, stop } = await start(plain);
  await open('shop.yaml', files['shop.yaml']);
  await expect.poll(() => published, wait).toContain(folder.at('shop.yaml'));
  expect(published).not.toContain(folder.at('old/shop.yaml'));
  await stop();
});
