import type { Location, Position } from 'vscode-languageserver';
import { typeDefinitionsAt } from '../../shared/insight/navigation/definitions.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';

/** Who answers in the place of what is named at a position: pods, a controller, a Gateway. */
export function typeDefinition(workspace: Workspace, uri: string, position: Position): Location[] {
  return typeDefinitionsAt(workspace, uri, position);
}
