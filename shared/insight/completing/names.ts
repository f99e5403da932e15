import { isOfGatewayApi } from '../../cluster/gatewayApi/gatewayApi.ts';
import { namedAddresses } from '../../cluster/namedAddresses.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { endpointsOfAllFamilies, serviceNamed } from '../../cluster/lookups.ts';
import { knownNamespaces } from '../../cluster/namespaces.ts';
import { readPodTemplate } from '../../cluster/pod.ts';
import type { Service, ServicePort } from '../../cluster/service.ts';
import { type Manifest, namespaceOf } from '../../manifest/manifest.ts';
import { type FieldPath, itemsAt, keysAt, textAt, type Value, valueAt } from '../../manifest/value.ts';
import { inSameItems, nameAt, type ObjectName, objectsLike, objectsMeant } from '../navigation/nameLinks.ts';
import { partsOf, type PartText, textOfPart } from '../navigation/parts.ts';
import { type NamedObject, referentAt } from '../navigation/referencePlaces.ts';
import { counted } from '../counted.ts';
import { about, type About, type AskedPlace, type Candidate, distinctTexts } from './candidate.ts';
import { cursorWord } from './cursor.ts';
import type { GeneratedObject } from './surroundings.ts';

/**
 * The objects of the set where another names one, by the table of such places (`navigation/referencePlaces.ts`): the
 * name itself, and beside it the kind, the namespace, a Service's port, a Gateway's listener, a ConfigMap's key.
 */
export function namesAt({ scene: { model }, manifest, path, part, generated }: AskedPlace): Candidate[] {
  if (part === 'key') return [];
  const to = referentAt(manifest, path);
  switch (to?.is) {
    case 'object':
      if (to.kind === 'Namespace') return namespacesFor(model, nameBeside(manifest, path));
      return withMeant(manifest, to, path, (meant) =>
        distinctTexts([...objectsFor(model, manifest, { meant, path }), ...generatedFor(meant, generated)]),
      );
    case 'part':
      return withMeant(manifest, to.of, inSameItems(to.nameAt, path), (meant) =>
        distinctTexts(objectsMeant(model, meant).flatMap((each) => partsFor(model, each, takenBy(manifest, path)))),
      );
    default:
      if (path.at(-1) === 'kind') return kindsOf(model, nameBeside(manifest, path));
      return addressesAt(manifest, path).flatMap((meant) => objectsFor(model, manifest, { meant, path }));
  }
}

function withMeant(
  manifest: Manifest,
  named: NamedObject,
  path: FieldPath,
  candidates: (meant: ObjectName) => Candidate[],
): Candidate[] {
  const found = nameAt(manifest, named, path);
  return found === null ? [] : candidates(found.meant);
}

/** What is named beside a namespace or a kind; null where nothing is yet. */
function nameBeside(manifest: Manifest, path: FieldPath): ObjectName | null {
  const at = [...path.slice(0, -1), 'name'];
  const to = referentAt(manifest, at);
  return to?.is === 'object' && to.says === 'reference' ? (nameAt(manifest, to, at)?.meant ?? null) : null;
}

/** The Service that an address in a text names where the cursor is. */
function addressesAt(manifest: Manifest, path: FieldPath): ObjectName[] {
  return namedAddresses(manifest)
    .filter(({ at, service }) => service === cursorWord && at.join('\n') === path.join('\n'))
    .map(({ namespace }) => ({ kind: 'Service', group: '', namespace, name: cursorWord }));
}

interface NameAt {
  readonly meant: ObjectName;
  readonly path: FieldPath;
}

function objectsFor(model: ClusterModel, asking: Manifest, { meant, path }: NameAt): Candidate[] {
  const words = wordsAround(asking, path);
  const likeness = ({ name }: Manifest): number => words.findLastIndex((each) => each.has(name));
  return objectsLike(model, meant)
    .filter(({ name, key }) => name !== '' && name !== cursorWord && key !== asking.key)
    .toSorted((a, b) => likeness(b) - likeness(a) || (a.name < b.name ? -1 : 1))
    .map((each) => ({ text: each.name, kind: 'object', about: () => described(model, each) }));
}

/**
 * What a name is likely to be, the likeliest last: an Ingress is usually for the Service of its own name, but
 * `shop.example.com` for shop, and `/cart` for cart.
 */
function wordsAround({ name, value }: Manifest, path: FieldPath): ReadonlySet<string>[] {
  const around = path.flatMap((_, length): ReadonlySet<string>[] => {
    const here = valueAt(value, ...path.slice(0, length));
    const matches = itemsAt(here, 'matches').flatMap((each) => textAt(each, 'path', 'value') ?? []);
    return [textAt(here, 'host') ?? '', textAt(here, 'path') ?? '', ...matches].map(
      (text) => new Set(text.split(/[^\w-]+/)),
    );
  });
  return [new Set(name.split('-')), new Set([name]), ...around];
}

function generatedFor({ kind }: ObjectName, generated: readonly GeneratedObject[]): Candidate[] {
  return generated.flatMap((each) =>
    each.kind === kind
      ? [{ text: each.name, kind: 'object', about: about(`${kind} that a kustomization generates`) }]
      : [],
  );
}

/** An object in a few words, and what it comes to. */
function described(model: ClusterModel, manifest: Manifest): About {
  const what = `${manifest.kind} in ${namespaceOf(manifest)}`;
  switch (manifest.kind) {
    case 'Service': {
      const service = serviceNamed(model, namespaceOf(manifest), manifest.name);
      if (service === undefined) return { detail: what, documentation: '' };
      if (service.type === 'ExternalName')
        return { detail: `${what}, alias for ${service.externalName ?? ''}`, documentation: '' };
      const ports = service.ports.map((port) => describedPort(model, service, port));
      return {
        detail: `${what}, ${counted(readyPods(model, service), 'endpoint')}`,
        documentation: ports.join('\n'),
      };
    }
    case 'Secret': {
      const keys = ['data', 'stringData'].flatMap((each) => keysAt(manifest.value, each));
      const type = textAt(manifest.value, 'type');
      return { detail: [what, ...(type === undefined ? [] : [type])].join(', '), documentation: keys.join(', ') };
    }
    case 'ConfigMap':
      return { detail: what, documentation: keysAt(manifest.value, 'data').join(', ') };
    case 'IngressClass':
      return { detail: `IngressClass of ${textAt(manifest.value, 'spec', 'controller') ?? ''}`, documentation: '' };
    case 'GatewayClass':
      return {
        detail: `GatewayClass of ${textAt(manifest.value, 'spec', 'controllerName') ?? ''}`,
        documentation: '',
      };
    case 'Gateway': {
      const listeners = itemsAt(manifest.value, 'spec', 'listeners').map(describedListener);
      return { detail: `${what}, ${counted(listeners.length, 'listener')}`, documentation: listeners.join('\n') };
    }
    default: {
      const template = readPodTemplate(manifest);
      const count = template?.count === 'one-per-node' ? 'a pod per node' : counted(template?.count ?? 0, 'pod');
      return { detail: template === null ? what : `${what}, ${count}`, documentation: '' };
    }
  }
}

function readyPods(model: ClusterModel, service: Service): number {
  const [first] = service.ports;
  return first === undefined ? 0 : endpointsOfAllFamilies(model, service, first).filter(({ ready }) => ready).length;
}

/** `80 → 8080 (http)`: where what comes to a port goes. */
function describedPort(model: ClusterModel, service: Service, port: ServicePort): string {
  const ports = [...new Set(endpointsOfAllFamilies(model, service, port).map((each) => each.port))];
  const to = ports.length === 0 ? String(port.targetPort) : ports.join(', ');
  const name = port.name === '' ? '' : ` (${port.name})`;
  const protocol = port.protocol === 'TCP' ? '' : `/${port.protocol}`;
  return `${port.port}${protocol} → ${to}${name}`;
}

function describedListener(value: Value): string {
  const host = textAt(value, 'hostname');
  return `${textAt(value, 'protocol') ?? ''} :${textAt(value, 'port') ?? ''}${host === undefined ? '' : ` ${host}`}`;
}

/** The parts of an object, by what a field takes: names, numbers, or both. */
function partsFor(model: ClusterModel, manifest: Manifest, taken: readonly PartText['is'][]): Candidate[] {
  const service = manifest.kind === 'Service' ? serviceNamed(model, namespaceOf(manifest), manifest.name) : undefined;
  return partsOf(manifest).flatMap((part, index) => {
    const port = service?.ports[index];
    const detail = (): string => {
      const whose = `${manifest.kind} ${manifest.name}`;
      if (service !== undefined && port !== undefined) return `${describedPort(model, service, port)}, ${whose}`;
      const listener = itemsAt(manifest.value, 'spec', 'listeners')[index];
      return listener === undefined ? `key of ${whose}` : `${describedListener(listener)}, ${whose}`;
    };
    return taken.flatMap((is): Candidate[] => {
      const text = textOfPart(part, is);
      const about = (): About => ({ detail: detail(), documentation: '' });
      return text === null ? [] : [{ text, kind: 'port', isNumber: is === 'number', about }];
    });
  });
}

function takenBy(manifest: Manifest, path: FieldPath): readonly PartText['is'][] {
  switch (path.at(-1)) {
    case 'name':
    case 'sectionName':
      return ['name'];
    case 'number':
      return ['number'];
    case 'key':
      return ['key'];
    default:
      return isOfGatewayApi(manifest) ? ['number'] : ['number', 'name'];
  }
}

/** The namespaces, those first that have what is named. */
function namespacesFor(model: ClusterModel, named: ObjectName | null): Candidate[] {
  const having = new Set(
    (named === null ? [] : model.declared.ofKind(named.kind))
      .filter(({ name }) => name === named?.name)
      .map(namespaceOf),
  );
  return namespacesIn(model).toSorted((a, b) => Number(having.has(b.text)) - Number(having.has(a.text)));
}

function namespacesIn({ declared }: ClusterModel): Candidate[] {
  const counts = new Map<string, number>();
  for (const each of declared.manifests) {
    const name = each.kind === 'Namespace' ? each.name : each.namespace;
    if (name !== null) counts.set(name, (counts.get(name) ?? 0) + (each.kind === 'Namespace' ? 0 : 1));
  }
  const known = new Set([...knownNamespaces(declared).keys(), ...counts.keys()]);
  return [...known]
    .filter((name) => name !== cursorWord && name !== '')
    .toSorted()
    .map((text) => ({
      text,
      kind: 'namespace',
      about: about(`${counted(counts.get(text) ?? 0, 'object')} here`),
    }));
}

/** The kinds of the set that have something of the name. */
function kindsOf({ declared }: ClusterModel, named: ObjectName | null): Candidate[] {
  if (named === null) return [];
  const found = declared.manifests.filter(({ name, kind }) => kind !== cursorWord && name === named.name);
  return distinctTexts(
    found.map((each) => ({
      text: each.kind,
      kind: 'kind',
      about: about(`${each.kind} ${each.name} in ${namespaceOf(each)}`),
    })),
  );
}
