import { isChart, isValuesFile } from '../manifest/fileNames.ts';
import { type BuildPlan, type BuiltField, type BuiltSet, isBuilt, rootOfBuilt } from '../built/builtSet.ts';
import { Graph, type Input, KeyedFamily } from '../cluster/derived.ts';
import type { Field, Manifest } from '../manifest/manifest.ts';
import { type ObjectKey, uriOf } from '../manifest/manifest.ts';
import { type NamedFiles, namedFilesOf, readKustomization } from '../manifest/kustomization.ts';
import { filesOfWrittenSet, type ManifestSet } from '../manifest/manifestSet.ts';
import { fieldAt, type ParsedFile, parseFile, siteOfField, startOfObject } from '../manifest/parseFile.ts';
import { type Position, range, type Site } from '../manifest/position.ts';
import { type Build, BuiltSets } from './builtSets.ts';
import { type ChosenLevels, CountingLevels } from './countingLevels.ts';
import { CountingProfiles } from './countingProfiles.ts';
import { buildProblems, type EntryLens, entryLensOf, mergedFindings, mergedLenses } from './inSources.ts';
import { type EntrySet, EntrySets, type PlacedEntryPoint } from './entrySets.ts';
import { Grouping } from './grouping.ts';
import type { Hint } from './hints.ts';
import { hintsInSource } from './hintsInSources.ts';
import { ignoreFindings, withoutIgnored } from './ignores.ts';
import { LastReadable, type UnreadNow, unreadNow } from './lastReadable.ts';
import { asOfLastReadable, type Lens } from './lenses.ts';
import { problemFindings } from './manifestProblems.ts';
import { placeholderNote } from './placeholders.ts';
import { type Finding, isFault } from './rule.ts';
import { sourceHelp } from './sourceHelp.ts';
import { isAsked } from './rules/all.ts';
import { findingsOfVariants } from './variants.ts';
import { setFindings } from './writtenSetFindings.ts';
import { Scene, type SceneSources, type Wanted } from './scene.ts';

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
  readonly #scenes = new KeyedFamily(this.#graph, (key) => {
    const [, index = '', root = ''] = /^(\d+) (.*)$/s.exec(key) ?? [];
    return new Scene(this.#sources, { get: () => this.#grouping.setsAt(root)[Number(index)] ?? noSet });
  });
  readonly #builtScenes = new KeyedFamily(
    this.#graph,
    (root) => new Scene(this.#sources, { get: () => this.#built.manifestSetAt(root) ?? noSet }),
  );
  readonly #lastReadable = new LastReadable(this.#graph);
  /** Of the sets with a file in them that can't be read just now, as it last could. */
  readonly #readableScenes = new KeyedFamily(
    this.#graph,
    (root) => new Scene(this.#readableSources, { get: () => this.#lastReadable.setAt(root) ?? noSet }),
  );
  /** What is found in what was built, by the sources that it leads back to. */
  readonly #builtFindings = new KeyedFamily(this.#graph, (root) => this.#findingsOfBuild(root, 'with infos'));
  readonly #builtFaults = new KeyedFamily(this.#graph, (root) => this.#findingsOfBuild(root, 'faults alone'));
  readonly #builtLenses = new KeyedFamily(this.#graph, (root) => this.#lensesOfBuild(root));
  readonly #findings = new KeyedFamily(this.#graph, (uri) => this.#findingsOf(uri, 'with infos'), { same: sameAnswer });
  readonly #faults = new KeyedFamily(this.#graph, (uri) => this.#findingsOf(uri, 'faults alone'), { same: sameAnswer });
  readonly #lenses = new KeyedFamily(this.#graph, (uri) => this.#lensesOf(uri), { same: sameAnswer });
  readonly #builtHints = new KeyedFamily(this.#graph, (root) => this.#hintsOfBuild(root));
  readonly #hints = new KeyedFamily(this.#graph, (uri) => this.#hintsOf(uri), { same: sameAnswer });

  readonly #entrySets: EntrySets;

  /** `folders`: the workspace's own folders, as URIs without a trailing slash. */
  constructor(folders: readonly string[] = []) {
    this.#folders = this.#graph.input(folders);
    this.#grouping = new Grouping(this.#graph, this.#folders);
    this.#entrySets = new EntrySets({
      graph: this.#graph,
      plain: this.#grouping.sets,
      built: this.#built.sets,
      isBuiltJudged: standsForSources,
      file: this.#sources.file,
      sceneAt: (root) => this.#sceneAt(root),
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
    this.#lastReadable.note(uri, previous, file, () => this.#homeNow(uri));
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
    return this.#builtScenes.get(root);
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
      const help = sourceHelp(this.#builtScenes.get(set.plan.root), set, found);
      if (help !== null) return help;
    }
    return null;
  }

  /**
   * What stands at a place, by name: in its file's set, and in those that are built of it, the picked one first. `sets`:
   * whether also in those that look it up in this file, since it is a variant's or they are variants themselves.
   */
  fieldsAt(uri: string, position: Position, sets: 'its own' | 'all sets' = 'its own'): readonly FieldsOfScene[] {
    const builds = this.builtOf(uri);
    const built = builds.map(({ plan: { root } }) => ({
      scene: this.#builtScenes.get(root),
      fields: this.#built.originsAt(root)?.fieldsAt(uri, position) ?? [],
    }));
    const file = this.#isSource(uri, builds) ? null : this.file(uri);
    const field = file === null ? null : fieldAt(file, position);
    if (field === null) return built;
    const scenes = sets === 'all sets' ? this.#scenesWith(uri) : this.#scenesOf(uri).slice(0, 1);
    return [...scenes.map((scene) => ({ scene, fields: [field] })), ...built];
  }

  /** What stands over the file that stands for a build: its kustomization, its chart. Null for any other file. */
  entryLens(uri: string): EntryLens | null {
    const sets = this.builtOf(uri).filter(({ plan }) => plan.entry === uri);
    const [first] = sets;
    const file = this.file(uri);
    if (first === undefined || file === null) return null;
    return entryLensOf(first, this.#builtScenes.get(first.plan.root), { file, variants: sets.length });
  }

  file(uri: string): ParsedFile | null {
    return this.#files.get(uri)?.get() ?? null;
  }

  sets(): readonly ManifestSet[] {
    return this.#grouping.sets.get();
  }

  /** The set that a file is judged in, with its model; null for a file that isn't known, or holds nothing. */
  sceneOf(uri: string): Scene | null {
    const sets = this.builtOf(uri);
    const [first] = sets;
    if (first !== undefined && this.#isSource(uri, sets)) return this.#builtScenes.get(first.plan.root);
    return this.#scenesOf(uri)[0] ?? null;
  }

  /** The same as files could last be read, for what a person looks at while typing. */
  readableSceneOf(uri: string): Scene | null {
    const sets = this.builtOf(uri);
    const root = sets[0] !== undefined && this.#isSource(uri, sets) ? null : this.#unreadHomeOf(uri);
    return root === null ? this.sceneOf(uri) : this.#readableScenes.get(root);
  }

  /** The same set under another profile; null where that file holds none. */
  underProfile(scene: Scene, uri: string): Scene | null {
    const profile = this.#profiles.at(uri);
    if (profile === null) return null;
    const { set } = scene;
    return new Scene({ ...this.#readableSources, profileOf: () => profile }, { get: () => set });
  }

  /** What keeps a set from being what its files say now; empty for one that is. */
  unreadIn({ set }: Scene): readonly UnreadNow[] {
    if (set.kind !== 'built')
      return this.#lastReadable.unreadIn(set.root).flatMap((uri) => {
        const file = this.file(uri);
        return file === null ? [] : [unreadNow(file)];
      });
    const built = this.#built.setAt(set.root);
    if (built?.problem == null) return [];
    const { message, uri, line } = built.problem;
    return [{ uri: uri ?? built.plan.entry, line: (line ?? 1) - 1, message }];
  }

  /** The root of the set of a file, where one of that set can't be read just now. */
  #unreadHomeOf(uri: string): string | null {
    const root = this.#lastReadable.homeOf(uri) ?? this.#grouping.homeOf(uri);
    return root === null || this.#lastReadable.setAt(root) === null ? null : root;
  }

  #homeNow(uri: string): { root: string; sets: readonly ManifestSet[] } | null {
    return this.ask(() => {
      const root = this.#unreadHomeOf(uri) ?? this.#grouping.homeOf(uri);
      return root === null ? null : { root, sets: this.#grouping.setsAt(root) };
    });
  }

  /** A set by its root, of what is written or built; null where it is gone. */
  #sceneAt(root: string): Scene | null {
    if (this.#built.setAt(root) !== null) return this.#builtScenes.get(root);
    return this.#grouping.setsAt(root).length === 0 ? null : this.#scenes.get(`0 ${root}`);
  }

  /** The set of a file's folder, with each variant of what it borrows, the likeliest first. */
  #scenesOf(uri: string): readonly Scene[] {
    const root = this.#grouping.homeOf(uri);
    return root === null ? [] : this.#grouping.setsAt(root).map((_, index) => this.#scenes.get(`${index} ${root}`));
  }

  /** The scenes in which a file has a part, its own first: as company, or by what others borrow. */
  #scenesWith(uri: string): readonly Scene[] {
    const home = this.#grouping.homeOf(uri);
    const others = this.#grouping.rootsWith(uri).filter((root) => root !== home);
    return [...(home === null ? [] : [home]), ...others].flatMap((root) =>
      this.#grouping
        .setsAt(root)
        .flatMap((set, index) =>
          root === home || set.uris.includes(uri) || set.borrowed.some((key) => uriOf(key) === uri)
            ? [this.#scenes.get(`${index} ${root}`)]
            : [],
        ),
    );
  }

  /** Whether what is built of a file is judged in its place. */
  #isSource(uri: string, sets: readonly BuiltSet[]): boolean {
    return sets.some((set) => standsForSources(set) && set.sources.includes(uri));
  }

  /** A set that somebody put together, beside the workspace's own. */
  sceneOfFiles(uris: readonly string[]): Scene {
    const set: ManifestSet = { ...noSet, root: 'everything given', uris };
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
    return this.#siteOf(field);
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
    return this.#watch(() => this.#hints.get(uri), onStale);
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
    file: (uri: string): ParsedFile | null => (isBuilt(uri) ? this.#built.fileAt(uri) : this.#input(uri).get()),
    profileOf: (set: ManifestSet, files: readonly ParsedFile[]): Manifest | null =>
      this.#profiles.countingFor(set, files),
    siteOf: (field: Field): Site | null => this.#siteOf(field),
    startOf: (key: ObjectKey): Site | null => this.#startOf(key),
    namespaceOfBuild: (root: string): string | null => this.#built.setAt(root)?.plan.namespace ?? null,
    isRaised: (rule: string): boolean => this.#levels.isRaised(rule),
    isWholeBuild: (root: string): boolean => this.#built.setAt(root)?.absent.length === 0,
  };

  readonly #readableSources: SceneSources = {
    ...this.#sources,
    file: (uri) => this.#lastReadable.fileAt(uri) ?? this.#sources.file(uri),
    siteOf: (field) => {
      const file = this.#lastReadable.fileAt(uriOf(field.object));
      const site = file === null ? this.#siteOf(field) : siteOfField(file, field);
      return site === null ? null : this.#lastReadable.placedNow(site);
    },
    startOf: (key) => {
      const uri = uriOf(key);
      const file = this.#lastReadable.fileAt(uri);
      if (file === null) return this.#startOf(key);
      const start = startOfObject(file, key);
      return start === null ? null : this.#lastReadable.placedNow({ uri, range: { start, end: start } });
    },
  };

  #siteOf(field: Field): Site | null {
    const uri = uriOf(field.object);
    if (isBuilt(uri)) return this.#built.originsAt(rootOfBuilt(uri))?.siteOf(field) ?? this.#startOf(field.object);
    const file = this.#input(uri).get();
    return file === null ? null : siteOfField(file, field);
  }

  #startOf(key: ObjectKey): Site | null {
    const uri = uriOf(key);
    if (isBuilt(uri)) {
      const root = rootOfBuilt(uri);
      const entry = this.#built.setAt(root)?.plan.entry;
      const found = this.#built.originsAt(root)?.startOf(key) ?? null;
      return found ?? (entry === undefined ? null : { uri: entry, range: range(0, 0, 0, 1) });
    }
    const file = this.#input(uri).get();
    const start = file === null ? null : startOfObject(file, key);
    return start === null ? null : { uri, range: { start, end: start } };
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

  #findingsOf(uri: string, wanted: Wanted): readonly Finding[] {
    const file = this.#input(uri).get();
    if (file === null || this.#built.isAwaited(uri)) return [];
    const sets = this.builtOf(uri);
    const isTemplate = this.#isTemplate(uri);
    const scenes = this.#isSource(uri, sets) ? [] : this.#scenesOf(uri);
    // What is no manifest has nothing to judge.
    const isPlain = scenes[0] !== undefined && scenes[0].set.kind !== 'chart';
    const unread = isTemplate ? [] : this.#unread(file, sets);
    const said = [
      ...unread,
      ...(unread.some(({ severity }) => severity === 'error') ? [] : buildProblems(sets, file)),
      ...(isPlain ? placeholderNote(file) : []),
      ...setFindings(file, {
        filesOf: (written) => filesOfWrittenSet(written, this.#grouping.laidOut()),
        hasProfile: (name) => this.#profiles.named(name) !== null,
        hasFile: (other) => this.#input(other).get() !== null,
      }),
    ];
    const family = wanted === 'with infos' ? this.#builtFindings : this.#builtFaults;
    const plain = findingsOfVariants(
      scenes.map((scene) => ({ lender: scene.set.lender, findings: scene.findings(file, wanted) })),
    );
    const built = mergedFindings(sets, (root) => family.get(root).get(uri) ?? []);
    // What was built leads to the source as it was then.
    const [asBuilt] = sets.flatMap(({ files }) => files.get(uri) ?? []);
    const used = new Set<string>();
    const found = [...withoutIgnored(file, [...said, ...plain], used), ...withoutIgnored(asBuilt ?? file, built, used)];
    // What isn't rendered with these values, or isn't built, may hold what is ignored.
    const isSure = (isPlain || sets.length > 0) && !isTemplate && sets.every(({ problem }) => problem === null);
    const ofIgnores = ignoreFindings(file, used, (rule) => isAsked(rule, [...plain, ...built])).filter(
      ({ rule }) => isSure || rule !== 'unused-ignore',
    );
    return this.#levels.taken(uri, [...found, ...ofIgnores]).filter((each) => wanted === 'with infos' || isFault(each));
  }

  /**
   * Findings of a file that were made beside the workspace's own sets, and what can't be read in it, as somebody takes
   * them: without what is ignored, as grave as is said.
   */
  asTaken(uri: string, findings: readonly Finding[]): readonly Finding[] {
    const file = this.file(uri);
    if (file === null) return findings;
    const used = new Set<string>();
    const all = this.#isTemplate(uri) ? findings : [...this.#unread(file, this.builtOf(uri)), ...findings];
    return this.#levels.taken(uri, [...withoutIgnored(file, all, used), ...ignoreFindings(file, used)]);
  }

  /** A template is no YAML before it is rendered. */
  #isTemplate(uri: string): boolean {
    return this.builtOf(uri).some(({ plan }) => plan.kind === 'chart') && !isValuesFile(uri) && !isChart(uri);
  }

  #unread(file: ParsedFile, sets: readonly BuiltSet[]): readonly Finding[] {
    const found = problemFindings(file, this.#named.has(file.uri) ? 'named' : 'manifests');
    // What kubectl reads all the same, kustomize refuses.
    const isRefused = sets.some(({ plan, problem }) => plan.kind === 'kustomization' && problem !== null);
    if (!isRefused) return found;
    return found.map((each) => (each.rule === 'yaml-duplicate-key' ? { ...each, severity: 'error' } : each));
  }

  #lensesOf(uri: string): readonly Lens[] {
    const file = this.#input(uri).get();
    if (file === null || this.#built.isAwaited(uri)) return [];
    const sets = this.builtOf(uri);
    const built = mergedLenses(sets, (root) => this.#builtLenses.get(root).get(uri) ?? []);
    if (this.#isSource(uri, sets)) return built;
    const unread = this.#lastReadable.fileAt(uri);
    const root = this.#unreadHomeOf(uri);
    const scene = root === null ? this.#scenesOf(uri)[0] : this.#readableScenes.get(root);
    const own = scene?.lenses(unread ?? file) ?? [];
    return [...(unread === null ? own : own.map(asOfLastReadable)), ...built];
  }

  #findingsOfBuild(root: string, wanted: Wanted): ReadonlyMap<string, readonly Finding[]> {
    const file = this.#built.setAt(root)?.file;
    return file === undefined
      ? new Map()
      : Map.groupBy(this.#builtScenes.get(root).findings(file, wanted), ({ site }) => site.uri);
  }

  #lensesOfBuild(root: string): ReadonlyMap<string, readonly Lens[]> {
    const file = this.#built.setAt(root)?.file;
    return file === undefined
      ? new Map()
      : Map.groupBy(this.#builtScenes.get(root).lenses(file), ({ site }) => site.uri);
  }

  #hintsOf(uri: string): readonly Hint[] {
    const file = this.#input(uri).get();
    if (file === null || this.#built.isAwaited(uri)) return [];
    const sets = this.builtOf(uri);
    const built = sets.map((set) => ({
      set,
      scene: this.#builtScenes.get(set.plan.root),
      hints: this.#builtHints.get(set.plan.root).get(uri) ?? [],
    }));
    const plain = this.#isSource(uri, sets) ? [] : (this.#scenesOf(uri)[0]?.hints(file) ?? []);
    return [...plain, ...hintsInSource(file, built)];
  }

  #hintsOfBuild(root: string): ReadonlyMap<string, readonly Hint[]> {
    const file = this.#built.setAt(root)?.file;
    return file === undefined ? new Map() : Map.groupBy(this.#builtScenes.get(root).hints(file), ({ uri }) => uri);
  }
}

/** A build that never succeeded says nothing of its sources: they are judged as they stand. */
function standsForSources({ problem, objects }: BuiltSet): boolean {
  return problem === null || objects.length > 0;
}

function namedIn(file: ParsedFile): NamedFiles | null {
  const kustomization = readKustomization(file);
  return kustomization === null ? null : namedFilesOf(kustomization);
}

/** Fields of a set, with the set. */
export interface FieldsOfScene {
  readonly scene: Scene;
  readonly fields: readonly BuiltField[];
}

/** A value that is kept at hand. */
export interface Watch<T> {
  readonly get: () => T;
  readonly stop: () => void;
}

const noSet: ManifestSet = { root: '', kind: 'folder', uris: [], borrowed: [], lender: null, profile: null };

/** Answers are plain data. */
function sameAnswer(a: readonly object[], b: readonly object[]): boolean {
  return (
    a.length === b.length &&
    a.every((each, index) => each === b[index] || JSON.stringify(each) === JSON.stringify(b[index]))
  );
}
