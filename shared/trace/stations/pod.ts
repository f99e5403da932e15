import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { nodeNamed } from '../../cluster/lookups.ts';
import { gatewayAt } from '../../network/gateway/gatewayProxy.ts';
import { controllerAt } from '../../network/ingressController.ts';
import { delivered, ends, type Flight, type Moves } from '../flight.ts';
import type { Station } from '../station.ts';
import { atController } from './controller.ts';
import { atGateway } from './gateway.ts';

/** How packets come into a pod, or to an endpoint that is none of the set's. All that do pass here. */
export function atPod(
  model: ClusterModel,
  flight: Flight,
  { pod, node, service }: Extract<Station, { kind: 'pod' }>,
): Moves {
  const home = node === null ? null : nodeNamed(model, node);
  if (home?.ready === false) return ends(flight, { kind: 'dropped', reason: 'node-not-ready', node: home.name });
  if (pod === null) return delivered(flight, pod, service);
  const gateway = gatewayAt(model, pod);
  const taken = gateway === null ? null : atGateway(model, flight, pod, gateway);
  if (taken !== null) return taken;
  const controller = flight.http === null ? null : controllerAt(model, pod);
  return controller === null ? delivered(flight, pod, service) : atController(model, flight, pod, controller);
}
