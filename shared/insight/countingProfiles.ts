import type { Graph, Input } from '../cluster/derived.ts';
import { sameEntries } from '../cluster/listChanges.ts';
import { isProfile } from '../cluster/profile.ts';
import { folderOf } from '../manifest/fileNames.ts';
import type { Manifest } from '../manifest/manifest.ts';
import type { ManifestSet } from '../manifest/manifestSet.ts';
import type { ParsedFile } from '../manifest/parseFile.ts';
import { ByFile, nearest } from './byFile.ts';
import { noProfile } from './protocol.ts';

/** The ClusterProfiles of a workspace, and which of them counts for a set. */
export class CountingProfiles {
  readonly #graph: Graph;
  readonly #file: (uri: string) => ParsedFile | null;
  readonly #byFile: ByFile;
  readonly #chosen: Input<ReadonlyMap<string, string>>;

  constructor(graph: Graph, file: (uri: string) => ParsedFile | null) {
    this.#graph = graph;
    this.#file = file;
    this.#byFile = new ByFile(graph);
    this.#chosen = graph.input(new Map());
  }

  choose(byFolder: ReadonlyMap<string, string>): void {
    const before = this.#graph.untracked(() => this.#chosen.get());
    if (!sameEntries(before, byFolder)) this.#chosen.set(byFolder);
  }

  /** What a file holds now. */
  note(uri: string, manifests: readonly Manifest[]): void {
    this.#byFile.note(uri, manifests.find(isProfile) ?? null);
  }

  /** All of them, by their files. */
  all(): readonly Manifest[] {
    return [...this.#byFile.get().values()].toSorted((a, b) => (a.uri < b.uri ? -1 : 1));
  }

  /** Null for a file without one. */
  at(uri: string): Manifest | null {
    return this.#byFile.get().get(uri) ?? null;
  }

  /** The first of a name, by its file. */
  named(name: string): Manifest | null {
    const files = [...this.#byFile.get().keys()].toSorted();
    const all = files.flatMap((uri) => this.#file(uri)?.manifests ?? []);
    return all.find((each) => isProfile(each) && each.name === name) ?? null;
  }

  /**
   * The chosen profile, else the one that the set names, else the set's own, else the nearest in an enclosing folder.
   */
  countingFor(set: ManifestSet, files: readonly ParsedFile[]): Manifest | null {
    const profiles = this.#byFile.get();
    const picked = nearest(this.#chosen.get(), set.root);
    if (profiles.size === 0 || picked === noProfile) return null;
    const chosen = profiles.get(picked ?? '');
    if (chosen !== undefined) return chosen;
    const named = set.profile === null ? null : this.named(set.profile);
    if (named !== null) return named;
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
