import { type Because, written } from '../cluster/because.ts';
import { type ClusterModel, endpointsFor, nodeNamed, serviceNamed } from '../cluster/clusterModel.ts';
import type { Backend, Ingress } from '../cluster/ingress.ts';
import type { Pod } from '../cluster/pod.ts';
import type { Service, ServicePort } from '../cluster/service.ts';
import { controllerFor, type IngressController, ingressControllersOf } from '../network/ingressController.ts';
import { hostPort } from '../cluster/address.ts';
import { matchIngress, type PathDialect } from '../network/pathMatching.ts';
import { delivered, endpointOf, endpointParty, ends, type Flight, hopTo, lands, rewrittenBy, shared } from './flight.ts';
import { spread } from '../network/spread.ts';
import type { Path, Rewrite } from './trace.ts';

/** What an Ingress controller does with a request that reached one of its pods: match, then straight to a pod. */
export function controllerAt(model: ClusterModel, pod: Pod): IngressController | null {
  if (model.ingresses.length === 0) return null;
  return ingressControllersOf(model).find(({ pods }) => pods.includes(pod)) ?? null;
}

export function routeAtController(model: ClusterModel, flight: Flight, pod: Pod, controller: IngressController): Path[] {
  const controllers = ingressControllersOf(model);
  const ingresses = model.ingresses.filter((ingress) => {
    const assignment = controllerFor(model, controllers, ingress);
    return assignment.kind === 'served' && assignment.controller === controller;
  });
  const found = backendOf(model, flight, ingresses, controller.implementation === 'ingress-nginx' ? 'ingress-nginx' : 'standard');
  if (found.kind === 'ended') return found.paths;
  const { service, port, because } = found;
  const ready = spread((endpointsFor(model, service).byPort[port.index] ?? []).filter((each) => each.ready));
  const node = nodeNamed(model, pod.node);
  return ready.flatMap(({ item: endpoint, share }) => {
    const to = endpointParty(endpoint, service);
    const rewrite: Rewrite = { kind: 'proxy', from: hostPort(flight.packet.destination.address, flight.packet.destination.port), to: hostPort(endpoint.address, endpoint.port), by: flight.at.name, chains: [], because };
    const sent = rewrittenBy(flight, [rewrite], because, { ...flight.packet, source: pod.address, destination: { address: endpoint.address, port: endpoint.port } }, flight.at);
    const at = endpoint.node ?? endpoint.pod?.node ?? null;
    const crossesNodes = node !== undefined && at !== null && node.name !== at;
    const arrived = hopTo(shared(sent, share), to, { crossesNodes, because: [endpointOf(service)] });
    return delivered(arrived, endpoint.pod, service);
  });
}

export type FoundBackend =
  | { readonly kind: 'backend'; readonly ingress: Ingress; readonly service: Service; readonly port: ServicePort; readonly because: readonly Because[] }
  /** The proxy answers itself, or can't be followed further. */
  | { readonly kind: 'ended'; readonly paths: Path[] };

/** The Service port that a proxy picks for a request by these Ingresses' rules; it has at least one ready endpoint. */
export function backendOf(model: ClusterModel, flight: Flight, ingresses: readonly Ingress[], dialect: PathDialect = 'standard'): FoundBackend {
  const { http } = flight;
  const ended = (paths: Path[]): FoundBackend => ({ kind: 'ended', paths });
  if (http === null) return ended(delivered(flight, null, null));
  const answered = (reason: 'no-matching-rule' | 'no-backend', status: number, text: string, because: readonly Because[]): FoundBackend => ended([lands(flight, { kind: 'answered', reason, status, text }, because)]);
  const match = matchIngress(ingresses, http.host, http.path, dialect);
  if (match === null) return answered('no-matching-rule', 404, `No Ingress rule matches ${http.host}${http.path}: the controller answers 404 itself.`, []);
  const { ingress, path } = match;
  const backend = path === null ? ingress.defaultBackend : path.backend;
  const because = path === null
    ? [written(ingress.manifest, 'defaultBackend', 'spec', ingress.version === 'v1' ? 'defaultBackend' : 'backend')]
    : [written(ingress.manifest, `${path.host ?? '*'} ${path.pathType} ${path.path}`, ...path.at)];
  if (match.isUnreadable) return ended(ends(flight, 'unknown', 'regular-expression', `Whether ${path?.path ?? ''} takes ${http.path} is not known: it is a regular expression that Hoplens can't read.`, because));
  if (backend === null) return ended(ends(flight, 'unknown', 'no-backend', `Ingress ${ingress.name} sends this to something other than a Service.`, because));
  const service = serviceNamed(model, ingress.namespace, backend.service);
  const port = service === undefined ? undefined : backendPort(service.ports, backend);
  const unavailable = (text: string): FoundBackend => answered('no-backend', 503, text, [...because, written(ingress.manifest, `backend ${backend.service}`, ...backend.at)]);
  if (service === undefined) return unavailable(`Ingress ${ingress.name}'s backend, Service ${backend.service}, isn't in the set: unless it is applied from elsewhere, the controller answers 503 itself.`);
  if (service.type === 'ExternalName') return ended(ends(flight, 'unknown', 'external-name', `Service ${service.name} is an alias for ${service.externalName ?? ''}, outside what the manifests describe.`, because));
  if (port === undefined) return unavailable(`Service ${backend.service} has no port ${backend.port ?? ''}: the controller answers 503 itself.`);
  if (!(endpointsFor(model, service).byPort[port.index] ?? []).some(({ ready }) => ready)) return unavailable(`Service ${backend.service} has no ready endpoint: the controller answers 503 itself.`);
  return { kind: 'backend', ingress, service, port, because };
}

/** The port that a backend names, by number or by name; the only one where it names none. */
export function backendPort(ports: readonly ServicePort[], backend: Backend): ServicePort | undefined {
  if (backend.port === null) return ports.length === 1 ? ports[0] : undefined;
  return ports.find((each) => each.port === backend.port || each.name === backend.port);
}
