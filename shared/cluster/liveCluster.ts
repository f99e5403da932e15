import { type Manifest, namespaceOf, saysTheSame } from '../manifest/manifest.ts';
import { type AssumedObject, type Assume, ClusterModel, indexOfModel, ofModel } from './clusterModel.ts';
import { Declared, templatesOf } from './declared.ts';
import { type Cell, KeyedFamily, Graph } from './derived.ts';
import { sameEntries, sameItems } from './listChanges.ts';
import { endpointsOf, isMirrored, type ServiceEndpoints } from './endpoints.ts';
import { nameKey, servicesByName, endpointsObjectsOf, selectedPods, podAt } from './lookups.ts';
import { withLinks } from './node.ts';
import type { Pod } from './pod.ts';
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
import { isProfile, type Profile } from './profile.ts';
import { isService, readService, type Service } from './service.ts';
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
import { writtenAddresses } from './writtenAddresses.ts';

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
      endpointsObjectsOf: () => endpointsObjectsOf(model, service).filter(isMirrored),
      podsSelectedBy: (each) => selectedPods(model, each),
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
  const nodePorts = graph.each(
    () => wanting.get(),
    ({ service }) => writtenNodePorts(service),
  );
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

const slicesByService = indexOfModel(
  ({ declared }) => declared.ofKind('EndpointSlice'),
  (slice: Manifest) => {
    const service = slice.labels.get('kubernetes.io/service-name');
    return service === undefined ? [] : [`${namespaceOf(slice)}/${service}`];
  },
);

const zonesOf = ofModel((model) => new Map(model.nodes.map(({ name, zone }) => [name, zone])), {
  eager: true,
  same: sameEntries,
});

const noEndpoints: ServiceEndpoints = { byFamily: new Map(), source: 'none' };

function joined<T>(a: readonly T[], b: readonly T[]): readonly T[] {
  return b.length === 0 ? a : [...a, ...b];
}

/** The cluster of a set of manifests that never change. */
export function fixedCluster(manifests: readonly Manifest[], profile: Profile, assume?: Assume): ClusterModel {
  const graph = new Graph();
  return liveCluster(graph, graph.input(manifests), graph.input(profile), assume);
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
