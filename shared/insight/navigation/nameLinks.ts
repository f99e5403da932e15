import { isGranted } from '../../cluster/gatewayApi/reference.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { indexOfDeclared } from '../../cluster/declared.ts';
import { readServiceHost } from '../../cluster/mentions.ts';
import { namedAddresses } from '../../cluster/namedAddresses.ts';
import { clusterWide } from '../../cluster/references.ts';
import { fieldOf, groupOf, type Manifest, namespaceOf } from '../../manifest/manifest.ts';
import { type FieldPath, textAt, valueAt } from '../../manifest/value.ts';
import { type Link, type Mark, markAt } from './links.ts';
import { fieldsNamed, partsOf } from './parts.ts';
import { type NamedObject, writtenReferences } from './referencePlaces.ts';

/** An object's name where another writes it, or the name of a part of that object. */
interface WrittenName extends ObjectName {
  readonly by: 'name' | 'text';
  readonly mark: Mark;
  readonly names: 'the object' | 'a part of it';
}

/** What is named. */
export interface ObjectName {
  readonly kind: string;
  /** Null where the kind says enough. */
  readonly group: string | null;
  /** Null for what is in no namespace. */
  readonly namespace: string | null;
  readonly name: string;
}

/** The objects of a kind and a name, in whatever namespace. */
export function objectsNamed({ declared }: ClusterModel, kind: string, name: string): readonly Manifest[] {
  return objectsByName(declared).get(`${kind}/${name}`);
}

const objectsByName = indexOfDeclared(
  ({ manifests }) => manifests,
  ({ kind, name }: Manifest) => [`${kind}/${name}`],
);

/** The objects that a name means; empty where the set has none. */
export function objectsMeant(model: ClusterModel, meant: ObjectName): readonly Manifest[] {
  return objectsNamed(model, meant.kind, meant.name).filter(isLike(meant));
}

/** Those that could be meant by another name. */
export function objectsLike({ declared }: ClusterModel, meant: ObjectName): readonly Manifest[] {
  return declared.ofKind(meant.kind).filter(isLike(meant));
}

function isLike({ namespace, group }: ObjectName): (each: Manifest) => boolean {
  return (each) =>
    (namespace === null || namespaceOf(each) === namespace) && (group === null || groupOf(each) === group);
}

/** Links by name. */
export function nameLinks(manifest: Manifest): Link[] {
  return [
    ...[...namesAtPlaces(manifest), ...namesInAddresses(manifest)].map(({ by, mark, names, ...meant }): Link => ({
      by,
      from: mark,
      to: (model) =>
        objectsMeant(model, meant).flatMap((each) =>
          names === 'the object' ? [fieldOf(each, 'metadata', 'name')] : fieldsNamed(partsOf(each), mark.text),
        ),
      asks: JSON.stringify([meant, names === 'the object' ? null : mark.text]),
    })),
    ...grantLinks(manifest),
  ];
}

function namesAtPlaces(manifest: Manifest): WrittenName[] {
  return writtenReferences(manifest).flatMap(({ at, to }): WrittenName[] => {
    switch (to.is) {
      case 'object': {
        const found = nameAt(manifest, to, at);
        return found === null ? [] : [{ ...found.meant, by: 'name', mark: found.mark, names: 'the object' }];
      }
      case 'part': {
        const mark = markAt(manifest, at);
        const found = nameAt(manifest, to.of, inSameItems(to.nameAt, at));
        return mark === null || found === null ? [] : [{ ...found.meant, by: 'name', mark, names: 'a part of it' }];
      }
      default:
        return [];
    }
  });
}

/** A path of the table, in the items of lists in which another field stands. */
export function inSameItems(path: readonly string[], other: FieldPath): FieldPath {
  return path.map((step, index) => (step === '*' ? (other[index] ?? step) : step));
}

/** The object that is named at a place; null where nothing is said there. */
export function nameAt(
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
function grantLinks(manifest: Manifest): Link[] {
  const own = namespaceOf(manifest);
  return writtenReferences(manifest).flatMap(({ at, to }): Link[] => {
    if (to.is !== 'object' || to.says !== 'reference') return [];
    const from = markAt(manifest, [...at.slice(0, -1), 'namespace']);
    const meant = nameAt(manifest, to, at)?.meant;
    if (from === null || from.text === own || meant === undefined) return [];
    const reference = { ...meant, group: meant.group ?? '', namespace: from.text, at };
    return [
      {
        by: 'what follows',
        from,
        to: ({ declared }) =>
          declared.gatewayApi.grants
            .filter((each) => isGranted([each], { kind: manifest.kind, namespace: own }, reference))
            .map((each) => fieldOf(each.manifest, 'metadata', 'name')),
        asks: null,
      },
    ];
  });
}
