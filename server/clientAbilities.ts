import type { ClientCapabilities } from 'vscode-languageserver';
import type { OwnCapabilities } from '../shared/insight/protocol.ts';

/** What the client can do, of what matters here; as it said when it began. */
export interface ClientAbilities extends OwnCapabilities {
  readonly refreshesLenses: boolean;
  readonly refreshesHints: boolean;
  readonly refreshesDiagnostics: boolean;
  /** It asks for diagnostics; where it doesn't, they are sent. */
  readonly pullsDiagnostics: boolean;
  readonly showsProgress: boolean;
  readonly changesFolders: boolean;
  readonly hasSnippets: boolean;
  /** It takes edits of open documents by their version. */
  readonly takesVersions: boolean;
  /** It asks about edits that somebody should look at first. */
  readonly asksAboutEdits: boolean;
  /** It is asked for its settings; where it can't be, those that it sends count. */
  readonly answersSettings: boolean;
  /** It can be told which settings it shall say changes of. */
  readonly registersSettings: boolean;
}

export function clientAbilities({
  workspace,
  window,
  textDocument,
  experimental,
}: ClientCapabilities): ClientAbilities {
  const own: unknown = isRecord(experimental) ? experimental['hoplens'] : undefined;
  const has = (name: keyof OwnCapabilities): boolean => isRecord(own) && own[name] === true;
  return {
    refreshesLenses: workspace?.codeLens?.refreshSupport === true,
    refreshesHints: workspace?.inlayHint?.refreshSupport === true,
    refreshesDiagnostics: workspace?.diagnostics?.refreshSupport === true,
    pullsDiagnostics: textDocument?.diagnostic !== undefined,
    showsProgress: window?.workDoneProgress === true,
    changesFolders: workspace?.workspaceFolders === true,
    hasSnippets: workspace?.workspaceEdit?.snippetEditSupport === true,
    takesVersions: workspace?.workspaceEdit?.documentChanges === true,
    asksAboutEdits:
      workspace?.workspaceEdit?.documentChanges === true &&
      workspace.workspaceEdit.changeAnnotationSupport !== undefined,
    answersSettings: workspace?.configuration === true,
    registersSettings: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    readsFiles: has('readsFiles'),
    showsTraces: has('showsTraces'),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
