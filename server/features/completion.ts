import { type CompletionItem, CompletionItemKind, type CompletionList, type Position } from 'vscode-languageserver';
import type { CandidateKind } from '../../shared/insight/completing/candidate.ts';
import { type Completion, completionsAt } from '../../shared/insight/completing/completions.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';

/** What the set has that can stand where the cursor is, the likeliest first. */
export function completion(
  workspace: Workspace,
  { uri, text }: { readonly uri: string; readonly text: string },
  position: Position,
): CompletionList {
  const { items, isIncomplete } = completionsAt(workspace, uri, text, position);
  return { isIncomplete, items: items.map(itemOf) };
}

const kinds: Readonly<Record<CandidateKind, CompletionItemKind>> = {
  object: CompletionItemKind.Reference,
  port: CompletionItemKind.Value,
  label: CompletionItemKind.Value,
  namespace: CompletionItemKind.Module,
  host: CompletionItemKind.Value,
  kind: CompletionItemKind.Class,
  field: CompletionItemKind.Property,
  value: CompletionItemKind.EnumMember,
};

function itemOf(
  { label, kind, detail, documentation, filterText, range, newText }: Completion,
  index: number,
): CompletionItem {
  return {
    label,
    kind: kinds[kind],
    detail,
    ...(documentation === '' ? {} : { documentation }),
    filterText,
    sortText: String(index).padStart(4, '0'),
    textEdit: { range, newText },
  };
}
