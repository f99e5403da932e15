import { type CodeAction, CodeActionKind, type Range } from 'vscode-languageserver/node';
import type { Finding } from '../../shared/insight/rule.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';
import { diagnostic } from './diagnostics.ts';

/** What would mend the findings that a range touches, the likeliest change first. */
export function codeActions(workspace: Workspace, uri: string, range: Range): CodeAction[] {
  return workspace
    .findings(uri)
    .filter(({ site }) => touches(site.range, range))
    .flatMap((finding) =>
      finding.fixes.map((fix, index): CodeAction => ({
        title: fix.title,
        kind: CodeActionKind.QuickFix,
        diagnostics: [diagnostic(finding)],
        isPreferred: index === 0,
        edit: {
          changes: Object.fromEntries(
            [...Map.groupBy(fix.edits, ({ site }) => site.uri)].map(([file, edits]) => [
              file,
              edits.map(({ site, text }) => ({ range: site.range, newText: text })),
            ]),
          ),
        },
      })),
    );
}

function touches(one: Finding['site']['range'], other: Range): boolean {
  const isBefore = (a: Range['end'], b: Range['start']): boolean =>
    a.line < b.line || (a.line === b.line && a.character < b.character);
  return !isBefore(one.end, other.start) && !isBefore(other.end, one.start);
}
