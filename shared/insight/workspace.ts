import { Graph, type Input, KeyedFamily } from '../cluster/derived.ts';
import { isProfile } from '../cluster/profile.ts';
import type { Field, Manifest } from '../manifest/manifest.ts';
import { folderOf, isChart, type ManifestSet } from '../manifest/manifestSet.ts';
import { type ParsedFile, parseFile } from '../manifest/parseFile.ts';
import type { Site } from '../manifest/position.ts';
import { Grouping } from './grouping.ts';
import type { Lens } from './lenses.ts';
import { chartNote, problemFindings } from './manifestProblems.ts';
import type { Finding } from './rule.ts';
import { Scene, siteIn, type Wanted } from './scene.ts';

/**
 * All texts of a workspace and what follows from them: the one facade for the heads.
 *
 * The texts are what is set; everything else is derived (`cluster/derived.ts`), made when it is asked for and again
 * only when something that it read is another. The answers are those of a cold start on the same texts.
 */
export class Workspace {
  readonly #graph = new Graph();
  readonly #files = new Map<string, Input<ParsedFile | null>>();
  readonly #folders: Input<readonly string[]>;
  readonly #profiles: Input<ReadonlyMap<string, Manifest>> = this.#graph.input(new Map());
  readonly #chosenProfile: Input<string | null> = this.#graph.input(null);
  readonly #grouping: Grouping;
  readonly #scenes = new KeyedFamily(
    this.#graph,
    (root) => new Scene(this.#sources, { get: () => this.#grouping.setAt(root) ?? noSet }),
  );
  readonly #findings = new KeyedFamily(this.#graph, (uri) => this.#findingsOf(uri, 'with infos'), { same: sameAnswer });
  readonly #faults = new KeyedFamily(this.#graph, (uri) => this.#findingsOf(uri, 'faults alone'), { same: sameAnswer });
  readonly #lenses = new KeyedFamily(this.#graph, (uri) => this.#lensesOf(uri), { same: sameAnswer });

  /** `folders`: the workspace's own folders, as URIs without a trailing slash. */
  constructor(folders: readonly string[] = []) {
    this.#folders = this.#graph.input(folders);
    this.#grouping = new Grouping(this.#graph, this.#folders);
  }

  setFolders(folders: readonly string[]): void {
    this.#folders.set(folders);
  }

  /** The profile that someone picked by its file; null, or a file without one, for each set's own. */
  chooseProfile(uri: string | null): void {
    this.#chosenProfile.set(uri);
  }

  put(uri: string, text: string): void {
    const input = this.#input(uri);
    const previous = this.#graph.untracked(() => input.get());
    if (previous?.text === text) return;
    const file = parseFile(uri, text, previous ?? undefined);
    input.set(file);
    this.#grouping.put(uri, file.manifests);
    this.#noteProfile(uri, file.manifests.find(isProfile) ?? null);
  }

  remove(uri: string): void {
    if (!this.has(uri)) return;
    this.#input(uri).set(null);
    this.#files.delete(uri);
    this.#grouping.remove(uri);
    this.#noteProfile(uri, null);
  }

  has(uri: string): boolean {
    return this.#grouping.has(uri);
  }

  uris(): string[] {
    return this.#grouping.uris();
  }

  file(uri: string): ParsedFile | null {
    return this.#files.get(uri)?.get() ?? null;
  }

  sets(): readonly ManifestSet[] {
    return this.#grouping.sets.get();
  }

  /** The set that a file is judged in, with its model; null for a file that isn't known. */
  sceneOf(uri: string): Scene | null {
    const root = this.#grouping.homeOf(uri);
    return root === null ? null : this.#scenes.get(root);
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
    return siteIn(this.#sources, field);
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

  #noteProfile(uri: string, profile: Manifest | null): void {
    const profiles = this.#graph.untracked(() => this.#profiles.get());
    if ((profiles.get(uri) ?? null) === profile) return;
    const changed = new Map(profiles);
    if (profile === null) changed.delete(uri);
    else changed.set(uri, profile);
    this.#profiles.set(changed);
  }

  #findingsOf(uri: string, wanted: Wanted): readonly Finding[] {
    const file = this.#input(uri).get();
    const scene = file === null ? null : this.sceneOf(uri);
    if (file === null || scene === null) return [];
    const unread = [...(isChart(uri) ? chartNote(file) : []), ...problemFindings(file)];
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
    if (profiles.size === 0) return null;
    const chosen = profiles.get(this.#chosenProfile.get() ?? '');
    if (chosen !== undefined) return chosen;
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

const noSet: ManifestSet = { root: '', kind: 'folder', uris: [] };

/** Answers are plain data. */
function sameAnswer(a: readonly object[], b: readonly object[]): boolean {
  return (
    a.length === b.length &&
    a.every((each, index) => each === b[index] || JSON.stringify(each) === JSON.stringify(b[index]))
  );
}
