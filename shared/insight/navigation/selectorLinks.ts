import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { type Declared, indexOfDeclared } from '../../cluster/declared.ts';
import { placesAtSteps } from '../../cluster/fieldPlaces.ts';
import { type LabelSelector, matchesLabels, readLabelSelector } from '../../cluster/labelSelector.ts';
import { knownNamespaces } from '../../cluster/namespaces.ts';
import { labelKeysOf, pickedBy } from '../../cluster/podSelection.ts';
import { type PodTemplate, readPodTemplate } from '../../cluster/pod.ts';
import { type Field, fieldOf, type Manifest, namespaceOf } from '../../manifest/manifest.ts';
import {
  booleanAt,
  type FieldPath,
  itemsAt,
  textAt,
  textOf,
  textsAt,
  type Value,
  valueAt,
} from '../../manifest/value.ts';
import { type Link, markAt } from './links.ts';
import { partsNamed } from './nameLinks.ts';
import { type PickedLabels, type PickedPort, referencePlacesOf, type Within } from './referencePlaces.ts';

/** Links by label, from selectors to what they pick, and to the ports of that. */
export function* selectorLinks({ declared }: ClusterModel, manifest: Manifest): Generator<Link> {
  for (const { path, to } of referencePlacesOf(manifest)) {
    if (to.is !== 'labels' && to.is !== 'port') continue;
    for (const at of placesAtSteps(manifest.value, path)) {
      if (to.is === 'labels') {
        yield* labelLinks(manifest, labelsAt(to, at), pickedAt(declared, manifest, to, at));
        continue;
      }
      const from = markAt(manifest, at);
      if (from !== null) yield { by: 'name', from, to: portsMeant(declared, manifest, to.of, at)(from.text) };
    }
  }
}

/** Something that has labels, and where they are written. */
interface Labelled {
  readonly manifest: Manifest;
  readonly labels: ReadonlyMap<string, string>;
  readonly labelsAt: FieldPath;
}

function ofTemplate({ manifest, labels, specPath }: PodTemplate): Labelled {
  return { manifest, labels, labelsAt: [...specPath.slice(0, -1), 'metadata', 'labels'] };
}

function ofObject(manifest: Manifest): Labelled {
  return { manifest, labels: manifest.labels, labelsAt: ['metadata', 'labels'] };
}

/** Where a selector has its labels and its expressions. */
interface SelectorPlaces {
  readonly labels: FieldPath;
  readonly expressions: FieldPath | null;
}

function labelsAt({ written }: PickedLabels, at: FieldPath): SelectorPlaces {
  return written === 'map'
    ? { labels: at, expressions: null }
    : { labels: [...at, 'matchLabels'], expressions: [...at, 'matchExpressions'] };
}

/** From each label of a selector to the same label of what it picks. */
function* labelLinks(manifest: Manifest, at: SelectorPlaces, picked: readonly Labelled[]): Generator<Link> {
  for (const key of textsAt(manifest.value, ...at.labels)?.keys() ?? [])
    yield* labelLink(manifest, [...at.labels, key], { key, picked });
  if (at.expressions === null) return;
  for (const [index, expression] of itemsAt(manifest.value, ...at.expressions).entries()) {
    const path = [...at.expressions, index];
    const key = textAt(expression, 'key') ?? '';
    yield* labelLink(manifest, [...path, 'key'], { key, picked });
    for (const [number, each] of itemsAt(expression, 'values').entries()) {
      const having = picked.filter(({ labels }) => labels.get(key) === textOf(each));
      yield* labelLink(manifest, [...path, 'values', number], { key, picked: having });
    }
  }
}

function* labelLink(
  manifest: Manifest,
  at: FieldPath,
  { key, picked }: { readonly key: string; readonly picked: readonly Labelled[] },
): Generator<Link> {
  const from = markAt(manifest, at);
  if (from === null) return;
  const to = picked.flatMap((each): Field[] => {
    if (textAt(each.manifest.value, ...each.labelsAt, key) !== undefined)
      return [fieldOf(each.manifest, ...each.labelsAt, key)];
    // The API server gives it to each Namespace.
    return key === 'kubernetes.io/metadata.name' ? [fieldOf(each.manifest, 'metadata', 'name')] : [];
  });
  yield { by: 'label', from, to };
}

const templatesByLabel = indexOfDeclared(({ templates }) => templates, labelKeysOf);
const templatesByNamespace = indexOfDeclared(
  ({ templates }) => templates,
  ({ namespace }: PodTemplate) => [namespace],
);

function templatesPicked(
  declared: Declared,
  { labels, expressions }: LabelSelector,
  namespaces: readonly string[],
): PodTemplate[] {
  return namespaces
    .flatMap((namespace) =>
      labels.size === 0
        ? templatesByNamespace(declared).get(namespace)
        : pickedBy({ selector: labels, namespace }, templatesByLabel(declared)),
    )
    .filter((each) => matchesLabels({ labels, expressions }, each.labels));
}

function selectorAt({ value }: Manifest, { written }: PickedLabels, at: FieldPath): LabelSelector {
  const found = valueAt(value, ...at);
  return written === 'selector' ? readLabelSelector(found) : { labels: textsAt(found) ?? new Map(), expressions: [] };
}

/** What a selector picks; nothing for an empty map, which selects nothing. */
function pickedAt(declared: Declared, manifest: Manifest, to: PickedLabels, at: FieldPath): Labelled[] {
  const selector = selectorAt(manifest, to, at);
  if (to.written === 'map' && selector.labels.size === 0) return [];
  switch (to.of) {
    case 'pods':
      return templatesFor(declared, manifest, { selector, within: to.within, at }).map(ofTemplate);
    case 'Namespace': {
      const names = new Set(namespacesMatching(declared, selector));
      return declared
        .ofKind('Namespace')
        .filter(({ name }) => names.has(name))
        .map(ofObject);
    }
    case 'Service':
      return servicesPicked(declared, manifest, selector).map(ofObject);
    default:
      return to.of satisfies never;
  }
}

interface PodsLookedFor {
  readonly selector: LabelSelector;
  readonly within: Within;
  readonly at: FieldPath;
}

function templatesFor(declared: Declared, manifest: Manifest, { selector, within, at }: PodsLookedFor): PodTemplate[] {
  const everywhere = (): string[] => [...new Set(declared.templates.map(({ namespace }) => namespace))];
  switch (within) {
    case 'own template':
      return [readPodTemplate(manifest) ?? []].flat();
    case 'own namespace':
      return templatesPicked(declared, selector, [namespaceOf(manifest)]);
    case 'everywhere':
      return templatesPicked(declared, selector, everywhere());
    case 'matched namespaces':
      return templatesPicked(declared, selector, monitoredNamespaces(manifest) ?? everywhere());
    case 'peer': {
      const namespaces = valueAt(manifest.value, ...at.slice(0, -1), 'namespaceSelector');
      const isOwn = namespaces === undefined || namespaces === null;
      const meant = isOwn ? [namespaceOf(manifest)] : namespacesMatching(declared, readLabelSelector(namespaces));
      return templatesPicked(declared, selector, meant);
    }
    default:
      return within satisfies never;
  }
}

function namespacesMatching(declared: Declared, selector: LabelSelector): string[] {
  return [...knownNamespaces(declared)].flatMap(([name, labels]) => (matchesLabels(selector, labels) ? [name] : []));
}

/** The namespaces that a monitor looks into; null for all of them. */
function monitoredNamespaces(manifest: Manifest): readonly string[] | null {
  const where = valueAt(manifest.value, 'spec', 'namespaceSelector');
  if (booleanAt(where, 'any') === true) return null;
  const named = itemsAt(where, 'matchNames').flatMap((each) => textOf(each) ?? []);
  return named.length > 0 ? named : [namespaceOf(manifest)];
}

function servicesPicked(declared: Declared, manifest: Manifest, selector: LabelSelector): Manifest[] {
  const namespaces = monitoredNamespaces(manifest);
  return declared
    .ofKind('Service')
    .filter((each) => namespaces === null || namespaces.includes(namespaceOf(each)))
    .filter((each) => matchesLabels(selector, each.labels));
}

/** The ports of a name or a number that a place can mean. */
function portsMeant(
  declared: Declared,
  manifest: Manifest,
  of: PickedPort['of'],
  at: FieldPath,
): (text: string) => Field[] {
  switch (of) {
    case 'own container':
      return (text) => portsOfContainer(manifest, containerAround(manifest, at), text);
    case 'picked Services': {
      const selector = readLabelSelector(valueAt(manifest.value, 'spec', 'selector'));
      const services = servicesPicked(declared, manifest, selector);
      return (text) => services.flatMap((each) => partsNamed(each, text));
    }
    case 'picked pods':
    case 'peers': {
      const templates = podsMeant(declared, manifest, of === 'peers' ? at.slice(0, 3) : []);
      return (text) => templates.flatMap((each) => containerPortsNamed(each.manifest, text));
    }
    default:
      return of satisfies never;
  }
}

/** The workloads that an object's selectors pick: all of those that stand beneath a place, or its own first. */
function podsMeant(declared: Declared, manifest: Manifest, above: FieldPath): PodTemplate[] {
  const found: PodTemplate[] = [];
  for (const { path, to } of referencePlacesOf(manifest)) {
    if (to.is !== 'labels' || to.of !== 'pods' || (to.within === 'peer') !== above.length > 0) continue;
    for (const at of placesAtSteps(manifest.value, path)) {
      if (!above.every((step, index) => at[index] === step)) continue;
      const selector = selectorAt(manifest, to, at);
      if (to.written === 'map' && selector.labels.size === 0) continue;
      found.push(...templatesFor(declared, manifest, { selector, within: to.within, at }));
    }
  }
  return [...new Set(found)];
}

interface WrittenContainer {
  readonly container: Value | undefined;
  readonly at: FieldPath;
}

/** The container in whose probe or hook a field stands. */
function containerAround(manifest: Manifest, path: FieldPath): WrittenContainer {
  const list = path.findLastIndex((step) => step === 'containers' || step === 'initContainers');
  const at = path.slice(0, list + 2);
  return { container: valueAt(manifest.value, ...at), at };
}

/** The ports of a workload's pods that have a name or a number. */
export function containerPortsNamed(manifest: Manifest, text: string): Field[] {
  const template = readPodTemplate(manifest);
  if (template === null) return [];
  const { spec, specPath } = template;
  return ['containers', 'initContainers'].flatMap((list) =>
    itemsAt(spec, list).flatMap((container, index) =>
      portsOfContainer(manifest, { container, at: [...specPath, list, index] }, text),
    ),
  );
}

function portsOfContainer(manifest: Manifest, { container, at }: WrittenContainer, text: string): Field[] {
  return itemsAt(container, 'ports').flatMap((port, index) =>
    ['name', 'containerPort'].flatMap((field) =>
      textAt(port, field) === text ? [fieldOf(manifest, ...at, 'ports', index, field)] : [],
    ),
  );
}
