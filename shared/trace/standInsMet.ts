import type { Assumption } from '../cluster/because.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import { gatewayWithStandIn } from '../network/gateway/assumedGateway.ts';
import { cloudIngressWithStandIn, manualWithStandIn, servicesAtBalancer } from '../network/wayIn.ts';
import { rewritesOf } from './flight.ts';
import type { TraceGraph } from './graph.ts';

/**
 * The addresses of load balancers that nobody wrote and that packets go through: whose each stands for. A client inside
 * meets no load balancer: its node's kube-proxy takes the packet by that address.
 */
export function standInsMet(model: ClusterModel, graph: TraceGraph): Assumption[] {
  const addresses = new Set(
    graph.moves.flatMap(({ node: { arrival }, move }) => [
      ...(arrival.at.kind === 'lb' ? [arrival.at.address] : []),
      ...rewritesOf(move).flatMap(({ kind, from }) => (kind === 'DNAT' ? hostOf(from) : [])),
    ]),
  );
  return [...addresses].flatMap((address) => standInAt(model, address));
}

/** Balancers that were given the address may share it, but a stand-in is one balancer's alone. */
function standInAt(model: ClusterModel, address: string): Assumption[] {
  const service = servicesAtBalancer(model, address).find(({ assigned }) => assigned.loadBalancerAddress);
  if (service !== undefined)
    return [
      {
        id: `address:${service.namespace}/${service.name}`,
        text: `${address} stands for the address that the load balancer of Service ${service.name} will be given`,
      },
    ];
  const gateway = gatewayWithStandIn(model.declared, address);
  if (gateway !== null)
    return [
      {
        id: `gateway-address:${gateway}`,
        text: `${address} stands for the address that Gateway ${gateway.split('/')[1]} will be given`,
      },
    ];
  const ingress = cloudIngressWithStandIn(model, address);
  if (ingress !== null)
    return [
      {
        id: `ingress-address:${ingress.namespace}/${ingress.name}`,
        text: `${address} stands for the address that the load balancer of Ingress ${ingress.name} will be given`,
      },
    ];
  const manual = manualWithStandIn(model, address);
  return manual === null
    ? []
    : [
        {
          id: `balancer-address:${manual.name}`,
          text: `${address} stands for the address of load balancer ${manual.name}: the ClusterProfile doesn't say it`,
        },
      ];
}

/** The address of `address:port`. */
function hostOf(socket: string): string {
  return socket.slice(0, socket.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}
