import { type DocumentHighlight, DocumentHighlightKind, type Position } from 'vscode-languageserver';
import { occurrencesAt } from '../../shared/insight/navigation/occurrences.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';

/** What is named at a position, and the references to it, within the same file. */
export function documentHighlight(workspace: Workspace, uri: string, position: Position): DocumentHighlight[] {
  return occurrencesAt(workspace, uri, position, 'its file')
    .filter(({ site }) => site.uri === uri)
    .map(({ site, is }) => ({
      range: site.range,
      kind: is === 'a reference' ? DocumentHighlightKind.Read : DocumentHighlightKind.Write,
    }));
}
