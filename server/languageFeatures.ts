import {
  type CallHierarchyItem,
  CodeActionKind,
  type Connection,
  type DocumentHighlight,
  type Location,
  type ServerCapabilities,
  TextDocumentSyncKind,
} from 'vscode-languageserver';
import type { Workspace } from '../shared/insight/workspace.ts';
import type { Answering } from './answering.ts';
import type { Building } from './building.ts';
import type { ClientAbilities } from './clientAbilities.ts';
import type { Configuration } from './configuration.ts';
import { incomingCalls, outgoingCalls, prepareCallHierarchy } from './features/callHierarchy.ts';
import { codeActions, fixAll, fixAllKind } from './features/codeAction.ts';
import { codeLenses, entryLenses } from './features/codeLens.ts';
import { completion } from './features/completion.ts';
import { definition } from './features/definition.ts';
import { documentHighlight } from './features/documentHighlight.ts';
import { documentLinks } from './features/documentLink.ts';
import { hover } from './features/hover.ts';
import { inlayHints } from './features/inlayHint.ts';
import { references } from './features/references.ts';
import { prepareRename, rename } from './features/rename.ts';
import { documentSymbols, workspaceSymbols } from './features/symbols.ts';
import { traceActions, traceKind } from './features/textTrace.ts';
import { typeDefinition } from './features/typeDefinition.ts';
import { normal, type OpenDocuments } from './openDocuments.ts';
import type { Publisher } from './publisher.ts';
import type { WorkspaceReading } from './workspaceReading.ts';

/** What the features are made of. */
export interface Serving {
  readonly connection: Connection;
  readonly workspace: Workspace;
  readonly documents: OpenDocuments;
  readonly reading: WorkspaceReading;
  readonly building: Building;
  readonly publisher: Publisher;
  readonly configuration: Configuration;
  readonly answering: Answering;
  readonly abilities: () => ClientAbilities;
}

/** What of the Language Server Protocol is there, whoever asks. */
export const languageCapabilities: ServerCapabilities = {
  textDocumentSync: TextDocumentSyncKind.Incremental,
  codeLensProvider: { resolveProvider: false },
  hoverProvider: true,
  definitionProvider: true,
  typeDefinitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  documentLinkProvider: { resolveProvider: false },
  documentSymbolProvider: true,
  workspaceSymbolProvider: true,
  callHierarchyProvider: true,
  renameProvider: { prepareProvider: true },
  completionProvider: { triggerCharacters: [' ', '.', '/', '"', "'"] },
  inlayHintProvider: { resolveProvider: false },
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, fixAllKind] },
};

/** One request, one feature's file. */
export function registerLanguageFeatures(serving: Serving): void {
  const { connection, workspace, documents, reading, building, publisher, configuration, abilities } = serving;
  const { answered } = serving.answering;

  connection.onCodeLens(async ({ textDocument }, token) => {
    const uri = normal(textDocument.uri);
    await building.ready(uri);
    const { codeLens: parts } = configuration.of(uri);
    const isLeftAlone = parts.size === 0 || reading.isTooLarge(uri);
    return answered('Code lenses', uri, token, {
      otherwise: [],
      answer: () =>
        isLeftAlone
          ? []
          : [
              ...entryLenses(workspace, uri, abilities()),
              ...codeLenses(publisher.lenses.get(uri), uri, { parts, abilities: abilities() }),
            ],
    });
  });
  connection.onCodeAction(({ textDocument, range, context: { only } }, token) => {
    const uri = normal(textDocument.uri);
    const wants = (kind: string): boolean | undefined => only?.some((each) => `${kind}.`.startsWith(`${each}.`));
    const isAll = wants(fixAllKind) === true;
    return answered('Fixes', uri, token, {
      otherwise: [],
      answer: () => {
        if (isAll) return fixAll(workspace, uri);
        const hasTraces = !abilities().showsTraces && wants(traceKind) !== false && !reading.isTooLarge(uri);
        const traces = hasTraces ? traceActions(publisher.lenses.get(uri), uri, range) : [];
        return [...codeActions(workspace, uri, range, abilities()), ...traces];
      },
    });
  });
  connection.onCompletion(({ textDocument, position }, token) => {
    const uri = normal(textDocument.uri);
    const text = reading.isTooLarge(uri) ? null : documents.textOf(uri);
    return answered('Completion', uri, token, {
      otherwise: null,
      answer: () => (text === null ? null : completion(workspace, { uri, text }, position)),
    });
  });
  connection.languages.inlayHint.on(async ({ textDocument, range }, token) => {
    const uri = normal(textDocument.uri);
    const { inlayHints: shown } = configuration.of(uri);
    if (shown === 'off' || reading.isTooLarge(uri)) return [];
    await building.ready(uri);
    return answered('Hints', uri, token, {
      otherwise: [],
      answer: () => inlayHints(publisher.hints.get(uri), range, shown),
    });
  });
  connection.onHover(({ textDocument, position }, token) => {
    const uri = normal(textDocument.uri);
    return answered('Hover', uri, token, { otherwise: null, answer: () => hover(workspace, uri, position) });
  });
  connection.onDefinition(({ textDocument, position }, token) => {
    const uri = normal(textDocument.uri);
    return answered('Definition', uri, token, { otherwise: [], answer: () => definition(workspace, uri, position) });
  });
  connection.onTypeDefinition(({ textDocument, position }, token) => {
    const uri = normal(textDocument.uri);
    const answer = (): Location[] => typeDefinition(workspace, uri, position);
    return answered('Type definition', uri, token, { otherwise: [], answer });
  });
  connection.languages.callHierarchy.onPrepare(({ textDocument, position }, token) => {
    const uri = normal(textDocument.uri);
    const answer = (): CallHierarchyItem[] => prepareCallHierarchy(workspace, uri, position);
    return answered('Call hierarchy', uri, token, { otherwise: [], answer });
  });
  connection.languages.callHierarchy.onIncomingCalls(({ item }, token) =>
    answered('Call hierarchy', '', token, { otherwise: [], answer: () => incomingCalls(workspace, item) }),
  );
  connection.languages.callHierarchy.onOutgoingCalls(({ item }, token) =>
    answered('Call hierarchy', '', token, { otherwise: [], answer: () => outgoingCalls(workspace, item) }),
  );
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
    const client = { abilities: abilities(), versionOf: (file: string) => documents.versionOf(file) };
    const answer = (): ReturnType<typeof rename> => rename(workspace, uri, { position, newName, client });
    return answered('Renaming', uri, token, { otherwise: null, answer });
  });
}
