import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  InitializeRequest,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type ServerCapabilities,
  StreamMessageReader,
  StreamMessageWriter,
  type WorkspaceEditClientCapabilities,
} from 'vscode-languageserver/node';

export const root = join(import.meta.dirname, '..', '..');

/** A folder of files for one test. */
export interface Folder {
  readonly path: string;
  readonly uri: string;
  at(name: string): string;
  write(files: Readonly<Record<string, string>>): void;
  remove(name: string): void;
}

export function newFolder(files: Readonly<Record<string, string>>): Folder {
  // On macOS the folder for temporary files is a link.
  const path = realpathSync.native(mkdtempSync(join(tmpdir(), 'hoplens-')));
  const folder: Folder = {
    path,
    uri: pathToFileURL(path).href,
    at: (name) => pathToFileURL(join(path, name)).href,
    write(more) {
      for (const [name, text] of Object.entries(more)) {
        mkdirSync(dirname(join(path, name)), { recursive: true });
        writeFileSync(join(path, name), text);
      }
    },
    remove: (name) => rmSync(join(path, name), { recursive: true, force: true }),
  };
  folder.write(files);
  return folder;
}

/** The editor's end of a connection with a server of its own: what was published, in its order. */
export interface Editor {
  readonly child: ChildProcessWithoutNullStreams;
  readonly connection: ProtocolConnection;
  /** What the server said that it can do. */
  readonly capabilities: ServerCapabilities;
  readonly published: PublishDiagnosticsParams[];
  /** How often lenses were to be asked for anew. */
  readonly refreshes: () => number;
  /** The same of hints. */
  readonly hintRefreshes: () => number;
  last(uri: string): PublishDiagnosticsParams | undefined;
  /** The rules that the last diagnostics of a file name, sorted; null where nothing was published of it. */
  codes(uri: string): string[] | null;
  open(uri: string, text: string, version?: number): Promise<void>;
  /** The whole text anew. */
  change(uri: string, text: string, version: number): Promise<void>;
  close(uri: string): Promise<void>;
  lenses(uri: string): Promise<string[]>;
  watched(changes: readonly { uri: string; type: 1 | 2 | 3 }[]): Promise<void>;
  /** Until all that was sent is heard and nothing more comes. */
  quiet(): Promise<void>;
  /** Ends the server; the folder stays. */
  end(): Promise<void>;
  /** Ends the server, and the folder goes. */
  stop(): Promise<void>;
}

export const serverCommand = [
  '--disable-warning=ExperimentalWarning',
  join(root, 'cli', 'main.ts'),
  'server',
  '--stdio',
] as const;

export function spawnServer(command: readonly string[] = serverCommand): ChildProcessWithoutNullStreams {
  const child = spawn('node', command, { cwd: root, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => undefined);
  child.stderr.on('data', (data: Buffer) => process.stderr.write(data));
  return child;
}

/** `workspaceEdit`: what the editor can take of edits. */
export async function startEditor(
  folder: Folder,
  child = spawnServer(),
  workspaceEdit: WorkspaceEditClientCapabilities = {},
): Promise<Editor> {
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const published: PublishDiagnosticsParams[] = [];
  let refreshes = 0;
  let hintRefreshes = 0;
  let isRead = false;
  connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
    published.push(params);
  });
  connection.onRequest('workspace/codeLens/refresh', () => {
    refreshes++;
    return null;
  });
  connection.onRequest('workspace/inlayHint/refresh', () => {
    hintRefreshes++;
    return null;
  });
  connection.onRequest('client/registerCapability', () => null);
  connection.onRequest('window/workDoneProgress/create', () => null);
  connection.onNotification('$/progress', ({ value }: { value?: { kind?: string } }) => {
    if (value?.kind === 'end') isRead = true;
  });
  connection.onUnhandledNotification(() => undefined);
  connection.listen();
  const { capabilities } = await connection.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri: null,
    capabilities: {
      workspace: {
        codeLens: { refreshSupport: true },
        inlayHint: { refreshSupport: true },
        workspaceFolders: true,
        workspaceEdit,
      },
      window: { workDoneProgress: true },
    },
    workspaceFolders: [{ uri: folder.uri, name: 'folder' }],
  });
  await connection.sendNotification('initialized', {});
  while (!isRead) await pause(5);

  const editor: Editor = {
    child,
    connection,
    capabilities,
    published,
    refreshes: () => refreshes,
    hintRefreshes: () => hintRefreshes,
    last: (uri) => published.findLast((each) => each.uri === uri),
    codes: (uri) =>
      editor
        .last(uri)
        ?.diagnostics.map(({ code }) => String(code))
        .toSorted() ?? null,
    open: (uri, text, version = 1) =>
      connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri, languageId: uri.endsWith('.json') ? 'json' : 'yaml', version, text },
      }),
    change: (uri, text, version) =>
      connection.sendNotification('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges: [{ text }],
      }),
    close: (uri) => connection.sendNotification('textDocument/didClose', { textDocument: { uri } }),
    async lenses(uri) {
      const found: { command: { title: string } }[] = await connection.sendRequest('textDocument/codeLens', {
        textDocument: { uri },
      });
      return found.map(({ command }) => command.title);
    },
    watched: (changes) => connection.sendNotification('workspace/didChangeWatchedFiles', { changes }),
    async quiet() {
      let before = -1;
      for (let calm = 0; calm < 3; calm++) {
        // Whatever was sent before is heard before this is answered.
        await connection.sendRequest('textDocument/completion', {
          textDocument: { uri: folder.uri },
          position: { line: 0, character: 0 },
        });
        await pause(60);
        if (published.length + refreshes !== before) calm = 0;
        before = published.length + refreshes;
      }
    },
    async end() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      await gone;
      connection.dispose();
    },
    async stop() {
      await editor.end();
      rmSync(folder.path, { recursive: true, force: true });
    },
  };
  await editor.quiet();
  return editor;
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** A Service whose port goes to what the pods of `pod` may call one; `nothing` is called so by none. */
export function service(name: string, targetPort = 'nothing'): string {
  return (
    `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\n` +
    `spec: { selector: { app: shop }, ports: [{ port: 80, targetPort: ${targetPort} }] }\n`
  );
}

export function pod(name: string, portName = 'http'): string {
  return (
    `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, labels: { app: shop } }\n` +
    'spec: { containers: [{ name: main, image: example/main, ports: [{ name: ' +
    `${portName}, containerPort: 8080 }] }] }\n`
  );
}
