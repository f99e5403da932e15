import { type CompletionItem, CompletionItemKind, type Position } from 'vscode-languageserver';
import { completionsAt } from '../../shared/insight/completions.ts';

/** The annotations that can stand where the cursor is. */
export function completion(text: string, position: Position): CompletionItem[] {
  return completionsAt(text, position).map(({ label, text: newText, detail, documentation, typed }) => ({
    label,
    detail,
    documentation,
    kind: CompletionItemKind.Property,
    textEdit: {
      range: { start: { line: position.line, character: position.character - typed }, end: position },
      newText,
    },
  }));
}
