import type { BuiltSet } from '../built/builtSet.ts';
import { placesAt } from '../cluster/fieldPlaces.ts';
import { fieldOf, type Manifest } from '../manifest/manifest.ts';
import { type ParsedFile, siteOfDocument, siteOfField, startOfObject } from '../manifest/parseFile.ts';
import type { Site } from '../manifest/position.ts';
import { type FieldPath, isList, isMap, textAt, textOf, type Value, valueAt } from '../manifest/value.ts';
import type { Hint } from './hints.ts';
import type { Scene } from './scene.ts';

/**
 * What is hinted at in a file that sets are built of: what their objects' values come to, at the line that decides
 * them, and what a set makes of a value that is written there otherwise.
 */

/** A set that is built of the file, and what is looked up in it. */
export interface BuiltHere {
  readonly set: BuiltSet;
  readonly scene: Scene;
  /** What its objects' values come to, where that stands in this file. */
  readonly hints: readonly Hint[];
}

/** One hint a place: of several sets, whose it is. */
export function hintsInSource(file: ParsedFile, built: readonly BuiltHere[]): Hint[] {
  const all = built.flatMap(({ set, hints }) => hints.map((hint) => ({ label: set.plan.label, hint })));
  const byPlace = Map.groupBy(all, ({ hint: { position, shownIn } }) =>
    [shownIn, position.line, position.character].join(' '),
  );
  return [...[...byPlace.values()].flatMap((found) => mergedHint(found, built.length)), ...differences(file, built)];
}

interface OfSet {
  readonly label: string;
  readonly hint: Hint;
}

/** What all sets say is said; else which says what. */
function mergedHint(found: readonly OfSet[], sets: number): Hint[] {
  const [first] = found;
  if (first === undefined) return [];
  const byText = Map.groupBy(found, ({ hint }) => hint.text);
  const isSaidByAll = byText.size === 1 && new Set(found.map(({ label }) => label)).size === sets;
  if (isSaidByAll) return [first.hint];
  const { text, tooltip } = saidByEach([...byText], ({ label }) => label);
  return [{ ...first.hint, text, tooltip: `${tooltip}\n${first.hint.tooltip}` }];
}

/** As many values as a hint names. */
const mostSaid = 3;
/** As long as the names of builds are together before their number stands for them: an editor cuts a hint off. */
const longestNames = 24;

/** Which builds say what: as short as a hint has to be, and all of it. */
function saidByEach<T>(
  byText: readonly (readonly [text: string, those: readonly T[]])[],
  labelOf: (each: T) => string,
): { readonly text: string; readonly tooltip: string } {
  const all = byText.map(([text, those]) => ({ text, names: [...new Set(those.map(labelOf))] }));
  const short = all.map(({ text, names }) => {
    const named = names.join(', ');
    return `${names.length > 1 && named.length > longestNames ? `${names.length} builds` : named}: ${text}`;
  });
  return {
    text: short.length > mostSaid ? `${short.slice(0, mostSaid).join(', ')}, …` : short.join(', '),
    tooltip: all.map(({ text, names }) => `${names.join(', ')}: ${text}`).join('\n'),
  };
}

/** A value that a set has otherwise, and where that is decided. */
interface Difference {
  readonly label: string;
  readonly text: string;
  readonly decidedAt: Site | null;
}

function differences(file: ParsedFile, built: readonly BuiltHere[]): Hint[] {
  const byPlace = new Map<string, { readonly site: Site; readonly all: Difference[] }>();
  const note = (site: Site | null, difference: Difference): void => {
    if (site === null) return;
    const { line, character } = site.range.end;
    const known = byPlace.get(`${line} ${character}`) ?? { site, all: [] };
    byPlace.set(`${line} ${character}`, known);
    known.all.push(difference);
  };
  for (const each of built)
    if (each.set.plan.kind === 'chart') noteValues(file, each, note);
    else noteFields(file, each, note);
  return [...byPlace.values()].map(({ site, all }) => {
    return {
      uri: file.uri,
      position: site.range.end,
      ...saidByEach([...Map.groupBy(all, ({ text }) => text)], ({ label }) => label),
      leadsTo: all[0]?.decidedAt ?? null,
      shownIn: 'quiet',
    };
  });
}

type Note = (site: Site | null, difference: Difference) => void;

/** The fields that steer traffic, and those by which builds usually differ. */
const compared = [
  'metadata.name',
  'metadata.namespace',
  'spec.replicas',
  'spec.minReplicas',
  'spec.maxReplicas',
  'spec.type',
  'spec.externalTrafficPolicy',
  'spec.internalTrafficPolicy',
  'spec.ports.*.port',
  'spec.ports.*.targetPort',
  'spec.ports.*.nodePort',
  'spec.ingressClassName',
  'spec.rules.*.host',
  'spec.tls.*.hosts.*',
  'spec.tls.*.secretName',
  'spec.gatewayClassName',
  'spec.listeners.*.port',
  'spec.listeners.*.hostname',
  'spec.hostnames.*',
  'spec.template.spec.containers.*.image',
  'spec.template.spec.containers.*.ports.*.containerPort',
];

/** What overlays make of the fields of a base's objects. */
function noteFields(file: ParsedFile, { set, scene }: BuiltHere, note: Note): void {
  const asBuilt = set.files.get(file.uri);
  if (asBuilt === undefined) return;
  const starts = new Map(asBuilt.manifests.map((each) => [JSON.stringify(startOfObject(asBuilt, each.key)), each]));
  for (const object of set.file.manifests) {
    const start = scene.startOf(object.key);
    const source = start?.uri === file.uri ? starts.get(JSON.stringify(start.range.start)) : undefined;
    if (source === undefined || source.kind !== object.kind) continue;
    for (const path of compared.flatMap((each) => placesAt(source.value, each))) {
      const text = textOf(builtValue(source, object, path));
      if (text === undefined || text === textAt(source.value, ...path)) continue;
      note(siteOfField(asBuilt, fieldOf(source, ...path)), {
        label: set.plan.label,
        text,
        decidedAt: scene.siteOf(fieldOf(object, ...path)),
      });
    }
  }
}

/** What became of a value: a list's item with a name is the one of the same name. */
function builtValue(source: Manifest, object: Manifest, path: FieldPath): Value | undefined {
  let [before, now]: (Value | undefined)[] = [source.value, object.value];
  for (const step of path) {
    const item = valueAt(before, step);
    const name = typeof step === 'number' ? textAt(item, 'name') : undefined;
    now = name !== undefined && isList(now) ? now.find((each) => textAt(each, 'name') === name) : valueAt(now, step);
    before = item;
  }
  return now;
}

/** What other files of values, or whoever installs a chart, make of a value. */
function noteValues(file: ParsedFile, { set }: BuiltHere, note: Note): void {
  const own = set.valuesFiles.find(({ uri }) => uri === file.uri);
  const asBuilt = set.files.get(file.uri);
  const values = asBuilt?.documents[0]?.content.value;
  if (own === undefined || asBuilt === undefined || values === undefined || values === null) return;
  for (const path of scalarsIn(values)) {
    const text = textAt(set.values, ...own.prefix, ...path);
    if (text === undefined || text === textAt(values, ...path)) continue;
    note(siteOfDocument(asBuilt, path), {
      label: set.plan.label,
      text,
      decidedAt: deciding(set, [...own.prefix, ...path]),
    });
  }
}

/** The last file of values that gives one. */
function deciding({ valuesFiles, files }: BuiltSet, path: FieldPath): Site | null {
  for (const { uri, prefix } of valuesFiles.toReversed()) {
    const file = files.get(uri);
    const own = path.slice(prefix.length);
    if (file === undefined || prefix.some((step, index) => path[index] !== step)) continue;
    if (valueAt(file.documents[0]?.content.value ?? undefined, ...own) !== undefined) return siteOfDocument(file, own);
  }
  return null;
}

/** The paths of single values, but for those in lists, which are replaced as wholes. */
function scalarsIn(value: Value): FieldPath[] {
  if (!isMap(value)) return isList(value) ? [] : [[]];
  return Object.keys(value).flatMap((key) => scalarsIn(value[key] ?? null).map((path) => [key, ...path]));
}
