import { folderOf } from '../manifest/fileNames.ts';
import { sameEntries } from '../cluster/listChanges.ts';
import type { Offer, Want } from '../cluster/references.ts';
import { type ObjectKey, uriOf } from '../manifest/manifest.ts';

/**
 * What a set names and lacks, looked up where a person would look: beside it in the same folder, then in the folders
 * around it, the nearest first. It is asked only where manifests are variants of one another, so that they can't all be
 * judged together; else a set has all of them anyway.
 *
 * What a set has itself counts, whatever others say. What it takes from others is single objects, never their files:
 * the many examples that say "Gateway `gateway`" never shadow one another.
 */
export interface Borrower {
  /** What the set's own files offer and want. */
  readonly own: readonly Offer[];
  readonly folder: string;
  /** Where to look from a folder: in its own files, in what lies beneath it, and so on outwards. */
  readonly placesFrom: (folder: string) => readonly Place[];
  /** A file takes from its variants what it lacks itself. A whole folder has what it wants to have. */
  readonly isFolder: boolean;
}

export interface Place {
  readonly folder: string;
  /** Those of objects that one folder alone defines: see `ofOneFolder`. */
  readonly lookUp: (key: string) => readonly Offer[];
  /** All definitions of an object. */
  readonly definitionsOf: (identity: string) => readonly Offer[];
}

export interface Borrowed {
  /** Sorted. */
  readonly objects: readonly ObjectKey[];
  /** The files that define the same object differently, the one whose is taken first; empty without a choice. */
  readonly choice: readonly string[];
}

/** The nearest places: a folder's own files, what lies beneath it, what lies beneath the folder around it. */
const nearPlaces = 3;

/** `preferred`: the file whose definitions are taken where several have some. */
export function borrow(borrower: Borrower, preferred: string | null): Borrowed {
  const { own, folder, placesFrom } = borrower;
  const all = new OffersByKey(own);
  const waiting = own.flatMap((by) =>
    by.wants
      .filter((want) => want.takes !== 'beside' && !all.has(want) && !isOwnGrant(own, by, want))
      .map((want): Waiting => ({ want, by, from: folder })),
  );
  if (waiting.length === 0) return { objects: [], choice: [] };
  const isRival = borrower.isFolder ? rivalsOf(borrower) : () => false;
  const found = (lacked: Waiting): readonly Offer[] => offersFor(lacked, placesFrom(lacked.from), isRival);
  const uses = new Map<string, number>();
  for (const lacked of waiting) for (const uri of filesOf(found(lacked))) uses.set(uri, (uses.get(uri) ?? 0) + 1);
  const preference = (uri: string): number => (uri === preferred ? Infinity : (uses.get(uri) ?? 0));

  const taken: Offer[] = [];
  const files = new Set<string>();
  let choice: readonly string[] = [];
  for (let lacked = waiting.shift(); lacked !== undefined; lacked = waiting.shift()) {
    const { want } = lacked;
    if (all.has(want)) continue;
    for (const definitions of byIdentity(found(lacked))) {
      if (all.defines(definitions) || (want.takes === 'one' && all.has(want))) continue;
      const candidates = filesOf(definitions).toSorted(
        (a, b) => Number(files.has(b)) - Number(files.has(a)) || preference(b) - preference(a) || (a < b ? -1 : 1),
      );
      const offer = definitions.findLast(({ object }) => uriOf(object) === candidates[0]);
      if (offer === undefined) continue;
      const uri = uriOf(offer.object);
      if (choice.length === 0 && candidates.length > 1 && !files.has(uri)) choice = candidates;
      taken.push(offer);
      files.add(uri);
      all.add(offer);
      waiting.push(...offer.wants.map((each): Waiting => ({ want: each, by: offer, from: folderOf(uri) })));
    }
  }
  return { objects: taken.map(({ object }) => object).toSorted(), choice };
}

/** What an object names and nothing offers yet, and the folder from which it is looked for. */
interface Waiting {
  readonly want: Want;
  readonly by: Offer;
  readonly from: string;
}

/** What is there by now. */
class OffersByKey {
  readonly #offers = new Map<string, Offer[]>();
  readonly #identities = new Set<string>();

  constructor(offers: readonly Offer[]) {
    for (const offer of offers) this.add(offer);
  }

  add(offer: Offer): void {
    this.#identities.add(offer.identity);
    for (const key of offer.keys) {
      const known = this.#offers.get(key);
      if (known === undefined) this.#offers.set(key, [offer]);
      else known.push(offer);
    }
  }

  has(want: Want): boolean {
    return (this.#offers.get(want.key) ?? []).some((offer) => fits(want, offer) !== 'no');
  }

  defines(definitions: readonly Offer[]): boolean {
    return definitions.some(({ identity }) => this.#identities.has(identity));
  }
}

/**
 * A scene that holds both sides of a reference is whole in itself: a grant of elsewhere isn't what it asks for.
 */
function isOwnGrant(own: readonly Offer[], { wants }: Offer, want: Want): boolean {
  if (want.key !== 'ReferenceGrant') return false;
  const of = wants.filter((each) => each.namespace === want.namespace && each.takes === 'one');
  return of.some((each) => own.some((offer) => offer.keys.includes(each.key) && fits(each, offer) === 'yes'));
}

/** Those of the nearest place that has some; those whose namespace is the same before those that don't say theirs. */
function offersFor(
  { want, by }: Waiting,
  places: readonly Place[],
  isRival: (offer: Offer, place: Place) => boolean,
): readonly Offer[] {
  for (const [distance, place] of places.entries()) {
    const near = place.lookUp(want.key).filter((offer) => !isOfTwin(offer, by, place));
    const beside = near.filter(({ object }) => uriOf(object) === uriOf(by.object));
    for (const offers of want.takes === 'beside' ? [beside] : [beside, near]) {
      for (const fit of ['yes', 'perhaps']) {
        const fitting = offers.filter((offer) => fits(want, offer) === fit);
        const sure = fitting.filter((offer) => distance < nearPlaces || isNamedExactly(want, offer));
        const own = sure.filter((offer) => !isRival(offer, place));
        if (own.length > 0) return own;
      }
    }
    if (want.takes === 'beside') break;
  }
  return [];
}

/** Slices that stand beside a Service are that definition's, and no other's. */
function isOfTwin({ object, keys }: Offer, by: Offer, place: Place): boolean {
  if (keys[0]?.startsWith('Endpoints ') !== true || uriOf(object) === uriOf(by.object)) return false;
  return place.definitionsOf(by.identity).some((each) => uriOf(each.object) === uriOf(object));
}

/** Many folders of a workspace have a Service `web`: from far away it takes a namespace to know which is meant. */
function isNamedExactly(want: Want, { namespace }: Offer): boolean {
  return want.namespace === namespace && (namespace !== null || /^(?:Gateway|Ingress)Class /.test(want.key));
}

/** If several folders define an object, nothing says which one is meant. */
export function ofOneFolder(offers: readonly Offer[]): readonly Offer[] {
  const folders = new Map<string, string | null>();
  for (const { identity, object } of offers) {
    const folder = folderOf(uriOf(object));
    const known = folders.get(identity);
    if (known === undefined) folders.set(identity, folder);
    else if (known !== folder) folders.set(identity, null);
  }
  return offers.filter(({ identity }) => folders.get(identity) !== null);
}

/**
 * Of a namespace's pods it is enough that all who define a workload say the same of its labels: policies go by nothing
 * else. Which definition it is then, is a choice.
 */
export function ofOneLabelling(offers: readonly Offer[]): readonly Offer[] {
  return byIdentity(offers).flatMap((all) => {
    const [first] = all;
    return all.every(({ labels }) => first !== undefined && sameEntries(first.labels, labels, Object.is)) ? all : [];
  });
}

function byIdentity(offers: readonly Offer[]): (readonly Offer[])[] {
  return [...Map.groupBy(offers, ({ identity }) => identity).values()];
}

function filesOf(offers: readonly Offer[]): string[] {
  return [...new Set(offers.map(({ object }) => uriOf(object)))];
}

/** Whether an object is what is asked for; `perhaps` where one of the two doesn't say its namespace. */
function fits(want: Want, { namespace, labels }: Offer): 'yes' | 'perhaps' | 'no' {
  if (want.selector !== null && ![...want.selector].every(([key, value]) => labels.get(key) === value)) return 'no';
  if ((want.namespace ?? 'default') === (namespace ?? 'default')) return 'yes';
  return want.namespace === null || namespace === null ? 'perhaps' : 'no';
}

/** Whether an object belongs to a folder that defines what the borrower defines too: another variant of the whole. */
function rivalsOf({ own, folder, placesFrom }: Borrower): (offer: Offer, place: Place) => boolean {
  const known = new Map<string, boolean>();
  // Every part of an application may bring the namespace that all of it is in.
  const rivalling = own.filter(({ keys }) => keys[0]?.startsWith('Namespace ') !== true);
  const isRival = (place: Place, uri: string): boolean => {
    const child = childOf(place.folder, uri);
    if (`${folder}/`.startsWith(`${child}/`)) return false;
    const isFile = child === uri;
    const [direct, within] = placesFrom(isFile ? place.folder : child);
    const there = isFile ? direct : within;
    return rivalling.some(({ identity }) => {
      const definitions = there?.definitionsOf(identity) ?? [];
      return isFile ? definitions.some(({ object }) => uriOf(object) === uri) : definitions.length > 0;
    });
  };
  return ({ object }, place) => {
    const uri = uriOf(object);
    const child = childOf(place.folder, uri);
    const said = known.get(child) ?? isRival(place, uri);
    known.set(child, said);
    return said;
  };
}

/** The file or folder directly in a folder that a file is or lies in. */
function childOf(folder: string, uri: string): string {
  const end = uri.indexOf('/', folder.length + 1);
  return end === -1 ? uri : uri.slice(0, end);
}
