import type { BuiltSet } from '../../built/builtSet.ts';
import { folderOf, isChart, isValuesFile } from '../../manifest/fileNames.ts';
import { kustomizationNames, readKustomization, resourcesOf } from '../../manifest/kustomization.ts';
import { isMap, itemsAt, textAt } from '../../manifest/value.ts';
import type { Scene } from '../scene.ts';
import type { Workspace } from '../workspace.ts';

/** What somebody means by names who is typing in a file. */
export interface Surroundings {
  /** The objects as they are written there: of what a kustomization builds, its sources. */
  readonly scene: Scene;
  /** What kustomizations among them make besides. */
  readonly generated: readonly GeneratedObject[];
  /** Makes YAML of a line of a template. */
  readonly mask: (line: string) => string;
  /** Whether somebody would write a text there: no name of which a template makes a part. */
  readonly isWritable: (text: string) => boolean;
}

/** A ConfigMap or Secret that a kustomization generates, as it is called in the sources. */
export interface GeneratedObject {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
}

/** A file beside a kustomization is taken to be meant for it. Null where no set is near. */
export function surroundingsOf(workspace: Workspace, uri: string): Surroundings | null {
  const [set] = [uri, ...kustomizationNames.map((name) => `${folderOf(uri)}/${name}`)].flatMap((each) =>
    workspace.builtOf(each),
  );
  if (set !== undefined && workspace.isJudged(set.plan.root))
    return set.plan.kind === 'chart' ? ofChart(workspace, set, uri) : ofKustomization(workspace, set);
  const scene = nearestScene(workspace, uri);
  return scene === null ? null : { scene, generated: [], mask: asItIs, isWritable: () => true };
}

/** A file that holds nothing yet is taken to be of the nearest one's set. */
function nearestScene(workspace: Workspace, uri: string): Scene | null {
  const own = workspace.sceneOf(uri);
  if (own !== null) return own;
  const uris = workspace.uris();
  for (let folder = folderOf(uri); folder.includes('/'); folder = folderOf(folder))
    for (const each of uris) {
      const scene = each.startsWith(`${folder}/`) ? workspace.sceneOf(each) : null;
      if (scene !== null) return scene;
    }
  return null;
}

function ofKustomization(workspace: Workspace, { sources }: BuiltSet): Surroundings {
  const kustomizations = sources.flatMap((each) => {
    const file = workspace.file(each);
    return (file === null ? null : readKustomization(file)) ?? [];
  });
  const resources = new Set(kustomizations.flatMap(resourcesOf).map((each) => each.uri));
  const generated = kustomizations.flatMap(({ value }) =>
    (['ConfigMap', 'Secret'] as const).flatMap((kind) =>
      itemsAt(value, kind === 'ConfigMap' ? 'configMapGenerator' : 'secretGenerator').flatMap((each) => {
        const name = isMap(each) ? textAt(each, 'name') : undefined;
        return name === undefined ? [] : [{ kind, name }];
      }),
    ),
  );
  const scene = workspace.sceneOfFiles(sources.filter((each) => resources.has(each)));
  return { scene, generated, mask: asItIs, isWritable: () => true };
}

function ofChart(workspace: Workspace, { plan }: BuiltSet, uri: string): Surroundings {
  const release = plan.chart?.release ?? '';
  return {
    scene: workspace.sceneOfBuild(plan.root),
    generated: [],
    mask: isValuesFile(uri) || isChart(uri) ? asItIs : withoutActions,
    isWritable: (text) => release === '' || !text.includes(release),
  };
}

function asItIs(line: string): string {
  return line;
}

/** A line that is an action alone is left out; of others, an action is a word as long as it is. */
function withoutActions(line: string): string {
  if (/^\s*\{\{.*\}\}\s*$/.test(line)) return '';
  return line.replaceAll(/\{\{.*?\}\}/g, (action) => 'x'.repeat(action.length));
}
