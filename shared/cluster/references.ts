import { groupOf, type Manifest, type ObjectKey } from '../manifest/manifest.ts';
import { textAt } from '../manifest/value.ts';
import { readBackendTlsPolicy } from './gatewayApi/backendTlsPolicy.ts';
import { type Listener, readGateway, readListenerSet } from './gatewayApi/gateway.ts';
import { isOfGatewayApi } from './gatewayApi/gatewayApi.ts';
import { type Reference, gatewayGroup } from './gatewayApi/reference.ts';
import { isRoute, readRoute } from './gatewayApi/route.ts';
import { type Ingress, isIngress, readIngress } from './ingress.ts';
import { isNetworkPolicy } from './networkPolicy.ts';
import { once } from './once.ts';
import { readPodTemplate } from './pod.ts';
import { isService, readService } from './service.ts';

/**
 * What objects name of one another, as far as traffic depends on it: where manifests are variants of one another, what
 * one of them names and lacks is looked up in the others by this (`insight/borrowing.ts`).
 */

/** An object as others find it. */
export interface Offer {
  readonly object: ObjectKey;
  /** `Service web`, `Pod app=web`: what `Want.key` asks for. */
  readonly keys: readonly string[];
  /** Null for one that doesn't say its namespace, or is in none. */
  readonly namespace: string | null;
  /** Two of one identity are two definitions of one object. */
  readonly identity: string;
  /** Of a workload's pods. */
  readonly labels: ReadonlyMap<string, string>;
  readonly wants: readonly Want[];
}

/** What an object names. */
export interface Want {
  readonly key: string;
  /** Null for the one that nobody wrote; what is in none matches any. */
  readonly namespace: string | null;
  /** All labels that a pod must have; null for what is no pod. */
  readonly selector: ReadonlyMap<string, string> | null;
  /**
   * `one`: the object of a name. `all`: a Service's pods and slices, a namespace's grants or pods.
   * `beside`: those of them that stand in the same file alone.
   */
  readonly takes: 'one' | 'all' | 'beside';
}

/** What the key of all pods of a namespace begins with: behind it, the namespace. */
export const podsOfNamespace = 'Pods of ';

/** Kinds that are the cluster's and in no namespace. */
export const clusterWide: ReadonlySet<string> = new Set(['GatewayClass', 'IngressClass', 'Namespace']);

const found = new Set(['Service', 'Secret', 'ConfigMap', 'EndpointSlice', 'Endpoints', ...clusterWide]);

/** How others find an object; null for one that nobody asks for and that asks for none. */
export const offerOf = once((manifest: Manifest): Offer | null => {
  const { key, kind, name } = manifest;
  const template = readPodTemplate(manifest);
  const labels = template?.labels ?? nothing;
  const keys = keysOf(manifest, labels);
  const wants = wantsOf(manifest);
  if (keys.length === 0 && wants.length === 0) return null;
  const namespace = clusterWide.has(kind) ? null : manifest.namespace;
  const identity = `${groupOf(manifest)}/${kind}/${clusterWide.has(kind) ? '' : (namespace ?? 'default')}/${name}`;
  return { object: key, keys, namespace, identity, labels, wants };
});

const nothing: ReadonlyMap<string, string> = new Map();

function keysOf(manifest: Manifest, labels: ReadonlyMap<string, string>): string[] {
  const { kind, name } = manifest;
  if (labels.size > 0) {
    const ofNamespace = manifest.namespace === null ? [] : [`${podsOfNamespace}${manifest.namespace}`];
    return [...[...labels].map(([label, value]) => `Pod ${label}=${value}`), ...ofNamespace];
  }
  if (kind === 'ReferenceGrant') return [kind];
  if (kind === 'EndpointSlice') {
    const service = manifest.labels.get('kubernetes.io/service-name');
    return service === undefined ? [] : [`Endpoints ${service}`];
  }
  const isOfGateway = kind === 'Gateway' || kind === 'ListenerSet';
  return found.has(kind) || (isOfGateway && groupOf(manifest) === gatewayGroup) ? [`${kind} ${name}`] : [];
}

function named(key: string, namespace: string | null): Want {
  return { key, namespace, selector: null, takes: 'one' };
}

function allOf(key: string, namespace: string | null, selector: Want['selector'] = null): Want {
  return { key, namespace, selector, takes: 'all' };
}

function wantsOf(manifest: Manifest): Want[] {
  const { namespace } = manifest;
  if (isService(manifest)) {
    const { selector, name } = readService(manifest);
    if (selector === null) return [allOf(`Endpoints ${name}`, namespace)];
    const [first] = selector;
    const written: Want = { key: `Endpoints ${name}`, namespace, selector: null, takes: 'beside' };
    return first === undefined ? [written] : [written, allOf(`Pod ${first[0]}=${first[1]}`, namespace, selector)];
  }
  if (isIngress(manifest)) return wantsOfIngress(readIngress(manifest));
  // Whom a policy was meant for may have another name: it takes all pods of its namespace, if that is written.
  if (isNetworkPolicy(manifest)) return namespace === null ? [] : [allOf(`${podsOfNamespace}${namespace}`, namespace)];
  if (!isOfGatewayApi(manifest)) return [];
  if (isRoute(manifest)) {
    const { parents, rules } = readRoute(manifest);
    const backends = rules.flatMap((each) => each.backends);
    return [
      ...ownNamespace(manifest),
      ...parents.map((each) => named(`${each.kind} ${each.name}`, namespaceWritten(manifest, each))),
      ...backends.flatMap((each) => withGrant(manifest, each)),
    ];
  }
  switch (manifest.kind) {
    case 'Gateway': {
      const { className, listeners } = readGateway(manifest);
      return [named(`GatewayClass ${className}`, null), ...wantsOfListeners(manifest, listeners)];
    }
    case 'ListenerSet': {
      const { parent, listeners } = readListenerSet(manifest);
      const written = textAt(manifest.value, 'spec', 'parentRef', 'namespace') ?? namespace;
      return [
        ...ownNamespace(manifest),
        named(`Gateway ${parent.name}`, written),
        ...wantsOfListeners(manifest, listeners),
      ];
    }
    case 'BackendTLSPolicy': {
      const { targets, authorities } = readBackendTlsPolicy(manifest);
      return [...targets, ...authorities].map((each) => named(`${each.kind} ${each.name}`, namespace));
    }
    default:
      return [];
  }
}

/** A Gateway may let in the namespaces that have a label. */
function ownNamespace({ namespace }: Manifest): Want[] {
  return namespace === null ? [] : [named(`Namespace ${namespace}`, null)];
}

function wantsOfIngress({ manifest, className, defaultBackend, rules, tls }: Ingress): Want[] {
  const { namespace } = manifest;
  const services = [defaultBackend, ...rules.map(({ backend }) => backend)].flatMap((each) => each?.service ?? []);
  const secrets = tls.flatMap(({ secret }) => secret ?? []);
  return [
    ...(className === null ? [] : [named(`IngressClass ${className}`, null)]),
    ...[...new Set(services)].map((name) => named(`Service ${name}`, namespace)),
    ...[...new Set(secrets)].map((name) => named(`Secret ${name}`, namespace)),
  ];
}

function wantsOfListeners(manifest: Manifest, listeners: readonly Listener[]): Want[] {
  return listeners.flatMap(({ tls }) => tls?.certificates ?? []).flatMap((each) => withGrant(manifest, each));
}

/** What is named, and what lets it be named where it is another namespace's. */
function withGrant(manifest: Manifest, reference: Reference): Want[] {
  const namespace = namespaceWritten(manifest, reference);
  const wanted = named(`${reference.kind} ${reference.name}`, namespace);
  return namespace === manifest.namespace ? [wanted] : [wanted, allOf('ReferenceGrant', namespace)];
}

function namespaceWritten(manifest: Manifest, { at }: Reference): string | null {
  return textAt(manifest.value, ...at, 'namespace') ?? manifest.namespace;
}

/** What only one object can have: two that claim it are rivals, or each is a scene of its own. */
export const claimsOf = once((manifest: Manifest): readonly string[] => {
  if (isIngress(manifest)) {
    const { className, rules } = readIngress(manifest);
    return rules.map(({ host, path, pathType }) => JSON.stringify([className, host, path, pathType]));
  }
  if (!isRoute(manifest) || !isOfGatewayApi(manifest)) return [];
  const { parents, hostnames, rules } = readRoute(manifest);
  const matches = rules.flatMap((each) => each.matches.map((match) => ({ ...match, at: [] })));
  return parents.flatMap(({ kind, namespace, name, sectionName }) =>
    matches.map((match) => JSON.stringify([kind, namespace, name, sectionName, hostnames, match])),
  );
});
