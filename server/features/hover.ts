import { type Hover, MarkupKind, type Position } from 'vscode-languageserver/node';
import { fieldHelpAt } from '../../shared/insight/fieldHelp.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';

/** What a traffic field means for the very object that it stands in. */
export function hover(workspace: Workspace, uri: string, position: Position): Hover | null {
  const scene = workspace.sceneOf(uri);
  const help = scene === null ? null : fieldHelpAt(scene, uri, position);
  return help === null ? null : { contents: { kind: MarkupKind.Markdown, value: help.markdown }, range: help.range };
}
