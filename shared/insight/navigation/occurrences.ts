import type { Position, Site } from '../../manifest/position.ts';
import type { Workspace } from '../workspace.ts';
import { siteName, siteOfMark } from './marks.ts';
import { linksTo, sitesOfThings, thingsAt } from './things.ts';

/** What refers to something, and the thing itself. */
export interface Occurrence {
  readonly site: Site;
  readonly is: 'the thing itself' | 'a reference';
}

/** Everything in the sets of a place that refers to what is named there, with that itself. */
export function occurrencesAt(workspace: Workspace, uri: string, position: Position): Occurrence[] {
  const found = workspace.fieldsAt(uri, position).flatMap(({ scene, fields }): Occurrence[] => {
    const things = fields.flatMap((each) => thingsAt({ workspace, scene, position }, each));
    if (things.length === 0) return [];
    return [
      ...sitesOfThings(scene, things).map((site): Occurrence => ({ site, is: 'the thing itself' })),
      ...linksTo(scene.model, things).flatMap(({ from }) => {
        const site = siteOfMark(workspace, scene, from);
        return site === null ? [] : [{ site, is: 'a reference' } as const];
      }),
    ];
  });
  return [...new Map(found.map((each) => [siteName(each.site), each] as const).toReversed()).values()].toReversed();
}
