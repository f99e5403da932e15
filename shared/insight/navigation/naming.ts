import { isOfGatewayApi } from '../../cluster/gatewayApi/gatewayApi.ts';
import { readPodTemplate } from '../../cluster/pod.ts';
import { clusterWide } from '../../cluster/references.ts';
import { isService } from '../../cluster/service.ts';
import { type Field, groupOf, type Manifest, namespaceOf } from '../../manifest/manifest.ts';
import {
  containerPortName,
  dnsLabel,
  dnsLabelFromLetter,
  dnsSubdomain,
  type Format,
  ingressHost,
  labelValue,
  qualifiedName,
} from '../../manifest/validation/formats.ts';
import { relaxedNamesSince } from '../../manifest/validation/service.ts';
import { type FieldPath, itemsAt, keysAt, textAt } from '../../manifest/value.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { objectsNamed } from './nameLinks.ts';
import { referentAt } from './referencePlaces.ts';

/** What a thing can be called. */
export type Naming =
  | {
      readonly kind: 'can be renamed';
      readonly format: Format<string>;
      /** Who has a name already, in words; null where nobody has. */
      readonly whoHas: (name: string) => string | null;
    }
  | { readonly kind: 'is left alone'; readonly why: string };

/** Which part of a field is the name: a label's key, or its value. */
export type NamedPartOfField = 'key' | 'value';

const whatIsRenamed =
  'Hoplens renames Services, Gateways, listeners, ports that have a name, labels, hosts, ConfigMaps, Secrets, ' +
  'classes, Namespaces and workloads.';

/** The API group of each kind that is renamed by its name: who names them stands in the table of references. */
const renamedKinds: Readonly<Record<string, string>> = {
  Service: '',
  ConfigMap: '',
  Secret: '',
  Namespace: '',
  IngressClass: 'networking.k8s.io',
  GatewayClass: 'gateway.networking.k8s.io',
  Gateway: 'gateway.networking.k8s.io',
  ListenerSet: 'gateway.networking.k8s.io',
  XListenerSet: 'gateway.networking.x-k8s.io',
  Deployment: 'apps',
  DaemonSet: 'apps',
  ReplicaSet: 'apps',
};

/** Source: kubernetes/kubernetes pkg/apis/core/validation, pkg/apis/apps/validation: what each kind asks of a name. */
export function namingOf(model: ClusterModel, manifest: Manifest, { path }: Field, part: NamedPartOfField): Naming {
  const title = `${manifest.kind} ${manifest.name}`;
  const among = (names: readonly string[], where: string): Extract<Naming, { kind: 'can be renamed' }>['whoHas'] => {
    return (name) => (names.includes(name) ? where : null);
  };
  if (isLabel(path)) {
    const format = part === 'key' ? qualifiedName : labelValue;
    const keys = part === 'key' ? keysAt(manifest.value, ...path.slice(0, -1)) : [];
    return { kind: 'can be renamed', format, whoHas: among(keys, `${title}'s labels`) };
  }
  if (referentAt(manifest, path)?.is === 'host')
    return { kind: 'can be renamed', format: ingressHost, whoHas: () => null };
  if (isOwnName(path)) return namingOfObject(model, manifest);
  if (path.at(-1) !== 'name') return leftAlone;
  const names = itemsAt(manifest.value, ...path.slice(0, -2)).flatMap((each) => textAt(each, 'name') ?? []);
  const format = formatOfPart(manifest);
  return format === null ? leftAlone : { kind: 'can be renamed', format, whoHas: among(names, title) };
}

const leftAlone: Naming = { kind: 'is left alone', why: whatIsRenamed };

function formatOfPart(manifest: Manifest): Format<string> | null {
  if (isService(manifest)) return dnsLabel;
  if (isOfGatewayApi(manifest)) return dnsSubdomain;
  return readPodTemplate(manifest) === null ? null : containerPortName;
}

function namingOfObject(model: ClusterModel, manifest: Manifest): Naming {
  const { kind, name: own } = manifest;
  if (kind === 'StatefulSet')
    return {
      kind: 'is left alone',
      why: `StatefulSet ${own} can't just be renamed: its pods, their DNS names and their volumes are called after it.`,
    };
  if (!Object.hasOwn(renamedKinds, kind) || renamedKinds[kind] !== groupOf(manifest)) return leftAlone;
  const isTaken = (name: string): boolean =>
    objectsNamed(model, kind, name).some(
      (each) => clusterWide.has(kind) || namespaceOf(each) === namespaceOf(manifest),
    );
  const where = clusterWide.has(kind) ? 'the cluster' : `namespace ${namespaceOf(manifest)}`;
  return {
    kind: 'can be renamed',
    format: formatOfName(model, manifest),
    whoHas: (name) => (isTaken(name) ? where : null),
  };
}

function formatOfName({ profile }: ClusterModel, { kind }: Manifest): Format<string> {
  switch (kind) {
    case 'Service':
      return profile.kubernetesMinor >= relaxedNamesSince ? dnsLabel : dnsLabelFromLetter;
    case 'Namespace':
      return dnsLabel;
    default:
      return dnsSubdomain;
  }
}

/** `metadata.name`. */
export function isOwnName(path: FieldPath): boolean {
  return path.length === 2 && path[0] === 'metadata' && path[1] === 'name';
}

export function isLabel(path: FieldPath): boolean {
  return path.at(-2) === 'labels' && path.at(-3) === 'metadata';
}
