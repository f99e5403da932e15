import { hostPort } from '../cluster/address.ts';
import type { Because } from '../cluster/because.ts';
import { type ClusterModel, endpointsFor, nodeNamed } from '../cluster/clusterModel.ts';
import type { Endpoint } from '../cluster/endpoints.ts';
import type { Pod } from '../cluster/pod.ts';
import type { Service, ServicePort } from '../cluster/service.ts';
import { type ForwardedFor, withForwardedFor } from '../network/forwarded.ts';
import { spread } from '../network/spread.ts';
import { endpointOf, endpointParty, type Flight, hopTo, rewrittenBy, shared } from './flight.ts';
import type { Http, Packet, Path, Rewrite } from './trace.ts';

/** Where a proxy in a pod can send to: through the node's own rules, or to what it found at a pod's address. */
export interface Onward {
  readonly toCluster: (flight: Flight) => Path[];
  readonly atPod: (flight: Flight, pod: Pod | null, service: Service) => Path[];
}

/** The proxy's own connection, from where the flight is now: `request` is what it asks on it. */
export function proxied(flight: Flight, destination: Packet['destination'], request: Http | null, because: readonly Because[], by = flight.at.name): Flight {
  const from = flight.packet.destination;
  const rewrite: Rewrite = { kind: 'proxy', from: hostPort(from.address, from.port), to: hostPort(destination.address, destination.port), by, chains: [], because };
  return rewrittenBy({ ...flight, http: request, proxies: flight.proxies + 1 }, [rewrite], because, { ...flight.packet, source: flight.at.address, destination }, flight.at);
}

/** The request as a proxy passes it on that ended the TLS, if there was any: with the address that it saw. */
export function passedOn(request: Http, source: string, how: ForwardedFor): Http {
  return { ...request, scheme: 'http', serverName: null, headers: withForwardedFor(request.headers, source, how) };
}

export function readyEndpoints(model: ClusterModel, service: Service, port: ServicePort): readonly Endpoint[] {
  return (endpointsFor(model, service).byPort[port.index] ?? []).filter(({ ready }) => ready);
}

/** From a proxy's pod straight to one of the Service's endpoints, each equally often. */
export function toEndpoints(model: ClusterModel, flight: Flight, proxy: Pod, { service, port }: { readonly service: Service; readonly port: ServicePort }, request: Http | null, because: readonly Because[], onward: Onward): Path[] {
  const node = nodeNamed(model, proxy.node);
  return spread(readyEndpoints(model, service, port)).flatMap(({ item: endpoint, share }) => {
    const sent = proxied(flight, { address: endpoint.address, port: endpoint.port }, request, because);
    const at = endpoint.node ?? endpoint.pod?.node ?? null;
    const crossesNodes = node !== undefined && at !== null && node.name !== at;
    return onward.atPod(hopTo(shared(sent, share), endpointParty(endpoint, service), { crossesNodes, because: [endpointOf(service)] }), endpoint.pod, service);
  });
}
