import {
  CodeActionKind,
  CodeLensRefreshRequest,
  type Connection,
  type InitializeResult,
  RequestType,
  TextDocuments,
  TextDocumentSyncKind,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { URI } from 'vscode-uri';
import {
  changedMethod,
  type TargetsAnswer,
  type TargetsParams,
  targetsMethod,
  type TraceAnswer,
  type TraceParams,
  traceMethod,
} from '../shared/insight/protocol.ts';
import { type Scene, Workspace } from '../shared/insight/workspace.ts';
import { codeActions } from './features/codeAction.ts';
import { codeLenses } from './features/codeLens.ts';
import { completion } from './features/completion.ts';
import { diagnostic } from './features/diagnostics.ts';
import { hover } from './features/hover.ts';
import { targets, trace } from './features/trace.ts';
import { manifestFilesUnder, mayBeKubernetes, readManifestFile } from './manifestFiles.ts';

/** The client's settings, section `hoplens`. */
interface Settings {
  readonly codeLens: boolean;
  /** A profile's path, absolute or from the first workspace folder; empty for each set's own. */
  readonly profile: string;
}

/**
 * The language server on one connection. It keeps the texts (open documents win over the disk) and what was last
 * published; every answer is computed from those by the shared engine. Each request is guarded: a fault of ours costs one
 * answer, and is logged.
 */
export function serve(connection: Connection): void {
  const documents = new TextDocuments(TextDocument);
  const workspace = new Workspace();
  let folders: string[] = [];
  let settings: Settings = { codeLens: true, profile: '' };
  let canRefreshLenses = false;
  let canShowProgress = false;
  let canChangeFolders = false;
  let isScheduled = false;
  const published = new Map<string, Scene>();
  const withFindings = new Set<string>();

  const normal = (uri: string): string => URI.parse(uri).toString();
  const isOpen = (uri: string): boolean => documents.keys().some((each) => normal(each) === uri);

  function guarded<T>(what: string, fallback: T, answer: () => T): T {
    try {
      return answer();
    } catch (error) {
      connection.console.error(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      return fallback;
    }
  }

  connection.onInitialize((params): InitializeResult => {
    folders = (params.workspaceFolders ?? []).map(({ uri }) => normal(uri).replace(/\/$/, ''));
    workspace.setFolders(folders);
    canRefreshLenses = params.capabilities.workspace?.codeLens?.refreshSupport === true;
    canShowProgress = params.capabilities.window?.workDoneProgress === true;
    canChangeFolders = params.capabilities.workspace?.workspaceFolders === true;
    settings = readSettings(params.initializationOptions);
    return {
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        codeLensProvider: { resolveProvider: false },
        hoverProvider: true,
        completionProvider: { triggerCharacters: ['.', '/'] },
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
      serverInfo: { name: 'Hoplens' },
    };
  });

  connection.onInitialized(() => {
    void index(folders);
    if (canChangeFolders)
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        const gone = removed.map(({ uri }) => normal(uri).replace(/\/$/, ''));
        const fresh = added.map(({ uri }) => normal(uri).replace(/\/$/, ''));
        folders = [...folders.filter((each) => !gone.includes(each)), ...fresh];
        workspace.setFolders(folders);
        for (const uri of workspace.uris())
          if (gone.some((folder) => uri.startsWith(`${folder}/`)) && !isOpen(uri)) workspace.remove(uri);
        void index(fresh);
      });
  });

  /** Reads the folders' manifests in the background, a slice at a time, so that requests are answered meanwhile. */
  async function index(roots: readonly string[]): Promise<void> {
    try {
      const progress = canShowProgress && roots.length > 0 ? await connection.window.createWorkDoneProgress() : null;
      progress?.begin('Hoplens: reading manifests', 0);
      const files = (await Promise.all(roots.map((root) => manifestFilesUnder(URI.parse(root).fsPath)))).flat();
      for (let start = 0; start < files.length; start += 50) {
        const slice = files.slice(start, start + 50);
        const texts = await Promise.all(slice.map(async (path) => ({ path, text: await readManifestFile(path) })));
        for (const { path, text } of texts) {
          const uri = URI.file(path).toString();
          if (text !== null && !isOpen(uri)) workspace.put(uri, text);
        }
        progress?.report(
          Math.round(((start + slice.length) / files.length) * 100),
          `${start + slice.length} of ${files.length} files`,
        );
      }
      progress?.done();
      applyProfile();
      connection.console.info(`Read ${workspace.uris().length} manifest files.`);
    } catch (error) {
      connection.console.error(`Reading the workspace: ${String(error)}`);
    }
    schedule();
  }

  function applyProfile(): void {
    const [first] = folders;
    const { profile } = settings;
    const uri =
      profile === ''
        ? null
        : URI.file(
            profile.startsWith('/') || first === undefined ? profile : `${URI.parse(first).fsPath}/${profile}`,
          ).toString();
    workspace.chooseProfile(uri);
  }

  /** After the current burst of messages: publish what changed, once. */
  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      guarded('Diagnostics', undefined, publish);
      if (canRefreshLenses) void connection.sendRequest(CodeLensRefreshRequest.type).catch(() => undefined);
      void connection.sendNotification(changedMethod);
    });
  }

  /** Sends the findings of each set that is another than the one published before; information only for open files. */
  function publish(): void {
    const known = new Set<string>();
    for (const set of workspace.sets()) {
      const scene = workspace.scene(set);
      for (const { uri } of scene.files) {
        known.add(uri);
        if (published.get(uri) === scene || workspace.sceneOf(uri) !== scene) continue;
        published.set(uri, scene);
        send(uri);
      }
    }
    for (const uri of published.keys()) {
      if (known.has(uri)) continue;
      published.delete(uri);
      withFindings.delete(uri);
      void connection.sendDiagnostics({ uri, diagnostics: [] });
    }
  }

  function send(uri: string): void {
    const findings = workspace.findings(uri).filter(({ severity }) => severity !== 'info' || isOpen(uri));
    if (findings.length === 0 && !withFindings.has(uri)) return;
    if (findings.length === 0) withFindings.delete(uri);
    else withFindings.add(uri);
    void connection.sendDiagnostics({ uri, diagnostics: findings.map(diagnostic) });
  }

  documents.onDidChangeContent(({ document }) =>
    guarded('Reading a document', undefined, () => {
      const uri = normal(document.uri);
      const text = document.getText();
      if (mayBeKubernetes(uri, text)) workspace.put(uri, text);
      else workspace.remove(uri);
      schedule();
    }),
  );
  documents.onDidOpen(({ document }) => {
    published.delete(normal(document.uri));
    schedule();
  });
  documents.onDidClose(({ document }) => void reread(normal(document.uri)));

  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri } of changes) if (!isOpen(normal(uri))) void reread(normal(uri));
  });

  /** A file that nobody has open any more is what stands on the disk. */
  async function reread(uri: string): Promise<void> {
    const parsed = URI.parse(uri);
    const text = parsed.scheme === 'file' ? await readManifestFile(parsed.fsPath) : null;
    if (isOpen(uri)) return;
    guarded('Reading a file', undefined, () => {
      if (text === null) workspace.remove(uri);
      else workspace.put(uri, text);
      published.delete(uri);
      if (text === null) void connection.sendDiagnostics({ uri, diagnostics: [] });
    });
    schedule();
  }

  connection.onDidChangeConfiguration(({ settings: changed }) => {
    settings = readSettings((changed as { hoplens?: unknown } | null)?.hoplens);
    applyProfile();
    published.clear();
    schedule();
  });

  connection.onCodeLens(({ textDocument }) =>
    guarded('Code lenses', [], () => (settings.codeLens ? codeLenses(workspace, normal(textDocument.uri)) : [])),
  );
  connection.onCodeAction(({ textDocument, range }) =>
    guarded('Fixes', [], () => codeActions(workspace, normal(textDocument.uri), range)),
  );
  connection.onCompletion(({ textDocument, position }) =>
    guarded('Completion', [], () => completion(documents.get(textDocument.uri)?.getText() ?? '', position)),
  );
  connection.onHover(({ textDocument, position }) =>
    guarded('Hover', null, () => hover(workspace, normal(textDocument.uri), position)),
  );
  connection.onRequest(new RequestType<TraceParams, TraceAnswer, void>(traceMethod), (params) =>
    guarded<TraceAnswer>(
      'Trace',
      { kind: 'unreadable', message: 'Hoplens failed on this request; its output channel says how.' },
      () => trace(workspace, { ...params, uri: normal(params.uri) }),
    ),
  );
  connection.onRequest(new RequestType<TargetsParams, TargetsAnswer, void>(targetsMethod), (params) =>
    guarded('Targets', { targets: [], origins: [] }, () => targets(workspace, { uri: normal(params.uri) })),
  );

  documents.listen(connection);
  connection.listen();
}

function readSettings(value: unknown): Settings {
  const given = typeof value === 'object' && value !== null ? value : {};
  return {
    codeLens: 'codeLens' in given && typeof given.codeLens === 'boolean' ? given.codeLens : true,
    profile: 'profile' in given && typeof given.profile === 'string' ? given.profile : '',
  };
}
