import { type DocumentSymbol, SymbolKind, type WorkspaceSymbol } from 'vscode-languageserver';
import { type PlacedSymbol, symbolsIn, symbolsLike } from '../../shared/insight/navigation/symbols.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';
import { shortName } from './shortName.ts';

/** The outline of a file: its objects, with their ports, hosts and listeners. */
export function documentSymbols(workspace: Workspace, uri: string): DocumentSymbol[] {
  return symbolsIn(workspace, uri).map((each) => documentSymbol(each, SymbolKind.Object));
}

function documentSymbol({ name, detail, range, nameRange, parts }: PlacedSymbol, kind: SymbolKind): DocumentSymbol {
  const children = parts.map((each) => documentSymbol(each, SymbolKind.Field));
  return { name: shortName(name), detail: shortName(detail), kind, range, selectionRange: nameRange, children };
}

/** What has a text in its name, over all files. */
export function workspaceSymbols(workspace: Workspace, query: string): WorkspaceSymbol[] {
  return symbolsLike(workspace, query).map(({ name, within, isPart, site }) => ({
    name: shortName(name),
    containerName: shortName(within),
    kind: isPart ? SymbolKind.Field : SymbolKind.Object,
    location: site,
  }));
}
