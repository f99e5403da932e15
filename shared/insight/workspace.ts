import { Graph, type Input, KeyedFamily, sameItems } from '../cluster/derived.ts';
import { isProfile } from '../cluster/profile.ts';
import type { Field, Manifest } from '../manifest/manifest.ts';
import {
  folderOf,
  identitiesOf,
  looksLikeDump,
  type ManifestSet,
  type ManifestSets,
  manifestSetsOf,
} from '../manifest/manifestSet.ts';
import { type ParsedFile, parseFile } from '../manifest/parseFile.ts';
import type { Site } from '../manifest/position.ts';
import type { Lens } from './lenses.ts';
import { chartNote, problemFindings } from './manifestProblems.ts';
import type { Finding } from './rule.ts';
import { Scene, type Wanted } from './scene.ts';

/**
 * All texts of a workspace and what follows from them: the one facade for the heads.
 *
 * The texts are what is set; everything else is derived (`cluster/derived.ts`), made when it is asked for and again
 * only when something that it read is another. The answers are those of a cold start on the same texts.
 */
export class Workspace {
  readonly #graph = new Graph();
  readonly #files = new Map<string, Input<ParsedFile | null>>();
  readonly #grouped = new Map<string, GroupingOfFile>();
  readonly #folders: Input<readonly string[]>;
  /** Counts what can change the grouping: files that come and go, objects that are called otherwise. */
  readonly #groupings = this.#graph.input(0);
  readonly #profiles: Input<ReadonlyMap<string, Manifest>> = this.#graph.input(new Map());
  readonly #chosenProfile: Input<string | null> = this.#graph.input(null);
  readonly #sets = this.#graph.derived((): ManifestSets => this.#group(), { eager: true });
  readonly #setByRoot = new KeyedFamily(this.#graph, (root) => this.#setAt(root), { eager: true, same: sameSet });
  readonly #home = new KeyedFamily(this.#graph, (uri) => this.#sets.get().homes.get(uri)?.root ?? null, {
    eager: true,
  });
  readonly #scenes = new Map<string, Scene>();
  readonly #findings = new KeyedFamily(this.#graph, (uri) => this.#findingsOf(uri, 'with infos'), { same: sameAnswer });
  readonly #faults = new KeyedFamily(this.#graph, (uri) => this.#findingsOf(uri, 'faults alone'), { same: sameAnswer });
  readonly #lenses = new KeyedFamily(this.#graph, (uri) => this.#lensesOf(uri), { same: sameAnswer });

  /** `folders`: the workspace's own folders, as URIs without a trailing slash. */
  constructor(folders: readonly string[] = []) {
    this.#folders = this.#graph.input(folders);
  }

  setFolders(folders: readonly string[]): void {
    this.#folders.set(folders);
  }

  /** The profile that someone picked by its file; null for each set's own. */
  chooseProfile(uri: string | null): void {
    this.#chosenProfile.set(uri);
  }

  put(uri: string, text: string): void {
    const input = this.#input(uri);
    const previous = this.#graph.untracked(() => input.get());
    if (previous?.text === text) return;
    const file = parseFile(uri, text, previous ?? undefined);
    input.set(file);
    this.#noteGrouping(uri, file);
    this.#noteProfile(uri, file.manifests.find(isProfile) ?? null);
  }

  remove(uri: string): void {
    if (!this.has(uri)) return;
    this.#input(uri).set(null);
    this.#files.delete(uri);
    this.#grouped.delete(uri);
    this.#regroup();
    this.#noteProfile(uri, null);
  }

  has(uri: string): boolean {
    return this.#grouped.has(uri);
  }

  uris(): string[] {
    return [...this.#grouped.keys()];
  }

  file(uri: string): ParsedFile | null {
    return this.#files.get(uri)?.get() ?? null;
  }

  sets(): readonly ManifestSet[] {
    return this.#sets.get().sets;
  }

  /** The set that a file is judged in, with its model; null for a file that isn't known. */
  sceneOf(uri: string): Scene | null {
    const root = this.#home.get(uri);
    return root === null ? null : this.#sceneAt(root);
  }

  /** A set that somebody put together, beside the workspace's own. */
  sceneOfFiles(set: ManifestSet): Scene {
    return new Scene(this.#sources, { get: () => set });
  }

  /** What is found in a file, judged in its own set. */
  findings(uri: string): readonly Finding[] {
    return this.#findings.get(uri);
  }

  /** The lenses of one file, in its order. */
  lenses(uri: string): readonly Lens[] {
    return this.#lenses.get(uri);
  }

  /** Where a field stands; null for one of an object that stands in no file. */
  siteOf(field: Field): Site | null {
    return new Scene(this.#sources, { get: () => noSet }).siteOf(field);
  }

  /** Answers a question from outside; what was derived for it alone is forgotten behind it. */
  ask<T>(question: () => T): T {
    return this.#graph.ask(question);
  }

  /**
   * Keeps what is found in a file at hand, and says when it may be another. End it with `stop`.
   */
  watchFindings(uri: string, wanted: Wanted, onStale: () => void): Watch<readonly Finding[]> {
    const family = wanted === 'with infos' ? this.#findings : this.#faults;
    return this.#watch(() => family.get(uri), onStale);
  }

  watchLenses(uri: string, onStale: () => void): Watch<readonly Lens[]> {
    return this.#watch(() => this.#lenses.get(uri), onStale);
  }

  /** Finds out what is stale since the last change. */
  settle(): void {
    this.#graph.settle();
  }

  #watch<T>(read: () => T, onStale: () => void): Watch<T> {
    const cell = this.#graph.derived(read, { onStale }).pin();
    return { get: () => cell.get(), stop: () => cell.dispose() };
  }

  readonly #sources = {
    graph: this.#graph,
    file: (uri: string): ParsedFile | null => this.#input(uri).get(),
    profileOf: (set: ManifestSet, files: readonly ParsedFile[]): Manifest | null => this.#profileFor(set, files),
  };

  #input(uri: string): Input<ParsedFile | null> {
    let input = this.#files.get(uri);
    if (input === undefined) {
      input = this.#graph.input<ParsedFile | null>(null);
      this.#files.set(uri, input);
    }
    return input;
  }

  #noteGrouping(uri: string, { manifests }: ParsedFile): void {
    const known = this.#grouped.get(uri);
    if (known !== undefined && sameItems(known.manifests, manifests)) return;
    const now = { manifests, identities: identitiesOf(manifests), isDump: looksLikeDump(manifests) };
    this.#grouped.set(uri, now);
    if (known?.isDump !== now.isDump || !sameItems(known.identities, now.identities)) this.#regroup();
  }

  #regroup(): void {
    this.#groupings.set(this.#graph.untracked(() => this.#groupings.get()) + 1);
  }

  #noteProfile(uri: string, profile: Manifest | null): void {
    const profiles = this.#graph.untracked(() => this.#profiles.get());
    if ((profiles.get(uri) ?? null) === profile) return;
    const changed = new Map(profiles);
    if (profile === null) changed.delete(uri);
    else changed.set(uri, profile);
    this.#profiles.set(changed);
  }

  #group(): ManifestSets {
    this.#groupings.get();
    const files = [...this.#grouped].map(([uri, { identities, isDump }]) => ({ uri, identities, isDump }));
    return manifestSetsOf(
      files.toSorted((a, b) => (a.uri < b.uri ? -1 : 1)),
      this.#folders.get(),
    );
  }

  #setAt(root: string): ManifestSet | null {
    return this.#setsByRoot.get().get(root) ?? null;
  }

  readonly #setsByRoot = this.#graph.derived(() => new Map(this.#sets.get().sets.map((set) => [set.root, set])));

  #sceneAt(root: string): Scene {
    let scene = this.#scenes.get(root);
    if (scene === undefined) {
      scene = new Scene(this.#sources, { get: () => this.#setByRoot.get(root) ?? noSet });
      this.#scenes.set(root, scene);
    }
    return scene;
  }

  #findingsOf(uri: string, wanted: Wanted): readonly Finding[] {
    const file = this.#input(uri).get();
    const scene = file === null ? null : this.sceneOf(uri);
    if (file === null || scene === null) return [];
    const unread = [...(/\/Chart\.ya?ml$/.test(uri) ? chartNote(file) : []), ...problemFindings(file)];
    return [
      ...unread.filter(({ severity }) => wanted === 'with infos' || severity !== 'info'),
      ...scene.findings(file, wanted),
    ];
  }

  #lensesOf(uri: string): readonly Lens[] {
    const file = this.#input(uri).get();
    return file === null ? [] : (this.sceneOf(uri)?.lenses(file) ?? []);
  }

  /** The chosen profile, else the set's own, else the nearest in an enclosing folder. */
  #profileFor(set: ManifestSet, files: readonly ParsedFile[]): Manifest | null {
    const profiles = this.#profiles.get();
    const chosen = this.#chosenProfile.get();
    if (chosen !== null) return profiles.get(chosen) ?? null;
    if (profiles.size === 0) return null;
    for (const { uri } of files) {
      const own = profiles.get(uri);
      if (own !== undefined) return own;
    }
    for (let folder = set.root; folder.includes('/'); folder = folderOf(folder)) {
      const found = profiles.get(`${folder}/hoplens.yaml`) ?? profiles.get(`${folder}/hoplens.yml`);
      if (found !== undefined) return found;
    }
    return null;
  }
}

/** A value that is kept at hand. */
export interface Watch<T> {
  readonly get: () => T;
  readonly stop: () => void;
}

interface GroupingOfFile {
  readonly manifests: readonly Manifest[];
  readonly identities: readonly string[];
  readonly isDump: boolean;
}

const noSet: ManifestSet = { root: '', kind: 'folder', uris: [] };

function sameSet(a: ManifestSet | null, b: ManifestSet | null): boolean {
  return a === b || (a !== null && b !== null && a.kind === b.kind && sameItems(a.uris, b.uris));
}

/** Answers are plain data. */
function sameAnswer(a: readonly object[], b: readonly object[]): boolean {
  return (
    a.length === b.length &&
    a.every((each, index) => each === b[index] || JSON.stringify(each) === JSON.stringify(b[index]))
  );
}
