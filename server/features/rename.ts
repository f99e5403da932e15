import {
  type Position,
  type PrepareRenameResult,
  LSPErrorCodes,
  ResponseError,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import { renamePlaceAt, renamingAt } from '../../shared/insight/renaming.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';

/** The name that would be renamed; what can't be is refused in a sentence, which the editor shows. */
export function prepareRename(
  workspace: Workspace,
  uri: string,
  position: Position,
): PrepareRenameResult | ResponseError<void> | null {
  const found = renamePlaceAt(workspace, uri, position);
  if (found === null) return null;
  return found.kind === 'refused' ? refusal(found.message) : { range: found.range, placeholder: found.text };
}

/** The new name in all files. */
export function rename(
  workspace: Workspace,
  uri: string,
  { position, newName }: { readonly position: Position; readonly newName: string },
): WorkspaceEdit | ResponseError<void> | null {
  const made = renamingAt(workspace, uri, position, newName);
  if (made === null) return null;
  if (made.kind === 'refused') return refusal(made.message);
  const byFile = Map.groupBy(made.edits, ({ site }) => site.uri);
  return {
    changes: Object.fromEntries(
      [...byFile].map(([file, own]) => [file, own.map(({ site: { range }, text }) => ({ range, newText: text }))]),
    ),
  };
}

function refusal(message: string): ResponseError<void> {
  return new ResponseError(LSPErrorCodes.RequestFailed, message);
}
