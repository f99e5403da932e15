import {
  CodeLensRefreshRequest,
  type Connection,
  type InitializeResult,
  InlayHintRefreshRequest,
  type WorkDoneProgressServerReporter,
  type WorkspaceFoldersChangeEvent,
} from 'vscode-languageserver';
import type { Renderer } from '../render/renderer.ts';
import { noLevels } from '../shared/insight/levels.ts';
import { changedMethod, textTraceCommand } from '../shared/insight/protocol.ts';
import { Workspace } from '../shared/insight/workspace.ts';
import { answering } from './answering.ts';
import { countedArrivals } from './arrivals.ts';
import { Building, type BuildingOptions } from './building.ts';
import { clientAbilities } from './clientAbilities.ts';
import { Configuration } from './configuration.ts';
import { registerDiagnosticRequests } from './diagnosticRequests.ts';
import { editorFiles } from './editorFiles.ts';
import { type Files, filesIn, noFiles } from './files.ts';
import { languageCapabilities, registerLanguageFeatures } from './languageFeatures.ts';
import { normal, OpenDocuments } from './openDocuments.ts';
import { registerOwnRequests } from './ownRequests.ts';
import { PulledDiagnostics } from './pulledDiagnostics.ts';
import { Publisher } from './publisher.ts';
import { pathInSandbox, uriInSandbox } from './sandboxPaths.ts';
import { registerTextTraces } from './textTraces.ts';
import { WorkspaceReading } from './workspaceReading.ts';

/** What the server runs on: Node, or a browser's worker. */
export interface ServerHost {
  readonly openRenderer: (connection: Connection) => Renderer;
  /** The disk; null where there is none. */
  readonly disk: Files | null;
  /** The next turn of the event loop, behind all that the loop already has. */
  readonly nextTurn: () => Promise<void>;
}

type BuildingProgress = Parameters<BuildingOptions['onProgress']>[0];

/** So many builds are done before anybody has read that they are under way. */
const fewBuilds = 4;

/**
 * The language server on one connection. It keeps the texts (open documents win over the disk) and what was last
 * published; every answer is derived from those by the shared engine. Each request is guarded: a fault of ours costs
 * one answer, and is logged. A request for a document that has changed since, or that was cancelled, is answered so.
 */
export function serve(connection: Connection, { openRenderer, disk, nextTurn }: ServerHost): void {
  const documents = new OpenDocuments();
  const workspace = new Workspace();
  const arrivals = countedArrivals(nextTurn);
  const configuration = new Configuration(connection);
  const answers = answering({ connection, workspace, documents, arrivals });
  let abilities = clientAbilities({});
  let buildsLeft: BuildingProgress = null;
  let buildingShown: Promise<WorkDoneProgressServerReporter> | null = null;

  const throughEditor = editorFiles(connection);
  const files = filesIn((uri) => {
    if (disk !== null && uri.startsWith('file:')) return disk;
    return abilities.readsFiles ? throughEditor : noFiles;
  });
  const pulled = new PulledDiagnostics({
    connection,
    canRefresh: () => abilities.refreshesDiagnostics,
    versionOf: (uri) => documents.versionOf(uri),
  });
  const refreshLenses = (): void => {
    if (abilities.refreshesLenses) void connection.sendRequest(CodeLensRefreshRequest.type).catch(() => undefined);
  };
  const refreshHints = (): void => {
    if (abilities.refreshesHints) void connection.sendRequest(InlayHintRefreshRequest.type).catch(() => undefined);
  };
  const publisher = new Publisher({
    workspace,
    say: (uri, diagnostics) => {
      if (abilities.pullsDiagnostics) return pulled.put(uri, diagnostics);
      const version = documents.versionOf(uri);
      const versioned = version === null ? {} : { version };
      void connection.sendDiagnostics({ uri, diagnostics: [...diagnostics], ...versioned });
    },
    versionOf: (uri) => documents.versionOf(uri),
    onLenses: refreshLenses,
    onHints: refreshHints,
    handled: () => arrivals.handled(),
    guarded: (what, work) => answers.guarded(what, undefined, work),
  });
  const building: Building = new Building({
    workspace,
    openRenderer: () => openRenderer(connection),
    openUris: () => documents.uris(),
    files: {
      read: async (uri) => (documents.has(uri) || reading.isInside(uri) ? reading.textOf(uri) : null),
      list: async (folder) => (reading.isInside(folder) ? files.sourcesUnder(folder) : []),
      isWithin: (uri) => reading.isInside(uri),
      pathOf: pathInSandbox,
      uriOf: uriInSandbox,
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
  const reading: WorkspaceReading = new WorkspaceReading({
    connection,
    workspace,
    documents,
    files,
    configuration,
    publisher,
    building,
    arrivals,
    answering: answers,
    abilities: () => abilities,
    noteChange,
  });

  /** Objects or places may be others: publish, and let the panel ask again. */
  function noteChange(edited: string | null): void {
    publisher.schedule(edited);
    void connection.sendNotification(changedMethod);
  }

  /** Many builds take their time: that is shown, once there are enough of them. */
  async function showBuilding(left: BuildingProgress): Promise<void> {
    buildsLeft = left;
    if (left === null) {
      const shown = await buildingShown;
      buildingShown = null;
      shown?.done();
      return;
    }
    if (buildingShown === null && abilities.showsProgress && left.all >= fewBuilds) {
      buildingShown = connection.window.createWorkDoneProgress().then((progress) => {
        progress.begin('Hoplens: building kustomizations and charts', 0);
        return progress;
      });
    }
    const shown = await buildingShown;
    shown?.report(Math.round(((left.all - left.left) / left.all) * 100), `${left.left} of ${left.all} left`);
  }

  function applyLevels(): void {
    const under = new Map([...configuration.all()].map(([folder, { rules }]) => [folder, rules]));
    workspace.chooseLevels({ under, over: noLevels });
  }

  connection.onInitialize(({ capabilities, workspaceFolders, initializationOptions }): InitializeResult => {
    abilities = clientAbilities(capabilities);
    reading.begin((workspaceFolders ?? []).map(({ uri }) => normal(uri)));
    workspace.expectBuilds(true);
    configuration.take(initializationOptions);
    applyLevels();
    return {
      capabilities: {
        ...languageCapabilities,
        ...(abilities.pullsDiagnostics
          ? { diagnosticProvider: { interFileDependencies: true, workspaceDiagnostics: true } }
          : {}),
        // A client of ours has the command itself.
        ...(abilities.showsTraces ? {} : { executeCommandProvider: { commands: [textTraceCommand] } }),
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
      serverInfo: { name: 'Hoplens' },
    };
  });

  connection.onInitialized(async () => {
    if (abilities.changesFolders) connection.workspace.onDidChangeWorkspaceFolders(changeFolders);
    void configuration.listen(abilities);
    await configuration.pull(reading.folders, abilities);
    applyLevels();
    void reading.index(reading.folders);
  });

  async function changeFolders(event: WorkspaceFoldersChangeEvent): Promise<void> {
    const fresh = answers.guarded('Folders', [], () => {
      const [added, removed] = [event.added, event.removed].map((folders) => folders.map(({ uri }) => normal(uri)));
      reading.changeFolders(added ?? [], removed ?? []);
      return added ?? [];
    });
    await configuration.pull(reading.folders, abilities);
    applyLevels();
    void reading.index(fresh);
  }

  connection.onDidChangeConfiguration(async ({ settings }) => {
    const before = [...configuration.all()].map(([folder, { exclude }]) => [folder, exclude]);
    // A client that is asked says here that there is something to ask for, some with null.
    if (settings !== undefined && settings !== null) configuration.take(settings);
    await configuration.pull(reading.folders, abilities);
    applyLevels();
    reading.applyProfiles();
    const after = [...configuration.all()].map(([folder, { exclude }]) => [folder, exclude]);
    if (JSON.stringify(before) !== JSON.stringify(after)) void reading.exclude();
    refreshLenses();
    refreshHints();
    noteChange(null);
  });

  documents.all.onDidOpen(({ document }) => reading.opened(document));
  documents.all.onDidChangeContent(({ document }) =>
    answers.guarded('Reading a document', undefined, () => reading.changed(document)),
  );
  documents.all.onDidClose(({ document }) => reading.closed(document));
  connection.onDidChangeWatchedFiles(({ changes }) => reading.watched(changes));

  const serving = {
    connection,
    workspace,
    documents,
    reading,
    building,
    publisher,
    configuration,
    answering: answers,
    abilities: () => abilities,
  };
  registerLanguageFeatures(serving);
  registerDiagnosticRequests(serving, pulled);
  registerTextTraces(serving);
  registerOwnRequests({
    ...serving,
    underWay: () => {
      if (reading.progress !== null) return { kind: 'reading', ...reading.progress };
      return buildsLeft === null ? null : { kind: 'building', ...buildsLeft };
    },
    onPicked: () => {
      noteChange(null);
      refreshLenses();
      refreshHints();
    },
  });
  documents.all.listen(connection);
  connection.listen();
}
