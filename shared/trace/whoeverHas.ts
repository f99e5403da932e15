import { isIn } from '../cluster/address.ts';
import { assumed } from '../cluster/because.ts';
import { type ClusterModel, indexOfModel } from '../cluster/clusterModel.ts';
import { assumptionOf, nodeAt, nodeNamed } from '../cluster/lookups.ts';
import type { Service } from '../cluster/service.ts';
import { balancersAt } from '../network/balancers.ts';
import { gatewayEntryOf } from '../network/gateway/gatewayEntry.ts';
import { assuming, type Flight, type Moves } from './flight.ts';
import { noSuchPort } from './noSuchPort.ts';
import { toAnyNode, toBalancer, toManualBalancer, toNode } from './towards.ts';

/** To the one who has an address outside the cluster, or leads there; null where nobody that is known does. */
export function whoeverHas(model: ClusterModel, flight: Flight): Moves | null {
  const { protocol, destination } = flight.packet;
  const { address, port } = destination;
  const { profile } = model;
  // Balancers may share an address, also with a node: each takes its own ports, and the node has the rest.
  const balancers = balancersAt(model, address);
  const manuals = balancers.flatMap((each) => (each.kind === 'profile' ? each.balancer : []));
  const manual = manuals.find(({ listen }) => listen === port);
  if (manual !== undefined) return toManualBalancer(flight, manual);
  const balanced = balancers.flatMap((each) => (each.kind === 'service' ? each.service : []));
  for (const service of balanced) {
    const found = service.ports.find((each) => each.port === port && each.protocol === protocol);
    if (found !== undefined) return toBalancer(model, byItsMaker(model, flight, service), { service, port: found });
  }
  const node = nodeAt(model, address);
  if (node !== undefined) return [toNode(model, flight, node)];
  if (manuals[0] !== undefined) return toManualBalancer(flight, manuals[0]);
  if (balanced[0] !== undefined) return noSuchPort(flight, balanced[0], port);
  const route = profile.routes.find(({ to }) => isIn(address, to));
  const via = route === undefined ? undefined : nodeNamed(model, route.via);
  if (route !== undefined && via !== undefined)
    return [
      toNode(model, flight, via, {
        because: [{ kind: 'profile', text: `route to ${route.to} via ${route.via}`, field: route.field }],
      }),
    ];
  if (servicesByExternalIP(model).get(address).length === 0) return null;
  const assumption = {
    id: `route:${address}`,
    text: `${address} is taken to be routed to the nodes, each equally often`,
  };
  return toAnyNode(model, assuming(flight, assumption), assumed(assumption), { address });
}

/** For a Service that is assumed: what it is assumed by, and what its Gateway is taken to be. */
function byItsMaker(model: ClusterModel, flight: Flight, service: Service): Flight {
  const assumption = assumptionOf(model, service.manifest);
  if (assumption === null) return flight;
  const follows = model.gatewayApi.gateways.flatMap((gateway) => {
    const entry = gatewayEntryOf(model, gateway);
    return entry.follows !== null && entry.way.kind === 'service' && entry.way.service === service ? entry.follows : [];
  });
  return [assumption, ...follows].reduce(assuming, flight);
}

const servicesByExternalIP = indexOfModel(
  ({ services }) => services,
  ({ externalIPs }: Service) => [...new Set(externalIPs)],
);
