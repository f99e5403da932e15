import { type Declared, indexOfDeclared } from '../../cluster/declared.ts';
import { namespaceNameLabel } from '../../cluster/gatewayApi/gatewayApi.ts';
import { type LabelSelector, matchesLabels, readLabelSelector } from '../../cluster/labelSelector.ts';
import { knownNamespaces } from '../../cluster/namespaces.ts';
import { type PodTemplate, readPodTemplate } from '../../cluster/pod.ts';
import { labelKeysOf, pickedBy as podsPickedBy } from '../../cluster/podSelection.ts';
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
import {
  containerPortsOf,
  fieldsNamed,
  type NamedPart,
  partsOf,
  portsOfContainer,
  type WrittenContainer,
} from './parts.ts';
import { type PickedLabels, type PickedPort, type Within, writtenReferences } from './referencePlaces.ts';

/** Links by label, from selectors to what they pick, and to the ports of that. */
export function selectorLinks(manifest: Manifest): Link[] {
  return writtenReferences(manifest).flatMap(({ at, to }): Link[] => {
    switch (to.is) {
      case 'labels':
        return labelLinks(manifest, to, at);
      case 'port': {
        const from = markAt(manifest, at);
        if (from === null) return [];
        return [
          {
            by: 'name',
            from,
            to: ({ declared }) => fieldsNamed(portsToChoose(declared, { manifest, at, to }), from.text),
            asks: null,
          },
        ];
      }
      default:
        return [];
    }
  });
}

/** Something that has labels, and where they are written. */
export interface Labelled {
  readonly manifest: Manifest;
  readonly labels: ReadonlyMap<string, string>;
  readonly labelsAt: FieldPath;
}

function ofTemplate(template: PodTemplate): Labelled {
  return { manifest: template.manifest, labels: template.labels, labelsAt: labelsOfTemplate(template) };
}

/** Where a workload writes the labels of its pods. */
export function labelsOfTemplate({ specPath }: PodTemplate): FieldPath {
  return [...specPath.slice(0, -1), 'metadata', 'labels'];
}

function ofObject(manifest: Manifest): Labelled {
  return { manifest, labels: manifest.labels, labelsAt: ['metadata', 'labels'] };
}

/** From each label of a selector to the same label of what it picks. */
function labelLinks(manifest: Manifest, to: PickedLabels, at: FieldPath): Link[] {
  const labelsAt = to.written === 'map' ? at : [...at, 'matchLabels'];
  const expressions = to.written === 'map' ? [] : itemsAt(manifest.value, ...at, 'matchExpressions');
  const selecting = [whereLooked({ manifest, at, to }), to.of, to.written, valueAt(manifest.value, ...at) ?? null];
  const link = (path: FieldPath, key: string, value: string | null): Link[] => {
    const from = markAt(manifest, path);
    if (from === null) return [];
    const isMeant = ({ labels }: Labelled): boolean => value === null || labels.get(key) === value;
    return [
      {
        by: 'label',
        from,
        to: ({ declared }) => picked(declared, { manifest, at, to }).filter(isMeant).flatMap(labelOf(key)),
        asks: JSON.stringify([selecting, key, value]),
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

/** Where a selector looks: two that say the same of it, and the same otherwise, pick the same. */
function whereLooked({ manifest, at, to: { within } }: WrittenSelector): readonly (Value | null)[] {
  switch (within) {
    case 'own template':
      return [within, manifest.key];
    case 'own namespace':
      return [within, namespaceOf(manifest)];
    case 'everywhere':
      return [within];
    case 'peer':
      return [within, namespaceOf(manifest), valueAt(manifest.value, ...at.slice(0, -1), 'namespaceSelector') ?? null];
    case 'matched namespaces':
      return [within, namespaceOf(manifest), valueAt(manifest.value, 'spec', 'namespaceSelector') ?? null];
    default:
      return within satisfies never;
  }
}

/** The label of a key, where something has it. */
function labelOf(key: string): (each: Labelled) => Field[] {
  return ({ manifest, labelsAt }) => {
    if (textAt(manifest.value, ...labelsAt, key) !== undefined) return [fieldOf(manifest, ...labelsAt, key)];
    return key === namespaceNameLabel ? [fieldOf(manifest, 'metadata', 'name')] : [];
  };
}

const templatesByLabel = indexOfDeclared(({ templates }) => templates, labelKeysOf);

function templatesPicked(
  declared: Declared,
  selector: LabelSelector,
  namespaces: readonly string[],
): readonly PodTemplate[] {
  const { labels } = selector;
  const candidates =
    labels.size === 0
      ? declared.templates.filter(({ namespace }) => namespaces.includes(namespace))
      : namespaces.flatMap((namespace) => podsPickedBy({ selector: labels, namespace }, templatesByLabel(declared)));
  return candidates.filter((each) => matchesLabels(selector, each.labels));
}

/** A selector of an object. */
export interface WrittenSelector {
  readonly manifest: Manifest;
  readonly at: FieldPath;
  readonly to: PickedLabels;
}

/** What it asks for. */
export function selectorOf({ manifest: { value }, at, to: { written } }: WrittenSelector): LabelSelector {
  const found = valueAt(value, ...at);
  return written === 'selector' ? readLabelSelector(found) : { labels: textsAt(found) ?? new Map(), expressions: [] };
}

/** What a selector picks; nothing for an empty map, which selects nothing. */
export function picked(declared: Declared, written: WrittenSelector): Labelled[] {
  const selector = selectorOf(written);
  return written.to.written === 'map' && selector.labels.size === 0 ? [] : pickedBy(declared, written, selector);
}

/** What another selector would pick in its place. */
export function pickedBy(
  declared: Declared,
  { manifest, at, to }: WrittenSelector,
  selector: LabelSelector,
): Labelled[] {
  switch (to.of) {
    case 'pods':
      return templatesFor(declared, manifest, { selector, within: to.within, at }).map(ofTemplate);
    case 'Namespace': {
      const known = knownNamespaces(declared);
      return declared.ofKind('Namespace').flatMap((each) => {
        const labels = known.get(each.name) ?? each.labels;
        return matchesLabels(selector, labels) ? [{ ...ofObject(each), labels }] : [];
      });
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

function templatesFor(
  declared: Declared,
  manifest: Manifest,
  { selector, within, at }: PodsLookedFor,
): readonly PodTemplate[] {
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

/** A field that chooses a port. */
export interface ChosenPort {
  readonly manifest: Manifest;
  readonly at: FieldPath;
  readonly to: PickedPort;
}

/** The ports among which it chooses. */
export function portsToChoose(declared: Declared, { manifest, at, to: { of } }: ChosenPort): NamedPart[] {
  switch (of) {
    case 'own container':
      return portsOfContainer(manifest, containerAround(manifest, at));
    case 'picked Services': {
      const selector = readLabelSelector(valueAt(manifest.value, 'spec', 'selector'));
      return servicesPicked(declared, manifest, selector).flatMap(partsOf);
    }
    case 'picked pods':
    case 'subject':
    case 'peers': {
      const above = { 'picked pods': [], subject: ['spec', 'subject'], peers: at.slice(0, 3) }[of];
      const templates = podsMeant(declared, manifest, above);
      return templates.flatMap((each) => containerPortsOf(each.manifest));
    }
    default:
      return of satisfies never;
  }
}

/** The workloads that an object's selectors pick: all of those that stand beneath a place, or its own first. */
function podsMeant(declared: Declared, manifest: Manifest, above: FieldPath): PodTemplate[] {
  const found = writtenReferences(manifest).flatMap(({ at, to }) => {
    if (to.is !== 'labels' || !above.every((step, index) => at[index] === step)) return [];
    const selector = selectorOf({ manifest, at, to });
    // Namespaces beneath a place, without a selector of pods beside them, mean all of their pods.
    if (to.of === 'Namespace' && above.length > 0 && valueAt(manifest.value, ...at.slice(0, -1), 'podSelector') == null)
      return templatesPicked(declared, { labels: new Map(), expressions: [] }, namespacesMatching(declared, selector));
    if (to.of !== 'pods' || (to.within === 'peer') !== above.length > 0) return [];
    const isOne = !(to.written === 'map' && selector.labels.size === 0);
    return isOne ? templatesFor(declared, manifest, { selector, within: to.within, at }) : [];
  });
  return [...new Set(found)];
}

/** The container in whose probe or hook a field stands. */
function containerAround(manifest: Manifest, path: FieldPath): WrittenContainer {
  const list = path.findLastIndex((step) => step === 'containers' || step === 'initContainers');
  const at = path.slice(0, list + 2);
  return { container: valueAt(manifest.value, ...at), at };
}
