import { folderOf } from '../manifest/fileNames.ts';
import { type Cell, type Graph, Index, type Input, KeyedFamily } from '../cluster/derived.ts';
import { keptItems, sameItems } from '../cluster/listChanges.ts';
import { claimsOf, type Offer, offerOf, podsOfNamespace } from '../cluster/references.ts';
import type { NamedFiles } from '../manifest/kustomization.ts';
import type { Manifest } from '../manifest/manifest.ts';
import {
  areScenes,
  fewestScenes,
  folderSet,
  type GroupedFile,
  type GroupedSet,
  identitiesOf,
  layoutOf,
  looksLikeDump,
  type LooseFolder,
  type ManifestSet,
  scenesOf,
  variantsOf,
} from '../manifest/manifestSet.ts';
import { isManifestSets, readManifestSets, type WrittenSet } from '../manifest/writtenSets.ts';
import { borrow, type Borrower, ofOneFolder, ofOneLabelling, type Place } from './borrowing.ts';

/**
 * Which manifest sets a workspace's files fall into, kept up to date; what makes a set stands in `manifestSet.ts`.
 *
 * The layout is made anew when files come or go. What they define is looked at folder by folder, so that an object that
 * is called otherwise costs its own folder and those around it, up to the first that falls apart. A set that comes out
 * the same is the same value. What a set borrows is found out when somebody asks for it.
 */
export class Grouping {
  /** Every set, in an order that depends on the files alone. */
  readonly sets: Cell<readonly GroupedSet[]>;
  readonly #graph: Graph;
  readonly #files = new Map<string, KnownFile>();
  /** Counts what can change the layout: files that come and go, turn into a dump or back, or are named otherwise. */
  readonly #layouts: Input<number>;
  readonly #byRoot: Index<GroupedSet>;
  readonly #byOwn: Index<GroupedSet>;
  readonly #homes: KeyedFamily<string | null>;
  readonly #borrowing: KeyedFamily<readonly ManifestSet[]>;

  /** `folders`: the workspace's own, as URIs without a trailing slash. */
  constructor(graph: Graph, folders: Cell<readonly string[]>) {
    this.#graph = graph;
    this.#layouts = graph.input(0);
    const layout = graph.derived(() => {
      this.#layouts.get();
      const files = [...this.#files].map(([uri, { isDump, named, sets }]) => ({ uri, isDump, named, sets }));
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
      saidIn: (uri) => this.#files.get(uri)?.said.get() ?? nothing,
    };
    const grouped = new KeyedFamily(graph, (folder) => new GroupedFolder(sources, folder));
    this.sets = graph.derived(
      () => [...fixed.get(), ...[...layout.get().folders.keys()].flatMap((folder) => grouped.get(folder).sets.get())],
      { eager: true, same: sameItems },
    );
    this.#byRoot = new Index(graph, this.sets, ({ root }) => [root]);
    this.#byOwn = new Index(graph, this.sets, ({ own }) => own);
    this.#homes = new KeyedFamily(graph, (uri) => this.#byOwn.get(uri)[0]?.root ?? null, { eager: true });
    this.#borrowing = new KeyedFamily(
      graph,
      (root) => {
        const [set] = this.#byRoot.get(root);
        return set === undefined ? [] : variationsOf(set, sources);
      },
      { eager: true, same: (a, b) => a.length === b.length && a.every((each, index) => sameSet(each, b[index])) },
    );
  }

  has(uri: string): boolean {
    return this.#files.has(uri);
  }

  uris(): string[] {
    return [...this.#files.keys()];
  }

  /** All files; whoever reads them hears of those that come and go. */
  laidOut(): string[] {
    this.#layouts.get();
    return this.uris();
  }

  /** `named`: what the file names, if it is a kustomization. */
  put(uri: string, manifests: readonly Manifest[], named: NamedFiles | null = null): void {
    const known = this.#files.get(uri);
    const isNamedSame = JSON.stringify(known?.named) === JSON.stringify(named);
    if (known !== undefined && isNamedSame && sameItems(known.manifests, manifests)) return;
    const identities = identitiesOf(manifests);
    const isDump = looksLikeDump(manifests);
    const sets = manifests.filter(isManifestSets).flatMap((each) => readManifestSets(each).sets);
    const isSameLayout = isNamedSame && known?.isDump === isDump && JSON.stringify(known.sets) === JSON.stringify(sets);
    const grouped = known?.grouped ?? this.#graph.input<GroupedFile | null>(null);
    const said = known?.said ?? this.#graph.input<readonly Manifest[]>([]);
    said.set(manifests);
    this.#files.set(uri, { manifests, identities, isDump, named, sets, grouped, said });
    if (known === undefined || !sameItems(known.identities, identities)) grouped.set({ uri, identities });
    if (!isSameLayout) this.#layOut();
  }

  remove(uri: string): void {
    // Whoever reads it finds the next file of this name.
    this.#files.get(uri)?.grouped.set(null);
    this.#files.get(uri)?.said.set([]);
    if (this.#files.delete(uri)) this.#layOut();
  }

  /**
   * The set with this root, with what it borrows; several where what it borrows is defined by several files, each time
   * with another one's. Empty for no set.
   */
  setsAt(root: string): readonly ManifestSet[] {
    return this.#borrowing.get(root);
  }

  /** The roots of the sets that a file is in, or may be borrowed by. */
  rootsWith(uri: string): string[] {
    return this.sets
      .get()
      .flatMap(({ root, uris, borrowing }) => (borrowing !== null || uris.includes(uri) ? [root] : []));
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
  readonly named: NamedFiles | null;
  readonly sets: readonly WrittenSet[];
  readonly grouped: Input<GroupedFile | null>;
  /** Its manifests, for whoever borrows of them. */
  readonly said: Input<readonly Manifest[]>;
}

interface FolderSources {
  readonly graph: Graph;
  readonly placeOf: (folder: string) => LooseFolder;
  readonly folderAt: (folder: string) => GroupedFolder;
  readonly fileAt: (uri: string) => GroupedFile | null;
  readonly saidIn: (uri: string) => readonly Manifest[];
}

function offersOf(manifests: readonly Manifest[]): readonly Offer[] {
  return manifests.flatMap((each) => offerOf(each) ?? []);
}

/** As many variants of what it borrows a set is judged with. */
const mostVariants = 6;

function variationsOf(set: GroupedSet, sources: FolderSources): readonly ManifestSet[] {
  const { borrowing, own, ...plain } = set;
  if (borrowing === null) return [plain];
  const borrower: Borrower = {
    own: plain.uris.flatMap((uri) => offersOf(sources.saidIn(uri))),
    folder: borrowing.folder,
    placesFrom: (folder) => placesFrom(folder, sources),
    isFolder: own.length > 1 || plain.root !== own[0],
  };
  const first = borrow(borrower, null);
  const { choice } = first;
  const others = choice.slice(1, mostVariants).map((uri) => ({ uri, objects: borrow(borrower, uri).objects }));
  // Elsewhere there are just several examples.
  const kind = choice.every((uri) => folderOf(uri) === borrowing.folder) ? borrowing.others : 'example';
  return [{ uri: choice[0] ?? null, objects: first.objects }, ...others].map(({ uri, objects }) => ({
    ...plain,
    borrowed: objects,
    lender: uri === null ? null : { uri, kind },
  }));
}

/** A folder's own files, what lies beneath it, and so on outwards. */
function placesFrom(folder: string, { placeOf, folderAt }: FolderSources): readonly Place[] {
  const places: Place[] = [folderAt(folder).direct];
  for (let at: string | null = folder; at !== null; at = placeOf(at).parent) places.push(folderAt(at).within);
  return places;
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
  /** What can be borrowed from its own files, and from all that lies beneath it. */
  readonly direct: Place;
  readonly within: Place;
  readonly #offers: Cell<readonly Offer[]>;

  constructor({ graph, placeOf, folderAt, fileAt, saidIn }: FolderSources, root: string) {
    const said = graph.derived(() => placeOf(root).files.map(saidIn), { eager: true, same: sameItems });
    const offers = graph.each(() => said.get(), offersOf);
    this.#offers = graph.each(
      () => [offers.get(), ...placeOf(root).folders.map((folder) => folderAt(folder).#offers.get())],
      (each) => each,
    );
    this.direct = placeWith(graph, root, offers);
    this.within = placeWith(graph, root, this.#offers);
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
    const claimed = graph.each(() => said.get(), claimsIn);
    const byClaim = new Index(graph, claimed, (each: FileWithClaims) => each.claims);
    const hasScenes = graph.derived(() => {
      const files = direct.get().filter(({ identities }) => identities.length > 0);
      const rivals = contested(direct, directByIdentity).flat();
      // As in `contested`, the list is read too.
      const claimants = claimed.get().length < 2 ? [] : byClaim.several().flat();
      return areScenes(new Set([...rivals, ...claimants].map(({ uri }) => uri)).size, files.length);
    });
    this.joining = graph.derived(() => (this.split.get() === 'none' ? all.get() : []), { same: sameItems });
    this.sets = graph.derived(
      () => {
        const split = this.split.get();
        if (split === 'folders') return folderSet(root, direct.get(), { folder: root, others: 'variant' });
        if (split === 'variants') {
          const variants = new Set(contested(direct, directByIdentity).flat());
          if (variants.size < fewestScenes) return variantsOf(root, direct.get(), variants);
          return hasScenes.get() ? scenesOf(root, direct.get()) : variantsOf(root, direct.get(), variants);
        }
        const { parent } = placeOf(root);
        if (parent === null) return folderSet(root, all.get(), null);
        return folderAt(parent).split.get() === 'none'
          ? []
          : folderSet(root, all.get(), { folder: root, others: 'variant' });
      },
      { eager: true, kept: keptSets, same: sameItems },
    );
  }
}

interface FileWithClaims {
  readonly uri: string;
  readonly claims: readonly string[];
}

function claimsIn(manifests: readonly Manifest[]): readonly FileWithClaims[] {
  const [first] = manifests;
  return first === undefined ? [] : [{ uri: first.uri, claims: [...new Set(manifests.flatMap(claimsOf))] }];
}

function placeWith(graph: Graph, folder: string, offers: Cell<readonly Offer[]>): Place {
  const byKey = new Index(graph, offers, ({ keys }: Offer) => keys, 'any order');
  const byIdentity = new Index(graph, offers, ({ identity }: Offer) => [identity], 'any order');
  // Of the Services `web` of many teams, who looks for one hears nothing so long as there are several.
  const found = new KeyedFamily(
    graph,
    (key) => (key.startsWith(podsOfNamespace) ? ofOneLabelling : ofOneFolder)(byKey.get(key)).toSorted(byObject),
    {
      eager: true,
      same: sameItems,
    },
  );
  return { folder, lookUp: (key) => found.get(key), definitionsOf: (identity) => byIdentity.get(identity) };
}

function byObject(a: Offer, b: Offer): number {
  return a.object < b.object ? -1 : 1;
}

/**
 * For each object that several files define, those files. The list is read too: the index alone says that it is another
 * only when it is settled, and until then what rests on it would mix the old and the new.
 */
function contested(files: Cell<readonly GroupedFile[]>, byIdentity: Index<GroupedFile>): (readonly GroupedFile[])[] {
  return files.get().length < 2 ? [] : byIdentity.several();
}

const identitiesIn = ({ identities }: GroupedFile): readonly string[] => identities;

const nothing: readonly Manifest[] = [];

const nowhere: LooseFolder = { parent: null, files: [], folders: [] };

const keptSets = keptItems(({ root }: GroupedSet) => root, sameGroup);

function sameGroup(a: GroupedSet, b: GroupedSet): boolean {
  return (
    sameSet(a, b) &&
    sameItems(a.own, b.own) &&
    a.borrowing?.folder === b.borrowing?.folder &&
    a.borrowing?.others === b.borrowing?.others
  );
}

function sameSet(a: ManifestSet, b: ManifestSet | undefined): boolean {
  return (
    a.kind === b?.kind &&
    a.lender?.uri === b.lender?.uri &&
    a.lender?.kind === b.lender?.kind &&
    a.profile === b.profile &&
    sameItems(a.uris, b.uris) &&
    sameItems(a.borrowed, b.borrowed)
  );
}

function sameFolder(a: LooseFolder, b: LooseFolder): boolean {
  return a.parent === b.parent && sameItems(a.files, b.files) && sameItems(a.folders, b.folders);
}
