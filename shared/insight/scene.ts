import { isBuilt } from '../built/builtSet.ts';
import { folderOf, isKustomization } from '../manifest/fileNames.ts';
import { ClusterModel } from '../cluster/clusterModel.ts';
import { liveCluster } from '../cluster/liveCluster.ts';
import { causeOf, toldOnce } from './causes.ts';
import { type Cell, type Graph, Index, KeyedFamily } from '../cluster/derived.ts';
import { sameItems } from '../cluster/listChanges.ts';
import { assumedProfile, isProfile, type Profile, type ProfileProblem, readProfile } from '../cluster/profile.ts';
import { type Field, type Manifest, type ObjectKey, uriOf } from '../manifest/manifest.ts';
import { inNamespace, namespaceFacts, unknownNamespace } from '../cluster/unknownNamespace.ts';
import { type ManifestSet } from '../manifest/manifestSet.ts';
import type { ParsedFile } from '../manifest/parseFile.ts';
import { placeholdersIn } from '../manifest/placeholder.ts';
import type { Site } from '../manifest/position.ts';
import { itemsAt, textAt, textOf, valueAt } from '../manifest/value.ts';
import { assumedObjects } from '../network/assumed.ts';
import { placedEdit, type WrittenObjects } from './edits.ts';
import { type Hint, hintAt, type HintOfField, hintsOf } from './hints.ts';
import { ignoresIn, withoutAnnotated, withoutIgnored } from './ignores.ts';
import { type Lens, lensAt, lensOf, type LensOfObject } from './lenses.ts';
import { providerProblem } from './providerProblem.ts';
import { type Finding, type Fix, type Found, isFault, type JudgedSet, type PlacedFix } from './rule.ts';
import { restsOnPlaceholder } from './placeholders.ts';
import { foundAbout, isAsked, isRefused } from './rules/all.ts';

/** Where a scene finds files, and the profile that a set is judged by. Whoever reads depends on what was read. */
export interface SceneSources {
  readonly graph: Graph;
  readonly file: (uri: string) => ParsedFile | null;
  readonly profileOf: (set: ManifestSet, files: readonly ParsedFile[]) => Manifest | null;
  /** Where a field stands, in the sources where its object was built; null for one of an object that stands nowhere. */
  readonly siteOf: (field: Field) => Site | null;
  /** Where an object begins, likewise. */
  readonly startOf: (key: ObjectKey) => Site | null;
  /** Whether a built set holds all that it would be applied with. */
  readonly isWholeBuild: (root: string) => boolean;
  /** Where objects of a built set land that say no namespace; null where nothing says it. */
  readonly namespaceOfBuild: (root: string) => string | null;
  /** Whether somebody may take what this rule finds to be graver than it says. */
  readonly isRaised: (rule: string) => boolean;
}

/** Whether what is merely worth knowing is asked for too. */
export type Wanted = 'with infos' | 'faults alone';

/** A set with everything that is made of it; each value is made when it is asked for. */
export class Scene implements JudgedSet {
  readonly model: ClusterModel;
  readonly #sources: SceneSources;
  readonly #set: Cell<ManifestSet>;
  readonly #files: Cell<readonly ParsedFile[]>;
  readonly #isComplete: Cell<boolean>;
  readonly #profile: Cell<{ readonly profile: Profile; readonly problems: readonly ProfileProblem[] }>;
  readonly #byKey: Index<Manifest>;
  readonly #refused: KeyedFamily<boolean>;
  readonly #found: KeyedFamily<readonly Found[]>;
  /** Of the set's own objects, in its order. */
  readonly #byCause: Index<Found>;
  readonly #lenses: KeyedFamily<LensOfObject | null>;
  readonly #hints: KeyedFamily<readonly HintOfField[]>;
  readonly #written: WrittenObjects;
  /** Of those that don't say theirs. */
  readonly #namespace: Cell<string>;

  constructor(sources: SceneSources, set: Cell<ManifestSet>) {
    const { graph } = sources;
    this.#sources = sources;
    this.#set = set;
    this.#files = filesOf(graph, set, sources.file);
    const own = graph.each(
      () => this.files,
      (file) => file.manifests,
    );
    const borrowed = graph.derived(() => set.get().borrowed.flatMap((key) => objectIn(sources, key) ?? []), {
      eager: true,
      same: sameItems,
    });
    const all = graph.derived(() => (borrowed.get().length === 0 ? own.get() : [...own.get(), ...borrowed.get()]), {
      eager: true,
      same: sameItems,
    });
    const facts = graph.each(() => all.get(), namespaceFacts);
    const given = graph.derived(
      () =>
        set.get().kind === 'built'
          ? sources.namespaceOfBuild(set.get().root)
          : namespaceOfKustomization(set.get(), sources),
      { eager: true },
    );
    this.#namespace = graph.derived(() => given.get() ?? unknownNamespace(facts.get()), { eager: true });
    const manifests = graph.derived(
      () => {
        const unknown = this.#namespace.get();
        return unknown === 'default' ? all.get() : all.get().map((each) => inNamespace(each, unknown));
      },
      { eager: true, same: sameItems },
    );
    const profileManifest = graph.derived(() => sources.profileOf(set.get(), this.files), { eager: true });
    this.#profile = graph.derived(() => profileIn(profileManifest.get()), { eager: true });
    const additions = graph.each(
      () => this.files,
      (file, kind) => (isAddedTo(file, kind) ? [file] : []),
      () => set.get().kind,
    );
    const unknownOnes = graph.each(
      () => manifests.get(),
      (each) => (placeholdersIn(each).some(({ isIdentity }) => isIdentity) ? [each.key] : []),
    );
    const isWhole = ({ kind, root }: ManifestSet): boolean =>
      kind === 'built' ? sources.isWholeBuild(root) : kind !== 'chart';
    this.#isComplete = graph.derived(
      () => isWhole(set.get()) && additions.get().length === 0 && unknownOnes.get().length === 0,
      { eager: true },
    );
    this.#byKey = new Index(graph, manifests, ({ key }) => [key]);
    this.#written = {
      file: sources.file,
      siteOf: sources.siteOf,
      valueOf: (key) => this.#byKey.get(key)[0]?.value,
    };
    this.model = liveCluster(graph, manifests, { get: () => this.#profile.get().profile }, assumedObjects);
    this.#refused = new KeyedFamily(graph, (key) => {
      const [manifest] = this.#byKey.get(key);
      return manifest !== undefined && isRefused(manifest, this);
    });
    this.#found = new KeyedFamily(graph, (key) => this.#find(key), { same: sameFound });
    const keys = graph.each(
      () => own.get(),
      ({ key }) => [key],
    );
    const caused = inBlocks(
      graph,
      () => keys.get(),
      (key) => this.#found.get(key).filter((found) => found.cause !== null),
    );
    this.#byCause = new Index(graph, caused, (found) => [causeOf(found) ?? '']);
    this.#lenses = new KeyedFamily(graph, (key) => {
      const [manifest] = this.#byKey.get(key);
      return manifest === undefined ? null : lensOf(this, manifest);
    });
    this.#hints = new KeyedFamily(
      graph,
      (key): readonly HintOfField[] => {
        const [manifest] = this.#byKey.get(key);
        return manifest === undefined ? [] : hintsOf(this.model, manifest);
      },
      { same: (a, b) => JSON.stringify(a) === JSON.stringify(b) },
    );
  }

  get set(): ManifestSet {
    return this.#set.get();
  }

  get files(): readonly ParsedFile[] {
    return this.#files.get();
  }

  /**
   * False where something outside the set adds to it or changes it (a chart's templates, a kustomization that
   * transforms, fetches or generates), and where a placeholder stands for a name or a label: what is missing here then
   * says nothing.
   */
  get isComplete(): boolean {
    return this.#isComplete.get();
  }

  /** An object of the set, in the namespace that those have that don't say theirs. */
  inItsNamespace(manifest: Manifest): Manifest {
    const unknown = this.#namespace.get();
    return unknown === 'default' ? manifest : inNamespace(manifest, unknown);
  }

  get profileProblems(): readonly ProfileProblem[] {
    return this.#profile.get().problems;
  }

  /** What the rules find in a file, at its places. */
  findings(file: ParsedFile, wanted: Wanted): Finding[] {
    const problems = this.profileProblems
      .filter(({ field }) => uriOf(field.object) === file.uri)
      .map(({ message, field }): Found => ({
        rule: 'profile',
        severity: 'error',
        message,
        at: field,
        related: [],
        fixes: [],
        cause: null,
      }));
    return [...problems, ...file.manifests.flatMap(({ key }) => this.#told(key))]
      .filter((each) => wanted === 'with infos' || isFault(each) || this.#sources.isRaised(each.rule))
      .flatMap((each) => this.#placed(each));
  }

  /** The lenses of a file, in its order. */
  lenses(file: ParsedFile): Lens[] {
    return file.manifests
      .flatMap((manifest): Lens[] => {
        const lens = this.#lenses.get(manifest.key);
        const site = lens === null ? null : this.#sources.startOf(manifest.key);
        return lens === null || site === null ? [] : [lensAt(lens, site.uri, site.range.start)];
      })
      .toSorted((a, b) => a.site.range.start.line - b.site.range.start.line);
  }

  /** What the values of a file's objects come to, where they stand. */
  hints(file: ParsedFile): Hint[] {
    return file.manifests.flatMap(({ key }) =>
      this.#hints.get(key).flatMap((hint) => hintAt(hint, (field) => this.#sources.siteOf(field))),
    );
  }

  /** Where a field stands; null for one of an object that stands in no file. */
  siteOf(field: Field): Site | null {
    return this.#sources.siteOf(field);
  }

  /** An object of the set, or one that it borrows; undefined where there is none by this name. */
  manifestOf(key: ObjectKey): Manifest | undefined {
    return this.#byKey.get(key)[0];
  }

  /** Where an object begins; null for one that stands in no file. */
  startOf(key: ObjectKey): Site | null {
    return this.#sources.startOf(key);
  }

  #find(key: ObjectKey): readonly Found[] {
    const [manifest] = this.#byKey.get(key);
    if (manifest === undefined || isProfile(manifest)) return [];
    const found = foundAbout(manifest, this);
    const certain = found.filter((each) => !restsOnPlaceholder(each, (other) => this.#byKey.get(other)[0]));
    return withoutAnnotated(
      manifest,
      certain.filter((each) => !this.#followsFromRefusal(each)),
      (rule) => isAsked(rule, certain),
    );
  }

  /** Whether all that a finding has to do with besides is refused: that is told there, and this follows from it. */
  #followsFromRefusal({ at, related }: Found): boolean {
    const others = related.flatMap((each) => (each.at.object === at.object ? [] : [each.at.object]));
    return others.length > 0 && others.every((each) => this.#refused.get(each));
  }

  /**
   * What is found about an object, but for what is told elsewhere: of one cause, the first of the set tells that nobody
   * ignores. What is ignored stands for itself, so that its comment takes it.
   */
  #told(key: ObjectKey): Found[] {
    return this.#found.get(key).flatMap((found) => {
      const cause = causeOf(found);
      const all = cause === null ? [] : this.#byCause.get(cause);
      if (all.length < 2 || this.#isIgnored(found)) return [found];
      if (all.find((each) => !this.#isIgnored(each)) !== found) return [];
      const heard = all.filter((each) => !this.#isIgnored(each));
      return toldOnce(heard, (each) => this.#byKey.get(each)[0]) ?? [];
    });
  }

  /** Whether a comment of its file has a finding left out. */
  #isIgnored({ rule, at }: Found): boolean {
    const uri = uriOf(at.object);
    const own = this.#sources.file(uri);
    if (!isBuilt(uri) && (own === null || ignoresIn(own).length === 0)) return false;
    const site = this.siteOf(at);
    const file = site === null ? null : this.#sources.file(site.uri);
    return site !== null && file !== null && withoutIgnored(file, [{ rule, site }], new Set()).length === 0;
  }

  #placed({ at, related, fixes, rule, severity, message }: Found): Finding[] {
    const site = this.siteOf(at);
    if (site === null) return [];
    const placed = related.flatMap(({ message, at: other }) => {
      const there = this.siteOf(other);
      return there === null ? [] : [{ message, site: there }];
    });
    return [{ rule, severity, message, site, related: placed, fixes: fixes.flatMap((fix) => this.#placedFix(fix)) }];
  }

  #placedFix({ title, edits, isSafe }: Fix): PlacedFix[] {
    const placed = edits.map((edit) => placedEdit(edit, this.#written));
    return placed.every((each) => each.length > 0)
      ? [{ title, isSafe: isSafe === true, edits: distinct(placed.flat()) }]
      : [];
  }
}

/** Where a kustomization puts what it is made of; null where it doesn't say, and for other sets. */
function namespaceOfKustomization({ kind, root, uris }: ManifestSet, { file }: SceneSources): string | null {
  const uri = kind === 'kustomization' ? uris.find((each) => isKustomization(each) && folderOf(each) === root) : null;
  const documents = uri === undefined || uri === null ? [] : (file(uri)?.documents ?? []);
  return documents.map(({ content }) => textAt(content.value ?? undefined, 'namespace') ?? null)[0] ?? null;
}

/** An object of a file, by its key; null where it is gone. */
function objectIn(sources: SceneSources, key: ObjectKey): Manifest | null {
  return sources.file(uriOf(key))?.manifests.find((each) => each.key === key) ?? null;
}

function profileIn(manifest: Manifest | null): {
  readonly profile: Profile;
  readonly problems: readonly ProfileProblem[];
} {
  if (manifest === null) return { profile: assumedProfile, problems: [] };
  const { profile, problems } = readProfile(manifest);
  return { profile, problems: [...problems, ...providerProblem(manifest, profile)] };
}

/** Each edit once: two fields may stand in one place of a source. */
function distinct(edits: PlacedFix['edits']): PlacedFix['edits'] {
  return [...new Map(edits.map((each) => [JSON.stringify(each), each])).values()];
}

function sameFound(a: readonly Found[], b: readonly Found[]): boolean {
  return a.length === b.length && (a.length === 0 || JSON.stringify(a) === JSON.stringify(b));
}

const transformers = [
  'commonLabels',
  'labels',
  'namePrefix',
  'nameSuffix',
  'patches',
  'patchesStrategicMerge',
  'patchesJson6902',
  'components',
  'generators',
  'transformers',
  'helmCharts',
  'helmChartInflationGenerator',
  'replacements',
  'vars',
  'bases',
  'crds',
  'replicas',
];

/** The files of a set. */
function filesOf(graph: Graph, set: Cell<ManifestSet>, fileAt: SceneSources['file']): Cell<readonly ParsedFile[]> {
  return inBlocks(
    graph,
    () => set.get().uris,
    (uri) => fileAt(uri) ?? [],
  );
}

/** As many as are read together: one that changes costs as much. */
const ofBlock = 64;

/** What is made of each of many names, in blocks, so that one that changes reads few of the others again. */
function inBlocks<T>(
  graph: Graph,
  names: () => readonly string[],
  make: (name: string) => T | readonly T[],
): Cell<readonly T[]> {
  const all = graph.derived(names, { eager: true, same: sameItems });
  const blocks = graph.derived(() => {
    const now = all.get();
    return Array.from({ length: Math.ceil(now.length / ofBlock) }, (_, index) => {
      const own = now.slice(index * ofBlock, (index + 1) * ofBlock);
      return graph.derived(() => own.flatMap(make), { eager: true, same: sameItems });
    });
  });
  return graph.derived(() => blocks.get().flatMap((block) => block.get()), { eager: true, same: sameItems });
}

/**
 * Whether a file shows that something outside the set adds to it or changes it, or can't be read: then what is missing
 * says nothing.
 */
function isAddedTo(file: ParsedFile, kind: ManifestSet['kind']): boolean {
  if (file.hasProblems) return true;
  if (kind !== 'kustomization')
    return file.manifests.some(
      (each) => each.kind === 'Kustomization' && each.apiVersion.startsWith('kustomize.config.k8s.io/'),
    );
  if (!isKustomization(file.uri)) return false;
  return file.documents.some(({ content }) => {
    const value = content.value ?? undefined;
    const resources = itemsAt(value, 'resources').flatMap((each) => textOf(each) ?? []);
    return transformers.some((name) => valueAt(value, name) !== undefined) || resources.some(isFromOutside);
  });
}

/** Another folder, or something fetched. */
function isFromOutside(resource: string): boolean {
  return (
    resource.startsWith('..') ||
    resource.includes('://') ||
    (/^[\w.-]+\.[a-z]+\//.test(resource) && !resource.endsWith('.yaml')) ||
    !resource.includes('.')
  );
}
