import { type BuiltField, isBuilt, rootOfBuilt } from '../../built/builtSet.ts';
import { isOfGatewayApi } from '../../cluster/gatewayApi/gatewayApi.ts';
import { readPodTemplate } from '../../cluster/pod.ts';
import { isService } from '../../cluster/service.ts';
import { readKustomization } from '../../manifest/kustomization.ts';
import { type Field, namespaceOf, type ObjectKey, uriOf } from '../../manifest/manifest.ts';
import { type ParsedFile, siteOfField } from '../../manifest/parseFile.ts';
import { plainScalar } from '../../manifest/plainScalar.ts';
import { type Position, type Range, rangeHolds, type Site } from '../../manifest/position.ts';
import {
  containerPortName,
  dnsLabel,
  dnsLabelFromLetter,
  dnsSubdomain,
  type Format,
  labelValue,
  qualifiedName,
} from '../../manifest/validation/formats.ts';
import { relaxedNamesSince } from '../../manifest/validation/service.ts';
import { isList, isMap, itemsAt, keysAt, textAt, textOf, type Value } from '../../manifest/value.ts';
import { type Link, type Mark, markAt } from './links.ts';
import { objectsNamed } from './nameLinks.ts';
import { siteName, writtenSite } from './marks.ts';
import { allLinks, type Asked, linksAt, manifestIn, thingsAt } from './things.ts';
import type { PlacedFix } from '../rule.ts';
import type { Scene } from '../scene.ts';
import type { Workspace } from '../workspace.ts';

/**
 * Renames a Service, a Gateway, a port, a listener, or a label's key or value with all that selects by it: everything
 * in the sets of a place that names the same. What isn't plainly written, and what the API server wouldn't take, is
 * refused in a sentence.
 */

/** What would be renamed, or why nothing can be; null where nothing stands that has a name. */
export type RenamePlace = { readonly kind: 'name'; readonly range: Range; readonly text: string } | Refusal | null;

/** The changes of all files. */
export type Renaming = { readonly kind: 'edits'; readonly edits: PlacedFix['edits'] } | Refusal | null;

interface Refusal {
  readonly kind: 'refused';
  readonly message: string;
}

/** A name at a position, in one set: what it stands for, and whether it is a label's key. */
interface Spot {
  readonly scene: Scene;
  readonly mark: Mark;
  readonly part: Field['part'];
  readonly things: readonly Field[];
}

/** What a new name must be, and what has it already. */
interface Naming {
  readonly title: string;
  readonly format: Format<string>;
  readonly isTaken: (name: string) => boolean;
}

export function renamePlaceAt(workspace: Workspace, uri: string, position: Position): RenamePlace {
  const [spot] = spotsAt(workspace, uri, position);
  if (spot === undefined) return null;
  if (spot.things.every((each) => namingOf(spot, each) === null))
    return refused('Hoplens renames Services, Gateways, listeners, ports that have a name, and labels.');
  const sites = sitesWritten(workspace, spot, spot.mark);
  const [first] = sites;
  if (first === undefined) return notWritten(spot, spot.mark);
  const here = sites.find((site) => site.uri === uri && rangeHolds(site.range, position));
  return here === undefined
    ? refused(`${spot.mark.text} is decided at ${shown(first)}: rename it there.`)
    : { kind: 'name', range: here.range, text: spot.mark.text };
}

export function renamingAt(workspace: Workspace, uri: string, position: Position, name: string): Renaming {
  const place = renamePlaceAt(workspace, uri, position);
  if (place === null || place.kind === 'refused') return place;
  const edits = new Map<string, PlacedFix['edits'][number]>();
  for (const spot of spotsAt(workspace, uri, position)) {
    const made = editsOf(workspace, spot, name);
    if (made.kind === 'refused') return made;
    for (const each of made.edits) edits.set(siteName(each.site), each);
  }
  return { kind: 'edits', edits: [...edits.values()] };
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

function spotsAt(workspace: Workspace, uri: string, position: Position): Spot[] {
  return workspace
    .fieldsAt(uri, position)
    .flatMap(({ scene, fields }) => fields.flatMap((field) => spotAt({ workspace, scene, position }, field)));
}

function spotAt(asked: Asked, field: BuiltField): Spot[] {
  const { workspace, scene, position } = asked;
  const mark = linksAt(asked, field)[0]?.from ?? markAt(field.manifest, field.path);
  const things = thingsAt(asked, field);
  if (mark === null || things.length === 0) return [];
  const key = keyMark(mark);
  const isOfLabels = key !== null && things.every((each) => isLabel(each) && each.path.at(-1) === key.text);
  const keySite = isOfLabels ? scene.siteOf(key.field) : null;
  const written = keySite === null || key === null ? null : writtenSite(workspace, key, keySite);
  if (key !== null && written !== null && rangeHolds(written.range, position))
    return [{ scene, mark: key, part: 'key', things }];
  return [{ scene, mark, part: isKeyOfExpression(mark.field) ? 'key' : 'value', things }];
}

/** The key of an entry as a mark; null for an item of a list. */
function keyMark({ field }: Pick<Mark, 'field'>): Mark | null {
  const key = field.path.at(-1);
  if (typeof key !== 'string') return null;
  return { field: { ...field, part: 'key' }, whole: key, text: key, at: 0 };
}

function isKeyOfExpression({ path }: Field): boolean {
  return path.at(-1) === 'key' && path.at(-3) === 'matchExpressions';
}

function isLabel({ path }: Field): boolean {
  return path.at(-2) === 'labels' && path.at(-3) === 'metadata';
}

function namingOf({ scene: { model }, part }: Pick<Spot, 'scene' | 'part'>, thing: Field): Naming | null {
  const manifest = manifestIn(model, thing.object);
  if (manifest === null) return null;
  const { path } = thing;
  const title = `${manifest.kind} ${manifest.name}`;
  if (isLabel(thing)) {
    const isTaken = (name: string): boolean =>
      part === 'key' && keysAt(manifest.value, ...path.slice(0, -1)).includes(name);
    return { title: `${title}'s labels`, format: part === 'key' ? qualifiedName : labelValue, isTaken };
  }
  if (path.at(-1) !== 'name') return null;
  const isGateway = isOfGatewayApi(manifest) && ['Gateway', 'ListenerSet'].includes(manifest.kind);
  if (isOwnName(thing) && (isService(manifest) || isGateway)) {
    const ofService = model.profile.kubernetesMinor >= relaxedNamesSince ? dnsLabel : dnsLabelFromLetter;
    const isTaken = (name: string): boolean =>
      objectsNamed(model, manifest.kind, name).some((each) => namespaceOf(each) === namespaceOf(manifest));
    return {
      title: `namespace ${namespaceOf(manifest)}`,
      format: isService(manifest) ? ofService : dnsSubdomain,
      isTaken,
    };
  }
  const isTaken = (name: string): boolean =>
    itemsAt(manifest.value, ...path.slice(0, -2)).some((each) => textAt(each, 'name') === name);
  if (isOwnName(thing)) return null;
  if (isService(manifest)) return { title, format: dnsLabel, isTaken };
  if (isGateway) return { title, format: dnsSubdomain, isTaken };
  return readPodTemplate(manifest) === null ? null : { title, format: containerPortName, isTaken };
}

function editsOf(workspace: Workspace, spot: Spot, name: string): Exclude<Renaming, null> {
  const { scene, mark, part } = spot;
  if (name === mark.text) return { kind: 'edits', edits: [] };
  const { things, marks } = sameName(spot);
  for (const thing of things) {
    const naming = namingOf(spot, thing);
    if (naming === null) return refused(`${mark.text} is the name of something that Hoplens doesn't rename, too.`);
    const [problem] = naming.format(name);
    if (problem !== undefined) return refused(`"${name}" can't be its name: it ${problem}.`);
    const by = kustomizationNaming(workspace, thing, mark.text);
    if (by !== null) return refused(`${by} names ${mark.text} itself: rename it there first.`);
    if (naming.isTaken(name)) return refused(`There is already a ${name} in ${naming.title}.`);
  }
  const own = things.flatMap((thing) => {
    const manifest = manifestIn(scene.model, thing.object);
    return (manifest === null ? null : markAt(manifest, thing.path)) ?? [];
  });
  const all = [...own, ...marks].map((each) =>
    part === 'key' && !isKeyOfExpression(each.field) ? (keyMark(each) ?? each) : each,
  );
  const edits: PlacedFix['edits'][number][] = [];
  for (const each of all) {
    const sites = sitesWritten(workspace, spot, each);
    if (sites.length === 0) return notWritten(spot, each);
    for (const site of sites) edits.push({ site, text: textFor(workspace, each, site, name) });
  }
  return { kind: 'edits', edits };
}

/** All that bears a name, with all that names it so: what a port is called, each that asks for it by that name. */
function sameName({ scene, mark: { text }, part, things }: Spot): {
  readonly things: readonly Field[];
  readonly marks: readonly Mark[];
} {
  const nameOf = ({ object, path }: Field): string => JSON.stringify([object, ...path]);
  const bears = (field: Field): boolean => {
    if (part === 'key') return isLabel(field) && field.path.at(-1) === text;
    return textAt(manifestIn(scene.model, field.object)?.value, ...field.path) === text;
  };
  const names = ({ from }: Link): boolean => part === 'key' || (from.text === text && !isKeyOfExpression(from.field));
  const byThing = new Map<string, Link[]>();
  for (const link of allLinks(scene.model).filter(names))
    for (const each of link.to) {
      const known = byThing.get(nameOf(each));
      if (known === undefined) byThing.set(nameOf(each), [link]);
      else known.push(link);
    }
  const found = new Map(things.filter(bears).map((each) => [nameOf(each), each]));
  const links = new Set<Link>();
  // A map goes on to what is put into it meanwhile.
  for (const [name] of found)
    for (const link of byThing.get(name) ?? []) {
      links.add(link);
      for (const each of link.to) if (bears(each)) found.set(nameOf(each), each);
    }
  const isOne = ({ from: { field } }: Link): boolean =>
    part === 'value' || field.path.at(-1) === text || isKeyOfExpression(field);
  return { things: [...found.values()], marks: [...links].filter(isOne).map(({ from }) => from) };
}

/** Where a name is written as such; nowhere, where something makes it. */
function sitesWritten(workspace: Workspace, { scene }: Spot, mark: Mark): readonly Site[] {
  const named = isOwnName(mark.field) ? sourcesNamed(workspace, mark) : [];
  if (named.length > 0) return named;
  const site = scene.siteOf(mark.field);
  return site === null ? [] : [writtenSite(workspace, mark, site) ?? []].flat();
}

function isOwnName({ path }: Field): boolean {
  return path.length === 2 && path[0] === 'metadata' && path[1] === 'name';
}

/** Of an object that was built: its name in its base, and in the patches that are for it. */
function sourcesNamed(workspace: Workspace, { field: { object }, text }: Mark): Site[] {
  const kind = object.slice(object.indexOf('\n') + 1, object.indexOf('/', object.indexOf('\n')));
  return sourcesOf(workspace, object).flatMap((file) =>
    file.manifests.flatMap((each) => {
      const mark = each.kind === kind && each.name === text ? markAt(each, ['metadata', 'name']) : null;
      const site = mark === null ? null : siteOfField(file, mark.field);
      return mark === null || site === null ? [] : (writtenSite(workspace, mark, site) ?? []);
    }),
  );
}

function sourcesOf(workspace: Workspace, object: ObjectKey): readonly ParsedFile[] {
  const uri = uriOf(object);
  return isBuilt(uri) ? [...(workspace.builtAt(rootOfBuilt(uri))?.files.values() ?? [])] : [];
}

/** A new name as it is written in the place of the old one: in quotes where YAML would take it for something else. */
function textFor(
  workspace: Workspace,
  { whole, text }: Mark,
  { uri, range: { start, end } }: Site,
  name: string,
): string {
  const line = workspace.file(uri)?.text.split('\n')[start.line] ?? '';
  const isQuoted = /["']/.test(`${line[start.character - 1] ?? ''}${line[end.character] ?? ''}`);
  const isText = name !== '' && plainScalar(name).kind === 'text';
  return whole !== text || isQuoted || isText ? name : JSON.stringify(name);
}

/** The kustomization that names an object itself, which is left to whoever wrote it: an expression may stand there. */
function kustomizationNaming(workspace: Workspace, { object, path }: Field, name: string): string | null {
  if (!isOwnName({ object, path, part: 'value' })) return null;
  for (const file of sourcesOf(workspace, object)) {
    const kustomization = readKustomization(file);
    if (kustomization !== null && saysName(kustomization.value, name))
      return decodeURIComponent(file.uri.split('/').slice(-2).join('/'));
  }
  return null;
}

/** Whether a kustomization says a name as a target's, a replica count's, or in a patch that is written into it. */
function saysName(value: Value, name: string): boolean {
  if (isList(value)) return value.some((each) => saysName(each, name));
  if (!isMap(value))
    return (
      textOf(value)
        ?.split(/\s*\n\s*/)
        .includes(`name: ${name}`) === true
    );
  return (
    textAt(value, 'name') === name ||
    Object.entries(value).some(([key, each]) => key !== 'images' && saysName(each, name))
  );
}
