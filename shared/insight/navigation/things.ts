import { type BuiltField, isBuilt } from '../../built/builtSet.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { indexOfDeclared } from '../../cluster/declared.ts';
import { namespaceNameLabel } from '../../cluster/gatewayApi/gatewayApi.ts';
import { once } from '../../cluster/once.ts';
import { type Field, fieldOf, type Manifest, uriOf } from '../../manifest/manifest.ts';
import { type Position, rangeHolds, type Site } from '../../manifest/position.ts';
import { type FieldPath, textAt } from '../../manifest/value.ts';
import type { Scene } from '../scene.ts';
import type { Workspace } from '../workspace.ts';
import { controllerLinks } from './controllerLinks.ts';
import { hostLinks } from './hostLinks.ts';
import { groupedLinks, type Link } from './links.ts';
import { distinctSites, siteOfMark } from './marks.ts';
import { nameLinks } from './nameLinks.ts';
import { isLabel, isOwnName } from './naming.ts';
import { policyLinks } from './policyLinks.ts';
import { selectorLinks } from './selectorLinks.ts';

/**
 * What is named at a place, or is named itself there: an object (its `metadata.name`), a port, a listener, a label, a
 * host.
 */

/** Somebody's cursor, and the set that is looked at. */
export interface Asked {
  readonly workspace: Workspace;
  readonly scene: Scene;
  readonly position: Position;
}

/** The links of an object. */
export const linksOf = once((manifest: Manifest): readonly Link[] => {
  return [
    ...nameLinks(manifest),
    ...selectorLinks(manifest),
    ...hostLinks(manifest),
    ...controllerLinks(manifest),
    ...policyLinks(manifest),
  ];
});

/** An object of a set by its key; null for one that it hasn't, or that is defined again further on. */
export function manifestIn({ declared }: ClusterModel, key: string): Manifest | null {
  return manifestsByKey(declared).get(key)[0] ?? null;
}

const manifestsByKey = indexOfDeclared(
  ({ manifests }) => manifests,
  ({ key }: Manifest) => [key],
);

/** What is named by a field, or is named itself there. */
export function thingsAt(asked: Asked, field: BuiltField): Field[] {
  const { manifest, path } = field;
  const { model } = asked.scene;
  const named = linksAt(asked, field).flatMap(({ to }) => to(model));
  if (named.length > 0) return named;
  if (isNameable(path)) return [fieldOf(manifest, ...path)];
  if (!selecting.includes(String(path.at(-1)))) return [];
  const inside = linksIn(asked.scene, manifest).filter(({ from }) => isBeneath(from.field.path, path));
  return inside.flatMap(({ to }) => to(model));
}

/** The links whose name a position is at: several where one name means more than one thing. */
export function linksAt({ workspace, scene, position }: Asked, { manifest, path }: BuiltField): Link[] {
  const here = linksIn(scene, manifest).filter(({ from }) => isSamePath(from.field.path, path));
  if (here.length < 2) return here;
  const touched = here.filter(({ from }) => {
    const site = siteOfMark(workspace, scene, from);
    return site !== null && rangeHolds(site.range, position);
  });
  if (touched.length > 0) return touched;
  const [first] = here;
  return here.filter(({ from }) => from.at === first?.from.at);
}

function linksIn({ model }: Scene, { key }: Manifest): readonly Link[] {
  const manifest = manifestIn(model, key);
  return manifest === null ? [] : linksOf(manifest);
}

/** All links of some objects of a set that lead to one of some things. */
export function linksTo(model: ClusterModel, things: readonly Field[], from: readonly Manifest[]): Link[] {
  if (things.length === 0) return [];
  const wanted = new Set(things.map(nameOfThing));
  const mayBe = plausible(model, things);
  const links = from.flatMap((manifest) => linksOf(manifest).filter(mayBe));
  const leading = groupedLinks(links).filter(({ to }) => to(model).some((each) => wanted.has(nameOfThing(each))));
  const found = new Set(leading.flatMap((group) => group.links));
  return links.filter((each) => found.has(each));
}

/** Whether a link may lead to some things, by what it says: to look up each link of a set would take too long. */
function plausible(model: ClusterModel, things: readonly Field[]): (link: Link) => boolean {
  const texts = new Set(
    things.flatMap((each) => {
      const value = manifestIn(model, each.object)?.value;
      const key = String(each.path.at(-1));
      const beside = ['name', 'port', 'containerPort'].flatMap(
        (field) => textAt(value, ...each.path.slice(0, -1), field) ?? [],
      );
      return [key, textAt(value, ...each.path) ?? '', ...beside, namespaceNameLabel];
    }),
  );
  const wildcards = [...texts].flatMap((each) => (each.startsWith('*.') ? [each.slice(1).toLowerCase()] : []));
  return ({ by, from: { text } }) => {
    switch (by) {
      case 'what follows':
        return things.some(({ path }) => path[0] === 'metadata');
      case 'host':
        return (
          texts.has(text) ||
          texts.has(text.toLowerCase()) ||
          wildcards.some((each) => text.toLowerCase().endsWith(each))
        );
      case 'name':
      case 'text':
      case 'label':
        return texts.has(text);
      default:
        return by satisfies never;
    }
  };
}

/** Fields whose key stands for all that is picked. */
const selecting: readonly string[] = ['selector', 'podSelector', 'namespaceSelector', 'matchLabels'];

/** Whether others may name what a field says: an object, a port or a listener, a label, a key of a ConfigMap. */
function isNameable(path: FieldPath): boolean {
  const [list, index] = path.slice(-3);
  if (isOwnName(path) || isLabel(path)) return true;
  if (isPart(path)) return typeof index === 'number' && (list === 'ports' || list === 'listeners');
  return path.length === 2 && ['data', 'stringData', 'binaryData'].includes(String(path[0]));
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

function isSamePath(a: FieldPath, b: FieldPath): boolean {
  return a.length === b.length && isBeneath(a, b);
}

function isBeneath(path: FieldPath, above: FieldPath): boolean {
  return above.every((step, index) => path[index] === step);
}

/** The places of some things, each once. */
export function sitesOfThings(scene: Scene, things: readonly Field[]): Site[] {
  return distinctSites(things.flatMap((each) => siteOfThing(scene, each) ?? []));
}
