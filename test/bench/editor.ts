import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type CancellationToken,
  CodeLensRefreshRequest,
  CodeLensRequest,
  ConfigurationRequest,
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentSymbolRequest,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  LSPErrorCodes,
  type Position,
  PublishDiagnosticsNotification,
  RegistrationRequest,
  ResponseError,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  WorkDoneProgressCreateRequest,
} from 'vscode-languageserver/node';
import { type Edit, edited } from './edits.ts';

/** A language server's command line, without `node`. */
export type ServerCommand = readonly string[];

/** An open document. */
export interface OpenDocument {
  readonly uri: string;
  text: string;
  version: number;
}

/** What is asked after each key: lenses of our server; of yaml-language-server symbols, which take a parse too. */
export type Asked = 'codeLens' | 'documentSymbol';

/**
 * The editor's end of a language server's pipe, with a clock. It says what VS Code would say, and notes when each
 * answer came. Nothing of the server is known but its protocol.
 */
export interface Editor {
  /** The server's process. */
  readonly pid: number;
  /** When `initialize` was sent. */
  readonly startedAt: number;
  /** When the server had answered it, and was told that all is set up. */
  readonly initializedAt: number;
  /** Until the server has read its workspace: the end of its progress, or a second without any. False at `deadline`. */
  ready(deadline: number): Promise<boolean>;
  open(uri: string, text: string): Promise<OpenDocument>;
  /** Sends an edit; gives the time when it was sent. */
  change(document: OpenDocument, edit: Edit): Promise<number>;
  /** Asks and keeps asking where the server says that the content is another meanwhile. Null if it was cancelled. */
  ask(uri: string, token?: CancellationToken): Promise<string | null>;
  /** From now on, what is counted anew. */
  count(): void;
  readonly counted: Counted;
  /** The diagnostics published last. */
  diagnostics(uri: string): readonly { readonly code: unknown; readonly message: string }[];
  /** Until nothing more comes; false if that isn't so at `deadline`. The quiet time itself is in nobody's figures. */
  settled(deadline: number): Promise<boolean>;
  /** What the server's main thread has worked since it started, in milliseconds; 0 where the system doesn't say. */
  worked(): number;
  /** Resident memory in MB; 0 where the system doesn't say. */
  resident(): number;
  /** Ends the server: by the protocol, and by force if it doesn't listen. */
  stop(): Promise<void>;
}

export interface Counted {
  /** `publishDiagnostics` notifications. */
  sent: number;
  /** Those of them that say something else of the file than was said before. */
  changed: number;
  /** When the last of them, or the last answer that was another than before, came. */
  lastAt: number;
}

export interface Start {
  readonly command: ServerCommand;
  readonly folder: string;
  readonly asked: Asked;
}

/**
 * A server is taken to be done if it has sent nothing and hardly worked for so long, in milliseconds.
 * yaml-language-server waits 200 ms before it judges (`validationDelayMs` in its yamlSettings.ts, 2.0.0).
 */
const quietTimes: Readonly<Record<Asked, number>> = { codeLens: 60, documentSymbol: 300 };
const living = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

export async function startEditor({ command, folder, asked }: Start): Promise<Editor> {
  const quiet = quietTimes[asked];
  const child = spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'pipe'] });
  living.add(child);
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command.join(' ')} doesn't start.`);
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  let isGone = false;
  void gone.then(() => {
    isGone = true;
    living.delete(child);
    connection.dispose();
  });
  child.stdin.on('error', () => undefined);
  let complaint = '';
  child.stderr.on('data', (data: Buffer) => {
    complaint = `${complaint}${data.toString()}`.slice(-2000);
  });

  const published = new Map<string, { readonly text: string; readonly diagnostics: readonly Problem[] }>();
  const answers = new Map<string, string>();
  const counted: Counted = { sent: 0, changed: 0, lastAt: 0 };
  let unanswered = 0;
  let shown: string | null = null;
  let isRefreshing = false;
  let hasProgress = false;
  let isRead = false;

  connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
    const now = performance.now();
    const text = JSON.stringify(diagnostics);
    counted.sent++;
    counted.lastAt = now;
    if ((published.get(uri)?.text ?? '[]') !== text) counted.changed++;
    published.set(uri, {
      text,
      diagnostics: diagnostics.map(({ code, message }) => ({ code, message: String(message) })),
    });
  });
  connection.onRequest(WorkDoneProgressCreateRequest.type, () => {
    hasProgress = true;
  });
  connection.onNotification('$/progress', ({ value }: { value?: { kind?: string } }) => {
    if (value?.kind === 'end') isRead = true;
  });
  connection.onRequest(RegistrationRequest.type, () => undefined);
  connection.onRequest(ConfigurationRequest.type, ({ items }) =>
    items.map(({ section }) => (section === 'yaml' ? withoutNetwork : null)),
  );
  // As VS Code does, ask again for what is shown; a refresh that comes meanwhile asks once more.
  connection.onRequest(CodeLensRefreshRequest.type, () => {
    if (shown === null || isRefreshing) return;
    isRefreshing = true;
    const uri = shown;
    setImmediate(() => {
      isRefreshing = false;
      ask(uri).catch(() => undefined);
    });
  });
  connection.onUnhandledNotification(() => undefined);

  async function request(uri: string, token: CancellationToken | undefined): Promise<unknown> {
    const params = { textDocument: { uri } };
    return asked === 'codeLens'
      ? connection.sendRequest(CodeLensRequest.type, params, token)
      : connection.sendRequest(DocumentSymbolRequest.type, params, token);
  }

  async function ask(uri: string, token?: CancellationToken): Promise<string | null> {
    unanswered++;
    try {
      for (;;) {
        try {
          const value = await request(uri, token);
          const now = performance.now();
          const answer = JSON.stringify(value);
          if (answers.get(uri) !== answer) counted.lastAt = now;
          answers.set(uri, answer);
          return answer;
        } catch (error) {
          if (token?.isCancellationRequested === true) return null;
          if (!(error instanceof ResponseError) || !askAgain.has(error.code)) throw error;
        }
      }
    } finally {
      unanswered--;
    }
  }

  function worked(): number {
    return Number(readOrEmpty(`/proc/${pid}/schedstat`).split(' ')[0]) / 1e6;
  }

  const startedAt = performance.now();
  connection.listen();
  const isAlive = await Promise.race([
    gone.then(() => false),
    connection
      .sendRequest(InitializeRequest.type, {
        processId: process.pid,
        rootUri: null,
        workspaceFolders: [{ uri: pathToFileURL(folder).href, name: basename(folder) }],
        capabilities: {
          workspace: { codeLens: { refreshSupport: asked === 'codeLens' }, configuration: true },
          window: { workDoneProgress: true },
        },
      })
      .then(() => true),
  ]);
  if (!isAlive) throw new Error(`${command.join(' ')} ended at once.`);
  const initializedAt = performance.now();
  await connection.sendNotification(InitializedNotification.type, {});

  return {
    pid,
    startedAt,
    initializedAt,
    counted,
    worked,
    ask,
    async ready(deadline) {
      const since = performance.now();
      while (!isRead && (hasProgress || performance.now() - since < 1000)) {
        if (isGone) throw new Error(`The server has ended. ${complaint}`);
        if (performance.now() > deadline) return false;
        await pause(1);
      }
      return true;
    },
    async open(uri, text) {
      await connection.sendNotification(DidOpenTextDocumentNotification.type, {
        textDocument: { uri, languageId: uri.endsWith('.json') ? 'json' : 'yaml', version: 1, text },
      });
      return { uri, text, version: 1 };
    },
    async change(document, edit) {
      shown = document.uri;
      const range = {
        start: positionAt(document.text, edit.start),
        end: positionAt(document.text, edit.start + edit.length),
      };
      document.text = edited(document.text, edit);
      document.version++;
      const at = performance.now();
      await connection.sendNotification(DidChangeTextDocumentNotification.type, {
        textDocument: { uri: document.uri, version: document.version },
        contentChanges: [{ range, text: edit.text }],
      });
      return at;
    },
    count() {
      counted.sent = 0;
      counted.changed = 0;
      counted.lastAt = 0;
    },
    diagnostics: (uri) => published.get(uri)?.diagnostics ?? [],
    async settled(deadline) {
      // A server may think for long between two things that it sends: work ends the quiet as a message does.
      let [since, before] = [performance.now(), worked()];
      let last = counted.lastAt;
      while (performance.now() < deadline) {
        if (isGone) throw new Error(`The server has ended. ${complaint}`);
        await pause(5);
        const now = performance.now();
        if (unanswered > 0 || isRefreshing || counted.lastAt !== last) {
          [since, before, last] = [now, worked(), counted.lastAt];
          continue;
        }
        if (now - since < quiet) continue;
        const after = worked();
        if (after - before < quiet / 4) return true;
        [since, before] = [now, after];
      }
      return false;
    },
    resident: () => Number(/VmRSS:\s+(\d+)/.exec(readOrEmpty(`/proc/${pid}/status`))?.[1] ?? 0) / 1024,
    async stop() {
      const asks = isGone
        ? Promise.resolve()
        : connection
            .sendRequest(ShutdownRequest.type)
            .then(() => connection.sendNotification(ExitNotification.type))
            .catch(() => undefined);
      await Promise.race([asks.then(() => gone), pause(10_000)]);
      if (!isGone) child.kill('SIGKILL');
      await gone;
    },
  };
}

interface Problem {
  readonly code: unknown;
  readonly message: string;
}

/** The server's ways to say: the document has changed since, ask again. */
const askAgain = new Set<number>([LSPErrorCodes.ContentModified, LSPErrorCodes.ServerCancelled]);

/** yaml-language-server's settings: it judges syntax alone, and asks nobody for a schema. */
const withoutNetwork = {
  validate: true,
  schemaStore: { enable: false },
  kubernetesCRDStore: { enable: false },
};

function positionAt(text: string, offset: number): Position {
  let line = 0;
  let start = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    start = at + 1;
  }
  return { line, character: offset - start };
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
