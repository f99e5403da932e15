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
 * kube-proxy uses all slices of a Service, whoever manages them: those of the set, those that the controller makes for
 * a selector, and those that mirror Endpoints where there is no selector. What the set shows of a controller's own
 * slices, from a dump, stands for what that controller would make.
 * Source: kubernetes/kubernetes pkg/proxy/endpointslicecache.go, pkg/controller/endpointslice,
 * pkg/controller/endpointslicemirroring `syncEndpoints` (1.36).
 */
export interface ServiceEndpoints {
  /** For each family that the Service has, its primary one first: one entry for each of its ports, in their order. */
  readonly byFamily: ReadonlyMap<Family, EndpointsByPort>;
  /** Where they come from: the set's own slices, alone or beside others; else the selector; else mirrored Endpoints. */
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
  /**
   * The EndpointSlice or Endpoints object of the set that lists it; null for one that the controller makes of a pod.
   */
  readonly listedBy: Manifest | null;
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
  /**
   * Whether its slice has the label `service.kubernetes.io/headless`: kube-proxy doesn't watch such a slice, others do.
   * Source: kubernetes/kubernetes cmd/kube-proxy/app/server.go `Run`, the EndpointSlices' label selector (1.36).
   */
  readonly isHeadless: boolean;
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
  const listed = sources.slicesOf(service);
  const isMade = (controller: string): boolean => listed.some((each) => managerOf(each) === controller);
  const isSelecting = service.selector !== null && service.type !== 'ExternalName';
  const selected = isSelecting && !isMade(sliceController) ? sources.podsSelectedBy(service) : [];
  const isMirroring = service.selector === null && !isMade(mirroringController);
  const mirrored = isMirroring ? sources.endpointsObjectsOf(service) : [];
  const source =
    listed.length > 0 ? 'EndpointSlice' : isSelecting ? 'pods' : mirrored.length > 0 ? 'Endpoints' : 'none';
  const topology =
    selected.length > 0 && asksForTopologyHints(service) ? serviceTopology(service, selected, sources.nodes()) : null;
  const ofPod = (pod: Pod, port: ServicePort, family: Family): Endpoint[] => {
    const own = fromPod(service, port, pod, { zone: sources.zoneOf(pod.node), family });
    return topology === null ? own : own.map((each) => ({ ...each, ...hintsOfPod(topology, family, pod) }));
  };
  const found = inFamilies(service, source, (port, family) =>
    merged([
      ...listed.flatMap((slice) => fromSlice(slice, port, sources.podAt, family)),
      ...mirrored
        .flatMap((each) => fromEndpoints(each, port, sources.podAt))
        .filter(({ address }) => familyOf(address) === family),
      ...selected.flatMap((pod) => ofPod(pod, port, family)),
    ]),
  );
  return topology === null ? found : { ...found, topology };
}

function inFamilies(
  service: Service,
  source: ServiceEndpoints['source'],
  endpointsOfPort: (port: ServicePort, family: Family) => Endpoint[],
): ServiceEndpoints {
  const byFamily = new Map(
    service.ipFamilies.map((family) => [family, service.ports.map((port) => endpointsOfPort(port, family))]),
  );
  return { source, byFamily };
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

/**
 * The hints that the EndpointSlice controller gives to ready endpoints for `trafficDistribution`. Source:
 * staging/src/k8s.io/endpointslice/trafficdist/trafficdist.go (1.36).
 */
function hintsFor(
  { trafficDistribution }: Service,
  node: string,
  zone: string | null,
): Pick<Endpoint, 'zoneHints' | 'nodeHints'> {
  const zoneHints = trafficDistribution === null || zone === null ? [] : [zone];
  return { zoneHints, nodeHints: trafficDistribution === 'PreferSameNode' ? [node] : [] };
}

function fromPod(
  service: Service,
  port: ServicePort,
  pod: Pod,
  { zone, family }: { readonly zone: string | null; readonly family: Family },
): Endpoint[] {
  const target = targetPortOn(pod, port);
  const address = pod.addresses.find((each) => familyOf(each) === family);
  if (target === null || address === undefined || pod.waits !== null) return [];
  const ready = service.publishNotReadyAddresses || (pod.ready && !pod.terminating);
  return [
    {
      address,
      port: target,
      pod,
      listedBy: null,
      podName: pod.name,
      node: pod.node,
      ready,
      serving: pod.ready,
      terminating: pod.terminating,
      ...(ready ? hintsFor(service, pod.node, zone) : { zoneHints: [], nodeHints: [] }),
      isHeadless: false,
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
        listedBy: slice,
        podName: targetOf(each),
        node: textAt(each, 'nodeName') ?? null,
        ready,
        serving: booleanAt(each, 'conditions', 'serving') ?? true,
        terminating,
        zoneHints: namesAt(each, 'forZones'),
        nodeHints: namesAt(each, 'forNodes'),
        isHeadless: isHeadlessSlice(slice),
      },
    ];
  });
}

const sliceController = 'endpointslice-controller.k8s.io';
const mirroringController = 'endpointslicemirroring-controller.k8s.io';

/** The controller that a slice belongs to; null for one made by hand. */
function managerOf({ labels }: Manifest): string | null {
  return labels.get('endpointslice.kubernetes.io/managed-by') ?? null;
}

/** Whether the EndpointSlice controller made it for a selector. */
export function isOfController(slice: Manifest): boolean {
  return managerOf(slice) === sliceController;
}

/**
 * The label that the EndpointSlice controller gives to a headless Service's slices; the mirroring controller copies it.
 */
function isHeadlessSlice({ labels }: Manifest): boolean {
  return labels.has('service.kubernetes.io/headless');
}

/**
 * Each address and port once. If two endpoints share them, the later one counts unless it terminates. One that
 * kube-proxy watches is never hidden by one that it does not.
 * Source: kubernetes/kubernetes pkg/proxy/endpointslicecache.go `addEndpoints` (1.36).
 */
function merged(endpoints: readonly Endpoint[]): Endpoint[] {
  const bySocket = new Map<string, Endpoint>();
  for (const endpoint of endpoints) {
    const socket = hostPort(endpoint.address, endpoint.port);
    const other = bySocket.get(socket);
    const counts =
      other === undefined ||
      (other.isHeadless === endpoint.isHeadless ? !endpoint.terminating : other.isHeadless && !endpoint.isHeadless);
    if (counts) bySocket.set(socket, endpoint);
  }
  return [...bySocket.values()];
}

/**
 * Whether the controller makes EndpointSlices of an Endpoints object, if its Service has no selector.
 * Source: kubernetes/kubernetes pkg/controller/endpointslicemirroring `shouldMirror`, `skipMirror`, `hasLeaderElection`
 * (1.36).
 */
export function isMirrored({ kind, apiVersion, labels, annotations }: Manifest): boolean {
  return (
    kind === 'Endpoints' &&
    apiVersion === 'v1' &&
    labels.get('endpointslice.kubernetes.io/skip-mirror') !== 'true' &&
    !annotations.has('control-plane.alpha.kubernetes.io/leader')
  );
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
        const written = textAt(each, 'ip');
        if (written === undefined) return [];
        const address = canonicalAddress(written);
        const pod = podAt(address);
        return [
          {
            address,
            port: number,
            pod,
            listedBy: manifest,
            podName: targetOf(each),
            node: textAt(each, 'nodeName') ?? pod?.node ?? null,
            ready,
            serving: ready,
            terminating: false,
            zoneHints: [],
            nodeHints: [],
            isHeadless: isHeadlessSlice(manifest),
          },
        ];
      };
    return [
      ...itemsAt(subset, 'addresses').flatMap(read(true)),
      ...itemsAt(subset, 'notReadyAddresses').flatMap(read(false)),
    ];
  });
}
