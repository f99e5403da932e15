import type { Manifest } from '../manifest/manifest.ts';
import { booleanAt, integerAt, itemsAt, textAt, textOf, type Value } from '../manifest/value.ts';
import { canonicalAddress, type Family, familyOf, hostPort } from './address.ts';
import type { ClusterNode } from './node.ts';
import type { Pod } from './pod.ts';
import type { Service, ServicePort } from './service.ts';
import { asksForTopologyHints, hintsOfPod, type ServiceTopology, serviceTopology } from './topologyHints.ts';

/**
 * A Service's endpoints, per port, as the EndpointSlice controller would publish them.
 * Source: kubernetes/kubernetes staging/src/k8s.io/endpointslice (`podToEndpoint`, `FindPort`).
 * The set's own EndpointSlices (or Endpoints) win over what the selector gives.
 */
export interface ServiceEndpoints {
  /** One entry for each of the Service's ports, in its order: the endpoints of the Service's primary family. */
  readonly byPort: EndpointsByPort;
  /** The same for each family that the Service has. */
  readonly byFamily: ReadonlyMap<Family, EndpointsByPort>;
  readonly source: 'pods' | 'EndpointSlice' | 'Endpoints' | 'none';
  /** Where an annotation of the Service asks the EndpointSlice controller for zone hints. */
  readonly topology?: ServiceTopology;
}

export type EndpointsByPort = readonly (readonly Endpoint[])[];

export interface Endpoint {
  readonly address: string;
  readonly port: number;
  /** Null for an endpoint that is no pod of the set. */
  readonly pod: Pod | null;
  /** The pod that an EndpointSlice or Endpoints object names as its target; it need not be in the set. */
  readonly podName: string | null;
  /** As its slice names it; kube-proxy goes by this alone, whatever pod has the address. */
  readonly node: string | null;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  /** The zones and the nodes that are meant to use it; empty for no hint. */
  readonly zoneHints: readonly string[];
  readonly nodeHints: readonly string[];
}

/** Where the objects behind a Service's endpoints are looked up. */
export interface EndpointSources {
  /** The set's EndpointSlices, and its Endpoints, of a Service. */
  readonly slicesOf: (service: Service) => readonly Manifest[];
  readonly endpointsObjectsOf: (service: Service) => readonly Manifest[];
  readonly podsSelectedBy: (service: Service) => readonly Pod[];
  /** The pod of the pod network that has an address; null where none has. */
  readonly podAt: (address: string) => Pod | null;
  readonly nodes: () => readonly ClusterNode[];
  readonly zoneOf: (node: string) => string | null;
}

export function endpointsOf(service: Service, sources: EndpointSources): ServiceEndpoints {
  const slices = sources.slicesOf(service);
  if (slices.length > 0)
    return inFamilies(service, 'EndpointSlice', (port, family) =>
      merged(slices.flatMap((slice) => fromSlice(slice, port, sources.podAt, family))),
    );
  if (service.selector !== null && service.type !== 'ExternalName') {
    const selected = sources.podsSelectedBy(service);
    const derived = inFamilies(service, 'pods', (port, family) =>
      selected.flatMap((pod) => fromPod(service, port, pod, sources.zoneOf(pod.node), family)),
    );
    if (!asksForTopologyHints(service)) return derived;
    return withTopology(derived, serviceTopology(service, selected, sources.nodes()));
  }
  const endpoints = sources.endpointsObjectsOf(service);
  if (endpoints.length > 0)
    return inFamilies(service, 'Endpoints', (port, family) =>
      endpoints
        .flatMap((each) => fromEndpoints(each, port, sources.podAt))
        .filter(({ address }) => familyOf(address) === family),
    );
  return inFamilies(service, 'none', () => []);
}

/** With the hints of the Service's annotation, which beats `trafficDistribution`. */
function withTopology(endpoints: ServiceEndpoints, topology: ServiceTopology): ServiceEndpoints {
  const byFamily = new Map(
    [...endpoints.byFamily].map(([family, byPort]) => [
      family,
      byPort.map((own) =>
        own.map((each) => (each.pod === null ? each : { ...each, ...hintsOfPod(topology, family, each.pod) })),
      ),
    ]),
  );
  const [byPort = []] = byFamily.values();
  return { ...endpoints, byFamily, byPort, topology };
}

/** The primary family is the Service's first. */
function inFamilies(
  service: Service,
  source: ServiceEndpoints['source'],
  endpointsOfPort: (port: ServicePort, family: Family) => Endpoint[],
): ServiceEndpoints {
  const byFamily = new Map(
    service.ipFamilies.map((family) => [family, service.ports.map((port) => endpointsOfPort(port, family))]),
  );
  const [primary = []] = byFamily.values();
  return { source, byFamily, byPort: primary };
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
function hintsFor(
  { trafficDistribution }: Service,
  node: string,
  zone: string | null,
): Pick<Endpoint, 'zoneHints' | 'nodeHints'> {
  const zoneHints = trafficDistribution === null || zone === null ? [] : [zone];
  return { zoneHints, nodeHints: trafficDistribution === 'PreferSameNode' ? [node] : [] };
}

function fromPod(service: Service, port: ServicePort, pod: Pod, zone: string | null, family: Family): Endpoint[] {
  const target = targetPortOn(pod, port);
  const address = pod.addresses.find((each) => familyOf(each) === family);
  if (target === null || address === undefined) return [];
  const ready = service.publishNotReadyAddresses || (pod.ready && !pod.terminating);
  return [
    {
      address,
      port: target,
      pod,
      podName: pod.name,
      node: pod.node,
      ready,
      serving: service.publishNotReadyAddresses || pod.ready,
      terminating: pod.terminating,
      ...hintsFor(service, pod.node, zone),
    },
  ];
}

function fromSlice(slice: Manifest, port: ServicePort, podAt: EndpointSources['podAt'], family: Family): Endpoint[] {
  if ((textAt(slice.value, 'addressType') ?? family) !== family) return [];
  const found = itemsAt(slice.value, 'ports').find(
    (each) => (textAt(each, 'name') ?? '') === port.name && (textAt(each, 'protocol') ?? 'TCP') === port.protocol,
  );
  const number = integerAt(found, 'port');
  if (number === undefined) return [];
  return itemsAt(slice.value, 'endpoints').flatMap((each) => {
    const written = textOf(itemsAt(each, 'addresses')[0]);
    if (written === undefined || familyOf(written) !== family) return [];
    const address = canonicalAddress(written);
    const terminating = booleanAt(each, 'conditions', 'terminating') ?? false;
    const ready = booleanAt(each, 'conditions', 'ready') ?? true;
    const pod = podAt(address);
    return [
      {
        address,
        port: number,
        pod,
        podName: targetOf(each),
        node: textAt(each, 'nodeName') ?? null,
        ready,
        serving: booleanAt(each, 'conditions', 'serving') ?? true,
        terminating,
        zoneHints: namesAt(each, 'forZones'),
        nodeHints: namesAt(each, 'forNodes'),
      },
    ];
  });
}

/**
 * Each address and port once. Where two endpoints share them, the later one counts unless it terminates.
 * Source: kubernetes/kubernetes pkg/proxy/endpointslicecache.go `addEndpoints` (1.36).
 */
function merged(endpoints: readonly Endpoint[]): Endpoint[] {
  const bySocket = new Map<string, Endpoint>();
  for (const endpoint of endpoints) {
    const socket = hostPort(endpoint.address, endpoint.port);
    if (!endpoint.terminating || !bySocket.has(socket)) bySocket.set(socket, endpoint);
  }
  return [...bySocket.values()];
}

function targetOf(endpoint: Value): string | null {
  return textAt(endpoint, 'targetRef', 'kind') === 'Pod' ? (textAt(endpoint, 'targetRef', 'name') ?? null) : null;
}

function namesAt(endpoint: Value, field: 'forZones' | 'forNodes'): string[] {
  return itemsAt(endpoint, 'hints', field).flatMap((each) => textAt(each, 'name') ?? []);
}

function fromEndpoints(manifest: Manifest, port: ServicePort, podAt: EndpointSources['podAt']): Endpoint[] {
  return itemsAt(manifest.value, 'subsets').flatMap((subset) => {
    const found = itemsAt(subset, 'ports').find(
      (each) => (textAt(each, 'name') ?? '') === port.name && (textAt(each, 'protocol') ?? 'TCP') === port.protocol,
    );
    const number = integerAt(found, 'port');
    if (number === undefined) return [];
    const read =
      (ready: boolean) =>
      (each: Value): Endpoint[] => {
        const address = textAt(each, 'ip');
        if (address === undefined) return [];
        const pod = podAt(address);
        return [
          {
            address,
            port: number,
            pod,
            podName: targetOf(each),
            node: textAt(each, 'nodeName') ?? pod?.node ?? null,
            ready,
            serving: ready,
            terminating: false,
            zoneHints: [],
            nodeHints: [],
          },
        ];
      };
    return [
      ...itemsAt(subset, 'addresses').flatMap(read(true)),
      ...itemsAt(subset, 'notReadyAddresses').flatMap(read(false)),
    ];
  });
}
