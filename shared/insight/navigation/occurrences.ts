import { isBuilt } from '../../built/builtSet.ts';
import type { Manifest } from '../../manifest/manifest.ts';
import type { Position, Site } from '../../manifest/position.ts';
import type { Scene } from '../scene.ts';
import type { Workspace } from '../workspace.ts';
import { siteName, siteOfMark } from './marks.ts';
import { linksTo, sitesOfThings, thingsAt } from './things.ts';

/** What refers to something, and the thing itself. */
export interface Occurrence {
  readonly site: Site;
  readonly is: 'the thing itself' | 'a reference';
}

/**
 * Everything in the sets of a place that refers to what is named there, with that itself. `within`: all files, or those
 * alone that can have a part in the place's own.
 */
export function occurrencesAt(
  workspace: Workspace,
  uri: string,
  position: Position,
  within: 'all files' | 'its file' = 'all files',
): Occurrence[] {
  // What is built of a file doesn't say so: it may be any.
  const looked = ({ model: { manifests } }: Scene): readonly Manifest[] =>
    within === 'all files' ? manifests : manifests.filter((each) => each.uri === uri || isBuilt(each.uri));
  const sets = within === 'all files' ? 'all sets' : 'its own';
  const found = workspace.fieldsAt(uri, position, sets).flatMap(({ scene, fields }): Occurrence[] => {
    const things = fields.flatMap((each) => thingsAt({ workspace, scene, position }, each));
    if (things.length === 0) return [];
    return [
      ...sitesOfThings(scene, things).map((site): Occurrence => ({ site, is: 'the thing itself' })),
      ...linksTo(scene.model, things, looked(scene)).flatMap(({ from }) => {
        const site = siteOfMark(workspace, scene, from);
        return site === null ? [] : [{ site, is: 'a reference' } as const];
      }),
    ];
  });
  return [...new Map(found.map((each) => [siteName(each.site), each] as const).toReversed()).values()].toReversed();
}
