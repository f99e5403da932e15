import type { BuiltSet } from '../built/builtSet.ts';
import { type Cell, type Graph, KeyedFamily } from '../cluster/derived.ts';
import { sameItems } from '../cluster/listChanges.ts';
import type { ObjectKey } from '../manifest/manifest.ts';
import type { GroupedSet } from '../manifest/manifestSet.ts';
import type { ParsedFile } from '../manifest/parseFile.ts';
import type { Site } from '../manifest/position.ts';
import { type EntryPoint, entryPointsOf, entryPointsOfProfile, leadsIn } from './entryPoints.ts';
import type { Scene } from './scene.ts';

/** A set that something leads into from outside, or a build that fails. */
export interface EntrySet {
  readonly root: string;
  readonly kind: GroupedSet['kind'];
  /** A build's label; null for a set that its place names. */
  readonly label: string | null;
  /** The folder, or the file of a set of one file. */
  readonly place: string;
  /** Why it can't be built as it is now; null where it can. */
  readonly problem: string | null;
  /** Where that is. */
  readonly entry: string | null;
}

/** An entry point with its line. */
export interface PlacedEntryPoint extends EntryPoint {
  readonly site: Site | null;
}

export interface EntrySetSources {
  readonly graph: Graph;
  readonly plain: Cell<readonly GroupedSet[]>;
  readonly built: Cell<readonly BuiltSet[]>;
  readonly isBuiltJudged: (set: BuiltSet) => boolean;
  readonly file: (uri: string) => ParsedFile | null;
  readonly sceneAt: (root: string) => Scene | null;
}

/**
 * The ways in of a workspace, by set: which sets have some is told by what is written, what becomes of a request is
 * found out object by object when somebody asks for the set.
 */
export class EntrySets {
  /** In the order of their places. */
  readonly sets: Cell<readonly EntrySet[]>;
  readonly #sources: EntrySetSources;
  readonly #leading: KeyedFamily<readonly ObjectKey[]>;
  readonly #own: KeyedFamily<readonly string[]>;
  readonly #objects: KeyedFamily<readonly ObjectKey[]>;

  constructor(sources: EntrySetSources) {
    const { graph, plain, built } = sources;
    this.#sources = sources;
    this.#leading = new KeyedFamily(
      graph,
      (uri): readonly ObjectKey[] =>
        (sources.file(uri)?.manifests ?? []).flatMap((each) => (leadsIn(each) ? [each.key] : [])),
      { same: sameItems, eager: true },
    );
    this.#own = new KeyedFamily(
      graph,
      (root): readonly string[] => plain.get().find((each) => each.root === root)?.own ?? builtUris(built.get(), root),
      { same: sameItems },
    );
    this.#objects = new KeyedFamily(
      graph,
      (root): readonly ObjectKey[] => this.#own.get(root).flatMap((uri) => this.#leading.get(uri)),
      {
        same: sameItems,
        eager: true,
      },
    );
    this.sets = graph.derived(
      () => {
        const judged = built.get().filter(sources.isBuiltJudged);
        const failing = built.get().filter((each) => each.problem !== null && !judged.includes(each));
        return [
          ...plain.get().flatMap((set) => (this.#hasWays(set.own) ? [ofPlain(set)] : [])),
          ...judged.flatMap((set) => (set.problem !== null || this.#hasWays([set.file.uri]) ? [ofBuilt(set)] : [])),
          ...failing.map(ofBuilt),
        ].toSorted((a, b) => (a.place < b.place ? -1 : a.place > b.place ? 1 : 0));
      },
      { eager: true, same: (a, b) => JSON.stringify(a) === JSON.stringify(b) },
    );
  }

  #hasWays(uris: readonly string[]): boolean {
    return uris.some((uri) => this.#leading.get(uri).length > 0);
  }

  /** The objects of a set that may lead in, in its order. */
  objectsAt(root: string): readonly ObjectKey[] {
    return this.#objects.get(root);
  }

  /** The ways in that an object of a set makes; those of the profile for `null`. */
  of(root: string, key: ObjectKey | null): readonly PlacedEntryPoint[] {
    const scene = this.#sources.sceneAt(root);
    if (scene === null) return [];
    const manifest = key === null ? null : scene.manifestOf(key);
    const found =
      manifest === undefined ? [] : manifest === null ? entryPointsOfProfile(scene) : entryPointsOf(scene, manifest);
    return found.map((each) => ({ ...each, site: scene.siteOf(each.at) ?? scene.startOf(each.at.object) }));
  }
}

function builtUris(sets: readonly BuiltSet[], root: string): readonly string[] {
  const found = sets.find(({ plan }) => plan.root === root);
  return found === undefined ? [] : [found.file.uri];
}

function ofPlain({ root, kind }: GroupedSet): EntrySet {
  return { root, kind, label: null, place: root, problem: null, entry: null };
}

function ofBuilt({ plan: { root, kind, label, folder, entry }, problem }: BuiltSet): EntrySet {
  return {
    root,
    kind,
    label,
    place: folder,
    problem: problem?.message ?? null,
    entry: problem?.uri ?? entry,
  };
}
