import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Builder } from '../render/builder.ts';
import { notShown, sourceText } from '../render/sourceText.ts';
import { rendererBeside } from '../render/beside.ts';
import type { BuildPlan, BuiltSet } from '../shared/built/builtSet.ts';
import type { Build } from '../shared/insight/builtSets.ts';
import type { Workspace } from '../shared/insight/workspace.ts';
import { eraseProgress, showProgress } from './progress.ts';
import { UnusableInput } from './unusableInput.ts';

/** What is built, as it was typed. */
export interface BuildOptions {
  /** Of several builds, the one that is meant. */
  readonly set: string | undefined;
  /** Files of values, the release and its namespace, for charts. */
  readonly values: readonly string[];
  readonly release: string | undefined;
  readonly namespace: string | undefined;
}

const largestSource = 64 * 1024 * 1024;

/**
 * Has the kustomizations and charts of a workspace built, those that are asked for; empty where it holds none. What is
 * to be done `meanwhile` is begun when the sandboxes are under way.
 */
export async function buildAll(
  workspace: Workspace,
  options: BuildOptions,
  meanwhile: () => Promise<void>,
): Promise<BuiltSet[]> {
  const plans = chosenPlans(
    workspace.ask(() => workspace.plans()),
    options,
  );
  if (plans.length === 0) return [];
  const [builds] = await Promise.all([builtAtOnce(plans), meanwhile()]);
  for (const [index, plan] of plans.entries()) {
    const build = builds[index];
    if (build !== undefined) workspace.putBuild(plan, build);
  }
  return plans.flatMap(({ root }) => workspace.ask(() => workspace.builtAt(root)) ?? []);
}

/** What plans come to, in their order: several sandboxes take one plan after the other. */
async function builtAtOnce(plans: readonly BuildPlan[]): Promise<readonly Build[]> {
  const builds: Build[] = [];
  const left = [...plans.entries()];
  const several = Math.min(availableParallelism(), mostSandboxes, Math.ceil(plans.length / fewPlans));
  await Promise.all(
    Array.from({ length: several }, async () => {
      const renderer = rendererBeside();
      try {
        const builder = new Builder(renderer, files);
        for (let next = left.shift(); next !== undefined; next = left.shift()) {
          const [index, plan] = next;
          showProgress(`building ${plan.label}, ${index + 1} of ${plans.length}`);
          builds[index] = await builder.build(plan);
        }
      } finally {
        renderer.stop();
      }
    }),
  );
  eraseProgress();
  return builds;
}

/** A sandbox has up to 512 MB, and takes time to start. */
const mostSandboxes = 4;
const fewPlans = 8;

const files = {
  read: async (path: string): Promise<string | null> => {
    try {
      const stat = statSync(path);
      if (!stat.isFile()) return null;
      return stat.size > largestSource ? notShown : sourceText(path, readFileSync(path, 'utf8'));
    } catch {
      return null;
    }
  },
  list: async (folder: string): Promise<string[]> =>
    existsSync(folder)
      ? readdirSync(folder, { withFileTypes: true, recursive: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
      : [],
  isWithin: (): boolean => true,
  pathOf: (uri: string): string => uri,
  uriOf: (path: string): string => path,
};

function chosenPlans(
  plans: readonly BuildPlan[],
  { set, values, release, namespace }: BuildOptions,
): readonly BuildPlan[] {
  const named = set === undefined ? plans : plans.filter(({ label }) => label === set || label.endsWith(`/${set}`));
  if (set !== undefined && named.length === 0) {
    const labels = plans.map(({ label }) => label);
    throw new UnusableInput(
      labels.length === 0
        ? `There is nothing to build that --set ${set} could mean: no kustomization and no chart.`
        : `There is no ${set} to build; there ${labels.length === 1 ? 'is' : 'are'} ${labels.join(', ')}.`,
    );
  }
  const isOfChart = values.length > 0 || release !== undefined || namespace !== undefined;
  if (!isOfChart) return named;
  // What is said of values replaces the values files beside a chart.
  const charts = named.filter(({ chart }) => chart !== null && (set !== undefined || chart.values.length === 0));
  if (charts.length === 0)
    throw new UnusableInput('--values, --release and --namespace are for charts; there is none.');
  return named.flatMap((plan) => {
    if (plan.chart === null) return [plan];
    if (!charts.includes(plan)) return [];
    return [
      {
        ...plan,
        namespace: namespace ?? plan.namespace,
        chart: {
          ...plan.chart,
          values: [...plan.chart.values, ...values],
          release: release ?? plan.chart.release,
          namespace: namespace ?? plan.chart.namespace,
        },
      },
    ];
  });
}
