import type { Location, Position } from 'vscode-languageserver';
import { definitionsAt } from '../../shared/insight/navigation/definitions.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';

/** Where what is named at a position stands. */
export function definition(workspace: Workspace, uri: string, position: Position): Location[] {
  return definitionsAt(workspace, uri, position);
}
