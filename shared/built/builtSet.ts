import type { DeployedValues, Overlay } from './deployers.ts';
import type { Manifest, ObjectKey } from '../manifest/manifest.ts';
import { type ParsedDocument, type ParsedFile, parseFile } from '../manifest/parseFile.ts';
import type { FieldPath, MapValue } from '../manifest/value.ts';

/**
 * What kustomize or Helm made of a folder's sources: objects that stand in no file of the workspace. They are put into
 * a file that nobody sees, so that everything else reads them as it reads manifests; `origins.ts` leads each value back
 * to the line that a person edits.
 */
export interface BuiltSet {
  readonly plan: BuildPlan;
  /** The file that holds the objects, under a URI of its own. */
  readonly file: ParsedFile;
  /** What is known of each of its documents, in their order. */
  readonly objects: readonly RenderedObject[];
  /** The files that it was made of, by URI. */
  readonly sources: readonly string[];
  /** Those of them that hold YAML or templates, as they were when it was built: what was built leads back to these. */
  readonly files: ReadonlyMap<string, ParsedFile>;
  /** Files that were looked for and aren't there: when they come, it may be otherwise. */
  readonly missed: readonly string[];
  /** Of a chart, the files that values come from, in the order in which they are laid over one another. */
  readonly valuesFiles: readonly ValuesFile[];
  /** Of a chart, all values as they are merged, those of sub-charts under their names; empty of a kustomization. */
  readonly values: MapValue;
  /** Why the build failed; null where it is what the sources say now. */
  readonly problem: BuildProblem | null;
  /** What would be built but isn't in the workspace: remote bases, charts of a repository. */
  readonly absent: readonly Absent[];
}

/** What is built, and with what. */
export interface BuildPlan {
  /** Names the build, as long as its folder and its variant are called so. */
  readonly root: string;
  readonly kind: 'kustomization' | 'chart';
  /** The folder that is built, as a URI. */
  readonly folder: string;
  /** The file that stands for it: its kustomization, its `Chart.yaml`. */
  readonly entry: string;
  /** How a lens names it: `prod`, `values-prod.yaml`. */
  readonly label: string;
  readonly chart: ChartOptions | null;
  /** Where objects land that say no namespace; null where nothing says it. */
  readonly namespace: string | null;
  /** The file of the object that has it applied; null for what the folder itself makes. */
  readonly deployer: string | null;
  /** What that object does to it besides, and isn't done here. */
  readonly unapplied: readonly string[];
  /** What the object that has it applied lays over it. */
  readonly overlay: Overlay | null;
}

/** What a chart is rendered with. */
export interface ChartOptions {
  /** Files beside the chart's own values, the last wins. */
  readonly values: readonly string[];
  /** Values that stand in the object that has it installed, after those. */
  readonly inline: readonly DeployedValues[];
  readonly set: readonly string[];
  readonly release: string;
  readonly namespace: string;
}

/** A field of an object that was built. */
export interface BuiltField {
  readonly manifest: Manifest;
  readonly path: FieldPath;
}

/** A file of values; those of a sub-chart's own begin at its name. */
export interface ValuesFile {
  readonly uri: string;
  readonly prefix: readonly string[];
}

/**
 * Something that a build needs and the workspace lacks, and where it is named; or `unapplied`, what the object that has
 * it applied does to it and Hoplens doesn't.
 */
export interface Absent {
  readonly kind: 'away' | 'unapplied';
  readonly what: string;
  readonly uri: string | null;
  /** From 1; null where only the file is known. */
  readonly line: number | null;
}

export interface BuildProblem {
  /** A stable code: `missing-resource`, `template-failed`. */
  readonly kind: string;
  readonly message: string;
  readonly uri: string | null;
  /** From 1; null where only the file is known. */
  readonly line: number | null;
}

/** One object as it was printed, with what its builder knows of where it comes from. URIs throughout. */
export interface RenderedObject {
  readonly text: string;
  readonly origin: ResourceOrigin | null;
  readonly template: string | null;
  readonly spans: readonly Span[];
}

/** Where kustomize read or generated a resource. */
export interface ResourceOrigin {
  /** The file that it was read from; null for one that a kustomization generates. */
  readonly uri: string | null;
  /** The kustomization that generates it. */
  readonly configuredIn: string | null;
  /** As it was called there. */
  readonly original: { readonly kind: string; readonly namespace: string | null; readonly name: string } | null;
}

/** Which part of a template, with which values, made a part of a text. */
export interface Span {
  /** Offsets in the object's text. */
  readonly start: number;
  readonly end: number;
  readonly template: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** The values that were read for it, by their paths from the top. */
  readonly reads: readonly (readonly string[])[];
}

/** Names values that stand in an object, where others are named by their file. */
export function inlineUri({ object, path }: DeployedValues): string {
  return `hoplens-values:${object.replace('\n', '#')}#${path.join('.')}`;
}

const schemes = { kustomization: 'hoplens-built:', chart: 'hoplens-rendered:' } as const;

export function isBuilt(uri: string): boolean {
  return uri.startsWith(schemes.kustomization) || isRendered(uri);
}

/** Whether templates printed it: a value's quotes in a values file aren't those in the object. */
export function isRendered(uri: string): boolean {
  return uri.startsWith(schemes.chart);
}

/** The URI under which what a plan builds can be read. */
export function builtUri({ kind, root }: Pick<BuildPlan, 'kind' | 'root'>): string {
  return `${schemes[kind]}${root}`;
}

/** The plan's root that a built file is of. */
export function rootOfBuilt(uri: string): string {
  return uri.slice(uri.indexOf(':') + 1);
}

/** The file of what was built; `previous` is the last one of the same plan, whose unchanged objects are reused. */
export function builtFile(
  plan: BuildPlan,
  objects: readonly RenderedObject[],
  previous: ParsedFile | null,
): ParsedFile {
  const text = objects.map((each) => `---\n${each.text.replace(/\n?$/, '\n')}`).join('');
  return parseFile(builtUri(plan), text, previous ?? undefined);
}

/** The object as it was rendered that a built manifest is, or is an item of; null for one that isn't there. */
export function renderedOf(
  { file, objects }: BuiltSet,
  key: ObjectKey,
): { readonly rendered: RenderedObject; readonly document: ParsedDocument } | null {
  const document = file.standing.get(key)?.document;
  const rendered = document === undefined ? undefined : objects[file.documents.indexOf(document)];
  return document === undefined || rendered === undefined ? null : { rendered, document };
}
