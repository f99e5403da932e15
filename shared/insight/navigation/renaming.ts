import type { BuiltField } from '../../built/builtSet.ts';
import type { Field, Manifest } from '../../manifest/manifest.ts';
import { type Position, type Range, rangeHolds, type Site } from '../../manifest/position.ts';
import { printable } from '../../manifest/printable.ts';
import type { Scene } from '../scene.ts';
import type { Workspace } from '../workspace.ts';
import { type Mark, markAt } from './links.ts';
import { siteName, writtenSite } from './marks.ts';
import { isLabel, isOwnName, type NamedPartOfField, namingOf } from './naming.ts';
import { placesPerhapsNaming, textsWithHost } from './perhapsMeant.ts';
import { referentAt } from './referencePlaces.ts';
import { isKeyOfExpression, keyMark, sameName } from './sameName.ts';
import { type Asked, linksAt, manifestIn, thingsAt } from './things.ts';
import { kustomizationSaying, nameInSource, placesWritten, textFor } from './writtenNames.ts';

/**
 * Renames an object, a port, a listener, a host, or a label's key or value with all that selects by it: everything that
 * names the same, in all sets that share a file with it. What isn't plainly written, and what the API server wouldn't
 * take, is refused in a sentence: nothing is done by halves.
 */

/** What would be renamed, or why nothing can be; null where nothing stands that has a name. */
export type RenamePlace = { readonly kind: 'name'; readonly range: Range; readonly text: string } | Refusal | null;

/** The changes of all files. */
export type Renaming = { readonly kind: 'edits'; readonly edits: readonly RenameEdit[] } | Refusal | null;

export interface RenameEdit {
  readonly site: Site;
  readonly text: string;
  /** Why somebody should look at it first; null for what is plainly meant. */
  readonly doubt: Doubt | null;
}

/**
 * Another set uses this place, or another that is changed with it, too; a text that only pods read names the same; or
 * nobody knows whether the same is meant.
 */
export type Doubt =
  | { readonly kind: 'other sets'; readonly sets: readonly string[] }
  | { readonly kind: 'text' }
  | { readonly kind: 'perhaps' };

interface Refusal {
  readonly kind: 'refused';
  readonly message: string;
}

/** A name at a position, in one set: what it stands for, and whether it is a label's key. */
interface Spot {
  readonly scene: Scene;
  readonly mark: Mark;
  readonly part: NamedPartOfField;
  readonly things: readonly Field[];
  /** The name as it is written, which a kustomization may put something before or behind. */
  readonly inSource: string;
}

export function renamePlaceAt(workspace: Workspace, uri: string, position: Position): RenamePlace {
  const [spot] = spotsAt(workspace, uri, position);
  if (spot === undefined) return null;
  const why = whyLeftAlone(spot, spot.things);
  if (why !== null) return refused(why);
  const sites = placesWritten(workspace, spot.scene, spot.mark, spot.inSource);
  const [first] = sites;
  if (first === undefined) return notWritten(spot, spot.mark);
  // From the field's key, too.
  const here =
    sites.find(({ site }) => site.uri === uri && rangeHolds(site.range, position)) ??
    sites.find(({ site }) => site.uri === uri && site.range.start.line === position.line);
  return here === undefined
    ? refused(`${spot.inSource} is decided at ${shown(first.site)}: rename it there.`)
    : { kind: 'name', range: here.site.range, text: here.text };
}

export function renamingAt(workspace: Workspace, uri: string, position: Position, name: string): Renaming {
  const place = renamePlaceAt(workspace, uri, position);
  if (place === null || place.kind === 'refused') return place;
  const found = new Map<string, FoundEdit>();
  // What is found goes on: another set may have a part in a file that is changed, or name there what this one doesn't.
  const foundIn = new Map<Scene, Set<string>>();
  const waiting = spotsAt(workspace, uri, position).map((spot) => ({ spot, at: '' }));
  for (const { spot, at } of waiting) {
    const inScene = foundIn.get(spot.scene) ?? new Set();
    foundIn.set(spot.scene, inScene);
    if (inScene.has(at)) continue;
    inScene.add(at);
    const made = editsOf(workspace, spot, name);
    if (made.kind === 'refused') return made;
    const files = new Set([uri, ...made.edits.map(({ site }) => site.uri)]);
    const unknown = [...files].flatMap((each) => whoIsUnknown(workspace, each) ?? []);
    if (unknown[0] !== undefined) return refused(unknown[0]);
    const fresh: RenameEdit[] = [];
    for (const edit of made.edits) {
      const known = found.get(siteName(edit.site));
      const scenes = [...(known?.scenes ?? []), spot.scene];
      found.set(siteName(edit.site), { ...(known ?? edit), scenes });
      inScene.add(siteName(edit.site));
      if (known === undefined) fresh.push(edit);
    }
    for (const { site, doubt } of fresh) {
      if (doubt !== null) continue;
      const isNew = (scene: Scene): boolean => foundIn.get(scene)?.has(siteName(site)) !== true;
      const more = spotsAt(workspace, site.uri, site.range.start, isNew).filter(isSameName(spot));
      waiting.push(...more.map((each) => ({ spot: each, at: siteName(site) })));
    }
  }
  const [first] = foundIn.keys();
  const others = [...found.values()].flatMap(({ scenes, doubt }) =>
    doubt === null ? scenes.filter((each) => each !== first) : [],
  );
  const sets = [...new Set(others.map((each) => labelOf(workspace, each)))];
  return {
    kind: 'edits',
    edits: [...found.values()].map(({ site, text, doubt }) => ({ site, text, doubt: doubt ?? shared(sets) })),
  };
}

/** Where other sets use a place, too, all that is plainly meant is asked about together: a part of it would break. */
function shared(sets: readonly string[]): Doubt | null {
  if (sets.length === 0) return null;
  const more = sets.length > mostNamed ? [`${sets.length - mostNamed} more`] : [];
  return { kind: 'other sets', sets: [...sets.slice(0, mostNamed), ...more] };
}

/** Why it isn't known who names what stands in a file; null where all that is built of it is. */
function whoIsUnknown(workspace: Workspace, uri: string): string | null {
  if (workspace.isAwaited(uri))
    return 'Not everything that is built of these files is built yet: try again in a moment.';
  const sets = [
    ...workspace.rootsReaching(uri).flatMap((root) => workspace.builtAt(root) ?? []),
    ...workspace.builtOf(uri),
  ];
  const failed = sets.find(({ problem }) => problem !== null);
  if (failed === undefined) return null;
  const why = printable(failed.problem?.message ?? '');
  return `${failed.plan.label} can't be built, so nobody knows what it names: ${why}`;
}

/** As many sets as are named before it is said how many more there are. */
const mostNamed = 3;

interface FoundEdit extends RenameEdit {
  readonly scenes: readonly Scene[];
}

/** What a set is called: by its plan, else by its folder. */
function labelOf(workspace: Workspace, { set: { kind, root } }: Scene): string {
  const label = kind === 'built' ? workspace.builtAt(root)?.plan.label : undefined;
  return label ?? decodeURIComponent(root.replace(/\/$/, '').split('/').at(-1) ?? root);
}

function isSameName({ part, inSource }: Spot): (other: Spot) => boolean {
  return (other) => other.part === part && other.inSource === inSource;
}

function refused(message: string): Refusal {
  return { kind: 'refused', message };
}

function shown({ uri, range }: Site): string {
  return `${decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1))}:${range.start.line + 1}`;
}

function notWritten({ scene }: Spot, { field, text }: Mark): Refusal {
  const site = scene.siteOf(field);
  const where = site === null ? '' : ` at ${shown(site)}`;
  return refused(`${text} isn't written as such${where}: it is made there of something else. Rename it by hand.`);
}

/** `isAsked`: of which sets. */
function spotsAt(
  workspace: Workspace,
  uri: string,
  position: Position,
  isAsked: (scene: Scene) => boolean = () => true,
): Spot[] {
  return workspace
    .fieldsAt(uri, position, 'all sets')
    .flatMap(({ scene, fields }) =>
      isAsked(scene) ? fields.flatMap((field) => spotAt({ workspace, scene, position }, field)) : [],
    );
}

function spotAt(asked: Asked, field: BuiltField): Spot[] {
  const { workspace, scene, position } = asked;
  const things = thingsAt(asked, field);
  const links = linksAt(asked, field).filter(({ by, to }) => by !== 'what follows' && to(scene.model).length > 0);
  const mark = links[0]?.from ?? markAt(field.manifest, field.path);
  if (mark === null || things.length === 0) return [];
  const key = keyMark(mark);
  const isOfLabels = key !== null && things.every(({ path }) => isLabel(path) && path.at(-1) === key.text);
  const keySite = isOfLabels ? scene.siteOf(key.field) : null;
  const written = keySite === null || key === null ? null : writtenSite(workspace, key, keySite);
  if (key !== null && written !== null && rangeHolds(written.range, position))
    return [{ scene, mark: key, part: 'key', things, inSource: key.text }];
  const part = isKeyOfExpression(mark.field) ? 'key' : 'value';
  const own = things.find(({ path }) => isOwnName(path));
  const base = own === undefined ? null : nameInSource(workspace, own.object);
  const inSource = base !== null && mark.text.includes(base) ? base : mark.text;
  return [{ scene, mark, part, things, inSource }];
}

/** Why none of some things can be renamed; null where one can. */
function whyLeftAlone({ scene: { model }, part }: Spot, things: readonly Field[]): string | null {
  let why: string | null = null;
  for (const thing of things) {
    const manifest = manifestIn(model, thing.object);
    const naming = manifest === null ? null : namingOf(model, manifest, thing, part);
    if (naming?.kind === 'can be renamed') return null;
    why ??= naming?.why ?? null;
  }
  return why ?? 'Nothing here has a name that others use.';
}

/** The edits of one set. */
function editsOf(workspace: Workspace, spot: Spot, name: string): Exclude<Renaming, null> {
  const { scene, mark, part, inSource } = spot;
  const { model } = scene;
  if (name === inSource) return { kind: 'edits', edits: [] };
  const final = mark.text.replace(inSource, () => name);
  const { things, links } = sameName(model, { ...spot, text: mark.text });
  const owners = things.flatMap((thing) => {
    const manifest = manifestIn(model, thing.object);
    return manifest === null ? [] : [{ thing, manifest }];
  });
  for (const { thing, manifest } of owners) {
    const naming = namingOf(model, manifest, thing, part);
    if (naming.kind === 'is left alone') return refused(`${mark.text} is another's name, too. ${naming.why}`);
    const [problem] = naming.format(final);
    if (problem !== undefined) return refused(`"${final}" can't be its name: it ${problem}.`);
    const by = isOwnName(thing.path) ? kustomizationSaying(workspace, thing.object, inSource) : null;
    if (by !== null) return refused(`${by} names ${inSource} itself: rename it there first.`);
    const where = naming.whoHas(final);
    if (where !== null) return refused(`There is already a ${final} in ${where}.`);
  }
  const own = owners.flatMap(({ thing, manifest }) => marksOfOwn(manifest, thing, mark.text));
  const sure = [...own, ...links.filter(({ by }) => by !== 'text').map(({ from }) => from)];
  const inTexts = links.filter(({ by }) => by === 'text').map(({ from }) => from);
  const edits: RenameEdit[] = [];
  for (const [marks, doubt] of [[sure, null] as const, [inTexts, { kind: 'text' }] as const])
    for (const each of marks.map((one) =>
      part === 'key' && !isKeyOfExpression(one.field) ? (keyMark(one) ?? one) : one,
    )) {
      const places = placesWritten(workspace, scene, each, inSource);
      if (places.length === 0) return notWritten(spot, each);
      for (const { site, text } of places)
        edits.push({ site, doubt, text: textFor(workspace, each, site, text === mark.text ? final : name) });
    }
  return { kind: 'edits', edits: [...edits, ...perhaps(workspace, spot, { owners, edits, final })] };
}

/** A thing's own name; of several hosts in one field, that one. */
function marksOfOwn(manifest: Manifest, { path }: Field, text: string): Mark[] {
  const whole = markAt(manifest, path);
  if (whole === null) return [];
  const at = whole.whole === text ? 0 : whole.whole.indexOf(text);
  return [{ ...whole, text: at === -1 ? whole.whole : text, at: Math.max(at, 0) }];
}

interface Known {
  readonly owners: readonly { readonly thing: Field; readonly manifest: Manifest }[];
  readonly edits: readonly RenameEdit[];
  readonly final: string;
}

/** Where the same may be meant: shown, and done by whoever says so. */
function perhaps(workspace: Workspace, { scene, mark, part }: Spot, { owners, edits, final }: Known): RenameEdit[] {
  if (part === 'key') return [];
  const { model } = scene;
  const known = new Set(edits.map(({ site }) => siteName(site)));
  const objects = owners.filter(({ thing }) => isOwnName(thing.path));
  const isOfHost = owners.some(({ thing, manifest }) => referentAt(manifest, thing.path)?.is === 'host');
  const marks = [
    ...objects.flatMap(({ manifest }) => placesPerhapsNaming(model, manifest)),
    ...(isOfHost ? textsWithHost(model, mark.text) : []),
  ];
  return marks.flatMap((each) =>
    placesWritten(workspace, scene, each, each.text).flatMap(({ site }): RenameEdit[] =>
      known.has(siteName(site))
        ? []
        : [{ site, text: textFor(workspace, each, site, final), doubt: { kind: isOfHost ? 'text' : 'perhaps' } }],
    ),
  );
}
