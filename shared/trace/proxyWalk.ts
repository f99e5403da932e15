import { hostPort } from '../cluster/address.ts';
import type { Because } from '../cluster/because.ts';
import { type ClusterModel, endpointsFor, nodeNamed } from '../cluster/clusterModel.ts';
import type { Endpoint } from '../cluster/endpoints.ts';
import type { Pod } from '../cluster/pod.ts';
import type { Service, ServicePort } from '../cluster/service.ts';
import { type ForwardedFor, withForwarded } from '../network/forwarded.ts';
import { spread } from '../network/spread.ts';
import {
  answers,
  assuming,
  endpointOf,
  endpointParty,
  ends,
  type Flight,
  hopTo,
  rewrittenBy,
  shared,
} from './flight.ts';
import type { Http, Packet, Path, Rewrite } from './trace.ts';

/** Where a proxy in a pod can send to: through the node's own rules, or to what it found at a pod's address. */
export interface Onward {
  readonly toCluster: (flight: Flight) => Path[];
  readonly atPod: (flight: Flight, pod: Pod | null, service: Service) => Path[];
}

/** The proxy's own connection, from where the flight is now: `request` is what it asks on it. */
export function proxied(
  flight: Flight,
  destination: Packet['destination'],
  request: Http | null,
  because: readonly Because[],
  by = flight.at.name,
): Flight {
  const from = flight.packet.destination;
  const rewrite: Rewrite = {
    kind: 'proxy',
    from: hostPort(from.address, from.port),
    to: hostPort(destination.address, destination.port),
    by,
    chains: [],
    because,
  };
  return rewrittenBy(
    { ...flight, http: request, proxyHeader: null, proxies: flight.proxies + 1 },
    [rewrite],
    because,
    { ...flight.packet, source: flight.at.address, destination },
    flight.at,
  );
}

/** A connection that a proxy could take, and whom it holds for its client; or how it ends because of the PROXY protocol. */
export type Taken =
  | { readonly kind: 'taken'; readonly flight: Flight; readonly client: string }
  | { readonly kind: 'ended'; readonly paths: Path[] };

/**
 * Whether a proxy and whoever is in front of it agree on the PROXY protocol: a header that isn't expected makes the request
 * unreadable (400), one that is missing makes the proxy close the connection. `reads` is null where it isn't known.
 * Source: haproxy.org proxy-protocol.txt (2); nginx src/core/ngx_proxy_protocol.c ("broken header").
 */
export function takenByProxy(flight: Flight, reads: boolean | null, product: string): Taken {
  const {
    proxyHeader,
    packet: { source },
  } = flight;
  if (proxyHeader === null) {
    if (reads === true)
      return {
        kind: 'ended',
        paths: ends(
          flight,
          'refused',
          'proxy-protocol',
          `${product} expects a PROXY protocol header (use-proxy-protocol), and nobody in front of it sends one: it closes the connection.`,
        ),
      };
    return { kind: 'taken', flight, client: source };
  }
  if (reads === false)
    return {
      kind: 'ended',
      paths: [
        answers(flight, {
          status: 400,
          reason: 'proxy-protocol',
          text: `The load balancer sends a PROXY protocol header, and ${product} isn't told to expect one: it can't read the request.`,
        }),
      ],
    };
  const known =
    reads === true
      ? flight
      : assuming(flight, {
          id: 'proxy-protocol',
          text: `${product} is taken to read the PROXY protocol header that the load balancer sends`,
        });
  return { kind: 'taken', flight: known, client: proxyHeader };
}

/** The request as a proxy passes it on that ended the TLS, if there was any: with the address that it saw. */
export function passedOn(request: Http, source: string, how: ForwardedFor): Http {
  return {
    ...request,
    scheme: 'http',
    serverName: null,
    headers: withForwarded(request.headers, { source, scheme: request.scheme }, how),
  };
}

export function readyEndpoints(model: ClusterModel, service: Service, port: ServicePort): readonly Endpoint[] {
  return (endpointsFor(model, service).byPort[port.index] ?? []).filter(({ ready }) => ready);
}

/** From a proxy's pod straight to one of the Service's endpoints, each equally often. */
export function toEndpoints(
  model: ClusterModel,
  flight: Flight,
  proxy: Pod,
  { service, port }: { readonly service: Service; readonly port: ServicePort },
  request: Http | null,
  because: readonly Because[],
  onward: Onward,
): Path[] {
  const node = nodeNamed(model, proxy.node);
  return spread(readyEndpoints(model, service, port)).flatMap(({ item: endpoint, share }) => {
    const sent = proxied(flight, { address: endpoint.address, port: endpoint.port }, request, because);
    const at = endpoint.node ?? endpoint.pod?.node ?? null;
    const crossesNodes = node !== undefined && at !== null && node.name !== at;
    return onward.atPod(
      hopTo(shared(sent, share), endpointParty(endpoint, service), { crossesNodes, because: [endpointOf(service)] }),
      endpoint.pod,
      service,
    );
  });
}
