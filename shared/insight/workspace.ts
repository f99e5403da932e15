import type { BuildPlan, BuiltSet } from '../built/builtSet.ts';
import { type Asking, Graph, type Input } from '../cluster/derived.ts';
import type { Field, Manifest, ObjectKey } from '../manifest/manifest.ts';
import { type NamedFiles, namedFilesOf, readKustomization } from '../manifest/kustomization.ts';
import type { ManifestSet } from '../manifest/manifestSet.ts';
import { type ParsedFile, parseFile } from '../manifest/parseFile.ts';
import type { Position, Site } from '../manifest/position.ts';
import { type Build, BuiltSets, standsForSources } from './builtSets.ts';
import { type ChosenLevels, CountingLevels } from './countingLevels.ts';
import { CountingProfiles } from './countingProfiles.ts';
import { type EntryLens, entryLensOf } from './inSources.ts';
import { type EntrySet, EntrySets, type PlacedEntryPoint } from './entrySets.ts';
import { Grouping } from './grouping.ts';
import type { Hint } from './hints.ts';
import { LastReadable, type UnreadNow } from './lastReadable.ts';
import type { Lens } from './lenses.ts';
import type { Finding } from './rule.ts';
import { SaidOfFiles } from './saidOfFiles.ts';
import type { Scene, Wanted } from './scene.ts';
import { type FieldsOfScene, type KnownFiles, Scenes } from './scenes.ts';
import { sourceHelp } from './sourceHelp.ts';

/**
 * All texts of a workspace and what follows from them: the one facade for the heads.
 *
 * The texts are what is set; everything else is derived (`cluster/derived.ts`), made when it is asked for and again
 * only when something that it read is another. The answers are those of a cold start on the same texts.
 */
export class Workspace {
  readonly #graph = new Graph();
  readonly #files = new Map<string, Input<ParsedFile | null>>();
  readonly #known = new Set<string>();
  /** Files that only builds brought along. */
  readonly #ofBuilds = new Set<string>();
  readonly #folders: Input<readonly string[]>;
  readonly #profiles = new CountingProfiles(this.#graph, (uri) => this.#input(uri).get());
  readonly #levels = new CountingLevels(this.#graph);
  /** Files that are asked for themselves: what can't be read in them is said, whatever they are about. */
  readonly #named = new Set<string>();
  readonly #grouping: Grouping;
  readonly #built = new BuiltSets(this.#graph);
  /** How many builds a file is a source of: what is built is judged, not what it is built of. */
  readonly #claims = new Map<string, number>();
  readonly #lastReadable = new LastReadable(this.#graph);
  readonly #scenes: Scenes;
  readonly #said: SaidOfFiles;
  readonly #entrySets: EntrySets;

  /** `folders`: the workspace's own folders, as URIs without a trailing slash. */
  constructor(folders: readonly string[] = []) {
    this.#folders = this.#graph.input(folders);
    this.#grouping = new Grouping(this.#graph, this.#folders);
    const known: KnownFiles = {
      graph: this.#graph,
      file: (uri) => this.#input(uri).get(),
      grouping: this.#grouping,
      built: this.#built,
      profiles: this.#profiles,
      levels: this.#levels,
      lastReadable: this.#lastReadable,
    };
    const scenes = new Scenes(known);
    this.#scenes = scenes;
    this.#said = new SaidOfFiles({ ...known, scenes, isNamed: (uri) => this.#named.has(uri) });
    this.#entrySets = new EntrySets({
      graph: this.#graph,
      plain: this.#grouping.sets,
      built: this.#built.sets,
      isBuiltJudged: standsForSources,
      file: (uri) => scenes.fileIn(uri),
      sceneAt: (root) => scenes.sceneAt(root),
    });
  }

  setFolders(folders: readonly string[]): void {
    this.#folders.set(folders);
  }

  /**
   * The profiles that someone picked by their files, or `noProfile`, each for the sets in and beneath a folder; the
   * empty text for those of all folders. Where there is none, or its file has none, each set's own counts.
   */
  chooseProfiles(byFolder: ReadonlyMap<string, string>): void {
    this.#profiles.choose(byFolder);
  }

  /** The ClusterProfiles of all files. */
  profiles(): readonly Manifest[] {
    return this.#profiles.all();
  }

  /** How grave findings are. */
  chooseLevels(chosen: ChosenLevels): void {
    this.#levels.choose(chosen);
  }

  /** Somebody asks for this very file, and not for its folder. It is said before the file is put. */
  noteNamed(uri: string): void {
    this.#named.add(uri);
  }

  /**
   * Whether somebody edits a file: while it can't be read, lenses and traces go by what it last said. It is said before
   * the file is put.
   */
  noteEdited(uri: string, isEdited: boolean): void {
    this.#lastReadable.noteEdited(uri, isEdited);
  }

  put(uri: string, text: string): void {
    this.#ofBuilds.delete(uri);
    this.#put(uri, text);
  }

  #put(uri: string, text: string): void {
    const input = this.#input(uri);
    const previous = this.#graph.untracked(() => input.get());
    const file = previous?.text === text ? previous : parseFile(uri, text, previous ?? undefined);
    this.#lastReadable.note(uri, previous, file, () => this.#scenes.homeNow(uri));
    if (file === previous) return;
    input.set(file);
    this.#known.add(uri);
    this.#built.noteFile(uri, file);
    this.#group(uri, file);
    this.#profiles.note(uri, file.manifests);
    this.#levels.note(uri, file.manifests);
  }

  remove(uri: string): void {
    if (!this.has(uri)) return;
    this.#lastReadable.note(uri, null, null, () => null);
    this.#input(uri).set(null);
    this.#files.delete(uri);
    this.#known.delete(uri);
    this.#ofBuilds.delete(uri);
    this.#built.noteFile(uri, null);
    this.#grouping.remove(uri);
    this.#profiles.note(uri, []);
    this.#levels.note(uri, []);
  }

  has(uri: string): boolean {
    return this.#known.has(uri);
  }

  uris(): string[] {
    return [...this.#known];
  }

  /** What there is to build of this workspace. What comes of it is given back by `putBuild`. */
  plans(): readonly BuildPlan[] {
    return this.#built.plans.get();
  }

  /** Whether whoever has this workspace builds its plans: then what isn't built yet isn't judged as it stands. */
  expectBuilds(isExpected: boolean): void {
    this.#built.expect(isExpected);
  }

  /** The roots of the plans that a file is part of, as far as can be told before they are built. */
  rootsReaching(uri: string): readonly string[] {
    return this.#built.rootsReaching(uri);
  }

  /** The set that was built of a plan; null before. */
  builtAt(root: string): BuiltSet | null {
    return this.#built.setAt(root);
  }

  /** The set that was built of a plan, with its model. */
  sceneOfBuild(root: string): Scene {
    return this.#scenes.sceneOfBuild(root);
  }

  /** Whether what was built of a plan is judged in the place of its sources. */
  isJudged(root: string): boolean {
    const set = this.#built.setAt(root);
    return set !== null && standsForSources(set);
  }

  /** Takes what was built by a plan. Its sources are no longer judged for themselves. */
  putBuild(plan: BuildPlan, build: Build): void {
    const before = this.#claimedBy(plan.root);
    this.#built.put(plan, build, (uri) => this.#graph.untracked(() => this.#input(uri).get()));
    this.#reclaim(before, this.#claimedBy(plan.root));
    // What is found in a template's helper stands there: then the file is one of the workspace.
    for (const [uri, text] of build.texts) {
      if (!this.has(uri)) this.#ofBuilds.add(uri);
      if (this.#ofBuilds.has(uri)) this.#put(uri, text);
    }
  }

  /** Forgets what was built by plans that there are no more. */
  forgetBuilds(roots: readonly string[]): void {
    const before = roots.flatMap((root) => this.#claimedBy(root));
    this.#built.forget(roots);
    this.#reclaim(before, []);
  }

  /** Whether a file is part of a build that is still to come: until then nobody knows who names what stands in it. */
  isAwaited(uri: string): boolean {
    return this.#built.isAwaited(uri);
  }

  /** The sets that are built of a file, the picked one first; empty for a file that nothing is built of. */
  builtOf(uri: string): readonly BuiltSet[] {
    return this.#built.ofSource(uri);
  }

  /** Of several sets that a file is part of, speaks of this one first from now on. */
  pickBuild(root: string): void {
    this.#built.pick(root);
  }

  /** What a place of a source comes to, in Markdown; null for a place that decides nothing of traffic. */
  sourceHelp(uri: string, position: Position): string | null {
    for (const set of this.builtOf(uri)) {
      const found = this.#built.originsAt(set.plan.root)?.fieldsAt(uri, position) ?? [];
      const help = sourceHelp(this.#scenes.sceneOfBuild(set.plan.root), set, found);
      if (help !== null) return help;
    }
    return null;
  }

  /**
   * What stands at a place, by name: in its file's set, and in those that are built of it, the picked one first.
   * `sets`: whether also in those that look it up in this file, since it is a variant's or they are variants
   * themselves.
   */
  fieldsAt(uri: string, position: Position, sets: 'its own' | 'all sets' = 'its own'): readonly FieldsOfScene[] {
    return this.#scenes.fieldsAt(uri, position, sets);
  }

  /** What stands over the file that stands for a build: its kustomization, its chart. Null for any other file. */
  entryLens(uri: string): EntryLens | null {
    const sets = this.builtOf(uri).filter(({ plan }) => plan.entry === uri);
    const [first] = sets;
    const file = this.file(uri);
    if (first === undefined || file === null) return null;
    return entryLensOf(first, this.#scenes.sceneOfBuild(first.plan.root), { file, variants: sets.length });
  }

  file(uri: string): ParsedFile | null {
    return this.#files.get(uri)?.get() ?? null;
  }

  sets(): readonly ManifestSet[] {
    return this.#grouping.sets.get();
  }

  /** The set that a file is judged in, with its model; null for a file that isn't known, or holds nothing. */
  sceneOf(uri: string): Scene | null {
    return this.#scenes.sceneOf(uri);
  }

  /** The same as files could last be read, for what a person looks at while typing. */
  readableSceneOf(uri: string): Scene | null {
    return this.#scenes.readableSceneOf(uri);
  }

  /** The same set under another profile; null where that file holds none. */
  underProfile(scene: Scene, uri: string): Scene | null {
    return this.#scenes.underProfile(scene, uri);
  }

  /** What keeps a set from being what its files say now; empty for one that is. */
  unreadIn(scene: Scene): readonly UnreadNow[] {
    return this.#scenes.unreadIn(scene);
  }

  /** A set that somebody put together, beside the workspace's own. */
  sceneOfFiles(uris: readonly string[]): Scene {
    return this.#scenes.sceneOfFiles(uris);
  }

  /** What is found in a file, judged in its own set. */
  findings(uri: string): readonly Finding[] {
    return this.#said.findings(uri, 'with infos');
  }

  /** The lenses of one file, in its order. */
  lenses(uri: string): readonly Lens[] {
    return this.#said.lenses(uri);
  }

  /**
   * Findings of a file that were made beside the workspace's own sets, and what can't be read in it, as somebody takes
   * them: without what is ignored, as grave as is said.
   */
  asTaken(uri: string, findings: readonly Finding[]): readonly Finding[] {
    const file = this.file(uri);
    return file === null ? findings : this.#said.asTaken(file, findings);
  }

  /** Where a field stands; null for one of an object that stands in no file. */
  siteOf(field: Field): Site | null {
    return this.#scenes.siteOf(field);
  }

  /** Answers a question from outside; what was derived for it alone is forgotten behind it. */
  ask<T>(question: () => T): T {
    return this.#graph.ask(question);
  }

  /** The same for a question that is answered in steps. */
  asking(): Asking {
    return this.#graph.asking();
  }

  /**
   * Keeps what is found in a file at hand, and says when it may be another. End it with `stop`.
   */
  watchFindings(uri: string, wanted: Wanted, onStale: () => void): Watch<readonly Finding[]> {
    return this.#watch(() => this.#said.findings(uri, wanted), onStale);
  }

  watchLenses(uri: string, onStale: () => void): Watch<readonly Lens[]> {
    return this.#watch(() => this.#said.lenses(uri), onStale);
  }

  /** Keeps the sets at hand that something leads into from outside. */
  watchEntrySets(onStale: () => void): Watch<readonly EntrySet[]> {
    return this.#watch(() => this.#entrySets.sets.get(), onStale);
  }

  /** The objects of such a set that may lead in. */
  watchEntryObjects(root: string, onStale: () => void): Watch<readonly ObjectKey[]> {
    return this.#watch(() => this.#entrySets.objectsAt(root), onStale);
  }

  /** The ways in that one of them makes; those of the set's profile for null. */
  watchEntryPoints(root: string, key: ObjectKey | null, onStale: () => void): Watch<readonly PlacedEntryPoint[]> {
    return this.#watch(() => this.#entrySets.of(root, key), onStale);
  }

  /** Likewise what the values of a file come to. */
  watchHints(uri: string, onStale: () => void): Watch<readonly Hint[]> {
    return this.#watch(() => this.#said.hints(uri), onStale);
  }

  /** Finds out what is stale since the last change. */
  settle(): void {
    this.#graph.settle();
  }

  #watch<T>(read: () => T, onStale: () => void): Watch<T> {
    const cell = this.#graph.derived(read, { onStale }).pin();
    return { get: () => cell.get(), stop: () => cell.dispose() };
  }

  /** Puts a file into the set that its folder makes, unless it is judged by what is built of it. */
  #group(uri: string, file: ParsedFile): void {
    if (this.#claims.has(uri)) this.#grouping.remove(uri);
    else this.#grouping.put(uri, file.manifests, namedIn(file));
  }

  /** The files that a build stands for: none before it first succeeded. */
  #claimedBy(root: string): readonly string[] {
    const set = this.#graph.untracked(() => this.#built.setAt(root));
    return set !== null && standsForSources(set) ? set.sources : [];
  }

  #reclaim(before: readonly string[], now: readonly string[]): void {
    const changed = new Set([...before, ...now]);
    for (const uri of before) {
      const count = (this.#claims.get(uri) ?? 0) - 1;
      if (count > 0) this.#claims.set(uri, count);
      else this.#claims.delete(uri);
    }
    for (const uri of now) this.#claims.set(uri, (this.#claims.get(uri) ?? 0) + 1);
    for (const uri of changed) {
      const file = this.#graph.untracked(() => this.#input(uri).get());
      if (file !== null && this.#claims.has(uri) === this.#grouping.has(uri)) this.#group(uri, file);
    }
  }

  #input(uri: string): Input<ParsedFile | null> {
    let input = this.#files.get(uri);
    if (input === undefined) {
      input = this.#graph.input<ParsedFile | null>(null);
      this.#files.set(uri, input);
    }
    return input;
  }
}

function namedIn(file: ParsedFile): NamedFiles | null {
  const kustomization = readKustomization(file);
  return kustomization === null ? null : namedFilesOf(kustomization);
}

/** A value that is kept at hand. */
export interface Watch<T> {
  readonly get: () => T;
  readonly stop: () => void;
}
