import { folderOf } from '../manifest/fileNames.ts';
import { uriIn } from '../manifest/kustomization.ts';
import { groupOf, type Manifest, type ObjectKey } from '../manifest/manifest.ts';
import { isManifestSets, readManifestSets } from '../manifest/writtenSets.ts';
import {
  type FieldPath,
  isList,
  isMap,
  itemsAt,
  keysAt,
  type MapValue,
  textAt,
  textOf,
  textsAt,
  type Value,
  valueAt,
} from '../manifest/value.ts';

/**
 * Objects that have a folder of this very repository built and applied: Flux's Kustomizations and HelmReleases,
 * Argo CD's Applications, and ApplicationSets with lists; our own ManifestSets. What they add to it is laid over what
 * the folder says.
 *
 * Sources: fluxcd/pkg kustomize/kustomize_generator.go, fluxcd/kustomize-controller api/v1/kustomization_types.go,
 * fluxcd/helm-controller api/v2/helmrelease_types.go, argoproj/argo-cd pkg/apis/application/v1alpha1/types.go (v3.2).
 */
export interface Deployment {
  readonly by: Manifest;
  /** Tells apart what one object deploys several times. */
  readonly name: string;
  /** The folder, as it would be found: the first that there is counts. */
  readonly folders: readonly string[];
  readonly overlay: Overlay;
  readonly chart: DeployedChart | null;
  /** Where objects land that say no namespace; null where nothing says it. */
  readonly namespace: string | null;
  /** What it does besides, and isn't done here. */
  readonly unapplied: readonly string[];
}

/** What is laid over a kustomization. */
export interface Overlay {
  /** As the fields of a kustomization. */
  readonly value: MapValue;
  /** For each of these, where the object has it. */
  readonly fields: Readonly<Record<string, FieldPath>>;
  readonly object: ObjectKey;
  readonly substitution: Substitution | null;
}

/** Flux puts texts in the place of `${name}` after building. */
export interface Substitution {
  readonly texts: Readonly<Record<string, string>>;
  /** Whether there are more, in ConfigMaps or Secrets that only the cluster has. */
  readonly hasMore: boolean;
}

export interface DeployedChart {
  readonly release: string;
  readonly namespace: string;
  /** Paths from the chart's folder, or URIs. */
  readonly valuesFiles: readonly string[];
  readonly values: readonly DeployedValues[];
  readonly set: readonly string[];
}

/** Values that stand in the object: as YAML, or as a text of YAML. */
export interface DeployedValues {
  readonly text: string;
  readonly object: ObjectKey;
  readonly path: FieldPath;
  readonly isText: boolean;
}

export function isDeployer(manifest: Manifest): boolean {
  const group = groupOf(manifest);
  const { kind } = manifest;
  return (
    (group === 'kustomize.toolkit.fluxcd.io' && kind === 'Kustomization') ||
    (group === 'helm.toolkit.fluxcd.io' && kind === 'HelmRelease') ||
    isManifestSets(manifest) ||
    (group === 'argoproj.io' && (kind === 'Application' || kind === 'ApplicationSet'))
  );
}

/** What an object deploys of the repository that it stands in; empty for what comes from elsewhere. */
export function deploymentsOf(manifest: Manifest): Deployment[] {
  switch (manifest.kind) {
    case 'Kustomization':
      return fluxKustomization(manifest);
    case 'HelmRelease':
      return helmRelease(manifest);
    case 'Application':
      return application(manifest, valueAt(manifest.value, 'spec'), ['spec'], manifest.name);
    case 'ApplicationSet':
      return applicationSet(manifest);
    case 'ManifestSets':
      return writtenCharts(manifest);
    default:
      return [];
  }
}

function fluxKustomization(manifest: Manifest): Deployment[] {
  const spec = valueAt(manifest.value, 'spec');
  const path = textAt(spec, 'path') ?? '.';
  const substitutes = textsAt(spec, 'postBuild', 'substitute');
  const hasMore = itemsAt(spec, 'postBuild', 'substituteFrom').length > 0;
  const named: Readonly<Record<string, string>> = {
    targetNamespace: 'namespace',
    namePrefix: 'namePrefix',
    nameSuffix: 'nameSuffix',
    patches: 'patches',
    images: 'images',
    components: 'components',
    commonMetadata: '',
  };
  return [
    {
      by: manifest,
      name: manifest.name,
      folders: foldersFor(manifest, path, textAt(spec, 'sourceRef', 'name') ?? null),
      overlay: {
        ...overlayOf(manifest, spec, ['spec'], named),
        substitution:
          substitutes === undefined && !hasMore
            ? null
            : { texts: Object.fromEntries(substitutes ?? new Map<string, string>()), hasMore },
      },
      namespace: null,
      unapplied: [],
      chart: null,
    },
  ];
}

function helmRelease(manifest: Manifest): Deployment[] {
  const spec = valueAt(manifest.value, 'spec');
  const chart = textAt(spec, 'chart', 'spec', 'chart');
  // Of a HelmRepository it is a name; of what is a folder it is a path.
  if (chart === undefined || textAt(spec, 'chart', 'spec', 'sourceRef', 'kind') === 'HelmRepository') return [];
  const values = valueAt(spec, 'values');
  const target = textAt(spec, 'targetNamespace') ?? manifest.namespace;
  return [
    {
      by: manifest,
      name: manifest.name,
      folders: foldersFor(manifest, chart, textAt(spec, 'chart', 'spec', 'sourceRef', 'name') ?? null),
      overlay: { value: {}, fields: {}, object: manifest.key, substitution: null },
      namespace: target ?? null,
      unapplied: itemsAt(spec, 'postRenderers').length === 0 ? [] : [`What postRenderers of ${manifest.name} change`],
      chart: {
        release:
          textAt(spec, 'releaseName') ??
          (textAt(spec, 'targetNamespace') === undefined ? manifest.name : `${target ?? ''}-${manifest.name}`),
        namespace: target ?? 'default',
        valuesFiles: itemsAt(spec, 'chart', 'spec', 'valuesFiles').flatMap((each) => textOf(each) ?? []),
        values: isMap(values) ? [valuesIn(manifest, values, ['spec', 'values'])] : [],
        set: [],
      },
    },
  ];
}

function writtenCharts(manifest: Manifest): Deployment[] {
  return readManifestSets(manifest).charts.map(({ name, folder, values, release, namespace, set }) => ({
    by: manifest,
    name,
    folders: [folder],
    overlay: { value: {}, fields: {}, object: manifest.key, substitution: null },
    namespace,
    unapplied: [],
    chart: {
      release: release ?? name,
      namespace: namespace ?? 'default',
      valuesFiles: values,
      values: [],
      set,
    },
  }));
}

function valuesIn({ key }: Manifest, values: MapValue | string, path: FieldPath): DeployedValues {
  const isText = typeof values === 'string';
  return { text: isText ? values : JSON.stringify(values), object: key, path, isText };
}

function application(manifest: Manifest, spec: Value | undefined, at: FieldPath, name: string): Deployment[] {
  const sources = [
    ...(valueAt(spec, 'source') === undefined ? [] : [{ source: valueAt(spec, 'source'), path: [...at, 'source'] }]),
    ...itemsAt(spec, 'sources').map((source, index) => ({ source, path: [...at, 'sources', index] })),
  ];
  const namespace = textAt(spec, 'destination', 'namespace') ?? 'default';
  return sources.flatMap(({ source, path }): Deployment[] => {
    const folder = textAt(source, 'path');
    if (folder === undefined || textAt(source, 'chart') !== undefined) return [];
    const named = Object.fromEntries(
      ['namespace', 'namePrefix', 'nameSuffix', 'commonLabels', 'commonAnnotations', 'patches', 'components'].map(
        (field) => [field, field],
      ),
    );
    const helm = valueAt(source, 'helm');
    const [values, object] = [textAt(helm, 'values'), valueAt(helm, 'valuesObject')];
    return [
      {
        by: manifest,
        name,
        folders: foldersFor(manifest, folder, null),
        overlay: {
          ...overlayOf(manifest, valueAt(source, 'kustomize'), [...path, 'kustomize'], named),
          substitution: null,
        },
        namespace: textAt(spec, 'destination', 'namespace') ?? null,
        unapplied: [],
        chart: {
          release: textAt(helm, 'releaseName') ?? name,
          namespace,
          valuesFiles: itemsAt(helm, 'valueFiles').flatMap((each) => textOf(each) ?? []),
          values: [
            ...(values === undefined ? [] : [valuesIn(manifest, values, [...path, 'helm', 'values'])]),
            ...(isMap(object) ? [valuesIn(manifest, object, [...path, 'helm', 'valuesObject'])] : []),
          ],
          set: itemsAt(helm, 'parameters').map(
            (each) => `${textAt(each, 'name') ?? ''}=${textAt(each, 'value')?.replaceAll(',', '\\,') ?? ''}`,
          ),
        },
      },
    ];
  });
}

/** An ApplicationSet with a list: one Application for each element, its texts put in. */
function applicationSet(manifest: Manifest): Deployment[] {
  const spec = valueAt(manifest.value, 'spec');
  const template = valueAt(spec, 'template');
  const elements = itemsAt(spec, 'generators').flatMap((each) => itemsAt(each, 'list', 'elements'));
  if (template === undefined) return [];
  return elements.flatMap((element) => {
    const filled = filledIn(template, element);
    const name = textAt(filled, 'metadata', 'name') ?? manifest.name;
    return application(manifest, valueAt(filled, 'spec'), ['spec', 'template', 'spec'], name);
  });
}

/** `{{name}}`, and `{{ .name }}` of Go templates. */
function filledIn(value: Value, element: Value): Value {
  if (typeof value === 'string')
    return value.replace(
      /\{\{-?\s*\.?([\w.-]+)\s*-?\}\}/g,
      (whole, name: string) => textAt(element, ...name.split('.')) ?? whole,
    );
  if (isList(value)) return value.map((each) => filledIn(each, element));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filledIn(each, element)]));
}

function overlayOf(
  { key }: Manifest,
  given: Value | undefined,
  at: FieldPath,
  named: Readonly<Record<string, string>>,
): Omit<Overlay, 'substitution'> {
  const value: Record<string, Value> = {};
  const fields: Record<string, FieldPath> = {};
  for (const field of keysAt(given)) {
    const name = named[field];
    const written = valueAt(given, field);
    if (name === undefined || name === '' || written === undefined) continue;
    value[name] = written;
    fields[name] = [...at, field];
  }
  return { value, fields, object: key };
}

/**
 * Where a path of a repository can be: from the repository's root, which is one of the folders around the file; Flux's
 * artifacts are called as the folder that they are made of.
 */
function foldersFor({ uri }: Manifest, path: string, artifact: string | null): string[] {
  if (path.includes('://') || path.includes('{{')) return [];
  const steps = path.split('/').filter((step) => step !== '' && step !== '.');
  if (steps.includes('..')) return [];
  const around: string[] = [];
  for (let folder = folderOf(uri); folder !== '' && !folder.endsWith('/'); folder = folderOf(folder))
    around.unshift(folder);
  return around.flatMap((root) => {
    const inside = [root, ...steps].join('/');
    return artifact === null ? [inside] : [inside, [root, artifact, ...steps].join('/')];
  });
}

/** A field that names a folder or a file of the repository, and where that can lie: the first that there is counts. */
export interface RepositoryPath {
  readonly path: FieldPath;
  readonly candidates: readonly string[];
}

/** The folders and values files that an object names which has them applied. */
export function repositoryPathsIn(manifest: Manifest): RepositoryPath[] {
  if (!isDeployer(manifest)) return [];
  switch (manifest.kind) {
    case 'Kustomization':
      return named(manifest, ['spec', 'path'], (text) => foldersFor(manifest, text, artifactOf(manifest, ['spec'])));
    case 'HelmRelease': {
      const at = ['spec', 'chart', 'spec'];
      const around = (text: string): string[] => foldersFor(manifest, text, artifactOf(manifest, at));
      const charts = around(textAt(manifest.value, ...at, 'chart') ?? '');
      return [
        ...named(manifest, [...at, 'chart'], around),
        // From the artifact's top; beside the chart, as older releases had it.
        ...namedEach(manifest, [...at, 'valuesFiles'], (text) => [...around(text), ...beneath(charts, text)]),
      ];
    }
    case 'Application':
      return pathsOfApplication(manifest, ['spec']);
    case 'ApplicationSet':
      return pathsOfApplication(manifest, ['spec', 'template', 'spec']);
    case 'ManifestSets': {
      const beside = (text: string): string[] => beneath([folderOf(manifest.uri)], text);
      return itemsAt(manifest.value, 'spec', 'charts').flatMap((_, index) => [
        ...named(manifest, ['spec', 'charts', index, 'path'], beside),
        ...namedEach(manifest, ['spec', 'charts', index, 'values'], beside),
      ]);
    }
    default:
      return [];
  }
}

function pathsOfApplication(manifest: Manifest, at: FieldPath): RepositoryPath[] {
  const sources = [
    [...at, 'source'],
    ...itemsAt(manifest.value, ...at, 'sources').map((_, index) => [...at, 'sources', index]),
  ];
  return sources.flatMap((source) => {
    const around = (text: string): string[] => foldersFor(manifest, text, null);
    const folders = around(textAt(manifest.value, ...source, 'path') ?? '');
    return [
      ...named(manifest, [...source, 'path'], around),
      // `$name/` is the top of another source's repository.
      ...namedEach(manifest, [...source, 'helm', 'valueFiles'], (text) =>
        text.startsWith('$') ? around(text.replace(/^\$[^/]*\//, '')) : beneath(folders, text),
      ),
    ];
  });
}

function artifactOf({ value }: Manifest, at: FieldPath): string | null {
  return textAt(value, ...at, 'sourceRef', 'name') ?? null;
}

function named(manifest: Manifest, path: FieldPath, where: (text: string) => readonly string[]): RepositoryPath[] {
  const text = textAt(manifest.value, ...path) ?? '';
  return text === '' ? [] : [{ path, candidates: where(text) }];
}

function namedEach(manifest: Manifest, path: FieldPath, where: (text: string) => readonly string[]): RepositoryPath[] {
  return itemsAt(manifest.value, ...path).flatMap((_, index) => named(manifest, [...path, index], where));
}

function beneath(folders: readonly string[], path: string): string[] {
  return folders.flatMap((folder) => uriIn(folder, path) ?? []);
}
