import { folderOf } from '../shared/manifest/fileNames.ts';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { buildAll, type BuildOptions } from './building.ts';
import { UnusableInput } from './unusableInput.ts';
import { isProfile } from '../shared/cluster/profile.ts';
import type { BuiltSet } from '../shared/built/builtSet.ts';
import { problemFindings } from '../shared/insight/manifestProblems.ts';
import type { Scene } from '../shared/insight/scene.ts';
import { Workspace } from '../shared/insight/workspace.ts';
import type { Field } from '../shared/manifest/manifest.ts';
import type { ManifestSet } from '../shared/manifest/manifestSet.ts';
import { textAt } from '../shared/manifest/value.ts';

const manifestFile = /(?:\.ya?ml|\.json|\/Kustomization)$/;
const standardInput = '/dev/stdin.yaml';
/** No person edits a manifest this large; a dump of a big cluster has tens of megabytes. */
const largestFile = 64 * 1024 * 1024;

/** What is judged, as it was typed. */
export interface InputOptions extends BuildOptions {
  /** Files and folders; `-` is standard input. Without any, the current folder. */
  readonly files: readonly string[];
  readonly profile: string | undefined;
}

/** What the command line named: a workspace of its files, and those that count as asked for. */
export interface CommandInput {
  readonly workspace: Workspace;
  readonly uris: readonly string[];
  /** What was built of kustomizations and charts among them. */
  readonly built: readonly BuiltSet[];
  readonly isTogether: boolean;
}

/**
 * Reads files and folders (`-` is standard input) and the profile. Standard input without a manifest is unusable: who
 * pipes nothing, or the complaint of another program, must not take silence for an answer.
 */
export async function readInput(options: InputOptions): Promise<CommandInput> {
  const input = await readTexts(options);
  const problem = barrenStandardInput(input);
  if (problem !== null) throw new UnusableInput(problem);
  return input;
}

/** What makes standard input unusable; null where it holds a manifest, or isn't asked for. */
export function barrenStandardInput({ workspace }: CommandInput): string | null {
  const file = workspace.file(standardInput);
  if (file === null || file.manifests.length > 0) return null;
  // `kubectl get` that finds nothing prints a List without items: that is an answer.
  if (file.documents.some(({ content }) => textAt(content.value ?? undefined, 'kind')?.endsWith('List'))) return null;
  const [problem] = problemFindings(file);
  if (problem !== undefined) {
    const line = problem.site.range.start.line + 1;
    return `No Kubernetes manifest on standard input can be read; line ${line}: ${problem.message}`;
  }
  const [first] = file.text.split('\n').filter((line) => line.trim() !== '');
  if (first === undefined) return 'Standard input is empty.';
  const start = first.trim().slice(0, 60);
  return `There is no Kubernetes manifest on standard input, which begins with ${JSON.stringify(start)}.`;
}

/** As `readInput`, for who judges what can't be read as well, and may do something `meanwhile` others build. */
export async function readTexts(
  options: InputOptions,
  meanwhile: (workspace: Workspace, uris: readonly string[]) => Promise<void> = async () => {},
): Promise<CommandInput> {
  const { files: paths, profile } = options;
  const given = paths.length === 0 ? ['.'] : paths;
  const folders = given.map((path) =>
    path === '-' ? '/dev' : isFolder(path) ? absolute(path) : folderOf(absolute(path)),
  );
  const workspace = new Workspace([...new Set(folders)]);
  const uris = new Set<string>();
  for (const path of given) {
    if (path === '-') {
      if (uris.has(standardInput)) continue;
      workspace.put(standardInput, readFileSync(0, 'utf8'));
      uris.add(standardInput);
      continue;
    }
    for (const file of filesUnder(absolute(path), path)) {
      if (file === absolute(path) && manifestFile.test(file)) workspace.noteNamed(file);
      workspace.put(file, readText(file));
      uris.add(file);
    }
  }
  if (profile !== undefined) {
    const file = absolute(profile);
    workspace.put(file, readText(file, profile));
    if (workspace.file(file)?.manifests.some(isProfile) !== true)
      throw new UnusableInput(`${profile} holds no ClusterProfile (apiVersion hoplens.dev/v1alpha1).`);
    workspace.chooseProfiles(new Map([['', file]]));
  }
  const built = await buildAll(workspace, { ...options, values: options.values.map(absolute) }, () =>
    meanwhile(workspace, [...uris]),
  );
  // Who picks one build asks for nothing else.
  if (options.set !== undefined) uris.clear();
  for (const { sources } of built) for (const uri of sources) if (workspace.has(uri)) uris.add(uri);
  return { workspace, uris: [...uris], built, isTogether: given.length > 1 };
}

/**
 * The scenes of everything asked for: several paths are applied together, as `kubectl apply -f A -f B` would; one
 * folder falls into its manifest sets. A profile that can't be understood is unusable input.
 */
export function scenesOf({ workspace, uris, built, isTogether }: CommandInput): Scene[] {
  const judged = built.filter(({ plan }) => workspace.isJudged(plan.root));
  const sources = new Set(judged.flatMap((set) => set.sources));
  const written = uris.filter((uri) => !sources.has(uri));
  const together = [...judged.map(({ file }) => file.uri), ...written];
  const scenes = isTogether
    ? [workspace.sceneOfFiles(together)]
    : [
        ...judged.map(({ plan }) => workspace.sceneOfBuild(plan.root)),
        ...new Set(written.flatMap((uri) => workspace.sceneOf(uri) ?? [])),
      ];
  for (const { profileProblems } of scenes) {
    const [problem] = profileProblems;
    if (problem === undefined) continue;
    const place = typedPlace(workspace, problem.field);
    throw new UnusableInput(`${place === null ? '' : `${place.file}:${place.line}: `}${problem.message}`);
  }
  return scenes;
}

/** How a set is called: what is built by its label, others by their folder or file. */
export function nameOfSet({ built }: CommandInput, { kind, root }: ManifestSet): string {
  const plan = kind === 'built' ? built.find((each) => each.plan.root === root)?.plan : undefined;
  return plan?.label ?? (root === folderOf(standardInput) ? typedName(standardInput) : typedName(root));
}

/** Where a field stands, as the person who typed the command would name it; null for what stands in no text. */
export function typedPlace(
  workspace: Workspace,
  field: Field,
): { readonly file: string; readonly line: number } | null {
  const site = workspace.siteOf(field);
  return site === null ? null : { file: typedName(site.uri), line: site.range.start.line + 1 };
}

/** A file as the person who typed the command would name it. */
export function typedName(uri: string): string {
  if (uri === standardInput) return '-';
  const name = relative(process.cwd(), uri);
  return name === '' || name.startsWith('../../..') ? uri : name;
}

function absolute(path: string): string {
  try {
    return realpathSync(resolve(path));
  } catch {
    throw new UnusableInput(`There is no file or folder ${path}.`);
  }
}

function isFolder(path: string): boolean {
  return statSync(absolute(path)).isDirectory();
}

function readText(file: string, typed = file): string {
  const { size } = statSync(file);
  if (size > largestFile)
    throw new UnusableInput(
      `${typed} has ${Math.round(size / 1024 / 1024)} MB; Hoplens reads files up to ${largestFile / 1024 / 1024} MB.`,
    );
  return readFileSync(file, 'utf8');
}

/** The manifests' files under a folder, sorted; a file that was named itself is taken whatever its name. */
function filesUnder(path: string, typed: string): string[] {
  const stat = statSync(path);
  if (stat.isFile()) return [path];
  if (!stat.isDirectory()) throw new UnusableInput(`${typed} is neither a file nor a folder.`);
  const files: string[] = [];
  for (const entry of readdirSync(path, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const inside = join(path, entry.name);
    if (entry.isDirectory()) files.push(...filesUnder(inside, inside));
    else if (entry.isFile() && manifestFile.test(inside)) files.push(inside);
  }
  return files;
}
