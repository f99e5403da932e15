import type { BuiltField } from '../built/builtSet.ts';
import { isBuilt } from '../built/builtSet.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import { indexOfDeclared } from '../cluster/declared.ts';
import { fileLinksOf } from '../manifest/kustomization.ts';
import { type Field, fieldOf, type Manifest, uriOf } from '../manifest/manifest.ts';
import { siteOfDocument } from '../manifest/parseFile.ts';
import { lineStartsOf, offsetIn, type Position, positionIn, rangeHolds, type Site } from '../manifest/position.ts';
import type { FieldPath } from '../manifest/value.ts';
import { type Link, type Mark } from './links.ts';
import { nameLinks } from './nameLinks.ts';
import type { Scene } from './scene.ts';
import { selectorLinks } from './selectorLinks.ts';
import type { Workspace } from './workspace.ts';

/** Where an editor goes from a place: to what is named there, and to whoever names what stands there. */

/** What refers to something, and the thing itself. */
export interface Occurrence {
  readonly site: Site;
  readonly is: 'the thing itself' | 'a reference';
}

/** The links of an object that lead to something in its set. */
export function linksOf(model: ClusterModel, manifest: Manifest): Link[] {
  return [...nameLinks(model, manifest), ...selectorLinks(model, manifest)].filter(({ to }) => to.length > 0);
}

/** The places of what is named at a position; the position's own where it is a name that others use. */
export function definitionsAt(workspace: Workspace, uri: string, position: Position): Site[] {
  const file = fileNamedAt(workspace, uri, position);
  if (file !== null) return [file];
  for (const { scene, fields } of workspace.fieldsAt(uri, position)) {
    const found = fields.flatMap((each) => thingsAt({ workspace, scene, position }, each));
    const sites = found.flatMap((each) => siteOfThing(scene, each) ?? []);
    if (sites.length > 0) return distinct(sites);
  }
  return [];
}

/** Everything in the sets of a place that refers to what is named there, with that itself. */
export function occurrencesAt(workspace: Workspace, uri: string, position: Position): Occurrence[] {
  const found = workspace.fieldsAt(uri, position).flatMap(({ scene, fields }): Occurrence[] => {
    const things = fields.flatMap((each) => thingsAt({ workspace, scene, position }, each));
    if (things.length === 0) return [];
    const wanted = new Set(things.map(nameOfThing));
    const own = things.flatMap((each) => siteOfThing(scene, each) ?? []);
    const referring = allLinks(scene.model).filter(({ to }) => to.some((each) => wanted.has(nameOfThing(each))));
    return [
      ...own.map((site): Occurrence => ({ site, is: 'the thing itself' })),
      ...referring.flatMap(({ from }) => {
        const site = siteOfMark(workspace, scene, from);
        return site === null ? [] : [{ site, is: 'a reference' } as const];
      }),
    ];
  });
  return [...new Map(found.map((each) => [siteName(each.site), each] as const).toReversed()).values()].toReversed();
}

export function allLinks(model: ClusterModel): Link[] {
  return model.manifests.flatMap((each) => linksOf(model, each));
}

const manifestsByKey = indexOfDeclared(
  ({ manifests }) => manifests,
  ({ key }: Manifest) => [key],
);

/** An object of a set by its key; null for one that it hasn't, or that is defined again further on. */
export function manifestIn({ declared }: ClusterModel, key: string): Manifest | null {
  return manifestsByKey(declared).get(key)[0] ?? null;
}

interface Asked {
  readonly workspace: Workspace;
  readonly scene: Scene;
  readonly position: Position;
}

/** What is named by a field, or is named itself there. */
export function thingsAt(asked: Asked, field: BuiltField): Field[] {
  const { manifest, path } = field;
  const own = isNameable(path) ? [fieldOf(manifest, ...path)] : [];
  const link = linkAt(asked, field);
  if (link !== null) return [...link.to];
  if (own.length > 0 || !selecting.includes(String(path.at(-1)))) return own;
  const inside = linksIn(asked.scene, manifest).filter(({ from }) => isBeneath(from.field.path, path));
  return inside.flatMap(({ to }) => to);
}

/** The link whose name a position is at. */
export function linkAt({ workspace, scene, position }: Asked, { manifest, path }: BuiltField): Link | null {
  const here = linksIn(scene, manifest).filter(({ from }) => isSamePath(from.field.path, path));
  const touched = here.find(({ from }) => {
    const site = siteOfMark(workspace, scene, from);
    return site !== null && rangeHolds(site.range, position);
  });
  return touched ?? here[0] ?? null;
}

function linksIn({ model }: Scene, { key }: Manifest): Link[] {
  const manifest = manifestIn(model, key);
  return manifest === null ? [] : linksOf(model, manifest);
}

/** Fields whose key stands for all that is picked. */
const selecting: readonly string[] = ['selector', 'podSelector', 'namespaceSelector', 'matchLabels'];

/** Whether others may name what a field says: an object, a port or a listener, a label. */
export function isNameable(path: FieldPath): boolean {
  const [list, index] = path.slice(-3);
  if (path.length === 2 && path[0] === 'metadata' && path[1] === 'name') return true;
  if (isPart(path)) return typeof index === 'number' && (list === 'ports' || list === 'listeners');
  return path.at(-2) === 'labels' && path.at(-3) === 'metadata';
}

function isPart(path: FieldPath): boolean {
  return typeof path.at(-2) === 'number' && ['name', 'port', 'containerPort'].includes(String(path.at(-1)));
}

/** A port is the same thing by its name and by its number. */
function nameOfThing({ object, path }: Field): string {
  return JSON.stringify([object, ...(isPart(path) ? path.slice(0, -1) : path)]);
}

/** Where a thing stands. Where an overlay makes an object's name, the object itself is what is looked for. */
function siteOfThing(scene: Scene, field: Field): Site | null {
  const site = scene.siteOf(field);
  if (!isBuilt(uriOf(field.object)) || field.path[0] !== 'metadata') return site;
  const start = scene.startOf(field.object);
  return start === null || start.uri === site?.uri ? site : start;
}

/** Where a mark stands; all of its field's value where the text there isn't what the field says. */
export function siteOfMark(workspace: Workspace, scene: Scene, mark: Mark): Site | null {
  const site = scene.siteOf(mark.field);
  return site === null ? null : (writtenSite(workspace, mark, site) ?? site);
}

/** Where a mark's very text is written within the place of its field; null where it isn't. */
export function writtenSite(workspace: Workspace, { field, whole, text, at }: Mark, { uri, range }: Site): Site | null {
  const all = workspace.file(uri)?.text;
  if (all === undefined) return null;
  const lineStarts = lineStartsOf(all);
  const start = offsetIn(lineStarts, range.start);
  const raw = all.slice(start, offsetIn(lineStarts, range.end));
  const siteAt = (offset: number): Site => ({
    uri,
    range: { start: positionIn(lineStarts, offset), end: positionIn(lineStarts, offset + text.length) },
  });
  // Of a template, the place can be all that the line says.
  const isLine = raw.startsWith(`${String(field.path.at(-1))}:`);
  if (field.part === 'key' && isLine) return siteAt(start);
  const from = isLine ? raw.indexOf(':') : 0;
  // In quotes, or line by line, the same names stand in the same order.
  const places = placesOf(raw.slice(from), text);
  const inWhole = placesOf(whole, text);
  const found = places[inWhole.indexOf(at)];
  return found === undefined || places.length !== inWhole.length ? null : siteAt(start + from + found);
}

function placesOf(text: string, part: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) found.push(at);
  return found;
}

/** The file that a kustomization names at a position. */
function fileNamedAt(workspace: Workspace, uri: string, position: Position): Site | null {
  const named = filesNamedIn(workspace, uri).find(({ site }) => rangeHolds(site.range, position));
  const start = { line: 0, character: 0 };
  return named === undefined ? null : { uri: named.target, range: { start, end: start } };
}

/** The files that a kustomization names, where the workspace has them; of a folder, its kustomization. */
export function filesNamedIn(workspace: Workspace, uri: string): { readonly site: Site; readonly target: string }[] {
  const file = workspace.file(uri);
  if (file === null) return [];
  return fileLinksOf(file, (each) => workspace.file(each)).flatMap(({ path, uri: target }) => {
    const site = siteOfDocument(file, path);
    return site === null ? [] : [{ site, target }];
  });
}

function isSamePath(a: FieldPath, b: FieldPath): boolean {
  return a.length === b.length && isBeneath(a, b);
}

function isBeneath(path: FieldPath, above: FieldPath): boolean {
  return above.every((step, index) => path[index] === step);
}

/** Names a place: two of one name are one. */
export function siteName({ uri, range: { start, end } }: Site): string {
  return [uri, start.line, start.character, end.line, end.character].join(' ');
}

function distinct(sites: readonly Site[]): Site[] {
  return [...new Map(sites.map((site) => [siteName(site), site])).values()];
}
