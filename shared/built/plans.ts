import { folderOf } from '../manifest/fileNames.ts';
import { includedBy, type Kustomization, uriIn } from '../manifest/kustomization.ts';
import type { ParsedFile } from '../manifest/parseFile.ts';
import { textAt } from '../manifest/value.ts';
import type { BuildPlan } from './builtSet.ts';
import type { DeployedChart, Deployment } from './deployers.ts';

/**
 * What a workspace builds: each kustomization that no other includes, and each chart with its default values, and with
 * each values file beside it. A component, a library chart and a sub-chart are parts of others.
 */
export interface PlanSources {
  readonly kustomizations: readonly Kustomization[];
  /** The charts' own files, `Chart.yaml`. */
  readonly charts: readonly ParsedFile[];
  /** The URIs of files that are called as values files are. */
  readonly valuesFiles: readonly string[];
  readonly deployments: readonly Deployment[];
  /** Whether a folder holds anything that could be applied. */
  readonly hasManifests: (folder: string) => boolean;
}

export function plansOf(sources: PlanSources): BuildPlan[] {
  const deployed = deploymentPlans(sources);
  const folders = new Set(deployed.map(({ plan }) => plan.folder));
  return withDistinctLabels([...kustomizationPlans(sources, folders), ...chartPlans(sources), ...deployed]);
}

/** A plan with the folder that it is found in, which tells it apart from another of its name. */
interface PlacedPlan {
  readonly plan: BuildPlan;
  readonly home: string;
}

/** `deployed`: the folders that an object has applied: then what it lays over them counts. */
function kustomizationPlans({ kustomizations, charts }: PlanSources, deployed: ReadonlySet<string>): PlacedPlan[] {
  const included = new Set(kustomizations.flatMap((each) => includedBy(each).flatMap(({ uri }) => uri ?? [])));
  const chartFolders = new Set(charts.map(({ uri }) => folderOf(uri)));
  const roots = kustomizations
    .filter(
      ({ uri, folder, isComponent }) =>
        !isComponent && !included.has(folder) && !included.has(uri) && !deployed.has(folder),
    )
    .filter(({ folder }) => !isInTemplates(folder, chartFolders))
    .map((each) => kustomizationPlan(each));
  return [...roots, ...circles(kustomizations, roots)];
}

function kustomizationPlan({ uri, folder }: Kustomization): PlacedPlan {
  return {
    home: folderOf(folder),
    plan: {
      root: uri,
      kind: 'kustomization',
      folder,
      entry: uri,
      label: lastSteps(folder, 1),
      chart: null,
      namespace: null,
      deployer: null,
      unapplied: [],
      overlay: null,
    },
  };
}

/** Where kustomizations include one another in a circle, none is outermost: one of each circle is built, to say so. */
function circles(kustomizations: readonly Kustomization[], roots: readonly PlacedPlan[]): PlacedPlan[] {
  const inFolder = new Map(kustomizations.map((each) => [each.folder, each]));
  const reached = new Set<Kustomization>();
  const reach = (kustomization: Kustomization | undefined): void => {
    if (kustomization === undefined || reached.has(kustomization)) return;
    reached.add(kustomization);
    for (const { uri } of includedBy(kustomization)) if (uri !== null) reach(inFolder.get(uri));
  };
  for (const { plan } of roots) reach(inFolder.get(plan.folder));
  const found: PlacedPlan[] = [];
  for (const each of kustomizations) {
    if (each.isComponent || reached.has(each) || !includesItself(each, inFolder)) continue;
    found.push(kustomizationPlan(each));
    reach(each);
  }
  return found;
}

function includesItself(kustomization: Kustomization, inFolder: ReadonlyMap<string, Kustomization>): boolean {
  const seen = new Set<Kustomization>();
  const ahead = [kustomization];
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    for (const { uri } of includedBy(next)) {
      const inner = uri === null ? undefined : inFolder.get(uri);
      if (inner === kustomization) return true;
      if (inner === undefined || seen.has(inner)) continue;
      seen.add(inner);
      ahead.push(inner);
    }
  }
  return false;
}

/** A kustomization among a chart's templates is a template. */
function isInTemplates(folder: string, charts: ReadonlySet<string>): boolean {
  for (let at = folder.lastIndexOf('/templates'); at > 0; at = folder.lastIndexOf('/templates', at - 1))
    if (charts.has(folder.slice(0, at))) return true;
  return false;
}

/** What chart-testing, Helm's users and Argo CD's call files of values beside a chart. */
const valuesName = /^(?:values[-._].+|.+[-._]values)\.ya?ml$/;

function chartPlans({ charts, valuesFiles }: PlanSources): PlacedPlan[] {
  const folders = new Set(charts.map(({ uri }) => folderOf(uri)));
  return charts.flatMap((file): PlacedPlan[] => {
    const folder = folderOf(file.uri);
    const chart = file.documents[0]?.content.value ?? undefined;
    const name = textAt(chart, 'name') ?? lastSteps(folder, 1);
    if (textAt(chart, 'type') === 'library' || isSubChart(folder, folders)) return [];
    const placed = (values: string | null): PlacedPlan => ({
      home: folder,
      plan: {
        root: values === null ? file.uri : `${file.uri}+${values.slice(folder.length + 1)}`,
        kind: 'chart',
        folder,
        entry: file.uri,
        label: values === null ? name : values.slice(folder.length + 1),
        chart: { values: values === null ? [] : [values], inline: [], set: [], release: name, namespace: 'default' },
        namespace: null,
        deployer: null,
        unapplied: [],
        overlay: null,
      },
    });
    const beside = valuesFiles.filter(
      (uri) =>
        folderOf(uri) === `${folder}/ci` || (folderOf(uri) === folder && valuesName.test(uri.slice(folder.length + 1))),
    );
    return [placed(null), ...beside.toSorted().map(placed)];
  });
}

function deploymentPlans({ kustomizations, charts, deployments, hasManifests }: PlanSources): PlacedPlan[] {
  const kustomizationIn = new Map(kustomizations.map(({ folder, uri }) => [folder, uri]));
  const chartIn = new Map(charts.map(({ uri }) => [folderOf(uri), uri]));
  return deployments.flatMap(({ by, name, folders, overlay, chart, namespace, unapplied }): PlacedPlan[] => {
    // A folder of plain manifests Argo CD applies as they are; Flux makes a kustomization of it.
    const isFlux = by.kind === 'Kustomization';
    const folder = folders.find(
      (each) => chartIn.has(each) || kustomizationIn.has(each) || (isFlux && hasManifests(each)),
    );
    if (folder === undefined) return [];
    const home = folderOf(by.uri);
    const common = {
      root: `${by.key.replace('\n', '#')}#${name}`,
      folder,
      label: name,
      namespace,
      deployer: by.uri,
      unapplied,
    };
    const entry = chartIn.get(folder);
    if (entry === undefined) {
      const own = kustomizationIn.get(folder) ?? by.uri;
      return [{ home, plan: { ...common, kind: 'kustomization', entry: own, chart: null, overlay } }];
    }
    // A folder that is a chart is rendered, whoever deploys it.
    const { valuesFiles, values: inline, ...given } = chart ?? nothingGiven(name);
    const values = valuesFiles.flatMap((each) => (isUri(each, folder) ? each : (uriIn(folder, each) ?? [])));
    return [{ home, plan: { ...common, kind: 'chart', entry, chart: { ...given, values, inline }, overlay: null } }];
  });
}

/** A path from the chart's folder never begins as its URI does. */
function isUri(text: string, folder: string): boolean {
  return text.startsWith(folder.slice(0, folder.indexOf('/') + 1));
}

function nothingGiven(release: string): DeployedChart {
  return { release, namespace: 'default', valuesFiles: [], values: [], set: [] };
}

function isSubChart(folder: string, charts: ReadonlySet<string>): boolean {
  const parent = folderOf(folder);
  return parent.endsWith('/charts') && charts.has(folderOf(parent));
}

/** Of plans that would be called the same, each is named with as much of its folder as tells them apart. */
function withDistinctLabels(placed: readonly PlacedPlan[]): BuildPlan[] {
  let plans = placed.map(({ plan }) => plan);
  for (let steps = 1; steps <= 4; steps++) {
    const alike = Map.groupBy(plans, ({ label }) => label);
    plans = plans.map((plan, index) => {
      const { home, plan: first } = placed[index] ?? { home: '', plan };
      const isAlone = alike.get(plan.label)?.length === 1;
      return isAlone ? plan : { ...plan, label: `${lastSteps(home, steps)}/${first.label}` };
    });
  }
  return plans;
}

function lastSteps(folder: string, count: number): string {
  return folder.split('/').slice(-count).join('/');
}
