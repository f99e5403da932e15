import { type Hover, MarkupKind, type Position } from 'vscode-languageserver/node';
import { fieldHelpAt } from '../../shared/insight/fieldHelp.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';

/** What a traffic field means for the very object that it stands in. */
export function hover(workspace: Workspace, uri: string, position: Position): Hover | null {
  const [scene, file] = [workspace.sceneOf(uri), workspace.file(uri)];
  const help = scene === null || file === null ? null : fieldHelpAt(scene, file, position);
  return help === null ? null : { contents: { kind: MarkupKind.Markdown, value: help.markdown }, range: help.range };
}
