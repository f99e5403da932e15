import { isGranted } from '../../cluster/gatewayApi/reference.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { indexOfDeclared } from '../../cluster/declared.ts';
import { placesAtSteps } from '../../cluster/fieldPlaces.ts';
import { readServiceHost } from '../../cluster/mentions.ts';
import { namedAddresses } from '../../cluster/namedAddresses.ts';
import { once } from '../../cluster/once.ts';
import { clusterWide } from '../../cluster/references.ts';
import { type Field, fieldOf, groupOf, type Manifest, namespaceOf } from '../../manifest/manifest.ts';
import { type FieldPath, itemsAt, keysAt, textAt, valueAt } from '../../manifest/value.ts';
import { type Link, type Mark, markAt } from './links.ts';
import { type NamedObject, referencePlacesOf } from './referencePlaces.ts';

/** An object's name where another writes it, or the name of a part of that object. */
interface WrittenName extends ObjectName {
  readonly by: 'name' | 'text';
  readonly mark: Mark;
  readonly names: 'the object' | 'a part of it';
}

/** What is named. */
interface ObjectName {
  readonly kind: string;
  /** Null where the kind says enough. */
  readonly group: string | null;
  /** Null for what is in no namespace. */
  readonly namespace: string | null;
  readonly name: string;
}

const objectsByName = indexOfDeclared(
  ({ manifests }) => manifests,
  ({ kind, name }: Manifest) => [`${kind} ${name}`],
);

/** The objects of a kind and a name, in whatever namespace. */
export function objectsNamed({ declared }: ClusterModel, kind: string, name: string): readonly Manifest[] {
  return objectsByName(declared).get(`${kind} ${name}`);
}

/** The objects that a name means; empty where the set has none. */
export function objectsMeant(model: ClusterModel, { kind, group, namespace, name }: ObjectName): readonly Manifest[] {
  return objectsNamed(model, kind, name).filter(
    (each) => (namespace === null || namespaceOf(each) === namespace) && (group === null || groupOf(each) === group),
  );
}

/** Links by name. */
export function* nameLinks(model: ClusterModel, manifest: Manifest): Generator<Link> {
  for (const written of namesIn(manifest)) {
    const { by, mark, names } = written;
    const named = objectsMeant(model, written);
    const ofNamed = (each: Manifest): Field[] =>
      names === 'the object' ? [fieldOf(each, 'metadata', 'name')] : partsNamed(each, mark.text);
    yield { by, from: mark, to: named.flatMap(ofNamed) };
  }
  yield* grantLinks(model, manifest);
}

/** Ports of a Service, listeners of a Gateway by a name or a number; keys of a ConfigMap or a Secret. */
export function partsNamed(manifest: Manifest, text: string): Field[] {
  if (manifest.kind === 'ConfigMap' || manifest.kind === 'Secret')
    return ['data', 'stringData', 'binaryData'].flatMap((list) =>
      keysAt(manifest.value, list).includes(text) ? [fieldOf(manifest, list, text)] : [],
    );
  const list = manifest.kind === 'Service' ? 'ports' : 'listeners';
  return itemsAt(manifest.value, 'spec', list).flatMap((each, index) =>
    ['name', 'port'].flatMap((field) =>
      textAt(each, field) === text ? [fieldOf(manifest, 'spec', list, index, field)] : [],
    ),
  );
}

/** All that a manifest names, as it is written. */
const namesIn = once((manifest: Manifest): readonly WrittenName[] => [
  ...namesAtPlaces(manifest),
  ...namesInAddresses(manifest),
]);

function namesAtPlaces(manifest: Manifest): WrittenName[] {
  return referencePlacesOf(manifest).flatMap(({ path, to }) => {
    if (to.is !== 'object' && to.is !== 'part') return [];
    return placesAtSteps(manifest.value, path).flatMap((at): WrittenName[] => {
      if (to.is === 'object') {
        const found = nameAt(manifest, to, at);
        return found === null ? [] : [{ ...found.meant, by: 'name', mark: found.mark, names: 'the object' }];
      }
      const mark = markAt(manifest, at);
      const found = nameAt(manifest, to.of, inSameItems(to.nameAt, at));
      return mark === null || found === null ? [] : [{ ...found.meant, by: 'name', mark, names: 'a part of it' }];
    });
  });
}

/** A path of the table, in the items of lists in which another field stands. */
function inSameItems(path: readonly string[], other: FieldPath): FieldPath {
  return path.map((step, index) => (step === '*' ? (other[index] ?? step) : step));
}

function nameAt(
  manifest: Manifest,
  { kind, group, says }: NamedObject,
  at: FieldPath,
): { readonly mark: Mark; readonly meant: ObjectName } | null {
  const own = namespaceOf(manifest);
  const whole = markAt(manifest, at);
  if (whole === null) return null;
  const inOwn = (each: string): string | null => (clusterWide.has(each) ? null : own);
  switch (says) {
    case 'name':
      return { mark: whole, meant: { kind, group, namespace: inOwn(kind), name: whole.text } };
    case 'reference': {
      const beside = valueAt(manifest.value, ...at.slice(0, -1));
      const written = textAt(beside, 'kind') ?? kind;
      const namespace = clusterWide.has(written) ? null : (textAt(beside, 'namespace') ?? own);
      return {
        mark: whole,
        meant: { kind: written, group: textAt(beside, 'group') ?? group, namespace, name: whole.text },
      };
    }
    case 'host': {
      const found = readServiceHost(whole.text, own);
      if (found === null) return null;
      const { name, namespace, around } = found;
      return {
        mark: { ...whole, text: name, at: around[0].length },
        meant: { kind, group, namespace, name },
      };
    }
    default:
      return says satisfies never;
  }
}

/** Services, their ports and namespaces in the texts that pods are given. */
function namesInAddresses(manifest: Manifest): WrittenName[] {
  return namedAddresses(manifest).flatMap((address) => {
    const { service, namespace, at, text, nameAt: start, portAt, port, isPortWritten } = address;
    const of = { kind: 'Service', group: '', namespace, name: service };
    const ofNamespace = { kind: 'Namespace', group: '', namespace: null, name: namespace };
    const written = (meant: ObjectName, names: WrittenName['names'], part: string, offset: number): WrittenName[] => {
      const mark = markAt(manifest, at, { text: part, at: offset });
      return mark === null ? [] : [{ ...meant, by: 'text', mark, names }];
    };
    const behind = start + service.length + 1;
    return [
      ...written(of, 'the object', service, start),
      ...(isPortWritten ? written(of, 'a part of it', String(port), portAt) : []),
      ...(text.startsWith(`${namespace}.svc`, behind) ? written(ofNamespace, 'the object', namespace, behind) : []),
    ];
  });
}

/** From the namespace of a reference to the grants that let it be. */
function* grantLinks({ declared }: ClusterModel, manifest: Manifest): Generator<Link> {
  const { grants } = declared.gatewayApi;
  if (grants.length === 0) return;
  const own = namespaceOf(manifest);
  for (const { path, to } of referencePlacesOf(manifest)) {
    if (to.is !== 'object' || to.says !== 'reference') continue;
    for (const at of placesAtSteps(manifest.value, path)) {
      const above = at.slice(0, -1);
      const from = markAt(manifest, [...above, 'namespace']);
      const meant = nameAt(manifest, to, at)?.meant;
      if (from === null || from.text === own || meant === undefined) continue;
      const reference = { ...meant, group: meant.group ?? '', namespace: from.text, at };
      const granting = grants.filter((each) => isGranted([each], { kind: manifest.kind, namespace: own }, reference));
      yield { by: 'what follows', from, to: granting.map((each) => fieldOf(each.manifest, 'metadata', 'name')) };
    }
  }
}
