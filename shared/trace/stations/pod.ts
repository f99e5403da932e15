import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { nodeNamed } from '../../cluster/lookups.ts';
import type { Pod } from '../../cluster/pod.ts';
import { gatewayAt, type GatewayProxy, listenerPorts } from '../../network/gateway/gatewayProxy.ts';
import { controllerAt, type IngressController } from '../../network/ingressController.ts';
import { delivered, ends, type Flight, type Moves } from '../flight.ts';
import { throughGate } from '../policyGate.ts';
import type { ServiceName, Station } from '../station.ts';

/** What may run in a pod: proxies; anything else is whom requests are for. */
export interface InPods {
  readonly gateway: (model: ClusterModel, flight: Flight, pod: Pod, at: GatewayAt) => Moves;
  readonly controller: (model: ClusterModel, flight: Flight, pod: Pod, controller: IngressController) => Moves;
}

/** A Gateway's proxy, and the listeners' port that a connection to one of the pod's comes to. */
export interface GatewayAt {
  readonly gateway: GatewayProxy;
  readonly port: number;
}

/** How packets come into a pod, or to an endpoint that is none of the set's. All that do pass here. */
export function atPod(
  model: ClusterModel,
  flight: Flight,
  { pod, node, service, masquerade }: Extract<Station, { kind: 'pod' }>,
  inPods: InPods,
): Moves {
  const home = node === null ? null : nodeNamed(model, node);
  if (home?.ready === false) return ends(flight, { kind: 'dropped', reason: 'node-not-ready', node: home.name });
  if (pod === null) return delivered(flight, pod, service);
  return throughGate(model, flight, { pod, direction: 'ingress', masquerade }, (letIn) =>
    insidePod(model, letIn, { pod, service }, inPods),
  );
}

/** What a pod sends to its own address never leaves its network namespace: no gate, no kube-proxy, no other node. */
export function withinPod(
  model: ClusterModel,
  flight: Flight,
  { pod }: Extract<Station, { kind: 'within' }>,
  inPods: InPods,
): Moves {
  return insidePod(model, flight, { pod, service: null }, inPods);
}

function insidePod(
  model: ClusterModel,
  flight: Flight,
  { pod, service }: { readonly pod: Pod; readonly service: ServiceName | null },
  inPods: InPods,
): Moves {
  const { protocol, destination } = flight.packet;
  const gateway = gatewayAt(model, pod);
  const [port] = gateway === null ? [] : listenerPorts(gateway, pod, destination.port, protocol);
  if (gateway !== null && port !== undefined) return inPods.gateway(model, flight, pod, { gateway, port });
  // At another port than its listeners' the pod does something else.
  const controller = flight.http === null ? null : controllerAt(model, pod);
  return controller === null ? delivered(flight, pod, service) : inPods.controller(model, flight, pod, controller);
}
