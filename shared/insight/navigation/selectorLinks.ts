import type { Declared } from '../../cluster/declared.ts';
import { namespaceNameLabel } from '../../cluster/gatewayApi/gatewayApi.ts';
import { type LabelSelector, matchesLabels, readLabelSelector } from '../../cluster/labelSelector.ts';
import { knownNamespaces } from '../../cluster/namespaces.ts';
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
import { type Link, type Mark, markAt } from './links.ts';
import { partsNamed } from './nameLinks.ts';
import {
  type PickedLabels,
  type PickedPort,
  type Within,
  type WrittenReference,
  writtenReferences,
} from './referencePlaces.ts';

/** Links by label, from selectors to what they pick, and to the ports of that. */
export function selectorLinks(manifest: Manifest, written: readonly WrittenReference[]): Link[] {
  return written.flatMap(({ at, to }): Link[] => {
    switch (to.is) {
      case 'labels':
        return labelLinks(manifest, to, at);
      case 'port': {
        const from = markAt(manifest, at);
        if (from === null) return [];
        return [{ by: 'name', from, to: ({ declared }) => portsMeant(declared, { manifest, at, from }, to.of) }];
      }
      default:
        return [];
    }
  });
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

/** From each label of a selector to the same label of what it picks. */
function labelLinks(manifest: Manifest, to: PickedLabels, at: FieldPath): Link[] {
  const labelsAt = to.written === 'map' ? at : [...at, 'matchLabels'];
  const expressions = to.written === 'map' ? [] : itemsAt(manifest.value, ...at, 'matchExpressions');
  const link = (path: FieldPath, key: string, value: string | null): Link[] => {
    const from = markAt(manifest, path);
    if (from === null) return [];
    const isMeant = ({ labels }: Labelled): boolean => value === null || labels.get(key) === value;
    return [
      {
        by: 'label',
        from,
        to: ({ declared }) => pickedAt(declared, manifest, to, at).filter(isMeant).flatMap(labelOf(key)),
      },
    ];
  };
  return [
    ...[...(textsAt(manifest.value, ...labelsAt)?.keys() ?? [])].flatMap((key) => link([...labelsAt, key], key, null)),
    ...expressions.flatMap((expression, index) => {
      const path = [...at, 'matchExpressions', index];
      const key = textAt(expression, 'key') ?? '';
      return [
        ...link([...path, 'key'], key, null),
        ...itemsAt(expression, 'values').flatMap((each, number) =>
          link([...path, 'values', number], key, textOf(each) ?? ''),
        ),
      ];
    }),
  ];
}

/** The label of a key, where something has it. */
function labelOf(key: string): (each: Labelled) => Field[] {
  return ({ manifest, labelsAt }) => {
    if (textAt(manifest.value, ...labelsAt, key) !== undefined) return [fieldOf(manifest, ...labelsAt, key)];
    return key === namespaceNameLabel ? [fieldOf(manifest, 'metadata', 'name')] : [];
  };
}

function templatesPicked(
  { templates }: Declared,
  selector: LabelSelector,
  namespaces: readonly string[],
): PodTemplate[] {
  return templates.filter(({ namespace, labels }) => namespaces.includes(namespace) && matchesLabels(selector, labels));
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

/** A port's name or number where it is asked for. */
interface AskedPort {
  readonly manifest: Manifest;
  readonly at: FieldPath;
  readonly from: Mark;
}

/** The ports of that name or number that can be meant. */
function portsMeant(declared: Declared, { manifest, at, from: { text } }: AskedPort, of: PickedPort['of']): Field[] {
  switch (of) {
    case 'own container':
      return portsOfContainer(manifest, containerAround(manifest, at), text);
    case 'picked Services': {
      const selector = readLabelSelector(valueAt(manifest.value, 'spec', 'selector'));
      return servicesPicked(declared, manifest, selector).flatMap((each) => partsNamed(each, text));
    }
    case 'picked pods':
    case 'peers': {
      const templates = podsMeant(declared, manifest, of === 'peers' ? at.slice(0, 3) : []);
      return templates.flatMap((each) => containerPortsNamed(each.manifest, text));
    }
    default:
      return of satisfies never;
  }
}

/** The workloads that an object's selectors pick: all of those that stand beneath a place, or its own first. */
function podsMeant(declared: Declared, manifest: Manifest, above: FieldPath): PodTemplate[] {
  const found = writtenReferences(manifest).flatMap(({ at, to }) => {
    if (to.is !== 'labels' || to.of !== 'pods' || (to.within === 'peer') !== above.length > 0) return [];
    const selector = selectorAt(manifest, to, at);
    const isOne =
      above.every((step, index) => at[index] === step) && !(to.written === 'map' && selector.labels.size === 0);
    return isOne ? templatesFor(declared, manifest, { selector, within: to.within, at }) : [];
  });
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
