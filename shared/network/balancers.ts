import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { Gateway } from '../cluster/gatewayApi/gateway.ts';
import type { Ingress } from '../cluster/ingress.ts';
import { writtenOnes } from '../cluster/lookups.ts';
import type { ManualLoadBalancer } from '../cluster/profile.ts';
import type { Service } from '../cluster/service.ts';
import { cloudGatewayAt, gatewayEntryOf } from './gateway/gatewayEntry.ts';
import { addressOfManual, addressOfWay, cloudIngressAt, entryOf, servicesAtBalancer } from './wayIn.ts';

/** Whoever takes requests from outside for the cluster, by whom it is there for. */
export type Balancer =
  | { readonly kind: 'profile'; readonly balancer: ManualLoadBalancer }
  | { readonly kind: 'service'; readonly service: Service }
  | { readonly kind: 'ingress'; readonly ingress: Ingress }
  | { readonly kind: 'gateway'; readonly gateway: Gateway };

/** The load balancers that have an address: the profile's, then Services', then those of clouds. They may share it. */
export function balancersAt(model: ClusterModel, address: string): Balancer[] {
  const manuals = model.profile.loadBalancers.filter((each) => addressOfManual(model, each) === address);
  const ingress = cloudIngressAt(model, address);
  const gateway = cloudGatewayAt(model, address);
  return [
    ...manuals.map((balancer) => ({ kind: 'profile', balancer }) as const),
    ...servicesAtBalancer(model, address).map((service) => ({ kind: 'service', service }) as const),
    ...(ingress === null ? [] : [{ kind: 'ingress', ingress } as const]),
    ...(gateway === null ? [] : [{ kind: 'gateway', gateway } as const]),
  ];
}

/**
 * The ways in from outside that a name may stand for: load balancers, else Services that nodes take traffic for, else
 * those of Ingresses and Gateways, each way once.
 */
export function waysIn(model: ClusterModel): Balancer[] {
  const written = writtenOnes(model.services);
  const ofType = (wanted: Service['type']): Balancer[] =>
    written.flatMap((service) => (service.type === wanted ? { kind: 'service', service } : []));
  const balancers = [
    ...model.profile.loadBalancers.map((balancer) => ({ kind: 'profile', balancer }) as const),
    ...ofType('LoadBalancer'),
  ];
  if (balancers.length > 0) return balancers;
  const nodePorts = ofType('NodePort');
  if (nodePorts.length > 0) return nodePorts;
  const entries = [
    ...model.ingresses.map((ingress) => {
      const { way } = entryOf(model, ingress);
      return { way, balancer: { kind: 'ingress', ingress } as const };
    }),
    ...model.gatewayApi.gateways.map((gateway) => {
      const { way } = gatewayEntryOf(model, gateway);
      return { way, balancer: { kind: 'gateway', gateway } as const };
    }),
  ].map(({ way, balancer }) => [addressOfWay(model, way), balancer] as const);
  // Of those at one address the first counts.
  return [...new Map(entries.toReversed()).values()].toReversed();
}
