import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { Pod } from '../../cluster/pod.ts';
import type { GatewayProxy } from '../../network/gateway/gatewayProxy.ts';
import type { Flight, Moves } from '../flight.ts';
import { chosenBackends } from '../gatewayRouting.ts';
import { takenByProxy, toEndpoints } from '../proxying.ts';

/** What a Gateway's proxy does with a request: listener, rule, filters, backend, then straight to a pod. */
export function atGateway(
  model: ClusterModel,
  flight: Flight,
  pod: Pod,
  { gateway, port }: { readonly gateway: GatewayProxy; readonly port: number },
): Moves {
  const taken = takenByProxy(flight, null, gateway.implementation.product);
  if (taken.kind === 'ended') return taken.moves;
  return chosenBackends(model, taken.flight, gateway, { port, client: taken.client }).flatMap((backend) =>
    backend.kind === 'ended' ? backend.moves : toEndpoints(model, backend.flight, pod, backend),
  );
}
