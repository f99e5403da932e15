import { faultOfId, faultOfLevel, type Levels, readLevels } from '../shared/insight/levels.ts';
import { setImmediate } from 'node:timers/promises';
import type { Workspace } from '../shared/insight/workspace.ts';
import type { ManifestSet } from '../shared/manifest/manifestSet.ts';
import type { Site } from '../shared/manifest/position.ts';
import { printable } from '../shared/manifest/printable.ts';
import { type Finding, severities } from '../shared/insight/rule.ts';
import { barrenStandardInput, type CommandInput, type InputOptions, readTexts, scenesOf } from './input.ts';
import { mend, type Mended, mostRounds } from './fix.ts';
import { lintFormats } from './lintFormats.ts';
import { place } from './place.ts';
import { eraseProgress, showProgress } from './progress.ts';
import { UnusableInput } from './unusableInput.ts';

const failOns = [...severities, 'never'] as const;

export interface LintOptions extends InputOptions {
  readonly format: string;
  readonly failOn: string;
  /** `ID=SEVERITY`. */
  readonly rules: readonly string[];
  /** Whether what surely can be mended is. */
  readonly fix: boolean;
}

/** `hoplens lint`: 0 where nothing is left at or above `failOn`, else 1. */
export async function lint({ format, failOn, rules, fix, ...given }: LintOptions): Promise<number> {
  const print = Object.entries(lintFormats).find(([name]) => name === format)?.[1];
  if (print === undefined)
    throw new UnusableInput(`--format can be ${Object.keys(lintFormats).join(', ')}, not ${format}.`);
  const threshold = failOns.find((each) => each === failOn);
  if (threshold === undefined) throw new UnusableInput(`--fail-on can be ${failOns.join(', ')}, not ${failOn}.`);
  const levels = levelsOf(rules);
  let judged = await judge(given, levels);
  for (let round = 0; fix && round < mostRounds; round++) {
    const mended = mend(judged.findings, given.files);
    if (mended.length === 0) break;
    for (const each of mended) process.stderr.write(mendedText(each));
    judged = await judge(given, levels);
  }
  const { input, findings } = judged;
  const barren = barrenStandardInput(input);
  if (barren !== null && !findings.some(({ severity }) => severity === 'error')) throw new UnusableInput(barren);
  process.stdout.write(print(findings, (site) => lineOf(input, site)));
  // On standard error, so that standard output is one line for each finding.
  if (format === 'text') process.stderr.write(summary(input, findings));
  const worst = severities.slice(0, threshold === 'never' ? 0 : severities.indexOf(threshold) + 1);
  return findings.some(({ severity }) => worst.includes(severity)) ? 1 : 0;
}

function lineOf({ workspace }: CommandInput, { uri, range: { start } }: Site): string {
  return workspace.file(uri)?.text.split('\n')[start.line] ?? '';
}

interface Judged {
  readonly input: CommandInput;
  readonly findings: readonly Finding[];
}

async function judge(given: InputOptions, levels: Levels): Promise<Judged> {
  const early = new Early();
  const input = await readTexts(given, async (workspace, uris) => {
    workspace.chooseLevels({ under: new Map(), over: levels });
    // Several paths may be judged together.
    if (given.files.length < 2) await early.judge(workspace, uris);
  });
  input.workspace.chooseLevels({ under: new Map(), over: levels });
  return { input, findings: findingsIn(input, given, early) };
}

/** What is found in files that nothing is built of, while the others are built. */
class Early {
  readonly #found = new Map<string, { readonly set: ManifestSet | null; readonly findings: readonly Finding[] }>();

  async judge(workspace: Workspace, uris: readonly string[]): Promise<void> {
    for (const uri of uris) {
      if (workspace.rootsReaching(uri).length > 0) continue;
      this.#found.set(uri, { set: setOf(workspace, uri), findings: workspace.findings(uri) });
      // The sandboxes are given their next work in between.
      await setImmediate();
    }
  }

  /** Null where the file's set is another since. */
  of(workspace: Workspace, uri: string): readonly Finding[] | null {
    const found = this.#found.get(uri);
    const isStill = found !== undefined && workspace.builtOf(uri).length === 0 && found.set === setOf(workspace, uri);
    return isStill ? found.findings : null;
  }
}

function setOf(workspace: Workspace, uri: string): ManifestSet | null {
  return workspace.sceneOf(uri)?.set ?? null;
}

/** `web.yaml:9:14: mended: Put it in quotes [quotes-missing]` */
function mendedText({ finding: { rule, site }, fix: { title } }: Mended): string {
  const { file, line, column } = place(site);
  return `${file}:${line}:${column}: mended: ${printable(title)} [${rule}]\n`;
}

/** `ID=SEVERITY`, each. */
function levelsOf(written: readonly string[]): Levels {
  return readLevels(
    written.map((each) => {
      const [, id, level] = /^([^=]+)=(.*)$/.exec(each) ?? [];
      if (id === undefined || level === undefined) throw new UnusableInput(`--rule takes ID=SEVERITY, not ${each}.`);
      const fault = faultOfId(id) ?? faultOfLevel(level);
      if (fault !== null) throw new UnusableInput(`--rule ${each}: ${fault}`);
      return [id, level] as const;
    }),
  );
}

/** What is found in the files that were asked for, by file and line. */
function findingsIn(input: CommandInput, { files }: InputOptions, early: Early): readonly Finding[] {
  const { workspace, uris, built } = input;
  const asked = new Set(uris);
  const scenes = scenesOf(input);
  // Several paths are judged together, which the workspace's own sets don't know of; not where one of them falls into
  // several sets by itself.
  const isTogether = input.isTogether && workspace.sets().length + built.length <= files.length;
  const found = isTogether
    ? findingsTogether(input, scenes)
    : uris
        .flatMap((uri, index) => {
          showProgress(`judging file ${index + 1} of ${uris.length}`);
          return early.of(workspace, uri) ?? workspace.findings(uri);
        })
        .filter(({ site }) => asked.has(site.uri));
  eraseProgress();
  const distinct = new Map(
    found.map((finding) => [JSON.stringify([finding.rule, finding.site, finding.message]), finding]),
  );
  return [...distinct.values()].toSorted((a, b) =>
    a.site.uri === b.site.uri
      ? a.site.range.start.line - b.site.range.start.line || a.site.range.start.character - b.site.range.start.character
      : a.site.uri < b.site.uri
        ? -1
        : 1,
  );
}

function findingsTogether({ workspace, uris }: CommandInput, scenes: ReturnType<typeof scenesOf>): readonly Finding[] {
  const judged = scenes.flatMap((scene) => scene.files.flatMap((file) => scene.findings(file, 'with infos')));
  const byFile = Map.groupBy(judged, ({ site }) => site.uri);
  return uris.flatMap((uri) => workspace.asTaken(uri, byFile.get(uri) ?? []));
}

/** `12 manifests in 3 files: 1 error, 2 warnings.` */
function summary({ workspace, uris, built }: CommandInput, findings: readonly Finding[]): string {
  const judged = built.filter(({ plan }) => workspace.isJudged(plan.root));
  const sources = new Set(judged.flatMap((set) => set.sources));
  const files = [
    ...uris.flatMap((uri) => (sources.has(uri) ? [] : (workspace.file(uri) ?? []))),
    ...judged.map(({ file }) => file),
  ];
  const manifests = files.reduce((sum, file) => sum + file.manifests.length, 0);
  const counts = severities.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [severity === 'info' ? `${count} info` : counted(count, severity)];
  });
  const found = counts.length > 0 ? counts.join(', ') : manifests === 0 ? 'nothing to judge' : 'nothing found';
  return `${counted(manifests, 'manifest')} in ${counted(uris.length, 'file')}: ${found}.\n`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
