import type { ClusterModel } from '../cluster/clusterModel.ts';
import { type Declared, indexOfDeclared } from '../cluster/declared.ts';
import { placesAt } from '../cluster/fieldPlaces.ts';
import { type LabelSelector, matchesLabels, readLabelSelector } from '../cluster/labelSelector.ts';
import { knownNamespaces } from '../cluster/namespaces.ts';
import { isNetworkPolicy, readNetworkPolicy } from '../cluster/networkPolicy.ts';
import { labelKeysOf, pickedBy } from '../cluster/podSelection.ts';
import { type PodTemplate, readPodTemplate } from '../cluster/pod.ts';
import { isService } from '../cluster/service.ts';
import { type Field, fieldOf, groupOf, type Manifest, namespaceOf } from '../manifest/manifest.ts';
import { booleanAt, type FieldPath, itemsAt, textAt, textOf, textsAt, type Value, valueAt } from '../manifest/value.ts';
import { type Link, markAt } from './links.ts';
import { fieldsNamed, type NamedPart, partsOf } from './nameLinks.ts';

/** Links by label, from selectors to what they pick, and to the ports of that. */
export function* selectorLinks(model: ClusterModel, manifest: Manifest): Generator<Link> {
  for (const each of selectorsIn(model.declared, manifest)) yield* toLabels(manifest, each);
  for (const { at, among } of chosenPortsIn(model.declared, manifest)) {
    const from = markAt(manifest, at);
    if (from !== null) yield { from, to: among().flatMap((each) => fieldsNamed(each, from.text)) };
  }
}

/** A selector as an object writes it, and what it could pick. */
export interface WrittenSelector {
  readonly at: FieldPath;
  /** A map of labels, or a LabelSelector. */
  readonly form: 'map' | 'LabelSelector';
  /** What another selector would pick in its place. */
  readonly pick: (selector: LabelSelector) => readonly Labelled[];
}

/** A field that chooses a port of what its object's selector picks. */
export interface ChosenPort {
  readonly at: FieldPath;
  readonly among: () => readonly NamedPart[];
}

/** Something that has labels, and where they are written. */
export interface Labelled {
  readonly manifest: Manifest;
  readonly labels: ReadonlyMap<string, string>;
  readonly labelsAt: FieldPath;
}

/** Every selector of an object, written or not. */
export function* selectorsIn(declared: Declared, manifest: Manifest): Generator<WrittenSelector> {
  const own = [namespaceOf(manifest)];
  const template = readPodTemplate(manifest);
  if (template !== null && valueAt(manifest.value, ...selectorAt) !== undefined) {
    const form = manifest.kind === 'ReplicationController' ? 'map' : 'LabelSelector';
    yield { at: selectorAt, form, pick: () => [ofTemplate(template)] };
  }
  const podsOf = (namespaces: readonly string[]) => (selector: LabelSelector) =>
    templatesOf(declared, selector, namespaces).map(ofTemplate);
  if (isService(manifest)) yield { at: selectorAt, form: 'map', pick: podsOf(own) };
  if (isNetworkPolicy(manifest)) yield* selectorsInPolicy(declared, manifest, podsOf);
  if (manifest.kind === 'PodDisruptionBudget' && groupOf(manifest) === 'policy')
    yield { at: selectorAt, form: 'LabelSelector', pick: podsOf(own) };
  if (!isOfMonitoring(manifest)) return;
  const { isAny, namespaces } = monitoredBy(manifest);
  if (manifest.kind === 'ServiceMonitor') {
    const pick = (selector: LabelSelector): Labelled[] => servicesPicked(declared, manifest, selector).map(ofObject);
    yield { at: selectorAt, form: 'LabelSelector', pick };
  }
  if (manifest.kind === 'PodMonitor')
    yield { at: selectorAt, form: 'LabelSelector', pick: podsOf(isAny ? namespacesOfPods(declared) : namespaces) };
}

function* selectorsInPolicy(
  declared: Declared,
  manifest: Manifest,
  podsOf: (namespaces: readonly string[]) => WrittenSelector['pick'],
): Generator<WrittenSelector> {
  const { namespace, ingress, egress } = readNetworkPolicy(manifest);
  yield { at: ['spec', 'podSelector'], form: 'LabelSelector', pick: podsOf([namespace]) };
  for (const peer of [...ingress, ...egress].flatMap(({ peers }) => peers ?? [])) {
    if (peer.kind === 'addresses') continue;
    const meant =
      peer.namespaces === null ? [namespace] : namespacesMatching(declared, peer.namespaces).map(([name]) => name);
    yield { at: [...peer.at, 'podSelector'], form: 'LabelSelector', pick: podsOf(meant) };
    if (peer.namespaces !== null)
      yield {
        at: [...peer.at, 'namespaceSelector'],
        form: 'LabelSelector',
        pick: (selector) => {
          const names = new Set(namespacesMatching(declared, selector).map(([name]) => name));
          return declared.ofKind('Namespace').flatMap((each) => (names.has(each.name) ? [ofObject(each)] : []));
        },
      };
  }
}

/** Every field of an object that chooses a port by its selector. */
export function* chosenPortsIn(declared: Declared, manifest: Manifest): Generator<ChosenPort> {
  const template = readPodTemplate(manifest);
  if (template !== null) yield* portsOfProbes(template);
  const byLabels = (selector: LabelSelector, namespaces: readonly string[]) => (): NamedPart[] =>
    templatesOf(declared, selector, namespaces).flatMap(portsOfPods);
  if (isService(manifest)) {
    const labels = textsAt(manifest.value, ...selectorAt) ?? new Map<string, string>();
    const among = byLabels({ labels, expressions: [] }, [namespaceOf(manifest)]);
    if (labels.size > 0) for (const at of placesAt(manifest.value, 'spec.ports.*.targetPort')) yield { at, among };
  }
  if (isNetworkPolicy(manifest)) {
    const { namespace, pods, ingress } = readNetworkPolicy(manifest);
    for (const { at } of ingress.flatMap(({ ports }) => ports ?? []))
      yield { at: [...at, 'port'], among: byLabels(pods, [namespace]) };
  }
  if (!isOfMonitoring(manifest)) return;
  const selector = readLabelSelector(valueAt(manifest.value, ...selectorAt));
  const { isAny, namespaces } = monitoredBy(manifest);
  if (manifest.kind === 'ServiceMonitor')
    for (const at of placesAt(manifest.value, 'spec.endpoints.*.port'))
      yield { at, among: () => servicesPicked(declared, manifest, selector).flatMap(partsOf) };
  if (manifest.kind === 'PodMonitor')
    for (const at of placesAt(manifest.value, 'spec.podMetricsEndpoints.*.port'))
      yield { at, among: byLabels(selector, isAny ? namespacesOfPods(declared) : namespaces) };
}

const selectorAt = ['spec', 'selector'];

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

/** A selector as it is written. */
export function readSelector({ value }: Manifest, { at, form }: WrittenSelector): LabelSelector {
  if (form === 'map') return { labels: textsAt(value, ...at) ?? new Map(), expressions: [] };
  return readLabelSelector(valueAt(value, ...at));
}

/** From each label of a selector to the same label of what it picks. */
function* toLabels(manifest: Manifest, written: WrittenSelector): Generator<Link> {
  const { at, form, pick } = written;
  const selector = readSelector(manifest, written);
  // A Service with an empty selector picks nothing.
  if (form === 'map' && selector.labels.size === 0) return;
  const picked = pick(selector);
  const labelsAt = form === 'map' ? at : [...at, 'matchLabels'];
  for (const key of selector.labels.keys()) yield* labelLink(manifest, [...labelsAt, key], { key, picked });
  for (const [index, { key, values }] of selector.expressions.entries()) {
    const path = [...at, 'matchExpressions', index];
    yield* labelLink(manifest, [...path, 'key'], { key, picked });
    for (const [number, value] of values.entries()) {
      const having = picked.filter(({ labels }) => labels.get(key) === value);
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
  yield { from, to };
}

const templatesByLabel = indexOfDeclared(({ templates }) => templates, labelKeysOf);
const templatesByNamespace = indexOfDeclared(
  ({ templates }) => templates,
  ({ namespace }: PodTemplate) => [namespace],
);

function templatesOf(declared: Declared, selector: LabelSelector, namespaces: readonly string[]): PodTemplate[] {
  const { labels } = selector;
  return namespaces
    .flatMap((namespace) =>
      labels.size === 0
        ? templatesByNamespace(declared).get(namespace)
        : pickedBy({ selector: labels, namespace }, templatesByLabel(declared)),
    )
    .filter((each) => matchesLabels(selector, each.labels));
}

/** The ports that a workload's pods declare. */
function portsOfPods({ manifest, specPath, spec }: PodTemplate): NamedPart[] {
  return ['containers', 'initContainers'].flatMap((list) =>
    itemsAt(spec, list).flatMap((container, index) =>
      portsOfContainer(manifest, container, [...specPath, list, index]),
    ),
  );
}

function portsOfContainer(manifest: Manifest, container: Value, at: FieldPath): NamedPart[] {
  return itemsAt(container, 'ports').map((value, index) => ({
    manifest,
    value,
    at: [...at, 'ports', index],
    numberField: 'containerPort',
  }));
}

function* portsOfProbes({ manifest, spec, specPath }: PodTemplate): Generator<ChosenPort> {
  for (const list of ['containers', 'initContainers'])
    for (const [index, container] of itemsAt(spec, list).entries()) {
      const at = [...specPath, list, index];
      for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'])
        for (const kind of ['httpGet', 'tcpSocket'])
          yield { at: [...at, probe, kind, 'port'], among: () => portsOfContainer(manifest, container, at) };
    }
}

function namespacesMatching(declared: Declared, selector: LabelSelector): (readonly [string, unknown])[] {
  return [...knownNamespaces(declared)].filter(([, labels]) => matchesLabels(selector, labels));
}

function namespacesOfPods({ templates }: Declared): string[] {
  return [...new Set(templates.map(({ namespace }) => namespace))];
}

function isOfMonitoring(manifest: Manifest): boolean {
  return groupOf(manifest) === 'monitoring.coreos.com';
}

/** prometheus-operator pkg/apis/monitoring/v1: a ServiceMonitor picks Services, a PodMonitor pods. */
function monitoredBy(manifest: Manifest): { readonly isAny: boolean; readonly namespaces: readonly string[] } {
  const where = valueAt(manifest.value, 'spec', 'namespaceSelector');
  const named = itemsAt(where, 'matchNames').flatMap((each) => textOf(each) ?? []);
  return { isAny: booleanAt(where, 'any') === true, namespaces: named.length > 0 ? named : [namespaceOf(manifest)] };
}

function servicesPicked(declared: Declared, monitor: Manifest, selector: LabelSelector): Manifest[] {
  const { isAny, namespaces } = monitoredBy(monitor);
  return declared
    .ofKind('Service')
    .filter((each) => (isAny || namespaces.includes(namespaceOf(each))) && matchesLabels(selector, each.labels));
}
