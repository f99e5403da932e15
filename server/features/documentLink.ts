import type { DocumentLink } from 'vscode-languageserver';
import { filesNamedIn } from '../../shared/insight/navigation/fileLinks.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';

/** The files that a kustomization names. */
export function documentLinks(workspace: Workspace, uri: string): DocumentLink[] {
  return filesNamedIn(workspace, uri).map(({ site, target }) => ({ range: site.range, target }));
}
