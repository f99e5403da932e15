import { readAddresses } from '../cluster/address.ts';
import type { Assumption } from '../cluster/because.ts';
import { type ClusterModel, indexOfModel } from '../cluster/clusterModel.ts';
import { byKeyOfDeclared, type Declared, ofDeclared } from '../cluster/declared.ts';
import { writtenAddresses } from '../cluster/writtenAddresses.ts';
import { assumptionOf } from '../cluster/lookups.ts';
import { sameEntries, sameItems } from '../cluster/listChanges.ts';
import type { Ingress } from '../cluster/ingress.ts';
import type { Pod } from '../cluster/pod.ts';
import type { ManualLoadBalancer } from '../cluster/profile.ts';
import type { Service } from '../cluster/service.ts';
import { balancerClaim, familyClaimName, handOut } from '../cluster/standIns.ts';
import { itemsAt, textAt } from '../manifest/value.ts';
import { dialectOf } from './ingress/dialects.ts';
import { assignmentOf, controllerOf } from './ingressController.ts';

/**
 * How a request from outside comes to the controller of an Ingress, or to the proxy of a Gateway. Where the set shows
 * none, one is assumed.
 */
export interface Entry {
  readonly assumption: Assumption | null;
  readonly way: WayIn;
}

export type WayIn =
  | { readonly kind: 'service'; readonly service: Service }
  | { readonly kind: 'manual'; readonly balancer: ManualLoadBalancer }
  /** Straight to the nodes that run the controller: host network or host ports. */
  | { readonly kind: 'nodes'; readonly pods: readonly Pod[] }
  /** A load balancer of layer 7 outside the cluster is the controller itself. */
  | { readonly kind: 'cloud'; readonly product: string; readonly className: string; readonly address: string }
  | { readonly kind: 'unserved'; readonly className: string | null }
  /** The controller is there, and nothing leads to it from outside. */
  | { readonly kind: 'none' };

export function entryOf(model: ClusterModel, ingress: Ingress): Entry {
  const assignment = assignmentOf(model.declared, ingress);
  switch (assignment.kind) {
    case 'unserved':
      return { assumption: null, way: assignment };
    case 'cloud':
      return { assumption: null, way: { ...assignment, address: cloudAddressOf(model, ingress) } };
    case 'served':
    case 'assumed': {
      const controller = controllerOf(model, ingress);
      const [pod] = controller?.pods ?? [];
      const assumption = assignment.kind === 'served' || pod === undefined ? null : assumptionOf(model, pod.manifest);
      return { assumption, way: controller === null ? { kind: 'none' } : wayTo(model, controller) };
    }
    default:
      return assignment satisfies never;
  }
}

/**
 * The address of the load balancer that a cloud makes for an Ingress, or for all of its group: from a status, else a
 * stand-in.
 */
function cloudAddressOf({ declared }: ClusterModel, ingress: Ingress): string {
  const name = balancerOf(declared, ingress);
  return name === null ? '' : (cloudAddresses(declared).get(name) ?? '');
}

/** Names the load balancer of a cloud that serves an Ingress; null where none does. */
export function balancerOf(declared: Declared, ingress: Ingress): string | null {
  const assignment = assignmentOf(declared, ingress);
  return assignment.kind === 'cloud'
    ? `${assignment.className} ${dialectOf(assignment.product).groupOf(ingress)}`
    : null;
}

/** The Ingresses of each load balancer that a cloud makes. */
const cloudBalancers = ofDeclared(
  (declared) => {
    const byName = Map.groupBy(declared.ingresses, (ingress) => balancerOf(declared, ingress));
    byName.delete(null);
    return byName;
  },
  { eager: true, same: (a, b) => sameEntries(a, b, sameItems) },
);

/** Those that a status gives, by the balancer's name. */
const writtenCloudAddresses = ofDeclared(
  (declared) =>
    new Map(
      [...cloudBalancers(declared)].flatMap(([name, ingresses]) => {
        const [address] = ingresses.flatMap(({ manifest: { value } }) =>
          readAddresses(
            itemsAt(value, 'status', 'loadBalancer', 'ingress').flatMap((each) => textAt(each, 'ip') ?? []),
          ),
        );
        return name === null || address === undefined ? [] : [[name, address] as const];
      }),
    ),
  { eager: true, same: sameEntries },
);

const cloudAddresses = ofDeclared(
  (declared) => {
    const known = writtenCloudAddresses(declared);
    const names = [...cloudBalancers(declared).keys()].filter((name) => name !== null);
    const lacking = names.filter((name) => !known.has(name)).map((name) => balancerClaim('ingress', name, 'IPv4'));
    const standIns = handOut(lacking, writtenAddresses(declared));
    return new Map(names.map((name) => [name, known.get(name) ?? standIns.get(familyClaimName('IPv4', name)) ?? '']));
  },
  { eager: true, same: sameEntries },
);

/** The Ingresses of a load balancer by its name, in the set's order. */
export const ingressesByBalancer = byKeyOfDeclared((declared, name) => cloudBalancers(declared).get(name) ?? [], {
  eager: true,
  same: sameItems,
});

/** The Ingresses that share the load balancer which a cloud makes for one of them, in the set's order. */
export function ingressesOfBalancer({ declared }: ClusterModel, ingress: Ingress): readonly Ingress[] {
  const name = balancerOf(declared, ingress);
  return name === null ? [] : ingressesByBalancer(declared, name);
}

const balancersByAddress = ofDeclared(
  (declared) => new Map([...cloudAddresses(declared)].map(([name, address]) => [address, name])),
  { eager: true, same: sameEntries },
);

/** An Ingress that a cloud's load balancer at this address serves; null for none. */
export function cloudIngressAt({ declared }: ClusterModel, address: string): Ingress | null {
  const name = balancersByAddress(declared).get(address);
  return name === undefined ? null : (ingressesByBalancer(declared, name)[0] ?? null);
}

/** The same, if the address stands for one that the cloud will give. */
export function cloudIngressWithStandIn(model: ClusterModel, address: string): Ingress | null {
  const ingress = cloudIngressAt(model, address);
  const name = ingress === null ? null : balancerOf(model.declared, ingress);
  return name === null || writtenCloudAddresses(model.declared).has(name) ? null : ingress;
}

const servicesByBalancer = indexOfModel(
  ({ services }) => services,
  ({ loadBalancerAddresses }: Service) => [...new Set(loadBalancerAddresses)],
);

/** The Services whose load balancers have an address. */
export function servicesAtBalancer(model: ClusterModel, address: string): readonly Service[] {
  return servicesByBalancer(model).get(address);
}

export function wayTo(
  model: ClusterModel,
  { service, pods }: { service: Service | null; pods: readonly Pod[] },
): WayIn {
  if (service?.type === 'LoadBalancer' && !service.isPending) return { kind: 'service', service };
  const [first, second] = model.profile.loadBalancers;
  const manual =
    model.profile.loadBalancers.find(({ nodePort }) => service?.ports.some((each) => each.nodePort === nodePort)) ??
    (second === undefined ? first : undefined);
  if (manual !== undefined) return { kind: 'manual', balancer: manual };
  if (service?.type === 'NodePort' || service?.isPending === true) return { kind: 'service', service };
  const reachable = pods.filter(
    (pod) => pod.hostNetwork || pod.containers.some(({ ports }) => ports.some(({ hostPort }) => hostPort !== null)),
  );
  return reachable.length > 0 ? { kind: 'nodes', pods: reachable } : { kind: 'none' };
}

/** A URL's host and port that lead in by this way, for an Ingress that names no host; null where there is none. */
export function addressOfWay(model: ClusterModel, way: WayIn): string | null {
  switch (way.kind) {
    case 'service': {
      const { service } = way;
      if (service.type === 'LoadBalancer') return service.loadBalancerAddresses[0] ?? null;
      const port = service.ports.find((each) => each.port === 80) ?? service.ports[0];
      const node = model.nodes.find(({ ready }) => ready);
      return node === undefined || port?.nodePort == null ? null : `${node.address}:${port.nodePort}`;
    }
    case 'manual':
      return `${addressOfManual(model, way.balancer)}:${way.balancer.listen}`;
    case 'nodes':
      return model.nodes.find(({ name }) => way.pods.some(({ node }) => node === name))?.address ?? null;
    case 'cloud':
      return way.address;
    case 'unserved':
    case 'none':
      return null;
    default:
      return way satisfies never;
  }
}

/** The address of a load balancer of the profile: the written one, else a stand-in. */
export function addressOfManual({ declared }: ClusterModel, { address, name }: ManualLoadBalancer): string {
  return address ?? manualAddresses(declared).get(familyClaimName('IPv4', name)) ?? '';
}

/** A load balancer of the profile for whose address this stands; null for none. */
export function manualWithStandIn(model: ClusterModel, address: string): ManualLoadBalancer | null {
  const standing = model.declared.profile.loadBalancers.filter((each) => each.address === null);
  return standing.find((each) => addressOfManual(model, each) === address) ?? null;
}

const manualAddresses = ofDeclared(
  (declared) =>
    handOut(
      declared.profile.loadBalancers
        .filter(({ address }) => address === null)
        .map(({ name }) => balancerClaim('profile', name, 'IPv4')),
      writtenAddresses(declared),
    ),
  { eager: true, same: sameEntries },
);
