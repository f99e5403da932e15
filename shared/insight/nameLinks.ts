import { readBackendTlsPolicy } from '../cluster/gatewayApi/backendTlsPolicy.ts';
import { type Listener, readGateway, readListenerSet } from '../cluster/gatewayApi/gateway.ts';
import { isOfGatewayApi } from '../cluster/gatewayApi/gatewayApi.ts';
import { gatewayGroup, readReferenceGrant, type Reference } from '../cluster/gatewayApi/reference.ts';
import { isRoute, readRoute, type RouteRule } from '../cluster/gatewayApi/route.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import { indexOfDeclared } from '../cluster/declared.ts';
import { placesAt } from '../cluster/fieldPlaces.ts';
import { type Backend, isIngress, readIngress } from '../cluster/ingress.ts';
import { mentionsOf } from '../cluster/mentions.ts';
import { namedAddresses } from '../cluster/namedAddresses.ts';
import { readPodTemplate } from '../cluster/pod.ts';
import { type Field, fieldOf, groupOf, type Manifest, namespaceOf } from '../manifest/manifest.ts';
import { type FieldPath, itemsAt, textAt, textOf, type Value, valueAt } from '../manifest/value.ts';
import { type Link, type Mark, markAt } from './links.ts';

/** An object's name where another writes it, with what is named of that object besides. */
export interface WrittenName {
  readonly mark: Mark | null;
  readonly kind: string;
  /** Null where the kind says enough. */
  readonly group: string | null;
  /** Null for what is in no namespace. */
  readonly namespace: string | null;
  readonly name: string;
  /** A Service's port, or a listener, by its name or number. */
  readonly parts: readonly Mark[];
  /** The map in which a kind and a namespace stand beside the name; null where the name is all that can be said. */
  readonly reference: FieldPath | null;
}

const objectsByName = indexOfDeclared(
  ({ manifests }) => manifests,
  ({ kind, name }: Manifest) => [`${kind} ${name}`],
);

/** The objects of a kind and a name, in whatever namespace. */
export function objectsNamed({ declared }: ClusterModel, kind: string, name: string): readonly Manifest[] {
  return objectsByName(declared).get(`${kind} ${name}`);
}

/** Links by name. */
export function* nameLinks(model: ClusterModel, manifest: Manifest): Generator<Link> {
  for (const { mark, kind, name, group, namespace, parts } of namesIn(manifest)) {
    const named = objectsNamed(model, kind, name).filter(
      (each) => (namespace === null || namespaceOf(each) === namespace) && (group === null || groupOf(each) === group),
    );
    if (mark !== null) yield { from: mark, to: named.map((each) => fieldOf(each, 'metadata', 'name')) };
    for (const part of parts)
      yield { from: part, to: named.flatMap(partsOf).flatMap((each) => fieldsNamed(each, part.text)) };
  }
}

/** A port, or a listener: others name it by its name or its number. */
export interface NamedPart {
  readonly manifest: Manifest;
  readonly value: Value;
  readonly at: FieldPath;
  readonly numberField: 'port' | 'containerPort';
}

/** A Service's ports, a Gateway's listeners. */
export function partsOf(manifest: Manifest): NamedPart[] {
  const list = manifest.kind === 'Service' ? 'ports' : 'listeners';
  return itemsAt(manifest.value, 'spec', list).map((value, index) => ({
    manifest,
    value,
    at: ['spec', list, index],
    numberField: 'port',
  }));
}

/** Where a part says a name or a number. */
export function fieldsNamed({ manifest, value, at, numberField }: NamedPart, text: string): Field[] {
  return ['name', numberField].flatMap((field) =>
    textAt(value, field) === text ? [fieldOf(manifest, ...at, field)] : [],
  );
}

/** All that an object names of others. */
export function* namesIn(manifest: Manifest): Generator<WrittenName> {
  const { namespace } = manifest;
  if (namespace !== null && manifest.kind !== 'Namespace')
    yield wholeName(manifest, ['metadata', 'namespace'], { kind: 'Namespace', namespace: null });
  if (isIngress(manifest)) yield* namesInIngress(manifest);
  if (isOfGatewayApi(manifest)) yield* namesInGatewayApi(manifest);
  if (manifest.kind === 'EndpointSlice')
    yield wholeName(manifest, ['metadata', 'labels', 'kubernetes.io/service-name'], { kind: 'Service' });
  yield* namesInPods(manifest);
  for (const { kind, namespace: of, name, at, around } of mentionsOf(manifest)) {
    const mark = markAt(manifest, at, { text: name, at: around[0].length });
    const reference = at.at(-1) === 'name' ? at.slice(0, -1) : null;
    const port = reference === null ? null : markAt(manifest, [...reference, 'port']);
    yield { mark, kind, group: null, namespace: of, name, parts: some(port), reference };
  }
  for (const { service, namespace: of, at, nameAt, portAt, port, isPortWritten } of namedAddresses(manifest)) {
    const ofPort = isPortWritten ? markAt(manifest, at, { text: String(port), at: portAt }) : null;
    const mark = markAt(manifest, at, { text: service, at: nameAt });
    yield { mark, kind: 'Service', group: '', namespace: of, name: service, parts: some(ofPort), reference: null };
  }
}

function* namesInIngress(manifest: Manifest): Generator<WrittenName> {
  const { version, classPath, defaultBackend, rules, tls } = readIngress(manifest);
  yield wholeName(manifest, classPath, { kind: 'IngressClass', namespace: null });
  const backendName = ({ at }: Backend): WrittenName => {
    const ports =
      version === 'v1'
        ? [
            ['port', 'number'],
            ['port', 'name'],
          ]
        : [['servicePort']];
    return {
      ...wholeName(manifest, [...at, version === 'v1' ? 'name' : 'serviceName'], { kind: 'Service', group: '' }),
      parts: ports.flatMap((port) => some(markAt(manifest, [...at, ...port]))),
    };
  };
  for (const backend of [defaultBackend, ...rules.map((each) => each.backend)])
    if (backend !== null) yield backendName(backend);
  for (const { at } of tls) yield wholeName(manifest, [...at, 'secretName'], { kind: 'Secret' });
}

function* namesInGatewayApi(manifest: Manifest): Generator<WrittenName> {
  if (isRoute(manifest)) {
    const { parents, rules } = readRoute(manifest);
    for (const each of parents) yield referredTo(manifest, each, ['sectionName', 'port']);
    for (const each of rules.flatMap(backendsOf)) yield referredTo(manifest, each, ['port']);
    return;
  }
  switch (manifest.kind) {
    case 'Gateway': {
      yield wholeName(manifest, ['spec', 'gatewayClassName'], { kind: 'GatewayClass', namespace: null });
      yield* namesInListeners(manifest, readGateway(manifest).listeners);
      return;
    }
    case 'ListenerSet': {
      const { parent, listeners } = readListenerSet(manifest);
      const meant = { kind: 'Gateway', group: gatewayGroup, namespace: parent.namespace };
      yield { ...wholeName(manifest, ['spec', 'parentRef', 'name'], meant), reference: ['spec', 'parentRef'] };
      yield* namesInListeners(manifest, listeners);
      return;
    }
    case 'BackendTLSPolicy': {
      const { targets, authorities } = readBackendTlsPolicy(manifest);
      for (const each of targets) yield referredTo(manifest, each, ['sectionName']);
      for (const each of authorities) yield referredTo(manifest, each, []);
      return;
    }
    case 'ReferenceGrant': {
      const { from, to } = readReferenceGrant(manifest);
      for (const index of from.keys())
        yield wholeName(manifest, ['spec', 'from', index, 'namespace'], { kind: 'Namespace', namespace: null });
      for (const [index, { group, kind }] of to.entries())
        yield wholeName(manifest, ['spec', 'to', index, 'name'], { kind, group });
    }
  }
}

function backendsOf({ filters, backends }: RouteRule): Reference[] {
  const all = [...filters, ...backends.flatMap((each) => each.filters)];
  return [...backends, ...all.flatMap((each) => (each.kind === 'RequestMirror' ? [each.backend] : []))];
}

function* namesInListeners(manifest: Manifest, listeners: readonly Listener[]): Generator<WrittenName> {
  for (const each of listeners.flatMap(({ tls }) => tls?.certificates ?? [])) yield referredTo(manifest, each, []);
}

function referredTo(
  manifest: Manifest,
  { group, kind, namespace, at }: Reference,
  parts: readonly string[],
): WrittenName {
  const isClusters = kind === 'Namespace' || kind === 'GatewayClass';
  return {
    ...wholeName(manifest, [...at, 'name'], { kind, group, namespace: isClusters ? null : namespace }),
    reference: at,
    parts: parts.flatMap((part) => some(markAt(manifest, [...at, part]))),
  };
}

/** Of a pod's spec, k8s.io/api core/v1/types.go; a container's beneath each of its lists. */
const namesInSpec: readonly (readonly [path: string, kind: string])[] = [
  ['serviceAccountName', 'ServiceAccount'],
  ['imagePullSecrets.*.name', 'Secret'],
  ['volumes.*.configMap.name', 'ConfigMap'],
  ['volumes.*.secret.secretName', 'Secret'],
  ['volumes.*.projected.sources.*.configMap.name', 'ConfigMap'],
  ['volumes.*.projected.sources.*.secret.name', 'Secret'],
  ...['containers', 'initContainers'].flatMap((list) => [
    [`${list}.*.envFrom.*.configMapRef.name`, 'ConfigMap'] as const,
    [`${list}.*.envFrom.*.secretRef.name`, 'Secret'] as const,
    [`${list}.*.env.*.valueFrom.configMapKeyRef.name`, 'ConfigMap'] as const,
    [`${list}.*.env.*.valueFrom.secretKeyRef.name`, 'Secret'] as const,
  ]),
];

function* namesInPods(manifest: Manifest): Generator<WrittenName> {
  const template = readPodTemplate(manifest);
  if (template === null) return;
  for (const [path, kind] of namesInSpec)
    for (const at of placesAt(template.spec, path)) yield wholeName(manifest, [...template.specPath, ...at], { kind });
}

/** A field that says a name and nothing else, of the same namespace where nothing else is said. */
function wholeName(
  manifest: Manifest,
  at: FieldPath,
  meant: { readonly kind: string; readonly group?: string; readonly namespace?: string | null },
): WrittenName {
  const { kind, group = null, namespace = namespaceOf(manifest) } = meant;
  const name = textOf(valueAt(manifest.value, ...at)) ?? '';
  return { mark: markAt(manifest, at), kind, group, namespace, name, parts: [], reference: null };
}

function some<T>(value: T | null): T[] {
  return value === null ? [] : [value];
}
