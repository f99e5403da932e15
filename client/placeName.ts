import { l10n, Uri, workspace } from 'vscode';

/** A file or folder as people call it: its path in the workspace; a workspace's own folder by its name. */
export function placeName(place: string): string {
  const uri = Uri.parse(place);
  if (uri.scheme === 'untitled') return l10n.t('unsaved documents');
  const own = workspace.workspaceFolders?.find((each) => each.uri.toString() === uri.toString());
  return own?.name ?? workspace.asRelativePath(uri);
}
