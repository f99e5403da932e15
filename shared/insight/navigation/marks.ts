import { lineStartsOf, offsetIn, positionIn, type Site } from '../../manifest/position.ts';
import type { Scene } from '../scene.ts';
import type { Workspace } from '../workspace.ts';
import type { Mark } from './links.ts';

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

/** Names a place: two of one name are one. */
export function siteName({ uri, range: { start, end } }: Site): string {
  return [uri, start.line, start.character, end.line, end.character].join(' ');
}

/** Each place once. */
export function distinctSites(sites: readonly Site[]): Site[] {
  return [...new Map(sites.map((site) => [siteName(site), site])).values()];
}
