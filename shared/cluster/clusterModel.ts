import { type Manifest, namespaceOf, saysTheSame } from '../manifest/manifest.ts';
import { itemsAt, textAt } from '../manifest/value.ts';
import { definedObject } from '../manifest/sameObject.ts';
import { type Family, readAddresses } from './address.ts';
import { type Assumption, isAssumed } from './because.ts';
import { type ClusterRanges, clusterRanges, neededFamilies, sameRanges, withRanges } from './clusterRanges.ts';
import {
  type Cell,
  type DerivedOptions,
  KeyedFamily,
  Graph,
  Index,
  Memory,
  once,
  sameEntries,
  sameItems,
} from './derived.ts';
import { type Endpoint, endpointsOf, isMirrored, type ServiceEndpoints } from './endpoints.ts';
import { type GatewayApi, GatewayApiOf } from './gatewayApi/gatewayApi.ts';
import { type Ingress, isIngress, readIngress } from './ingress.ts';
import {
  addressesOfRunningPod,
  type ClusterNode,
  nodeNamedBy,
  type NodeOfPod,
  nodesOf,
  rangesOfNode,
  withLinks,
} from './node.ts';
import { type Pod, type PodTemplate, readPodTemplate } from './pod.ts';
import {
  allOwners,
  hasRealPods,
  ownersOfPod,
  ownersOfReplicaSet,
  type Placement,
  placementOf,
  podClaims,
  podsOf,
} from './podPlacement.ts';
import { labelKeysOf, type PodSelector, selectPods } from './podSelection.ts';
import { isProfile, type Profile, profileAssumptions } from './profile.ts';
import { isService, readService, type Service, type ServicePort } from './service.ts';
import {
  balancerClaims,
  clusterAddressClaims,
  type Lacking,
  lackingOf,
  nodePortClaims,
  type ServiceStandIns,
  withStandIns,
  writtenNodePorts,
} from './serviceAddresses.ts';
import { type Claim, handingOut } from './standIns.ts';

/**
 * What is written, and what nobody wrote of the cluster around it: the objects by kind, the nodes. From it follows what
 * has to be assumed; with that, the cluster.
 */
export class Declared {
  readonly graph: Graph;
  readonly #definitions: Cell<readonly Manifest[]>;
  readonly #manifests: Cell<readonly Manifest[]>;
  readonly #ranges: Cell<ClusterRanges>;
  readonly #profile: Cell<Profile>;
  readonly #byKind: Index<Manifest>;
  readonly #nodes: Cell<{ readonly nodes: readonly ClusterNode[]; readonly assumptions: readonly Assumption[] }>;
  readonly #templates: Cell<readonly PodTemplate[]>;
  readonly #ingresses: Cell<readonly Ingress[]>;
  readonly gatewayApi: GatewayApi;
  readonly memory: Memory<Declared>;

  /** `given`: the profile as it is written or assumed. */
  constructor(graph: Graph, definitions: Cell<readonly Manifest[]>, given: Cell<Profile>) {
    const manifests = graph.derived(() => countingOnes(this), { eager: true, same: sameItems });
    this.graph = graph;
    this.#definitions = definitions;
    this.#manifests = manifests;
    const ofNodes = graph.each(() => this.ofKind('Node'), rangesOfNode);
    const ofPods = graph.each(() => this.ofKind('Pod'), addressesOfRunningPod);
    this.#ranges = graph.derived(
      () => {
        const shown = ofNodes.get().length > 0 ? ofNodes.get() : ofPods.get();
        return clusterRanges(given.get(), this.ofKind('ServiceCIDR'), shown, (family) => firstNeeding(this, family));
      },
      { eager: true, same: sameRanges },
    );
    this.#profile = graph.derived(() => withRanges(given.get(), this.#ranges.get()), { eager: true });
    this.memory = new Memory(graph);
    this.#byKind = new Index(graph, manifests, ({ kind }) => [kind]);
    const running = graph.each(() => this.ofKind('Pod'), nodeNamedBy);
    const named = graph.derived(() => new Map(running.get()), {
      eager: true,
      same: (a, b) => sameEntries(a, b, isSameNode),
    });
    this.#nodes = graph.derived(() => nodesOf(this.ofKind('Node'), this.profile, named.get()), { eager: true });
    this.#templates = graph.each(() => manifests.get(), templatesOf);
    this.#ingresses = graph.each(
      () => this.ofKind('Ingress'),
      (each) => (isIngress(each) ? [readIngress(each)] : []),
    );
    this.gatewayApi = new GatewayApiOf(graph, (kind) => this.ofKind(kind));
  }

  /** All that is written, with what is defined again further on. */
  get definitions(): readonly Manifest[] {
    return this.#definitions.get();
  }

  /** The objects that are written, each by the definition that counts. */
  get manifests(): readonly Manifest[] {
    return this.#manifests.get();
  }

  get ranges(): ClusterRanges {
    return this.#ranges.get();
  }

  /** With the ranges that the set itself shows or asks for. */
  get profile(): Profile {
    return this.#profile.get();
  }

  ofKind(kind: string): readonly Manifest[] {
    return this.#byKind.get(kind);
  }

  /** Without the links of pods, by which a node may have more addresses. */
  get nodes(): readonly ClusterNode[] {
    return this.#nodes.get().nodes;
  }

  get assumptions(): readonly Assumption[] {
    const { assumption } = this.#ranges.get();
    const ofRanges = assumption === null ? [] : [assumption];
    return [...this.#nodes.get().assumptions, ...profileAssumptions(this.profile), ...ofRanges];
  }

  /** Every workload and Pod. */
  get templates(): readonly PodTemplate[] {
    return this.#templates.get();
  }

  get ingresses(): readonly Ingress[] {
    return this.#ingresses.get();
  }
}

/** An object that nobody wrote, and what it is assumed by. */
export interface AssumedObject {
  readonly manifest: Manifest;
  readonly assumption: Assumption;
}

/** What has to be assumed of what is written, decided by who knows the products: see `network/assumed.ts`. */
export type Assume = (declared: Declared) => readonly AssumedObject[];

/** The values that a cluster rests on; everything else is looked up in them. */
export interface ClusterParts {
  readonly declared: Declared;
  readonly profile: Cell<Profile>;
  readonly nodes: Cell<readonly ClusterNode[]>;
  readonly pods: Cell<readonly Pod[]>;
  readonly services: Cell<readonly Service[]>;
  readonly assumed: Cell<readonly AssumedObject[]>;
  readonly assumptions: Cell<readonly Assumption[]>;
  readonly endpointsOf: (service: Service) => ServiceEndpoints;
}

/**
 * What the API server, the controllers and the cloud would make of one manifest set under one profile, by name.
 * Real objects of the set (Node, Pod, EndpointSlice, Endpoints, status) win over derived ones; what had to be assumed
 * is among the others, marked as such (`assumptionOf`). Whoever reads a list depends on all of it; whoever looks
 * something up by its key, on that alone.
 */
export class ClusterModel {
  readonly declared: Declared;
  readonly graph: Graph;
  readonly memory: Memory<ClusterModel>;
  readonly #parts: ClusterParts;

  constructor(parts: ClusterParts) {
    this.#parts = parts;
    this.declared = parts.declared;
    this.graph = parts.declared.graph;
    this.memory = new Memory(this.graph);
  }

  /** As written, without what is defined again further on. */
  get manifests(): readonly Manifest[] {
    return this.declared.manifests;
  }

  get ingresses(): readonly Ingress[] {
    return this.declared.ingresses;
  }

  get gatewayApi(): GatewayApi {
    return this.declared.gatewayApi;
  }

  get profile(): Profile {
    return this.#parts.profile.get();
  }

  get nodes(): readonly ClusterNode[] {
    return this.#parts.nodes.get();
  }

  /** Those of assumed proxies among them, the last ones. */
  get pods(): readonly Pod[] {
    return this.#parts.pods.get();
  }

  /** Those of assumed proxies among them, the last ones. */
  get services(): readonly Service[] {
    return this.#parts.services.get();
  }

  get assumed(): readonly AssumedObject[] {
    return this.#parts.assumed.get();
  }

  /** What holds of the whole cluster and nobody wrote. */
  get assumptions(): readonly Assumption[] {
    return this.#parts.assumptions.get();
  }

  endpointsOf(service: Service): ServiceEndpoints {
    return this.#parts.endpointsOf(service);
  }

  /** The same cluster but for some of its parts: what would happen if. */
  but(change: Partial<ClusterParts>): ClusterModel {
    return new ClusterModel({ ...this.#parts, ...change });
  }
}

/**
 * Something that other rooms derive of a cluster: made when it is first asked for,
 * and again when what it read is another.
 */
export function ofModel<T>(
  make: (model: ClusterModel) => T,
  options: DerivedOptions<T> = {},
): (model: ClusterModel) => T {
  return (model) => model.memory.value(make, model, options);
}

/** The same for each key that is asked for. */
export function byKeyOfModel<T>(
  make: (model: ClusterModel, key: string) => T,
  options: DerivedOptions<T> = {},
): (model: ClusterModel, key: string) => T {
  return (model, key) => model.memory.byKey(make, model, key, options);
}

/** A list made of another, item by item. */
export function eachOfModel<T, U>(
  list: (model: ClusterModel) => readonly T[],
  make: (item: T) => readonly U[],
): (model: ClusterModel) => readonly U[] {
  return (model) => model.memory.each(list, make, model);
}

/** A list's items by key. */
export function indexOfModel<T extends object>(
  list: (model: ClusterModel) => readonly T[],
  keysOf: (item: T) => readonly string[],
): (model: ClusterModel) => Index<T> {
  return (model) => model.memory.index(list, keysOf, model);
}

/** Something that is derived of what is written. */
export function ofDeclared<T>(
  make: (declared: Declared) => T,
  options: DerivedOptions<T> = {},
): (declared: Declared) => T {
  return (declared) => declared.memory.value(make, declared, options);
}

/** The same for each key that is asked for. */
export function byKeyOfDeclared<T>(
  make: (declared: Declared, key: string) => T,
  options: DerivedOptions<T> = {},
): (declared: Declared, key: string) => T {
  return (declared, key) => declared.memory.byKey(make, declared, key, options);
}

/** A list made of another, item by item. */
export function eachOfDeclared<T, U>(
  list: (declared: Declared) => readonly T[],
  make: (item: T) => readonly U[],
): (declared: Declared) => readonly U[] {
  return (declared) => declared.memory.each(list, make, declared);
}

/** A list's items by key. */
export function indexOfDeclared<T extends object>(
  list: (declared: Declared) => readonly T[],
  keysOf: (item: T) => readonly string[],
): (declared: Declared) => Index<T> {
  return (declared) => declared.memory.index(list, keysOf, declared);
}

const servicesByNeed = indexOfDeclared(
  (declared) => declared.ofKind('Service'),
  (manifest: Manifest) => (isService(manifest) ? neededFamilies(readService(manifest)) : []),
);

/** The first Service that can't do without a family; null for none. */
function firstNeeding(declared: Declared, family: Family): Service | null {
  const [first] = servicesByNeed(declared).get(family);
  return first === undefined ? null : readService(first);
}

const keysOfDefinition = once((manifest: Manifest): readonly string[] => {
  const object = definedObject(manifest);
  return object === null ? [] : [object];
});

const definitionsByObject = indexOfDeclared(({ definitions }) => definitions, keysOfDefinition);

/** All definitions of the object that a manifest defines, that one among them: the last counts. */
export function definitionsOf(declared: Declared, manifest: Manifest): readonly Manifest[] {
  const [object] = keysOfDefinition(manifest);
  return object === undefined ? [manifest] : definitionsByObject(declared).get(object);
}

/** Whether what a manifest says holds; false where its object is defined again further on. */
export function isCounting(declared: Declared, manifest: Manifest): boolean {
  return definitionsOf(declared, manifest).at(-1) === manifest;
}

function countingOnes(declared: Declared): readonly Manifest[] {
  const all = declared.definitions;
  const replaced = new Set(
    definitionsByObject(declared)
      .several()
      .flatMap((definitions) => definitions.slice(0, -1)),
  );
  return replaced.size === 0 ? all : all.filter((each) => !replaced.has(each));
}

const nothing: readonly AssumedObject[] = [];

/** The cluster of a set of manifests that can change. */
export function liveCluster(
  graph: Graph,
  manifests: Cell<readonly Manifest[]>,
  profile: Cell<Profile>,
  assume: Assume = () => nothing,
): ClusterModel {
  const written = graph.each(
    () => manifests.get(),
    (each) => (isProfile(each) ? [] : [each]),
  );
  const declared = new Declared(graph, written, profile);
  const assumed = graph.derived(() => assume(declared), { eager: true, same: sameAssumed });
  const pods = podsIn(declared, assumed);
  const model: ClusterModel = new ClusterModel({
    declared,
    profile: { get: () => declared.profile },
    nodes: graph.derived(() => withLinks(declared.nodes, declared.profile, () => pods.get()), {
      eager: true,
      same: sameItems,
    }),
    pods,
    services: servicesOf(declared, assumed),
    assumed,
    assumptions: graph.derived(() => declared.assumptions, { eager: true }),
    endpointsOf: (service) => endpoints.get(nameKey(service)),
  });
  const endpoints = new KeyedFamily<ServiceEndpoints>(graph, (key) => {
    const [service] = servicesByName(model).get(key);
    if (service === undefined) return noEndpoints;
    const zones = zonesOf(model);
    return endpointsOf(service, {
      slicesOf: () => slicesByService(model).get(key),
      endpointsObjectsOf: () => endpointsByName(model).get(key).filter(isMirrored),
      podsSelectedBy: (each) => selectedPods(each, model),
      podAt: (address) => podAt(model, address),
      nodes: () => model.nodes,
      zoneOf: (node) => zones.get(node) ?? null,
    });
  });
  return model;
}

/** The pods of all workloads: those that are written, then those of assumed ones. */
function podsIn(declared: Declared, assumed: Cell<readonly AssumedObject[]>): Cell<readonly Pod[]> {
  const { graph } = declared;
  const owners = graph.each(() => declared.templates, ownersOfPod);
  const replicaSets = graph.each(() => declared.templates, ownersOfReplicaSet);
  const owned = graph.derived(() => allOwners(owners.get(), replicaSets.get()), { eager: true });
  const own = graph.each(
    () => declared.templates,
    (each, ownersNow) => (each.kind === 'Pod' || !hasRealPods(each, ownersNow) ? [each] : []),
    () => owned.get(),
  );
  const made = graph.each(
    () => assumed.get(),
    ({ manifest }) => templatesOf(manifest),
  );
  const placements = graph.each(
    () => joined(own.get(), made.get()),
    (template, nodes) => [placementOf(template, nodes)],
    () => declared.nodes,
  );
  const placed = graph.derived(() => placements.get(), { eager: true, same: sameSignatures<Placement> });
  const claimsOn = graph.derived(() => podClaims(declared.nodes, declared.profile), { eager: true });
  const claims = graph.each(
    () => placed.get(),
    (each, claimsOf) => claimsOf(each),
    () => claimsOn.get(),
  );
  const taken = graph.each(
    () => placed.get(),
    ({ addresses }) => addresses,
  );
  const standIns = handingOut(
    graph,
    () => claims.get(),
    () => taken.get(),
  );
  return graph.each(
    () => placements.get(),
    podsOf,
    () => standIns.get(),
  );
}

/** The Services with what they are given: those that are written, then the assumed ones. */
function servicesOf(declared: Declared, assumed: Cell<readonly AssumedObject[]>): Cell<readonly Service[]> {
  const { graph } = declared;
  const made = graph.each(
    () => assumed.get(),
    ({ manifest }) => [manifest],
  );
  const lacking = graph.each(
    () => joined(declared.ofKind('Service'), made.get()),
    (each, profile) => (isService(each) ? [lackingOf(readService(each), profile)] : []),
    () => declared.profile,
  );
  const wanting = graph.derived(() => lacking.get(), { eager: true, same: sameSignatures<Lacking> });
  const claimed = (claimsOf: (lacking: Lacking, profile: Profile) => readonly Claim[]): Cell<readonly Claim[]> =>
    graph.each(
      () => wanting.get(),
      claimsOf,
      () => declared.profile,
    );
  const given = (claims: Cell<readonly Claim[]>, taken: () => readonly string[]): Cell<ReadonlyMap<string, string>> =>
    handingOut(graph, () => claims.get(), taken);
  const clusterIPs = graph.each(
    () => wanting.get(),
    ({ service }) => service.clusterIPs,
  );
  const nodePorts = graph.each(() => wanting.get(), writtenNodePorts);
  const manual = (): string[] => declared.profile.loadBalancers.flatMap(({ nodePort }) => String(nodePort));
  const handed = {
    clusterIPs: given(claimed(clusterAddressClaims), () => clusterIPs.get()),
    balancerAddresses: given(claimed(balancerClaims), () => writtenAddresses(declared)),
    nodePorts: given(claimed(nodePortClaims), () => [...nodePorts.get(), ...manual()]),
  };
  const standIns = graph.derived(
    (): ServiceStandIns => ({
      clusterIPs: handed.clusterIPs.get(),
      balancerAddresses: handed.balancerAddresses.get(),
      nodePorts: handed.nodePorts.get(),
    }),
    { eager: true },
  );
  return graph.each(
    () => lacking.get(),
    (each, now) => [withStandIns(each, now)],
    () => standIns.get(),
  );
}

function templatesOf(manifest: Manifest): readonly PodTemplate[] {
  const template = readPodTemplate(manifest);
  return template === null ? [] : [template];
}

function joined<T>(a: readonly T[], b: readonly T[]): readonly T[] {
  return b.length === 0 ? a : [...a, ...b];
}

/** The cluster of a set of manifests that never change. */
export function fixedCluster(manifests: readonly Manifest[], profile: Profile, assume?: Assume): ClusterModel {
  const graph = new Graph();
  return liveCluster(graph, graph.input(manifests), graph.input(profile), assume);
}

function isSameNode(a: NodeOfPod, b: NodeOfPod): boolean {
  return sameItems(a.addresses, b.addresses) && sameItems(a.ranges, b.ranges);
}

function sameSignatures<T extends { readonly signature: string }>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index] || each.signature === b[index]?.signature);
}

function sameAssumed(a: readonly AssumedObject[], b: readonly AssumedObject[]): boolean {
  return a.length === b.length && a.every((each, index) => isSameAssumed(each, b[index]));
}

function isSameAssumed(a: AssumedObject, b: AssumedObject | undefined): boolean {
  return b !== undefined && a.assumption.text === b.assumption.text && saysTheSame(a.manifest, b.manifest);
}

/**
 * The addresses that somebody wrote, for anything but a pod: no load balancer's stand-in is one of them. The nodes',
 * those of the profile's load balancers, and what Services, Ingresses and Gateways say of theirs.
 */
export const writtenAddresses = ofDeclared(
  (declared): readonly string[] => [
    ...declared.nodes.flatMap(({ addresses }) => addresses),
    ...declared.profile.loadBalancers.flatMap(({ address }) => address ?? []),
    ...addressesOfServices(declared),
    ...declared.ingresses.flatMap(({ manifest }) => addressesOfStatus(manifest)),
    ...declared.gatewayApi.gateways.flatMap(({ addresses }) => addresses),
  ],
  { eager: true, same: sameItems },
);

const addressesOfServices = eachOfDeclared(
  (declared) => declared.ofKind('Service'),
  (manifest: Manifest): readonly string[] => {
    if (!isService(manifest)) return [];
    const { loadBalancerAddresses, externalIPs } = readService(manifest);
    return [...loadBalancerAddresses, ...externalIPs];
  },
);

const addressesOfStatus = once(({ value }: Manifest): readonly string[] =>
  readAddresses(itemsAt(value, 'status', 'loadBalancer', 'ingress').flatMap((each) => textAt(each, 'ip') ?? [])),
);

const noEndpoints: ServiceEndpoints = { byFamily: new Map(), source: 'none' };

/** `namespace/name` */
export function nameKey({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

const servicesByName = indexOfModel(
  (model) => model.services,
  (service: Service) => [nameKey(service)],
);

/** The first of that name, where a set has several. */
export function serviceNamed(model: ClusterModel, namespace: string, name: string): Service | undefined {
  return servicesByName(model).get(`${namespace}/${name}`)[0];
}

const servicesByNamespace = indexOfModel(
  (model) => model.services,
  ({ namespace }: Service) => [namespace],
);

export function servicesIn(model: ClusterModel, namespace: string): readonly Service[] {
  return servicesByNamespace(model).get(namespace);
}

const slicesByService = indexOfModel(
  ({ declared }) => declared.ofKind('EndpointSlice'),
  (slice: Manifest) => {
    const service = slice.labels.get('kubernetes.io/service-name');
    return service === undefined ? [] : [`${namespaceOf(slice)}/${service}`];
  },
);

const endpointsByName = indexOfModel(
  ({ declared }) => declared.ofKind('Endpoints').filter(({ apiVersion }) => apiVersion === 'v1'),
  (each: Manifest) => [`${namespaceOf(each)}/${each.name}`],
);

/** The Endpoints objects of a Service's name, those among them that nobody mirrors. */
export function endpointsObjectsOf(model: ClusterModel, service: Service): readonly Manifest[] {
  return endpointsByName(model).get(nameKey(service));
}

const zonesOf = ofModel((model) => new Map(model.nodes.map(({ name, zone }) => [name, zone])), {
  eager: true,
  same: sameEntries,
});

const podsByLabel = indexOfModel(({ pods }) => pods, labelKeysOf);
const podsByAddress = indexOfModel(
  ({ pods }) => pods,
  ({ addresses }: Pod) => [...new Set(addresses)],
);

/**
 * The pods that a Service's selector picks, whether or not they offer its ports; none for a Service without a selector.
 */
export function selectedPods(selector: PodSelector, model: ClusterModel): readonly Pod[] {
  return selectPods(selector, podsByLabel(model));
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

/** Every pod that has an address, those on a node's own network among them. */
export function podsWith(model: ClusterModel, address: string): readonly Pod[] {
  return podsByAddress(model).get(address);
}

const nodesByName = ofModel(({ nodes }) => new Map(nodes.toReversed().map((node) => [node.name, node])), {
  eager: true,
});

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
