import { fileLinksOf } from '../../manifest/kustomization.ts';
import { siteOfDocument } from '../../manifest/parseFile.ts';
import { type Position, rangeHolds, type Site } from '../../manifest/position.ts';
import type { Workspace } from '../workspace.ts';

/** The file that a kustomization names at a position. */
export function fileNamedAt(workspace: Workspace, uri: string, position: Position): Site | null {
  const named = filesNamedIn(workspace, uri).find(({ site }) => rangeHolds(site.range, position));
  const start = { line: 0, character: 0 };
  return named === undefined ? null : { uri: named.target, range: { start, end: start } };
}

/** The files that a kustomization names, where the workspace has them; of a folder, its kustomization. */
export function filesNamedIn(workspace: Workspace, uri: string): { readonly site: Site; readonly target: string }[] {
  const file = workspace.file(uri);
  if (file === null) return [];
  return fileLinksOf(file, (each) => workspace.file(each)).flatMap(({ path, uri: target }) => {
    const site = siteOfDocument(file, path);
    return site === null ? [] : [{ site, target }];
  });
}
