import { isAbsolute, join } from 'node:path';
import {
  type CancellationToken,
  CodeActionKind,
  CodeLensRefreshRequest,
  type Connection,
  type DocumentHighlight,
  FileChangeType,
  type InitializeResult,
  type Location,
  LSPErrorCodes,
  MessageType,
  NotificationType,
  RequestType,
  ResponseError,
  ShowMessageNotification,
  TextDocuments,
  TextDocumentSyncKind,
  type WorkDoneProgressServerReporter,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { URI } from 'vscode-uri';
import { isProfile } from '../shared/cluster/profile.ts';
import {
  changedMethod,
  type JudgedSetAnswer,
  judgedSetMethod,
  type JudgedSetParams,
  pickMethod,
  type PickParams,
  type RoutesAnswer,
  routesMethod,
  type RoutesParams,
  type TargetsAnswer,
  targetsMethod,
  type TargetsParams,
  type TraceAnswer,
  type TraceChoices,
  traceChoicesMethod,
  traceMethod,
  type TraceParams,
  type TraceTextAnswer,
  traceTextMethod,
  type TraceTextParams,
} from '../shared/insight/protocol.ts';
import { type Levels, noLevels, readLevels } from '../shared/insight/levels.ts';
import type { Renderer } from '../render/renderer.ts';
import { Workspace } from '../shared/insight/workspace.ts';
import { countedArrivals } from './arrivals.ts';
import { Building, type BuildingOptions } from './building.ts';
import { codeActions, fixAll, fixAllKind } from './features/codeAction.ts';
import { codeLenses, entryLenses } from './features/codeLens.ts';
import { completion } from './features/completion.ts';
import { definition } from './features/definition.ts';
import { documentHighlight } from './features/documentHighlight.ts';
import { documentLinks } from './features/documentLink.ts';
import { hover } from './features/hover.ts';
import { judgedSet } from './features/judgedSet.ts';
import { references } from './features/references.ts';
import { prepareRename, rename } from './features/rename.ts';
import { routes } from './features/routes.ts';
import { documentSymbols, workspaceSymbols } from './features/symbols.ts';
import { targets, trace, traceAsText, traceChoices } from './features/trace.ts';
import {
  hasSkippedPart,
  isFolder,
  manifestFilesUnder,
  mayBeKubernetes,
  mayHoldManifests,
  readManifestFile,
  readManifestFileNow,
  readSource,
  sourcesUnder,
} from './manifestFiles.ts';
import { Publisher, slice } from './publisher.ts';

/** The client's settings, section `hoplens`. */
interface Settings {
  readonly codeLens: boolean;
  /** A profile's path, absolute or from the first workspace folder; empty for each set's own. */
  readonly profile: string;
  /** How grave findings are, where no file says it. */
  readonly rules: Levels;
}

type BuildingProgress = Parameters<BuildingOptions['onProgress']>[0];

/** So many builds are done before anybody has read that they are under way. */
const fewBuilds = 4;

/** For how long what was read from the disk is taken as it is, in milliseconds, where no change is told. */
const freshOnDisk = 2_000;

/** The largest open document that is judged at every keystroke, in characters. */
const largestLive = 4 * 1024 * 1024;

/**
 * The language server on one connection. It keeps the texts (open documents win over the disk) and what was last
 * published; every answer is derived from those by the shared engine. Each request is guarded: a fault of ours costs
 * one answer, and is logged. A request for a document that has changed since, or that was cancelled, is answered so.
 */
export function serve(connection: Connection, openRenderer: () => Renderer): void {
  const documents = new TextDocuments(TextDocument);
  const workspace = new Workspace();
  const versions = new Map<string, number>();
  const diskTexts = new Map<string, { readonly text: string | null; readonly at: number }>();
  /** Open documents' URIs as the editor writes them, by URI. */
  const writtenAs = new Map<string, string>();
  const arrivals = countedArrivals();
  const tooLarge = new Set<string>();
  /** The reading of a file from the disk that counts. */
  const readings = new Map<string, symbol>();
  let folders: string[] = [];
  let settings: Settings = { codeLens: true, profile: '', rules: noLevels };
  /** The file of the profile that someone picked; null for none. */
  let chosenProfile: string | null = null;
  /** The setting of which it was last said that it leads to no profile. */
  let profileMissed = '';
  let indexed = Promise.resolve();
  let buildingShown: Promise<WorkDoneProgressServerReporter> | null = null;
  let canRefreshLenses = false;
  let canShowProgress = false;
  let canChangeFolders = false;
  let hasSnippets = false;

  const normal = (uri: string): string => URI.parse(uri).toString();
  const isOpen = (uri: string): boolean => versions.has(uri);

  function guarded<T>(what: string, fallback: T, answer: () => T): T {
    try {
      return answer();
    } catch (error) {
      connection.console.error(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      return fallback;
    }
  }

  const publisher = new Publisher({
    workspace,
    connection,
    versionOf: (uri) => versions.get(uri) ?? null,
    onLenses: () => {
      if (canRefreshLenses) void connection.sendRequest(CodeLensRefreshRequest.type).catch(() => undefined);
    },
    handled: () => arrivals.handled(),
    guarded: (what, work) => guarded(what, undefined, work),
  });

  const fsPathOf = (uri: string): string => URI.parse(uri).fsPath;
  /** A kustomization can name any path: nothing is read for it beyond the workspace's own folders. */
  const isInside = (uri: string): boolean => folders.some((each) => uri === each || uri.startsWith(`${each}/`));

  const building = new Building({
    workspace,
    openRenderer,
    openUris: () => [...versions.keys()],
    files: {
      // Of a file that isn't open the disk is right: the workspace may not have heard of a change yet.
      read: async (uri) => openText(uri) ?? (isInside(uri) ? diskText(uri) : null),
      list: async (folder) =>
        isInside(folder) ? (await sourcesUnder(fsPathOf(folder))).map((path) => URI.file(path).toString()) : [],
      isWithin: isInside,
      pathOf: (uri) => URI.parse(uri).path,
      uriOf: (path) => URI.file(path).toString(),
    },
    onBuilt: (uris) => {
      for (const uri of uris) if (workspace.has(uri)) publisher.watch(uri);
      noteChange(null);
    },
    onProgress: (progress) => void showBuilding(progress),
    log: (message) => {
      connection.console.error(message);
    },
    onFailed: () => workspace.expectBuilds(false),
  });

  /** A file's text on the disk, as it was read not long ago: a key has the same files read again. */
  async function diskText(uri: string): Promise<string | null> {
    const known = diskTexts.get(uri);
    if (known !== undefined && performance.now() - known.at < freshOnDisk) return known.text;
    const text = await readSource(fsPathOf(uri));
    diskTexts.set(uri, { text, at: performance.now() });
    return text;
  }

  /** The text of an open document, whatever it holds; null for a file that isn't open. */
  function openText(uri: string): string | null {
    const written = writtenAs.get(uri);
    return written === undefined ? null : (documents.get(written)?.getText() ?? null);
  }

  /** Many builds take their time: that is shown, once there are enough of them. */
  async function showBuilding(left: BuildingProgress): Promise<void> {
    if (left === null) {
      const shown = await buildingShown;
      buildingShown = null;
      shown?.done();
      return;
    }
    if (buildingShown === null && canShowProgress && left.all >= fewBuilds) {
      buildingShown = connection.window.createWorkDoneProgress().then((progress) => {
        progress.begin('Hoplens: building kustomizations and charts', 0);
        return progress;
      });
    }
    const shown = await buildingShown;
    shown?.report(Math.round(((left.all - left.left) / left.all) * 100), `${left.left} of ${left.all} left`);
  }

  /** A panel that comes back with the window asks before its file is read, or what is built of it. */
  async function known(uri: string): Promise<void> {
    if (!workspace.has(uri)) await indexed;
    await building.ready(uri);
  }

  /** Answers behind the messages that are waiting: an edit or a cancellation among them makes the answer idle. */
  async function answered<T>(what: string, uri: string, token: CancellationToken, work: Work<T>): Promise<Answer<T>> {
    const version = versions.get(uri);
    arrivals.note();
    await arrivals.handled();
    if (token.isCancellationRequested) return new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
    if (versions.get(uri) !== version) return new ResponseError(LSPErrorCodes.ContentModified, 'the document changed');
    return guarded(what, work.otherwise, () => workspace.ask(work.answer));
  }

  connection.onInitialize((params): InitializeResult => {
    folders = (params.workspaceFolders ?? []).map(({ uri }) => normal(uri).replace(/\/$/, ''));
    workspace.setFolders(folders);
    workspace.expectBuilds(true);
    canRefreshLenses = params.capabilities.workspace?.codeLens?.refreshSupport === true;
    canShowProgress = params.capabilities.window?.workDoneProgress === true;
    canChangeFolders = params.capabilities.workspace?.workspaceFolders === true;
    hasSnippets = params.capabilities.workspace?.workspaceEdit?.snippetEditSupport === true;
    settings = readSettings(params.initializationOptions);
    workspace.chooseLevels({ under: settings.rules, over: noLevels });
    return {
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        codeLensProvider: { resolveProvider: false },
        hoverProvider: true,
        definitionProvider: true,
        referencesProvider: true,
        documentHighlightProvider: true,
        documentLinkProvider: { resolveProvider: false },
        documentSymbolProvider: true,
        workspaceSymbolProvider: true,
        renameProvider: { prepareProvider: true },
        completionProvider: { triggerCharacters: ['.', '/'] },
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, fixAllKind] },
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
      serverInfo: { name: 'Hoplens' },
    };
  });

  connection.onInitialized(() => {
    indexed = index(folders);
    if (canChangeFolders)
      connection.workspace.onDidChangeWorkspaceFolders((event) =>
        guarded('folders', undefined, () => {
          const gone = event.removed.map(({ uri }) => normal(uri).replace(/\/$/, ''));
          const fresh = event.added.map(({ uri }) => normal(uri).replace(/\/$/, ''));
          folders = [...folders.filter((each) => !gone.includes(each)), ...fresh];
          workspace.setFolders(folders);
          for (const folder of gone) removeUnder(folder);
          void index(fresh);
        }),
      );
  });

  /** Reads the folders' manifests in the background, a slice at a time, so that requests are answered meanwhile. */
  async function index(roots: readonly string[]): Promise<void> {
    try {
      const progress = canShowProgress && roots.length > 0 ? await connection.window.createWorkDoneProgress() : null;
      progress?.begin('Hoplens: reading manifests', 0);
      const files = (await Promise.all(roots.map((root) => manifestFilesUnder(URI.parse(root).fsPath)))).flat();
      const read: string[] = [];
      let end = performance.now() + slice;
      for (const [index, path] of files.entries()) {
        const uri = URI.file(path).toString();
        const text = isOpen(uri) ? null : readManifestFileNow(path);
        if (text !== null) {
          guarded('Reading a file', undefined, () => workspace.put(uri, text));
          read.push(uri);
        }
        if (performance.now() < end) continue;
        progress?.report(Math.round(((index + 1) / files.length) * 100), `${index + 1} of ${files.length} files`);
        await arrivals.handled();
        end = performance.now() + slice;
      }
      progress?.done();
      applyProfile();
      building.note(null);
      for (const uri of read) building.note(uri);
      // Watched only now: before all is read, whatever is found says little.
      for (const uri of read) if (workspace.has(uri)) publisher.watch(uri);
      connection.console.info(`Read ${workspace.uris().length} manifest files.`);
    } catch (error) {
      connection.console.error(`Reading the workspace: ${String(error)}`);
    }
    noteChange(null);
  }

  /** The chosen profile's file is read wherever it stands. Where it holds none, each set's own counts. */
  function applyProfile(): void {
    const [first] = folders;
    const { profile } = settings;
    const path = isAbsolute(profile) || first === undefined ? profile : join(URI.parse(first).fsPath, profile);
    const uri = profile === '' ? null : URI.file(path).toString();
    const before = chosenProfile;
    chosenProfile = uri;
    workspace.chooseProfile(uri);
    if (before !== null && before !== uri && !isIndexed(before) && !isOpen(before)) remove(before);
    if (uri === null) return;
    const text = workspace.has(uri) ? null : readManifestFileNow(path);
    if (text !== null) put(uri, text);
    const isThere = workspace.ask(() => workspace.file(uri))?.manifests.some(isProfile) === true;
    if (!isThere && profileMissed !== profile)
      void connection.sendNotification(ShowMessageNotification.type, {
        type: MessageType.Warning,
        message: `hoplens.profile is ${profile}, and there is no ClusterProfile in that file: each set's own counts.`,
      });
    profileMissed = isThere ? '' : profile;
  }

  /** Objects or places may be others: publish, and let the panel ask again. */
  function noteChange(edited: string | null): void {
    publisher.schedule(edited);
    void connection.sendNotification(changedMethod);
  }

  function put(uri: string, text: string): void {
    const before = workspace.ask(() => workspace.file(uri));
    workspace.put(uri, text);
    publisher.watch(uri);
    const now = workspace.ask(() => workspace.file(uri));
    const isSame = before !== null && now !== null && holdsTheSame(before, now);
    building.note(uri);
    if (isSame) publisher.schedule(uri);
    else noteChange(uri);
  }

  function remove(uri: string): void {
    if (!workspace.has(uri)) return;
    workspace.remove(uri);
    publisher.forget(uri);
    building.note(uri);
    noteChange(null);
  }

  /** What a folder held goes with it. */
  function removeUnder(folder: string): void {
    for (const uri of workspace.uris()) if (uri.startsWith(`${folder}/`) && !isOpen(uri)) remove(uri);
  }

  documents.onDidOpen(({ document }) => {
    const uri = normal(document.uri);
    arrivals.note();
    versions.set(uri, document.version);
    writtenAs.set(uri, document.uri);
    workspace.noteEdited(uri, true);
    if (workspace.has(uri)) publisher.watch(uri);
  });
  documents.onDidChangeContent(({ document }) =>
    guarded('Reading a document', undefined, () => {
      const uri = normal(document.uri);
      arrivals.note();
      versions.set(uri, document.version);
      const text = document.getText();
      if (text.length > largestLive) return noteTooLarge(uri, document);
      if (tooLarge.delete(uri)) void connection.sendDiagnostics({ uri, diagnostics: [], version: document.version });
      if (mayBeKubernetes(uri, text) || building.isSource(uri)) put(uri, text);
      else remove(uri);
    }),
  );
  documents.onDidClose(({ document }) => {
    const uri = normal(document.uri);
    arrivals.note();
    versions.delete(uri);
    writtenAs.delete(uri);
    workspace.noteEdited(uri, false);
    diskTexts.clear();
    if (tooLarge.delete(uri)) void connection.sendDiagnostics({ uri, diagnostics: [] });
    void reread(uri);
  });

  /** What the disk holds of it goes on counting; the text that is edited is left alone, and that is said. */
  function noteTooLarge(uri: string, { uri: written, version }: TextDocument): void {
    if (tooLarge.has(uri)) return;
    tooLarge.add(uri);
    publisher.forget(uri);
    const start = { line: 0, character: 0 };
    void connection.sendDiagnostics({
      uri: written,
      version,
      diagnostics: [
        {
          range: { start, end: start },
          severity: 3,
          source: 'Hoplens',
          code: 'too-large',
          message:
            `This file has more than ${largestLive / 1024 / 1024} MB: Hoplens ` +
            "doesn't judge it while it is edited. hoplens lint does.",
        },
      ],
    });
  }

  connection.onDidChangeWatchedFiles(({ changes }) => {
    arrivals.note();
    for (const { uri: written, type } of changes) {
      const uri = normal(written).replace(/\/$/, '');
      diskTexts.clear();
      if (isOpen(uri) || isLeftAlone(uri)) continue;
      building.note(uri);
      if (type === FileChangeType.Deleted) {
        remove(uri);
        removeUnder(uri);
      } else void reread(uri);
    }
  });

  /** Whether a file or folder is where no manifests are looked for. */
  function isLeftAlone(uri: string): boolean {
    return uri !== chosenProfile && folders.some((each) => uri.startsWith(`${each}/`) && isSkippedIn(each, uri));
  }

  /** Whether the workspace holds a file without anybody having picked or opened it. */
  function isIndexed(uri: string): boolean {
    return folders.some((each) => uri.startsWith(`${each}/`) && !isSkippedIn(each, uri));
  }

  function isSkippedIn(folder: string, uri: string): boolean {
    return hasSkippedPart(URI.parse(uri.slice(folder.length)).path);
  }

  /** A file that nobody has open any more is what stands on the disk; a folder, all that it holds. */
  async function reread(uri: string): Promise<void> {
    const { scheme, fsPath } = URI.parse(uri);
    if (scheme === 'file' && !mayHoldManifests(fsPath) && !workspace.has(uri)) {
      if (await isFolder(fsPath)) await index([uri]);
      return;
    }
    const reading = Symbol(uri);
    readings.set(uri, reading);
    const read = mayHoldManifests(fsPath) ? readManifestFile : readSource;
    const text = scheme === 'file' && !isLeftAlone(uri) ? await read(fsPath) : null;
    // It may have been opened, or another reading of it begun.
    if (readings.get(uri) !== reading) return;
    readings.delete(uri);
    if (isOpen(uri)) return;
    guarded('Reading a file', undefined, () => (text === null ? remove(uri) : put(uri, text)));
  }

  connection.onDidChangeConfiguration(({ settings: changed }) => {
    settings = readSettings((changed as { hoplens?: unknown } | null)?.hoplens);
    workspace.chooseLevels({ under: settings.rules, over: noLevels });
    applyProfile();
    noteChange(null);
  });

  connection.onCodeLens(async ({ textDocument }, token) => {
    const uri = normal(textDocument.uri);
    const isLeftAlone = !settings.codeLens || tooLarge.has(uri);
    await building.ready(uri);
    return answered('Code lenses', uri, token, {
      otherwise: [],
      answer: () => (isLeftAlone ? [] : [...entryLenses(workspace, uri), ...codeLenses(publisher.lenses(uri), uri)]),
    });
  });
  connection.onCodeAction(({ textDocument, range, context: { only } }, token) => {
    const uri = normal(textDocument.uri);
    const isAll = only?.some((kind) => `${fixAllKind}.`.startsWith(`${kind}.`)) === true;
    return answered('Fixes', uri, token, {
      otherwise: [],
      answer: () => (isAll ? fixAll(workspace, uri) : codeActions(workspace, uri, range, { hasSnippets })),
    });
  });
  connection.onCompletion(({ textDocument, position }) =>
    guarded('Completion', [], () => completion(documents.get(textDocument.uri)?.getText() ?? '', position)),
  );
  connection.onHover(({ textDocument, position }, token) => {
    const uri = normal(textDocument.uri);
    return answered('Hover', uri, token, { otherwise: null, answer: () => hover(workspace, uri, position) });
  });
  connection.onDefinition(({ textDocument, position }, token) => {
    const uri = normal(textDocument.uri);
    return answered('Definition', uri, token, { otherwise: [], answer: () => definition(workspace, uri, position) });
  });
  connection.onReferences(({ textDocument, position, context }, token) => {
    const uri = normal(textDocument.uri);
    const answer = (): Location[] => references(workspace, uri, { position, context });
    return answered('References', uri, token, { otherwise: [], answer });
  });
  connection.onDocumentHighlight(({ textDocument, position }, token) => {
    const uri = normal(textDocument.uri);
    const answer = (): DocumentHighlight[] => documentHighlight(workspace, uri, position);
    return answered('Highlights', uri, token, { otherwise: [], answer });
  });
  connection.onDocumentLinks(({ textDocument }, token) => {
    const uri = normal(textDocument.uri);
    return answered('Links', uri, token, { otherwise: [], answer: () => documentLinks(workspace, uri) });
  });
  connection.onDocumentSymbol(({ textDocument }, token) => {
    const uri = normal(textDocument.uri);
    return answered('Symbols', uri, token, { otherwise: [], answer: () => documentSymbols(workspace, uri) });
  });
  connection.onWorkspaceSymbol(({ query }, token) =>
    answered('Symbols', '', token, { otherwise: [], answer: () => workspaceSymbols(workspace, query) }),
  );
  connection.onPrepareRename(({ textDocument, position }, token) => {
    const uri = normal(textDocument.uri);
    const answer = (): ReturnType<typeof prepareRename> => prepareRename(workspace, uri, position);
    return answered('Renaming', uri, token, { otherwise: null, answer });
  });
  connection.onRenameRequest(({ textDocument, position, newName }, token) => {
    const uri = normal(textDocument.uri);
    const answer = (): ReturnType<typeof rename> => rename(workspace, uri, { position, newName });
    return answered('Renaming', uri, token, { otherwise: null, answer });
  });
  const failed = {
    kind: 'unreadable',
    message: 'Hoplens failed on this request; its output channel says how.',
  } as const;
  connection.onRequest(new RequestType<TraceParams, TraceAnswer, void>(traceMethod), async (params, token) => {
    const uri = normal(params.uri);
    await known(uri);
    return answered<TraceAnswer>('Trace', uri, token, {
      otherwise: failed,
      answer: () => trace(workspace, { ...params, uri }),
    });
  });
  connection.onRequest(new RequestType<TraceTextParams, TraceTextAnswer, void>(traceTextMethod), (params, token) => {
    const uri = normal(params.uri);
    return answered<TraceTextAnswer>('Trace', uri, token, {
      otherwise: failed,
      answer: () => traceAsText(workspace, { ...params, uri }),
    });
  });
  connection.onRequest(new RequestType<TraceParams, TraceChoices, void>(traceChoicesMethod), (params, token) => {
    const uri = normal(params.uri);
    return answered<TraceChoices>('What could be traced', uri, token, {
      otherwise: { origins: [], whatIfs: [], builds: [], profiles: [] },
      answer: () => traceChoices(workspace, { ...params, uri }),
    });
  });
  connection.onRequest(new RequestType<TargetsParams, TargetsAnswer, void>(targetsMethod), (params, token) => {
    const uri = normal(params.uri);
    return answered('Targets', uri, token, {
      otherwise: { targets: [], origins: [] },
      answer: () => targets(workspace, { uri }),
    });
  });

  connection.onRequest(new RequestType<JudgedSetParams, JudgedSetAnswer, void>(judgedSetMethod), (params, token) => {
    const uri = normal(params.uri);
    return answered('The set of a file', uri, token, { otherwise: null, answer: () => judgedSet(workspace, { uri }) });
  });
  connection.onNotification(new NotificationType<PickParams>(pickMethod), ({ root }) => {
    workspace.pickBuild(root);
    noteChange(null);
    if (canRefreshLenses) void connection.sendRequest(CodeLensRefreshRequest.type).catch(() => undefined);
  });
  connection.onRequest(new RequestType<RoutesParams, RoutesAnswer, void>(routesMethod), (params, token) => {
    const uri = normal(params.uri);
    return answered('Routes', uri, token, { otherwise: { lines: [] }, answer: () => routes(workspace, { uri }) });
  });

  documents.listen(connection);
  connection.listen();
}

/** What answers a request, and the answer where that fails. */
interface Work<T> {
  readonly otherwise: T;
  readonly answer: () => T;
}

type Answer<T> = T | ResponseError<void>;

/** Whether two texts of a file hold the same objects at the same lines. */
function holdsTheSame(before: FileOfWorkspace, now: FileOfWorkspace): boolean {
  return (
    before.manifests.length === now.manifests.length &&
    before.manifests.every((manifest, index) => manifest === now.manifests[index]) &&
    newlinesIn(before.text) === newlinesIn(now.text)
  );
}

function newlinesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

type FileOfWorkspace = NonNullable<ReturnType<Workspace['file']>>;

function readSettings(value: unknown): Settings {
  const given = typeof value === 'object' && value !== null ? value : {};
  return {
    codeLens: 'codeLens' in given && typeof given.codeLens === 'boolean' ? given.codeLens : true,
    profile: 'profile' in given && typeof given.profile === 'string' ? given.profile : '',
    rules: 'rules' in given ? readLevels(Object.entries(given.rules ?? {})) : noLevels,
  };
}
