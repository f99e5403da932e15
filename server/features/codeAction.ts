import { type CodeAction, CodeActionKind, type Range, type WorkspaceEdit } from 'vscode-languageserver';
import { safeFixes } from '../../shared/insight/fixing.ts';
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

export const fixAllKind = `${CodeActionKind.SourceFixAll}.hoplens`;

/** All fixes of which nothing else can be meant, in one file: what an editor makes when it saves. */
export function fixAll(workspace: Workspace, uri: string): CodeAction[] {
  return fixedAtOnce(workspace.findings(uri), uri, { title: 'Fix all that Hoplens can', kind: fixAllKind });
}

/**
 * What would mend the findings that a range touches, the likeliest first; all alike at once, where they are several;
 * then, what would have them ignored.
 */
export function codeActions(workspace: Workspace, uri: string, range: Range, client: ClientEdits): CodeAction[] {
  const all = workspace.findings(uri);
  const touched = all.filter(({ site }) => touches(site.range, range));
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
    ...[...new Set(touched.map(({ rule }) => rule))].flatMap((rule) => {
      const alike = all.filter((each) => each.rule === rule);
      const title = `Fix all of ${rule} in this file`;
      return alike.length < 2 ? [] : fixedAtOnce(alike, uri, { title, kind: CodeActionKind.QuickFix });
    }),
    ...(file === null ? [] : touched.flatMap((finding) => ignoring(file, finding, client))),
  ];
}

function fixedAtOnce(findings: readonly Finding[], uri: string, action: Omit<CodeAction, 'edit'>): CodeAction[] {
  const edits = safeFixes(findings, (each) => each === uri).edits.get(uri) ?? [];
  if (edits.length === 0) return [];
  return [{ ...action, edit: { changes: { [uri]: edits.map(({ range, text }) => ({ range, newText: text })) } } }];
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
