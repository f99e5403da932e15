import type { Location, ReferenceParams } from 'vscode-languageserver';
import { occurrencesAt } from '../../shared/insight/navigation/occurrences.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';

/** Who names the object, port, listener or label at a position. */
export function references(
  workspace: Workspace,
  uri: string,
  { position, context }: Pick<ReferenceParams, 'position' | 'context'>,
): Location[] {
  return occurrencesAt(workspace, uri, position)
    .filter(({ is }) => is === 'a reference' || context.includeDeclaration)
    .map(({ site }) => site);
}
