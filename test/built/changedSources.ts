import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildFiles, Builder } from '../../render/builder.ts';
import type { Renderer } from '../../render/renderer.ts';
import { originsOf } from '../../shared/built/origins.ts';
import type { BuildPlan, BuiltSet } from '../../shared/built/builtSet.ts';
import { Workspace } from '../../shared/insight/workspace.ts';
import type { Field, Manifest } from '../../shared/manifest/manifest.ts';
import type { Site } from '../../shared/manifest/position.ts';
import { type FieldPath, isList, isMap, isScalar, type Value, valueAt } from '../../shared/manifest/value.ts';
import type { SeededRandom } from '../seededRandom.ts';

/**
 * Whether the line that a built value is led back to decides it: the text there is changed, everything is built again,
 * and the value must be another.
 */
export interface Checked {
  readonly plan: BuildPlan;
  readonly manifest: Manifest;
  readonly path: FieldPath;
  readonly site: Site | null;
  /** `unjudged`: what was changed can't be built. */
  readonly outcome: 'changed' | 'unchanged' | 'no-place' | 'unjudged';
  /** The line, and what it was changed to. */
  readonly edit: string;
}

/** A folder's files, some of them changed. */
export class Folder implements BuildFiles {
  readonly root: string;
  readonly changed = new Map<string, string>();

  constructor(root: string) {
    this.root = root;
  }

  read = async (uri: string): Promise<string | null> => {
    const changed = this.changed.get(uri);
    if (changed !== undefined) return changed;
    try {
      return uri.startsWith(this.root) && statSync(uri).isFile() ? readFileSync(uri, 'utf8') : null;
    } catch {
      return null;
    }
  };

  list = async (folder: string): Promise<readonly string[]> => filesUnder(folder);
  isWithin = (): boolean => true;
  pathOf = (uri: string): string => uri;
  uriOf = (path: string): string => path;
}

export function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

/** A workspace of a folder, with all that can be built of it. */
export async function builtWorkspace(
  renderer: Pick<Renderer, 'put' | 'remove' | 'build'>,
  root: string,
): Promise<{ readonly workspace: Workspace; readonly builder: Builder; readonly folder: Folder }> {
  const workspace = new Workspace([root]);
  const folder = new Folder(root);
  for (const uri of filesUnder(root))
    if (/(?:\.ya?ml|\.json|Kustomization)$/.test(uri)) workspace.put(uri, readFileSync(uri, 'utf8'));
  const builder = new Builder(renderer, folder);
  for (const plan of workspace.plans()) workspace.putBuild(plan, await builder.build(plan));
  return { workspace, builder, folder };
}

/** What traffic asks for: the kinds, and where their values stand. */
const asked: Readonly<Record<string, RegExp>> = {
  Service: /^(?:spec\/|metadata\/(?:annotations|name))/,
  Ingress: /^(?:spec\/|metadata\/(?:annotations|name))/,
  Gateway: /^spec\//,
  HTTPRoute: /^spec\//,
  GRPCRoute: /^spec\//,
  TCPRoute: /^spec\//,
  Deployment: /^spec\/(?:replicas|selector|template\/metadata\/labels|template\/spec\/.*(?:ports|image|Probe))/,
  StatefulSet: /^spec\/(?:replicas|selector|template\/metadata\/labels|template\/spec\/.*(?:ports|image|Probe))/,
  DaemonSet: /^spec\/(?:selector|template\/metadata\/labels|template\/spec\/.*(?:ports|image|Probe))/,
};

/** Checks values of a built set, `count` of them by chance. */
export async function checkedValues(
  set: BuiltSet,
  { builder, folder }: { readonly builder: Builder; readonly folder: Folder },
  { random, count }: { readonly random: SeededRandom; readonly count: number },
): Promise<Checked[]> {
  const origins = originsOf(set);
  const candidates = set.file.manifests.flatMap((manifest) =>
    scalarsIn(manifest.value)
      .filter((path) => asked[manifest.kind]?.test(path.join('/')) === true)
      .map((path) => ({ manifest, path })),
  );
  const checked: Checked[] = [];
  for (let left = count; left > 0 && candidates.length > 0; left--) {
    const [candidate] = candidates.splice(random.below(candidates.length), 1);
    if (candidate === undefined) break;
    const { manifest, path } = candidate;
    const field: Field = { object: manifest.key, path, part: 'value' };
    const site = origins.siteOf(field);
    const found = { plan: set.plan, manifest, path, site };
    const before = valueAt(manifest.value, ...path);
    const changes = site === null ? [] : changesAt((await folder.read(site.uri)) ?? '', site);
    let outcome: Checked['outcome'] = changes.length === 0 ? 'no-place' : 'unjudged';
    let edit = '';
    for (const { text, line } of changes) {
      if (site === null) break;
      edit = line;
      folder.changed.set(site.uri, text);
      const build = await builder.build(set.plan);
      folder.changed.delete(site.uri);
      if (build.problem !== null) continue;
      const index = set.file.manifests.indexOf(manifest);
      const again = manifestsOf(build.objects.map((each) => each.text));
      const now = again[index];
      outcome =
        again.length === set.file.manifests.length && now !== undefined && valueAt(now, ...path) === before
          ? 'unchanged'
          : 'changed';
      break;
    }
    checked.push({ ...found, outcome, edit });
  }
  return checked;
}

/** The objects of texts, in their order. */
function manifestsOf(texts: readonly string[]): Value[] {
  const workspace = new Workspace();
  const uri = '/built.yaml';
  workspace.put(uri, texts.map((text) => `---\n${text}\n`).join(''));
  return workspace.file(uri)?.manifests.map(({ value }) => value) ?? [];
}

function scalarsIn(value: Value, path: FieldPath = []): FieldPath[] {
  if (isScalar(value)) return value === null || value === '' ? [] : [path];
  if (isList(value)) return value.flatMap((each, index) => scalarsIn(each, [...path, index]));
  return isMap(value) ? Object.entries(value).flatMap(([key, each]) => scalarsIn(each, [...path, key])) : [];
}

/** Texts in which what stands at a place is another: a number more, a word longer. */
function changesAt(text: string, { range: { start, end } }: Site): { readonly text: string; readonly line: string }[] {
  const lines = text.split('\n');
  const line = lines[start.line];
  if (line === undefined) return [];
  if (start.line !== end.line) {
    // A text of several lines: its last one gets longer.
    const last = lines[end.line] ?? '';
    const now = `${last.slice(0, end.character)}x${last.slice(end.character)}`;
    return [{ line: `${last.trim()} → ${now.trim()}`, text: lines.with(end.line, now).join('\n') }];
  }
  const written = line.slice(start.character, end.character);
  return changesOf(written).map((changed) => {
    const now = line.slice(0, start.character) + changed + line.slice(end.character);
    return { line: `${line.trim()} → ${now.trim()}`, text: lines.with(start.line, now).join('\n') };
  });
}

function changesOf(written: string): string[] {
  if (/^\d+$/.test(written)) return [String(Number(written) + 1)];
  if (written === 'true') return ['false'];
  if (written === 'false') return ['true'];
  if (/^(["']).*\1$/.test(written))
    return [`${written.slice(0, -1)}x${written.at(-1)}`, `${written[0]}x${written.slice(1)}`];
  // A line of a template: behind its key, an action gives way to a text, or has one put behind it.
  const action = /^(.*?)\{\{.*\}\}(.*)$/.exec(written);
  if (action !== null) return [`${written}x`, `${action[1] ?? ''}7${action[2] ?? ''}`];
  const entry = /^(- |[\w./-]+:\s+)(.+)$/.exec(written);
  if (entry !== null) return changesOf(entry[2] ?? '').map((changed) => `${entry[1] ?? ''}${changed}`);
  return written.trim() === '' ? [] : [`${written}x`, 'ClusterIP', 'UDP'];
}
