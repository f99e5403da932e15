import type { Absent, BuildPlan, BuildProblem, BuiltSet } from '../built/builtSet.ts';
import type { ParsedFile } from '../manifest/parseFile.ts';
import { range, type Site } from '../manifest/position.ts';
import { askablesIn, asksOf } from './asks.ts';
import { counted } from './counted.ts';
import type { Lens } from './lenses.ts';
import { type Finding, isFault } from './rule.ts';
import type { Scene } from './scene.ts';

/**
 * What is said of a file that sets are built of: a base that three overlays take, a chart's template, a values file. It
 * is said once, at the line to edit, and names the sets that it holds in where it doesn't hold in all.
 */

/** Builds whose names are listed; more are counted. */
const mostNamed = 3;

/** What is found in a source, of several sets that are built of it. `foundIn` gives what one of them finds there. */
export function mergedFindings(
  sets: readonly BuiltSet[],
  foundIn: (root: string) => readonly Finding[],
): readonly Finding[] {
  const merged = new Map<string, { readonly finding: Finding; readonly labels: string[] }>();
  for (const { plan } of sets) {
    for (const [place, [first, ...others]] of Map.groupBy(foundIn(plan.root), placeOf)) {
      const known = merged.get(place);
      if (known !== undefined) known.labels.push(plan.label);
      else if (first !== undefined) merged.set(place, { finding: toldOf(first, others.length), labels: [plan.label] });
    }
  }
  return [...merged.values()].flatMap(({ finding, labels }) => {
    if (labels.length === sets.length) return [finding];
    // What is ignored in one of them is there.
    if (finding.rule === 'unused-ignore') return [];
    return [{ ...finding, message: `${finding.message} (${named(labels, sets.length)})` }];
  });
}

function placeOf({ rule, site: { range } }: Finding): string {
  return JSON.stringify([rule, range]);
}

/** What one line of a source does to several objects is told once. */
function toldOf(finding: Finding, others: number): Finding {
  if (others === 0) return finding;
  return { ...finding, message: `${finding.message} (The same of ${others} more.)` };
}

function named(labels: readonly string[], all: number): string {
  return labels.length <= mostNamed ? `in ${labels.join(', ')}` : `in ${labels.length} of ${all} builds`;
}

/** The lenses over a source: those of the first set, and whether the others say the same. */
export function mergedLenses(sets: readonly BuiltSet[], lensesIn: (root: string) => readonly Lens[]): readonly Lens[] {
  const lines = new Map<number, { readonly set: BuiltSet; readonly lenses: Lens[] }[]>();
  for (const set of sets) {
    for (const [line, lenses] of Map.groupBy(lensesIn(set.plan.root), ({ site }) => site.range.start.line)) {
      const known = lines.get(line) ?? [];
      known.push({ set, lenses });
      lines.set(line, known);
    }
  }
  return [...lines]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([, found]) => {
      const [first, ...others] = found;
      if (first === undefined) return [];
      const different = others.filter(({ lenses }) => said(lenses) !== said(first.lenses)).length;
      const { plan, problem } = first.set;
      return first.lenses.map((lens) => ({
        ...lens,
        build: plan.root,
        way: [...(sets.length > 1 ? [plan.label] : []), ...(first.lenses.length > 1 ? [lens.name] : []), lens.way].join(
          ': ',
        ),
        notes: [
          ...lens.notes,
          ...(different === 0
            ? []
            : [`differs in ${different} of ${found.length} ${kindsOf(found.map(({ set }) => set))}`]),
          ...(problem === null ? [] : ['as it was last built']),
        ],
      }));
    });
}

function said(lenses: readonly Lens[]): string {
  return JSON.stringify(lenses.map(({ way, notes }) => [way, notes]));
}

function kindsOf(sets: readonly BuiltSet[]): string {
  if (sets.every(({ plan }) => plan.chart !== null && plan.chart.inline.length === 0)) return 'values files';
  return sets.every(({ plan }) => plan.kind === 'kustomization') ? 'overlays' : 'builds';
}

/** What stands over a kustomization or a chart: what it comes to. */
export interface EntryLens {
  readonly site: Site;
  readonly title: string;
  readonly root: string;
}

/** `file` is the entry's; `variants`, with how many values files a chart is rendered. */
export function entryLensOf(
  { plan, problem, objects }: BuiltSet,
  scene: Scene,
  { file, variants }: { readonly file: ParsedFile; readonly variants: number },
): EntryLens {
  const [document] = file.documents;
  const line = document === undefined ? 0 : document.at.line + document.content.start.line;
  const site = { uri: plan.entry, range: range(line, 0, line, 1) };
  const { model } = scene;
  const services = model.services.length;
  const ways = askablesIn(model).filter((each) => asksOf(model, each).some(({ from }) => from === 'internet')).length;
  if (problem !== null && objects.length === 0)
    return { site, title: `${plan.label}: can't be built`, root: plan.root };
  const parts = [
    counted(services, 'Service'),
    counted(ways, 'way in', 'ways in'),
    ...(variants > 1 ? [`built in ${variants} ways`] : []),
    ...(problem === null ? [] : ['as it was last built']),
  ];
  return { site, title: `${plan.label}: ${parts.join(', ')}`, root: plan.root };
}

/** Why builds that this file is to blame for failed, and what of them isn't in the workspace; once each. */
export function buildProblems(sets: readonly BuiltSet[], file: ParsedFile): Finding[] {
  const found = sets.flatMap(({ plan, problem, absent, files }): Finding[] => {
    // A text that can't be read says so itself.
    const isSaid =
      problem !== null && [...files.values()].some((each) => each.uri !== file.uri && saysItself(each, problem));
    const failed = problem !== null && !isSaid && (problem.uri ?? plan.entry) === file.uri ? [problem] : [];
    const away = absent.filter(({ uri }) => (uri ?? plan.entry) === file.uri);
    return [
      ...failed.map((each): Finding => ({
        rule: each.kind,
        ...judgedProblem(each, plan),
        site: lineSite(file, each.line ?? 1),
        related: [],
        fixes: [],
      })),
      ...away.map(({ kind, what, line }): Finding => ({
        rule: 'not-in-workspace',
        severity: 'info',
        message: `${what} isn't ${notHere[kind]}, so what depends on it is left open.`,
        site: lineSite(file, line ?? 1),
        related: [],
        fixes: [],
      })),
    ];
  });
  // A template that fails with its own values and with those of a file fails once, and surely.
  return [...Map.groupBy(found, ({ rule, site }) => JSON.stringify([rule, site])).values()].flatMap((same) => {
    const faults = same.filter(isFault);
    return [...new Map((faults.length > 0 ? faults : same).map((each) => [each.message, each])).values()];
  });
}

/** Whether a file's own text says what a build failed for, at the right line. */
function saysItself({ documents }: ParsedFile, { uri, message }: BuildProblem): boolean {
  const code = message.includes(' already defined at line ') ? 'yaml-duplicate-key' : 'yaml-syntax';
  return (
    (uri === null || code === 'yaml-duplicate-key') &&
    documents.some(({ content }) => content.problems.some((problem) => problem.code === code))
  );
}

const notHere: Readonly<Record<Absent['kind'], string>> = { away: 'in this workspace', unapplied: 'done here' };

/** What whoever applies it may well have, and Hoplens hasn't: that is no fault of the sources. */
const neededFromElsewhere: ReadonlySet<string> = new Set(['plugin', 'remote-base', 'helm-in-kustomize', 'sandbox']);

function judgedProblem({ kind, message }: BuildProblem, plan: BuildPlan): Pick<Finding, 'severity' | 'message'> {
  if (neededFromElsewhere.has(kind))
    return { severity: 'info', message: `${plan.label} can't be built here: ${message}` };
  // A chart may ask for a value that it can't know: with its own values alone nobody installs it.
  if (isOwnValuesAlone(plan) && kind === 'template-failed')
    return { severity: 'info', message: `With its own values alone: ${message}` };
  return { severity: 'error', message };
}

function isOwnValuesAlone({ chart }: BuildPlan): boolean {
  return chart !== null && chart.values.length === 0 && chart.inline.length === 0 && chart.set.length === 0;
}

/** A line without the blanks around it. */
function lineSite({ uri, text }: ParsedFile, line: number): Site {
  const written = text.split('\n')[line - 1] ?? '';
  const start = written.length - written.trimStart().length;
  return { uri, range: range(line - 1, start, line - 1, Math.max(start + 1, written.trimEnd().length)) };
}
