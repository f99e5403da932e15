import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Renderer } from '../../render/renderer.ts';
import { seededRandom } from '../seededRandom.ts';
import { builtWorkspace, type Checked, checkedValues } from './changedSources.ts';

/** Whole charts and kustomizations of public repositories, beside the project. */
export const publicFolders = join(import.meta.dirname, '..', '..', '..', 'shared', 'built');

/** Why there is nothing to check; null where there is. */
export function foldersMissing(): string | null {
  return existsSync(publicFolders) ? null : 'there is no ../shared/built';
}

/** Checks `count` values of each build of the repositories whose name begins so. */
export async function checkedIn(
  renderer: Renderer,
  name: string,
  { seed, count }: { readonly seed: number; readonly count: number },
): Promise<Checked[]> {
  const checked: Checked[] = [];
  const repositories = readdirSync(publicFolders, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.includes(name))
    .map((entry) => entry.name);
  for (const repository of repositories) {
    const built = await builtWorkspace(renderer, join(publicFolders, repository));
    for (const { root } of built.workspace.plans()) {
      const set = built.workspace.builtAt(root);
      if (set === null || set.problem !== null) continue;
      checked.push(...(await checkedValues(set, built, { random: seededRandom(seed), count })));
    }
  }
  return checked;
}

/** What isn't as it should be, a line each. */
export function misled(checked: readonly Checked[]): string[] {
  return checked
    .filter(({ outcome }) => outcome === 'unchanged' || outcome === 'no-place')
    .map(({ plan, manifest, path, site, outcome, edit }) => {
      const place = site === null ? 'nowhere' : `${relative(publicFolders, site.uri)}:${site.range.start.line + 1}`;
      return `${plan.label} ${manifest.kind}/${manifest.name} ${path.join('.')}: ${outcome} by ${place} ${edit}`;
    });
}
