import { folderOf, isChart, isKustomization, isValuesFile } from '../manifest/fileNames.ts';
import { originsOf, type Origins } from '../built/origins.ts';
import { type BuildPlan, type BuiltSet, builtFile, rootOfBuilt } from '../built/builtSet.ts';
import { deploymentsOf, isDeployer } from '../built/deployers.ts';
import { plansOf } from '../built/plans.ts';
import { type Cell, type Graph, Index, type Input, KeyedFamily } from '../cluster/derived.ts';
import { sameItems } from '../cluster/listChanges.ts';
import {
  filesNamedBy,
  includedBy,
  type Kustomization,
  kustomizationAt,
  readKustomization,
} from '../manifest/kustomization.ts';
import { type ManifestSet } from '../manifest/manifestSet.ts';
import { type ParsedFile, parseFile } from '../manifest/parseFile.ts';

/** What a head has had built by a plan. */
export interface Build extends Omit<BuiltSet, 'plan' | 'file' | 'files'> {
  /** The texts that it was made of: those of YAML and templates. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * The sets that are built of a workspace's kustomizations and charts: which there are to build, what was built, and
 * where each value of that comes from. Building itself is the heads' (`render/`): it takes time, and a process.
 */
export class BuiltSets {
  /** What there is to build, in the order of the entries. */
  readonly plans: Cell<readonly BuildPlan[]>;
  /** What was built, in the order of the plans. */
  readonly sets: Cell<readonly BuiltSet[]>;
  readonly #graph: Graph;
  readonly #isExpected: Input<boolean>;
  readonly #reaching: KeyedFamily<readonly string[]>;
  readonly #awaited: KeyedFamily<boolean>;
  /** The files that a plan can rest on: kustomizations, charts, values. */
  readonly #entries: Input<ReadonlyMap<string, ParsedFile>>;
  /** Folders that ever held manifests: what points to one has it applied. */
  readonly #folders = new Set<string>();
  readonly #folderCount: Input<number>;
  readonly #built = new Map<string, Input<BuiltSet | null>>();
  readonly #picked: Input<readonly string[]>;
  readonly #bySource: Index<BuiltSet>;
  readonly #origins: KeyedFamily<Origins | null>;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#entries = graph.input<ReadonlyMap<string, ParsedFile>>(new Map());
    this.#folderCount = graph.input(0);
    this.#picked = graph.input<readonly string[]>([]);
    this.plans = graph.derived(
      () => {
        const files = [...this.#entries.get().values()].toSorted((a, b) => (a.uri < b.uri ? -1 : 1));
        const deployments = files.flatMap(({ manifests }) => manifests.filter(isDeployer).flatMap(deploymentsOf));
        return plansOf({
          deployments,
          hasManifests: (folder) => this.#folderCount.get() > 0 && this.#folders.has(folder),
          kustomizations: files.flatMap((each) => readKustomization(each) ?? []),
          charts: files.filter(({ uri }) => isChart(uri)),
          valuesFiles: files.map(({ uri }) => uri).filter(isValuesFile),
        });
      },
      { eager: true, kept: keptPlans, same: sameItems },
    );
    this.#isExpected = graph.input(false);
    const reach = graph.derived(() => reachOf(this.plans.get(), (uri) => this.#entries.get().get(uri) ?? null), {
      eager: true,
      same: (one, other) => JSON.stringify([...one]) === JSON.stringify([...other]),
    });
    this.#reaching = new KeyedFamily(
      graph,
      (uri): readonly string[] => [uri, ...foldersAround(uri)].flatMap((each) => reach.get().get(each) ?? []),
      { same: sameItems },
    );
    this.#awaited = new KeyedFamily(
      graph,
      (uri) => this.#isExpected.get() && this.#reaching.get(uri).some((root) => this.#input(root).get() === null),
    );
    this.sets = graph.derived(() => this.plans.get().flatMap(({ root }) => this.#input(root).get() ?? []), {
      eager: true,
      same: sameItems,
    });
    this.#bySource = new Index(graph, this.sets, filesOf);
    this.#origins = new KeyedFamily(graph, (root) => {
      const set = this.#input(root).get();
      return set === null ? null : originsOf(set);
    });
  }

  /** Whether whoever has this workspace builds its plans. */
  expect(isExpected: boolean): void {
    this.#isExpected.set(isExpected);
  }

  /** The roots of the plans that a file is part of, as far as can be told before they are built. */
  rootsReaching(uri: string): readonly string[] {
    return this.#reaching.get(uri);
  }

  /** Whether a file is part of a plan that isn't built yet, and will be: nothing is said of it before. */
  isAwaited(uri: string): boolean {
    return this.#awaited.get(uri);
  }

  /** Whether plans can rest on a file. */
  noteFile(uri: string, file: ParsedFile | null): void {
    if (file !== null && file.manifests.length > 0) this.#folderCount.set(this.#folders.add(folderOf(uri)).size);
    const isEntry =
      isKustomization(uri) || isChart(uri) || isValuesFile(uri) || file?.manifests.some(isDeployer) === true;
    if (!isEntry && !this.#graph.untracked(() => this.#entries.get()).has(uri)) return;
    const entries = new Map(this.#graph.untracked(() => this.#entries.get()));
    if (file === null || !isEntry) entries.delete(uri);
    else entries.set(uri, file);
    this.#entries.set(entries);
  }

  /**
   * Takes what was built. Where a build failed, what was built before stays, and says so. `known` gives the workspace's
   * own reading of a file.
   */
  put(plan: BuildPlan, build: Build, known: (uri: string) => ParsedFile | null): void {
    const input = this.#input(plan.root);
    const before = this.#graph.untracked(() => input.get());
    const isFailed = build.problem !== null;
    const { texts, ...built } = build;
    const { deployer } = plan;
    const by = deployer === null ? null : known(deployer);
    const read = [...texts].map(([uri, text]): [string, ParsedFile] => {
      const now = known(uri) ?? before?.files.get(uri);
      return [uri, now?.text === text ? now : parseFile(uri, text)];
    });
    const objects = isFailed && before !== null ? before.objects : build.objects;
    const file = builtFile(plan, objects, before?.file ?? null);
    input.set({
      ...built,
      problem: placedProblem(build, known),
      plan,
      objects,
      files:
        isFailed && before !== null
          ? before.files
          : new Map([...read, ...(by === null ? [] : [[by.uri, by] as const])]),
      file: before !== null && before.file.text === file.text ? before.file : file,
      sources: isFailed && before !== null ? [...new Set([...before.sources, ...build.sources])] : build.sources,
      valuesFiles: isFailed && before !== null ? before.valuesFiles : build.valuesFiles,
      values: isFailed && before !== null ? before.values : build.values,
    });
  }

  /** Forgets what was built by plans that there are no more. */
  forget(roots: readonly string[]): void {
    for (const root of roots) {
      this.#built.get(root)?.set(null);
      this.#built.delete(root);
    }
  }

  setAt(root: string): BuiltSet | null {
    return this.#input(root).get();
  }

  /** The set as others have it. */
  manifestSetAt(root: string): ManifestSet | null {
    const set = this.setAt(root);
    return set === null
      ? null
      : { root, kind: 'built', uris: [set.file.uri], borrowed: [], profile: null, lender: null };
  }

  originsAt(root: string): Origins | null {
    return this.#origins.get(root);
  }

  /** The sets that are built of a file, or that it has applied, the one that somebody picked first. */
  ofSource(uri: string): readonly BuiltSet[] {
    const sets = this.#bySource.get(uri);
    const picked = this.#picked.get();
    const rank = ({ plan }: BuiltSet): number => {
      const index = picked.indexOf(plan.root);
      return index === -1 ? picked.length : index;
    };
    return sets.length < 2 ? sets : sets.toSorted((a, b) => rank(a) - rank(b));
  }

  /** Of several that a file is part of, this one is spoken of first from now on. */
  pick(root: string): void {
    const picked = this.#graph.untracked(() => this.#picked.get());
    this.#picked.set([root, ...picked.filter((each) => each !== root)]);
  }

  /** The file that holds a set's objects; null for any other URI. */
  fileAt(uri: string): ParsedFile | null {
    return this.setAt(rootOfBuilt(uri))?.file ?? null;
  }

  #input(root: string): Input<BuiltSet | null> {
    let input = this.#built.get(root);
    if (input === undefined) {
      input = this.#graph.input<BuiltSet | null>(null);
      this.#built.set(root, input);
    }
    return input;
  }
}

/** What isn't there can't be shown: then the problem is its kustomization's, or its chart's. */
function placedProblem({ problem }: Build, known: (uri: string) => ParsedFile | null): BuiltSet['problem'] {
  if (problem === null || problem.uri === null || known(problem.uri) !== null) return problem;
  return { ...problem, uri: null, line: null };
}

/** Its sources, and the file of the object that has it applied: what that lays over it is found there. */
function filesOf({ sources, plan }: BuiltSet): readonly string[] {
  const { deployer } = plan;
  return deployer === null || sources.includes(deployer) ? sources : [...sources, deployer];
}

/**
 * For each file and each folder, the roots of the plans that it is part of: all of a chart's folder; of a kustomization
 * what it names, and what that names.
 */
function reachOf(
  plans: readonly BuildPlan[],
  file: (uri: string) => ParsedFile | null,
): ReadonlyMap<string, readonly string[]> {
  const reach = new Map<string, string[]>();
  const note = (uri: string, root: string): void => {
    const roots = reach.get(uri) ?? [];
    if (!roots.includes(root)) roots.push(root);
    reach.set(uri, roots);
  };
  for (const { kind, folder, root } of plans) {
    if (kind === 'chart') {
      note(folder, root);
      continue;
    }
    const visited = new Set<string>();
    const visit = (kustomization: Kustomization | null): void => {
      if (kustomization === null || visited.has(kustomization.uri)) return;
      visited.add(kustomization.uri);
      note(kustomization.uri, root);
      for (const uri of filesNamedBy(kustomization)) note(uri, root);
      for (const { uri } of includedBy(kustomization)) {
        if (uri === null) continue;
        const inner = kustomizationAt(file, uri);
        if (inner === null) note(uri, root);
        visit(inner);
      }
    };
    visit(kustomizationAt(file, folder));
  }
  return reach;
}

function foldersAround(uri: string): string[] {
  const folders: string[] = [];
  for (let folder = folderOf(uri); folder.length > 1; folder = folderOf(folder)) folders.push(folder);
  return folders;
}

function keptPlans(before: readonly BuildPlan[], now: readonly BuildPlan[]): readonly BuildPlan[] {
  const known = new Map(before.map((plan) => [plan.root, plan]));
  return now.map((plan) => {
    const was = known.get(plan.root);
    return was !== undefined && JSON.stringify(was) === JSON.stringify(plan) ? was : plan;
  });
}

/** A build that never succeeded says nothing of its sources: they are judged as they stand. */
export function standsForSources({ problem, objects }: BuiltSet): boolean {
  return problem === null || objects.length > 0;
}
