import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Builder } from '../../render/builder.ts';
import type { Renderer } from '../../render/renderer.ts';
import { isCounting } from '../../shared/cluster/declared.ts';
import type { Lens } from '../../shared/insight/lenses.ts';
import { type Finding, isFault } from '../../shared/insight/rule.ts';
import type { Scene } from '../../shared/insight/scene.ts';
import type { Watch, Workspace } from '../../shared/insight/workspace.ts';
import { isKustomization } from '../../shared/manifest/fileNames.ts';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import { startOfObject } from '../../shared/manifest/parseFile.ts';
import { placeholdersIn } from '../../shared/manifest/placeholder.ts';
import { builtWorkspace, type Folder } from '../built/changedSources.ts';

/** Real repositories beside the project. */
export const shared = join(import.meta.dirname, '..', '..', '..', 'shared');

/** `corpus/NAME` of all that are there. */
export function repositories(): string[] {
  return ['corpus', 'corpus-more', 'built'].flatMap((corpus) =>
    existsSync(join(shared, corpus))
      ? readdirSync(join(shared, corpus), { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .map(({ name }) => `${corpus}/${name}`)
      : [],
  );
}

/** A repository, built and watched as the server watches what is open. */
export interface Repository {
  readonly name: string;
  readonly workspace: Workspace;
  readonly builder: Builder;
  readonly folder: Folder;
  readonly watched: ReadonlyMap<string, Watched>;
  /** The files of which something else may be said since the last look. */
  readonly stale: Set<string>;
}

export interface Watched {
  readonly findings: Watch<readonly Finding[]>;
  readonly lenses: Watch<readonly Lens[]>;
  /** What was said of the file before any mistake. */
  readonly said: readonly Finding[];
  readonly saidInFull: string;
}

export async function repositoryAt(
  renderer: Pick<Renderer, 'put' | 'remove' | 'build'>,
  name: string,
): Promise<Repository> {
  const { workspace, builder, folder } = await builtWorkspace(renderer, join(shared, name));
  const watched = new Map<string, Watched>();
  const stale = new Set<string>();
  for (const uri of workspace.uris()) {
    const note = (): void => void stale.add(uri);
    const findings = workspace.watchFindings(uri, 'with infos', note);
    const lenses = workspace.watchLenses(uri, note);
    watched.set(uri, { findings, lenses, said: findings.get(), saidInFull: saidNow({ findings, lenses }) });
  }
  workspace.settle();
  stale.clear();
  return { name, workspace, builder, folder, watched, stale };
}

/** All that is said of a file. */
export function saidNow({ findings, lenses }: Pick<Watched, 'findings' | 'lenses'>): string {
  return JSON.stringify([findings.get(), lenses.get()]);
}

/** An object of a repository, and what it is applied with. */
export interface Standing {
  readonly repository: Repository;
  readonly scene: Scene;
  readonly manifest: Manifest;
}

/**
 * The objects that a mistake can be made in: those that count, and of which nothing is unknown. What is wrong with one
 * already is no place for another mistake.
 */
export function objectsOf(repository: Repository): Standing[] {
  const { workspace } = repository;
  const scenes = new Set(workspace.uris().flatMap((uri) => workspace.ask(() => workspace.sceneOf(uri)) ?? []));
  return workspace.ask(() => {
    const judged = [...scenes].flatMap((scene) =>
      scene.files
        .flatMap(({ manifests }) => manifests)
        .filter((manifest) => isCounting(scene.model.declared, manifest) && placeholdersIn(manifest).length === 0)
        .map((manifest) => ({ repository, scene, manifest })),
    );
    // What says how to build is in no set itself.
    const building = workspace.uris().flatMap((uri) => {
      const scene = isKustomization(uri) ? workspace.sceneOf(uri) : null;
      const isBuiltFrom = scene !== null && workspace.rootsReaching(uri).length > 0;
      const manifests = isBuiltFrom ? (workspace.file(uri)?.manifests ?? []) : [];
      return manifests.flatMap((manifest) => (scene === null ? [] : [{ repository, scene, manifest }]));
    });
    return [...judged, ...building].filter(
      ({ manifest }) => !isFaulty(repository, manifest) && !isOfFailingBuild(repository, manifest),
    );
  });
}

/** Of a build that fails as it lies here, no other reason to fail is told. */
function isOfFailingBuild({ workspace }: Repository, { uri }: Manifest): boolean {
  const roots = workspace.rootsReaching(uri);
  return roots.length > 0 && roots.every((root) => workspace.builtAt(root)?.problem !== null);
}

function isFaulty({ workspace, watched }: Repository, manifest: Manifest): boolean {
  const faults = (watched.get(manifest.uri)?.said ?? []).filter(isFault);
  if (faults.length === 0) return false;
  const file = workspace.file(manifest.uri);
  const standing = file?.standing.get(manifest.key);
  const start = file == null ? null : startOfObject(file, manifest.key);
  if (standing === undefined || start === null) return true;
  const end = standing.document.at.line + standing.document.text.split('\n').length;
  return faults.some(({ site: { range } }) => range.start.line >= start.line && range.start.line < end);
}
