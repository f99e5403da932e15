import { type CodeAction, CodeActionKind, type Range, type WorkspaceEdit } from 'vscode-languageserver/node';
import { ignoringEdit, ignoringText, reasonHere } from '../../shared/insight/ignoring.ts';
import type { Finding, PlacedFix } from '../../shared/insight/rule.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';
import type { ParsedFile } from '../../shared/manifest/parseFile.ts';
import { diagnostic } from './diagnostics.ts';

/** What the client can do with an edit. */
export interface ClientEdits {
  /** Whether the cursor can be put on a part of what is inserted. */
  readonly hasSnippets: boolean;
}

/** What would mend the findings that a range touches, the likeliest first; then, what would have them ignored. */
export function codeActions(workspace: Workspace, uri: string, range: Range, client: ClientEdits): CodeAction[] {
  const touched = workspace.findings(uri).filter(({ site }) => touches(site.range, range));
  const file = workspace.file(uri);
  return [
    ...touched.flatMap((finding) =>
      finding.fixes.map((fix, index): CodeAction => ({
        title: fix.title,
        kind: CodeActionKind.QuickFix,
        diagnostics: [diagnostic(finding)],
        isPreferred: index === 0,
        edit: { changes: changesOf(fix.edits) },
      })),
    ),
    ...(file === null ? [] : touched.flatMap((finding) => ignoring(file, finding, client))),
  ];
}

function changesOf(edits: PlacedFix['edits']): NonNullable<WorkspaceEdit['changes']> {
  return Object.fromEntries(
    [...Map.groupBy(edits, ({ site }) => site.uri)].map(([file, own]) => [
      file,
      own.map(({ site, text }) => ({ range: site.range, newText: text })),
    ]),
  );
}

function ignoring(file: ParsedFile, finding: Finding, { hasSnippets }: ClientEdits): CodeAction[] {
  const found = ignoringEdit(file, finding);
  if (found === null) return [];
  const { uri, range } = found.site;
  const snippet = (text: string): string => text.replace(/[\\$}]/g, '\\$&');
  const value = `${snippet(found.before)}\${1:${reasonHere}}${snippet(found.after)}`;
  return [
    {
      title: `Ignore ${finding.rule} here`,
      kind: CodeActionKind.QuickFix,
      diagnostics: [diagnostic(finding)],
      edit: hasSnippets
        ? {
            documentChanges: [
              { textDocument: { uri, version: null }, edits: [{ range, snippet: { kind: 'snippet', value } }] },
            ],
          }
        : { changes: { [uri]: [{ range, newText: ignoringText(found, reasonHere) }] } },
    },
  ];
}

function touches(one: Finding['site']['range'], other: Range): boolean {
  const isBefore = (a: Range['end'], b: Range['start']): boolean =>
    a.line < b.line || (a.line === b.line && a.character < b.character);
  return !isBefore(one.end, other.start) && !isBefore(other.end, one.start);
}
