import { type Hover, MarkupKind, type Position } from 'vscode-languageserver';
import { fieldHelpAt } from '../../shared/insight/fieldHelp.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';

/** What a traffic field means for the very object that it stands in. */
export function hover(workspace: Workspace, uri: string, position: Position): Hover | null {
  if (workspace.builtOf(uri).length > 0) {
    const value = workspace.sourceHelp(uri, position);
    return value === null ? null : { contents: { kind: MarkupKind.Markdown, value } };
  }
  const [scene, file] = [workspace.sceneOf(uri), workspace.file(uri)];
  const help = scene === null || file === null ? null : fieldHelpAt(scene, file, position);
  return help === null ? null : { contents: { kind: MarkupKind.Markdown, value: help.markdown }, range: help.range };
}
