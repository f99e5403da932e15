import { type Manifest, namespaceOf } from '../manifest/manifest.ts';
import type { Family } from './address.ts';
import { type Assumption, isAssumed } from './because.ts';
import { type ClusterModel, indexOfModel, ofModel } from './clusterModel.ts';
import type { Endpoint } from './endpoints.ts';
import type { ClusterNode } from './node.ts';
import type { Pod } from './pod.ts';
import { labelKeysOf, pickedBy, type PodSelector, selectorKeysOf } from './podSelection.ts';
import type { Service, ServicePort } from './service.ts';

/** `namespace/name` */
export function nameKey({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

export const servicesByName = indexOfModel(
  (model) => model.services,
  (service: Service) => [nameKey(service)],
);

/** The first of that name, where a set has several. */
export function serviceNamed(model: ClusterModel, namespace: string, name: string): Service | undefined {
  return servicesByName(model).get(`${namespace}/${name}`)[0];
}

const servicesByBareName = indexOfModel(
  (model) => model.services,
  ({ name }: Service) => [name],
);

/** The Services of a name in all namespaces. */
export function servicesNamed(model: ClusterModel, name: string): readonly Service[] {
  return servicesByBareName(model).get(name);
}

const servicesByNamespace = indexOfModel(
  (model) => model.services,
  ({ namespace }: Service) => [namespace],
);

/** The Services of a namespace. */
export function servicesIn(model: ClusterModel, namespace: string): readonly Service[] {
  return servicesByNamespace(model).get(namespace);
}

const endpointsByName = indexOfModel(
  ({ declared }) => declared.ofKind('Endpoints').filter(({ apiVersion }) => apiVersion === 'v1'),
  (each: Manifest) => [`${namespaceOf(each)}/${each.name}`],
);

/** The Endpoints objects of a Service's name, those among them that nobody mirrors. */
export function endpointsObjectsOf(model: ClusterModel, service: Service): readonly Manifest[] {
  return endpointsByName(model).get(nameKey(service));
}

const podsByLabel = indexOfModel(({ pods }) => pods, labelKeysOf);
const podsByAddress = indexOfModel(
  ({ pods }) => pods,
  ({ addresses }: Pod) => [...new Set(addresses)],
);

/**
 * The pods that a Service's selector picks, whether or not they offer its ports; none for a Service without a selector.
 */
export function selectedPods(model: ClusterModel, selector: PodSelector): readonly Pod[] {
  return pickedBy(selector, podsByLabel(model));
}

const servicesBySelector = indexOfModel(({ services }) => services, selectorKeysOf);

/** The Services whose selector picks the pods of a workload. */
export function servicesSelecting(
  model: ClusterModel,
  pods: { readonly namespace: string; readonly labels: ReadonlyMap<string, string> },
): readonly Service[] {
  const index = servicesBySelector(model);
  return labelKeysOf(pods)
    .flatMap((key) => index.get(key))
    .filter(
      ({ selector, type }) =>
        type !== 'ExternalName' && [...(selector ?? [])].every(([key, value]) => pods.labels.get(key) === value),
    );
}

/** The pod of the pod network that has an address; null where none has. Of several, the last. */
export function podAt(model: ClusterModel, address: string): Pod | null {
  return (
    podsByAddress(model)
      .get(address)
      .findLast(({ hostNetwork }) => !hostNetwork) ?? null
  );
}

const podsByManifest = indexOfModel(
  ({ pods }) => pods,
  ({ manifest }: Pod) => [manifest.key],
);

/** The pods that a workload is made into, or the pod that a manifest is. */
export function podsOfManifest(model: ClusterModel, { key }: Pick<Manifest, 'key'>): readonly Pod[] {
  return podsByManifest(model).get(key);
}

const podsByName = indexOfModel(
  ({ pods }) => pods,
  (pod: Pod) => [nameKey(pod)],
);

/** The first of that name; null where there is none. */
export function podNamed(model: ClusterModel, namespace: string, name: string): Pod | null {
  return podsByName(model).get(`${namespace}/${name}`)[0] ?? null;
}

const podsByOwner = indexOfModel(
  ({ pods }) => pods,
  ({ namespace, owner: { kind, name } }: Pod) => [`${kind} ${namespace}/${name}`],
);

/** The pods of a workload; a bare Pod's own. */
export function podsOfOwner(
  model: ClusterModel,
  kind: string,
  workload: Pick<Pod, 'namespace' | 'name'>,
): readonly Pod[] {
  return podsByOwner(model).get(`${kind} ${nameKey(workload)}`);
}

/** All pods of a name: a set can have it more than once. */
export function podsNamed(model: ClusterModel, pod: Pick<Pod, 'namespace' | 'name'>): readonly Pod[] {
  return podsByName(model).get(nameKey(pod));
}

/** Every pod that has an address, those on a node's own network among them. */
export function podsWith(model: ClusterModel, address: string): readonly Pod[] {
  return podsByAddress(model).get(address);
}

const nodesByName = ofModel(({ nodes }) => new Map(nodes.toReversed().map((node) => [node.name, node])), {
  eager: true,
});

/** The node of a name; undefined where there is none. */
export function nodeNamed(model: ClusterModel, name: string): ClusterNode | undefined {
  return nodesByName(model).get(name);
}

const nodesByAddress = indexOfModel(
  ({ nodes }) => nodes,
  ({ addresses }: ClusterNode) => [...new Set(addresses)],
);

/** The node that has an address as its own; the first, where several do. */
export function nodeAt(model: ClusterModel, address: string): ClusterNode | undefined {
  return nodesByAddress(model).get(address)[0];
}

const nodesByAnyAddress = indexOfModel(
  ({ nodes }) => nodes,
  ({ addresses, gateways, tunnels }: ClusterNode) => [...new Set([...addresses, ...gateways, ...tunnels])],
);

/** The node that others reach at an address: one of its own, or one that it has in the pods' ranges. */
export function nodeReachedAt(model: ClusterModel, address: string): ClusterNode | undefined {
  return nodeAt(model, address) ?? nodesByAnyAddress(model).get(address)[0];
}

/** The endpoints of one port in one family; empty where the Service doesn't have the family. */
export function endpointsOfPort(
  model: ClusterModel,
  service: Service,
  port: Pick<ServicePort, 'index'>,
  family: Family,
): readonly Endpoint[] {
  return model.endpointsOf(service).byFamily.get(family)?.[port.index] ?? [];
}

const assumptionsByObject = ofModel(
  ({ assumed }) => new Map(assumed.map(({ manifest, assumption }) => [manifest.key, assumption])),
  {
    eager: true,
  },
);

/** What an object is assumed by; null for one that is written. */
export function assumptionOf(model: ClusterModel, { key, uri }: Pick<Manifest, 'key' | 'uri'>): Assumption | null {
  return isAssumed(uri) ? (assumptionsByObject(model).get(key) ?? null) : null;
}

/** Those that somebody wrote. */
export function writtenOnes<T extends { readonly manifest: Manifest }>(all: readonly T[]): T[] {
  return all.filter(({ manifest }) => !isAssumed(manifest.uri));
}

/** The endpoints of one port in every family that the Service has, the primary one's first. */
export function endpointsOfAllFamilies(
  model: ClusterModel,
  service: Service,
  port: Pick<ServicePort, 'index'>,
): readonly Endpoint[] {
  return service.ipFamilies.flatMap((family) => endpointsOfPort(model, service, port, family));
}
