import { type BuiltField, type BuiltSet, isBuilt, rootOfBuilt } from '../built/builtSet.ts';
import { type Graph, KeyedFamily } from '../cluster/derived.ts';
import { type Field, type Manifest, type ObjectKey, uriOf } from '../manifest/manifest.ts';
import type { ManifestSet } from '../manifest/manifestSet.ts';
import { fieldAt, type ParsedFile, siteOfField, startOfObject } from '../manifest/parseFile.ts';
import { type Position, range, type Site } from '../manifest/position.ts';
import { type BuiltSets, standsForSources } from './builtSets.ts';
import type { CountingLevels } from './countingLevels.ts';
import type { CountingProfiles } from './countingProfiles.ts';
import type { Grouping } from './grouping.ts';
import { type HomeSet, type LastReadable, type UnreadNow, unreadNow } from './lastReadable.ts';
import { Scene, type SceneSources } from './scene.ts';

/** What a workspace knows of its texts, on which its scenes rest. */
export interface KnownFiles {
  readonly graph: Graph;
  readonly file: (uri: string) => ParsedFile | null;
  readonly grouping: Grouping;
  readonly built: BuiltSets;
  readonly profiles: CountingProfiles;
  readonly levels: CountingLevels;
  readonly lastReadable: LastReadable;
}

/** Fields of a set, with the set. */
export interface FieldsOfScene {
  readonly scene: Scene;
  readonly fields: readonly BuiltField[];
}

/** The sets of a workspace, each with its model, and in which of them a file is judged. */
export class Scenes {
  readonly #known: KnownFiles;
  readonly #sources: SceneSources;
  readonly #readableSources: SceneSources;
  readonly #plain: KeyedFamily<Scene>;
  readonly #built: KeyedFamily<Scene>;
  /** Of the sets with a file in them that can't be read just now, as it last could. */
  readonly #readable: KeyedFamily<Scene>;

  constructor(known: KnownFiles) {
    const { graph, grouping, built, lastReadable } = known;
    this.#known = known;
    this.#sources = this.#sourcesNow();
    this.#readableSources = this.#sourcesAsReadable();
    this.#plain = new KeyedFamily(graph, (key) => {
      const [, index = '', root = ''] = /^(\d+) (.*)$/s.exec(key) ?? [];
      return new Scene(this.#sources, { get: () => grouping.setsAt(root)[Number(index)] ?? noSet });
    });
    this.#built = new KeyedFamily(
      graph,
      (root) => new Scene(this.#sources, { get: () => built.manifestSetAt(root) ?? noSet }),
    );
    this.#readable = new KeyedFamily(
      graph,
      (root) => new Scene(this.#readableSources, { get: () => lastReadable.setAt(root) ?? noSet }),
    );
  }

  /** A file, of those that were built too. */
  fileIn(uri: string): ParsedFile | null {
    return this.#sources.file(uri);
  }

  /** The set that a file is judged in; null for a file that isn't known, or holds nothing. */
  sceneOf(uri: string): Scene | null {
    const sets = this.#known.built.ofSource(uri);
    const [first] = sets;
    if (first !== undefined && isSource(uri, sets)) return this.sceneOfBuild(first.plan.root);
    return this.scenesOf(uri)[0] ?? null;
  }

  /** The same as files could last be read, for what a person looks at while typing. */
  readableSceneOf(uri: string): Scene | null {
    const root = isSource(uri, this.#known.built.ofSource(uri)) ? null : this.#unreadHomeOf(uri);
    return root === null ? this.sceneOf(uri) : this.#readable.get(root);
  }

  /** The set that was built of a plan. */
  sceneOfBuild(root: string): Scene {
    return this.#built.get(root);
  }

  /** A set by its root, of what is written or built; null where it is gone. */
  sceneAt(root: string): Scene | null {
    const { built, grouping } = this.#known;
    if (built.setAt(root) !== null) return this.sceneOfBuild(root);
    return grouping.setsAt(root).length === 0 ? null : this.#plain.get(`0 ${root}`);
  }

  /** A set that somebody put together, beside the workspace's own. */
  sceneOfFiles(uris: readonly string[]): Scene {
    const set: ManifestSet = { ...noSet, root: 'everything given', uris };
    return new Scene(this.#sources, { get: () => set });
  }

  /** The same set under another profile; null where that file holds none. */
  underProfile(scene: Scene, uri: string): Scene | null {
    const profile = this.#known.profiles.at(uri);
    if (profile === null) return null;
    const { set } = scene;
    return new Scene({ ...this.#readableSources, profileOf: () => profile }, { get: () => set });
  }

  /** The set of a file's folder, with each variant of what it borrows, the likeliest first. */
  scenesOf(uri: string): readonly Scene[] {
    const { grouping } = this.#known;
    const root = grouping.homeOf(uri);
    return root === null ? [] : grouping.setsAt(root).map((_, index) => this.#plain.get(`${index} ${root}`));
  }

  /** The scenes in which a file has a part, its own first: as company, or by what others borrow. */
  #scenesWith(uri: string): readonly Scene[] {
    const { grouping } = this.#known;
    const home = grouping.homeOf(uri);
    const others = grouping.rootsWith(uri).filter((root) => root !== home);
    return [...(home === null ? [] : [home]), ...others].flatMap((root) =>
      grouping
        .setsAt(root)
        .flatMap((set, index) =>
          root === home || set.uris.includes(uri) || set.borrowed.some((key) => uriOf(key) === uri)
            ? [this.#plain.get(`${index} ${root}`)]
            : [],
        ),
    );
  }

  /**
   * What stands at a place, by name: in its file's set, and in those that are built of it, the picked one first.
   * `sets`: whether also in those that look it up in this file, since it is a variant's or they are variants
   * themselves.
   */
  fieldsAt(uri: string, position: Position, sets: 'its own' | 'all sets'): readonly FieldsOfScene[] {
    const builds = this.#known.built.ofSource(uri);
    const built = builds.map(({ plan: { root } }) => ({
      scene: this.sceneOfBuild(root),
      fields: this.#known.built.originsAt(root)?.fieldsAt(uri, position) ?? [],
    }));
    const file = isSource(uri, builds) ? null : this.#known.file(uri);
    const field = file === null ? null : fieldAt(file, position);
    if (field === null) return built;
    const scenes = sets === 'all sets' ? this.#scenesWith(uri) : this.scenesOf(uri).slice(0, 1);
    return [...scenes.map((scene) => ({ scene, fields: [field] })), ...built];
  }

  /** What keeps a set from being what its files say now; empty for one that is. */
  unreadIn({ set }: Scene): readonly UnreadNow[] {
    const { built: builds, lastReadable, file } = this.#known;
    if (set.kind !== 'built')
      return lastReadable.unreadIn(set.root).flatMap((uri) => {
        const unread = file(uri);
        return unread === null ? [] : [unreadNow(unread)];
      });
    const built = builds.setAt(set.root);
    if (built?.problem == null) return [];
    const { message, uri, line } = built.problem;
    return [{ uri: uri ?? built.plan.entry, line: (line ?? 1) - 1, message }];
  }

  /** The root of the set of a file, where one of that set can't be read just now. */
  #unreadHomeOf(uri: string): string | null {
    const { lastReadable, grouping } = this.#known;
    const root = lastReadable.homeOf(uri) ?? grouping.homeOf(uri);
    return root === null || lastReadable.setAt(root) === null ? null : root;
  }

  /** The set of a file's folder as it is now. */
  homeNow(uri: string): HomeSet | null {
    const { graph, grouping } = this.#known;
    return graph.ask(() => {
      const root = this.#unreadHomeOf(uri) ?? grouping.homeOf(uri);
      return root === null ? null : { root, sets: grouping.setsAt(root) };
    });
  }

  /** Where a field stands; null for one of an object that stands in no file. */
  siteOf(field: Field): Site | null {
    const { built, file: fileOf } = this.#known;
    const uri = uriOf(field.object);
    if (isBuilt(uri)) return built.originsAt(rootOfBuilt(uri))?.siteOf(field) ?? this.#startOf(field.object);
    const file = fileOf(uri);
    return file === null ? null : siteOfField(file, field);
  }

  #startOf(key: ObjectKey): Site | null {
    const { built, file: fileOf } = this.#known;
    const uri = uriOf(key);
    if (isBuilt(uri)) {
      const root = rootOfBuilt(uri);
      const entry = built.setAt(root)?.plan.entry;
      const found = built.originsAt(root)?.startOf(key) ?? null;
      return found ?? (entry === undefined ? null : { uri: entry, range: range(0, 0, 0, 1) });
    }
    const file = fileOf(uri);
    const start = file === null ? null : startOfObject(file, key);
    return start === null ? null : { uri, range: { start, end: start } };
  }

  #sourcesNow(): SceneSources {
    const { graph, file, built, profiles, levels } = this.#known;
    return {
      graph,
      file: (uri) => (isBuilt(uri) ? built.fileAt(uri) : file(uri)),
      profileOf: (set, files): Manifest | null => profiles.countingFor(set, files),
      siteOf: (field) => this.siteOf(field),
      startOf: (key) => this.#startOf(key),
      namespaceOfBuild: (root) => built.setAt(root)?.plan.namespace ?? null,
      isRaised: (rule) => levels.isRaised(rule),
      isWholeBuild: (root) => built.setAt(root)?.absent.length === 0,
    };
  }

  #sourcesAsReadable(): SceneSources {
    const { lastReadable } = this.#known;
    return {
      ...this.#sources,
      file: (uri) => lastReadable.fileAt(uri) ?? this.#sources.file(uri),
      siteOf: (field) => {
        const file = lastReadable.fileAt(uriOf(field.object));
        const site = file === null ? this.siteOf(field) : siteOfField(file, field);
        return site === null ? null : lastReadable.placedNow(site);
      },
      startOf: (key) => {
        const uri = uriOf(key);
        const file = lastReadable.fileAt(uri);
        if (file === null) return this.#startOf(key);
        const start = startOfObject(file, key);
        return start === null ? null : lastReadable.placedNow({ uri, range: { start, end: start } });
      },
    };
  }
}

/** Whether what is built of a file is judged in its place. */
export function isSource(uri: string, sets: readonly BuiltSet[]): boolean {
  return sets.some((set) => standsForSources(set) && set.sources.includes(uri));
}

const noSet: ManifestSet = { root: '', kind: 'folder', uris: [], borrowed: [], lender: null, profile: null };
