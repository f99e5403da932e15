import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { endpointsOfAllFamilies, serviceNamed } from '../../cluster/lookups.ts';
import { knownNamespaces } from '../../cluster/namespaces.ts';
import { readPodTemplate } from '../../cluster/pod.ts';
import type { Service, ServicePort } from '../../cluster/service.ts';
import { groupOf, type Manifest, namespaceOf } from '../../manifest/manifest.ts';
import { type FieldPath, itemsAt, keysAt, textAt, valueAt } from '../../manifest/value.ts';
import { namesIn, type NamedPart, partsOf, type WrittenName } from '../nameLinks.ts';
import { about, type About, type AskedPlace, type Candidate, counted, distinctTexts } from './candidate.ts';
import { cursorWord } from './cursor.ts';
import type { GeneratedObject } from './surroundings.ts';

/**
 * The objects of the set where another names one, by `nameLinks.ts`' own list of such places: the name itself, and
 * beside it the kind, the namespace, a Service's port, a Gateway's listener.
 */
export function namesAt({ scene: { model }, manifest, path, part, generated }: AskedPlace): Candidate[] {
  if (part === 'key') return [];
  return distinctTexts(
    [...namesIn(manifest)].flatMap((written): Candidate[] => {
      const { mark, parts, reference } = written;
      if (mark !== null && isSame(mark.field.path, path))
        return [...objectsFor(model, manifest, { written, path }), ...generatedFor(written, generated)];
      if (parts.some(({ field }) => isSame(field.path, path)))
        return named(model, written).flatMap((each) => partsFor(model, each, String(path.at(-1))));
      if (reference === null || !isSame(reference, path.slice(0, -1))) return [];
      if (path.at(-1) === 'namespace') return namespacesOf(model, written);
      return path.at(-1) === 'kind' ? kindsOf(model, written) : [];
    }),
  );
}

function isSame(a: readonly (string | number)[], b: readonly (string | number)[]): boolean {
  return a.length === b.length && a.every((step, index) => step === b[index]);
}

function named(model: ClusterModel, written: WrittenName): Manifest[] {
  return choices(model, written).filter(({ name }) => name === written.name);
}

function choices({ declared }: ClusterModel, { kind, group, namespace }: WrittenName): Manifest[] {
  return declared
    .ofKind(kind)
    .filter(
      (each) => (namespace === null || namespaceOf(each) === namespace) && (group === null || groupOf(each) === group),
    );
}

interface NameAt {
  readonly written: WrittenName;
  readonly path: FieldPath;
}

function objectsFor(model: ClusterModel, asking: Manifest, { written, path }: NameAt): Candidate[] {
  if (written.kind === 'Namespace') return namespacesIn(model);
  const words = wordsAround(asking, path);
  const likeness = ({ name }: Manifest): number => words.findLastIndex((each) => each.has(name));
  return choices(model, written)
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

function generatedFor({ kind }: WrittenName, generated: readonly GeneratedObject[]): Candidate[] {
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
      const listeners = partsOf(manifest).map(describedListener);
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

function describedListener({ value }: NamedPart): string {
  const host = textAt(value, 'hostname');
  return `${textAt(value, 'protocol') ?? ''} :${textAt(value, 'port') ?? ''}${host === undefined ? '' : ` ${host}`}`;
}

/** A Service's ports or a Gateway's listeners, by what a field takes: names, numbers, or both. */
function partsFor(model: ClusterModel, manifest: Manifest, field: string): Candidate[] {
  const service = manifest.kind === 'Service' ? serviceNamed(model, namespaceOf(manifest), manifest.name) : undefined;
  return partsOf(manifest).flatMap((part, index): Candidate[] => {
    const port = service?.ports[index];
    const what =
      service === undefined || port === undefined ? describedListener(part) : describedPort(model, service, port);
    const detail = `${what}, ${manifest.kind} ${manifest.name}`;
    const texts = { name: textAt(part.value, 'name'), number: textAt(part.value, 'port') };
    const taken = fieldsTaking(field).flatMap((each) => {
      const text = texts[each];
      return text === undefined || text === '' ? [] : [{ text, isNumber: each === 'number' }];
    });
    return taken.map((each) => ({ ...each, kind: 'port', about: about(detail) }));
  });
}

function fieldsTaking(field: string): readonly ('name' | 'number')[] {
  if (field === 'name' || field === 'sectionName') return ['name'];
  return field === 'number' ? ['number'] : field === 'port' ? ['number'] : ['number', 'name'];
}

/** The namespaces, those first that have what is named. */
function namespacesOf(model: ClusterModel, written: WrittenName): Candidate[] {
  const having = new Set(
    model.declared
      .ofKind(written.kind)
      .filter(({ name }) => written.mark === null || name === written.name)
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
function kindsOf({ declared }: ClusterModel, written: WrittenName): Candidate[] {
  const found = declared.manifests.filter(
    ({ name, kind }) => kind !== cursorWord && name === written.name && written.name !== '',
  );
  return found.map((each) => ({
    text: each.kind,
    kind: 'kind',
    about: about(`${each.kind} ${each.name} in ${namespaceOf(each)}`),
  }));
}
