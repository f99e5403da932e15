import { type Because, written } from '../cluster/because.ts';
import { type ClusterModel, endpointsFor, nodeNamed, serviceNamed } from '../cluster/clusterModel.ts';
import type { Backend, Ingress } from '../cluster/ingress.ts';
import type { Pod } from '../cluster/pod.ts';
import type { ServicePort } from '../cluster/service.ts';
import { hostPort } from '../network/kubeProxyChains.ts';
import { controllerFor, type IngressController, ingressControllersOf } from '../network/ingressController.ts';
import { matchIngress } from '../network/pathMatching.ts';
import { delivered, ends, type Flight, hopTo, lands, rewrittenBy } from './flight.ts';
import { type Party, type Path, podName, type Rewrite } from './trace.ts';

/** What an Ingress controller does with a request that reached one of its pods: match, then straight to a pod. */
export function controllerAt(model: ClusterModel, pod: Pod): IngressController | null {
  if (model.ingresses.length === 0) return null;
  return ingressControllersOf(model).find(({ pods }) => pods.includes(pod)) ?? null;
}

export function routeAtController(model: ClusterModel, flight: Flight, pod: Pod, controller: IngressController): Path[] {
  const controllers = ingressControllersOf(model);
  const ingresses = model.ingresses.filter((ingress) => {
    const assignment = controllerFor(model, controllers, ingress);
    return assignment.kind === 'served' && assignment.controller.implementation === controller.implementation && assignment.controller.classes.join() === controller.classes.join();
  });
  return route(model, flight, ingresses, pod.address, pod.node);
}

/** The way through a controller that is assumed, not found: its parties in order, the last one the controller itself. */
export interface AssumedController {
  readonly via: readonly Party[];
  readonly because: readonly Because[];
  readonly ingresses: readonly Ingress[];
  readonly controllerNode: string | null;
}

export function arriveAtController(model: ClusterModel, flight: Flight, { via, because, ingresses, controllerNode }: AssumedController): Path[] {
  let here = flight;
  for (const party of via) here = hopTo(here, party, { because });
  return route(model, here, ingresses, here.at.address, controllerNode);
}

function route(model: ClusterModel, flight: Flight, ingresses: readonly Ingress[], source: string, controllerNode: string | null): Path[] {
  const { http } = flight;
  if (http === null) return delivered(flight, null, null);
  const match = matchIngress(ingresses, http.host, http.path);
  if (match === null) return [lands(flight, { kind: 'answered', reason: 'no-matching-rule', status: 404, text: `No Ingress rule matches ${http.host}${http.path}: the controller answers 404 itself.` })];
  const { ingress, path } = match;
  const backend = path === null ? ingress.defaultBackend : path.backend;
  const because = path === null ? [written(ingress.manifest, 'defaultBackend', 'spec', 'defaultBackend')] : [written(ingress.manifest, `${path.host ?? '*'} ${path.pathType} ${path.path}`, ...path.at)];
  if (backend === null) return ends(flight, 'unknown', 'no-backend', `Ingress ${ingress.name} sends this to something other than a Service.`, because);
  const service = serviceNamed(model, ingress.namespace, backend.service);
  const port = service === undefined ? undefined : backendPort(service.ports, backend);
  const unavailable = (text: string): Path[] => [lands(flight, { kind: 'answered', reason: 'no-backend', status: 503, text }, [...because, written(ingress.manifest, `backend ${backend.service}`, ...backend.at)])];
  if (service === undefined) return unavailable(`Ingress ${ingress.name}'s backend, Service ${backend.service}, isn't in the set: the controller answers 503 itself.`);
  if (port === undefined) return unavailable(`Service ${backend.service} has no port ${backend.port ?? ''}: the controller answers 503 itself.`);
  const ready = (endpointsFor(model, service).byPort[port.index] ?? []).filter((each) => each.ready);
  if (ready.length === 0) return unavailable(`Service ${backend.service} has no ready endpoint: the controller answers 503 itself.`);
  return ready.flatMap((endpoint) => {
    const to: Party = endpoint.pod === null ? { kind: 'external', name: endpoint.address, address: endpoint.address } : { kind: 'pod', name: podName(endpoint.pod), address: endpoint.address };
    const rewrite: Rewrite = { kind: 'proxy', from: hostPort(flight.packet.destination.address, flight.packet.destination.port), to: hostPort(endpoint.address, endpoint.port), by: flight.at.name, chains: [], because };
    const sent = rewrittenBy(flight, [rewrite], because, { ...flight.packet, source, destination: { address: endpoint.address, port: endpoint.port } });
    const node = controllerNode === null ? undefined : nodeNamed(model, controllerNode);
    const arrived = hopTo({ ...sent, probability: sent.probability.div(ready.length) }, to, { crossesNodes: node !== undefined && endpoint.node !== null && node.name !== endpoint.node, owner: flight.at.name });
    return delivered(arrived, endpoint.pod, service);
  });
}

/** The port that a backend names, by number or by name; the only one where it names none. */
export function backendPort(ports: readonly ServicePort[], backend: Backend): ServicePort | undefined {
  if (backend.port === null) return ports.length === 1 ? ports[0] : undefined;
  return ports.find((each) => each.port === backend.port || each.name === backend.port);
}
