import { type Manifest, namespaceOf } from '../manifest/manifest.ts';
import { booleanAt, integerAt, itemsAt, textAt, textOf, type Value } from '../manifest/value.ts';
import type { ClusterNode } from './node.ts';
import type { Pod } from './pod.ts';
import { selectedPods } from './podSelection.ts';
import type { Service, ServicePort } from './service.ts';

/**
 * A Service's endpoints, per port, as the EndpointSlice controller would publish them.
 * Source: kubernetes/kubernetes staging/src/k8s.io/endpointslice (`podToEndpoint`, `FindPort`).
 * The set's own EndpointSlices (or Endpoints) win over what the selector gives.
 */
export interface ServiceEndpoints {
  /** One entry for each of the Service's ports, in its order. */
  readonly byPort: readonly (readonly Endpoint[])[];
  readonly source: 'pods' | 'EndpointSlice' | 'Endpoints' | 'none';
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
  /** Null for an endpoint that is no pod of the set. */
  readonly pod: Pod | null;
  /** The pod that an EndpointSlice or Endpoints object names as its target; it need not be in the set. */
  readonly podName: string | null;
  readonly node: string | null;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  /** The zones and the nodes that are meant to use it; empty for no hint. */
  readonly zoneHints: readonly string[];
  readonly nodeHints: readonly string[];
}

export function endpointsOf(services: readonly Service[], pods: readonly Pod[], manifests: readonly Manifest[], nodes: readonly ClusterNode[]): Map<Service, ServiceEndpoints> {
  const zones = new Map(nodes.map(({ name, zone }) => [name, zone]));
  const slices = Map.groupBy(
    manifests.filter(({ kind, labels }) => kind === 'EndpointSlice' && labels.has('kubernetes.io/service-name')),
    (each) => `${namespaceOf(each)}/${each.labels.get('kubernetes.io/service-name')}`,
  );
  const old = Map.groupBy(manifests.filter(({ kind, apiVersion }) => kind === 'Endpoints' && apiVersion === 'v1'), (each) => `${namespaceOf(each)}/${each.name}`);
  const podByAddress = new Map(pods.filter(({ hostNetwork }) => !hostNetwork).map((pod) => [pod.address, pod]));
  return new Map(services.map((service): [Service, ServiceEndpoints] => {
    const key = `${service.namespace}/${service.name}`;
    const own = slices.get(key);
    if (own !== undefined) return [service, { source: 'EndpointSlice', byPort: service.ports.map((port) => own.flatMap((slice) => fromSlice(slice, port, podByAddress))) }];
    if (service.selector !== null && service.type !== 'ExternalName') {
      const selected = selectedPods(service, pods);
      return [service, { source: 'pods', byPort: service.ports.map((port) => selected.flatMap((pod) => fromPod(service, port, pod, zones.get(pod.node) ?? null))) }];
    }
    const endpoints = old.get(key);
    if (endpoints !== undefined) return [service, { source: 'Endpoints', byPort: service.ports.map((port) => endpoints.flatMap((each) => fromEndpoints(each, port, podByAddress))) }];
    return [service, { source: 'none', byPort: service.ports.map(() => []) }];
  }));
}

/** The port on which a pod serves a Service's port; null where it offers no port of that name. */
export function targetPortOn(pod: Pod, port: ServicePort): number | null {
  const { targetPort, protocol } = port;
  if (typeof targetPort === 'number') return targetPort;
  for (const container of pod.containers) {
    for (const each of container.ports) if (each.name === targetPort && each.protocol === protocol) return each.port;
  }
  return null;
}

/** The hints that the EndpointSlice controller gives for `trafficDistribution`. Source: staging/src/k8s.io/endpointslice/trafficdist/trafficdist.go (1.36). */
function hintsFor({ trafficDistribution }: Service, node: string, zone: string | null): Pick<Endpoint, 'zoneHints' | 'nodeHints'> {
  const zoneHints = trafficDistribution === null || zone === null ? [] : [zone];
  return { zoneHints, nodeHints: trafficDistribution === 'PreferSameNode' ? [node] : [] };
}

function fromPod(service: Service, port: ServicePort, pod: Pod, zone: string | null): Endpoint[] {
  const target = targetPortOn(pod, port);
  if (target === null) return [];
  const ready = service.publishNotReadyAddresses || pod.ready && !pod.terminating;
  return [{ address: pod.address, port: target, pod, podName: pod.name, node: pod.node, ready, serving: service.publishNotReadyAddresses || pod.ready, terminating: pod.terminating, ...hintsFor(service, pod.node, zone) }];
}

function fromSlice(slice: Manifest, port: ServicePort, podByAddress: ReadonlyMap<string, Pod>): Endpoint[] {
  const found = itemsAt(slice.value, 'ports').find((each) => (textAt(each, 'name') ?? '') === port.name && (textAt(each, 'protocol') ?? 'TCP') === port.protocol);
  const number = integerAt(found, 'port');
  if (number === undefined) return [];
  return itemsAt(slice.value, 'endpoints').flatMap((each) => {
    const address = textOf(itemsAt(each, 'addresses')[0]);
    if (address === undefined) return [];
    const terminating = booleanAt(each, 'conditions', 'terminating') ?? false;
    const ready = booleanAt(each, 'conditions', 'ready') ?? true;
    const pod = podByAddress.get(address) ?? null;
    return [{ address, port: number, pod, podName: targetOf(each), node: textAt(each, 'nodeName') ?? pod?.node ?? null, ready, serving: booleanAt(each, 'conditions', 'serving') ?? ready, terminating, zoneHints: namesAt(each, 'forZones'), nodeHints: namesAt(each, 'forNodes') }];
  });
}

function targetOf(endpoint: Value): string | null {
  return textAt(endpoint, 'targetRef', 'kind') === 'Pod' ? textAt(endpoint, 'targetRef', 'name') ?? null : null;
}

function namesAt(endpoint: Value, field: 'forZones' | 'forNodes'): string[] {
  return itemsAt(endpoint, 'hints', field).flatMap((each) => textAt(each, 'name') ?? []);
}

function fromEndpoints(manifest: Manifest, port: ServicePort, podByAddress: ReadonlyMap<string, Pod>): Endpoint[] {
  return itemsAt(manifest.value, 'subsets').flatMap((subset) => {
    const found = itemsAt(subset, 'ports').find((each) => (textAt(each, 'name') ?? '') === port.name && (textAt(each, 'protocol') ?? 'TCP') === port.protocol);
    const number = integerAt(found, 'port');
    if (number === undefined) return [];
    const read = (ready: boolean) => (each: Value): Endpoint[] => {
      const address = textAt(each, 'ip');
      if (address === undefined) return [];
      const pod = podByAddress.get(address) ?? null;
      return [{ address, port: number, pod, podName: targetOf(each), node: textAt(each, 'nodeName') ?? pod?.node ?? null, ready, serving: ready, terminating: false, zoneHints: [], nodeHints: [] }];
    };
    return [...itemsAt(subset, 'addresses').flatMap(read(true)), ...itemsAt(subset, 'notReadyAddresses').flatMap(read(false))];
  });
}
