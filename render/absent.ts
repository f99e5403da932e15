// What a kustomization or a chart names and nobody here can have: remote bases, charts of a repository, and what is
// pointless without them.
import type { Absent } from '../shared/built/builtSet.ts';
import { siteOfPath } from '../shared/manifest/embeddedText.ts';
import { type Kustomization, type PatchField, patchesAt, uriIn } from '../shared/manifest/kustomization.ts';
import { type ParsedFile, parseFile } from '../shared/manifest/parseFile.ts';
import { isMap, itemsAt, type MapValue, textAt, textOf, type Value, valueAt } from '../shared/manifest/value.ts';

export interface WithoutAbsent {
  readonly value: MapValue;
  /** What was left out; empty where the kustomization is as it is written. */
  readonly away: readonly Absent[];
}

/** What there is to build with. */
export interface AtHand {
  readonly hasChart: (name: string) => boolean;
  readonly isWithin: (uri: string) => boolean;
}

/** A kustomization without what is fetched from elsewhere, or lies outside of the workspace. */
export function withoutAbsent({ value, file, folder }: Kustomization, { hasChart, isWithin }: AtHand): WithoutAbsent {
  if (!isMap(value)) return { value: {}, away: [] };
  const away: Absent[] = [];
  const kept: Record<string, Value> = { ...value };
  for (const field of ['resources', 'bases', 'components']) {
    const items = itemsAt(value, field);
    const here = items.filter((item, index) => {
      const text = textOf(item) ?? '';
      const uri = uriIn(folder, text);
      if (text === '' || (uri !== null && isWithin(uri))) return true;
      away.push(absentAt(file, text, [field, index]));
      return false;
    });
    if (here.length < items.length) kept[field] = here;
  }
  const charts = itemsAt(value, 'helmCharts');
  for (const [index, chart] of charts.entries()) {
    const name = textAt(chart, 'name') ?? '';
    if (!hasChart(name)) away.push(absentAt(file, chartOf(name, textAt(chart, 'repo')), ['helmCharts', index]));
  }
  if (valueAt(value, 'helmChartInflationGenerator') !== undefined) {
    away.push(absentAt(file, 'The chart of helmChartInflationGenerator', ['helmChartInflationGenerator']));
    delete kept['helmChartInflationGenerator'];
  }
  delete kept['helmCharts'];
  return { value: kept, away };
}

/** How a chart that isn't there is called. */
export function chartOf(name: string, repository: string | undefined): string {
  return `The chart ${name}${repository === undefined || repository === '' ? '' : ` of ${repository}`}`;
}

export function absentAt(file: ParsedFile, what: string, path: readonly (string | number)[]): Absent {
  const site = siteOfPath(file, path, 'value');
  return { kind: 'away', what, uri: file.uri, line: site === null ? null : site.range.start.line + 1 };
}

/** An object that a patch names and no resource defines, as kustomize says it; null for another complaint. */
export function unmatchedTarget(message: string): string | null {
  const found = /no matches for Id ([A-Za-z]+)\.[^/]*\/([\w.-]*?)\.(?:\[noNs\]|[\w-]+)(?:;|$|\s)/.exec(message);
  return found === null ? null : `${found[1] ?? ''}/${found[2] ?? ''}`;
}

const patchFields: readonly PatchField[] = ['patches', 'patchesStrategicMerge', 'patchesJson6902'];

/** A kustomization without the patches of objects that aren't there, named as `unmatchedTarget` does. */
export function withoutPatchesOf(
  kustomization: Kustomization,
  value: MapValue,
  {
    targets,
    textOfFile,
  }: { readonly targets: ReadonlySet<string>; readonly textOfFile: (uri: string) => string | null },
): MapValue {
  const kept: Record<string, Value> = { ...value };
  for (const field of patchFields) {
    const pointless = new Set(
      patchesAt(kustomization, field).flatMap(({ written, path }) => {
        const text = written.kind === 'inline' ? written.text : textOfFile(written.uri);
        const objects = text === null ? [] : parseFile('patch.yaml', text).documents;
        const isPointless = objects.some(({ content }) => {
          const patch = content.value ?? undefined;
          return targets.has(`${textAt(patch, 'kind') ?? ''}/${textAt(patch, 'metadata', 'name') ?? ''}`);
        });
        return isPointless ? [path[1]] : [];
      }),
    );
    if (pointless.size > 0) kept[field] = itemsAt(value, field).filter((_, index) => !pointless.has(index));
  }
  return kept;
}
