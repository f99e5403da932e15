import type { BuiltSet } from '../built/builtSet.ts';
import { KeyedFamily } from '../cluster/derived.ts';
import { isChart, isValuesFile } from '../manifest/fileNames.ts';
import { filesOfWrittenSet } from '../manifest/manifestSet.ts';
import type { ParsedFile } from '../manifest/parseFile.ts';
import type { Hint } from './hints.ts';
import { hintsInSource } from './hintsInSources.ts';
import { ignoreFindings, withoutIgnored } from './ignores.ts';
import { buildProblems, mergedFindings, mergedLenses } from './inSources.ts';
import { asOfLastReadable, type Lens } from './lenses.ts';
import { problemFindings } from './manifestProblems.ts';
import { placeholderNote } from './placeholders.ts';
import { type Finding, isFault } from './rule.ts';
import { isAsked } from './rules/all.ts';
import type { Wanted } from './scene.ts';
import { isSource, type KnownFiles, type Scenes } from './scenes.ts';
import { findingsOfVariants } from './variants.ts';
import { setFindings } from './writtenSetFindings.ts';

/** What files hold and sets say of them. */
export interface JudgedFiles extends KnownFiles {
  readonly scenes: Scenes;
  /** Whether somebody asks for this very file: what can't be read in it is said, whatever it is about. */
  readonly isNamed: (uri: string) => boolean;
}

/**
 * What is said of each file, at its lines: what its own set and those that are built of it have to say, put together,
 * as somebody takes it.
 */
export class SaidOfFiles {
  readonly #judged: JudgedFiles;
  readonly #findings: KeyedFamily<readonly Finding[]>;
  readonly #faults: KeyedFamily<readonly Finding[]>;
  readonly #lenses: KeyedFamily<readonly Lens[]>;
  readonly #hints: KeyedFamily<readonly Hint[]>;
  /** What is found in what was built, by the sources that it leads back to. */
  readonly #builtFindings: KeyedFamily<ReadonlyMap<string, readonly Finding[]>>;
  readonly #builtFaults: KeyedFamily<ReadonlyMap<string, readonly Finding[]>>;
  readonly #builtLenses: KeyedFamily<ReadonlyMap<string, readonly Lens[]>>;
  readonly #builtHints: KeyedFamily<ReadonlyMap<string, readonly Hint[]>>;

  constructor(judged: JudgedFiles) {
    const { graph } = judged;
    this.#judged = judged;
    this.#findings = new KeyedFamily(graph, (uri) => this.#findingsOf(uri, 'with infos'), { same: sameAnswer });
    this.#faults = new KeyedFamily(graph, (uri) => this.#findingsOf(uri, 'faults alone'), { same: sameAnswer });
    this.#lenses = new KeyedFamily(graph, (uri) => this.#lensesOf(uri), { same: sameAnswer });
    this.#hints = new KeyedFamily(graph, (uri) => this.#hintsOf(uri), { same: sameAnswer });
    this.#builtFindings = new KeyedFamily(graph, (root) => this.#findingsOfBuild(root, 'with infos'));
    this.#builtFaults = new KeyedFamily(graph, (root) => this.#findingsOfBuild(root, 'faults alone'));
    this.#builtLenses = new KeyedFamily(graph, (root) => this.#lensesOfBuild(root));
    this.#builtHints = new KeyedFamily(graph, (root) => this.#hintsOfBuild(root));
  }

  /** What is found in a file, judged in its own set. */
  findings(uri: string, wanted: Wanted): readonly Finding[] {
    return (wanted === 'with infos' ? this.#findings : this.#faults).get(uri);
  }

  /** The lenses of one file, in its order. */
  lenses(uri: string): readonly Lens[] {
    return this.#lenses.get(uri);
  }

  /** What the values of a file come to. */
  hints(uri: string): readonly Hint[] {
    return this.#hints.get(uri);
  }

  /**
   * Findings of a file that were made beside the workspace's own sets, and what can't be read in it, as somebody takes
   * them: without what is ignored, as grave as is said.
   */
  asTaken(file: ParsedFile, findings: readonly Finding[]): readonly Finding[] {
    const { built, levels } = this.#judged;
    const sets = built.ofSource(file.uri);
    const used = new Set<string>();
    const all = isTemplate(file.uri, sets) ? findings : [...this.#unread(file, sets), ...findings];
    return levels.taken(file.uri, [...withoutIgnored(file, all, used), ...ignoreFindings(file, used)]);
  }

  #findingsOf(uri: string, wanted: Wanted): readonly Finding[] {
    const { file: fileOf, built: builds, grouping, profiles, levels } = this.#judged;
    const file = fileOf(uri);
    if (file === null || builds.isAwaited(uri)) return [];
    const sets = builds.ofSource(uri);
    const isOfTemplate = isTemplate(uri, sets);
    const scenes = isSource(uri, sets) ? [] : this.#judged.scenes.scenesOf(uri);
    // What is no manifest has nothing to judge.
    const isPlain = scenes[0] !== undefined && scenes[0].set.kind !== 'chart';
    const unread = isOfTemplate ? [] : this.#unread(file, sets);
    const said = [
      ...unread,
      ...(unread.some(({ severity }) => severity === 'error') ? [] : buildProblems(sets, file)),
      ...(isPlain ? placeholderNote(file) : []),
      ...setFindings(file, {
        filesOf: (written) => filesOfWrittenSet(written, grouping.laidOut()),
        hasProfile: (name) => profiles.named(name) !== null,
        hasFile: (other) => fileOf(other) !== null,
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
    const isSure = (isPlain || sets.length > 0) && !isOfTemplate && sets.every(({ problem }) => problem === null);
    const ofIgnores = ignoreFindings(file, used, (rule) => isAsked(rule, [...plain, ...built])).filter(
      ({ rule }) => isSure || rule !== 'unused-ignore',
    );
    return levels.taken(uri, [...found, ...ofIgnores]).filter((each) => wanted === 'with infos' || isFault(each));
  }

  #unread(file: ParsedFile, sets: readonly BuiltSet[]): readonly Finding[] {
    const found = problemFindings(file, this.#judged.isNamed(file.uri) ? 'named' : 'manifests');
    // What kubectl reads all the same, kustomize refuses.
    const isRefused = sets.some(({ plan, problem }) => plan.kind === 'kustomization' && problem !== null);
    if (!isRefused) return found;
    return found.map((each) => (each.rule === 'yaml-duplicate-key' ? { ...each, severity: 'error' } : each));
  }

  #lensesOf(uri: string): readonly Lens[] {
    const { file: fileOf, built: builds, scenes, lastReadable } = this.#judged;
    const file = fileOf(uri);
    if (file === null || builds.isAwaited(uri)) return [];
    const sets = builds.ofSource(uri);
    const built = mergedLenses(sets, (root) => this.#builtLenses.get(root).get(uri) ?? []);
    if (isSource(uri, sets)) return built;
    const unread = lastReadable.fileAt(uri);
    const own = scenes.readableSceneOf(uri)?.lenses(unread ?? file) ?? [];
    return [...(unread === null ? own : own.map(asOfLastReadable)), ...built];
  }

  #hintsOf(uri: string): readonly Hint[] {
    const { file: fileOf, built: builds, scenes } = this.#judged;
    const file = fileOf(uri);
    if (file === null || builds.isAwaited(uri)) return [];
    const sets = builds.ofSource(uri);
    const built = sets.map((set) => ({
      set,
      scene: scenes.sceneOfBuild(set.plan.root),
      hints: this.#builtHints.get(set.plan.root).get(uri) ?? [],
    }));
    const plain = isSource(uri, sets) ? [] : (scenes.scenesOf(uri)[0]?.hints(file) ?? []);
    return [...plain, ...hintsInSource(file, built)];
  }

  #findingsOfBuild(root: string, wanted: Wanted): ReadonlyMap<string, readonly Finding[]> {
    const { built, scenes } = this.#judged;
    const file = built.setAt(root)?.file;
    if (file === undefined) return new Map();
    return Map.groupBy(scenes.sceneOfBuild(root).findings(file, wanted), ({ site }) => site.uri);
  }

  #lensesOfBuild(root: string): ReadonlyMap<string, readonly Lens[]> {
    const { built, scenes } = this.#judged;
    const file = built.setAt(root)?.file;
    return file === undefined ? new Map() : Map.groupBy(scenes.sceneOfBuild(root).lenses(file), ({ site }) => site.uri);
  }

  #hintsOfBuild(root: string): ReadonlyMap<string, readonly Hint[]> {
    const { built, scenes } = this.#judged;
    const file = built.setAt(root)?.file;
    return file === undefined ? new Map() : Map.groupBy(scenes.sceneOfBuild(root).hints(file), ({ uri }) => uri);
  }
}

/** Whether a file is a chart's template: that is no YAML before it is rendered. */
function isTemplate(uri: string, sets: readonly BuiltSet[]): boolean {
  return sets.some(({ plan }) => plan.kind === 'chart') && !isValuesFile(uri) && !isChart(uri);
}

/** Answers are plain data. */
function sameAnswer(a: readonly object[], b: readonly object[]): boolean {
  return (
    a.length === b.length &&
    a.every((each, index) => each === b[index] || JSON.stringify(each) === JSON.stringify(b[index]))
  );
}
