import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { Pod } from '../../cluster/pod.ts';
import { type GatewayProxy, listenerPorts } from '../../network/gateway/gatewayProxy.ts';
import type { Flight, Moves } from '../flight.ts';
import { chosenBackends } from '../gatewayRouting.ts';
import { takenByProxy, toEndpoints } from '../proxying.ts';

/**
 * What a Gateway's proxy does with a request: listener, rule, filters, backend, then straight to a pod. Null where the
 * pod's port is none of a Gateway's: the pod does something else there.
 */
export function atGateway(model: ClusterModel, flight: Flight, pod: Pod, gateway: GatewayProxy): Moves | null {
  const { packet } = flight;
  const [port] = listenerPorts(gateway, pod, packet.destination.port, packet.protocol);
  if (port === undefined) return null;
  const taken = takenByProxy(flight, null, gateway.implementation.product);
  if (taken.kind === 'ended') return taken.moves;
  return chosenBackends(model, taken.flight, gateway, { port, client: taken.client }).flatMap((backend) =>
    backend.kind === 'ended' ? backend.moves : toEndpoints(model, backend.flight, pod, backend),
  );
}
