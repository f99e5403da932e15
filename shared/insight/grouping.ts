import { type Cell, type Graph, Index, type Input, KeyedFamily } from '../cluster/derived.ts';
import { keptItems, sameItems } from '../cluster/listChanges.ts';
import type { Manifest } from '../manifest/manifest.ts';
import {
  folderSet,
  type GroupedFile,
  type GroupedSet,
  identitiesOf,
  layoutOf,
  looksLikeDump,
  type LooseFolder,
  variantsOf,
} from '../manifest/manifestSet.ts';

/**
 * Which manifest sets a workspace's files fall into, kept up to date; what makes a set stands in `manifestSet.ts`.
 *
 * The layout is made anew when files come or go. What they define is looked at folder by folder, so that an object that
 * is called otherwise costs its own folder and those around it, up to the first that falls apart. A set that comes out
 * the same is the same value.
 */
export class Grouping {
  /** Every set, in an order that depends on the files alone. */
  readonly sets: Cell<readonly GroupedSet[]>;
  readonly #graph: Graph;
  readonly #files = new Map<string, KnownFile>();
  /** Counts what can change the layout: files that come and go, and those that turn into a dump or back. */
  readonly #layouts: Input<number>;
  readonly #byRoot: Index<GroupedSet>;
  readonly #byOwn: Index<GroupedSet>;
  readonly #homes: KeyedFamily<string | null>;

  /** `folders`: the workspace's own, as URIs without a trailing slash. */
  constructor(graph: Graph, folders: Cell<readonly string[]>) {
    this.#graph = graph;
    this.#layouts = graph.input(0);
    const layout = graph.derived(() => {
      this.#layouts.get();
      const files = [...this.#files].map(([uri, { isDump }]) => ({ uri, isDump }));
      return layoutOf(files, folders.get());
    });
    const fixed = graph.derived(() => layout.get().fixed, { kept: keptSets, same: sameItems });
    const places = new KeyedFamily(graph, (folder) => layout.get().folders.get(folder) ?? nowhere, {
      same: sameFolder,
    });
    const sources: FolderSources = {
      graph,
      placeOf: (folder) => places.get(folder),
      folderAt: (folder) => grouped.get(folder),
      fileAt: (uri) => this.#files.get(uri)?.grouped.get() ?? null,
    };
    const grouped = new KeyedFamily(graph, (folder) => new GroupedFolder(sources, folder));
    this.sets = graph.derived(
      () => [...fixed.get(), ...[...layout.get().folders.keys()].flatMap((folder) => grouped.get(folder).sets.get())],
      { eager: true, same: sameItems },
    );
    this.#byRoot = new Index(graph, this.sets, ({ root }) => [root]);
    this.#byOwn = new Index(graph, this.sets, ({ own }) => own);
    this.#homes = new KeyedFamily(graph, (uri) => this.#byOwn.get(uri)[0]?.root ?? null, { eager: true });
  }

  has(uri: string): boolean {
    return this.#files.has(uri);
  }

  uris(): string[] {
    return [...this.#files.keys()];
  }

  put(uri: string, manifests: readonly Manifest[]): void {
    const known = this.#files.get(uri);
    if (known !== undefined && sameItems(known.manifests, manifests)) return;
    const identities = identitiesOf(manifests);
    const isDump = looksLikeDump(manifests);
    const grouped = known?.grouped ?? this.#graph.input<GroupedFile | null>(null);
    this.#files.set(uri, { manifests, identities, isDump, grouped });
    if (known === undefined || !sameItems(known.identities, identities)) grouped.set({ uri, identities });
    if (known?.isDump !== isDump) this.#layOut();
  }

  remove(uri: string): void {
    // Whoever reads it finds the next file of this name.
    this.#files.get(uri)?.grouped.set(null);
    if (this.#files.delete(uri)) this.#layOut();
  }

  /** The set with this root; null for none. */
  setAt(root: string): GroupedSet | null {
    return this.#byRoot.get(root)[0] ?? null;
  }

  /** The root of the set that a file is judged in; null for a file that isn't known. */
  homeOf(uri: string): string | null {
    return this.#homes.get(uri);
  }

  #layOut(): void {
    this.#layouts.set(this.#graph.untracked(() => this.#layouts.get()) + 1);
  }
}

interface KnownFile {
  readonly manifests: readonly Manifest[];
  readonly identities: readonly string[];
  readonly isDump: boolean;
  readonly grouped: Input<GroupedFile | null>;
}

interface FolderSources {
  readonly graph: Graph;
  readonly placeOf: (folder: string) => LooseFolder;
  readonly folderAt: (folder: string) => GroupedFolder;
  readonly fileAt: (uri: string) => GroupedFile | null;
}

/** What a folder falls apart into: variants among its own files, or its files and its folders, each for itself. */
type Split = 'none' | 'variants' | 'folders';

/** A folder whose files are neither a chart's nor a kustomization's. */
class GroupedFolder {
  readonly split: Cell<Split>;
  /** The files that may join the set of the folder around it. */
  readonly joining: Cell<readonly GroupedFile[]>;
  /** The sets that have their root here. */
  readonly sets: Cell<readonly GroupedSet[]>;

  constructor({ graph, placeOf, folderAt, fileAt }: FolderSources, root: string) {
    const direct = graph.derived(() => placeOf(root).files.flatMap((uri) => fileAt(uri) ?? []), { same: sameItems });
    const all = graph.derived(
      () => {
        const files = [...direct.get()];
        for (const folder of placeOf(root).folders) for (const file of folderAt(folder).joining.get()) files.push(file);
        return files;
      },
      { same: sameItems },
    );
    const directByIdentity = new Index(graph, direct, identitiesIn);
    const allByIdentity = new Index(graph, all, identitiesIn);
    this.split = graph.derived(() => {
      if (contested(direct, directByIdentity).length > 0) return 'variants';
      return placeOf(root).folders.length > 0 && contested(all, allByIdentity).length > 0 ? 'folders' : 'none';
    });
    this.joining = graph.derived(() => (this.split.get() === 'none' ? all.get() : []), { same: sameItems });
    this.sets = graph.derived(
      () => {
        const split = this.split.get();
        if (split === 'folders') return folderSet(root, direct.get());
        if (split === 'variants') return variantsOf(direct.get(), new Set(contested(direct, directByIdentity).flat()));
        const { parent } = placeOf(root);
        return parent === null || folderAt(parent).split.get() !== 'none' ? folderSet(root, all.get()) : [];
      },
      { eager: true, kept: keptSets, same: sameItems },
    );
  }
}

/**
 * For each object that several files define, those files. The list is read too: the index alone says that it is another
 * only when it is settled, and until then what rests on it would mix the old and the new.
 */
function contested(files: Cell<readonly GroupedFile[]>, byIdentity: Index<GroupedFile>): (readonly GroupedFile[])[] {
  return files.get().length < 2 ? [] : byIdentity.several();
}

const identitiesIn = ({ identities }: GroupedFile): readonly string[] => identities;

const nowhere: LooseFolder = { parent: null, files: [], folders: [] };

const keptSets = keptItems(({ root }: GroupedSet) => root, sameSet);

function sameSet(a: GroupedSet, b: GroupedSet): boolean {
  return a.kind === b.kind && sameItems(a.uris, b.uris) && sameItems(a.own, b.own);
}

function sameFolder(a: LooseFolder, b: LooseFolder): boolean {
  return a.parent === b.parent && sameItems(a.files, b.files) && sameItems(a.folders, b.folders);
}
