import picomatch from 'picomatch';
import { folderOf } from './fileNames.ts';
import { type Field, fieldOf, keyFieldOf, type Manifest } from './manifest.ts';
import { itemsAt, keysAt, textAt, textOf, type Value, valueAt } from './value.ts';

/**
 * Which files somebody says to belong together: a `ManifestSets` document (`hoplens.dev/v1alpha1`), usually in
 * `hoplens.yaml`. What it names is one set, whatever the folders look like.
 *
 *     apiVersion: hoplens.dev/v1alpha1
 *     kind: ManifestSets
 *     metadata: { name: shop }
 *     spec:
 *       sets:
 *         - name: production
 *           files: [base/**, overlays/production/*.yaml]   # from this file's folder
 *           profile: production                            # a ClusterProfile, by its name
 *       charts:
 *         - name: shop-prod
 *           path: charts/shop
 *           values: [deploy/prod-values.yaml]
 *           release: shop
 *           namespace: web
 *           set: [image.tag=v2]
 *       rules: { same-path-twice: info, no-weight: off }         # how grave findings are, in this folder
 */
export interface WrittenSet {
  readonly name: string;
  /** From the folder of the document that says it. */
  readonly globs: readonly string[];
  /** The name of a ClusterProfile; null for the one that counts anyway. */
  readonly profile: string | null;
  /** The document that says it. */
  readonly uri: string;
  /** Where the set stands, where each glob does, and the profile. */
  readonly at: Field;
  readonly atGlobs: readonly Field[];
  readonly atProfile: Field;
}

/** A chart as somebody says that it is installed. */
export interface WrittenChart {
  readonly name: string;
  /** The chart's folder, and files of values, as URIs. */
  readonly folder: string;
  readonly values: readonly string[];
  /** The release's name; null for the set's. */
  readonly release: string | null;
  readonly namespace: string | null;
  /** `key=value`, as Helm's `--set`. */
  readonly set: readonly string[];
  /** Where its folder is written, and each file of values. */
  readonly atPath: Field;
  readonly atValues: readonly Field[];
}

/** How grave somebody takes what a rule finds to be, in the files of the document's folder and beneath it. */
export interface WrittenLevel {
  readonly rule: string;
  readonly level: string;
  readonly atRule: Field;
  readonly atLevel: Field;
}

export interface SetProblem {
  readonly message: string;
  readonly at: Field;
}

export function isManifestSets({ kind, apiVersion }: Manifest): boolean {
  return kind === 'ManifestSets' && apiVersion.startsWith('hoplens.dev/');
}

export const setFields = ['name', 'files', 'profile'] as const;
export const chartFields = ['name', 'path', 'values', 'release', 'namespace', 'set'] as const;

export function readManifestSets(manifest: Manifest): {
  readonly sets: readonly WrittenSet[];
  readonly charts: readonly WrittenChart[];
  readonly levels: readonly WrittenLevel[];
  readonly problems: readonly SetProblem[];
} {
  const problems: SetProblem[] = [];
  const problem = (message: string, ...path: (string | number)[]): void => {
    problems.push({ message, at: fieldOf(manifest, 'spec', ...path) });
  };
  const onlyKnown = (value: Value | undefined, known: readonly string[], ...path: (string | number)[]): void => {
    for (const key of keysAt(value).filter((each) => !known.includes(each)))
      problem(`ManifestSets has no field ${key} here; known are ${known.join(', ')}.`, ...path, key);
  };
  onlyKnown(manifest.value, ['apiVersion', 'kind', 'metadata', 'spec']);
  const written = itemsAt(manifest.value, 'spec', 'sets');
  const installed = itemsAt(manifest.value, 'spec', 'charts');
  onlyKnown(valueAt(manifest.value, 'spec'), ['sets', 'charts', 'rules']);
  const levels = keysAt(manifest.value, 'spec', 'rules').map((rule): WrittenLevel => {
    const path = ['spec', 'rules', rule];
    return {
      rule,
      // YAML reads `off` as a boolean.
      level: valueAt(manifest.value, ...path) === false ? 'off' : (textAt(manifest.value, ...path) ?? ''),
      atRule: keyFieldOf(manifest, ...path),
      atLevel: fieldOf(manifest, ...path),
    };
  });
  if (written.length === 0 && installed.length === 0 && levels.length === 0)
    problem('ManifestSets says nothing: spec.sets and spec.charts are lists, spec.rules is a map.', 'sets');
  const names = new Set<string>();
  const sets = written.flatMap((item, index): WrittenSet[] => {
    onlyKnown(item, setFields, 'sets', index);
    const name = textAt(item, 'name') ?? '';
    if (!/^[\w.-]+$/.test(name)) problem('A set has a name, of letters, digits, - and dots.', 'sets', index);
    else if (names.has(name)) problem(`A set before is called ${name}, too.`, 'sets', index, 'name');
    const isNew = /^[\w.-]+$/.test(name) && !names.has(name);
    names.add(name);
    const all = itemsAt(item, 'files').map((each) => textOf(each) ?? '');
    if (all.length === 0) problem('A set has files: a list of globs, from the folder of this document.', 'sets', index);
    for (const [number, glob] of all.entries()) {
      const fault = faultOf(glob);
      if (fault !== null) problem(fault, 'sets', index, 'files', number);
    }
    const numbers = [...all.keys()].filter((number) => faultOf(all[number] ?? '') === null);
    if (!isNew || numbers.length === 0) return [];
    const at = ['spec', 'sets', index];
    return [
      {
        name,
        globs: numbers.map((number) => all[number] ?? ''),
        profile: textAt(item, 'profile') ?? null,
        uri: manifest.uri,
        at: fieldOf(manifest, ...at, 'name'),
        atGlobs: numbers.map((number) => fieldOf(manifest, ...at, 'files', number)),
        atProfile: fieldOf(manifest, ...at, 'profile'),
      },
    ];
  });
  const charts = installed.flatMap((item, index): WrittenChart[] => {
    onlyKnown(item, chartFields, 'charts', index);
    const texts = (field: string): string[] => itemsAt(item, field).flatMap((each) => textOf(each) ?? []);
    const folder = beneath(manifest.uri, textAt(item, 'path') ?? '');
    const name = textAt(item, 'name') ?? '';
    if (folder === null) problem("A chart has a path, from this document's folder.", 'charts', index);
    if (!/^[\w.-]+$/.test(name)) problem('A chart has a name, of letters, digits, - and dots.', 'charts', index);
    if (folder === null || !/^[\w.-]+$/.test(name)) return [];
    const at = ['spec', 'charts', index];
    const values = texts('values');
    return [
      {
        name,
        folder,
        values: values.flatMap((each) => beneath(manifest.uri, each) ?? []),
        release: textAt(item, 'release') ?? null,
        namespace: textAt(item, 'namespace') ?? null,
        set: texts('set'),
        atPath: fieldOf(manifest, ...at, 'path'),
        atValues: values.map((_, number) => fieldOf(manifest, ...at, 'values', number)),
      },
    ];
  });
  return { sets, charts, levels, problems };
}

/** A path beneath the folder of a document; null for one that leads out of it. */
function beneath(uri: string, path: string): string | null {
  const steps = path.split('/').filter((step) => step !== '' && step !== '.');
  return steps.length === 0 || path.startsWith('/') || steps.includes('..')
    ? null
    : [folderOf(uri), ...steps].join('/');
}

/** A person's glob is short. What is made of a hostile one could take for ever to compare. */
const longestGlob = 200;
const mostStars = 8;

function faultOf(glob: string): string | null {
  if (glob === '') return 'A glob is a text such as base/**.';
  if (glob.startsWith('/') || glob.split('/').includes('..'))
    return `${glob} leads out of the folder of this document: a set has files beneath it.`;
  if (glob.length > longestGlob || glob.split(/\*+/).length > mostStars || /[+@!?*]\(/.test(glob))
    return 'A glob takes *, **, ?, [a-z] and {a,b}, few of them.';
  return null;
}

/** Whether a path from the folder of its document is one of a glob's. */
export function matcherOf(glob: string): (path: string) => boolean {
  let known = matchers.get(glob);
  if (known === undefined) {
    if (matchers.size >= 1000) matchers.clear();
    known = picomatch(glob, { windows: false, dot: true, noextglob: true });
    matchers.set(glob, known);
  }
  return known;
}

const matchers = new Map<string, (path: string) => boolean>();
