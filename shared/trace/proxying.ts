import Fraction from 'fraction.js';
import { type Family, familyOf, hostPort, ofFamily } from '../cluster/address.ts';
import type { Because } from '../cluster/because.ts';
import { byKeyOfModel, type ClusterModel } from '../cluster/clusterModel.ts';
import type { Endpoint } from '../cluster/endpoints.ts';
import { sameItems } from '../cluster/listChanges.ts';
import { endpointsOfAllFamilies, serviceNamed } from '../cluster/lookups.ts';
import type { Pod } from '../cluster/pod.ts';
import type { Service, ServicePort } from '../cluster/service.ts';
import { forwardedAddresses, type ForwardedFor, withForwarded } from '../network/forwarded.ts';
import { gatewayAt } from '../network/gateway/gatewayProxy.ts';
import { isForwardedForRead } from '../network/forwardedReaders.ts';
import { controllerAt } from '../network/ingressController.ts';
import { assuming, ends, type Flight, goesOn, type Moves, rewrittenBy, shared } from './flight.ts';
import type { Http, Packet, Rewrite } from './trace.ts';

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

/** The proxy sends nothing on: it answers itself, or can't be followed further. */
export interface EndedAtProxy {
  readonly kind: 'ended';
  readonly moves: Moves;
}

export function ended(moves: Moves): EndedAtProxy {
  return { kind: 'ended', moves };
}

/** A connection that a proxy could take, and whom it holds for its client; or how it ends by the PROXY protocol. */
export type Taken = { readonly kind: 'taken'; readonly flight: Flight; readonly client: string } | EndedAtProxy;

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
    if (reads === true) return ended(ends(flight, { kind: 'refused', reason: 'proxy-protocol', product }));
    return { kind: 'taken', flight, client: source };
  }
  if (reads === false) return ended(ends(flight, { kind: 'answered', reason: 'proxy-protocol', status: 400, product }));
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
    forwarding: { came: request.headers.get(forwardedAddresses), source, how },
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
export function readyEndpoints(model: ClusterModel, service: Service, { index }: ServicePort): readonly Endpoint[] {
  return readyByPort(model, `${index} ${service.namespace}/${service.name}`);
}

const readyByPort = byKeyOfModel(
  (model, key): readonly Endpoint[] => {
    const [index, namespace = '', name = ''] = key.split(/[ /]/);
    const service = serviceNamed(model, namespace, name);
    if (service === undefined) return [];
    return endpointsOfAllFamilies(model, service, { index: Number(index) }).filter(({ ready }) => ready);
  },
  { eager: true, same: sameItems },
);

/** Those of them that a proxy's pod has an address to speak to. */
export function endpointsFor(
  model: ClusterModel,
  { addresses }: Pod,
  service: Service,
  port: ServicePort,
): readonly Endpoint[] {
  const spoken = new Set(addresses.map(familyOf));
  return readyEndpoints(model, service, port).filter(({ address }) => spoken.has(familyOf(address)));
}

/** Whoever has these addresses speaking from that of a family, whichever it was asked at; where none is, as before. */
export function speaking(flight: Flight, addresses: readonly string[], family: Family): Flight {
  const [address] = ofFamily(addresses, family);
  return address === undefined ? flight : { ...flight, at: { ...flight.at, address } };
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

/** From a proxy's pod to one of a Service's endpoints that it can speak to. */
export function toEndpoints(
  model: ClusterModel,
  flight: Flight,
  pod: Pod,
  { service, port, request, because }: ProxiedTo,
): Moves {
  const spoken = new Set(pod.addresses.map(familyOf));
  if (!readyEndpoints(model, service, port).some(({ address }) => spoken.has(familyOf(address)))) {
    const facts = { reason: 'other-family', proxy: flight.at.name, service: service.name } as const;
    return request === null
      ? ends(flight, { kind: 'refused', ...facts }, because)
      : ends(flight, { kind: 'answered', status: 502, ...facts }, because);
  }
  return goesOn(asking(model, flight, service, request), { kind: 'sending', pod, service, port, because });
}

/**
 * A proxy on its own: whoever it speaks for, and what it knows of the way here, ends with it. Headers still tell
 * requests apart as long as somebody ahead reads them.
 */
export function asking(model: ClusterModel, flight: Flight, service: Service, request: Http | null): Flight {
  const areRead = areProxies(model, `${service.namespace}/${service.name}`);
  // Where no Host is asked for, the address that is asked becomes it.
  const headersRead = request?.host === '' ? 'all' : !areRead ? 'none' : isForwardedForRead(model) ? 'all' : 'written';
  return {
    ...flight,
    headersRead,
    http: request,
    sender: flight.at,
    packet: { ...flight.packet, source: flight.at.address },
    proxyHeader: null,
  };
}

/** Whether a proxy is among a Service's endpoints, ready or not: kube-proxy may send to those that still serve. */
const areProxies = byKeyOfModel(
  (model, key) => {
    const [namespace = '', name = ''] = key.split('/');
    const service = serviceNamed(model, namespace, name);
    const all = service?.ports.flatMap((port) => endpointsOfAllFamilies(model, service, port)) ?? [];
    const pods = new Set(all.flatMap(({ pod }) => pod ?? []));
    return [...pods].some((pod) => gatewayAt(model, pod) !== null || controllerAt(model, pod) !== null);
  },
  { eager: true },
);
