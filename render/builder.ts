import { folderOf, isChart, isKustomization } from '../shared/manifest/fileNames.ts';
import { type Absent, type BuildPlan, inlineUri, type RenderedObject } from '../shared/built/builtSet.ts';
import type { Substitution } from '../shared/built/deployers.ts';
import type { Build } from '../shared/insight/builtSets.ts';
import {
  componentsOf,
  filesNamedBy,
  includedBy,
  kustomizationNames,
  type Kustomization,
  readKustomization,
  uriIn,
} from '../shared/manifest/kustomization.ts';
import { parseFile } from '../shared/manifest/parseFile.ts';
import { isMap, itemsAt, type MapValue, textAt, textOf, type Value, valueAt } from '../shared/manifest/value.ts';
import { absentAt, chartOf, unmatchedTarget, withoutAbsent, withoutPatchesOf } from './absent.ts';
import type { Renderer } from './renderer.ts';
import { substituted } from './substitution.ts';
import type { Rendered, RenderedObject as PrintedObject, RenderProblem, RenderRequest } from './sandbox.ts';

/** Where a head keeps its files. Each is known by its URI there, and by a path in the sandbox. */
export interface BuildFiles {
  /** The text as it is now, edited or on the disk; null where there is none. */
  readonly read: (uri: string) => Promise<string | null>;
  /** The files under a folder, as URIs; empty where there is none. */
  readonly list: (folder: string) => Promise<readonly string[]>;
  /** Whether a file may be read: a kustomization can name what lies outside of the workspace. */
  readonly isWithin: (uri: string) => boolean;
  readonly pathOf: (uri: string) => string;
  readonly uriOf: (path: string) => string;
}

/** The version that charts are rendered for: the newest that this Helm knows the versions of APIs for. */
const kubeVersion = 'v1.34.0';

/** Whoever names files one by one is asked again this often at most. */
const mostRounds = 12;

interface Attempt {
  readonly absent: Absent[];
  /** Objects that aren't there without what is absent: what is said of them is left out. */
  readonly pointless: Set<string>;
  /** Files that kustomizations name: no manifests for themselves, whether they are read or not. */
  readonly named: Set<string>;
  /** Why a kustomization's chart couldn't be rendered. */
  failed: RenderProblem | null;
}

/**
 * Has a plan built. The sandbox is given what the plan names, then what it says that it missed, until nothing more of it
 * is there. What can't be had at all (a remote base, a chart of a repository) is left out and named.
 */
export class Builder {
  readonly #renderer: Pick<Renderer, 'put' | 'remove' | 'build'>;
  readonly #files: BuildFiles;
  /** What the sandbox holds, by path. */
  readonly #given = new Map<string, string>();
  /** Files that lie elsewhere in the sandbox: the charts of other folders, as sub-charts. */
  readonly #standsFor = new Map<string, string>();
  /** What of that was written, by URI: a kustomization is given without what can't be had. */
  readonly #texts = new Map<string, string>();

  constructor(renderer: Pick<Renderer, 'put' | 'remove' | 'build'>, files: BuildFiles) {
    this.#renderer = renderer;
    this.#files = files;
  }

  async build(plan: BuildPlan): Promise<Build> {
    const attempt: Attempt = { absent: [], pointless: new Set(), named: new Set(), failed: null };
    await this.#giveAll(plan, attempt);
    const request = this.#requestOf(plan, await this.#valuesOf(plan));
    const asked = new Set<string>();
    for (let round = 0; ; round++) {
      const rendered = await this.#renderer.build(request);
      const missing = rendered.missing.filter((path) => !asked.has(path));
      for (const path of missing) asked.add(path);
      const isMore = (await this.#giveMissing(missing)) || (await this.#leaveOut(plan, rendered, attempt));
      if (!isMore || round === mostRounds) return this.#built(plan, rendered, attempt);
    }
  }

  async #giveAll(plan: BuildPlan, attempt: Attempt): Promise<void> {
    attempt.absent.length = 0;
    for (const what of plan.unapplied) attempt.absent.push({ kind: 'unapplied', what, uri: plan.deployer, line: null });
    if (plan.kind === 'chart') await this.#giveChart(plan, attempt.absent);
    else await this.#giveKustomized(plan, attempt);
    for (const uri of await this.#valuesOf(plan)) await this.#give(uri);
  }

  /** Flux counts paths from the repository's root, Argo CD from the chart's folder. */
  async #valuesOf({ folder, chart }: BuildPlan): Promise<string[]> {
    const found: string[] = [];
    for (const uri of chart?.values ?? []) {
      const path = uri.startsWith(`${folder}/`) ? uri.slice(folder.length + 1) : null;
      let here = uri;
      for (let root = folder; path !== null && root.length > 1; root = folderOf(root)) {
        here = `${root}/${path}`;
        if (this.#files.isWithin(here) && (await this.#files.read(here)) !== null) break;
        here = uri;
      }
      found.push(here);
    }
    return found;
  }

  /** Leaves out what can't be had either: the patches of a remote base, a schema that stands elsewhere. */
  async #leaveOut(plan: BuildPlan, { problem }: Rendered, attempt: Attempt): Promise<boolean> {
    if (problem === null) return false;
    if (plan.kind === 'chart') return this.#leaveOutSchemas(plan, problem, attempt);
    if (problem.kind !== 'patch-without-target' || attempt.absent.length === 0) return false;
    const target = unmatchedTarget(problem.message);
    if (target === null || attempt.pointless.has(target)) return false;
    attempt.pointless.add(target);
    await this.#giveAll(plan, attempt);
    return true;
  }

  /** Helm would fetch what a schema of values refers to; without it the values aren't held against it. */
  async #leaveOutSchemas({ folder }: BuildPlan, { kind, message }: RenderProblem, attempt: Attempt): Promise<boolean> {
    const [address] = /https?:\/\/[^\s"'#]+/.exec(message) ?? [];
    if ((kind !== 'bad-values' && kind !== 'values-schema') || address === undefined) return false;
    if (attempt.absent.some(({ what }) => what === address)) return false;
    attempt.absent.push({ kind: 'away', what: address, uri: `${folder}/values.yaml`, line: null });
    for (const uri of await this.#files.list(folder))
      if (uri.endsWith('/values.schema.json')) await this.#give(uri, '{}');
    return true;
  }

  #requestOf({ kind, folder, chart, overlay }: BuildPlan, values: readonly string[]): RenderRequest {
    const root = this.#files.pathOf(folder);
    if (kind === 'kustomization' || chart === null)
      return { kind: 'kustomize', root: overlay === null ? root : overlaidFolder(root) };
    return {
      kind: 'helm',
      chart: root,
      values: values.map(this.#files.pathOf),
      inline: chart.inline.map((each) => ({ text: each.text, path: inlineUri(each) })),
      set: chart.set,
      release: chart.release,
      namespace: chart.namespace,
      kubeVersion,
      apiVersions: [],
    };
  }

  /** Puts a file into the sandbox as it is now; false where it is there already, or isn't anywhere. */
  async #give(uri: string, instead?: string): Promise<boolean> {
    const written = await this.#files.read(uri);
    const now = written === null ? null : (instead ?? written);
    if (written === null) this.#texts.delete(uri);
    else this.#texts.set(uri, written);
    const path = this.#files.pathOf(uri);
    const before = this.#given.get(path);
    if (now === null) {
      if (this.#given.delete(path)) this.#renderer.remove(path);
      return false;
    }
    if (before === now) return false;
    this.#put(path, now);
    return true;
  }

  /**
   * A chart with its sub-charts: those under `charts/`, and those of a folder of this workspace. One of a repository is
   * left out, where `helm dependency build` would fetch it; a packed one too: the sandbox is given texts alone.
   * Source: helm.sh/helm/v3 pkg/action/package.go, pkg/downloader/manager.go.
   */
  async #giveChart({ folder, entry }: BuildPlan, absent: Absent[]): Promise<void> {
    await this.#giveFolder(folder);
    const text = this.#texts.get(entry);
    const file = text === undefined ? null : parseFile(entry, text);
    const chart = file?.documents[0]?.content.value ?? null;
    const there = await this.#files.list(`${folder}/charts`);
    if (file === null || !isMap(chart)) return;
    const kept: Value[] = [];
    for (const [index, dependency] of itemsAt(chart, 'dependencies').entries()) {
      const name = textAt(dependency, 'name') ?? '';
      const repository = textAt(dependency, 'repository') ?? '';
      const local = repository.startsWith('file://') ? uriIn(folder, repository.slice('file://'.length)) : null;
      const isThere = there.some((uri) => isChart(uri) && folderOf(uri) === `${folder}/charts/${name}`);
      if (isThere || (local !== null && (await this.#giveSubChart(local, `${folder}/charts/${name}`)))) {
        kept.push(dependency);
        continue;
      }
      absent.push(absentAt(file, chartOf(name, repository), ['dependencies', index]));
    }
    if (absent.length > 0) await this.#give(entry, JSON.stringify({ ...chart, dependencies: kept }));
  }

  /** Puts another folder's chart where a sub-chart is looked for; false where there is none. */
  async #giveSubChart(from: string, to: string): Promise<boolean> {
    const files = await this.#files.list(from);
    for (const uri of files) {
      const text = await this.#files.read(uri);
      if (text === null) continue;
      const path = `${this.#files.pathOf(to)}${uri.slice(from.length)}`;
      this.#standsFor.set(path, uri);
      this.#texts.set(uri, text);
      this.#put(path, text);
    }
    return files.length > 0;
  }

  /** The URI of a path in the sandbox. */
  #uriOf(path: string): string {
    return this.#standsFor.get(path) ?? this.#files.uriOf(path);
  }

  async #giveFolder(folder: string): Promise<void> {
    const files = new Set(await this.#files.list(folder));
    for (const path of this.#given.keys()) {
      const uri = this.#files.uriOf(path);
      if (this.#standsFor.has(path)) continue;
      if (uri.startsWith(`${folder}/`) && !files.has(uri)) await this.#give(uri);
    }
    for (const uri of files) await this.#give(uri);
  }

  /** A kustomization with what it names; where a folder has none, Flux takes all of its manifests. */
  async #giveKustomized({ folder, overlay }: BuildPlan, attempt: Attempt): Promise<void> {
    const seen = new Set<string>();
    for (const name of kustomizationNames) await this.#giveKustomization(`${folder}/${name}`, attempt, seen);
    const { pathOf, list } = this.#files;
    const has = (name: string): boolean => this.#given.has(pathOf(`${folder}/${name}`));
    if (overlay === null) return;
    if (!kustomizationNames.some((name) => has(name) && this.#texts.has(`${folder}/${name}`))) {
      const files = (await list(folder)).filter((uri) => /\.ya?ml$/.test(uri) && !isKustomization(uri));
      for (const uri of files) await this.#give(uri);
      const resources = files.map((uri) => uri.slice(folder.length + 1)).toSorted();
      this.#lay(`${pathOf(folder)}/kustomization.yaml`, { resources });
    }
    for (const { uri } of componentsOf({ folder, value: overlay.value }))
      for (const name of kustomizationNames) await this.#giveKustomization(`${uri ?? ''}/${name}`, attempt, seen);
    const name = pathOf(folder).slice(pathOf(folder).lastIndexOf('/') + 1);
    const components = itemsAt(overlay.value, 'components').map((each) => `../${name}/${textOf(each) ?? ''}`);
    this.#lay(`${overlaidFolder(pathOf(folder))}/kustomization.yaml`, {
      ...overlay.value,
      resources: [`../${name}`],
      ...(components.length === 0 ? {} : { components }),
    });
  }

  /** Puts a kustomization into the sandbox that stands nowhere else. */
  #lay(path: string, value: MapValue): void {
    this.#put(path, JSON.stringify(value));
  }

  #put(path: string, text: string): void {
    if (this.#given.get(path) === text) return;
    this.#given.set(path, text);
    this.#renderer.put(path, text);
  }

  async #giveKustomization(uri: string, attempt: Attempt, seen: Set<string>): Promise<void> {
    if (seen.has(uri)) return;
    seen.add(uri);
    const text = await this.#files.read(uri);
    const file = text === null ? null : parseFile(uri, text);
    const kustomization = file === null ? null : readKustomization(file);
    if (kustomization === null) {
      await this.#give(uri);
      return;
    }
    await this.#giveWithout(kustomization, attempt);
    for (const named of filesNamedBy(kustomization)) {
      attempt.named.add(named);
      const isThere = (await this.#give(named)) || this.#given.has(this.#files.pathOf(named));
      // Generators and transformers may be kustomizations of their own.
      if (!isThere)
        for (const name of kustomizationNames) await this.#giveKustomization(`${named}/${name}`, attempt, seen);
    }
    for (const { uri: included } of includedBy(kustomization)) {
      if (included === null || (await this.#give(included)) || this.#given.has(this.#files.pathOf(included))) continue;
      for (const name of kustomizationNames) await this.#giveKustomization(`${included}/${name}`, attempt, seen);
    }
  }

  /** Gives a kustomization without what nobody here can have; its charts as what they are rendered to. */
  async #giveWithout(kustomization: Kustomization, attempt: Attempt): Promise<void> {
    const { file, folder, value } = kustomization;
    const { absent, pointless } = attempt;
    const home = uriIn(folder, textAt(value, 'helmGlobals', 'chartHome') ?? 'charts') ?? folder;
    const charts = new Map<string, string>();
    for (const chart of itemsAt(value, 'helmCharts')) {
      const name = textAt(chart, 'name') ?? '';
      if ((await this.#files.read(`${home}/${name}/Chart.yaml`)) !== null) charts.set(name, `${home}/${name}`);
    }
    const left = withoutAbsent(kustomization, { hasChart: (name) => charts.has(name), isWithin: this.#files.isWithin });
    absent.push(...left.away);
    if (left.away.length === 0 && charts.size === 0 && pointless.size === 0) {
      await this.#give(file.uri);
      return;
    }
    for (const uri of filesNamedBy(kustomization)) await this.#give(uri);
    const kept = withoutPatchesOf(kustomization, left.value, {
      targets: pointless,
      textOfFile: (uri) => this.#texts.get(uri) ?? null,
    });
    const rendered: string[] = [];
    for (const [index, chart] of itemsAt(value, 'helmCharts').entries()) {
      const from = charts.get(textAt(chart, 'name') ?? '');
      if (from === undefined) continue;
      const name = `${renderedName}-${index}.yaml`;
      const path = `${this.#files.pathOf(folder)}/${name}`;
      this.#standsFor.set(path, file.uri);
      this.#put(path, await this.#chartText(chart, { from, folder, attempt }));
      rendered.push(name);
    }
    await this.#give(file.uri, JSON.stringify({ ...kept, resources: [...itemsAt(kept, 'resources'), ...rendered] }));
  }

  /** What a chart that a kustomization names is rendered to, as kustomize would have Helm do it. */
  async #chartText(
    chart: Value,
    { from, folder, attempt }: { readonly from: string; readonly folder: string; readonly attempt: Attempt },
  ): Promise<string> {
    await this.#giveFolder(from);
    const named = [valueAt(chart, 'valuesFile'), ...itemsAt(chart, 'additionalValuesFiles')];
    const values = named.flatMap((each) => uriIn(folder, textOf(each) ?? '') ?? []);
    for (const uri of values) await this.#give(uri);
    const inline = valueAt(chart, 'valuesInline');
    const { objects, problem } = await this.#renderer.build({
      kind: 'helm',
      chart: this.#files.pathOf(from),
      values: values.map(this.#files.pathOf),
      inline: inline === undefined ? [] : [{ text: JSON.stringify(inline), path: 'valuesInline' }],
      set: [],
      release: textAt(chart, 'releaseName') ?? 'release-name',
      namespace: textAt(chart, 'namespace') ?? 'default',
      kubeVersion,
      apiVersions: [],
    });
    if (problem !== null) attempt.failed ??= problem;
    return objects.map(({ text }) => `---\n${text}\n`).join('');
  }

  /** Gives what a build looked for in vain; false where nothing of it is to be had. */
  async #giveMissing(paths: readonly string[]): Promise<boolean> {
    let isAny = false;
    for (const path of paths) if (await this.#give(this.#files.uriOf(path))) isAny = true;
    return isAny;
  }

  #built(plan: BuildPlan, rendered: Rendered, { absent, named, failed }: Attempt): Build {
    const uriOf = (path: string): string => this.#uriOf(path);
    const { valuesFiles, values } = rendered;
    const problem = rendered.problem ?? failed;
    const read = [...rendered.read.map(uriOf), ...named].filter((uri) => this.#texts.has(uri));
    const isOfFolder = plan.entry.startsWith(`${plan.folder}/`);
    const sources = [...new Set([...(isOfFolder ? [plan.entry] : []), ...read])];
    const labels = new Set(plan.chart?.inline.map(inlineUri));
    const written = sources.filter(isReadableSource);
    return {
      objects: rendered.objects.filter(isApplied).map((each) => this.#object(each, plan.overlay?.substitution ?? null)),
      sources,
      texts: new Map(
        written.flatMap((uri) => {
          const text = this.#texts.get(uri);
          return text === undefined ? [] : [[uri, text] as const];
        }),
      ),
      missed: rendered.missing.map(uriOf),
      values: values as MapValue,
      valuesFiles: valuesFiles.map(({ path, prefix }) => ({ uri: labels.has(path) ? path : uriOf(path), prefix })),
      // Without what can't be had, a failing build says nothing of the sources.
      problem:
        problem === null
          ? null
          : {
              kind: problem.kind,
              message: problem.message,
              uri: problem.path === null ? null : uriOf(problem.path),
              line: problem.line,
            },
      absent,
    };
  }

  #object(
    { text, origin, original, template, spans }: PrintedObject,
    substitution: Substitution | null,
  ): RenderedObject {
    const uriOf = (path: string): string => this.#uriOf(path);
    const uriOrNull = (path: string | null): string | null => (path === null ? null : uriOf(path));
    return {
      text: substitution === null ? text : substituted(text, substitution),
      origin:
        origin === null
          ? null
          : {
              uri: uriOrNull(origin.path),
              configuredIn: uriOrNull(origin.configuredIn),
              original: original === null ? null : { ...original, namespace: original.namespace || null },
            },
      template: uriOrNull(template),
      spans: spans.map((span) => ({ ...span, template: uriOf(span.template) })),
    };
  }
}

/** Beside a folder: a kustomization may not name what is around it. */
function overlaidFolder(folder: string): string {
  return `${folder}.overlaid`;
}

/** How a file is called that holds what a kustomization's chart is rendered to. */
const renderedName = '.hoplens-rendered';

/** What `helm test` runs is applied for its time alone. */
function isApplied({ text }: PrintedObject): boolean {
  return !/^ +["']?helm\.sh\/hook["']?: ["']?(?:[\w-]+,)*test(?:-success|-failure)?\b/m.test(text);
}

/** Whether values can be led back to a file. */
function isReadableSource(uri: string): boolean {
  return isKustomization(uri) || /\.(?:ya?ml|json|tpl)$/.test(uri);
}
