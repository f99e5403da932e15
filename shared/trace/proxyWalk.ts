import Fraction from 'fraction.js';
import { type Family, familyOf, hostPort, ofFamily } from '../cluster/address.ts';
import type { Because } from '../cluster/because.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import { endpointsOfAllFamilies, nodeNamed } from '../cluster/lookups.ts';
import type { Endpoint } from '../cluster/endpoints.ts';
import type { Pod } from '../cluster/pod.ts';
import type { Service, ServicePort } from '../cluster/service.ts';
import { type ForwardedFor, withForwarded } from '../network/forwarded.ts';
import { spread } from '../network/spread.ts';
import { assuming, endpointOf, endpointParty, ends, type Flight, hopTo, rewrittenBy, shared } from './flight.ts';
import type { Http, Packet, Path, Rewrite } from './trace.ts';

/** A proxy in a pod, and where it can send to: through its node's own rules, or to what it found at a pod's address. */
export interface ProxyInPod {
  readonly pod: Pod;
  readonly toCluster: (flight: Flight) => Path[];
  readonly atPod: (flight: Flight, pod: Pod | null, service: Service) => Path[];
}

/**
 * The proxy's own connection, from where the flight is now: `request` is what it asks on it; an empty Host there stands
 * for the address that it asks.
 */
export function proxied(
  flight: Flight,
  {
    destination,
    request,
    because,
    by = flight.at.name,
  }: {
    readonly destination: Packet['destination'];
    readonly request: Http | null;
    readonly because: readonly Because[];
    readonly by?: string;
  },
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
    {
      ...flight,
      http: request?.host === '' ? { ...request, host: hostPort(destination.address, destination.port) } : request,
      proxyHeader: null,
      proxies: flight.proxies + 1,
    },
    {
      rewrites: [rewrite],
      because,
      packet: { ...flight.packet, source: flight.at.address, destination },
      sender: flight.at,
    },
  );
}

/** A connection that a proxy could take, and whom it holds for its client; or how it ends by the PROXY protocol. */
export type Taken =
  | { readonly kind: 'taken'; readonly flight: Flight; readonly client: string }
  | { readonly kind: 'ended'; readonly paths: Path[] };

/**
 * Whether a proxy and whoever is in front of it agree on the PROXY protocol: a header that isn't expected makes the
 * request unreadable (400), one that is missing makes the proxy close the connection. `reads` is null where it isn't
 * known.
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
        paths: ends(flight, { kind: 'refused', reason: 'proxy-protocol', product }),
      };
    return { kind: 'taken', flight, client: source };
  }
  if (reads === false)
    return {
      kind: 'ended',
      paths: ends(flight, { kind: 'answered', reason: 'proxy-protocol', status: 400, product }),
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

/**
 * The endpoints that a proxy in the cluster knows: each address of each of the Service's EndpointSlices, whichever
 * family.
 * Source: kubernetes/ingress-nginx internal/ingress/controller/endpointslices.go `getEndpointsFromSlices` (1.10);
 * traefik/traefik pkg/provider/kubernetes/ingress/kubernetes.go (3.7); projectcontour/contour
 * internal/xdscache/v3/endpointslicetranslator.go `RecalculateEndpoints` (1.33); envoyproxy/gateway
 * internal/gatewayapi/route.go `getIREndpointsFromEndpointSlices` (1.9); nginx/nginx-gateway-fabric's `ipFamily`, by
 * default `dual`.
 */
export function readyEndpoints(model: ClusterModel, service: Service, port: ServicePort): readonly Endpoint[] {
  return endpointsOfAllFamilies(model, service, port).filter(({ ready }) => ready);
}

/** The proxy's pod speaking from its address of a family, whichever it was asked at; null where it has none. */
export function speaking(flight: Flight, { addresses }: Pod, family: Family): Flight | null {
  const [address] = ofFamily(addresses, family);
  return address === undefined ? null : { ...flight, at: { ...flight.at, address } };
}

/** What goes by one of several routes that take it alike: `names` are whose each of them is. */
export function byChance(flight: Flight, product: string, names: readonly (readonly string[])[]): Flight {
  if (names.length === 1) return flight;
  const whose = [...new Set(names.flat())];
  return assuming(shared(flight, new Fraction(1, names.length)), {
    id: `chance:${whose.join()}`,
    text:
      `${names.length} of ${product}'s routes take this request alike (${whose.join(', ')}): which is tried first is ` +
      'by chance, and another after each change; taken as equally likely',
  });
}

/** Which Service's port a proxy sends to, what it asks there, and why. */
export interface ProxiedTo {
  readonly service: Service;
  readonly port: ServicePort;
  /** Null for a connection that isn't HTTP. */
  readonly request: Http | null;
  readonly because: readonly Because[];
}

/**
 * From a proxy's pod straight to one of the Service's endpoints, each equally often; those that it can't speak to are
 * none.
 */
export function toEndpoints(
  model: ClusterModel,
  flight: Flight,
  proxy: ProxyInPod,
  { service, port, request, because }: ProxiedTo,
): Path[] {
  const node = nodeNamed(model, proxy.pod.node);
  const reachable = readyEndpoints(model, service, port).flatMap((endpoint) => {
    const from = speaking(flight, proxy.pod, familyOf(endpoint.address));
    return from === null ? [] : { endpoint, from };
  });
  if (reachable.length === 0) {
    const facts = { reason: 'other-family', proxy: flight.at.name, service: service.name } as const;
    return request === null
      ? ends(flight, { kind: 'refused', ...facts }, because)
      : ends(flight, { kind: 'answered', status: 502, ...facts }, because);
  }
  return spread(reachable).flatMap(({ item: { endpoint, from }, share }) => {
    const destination = { address: endpoint.address, port: endpoint.port };
    const sent = proxied(from, { destination, request, because });
    const at = endpoint.node ?? endpoint.pod?.node ?? null;
    const crossesNodes = node !== undefined && at !== null && node.name !== at;
    return proxy.atPod(
      hopTo(shared(sent, share), endpointParty(endpoint, service), { crossesNodes, because: [endpointOf(service)] }),
      endpoint.pod,
      service,
    );
  });
}
