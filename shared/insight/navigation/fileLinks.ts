import { repositoryPathsIn } from '../../built/deployers.ts';
import { folderOf, isChart } from '../../manifest/fileNames.ts';
import { fileLinksOf, kustomizationAt, uriIn } from '../../manifest/kustomization.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { type ParsedFile, siteOfDocument, siteOfField } from '../../manifest/parseFile.ts';
import { type Position, rangeHolds, type Site } from '../../manifest/position.ts';
import { itemsAt, textAt } from '../../manifest/value.ts';
import type { Workspace } from '../workspace.ts';

/** A file that another names, and where. */
export interface FileLink {
  readonly site: Site;
  readonly target: string;
}

/** The file that a position names. */
export function fileNamedAt(workspace: Workspace, uri: string, position: Position): Site | null {
  const named = filesNamedIn(workspace, uri).find(({ site }) => rangeHolds(site.range, position));
  const start = { line: 0, character: 0 };
  return named === undefined ? null : { uri: named.target, range: { start, end: start } };
}

/**
 * The files that a kustomization, a chart, an Application and the like name, where they are there; of a folder, its
 * kustomization or its chart.
 */
export function filesNamedIn(workspace: Workspace, uri: string): FileLink[] {
  const file = workspace.file(uri);
  if (file === null) return [];
  const placed = (site: Site | null, candidates: readonly string[]): FileLink[] => {
    const target = candidates.flatMap((each) => fileAt(workspace, uri, each) ?? [])[0];
    return site === null || target === undefined ? [] : [{ site, target }];
  };
  return [
    ...fileLinksOf(file).flatMap((each) => placed(siteOfDocument(file, each.path), [each.uri])),
    ...(isChart(uri) ? chartLinks(file) : []).flatMap((each) => placed(siteOfDocument(file, each.path), [each.uri])),
    ...file.manifests.flatMap((manifest) =>
      repositoryPathsIn(manifest).flatMap(({ path, candidates }) =>
        placed(siteOfField(file, fieldOf(manifest, ...path)), candidates),
      ),
    ),
  ];
}

/** A file by its URI, or the one that stands for a folder; null for what isn't there. */
function fileAt(workspace: Workspace, from: string, uri: string): string | null {
  const known = (each: string): ParsedFile | null => workspace.file(each);
  const found = known(uri) ?? kustomizationAt(known, uri)?.file ?? known(`${uri}/Chart.yaml`);
  if (found !== null) return found.uri;
  // What was built of it was there, though it may hold no YAML.
  return workspace.builtOf(from).some(({ problem, sources }) => problem === null && sources.includes(uri)) ? uri : null;
}

/** Charts beside this one that it depends on; source: helm/helm pkg/downloader (v3). */
function chartLinks(file: ParsedFile): { readonly path: (string | number)[]; readonly uri: string }[] {
  const value = file.documents[0]?.content.value ?? undefined;
  return itemsAt(value, 'dependencies').flatMap((each, index) => {
    const [, path] = /^file:\/\/(.+)$/.exec(textAt(each, 'repository') ?? '') ?? [];
    const uri = path === undefined ? null : uriIn(folderOf(file.uri), path);
    return uri === null ? [] : [{ path: ['dependencies', index, 'repository'], uri }];
  });
}
