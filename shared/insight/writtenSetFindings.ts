import { type ParsedFile, siteOfField } from '../manifest/parseFile.ts';
import {
  isManifestSets,
  readManifestSets,
  type SetProblem,
  type WrittenChart,
  type WrittenLevel,
  type WrittenSet,
} from '../manifest/writtenSets.ts';
import { faultOfId, faultOfLevel } from './levels.ts';
import type { Finding } from './rule.ts';

/** What a workspace answers to the sets that somebody writes down. */
export interface WrittenSetSources {
  readonly filesOf: (set: Pick<WrittenSet, 'globs' | 'uri'>) => readonly string[];
  readonly hasProfile: (name: string) => boolean;
  readonly hasFile: (uri: string) => boolean;
}

/** What is wrong with the sets that a file says there are: they mean nothing, or match nothing. */
export function setFindings(file: ParsedFile, sources: WrittenSetSources): Finding[] {
  return file.manifests.filter(isManifestSets).flatMap((manifest) => {
    const { sets, charts, levels, problems } = readManifestSets(manifest);
    return [
      ...problems.flatMap((each) => placed(file, each, 'error')),
      ...sets.flatMap((set) => nothingMatched(set, sources).flatMap((each) => placed(file, each, 'warning'))),
      ...levels.flatMap((each) => levelFaults(each).flatMap((fault) => placed(file, fault, 'error'))),
      ...charts.flatMap((chart) => filesMissing(chart, sources).flatMap((each) => placed(file, each, 'error'))),
      ...sets.flatMap(({ profile, atProfile }) =>
        profile === null || sources.hasProfile(profile)
          ? []
          : placed(file, { message: `There is no ClusterProfile ${profile}.`, at: atProfile }, 'error'),
      ),
    ];
  });
}

function nothingMatched({ globs, atGlobs, uri }: WrittenSet, { filesOf }: WrittenSetSources): SetProblem[] {
  return globs.flatMap((glob, index) => {
    const at = atGlobs[index];
    return at === undefined || filesOf({ globs: [glob], uri }).length > 0
      ? []
      : [{ message: `${glob} matches no file.`, at }];
  });
}

function filesMissing(
  { folder, values, atPath, atValues }: WrittenChart,
  { hasFile }: WrittenSetSources,
): SetProblem[] {
  const isChart = ['Chart.yaml', 'Chart.yml'].some((name) => hasFile(`${folder}/${name}`));
  return [
    ...(isChart ? [] : [{ message: 'There is no chart in this folder.', at: atPath }]),
    ...values.flatMap((uri, index) => {
      const at = atValues[index];
      return at === undefined || hasFile(uri) ? [] : [{ message: 'There is no such file of values.', at }];
    }),
  ];
}

function levelFaults({ rule, level, atRule, atLevel }: WrittenLevel): SetProblem[] {
  const [ofId, ofLevel] = [faultOfId(rule), faultOfLevel(level)];
  return [
    ...(ofId === null ? [] : [{ message: ofId, at: atRule }]),
    ...(ofLevel === null ? [] : [{ message: ofLevel, at: atLevel }]),
  ];
}

function placed(file: ParsedFile, { message, at }: SetProblem, severity: Finding['severity']): Finding[] {
  const site = siteOfField(file, at);
  return site === null ? [] : [{ rule: 'manifest-sets', severity, message, site, related: [], fixes: [] }];
}
