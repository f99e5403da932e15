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
import { partsNamed } from './nameLinks.ts';

/** Links by label, from selectors to what they pick, and to the ports of that. */
export function* selectorLinks(model: ClusterModel, manifest: Manifest): Generator<Link> {
  const { declared } = model;
  const template = readPodTemplate(manifest);
  if (template !== null) yield* linksOfWorkload(template);
  if (isService(manifest)) yield* linksOfService(declared, manifest);
  if (isNetworkPolicy(manifest)) yield* linksOfPolicy(declared, manifest);
  if (manifest.kind === 'PodDisruptionBudget' && groupOf(manifest) === 'policy') {
    const selector = readLabelSelector(valueAt(manifest.value, ...selectorAt));
    yield* toLabels(manifest, selectorAt, templatesPicked(declared, selector, [namespaceOf(manifest)]));
  }
  if (groupOf(manifest) === 'monitoring.coreos.com') yield* linksOfMonitor(model, manifest);
}

const selectorAt = ['spec', 'selector'];

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

/** From each label of a selector, written as a map or as a LabelSelector, to the same label of what it picks. */
function* toLabels(manifest: Manifest, at: FieldPath, picked: readonly Labelled[]): Generator<Link> {
  const isMap = manifest.kind === 'Service' || manifest.kind === 'ReplicationController';
  const labelsAt = isMap ? at : [...at, 'matchLabels'];
  for (const key of textsAt(manifest.value, ...labelsAt)?.keys() ?? [])
    yield* labelLink(manifest, [...labelsAt, key], { key, picked });
  for (const [index, { key, values }] of readLabelSelector(valueAt(manifest.value, ...at)).expressions.entries()) {
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

function templatesPicked(declared: Declared, selector: LabelSelector, namespaces: readonly string[]): Labelled[] {
  return templatesOf(declared, selector, namespaces).map(ofTemplate);
}

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

/** The ports of pods that have a name or a number. */
function portsNamed({ manifest, specPath, spec }: PodTemplate, text: string): Field[] {
  return ['containers', 'initContainers'].flatMap((list) =>
    itemsAt(spec, list).flatMap((container, index) =>
      portsOfContainer(manifest, { container, at: [...specPath, list, index] }, text),
    ),
  );
}

interface WrittenContainer {
  readonly container: Value;
  readonly at: FieldPath;
}

function portsOfContainer(manifest: Manifest, { container, at }: WrittenContainer, text: string): Field[] {
  return itemsAt(container, 'ports').flatMap((port, index) =>
    ['name', 'containerPort'].flatMap((field) =>
      textAt(port, field) === text ? [fieldOf(manifest, ...at, 'ports', index, field)] : [],
    ),
  );
}

function* linksOfWorkload(template: PodTemplate): Generator<Link> {
  const { manifest, spec, specPath } = template;
  if (valueAt(manifest.value, ...selectorAt) !== undefined)
    yield* toLabels(manifest, selectorAt, [ofTemplate(template)]);
  for (const list of ['containers', 'initContainers'])
    for (const [index, container] of itemsAt(spec, list).entries()) {
      const at = [...specPath, list, index];
      for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'])
        for (const kind of ['httpGet', 'tcpSocket']) {
          const from = markAt(manifest, [...at, probe, kind, 'port']);
          if (from !== null) yield { from, to: portsOfContainer(manifest, { container, at }, from.text) };
        }
    }
}

function* linksOfService(declared: Declared, manifest: Manifest): Generator<Link> {
  const labels = textsAt(manifest.value, ...selectorAt);
  if (labels === undefined || labels.size === 0) return;
  const picked = templatesOf(declared, { labels, expressions: [] }, [namespaceOf(manifest)]);
  yield* toLabels(manifest, selectorAt, picked.map(ofTemplate));
  for (const at of placesAt(manifest.value, 'spec.ports.*.targetPort')) {
    const from = markAt(manifest, at);
    if (from !== null) yield { from, to: picked.flatMap((each) => portsNamed(each, from.text)) };
  }
}

function* linksOfPolicy(declared: Declared, manifest: Manifest): Generator<Link> {
  const { namespace, pods, ingress, egress } = readNetworkPolicy(manifest);
  const guarded = templatesOf(declared, pods, [namespace]);
  yield* toLabels(manifest, ['spec', 'podSelector'], guarded.map(ofTemplate));
  for (const { peers, ports } of [...ingress, ...egress]) {
    for (const peer of peers ?? []) {
      if (peer.kind === 'addresses') continue;
      const meant =
        peer.namespaces === null ? [namespace] : namespacesMatching(declared, peer.namespaces).map(([name]) => name);
      yield* toLabels(manifest, [...peer.at, 'podSelector'], templatesPicked(declared, peer.pods, meant));
      if (peer.namespaces === null) continue;
      const objects = declared.ofKind('Namespace').filter(({ name }) => meant.includes(name));
      yield* toLabels(manifest, [...peer.at, 'namespaceSelector'], objects.map(ofObject));
    }
    for (const { at } of ports ?? []) {
      const from = markAt(manifest, [...at, 'port']);
      if (from !== null && at[1] === 'ingress')
        yield { from, to: guarded.flatMap((each) => portsNamed(each, from.text)) };
    }
  }
}

function namespacesMatching(declared: Declared, selector: LabelSelector): (readonly [string, unknown])[] {
  return [...knownNamespaces(declared)].filter(([, labels]) => matchesLabels(selector, labels));
}

/** prometheus-operator pkg/apis/monitoring/v1: a ServiceMonitor picks Services, a PodMonitor pods. */
function* linksOfMonitor({ declared }: ClusterModel, manifest: Manifest): Generator<Link> {
  const selector = readLabelSelector(valueAt(manifest.value, ...selectorAt));
  const where = valueAt(manifest.value, 'spec', 'namespaceSelector');
  const named = itemsAt(where, 'matchNames').flatMap((each) => textOf(each) ?? []);
  const isAny = booleanAt(where, 'any') === true;
  const namespaces = named.length > 0 ? named : [namespaceOf(manifest)];
  if (manifest.kind === 'ServiceMonitor') {
    const services = declared
      .ofKind('Service')
      .filter((each) => (isAny || namespaces.includes(namespaceOf(each))) && matchesLabels(selector, each.labels));
    yield* toLabels(manifest, selectorAt, services.map(ofObject));
    yield* portLinks(manifest, 'spec.endpoints.*.port', (text) => services.flatMap((each) => partsNamed(each, text)));
  }
  if (manifest.kind === 'PodMonitor') {
    const all = isAny ? [...new Set(declared.templates.map(({ namespace }) => namespace))] : namespaces;
    const picked = templatesOf(declared, selector, all);
    yield* toLabels(manifest, selectorAt, picked.map(ofTemplate));
    yield* portLinks(manifest, 'spec.podMetricsEndpoints.*.port', (text) =>
      picked.flatMap((each) => portsNamed(each, text)),
    );
  }
}

function* portLinks(manifest: Manifest, path: string, named: (text: string) => Field[]): Generator<Link> {
  for (const at of placesAt(manifest.value, path)) {
    const from = markAt(manifest, at);
    if (from !== null) yield { from, to: named(from.text) };
  }
}
