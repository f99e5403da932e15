import { clusterModelOf } from '../cluster/clusterModel.ts';
import { assumedProfile, isProfile, type ProfileProblem, readProfile } from '../cluster/profile.ts';
import { type Manifest, manifestsOf } from '../manifest/manifest.ts';
import {
  folderOf,
  identitiesOf,
  looksLikeDump,
  type ManifestSet,
  type ManifestSets,
  manifestSetsOf,
} from '../manifest/manifestSet.ts';
import { type ParsedFile, parseFile } from '../manifest/parseFile.ts';
import { itemsAt, textOf, valueAt } from '../manifest/value.ts';
import type { Finding, JudgedSet } from './rule.ts';
import { chartNote, problemFindings } from './manifestProblems.ts';
import { rules } from './rules/all.ts';

/** A set with everything that was made of it. */
export interface Scene extends JudgedSet {
  readonly set: ManifestSet;
  readonly files: readonly ParsedFile[];
  readonly profileProblems: readonly ProfileProblem[];
}

/**
 * All texts of a workspace and what follows from them.
 *
 * A cache and nothing else: each derived value remembers the values that it was made of and is made again when one of
 * them is another. An edit therefore re-parses the document that it touched and re-makes the one set that it stands in,
 * and the answers are those of a cold start on the same texts.
 */
export class Workspace {
  readonly #files = new Map<string, ParsedFile>();
  readonly #manifests = new WeakMap<ParsedFile, FileContent>();
  readonly #scenes = new Map<string, { scene: Scene; profileManifest: Manifest | null }>();
  readonly #findings = new WeakMap<Scene, Map<string, Finding[]>>();
  #folders: readonly string[];
  #chosenProfile: string | null = null;
  #sets: ManifestSets | null = null;

  /** `folders`: the workspace's own folders, as URIs without a trailing slash. */
  constructor(folders: readonly string[] = []) {
    this.#folders = folders;
  }

  setFolders(folders: readonly string[]): void {
    this.#folders = folders;
    this.#sets = null;
  }

  /** The profile that someone picked by its file; null for each set's own. */
  chooseProfile(uri: string | null): void {
    this.#chosenProfile = uri;
  }

  put(uri: string, text: string): void {
    const previous = this.#files.get(uri);
    if (previous?.text === text) return;
    const file = parseFile(uri, text, previous);
    this.#files.set(uri, file);
    if (previous === undefined || groupingKey(this.#contentOf(previous)) !== groupingKey(this.#contentOf(file)))
      this.#sets = null;
  }

  remove(uri: string): void {
    if (this.#files.delete(uri)) this.#sets = null;
  }

  has(uri: string): boolean {
    return this.#files.has(uri);
  }

  uris(): string[] {
    return [...this.#files.keys()];
  }

  file(uri: string): ParsedFile | undefined {
    return this.#files.get(uri);
  }

  manifests(uri: string): readonly Manifest[] {
    const file = this.#files.get(uri);
    return file === undefined ? [] : this.#contentOf(file).manifests;
  }

  sets(): readonly ManifestSet[] {
    return this.#grouping().sets;
  }

  /** The set that a file is judged in, with its model; null for a file that isn't known. */
  sceneOf(uri: string): Scene | null {
    const set = this.#grouping().homes.get(uri);
    return set === undefined ? null : this.scene(set);
  }

  scene(set: ManifestSet): Scene {
    const files = set.uris.flatMap((uri) => this.#files.get(uri) ?? []);
    const profileManifest = this.#profileFor(set, files);
    const known = this.#scenes.get(set.root);
    if (known !== undefined && known.profileManifest === profileManifest && sameItems(known.scene.files, files))
      return known.scene;
    const manifests = files.flatMap((file) => this.#contentOf(file).manifests);
    const { profile, problems } =
      profileManifest === null
        ? { profile: assumedProfile, problems: [] as ProfileProblem[] }
        : readProfile(profileManifest);
    const scene: Scene = {
      set,
      files,
      model: clusterModelOf(manifests, profile),
      isComplete: isComplete(set, files, manifests),
      profileProblems: problems,
    };
    this.#scenes.set(set.root, { scene, profileManifest });
    return scene;
  }

  /** What the rules find in a file's own set, in this file. */
  findings(uri: string): readonly Finding[] {
    const scene = this.sceneOf(uri);
    if (scene === null) return [];
    let found = this.#findings.get(scene);
    if (found === undefined) {
      found = Map.groupBy(
        rules.flatMap((rule) => rule.check(scene)),
        ({ site }) => site.uri,
      );
      this.#findings.set(scene, found);
    }
    const file = this.#files.get(uri);
    const profileProblems = scene.profileProblems
      .filter(({ site }) => site.uri === uri)
      .map(({ message, site }): Finding => ({
        rule: 'profile',
        severity: 'error',
        message,
        site,
        related: [],
        fixes: [],
      }));
    const unread =
      file === undefined ? [] : [...(/\/Chart\.ya?ml$/.test(uri) ? chartNote(file) : []), ...problemFindings(file)];
    return [...unread, ...profileProblems, ...(found.get(uri) ?? [])];
  }

  #contentOf(file: ParsedFile): FileContent {
    let content = this.#manifests.get(file);
    if (content === undefined) {
      const manifests = manifestsOf(file);
      content = { manifests, identities: identitiesOf(manifests), isDump: looksLikeDump(manifests) };
      this.#manifests.set(file, content);
    }
    return content;
  }

  #grouping(): ManifestSets {
    if (this.#sets === null) {
      const files = [...this.#files.values()]
        .map((file) => ({ uri: file.uri, ...this.#contentOf(file) }))
        .toSorted((a, b) => (a.uri < b.uri ? -1 : 1));
      this.#sets = manifestSetsOf(files, this.#folders);
    }
    return this.#sets;
  }

  /** The chosen profile, else the set's own, else the nearest in an enclosing folder. */
  #profileFor(set: ManifestSet, files: readonly ParsedFile[]): Manifest | null {
    const inFile = (file: ParsedFile | undefined): Manifest | undefined =>
      file === undefined ? undefined : this.#contentOf(file).manifests.find(isProfile);
    if (this.#chosenProfile !== null) return inFile(this.#files.get(this.#chosenProfile)) ?? null;
    for (const file of files) {
      const own = inFile(file);
      if (own !== undefined) return own;
    }
    for (let folder = set.root; folder.includes('/'); folder = folderOf(folder)) {
      for (const name of ['hoplens.yaml', 'hoplens.yml']) {
        const found = inFile(this.#files.get(`${folder}/${name}`));
        if (found !== undefined) return found;
      }
    }
    return null;
  }
}

interface FileContent {
  readonly manifests: readonly Manifest[];
  readonly identities: readonly string[];
  readonly isDump: boolean;
}

function groupingKey({ identities, isDump }: FileContent): string {
  return `${isDump}\n${identities.join('\n')}`;
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
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

function isComplete(set: ManifestSet, files: readonly ParsedFile[], manifests: readonly Manifest[]): boolean {
  if (set.kind === 'chart') return false;
  if (files.some(({ documents }) => documents.some(({ content }) => content.problems.length > 0))) return false;
  if (set.kind !== 'kustomization')
    return !manifests.some(
      ({ kind, apiVersion }) => kind === 'Kustomization' && apiVersion.startsWith('kustomize.config.k8s.io/'),
    );
  for (const file of files) {
    if (!/\/kustomization\.ya?ml$|\/Kustomization$/.test(file.uri)) continue;
    for (const { content } of file.documents) {
      const value = content.value ?? undefined;
      if (transformers.some((name) => valueAt(value, name) !== undefined)) return false;
      const resources = itemsAt(value, 'resources').flatMap((each) => textOf(each) ?? []);
      if (
        resources.some(
          (each) =>
            each.startsWith('..') ||
            each.includes('://') ||
            (/^[\w.-]+\.[a-z]+\//.test(each) && !each.endsWith('.yaml')) ||
            !each.includes('.'),
        )
      )
        return false;
    }
  }
  return true;
}
