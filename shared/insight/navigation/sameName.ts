import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { Field } from '../../manifest/manifest.ts';
import { textAt } from '../../manifest/value.ts';
import { groupedLinks, type Link, type Mark } from './links.ts';
import { isLabel } from './naming.ts';
import { linksOf, manifestIn } from './things.ts';

/** All of a set that bears a name, and all that names it so. */
export interface SameName {
  readonly things: readonly Field[];
  readonly links: readonly Link[];
}

/**
 * What is called as some things are and is tied to them: what a port is called, each that asks for it by that name, the
 * ports of other pods that are asked for so too, and so on.
 */
export function sameName(
  model: ClusterModel,
  { text, part, things }: { readonly text: string; readonly part: 'key' | 'value'; readonly things: readonly Field[] },
): SameName {
  const bears = (field: Field): boolean => {
    if (part === 'key') return isLabel(field.path) && field.path.at(-1) === text;
    const written = textAt(manifestIn(model, field.object)?.value, ...field.path);
    return written === text || written?.split(/[\s,]+/).includes(text) === true;
  };
  const names = ({ by, from }: Link): boolean => {
    if (by === 'what follows') return false;
    if (part === 'value') return from.text === text && !isKeyOfExpression(from.field);
    return by === 'label' && (from.field.path.at(-1) === text || isKeyOfExpression(from.field));
  };
  const byThing = new Map<string, FoundGroup[]>();
  for (const { links, to } of groupedLinks(model.manifests.flatMap(linksOf).filter(names))) {
    const group: FoundGroup = { links, things: to(model) };
    for (const each of group.things) {
      const known = byThing.get(nameOf(each));
      if (known === undefined) byThing.set(nameOf(each), [group]);
      else known.push(group);
    }
  }
  const found = new Map(things.filter(bears).map((each) => [nameOf(each), each]));
  const groups = new Set<FoundGroup>();
  // A map goes on to what is put into it meanwhile.
  for (const [name] of found)
    for (const group of byThing.get(name) ?? []) {
      if (groups.has(group)) continue;
      groups.add(group);
      for (const each of group.things) if (bears(each)) found.set(nameOf(each), each);
    }
  const links = [...groups].flatMap((group) => group.links);
  const isOne = ({ from: { field, text: written } }: Link): boolean =>
    part === 'value' || field.path.at(-1) === text || (isKeyOfExpression(field) && written === text);
  return { things: [...found.values()], links: links.filter(isOne) };
}

interface FoundGroup {
  readonly links: readonly Link[];
  readonly things: readonly Field[];
}

function nameOf({ object, path }: Field): string {
  return JSON.stringify([object, ...path]);
}

export function isKeyOfExpression({ path }: Field): boolean {
  return path.at(-1) === 'key' && path.at(-3) === 'matchExpressions';
}

/** The key of an entry as a mark; null for an item of a list. */
export function keyMark({ field }: Pick<Mark, 'field'>): Mark | null {
  const key = field.path.at(-1);
  if (typeof key !== 'string') return null;
  return { field: { ...field, part: 'key' }, whole: key, text: key, at: 0 };
}
