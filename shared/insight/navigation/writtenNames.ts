import { isBuilt, renderedOf, rootOfBuilt } from '../../built/builtSet.ts';
import { readKustomization } from '../../manifest/kustomization.ts';
import { type ObjectKey, uriOf } from '../../manifest/manifest.ts';
import { type ParsedFile, siteOfDocument, siteOfField } from '../../manifest/parseFile.ts';
import { plainScalar } from '../../manifest/plainScalar.ts';
import type { Site } from '../../manifest/position.ts';
import { type FieldPath, isList, isMap, textAt, textOf, type Value, valueAt } from '../../manifest/value.ts';
import { placesAt } from '../../cluster/fieldPlaces.ts';
import type { Scene } from '../scene.ts';
import type { Workspace } from '../workspace.ts';
import { type Mark, markAt } from './links.ts';
import { writtenSite } from './marks.ts';
import { isOwnName } from './naming.ts';

/** Where names are written in the sources of what is built. */

/** How an object is called in its base, before a kustomization puts something before or behind its name. */
export function nameInSource(workspace: Workspace, object: ObjectKey): string | null {
  const uri = uriOf(object);
  const set = isBuilt(uri) ? workspace.builtAt(rootOfBuilt(uri)) : null;
  return set === null ? null : (renderedOf(set, object)?.rendered.origin?.original?.name ?? null);
}

/** A place, and what stands there: a name as it is, or as its base has it. */
export interface WrittenName {
  readonly site: Site;
  readonly text: string;
}

/** Where a name is written as such, or as its base has it; nowhere, where something makes it. */
export function placesWritten(workspace: Workspace, scene: Scene, mark: Mark, inSource: string): WrittenName[] {
  const named = isOwnName(mark.field.path) ? sourcesNamed(workspace, mark.field.object, inSource) : [];
  if (named.length > 0) return named.map((site) => ({ site, text: inSource }));
  const site = scene.siteOf(mark.field);
  if (site === null) return [];
  const asIs = writtenSite(workspace, mark, site);
  if (asIs !== null) return [{ site: asIs, text: mark.text }];
  if (inSource === mark.text) return [];
  const whole = `${mark.whole.slice(0, mark.at)}${inSource}${mark.whole.slice(mark.at + mark.text.length)}`;
  const before = writtenSite(workspace, { ...mark, whole, text: inSource }, site);
  return before === null ? [] : [{ site: before, text: inSource }];
}

/** Of an object that was built: its name in its base, in the patches that are for it, and in kustomizations. */
function sourcesNamed(workspace: Workspace, object: ObjectKey, name: string): Site[] {
  const kind = kindOf(object);
  return sourcesOf(workspace, object).flatMap((file) => [
    ...file.manifests.flatMap((each) => {
      const mark = each.kind === kind && each.name === name ? markAt(each, ['metadata', 'name']) : null;
      const site = mark === null ? null : siteOfField(file, mark.field);
      return mark === null || site === null ? [] : (writtenSite(workspace, mark, site) ?? []);
    }),
    ...namesInKustomization(file, kind, name).flatMap((path) => siteOfDocument(file, path) ?? []),
  ]);
}

function kindOf(object: ObjectKey): string {
  return object.slice(object.indexOf('\n') + 1, object.indexOf('/', object.indexOf('\n')));
}

function sourcesOf(workspace: Workspace, object: ObjectKey): readonly ParsedFile[] {
  const uri = uriOf(object);
  return isBuilt(uri) ? [...(workspace.builtAt(rootOfBuilt(uri))?.files.values() ?? [])] : [];
}

/** Where a kustomization names objects; source: kubernetes-sigs/kustomize api/types (v0.21.0). */
const namingFields = [
  'patches.*.target',
  'patchesJson6902.*.target',
  'replacements.*.source',
  'replacements.*.targets.*.select',
  'vars.*.objref',
];

function namesInKustomization(file: ParsedFile, kind: string, name: string): FieldPath[] {
  const kustomization = readKustomization(file);
  if (kustomization === null) return [];
  const { value } = kustomization;
  const generators = kind === 'ConfigMap' ? ['configMapGenerator.*'] : kind === 'Secret' ? ['secretGenerator.*'] : [];
  const counted = ['Deployment', 'ReplicaSet'].includes(kind) ? ['replicas.*'] : [];
  return [...namingFields, ...generators, ...counted]
    .flatMap((path) => placesAt(value, path))
    .filter((at) => textAt(value, ...at, 'name') === name && (textAt(value, ...at, 'kind') ?? kind) === kind)
    .map((at) => [...at, 'name']);
}

/**
 * The kustomization that says a name in a patch that is written into it, or in a pattern: that is left to whoever wrote
 * it. Null where none does.
 */
export function kustomizationSaying(workspace: Workspace, object: ObjectKey, name: string): string | null {
  for (const file of sourcesOf(workspace, object)) {
    const kustomization = readKustomization(file);
    if (kustomization === null) continue;
    const { value } = kustomization;
    const inline = ['patches', 'patchesStrategicMerge', 'patchesJson6902'].flatMap(
      (field) => valueAt(value, field) ?? [],
    );
    const patterns = namingFields
      .flatMap((path) => placesAt(value, `${path}.name`))
      .map((at) => textAt(value, ...at) ?? '');
    const isPattern = patterns.some((each) => each !== name && /[^\w.-]/.test(each) && each.includes(name));
    if (isPattern || saysName(inline, name)) return decodeURIComponent(file.uri.split('/').slice(-2).join('/'));
  }
  return null;
}

/** Whether a patch that is written as a text names something so. */
function saysName(value: Value, name: string): boolean {
  if (isList(value)) return value.some((each) => saysName(each, name));
  if (isMap(value)) return saysName(value['patch'] ?? [], name);
  const lines = textOf(value)?.split(/\s*\n\s*/) ?? [];
  return lines.length > 1 && lines.some((each) => each.replaceAll(/["']/g, '') === `name: ${name}`);
}

/** A new name as it is written in the place of the old one: in quotes where YAML would take it for something else. */
export function textFor(workspace: Workspace, { whole, text }: Mark, { uri, range }: Site, name: string): string {
  const { start, end } = range;
  const line = workspace.file(uri)?.text.split('\n')[start.line] ?? '';
  const isQuoted = /["']/.test(`${line[start.character - 1] ?? ''}${line[end.character] ?? ''}`);
  const isText = name !== '' && plainScalar(name).kind === 'text' && !name.startsWith('*');
  return whole !== text || isQuoted || isText ? name : JSON.stringify(name);
}
