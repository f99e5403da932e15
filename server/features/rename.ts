import {
  type ChangeAnnotation,
  LSPErrorCodes,
  type Position,
  type PrepareRenameResult,
  ResponseError,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import { type RenameEdit, renamePlaceAt, renamingAt } from '../../shared/insight/navigation/renaming.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';
import type { ClientAbilities } from '../clientAbilities.ts';

/** Who asks. */
interface EditingClient {
  readonly abilities: Pick<ClientAbilities, 'takesVersions' | 'asksAboutEdits'>;
  /** Of an open document; null for any other. */
  readonly versionOf: (uri: string) => number | null;
}

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

/**
 * The new name in all files. What isn't sure is asked first; an editor that can't ask gets all that names the same, and
 * not what only may.
 */
export function rename(
  workspace: Workspace,
  uri: string,
  {
    position,
    newName,
    client,
  }: { readonly position: Position; readonly newName: string; readonly client: EditingClient },
): WorkspaceEdit | ResponseError<void> | null {
  const made = renamingAt(workspace, uri, position, newName);
  if (made === null) return null;
  if (made.kind === 'refused') return refusal(made.message);
  const { takesVersions, asksAboutEdits: asks } = client.abilities;
  const edits = asks ? made.edits : made.edits.filter(({ doubt }) => doubt?.kind !== 'perhaps');
  const byFile = [...Map.groupBy(edits, ({ site }) => site.uri)];
  const textEdit = ({ site: { range }, text }: RenameEdit): TextEdit => ({ range, newText: text });
  if (!takesVersions) return { changes: Object.fromEntries(byFile.map(([file, own]) => [file, own.map(textEdit)])) };
  const asked = new Map(
    edits.flatMap(({ doubt }) => (asks && doubt !== null ? [[idOf(doubt), annotationOf(doubt)]] : [])),
  );
  return {
    documentChanges: byFile.map(([file, own]) => ({
      textDocument: { uri: file, version: client.versionOf(file) },
      edits: own.map((each) =>
        asks && each.doubt !== null ? { ...textEdit(each), annotationId: idOf(each.doubt) } : textEdit(each),
      ),
    })),
    ...(asked.size === 0 ? {} : { changeAnnotations: Object.fromEntries(asked) }),
  };
}

type Doubt = NonNullable<RenameEdit['doubt']>;

function idOf(doubt: Doubt): string {
  return doubt.kind === 'other sets' ? `of ${doubt.sets.join(', ')}` : doubt.kind;
}

function annotationOf(doubt: Doubt): ChangeAnnotation {
  switch (doubt.kind) {
    case 'other sets':
      return {
        label: `Also of ${doubt.sets.join(', ')}`,
        description: 'other sets are built of this, too',
        needsConfirmation: true,
      };
    case 'text':
      return { label: 'In texts', description: 'a text that names the same', needsConfirmation: true };
    case 'perhaps':
      return {
        label: 'Perhaps the same',
        description: "Hoplens doesn't know what is meant here",
        needsConfirmation: true,
      };
    default:
      return doubt satisfies never;
  }
}

function refusal(message: string): ResponseError<void> {
  return new ResponseError(LSPErrorCodes.RequestFailed, message);
}
