import Fraction from 'fraction.js';
import { type Assumption, type Because, written } from '../cluster/because.ts';
import { type Endpoint, isOfController } from '../cluster/endpoints.ts';
import type { Pod } from '../cluster/pod.ts';
import type { Service } from '../cluster/service.ts';
import {
  type Consulted,
  type Hop,
  type Http,
  type Mirror,
  type Packet,
  type Party,
  type Path,
  podName,
  type ReplyStep,
  type Rewrite,
  type Sighting,
} from './trace.ts';
import type { Verdict } from './verdict.ts';

/** A packet on its way: where it is, what it carries, and how it came there. Immutable; each step gives a new one. */
export interface Flight {
  readonly at: Party;
  /** Whose address the packet carries as its source. */
  readonly sender: Party;
  readonly packet: Packet;
  readonly probability: Fraction;
  readonly hops: readonly Hop[];
  readonly seenBy: readonly Sighting[];
  readonly because: readonly Because[];
  /** The rules that it met; null where nobody asked for them. */
  readonly consulted: readonly Consulted[] | null;
  /** Whom the reply goes straight to, and the address that it comes from; null where it goes back as it came. */
  readonly repliesTo: { readonly to: Party; readonly asked: string } | null;
  /** Whether the reply passes the load balancer; else the node answers the client itself. */
  readonly passesBalancerOnReply: boolean;
  /** Null for a request that isn't HTTP. */
  readonly http: Http | null;
  /** How many proxies have passed it on. */
  readonly proxies: number;
  /** The client's address in a PROXY protocol header before the connection; null without one. */
  readonly proxyHeader: string | null;
  readonly mirrors: readonly Mirror[];
  readonly assumed: readonly Assumption[];
}

export function takeOff(at: Party, packet: Packet, http: Http | null, withRules: boolean): Flight {
  return {
    at,
    sender: at,
    packet,
    http,
    probability: new Fraction(1),
    hops: [],
    seenBy: [],
    because: [],
    consulted: withRules ? [] : null,
    repliesTo: null,
    passesBalancerOnReply: true,
    proxyHeader: null,
    proxies: 0,
    mirrors: [],
    assumed: [],
  };
}

/** One hop on, with what was done to the packet before it left. */
export function hopTo(
  flight: Flight,
  to: Party,
  details: { crossesNodes?: boolean; rewrites?: readonly Rewrite[]; because?: readonly Because[] } = {},
): Flight {
  const { packet, sender } = flight;
  const because = details.because ?? [];
  const hop: Hop = {
    from: flight.at,
    to,
    crossesNodes: details.crossesNodes ?? false,
    packet,
    rewrites: details.rewrites ?? [],
    because,
  };
  return {
    ...flight,
    at: to,
    hops: [...flight.hops, hop],
    seenBy: [...flight.seenBy, { party: to, source: packet.source, owner: sender }],
    because: [...flight.because, ...because],
  };
}

/** The same flight with only this share of its probability. */
export function shared(flight: Flight, share: Fraction): Flight {
  return { ...flight, probability: flight.probability.mul(share) };
}

/** What a party does to the packet that came to it. */
interface Handling {
  readonly rewrites?: readonly Rewrite[];
  readonly because: readonly Because[];
  /** As it is now; where it isn't given, as it was. */
  readonly packet?: Packet;
  /** Who owns the source from now on. */
  readonly sender?: Party;
}

/** Puts what the party does to the packet on the hop that brought it there. */
export function rewrittenBy(
  flight: Flight,
  { rewrites = [], because, packet = flight.packet, sender = flight.sender }: Handling,
): Flight {
  const last = flight.hops.at(-1);
  if (last === undefined) return { ...flight, packet, sender, because: [...flight.because, ...because] };
  const hop: Hop = { ...last, rewrites: [...last.rewrites, ...rewrites], because: [...last.because, ...because] };
  return {
    ...flight,
    packet,
    sender,
    hops: [...flight.hops.slice(0, -1), hop],
    because: [...flight.because, ...because],
  };
}

/** Who stands behind an endpoint: a pod of the set, a pod that only its slice names, or an address. */
export function endpointParty(
  { pod, podName: named, address }: Endpoint,
  { namespace }: Pick<Service, 'namespace'>,
): Party {
  if (pod !== null) return { kind: 'pod', name: podName(pod), address };
  return named === null
    ? { kind: 'external', name: address, address }
    : { kind: 'pod', name: podName({ name: named, namespace }), address };
}

/** Why this endpoint is one of the Service's: the selector that picked it, or the object that lists it. */
export function endpointOf(service: Service, endpoint: Pick<Endpoint, 'listedBy' | 'address'> | null = null): Because {
  const listedBy = endpoint?.listedBy ?? null;
  if (service.selector !== null && listedBy !== null && !isOfController(listedBy))
    return written(
      listedBy,
      `${listedBy.kind} ${listedBy.name} lists ${endpoint?.address ?? ''}`,
      listedBy.kind === 'Endpoints' ? 'subsets' : 'endpoints',
    );
  return service.selector === null
    ? written(service.manifest, `Service ${service.name} without a selector: endpoints as listed`, 'spec')
    : written(
        service.manifest,
        `selector: ${[...service.selector].map(([key, value]) => `${key}=${value}`).join(', ')}`,
        'spec',
        'selector',
      );
}

/** Why a pod is where it is: its own manifest, or its workload's. */
export function placeOf(pod: Pod): Because {
  return written(pod.manifest, `${pod.owner.kind} ${pod.owner.name}`, 'metadata', 'name');
}

/** Where the flight ends, and how. `because` is what that itself rests on. */
export function ends(flight: Flight, verdict: Verdict, because: readonly Because[] = []): Path[] {
  const isReplied =
    verdict.kind === 'delivered' ||
    verdict.kind === 'answered' ||
    verdict.kind === 'rejected' ||
    verdict.kind === 'refused';
  return [
    {
      probability: flight.probability,
      hops: flight.hops,
      verdict,
      seenBy: flight.seenBy,
      reply: isReplied ? replyOf(flight) : [],
      because: [...flight.because, ...because],
      consulted: flight.consulted ?? [],
      decisive: because,
      received: flight.http,
      mirrors: flight.mirrors,
      assumed: flight.assumed,
    },
  ];
}

/** The same flight, resting on one more assumption. */
export function assuming(flight: Flight, assumption: Assumption): Flight {
  return { ...flight, assumed: [...flight.assumed, assumption] };
}

export function delivered(
  flight: Flight,
  pod: Pod | null,
  service: { name: string; namespace: string } | null,
): Path[] {
  const { address, port } = flight.packet.destination;
  return ends(flight, {
    kind: 'delivered',
    pod,
    service: service?.name ?? null,
    namespace: pod?.namespace ?? service?.namespace ?? null,
    address,
    port,
  });
}

/** The reply passes the same parties backwards; each undoes its own rewrites, so each hears from whom it asked. */
function replyOf({ hops: all, repliesTo, at, packet, passesBalancerOnReply }: Flight): ReplyStep[] {
  if (repliesTo !== null) return [{ from: at, to: repliesTo.to, source: repliesTo.asked, destination: packet.source }];
  const [first, second, ...rest] = all;
  const hops =
    !passesBalancerOnReply && first?.to.kind === 'lb' && second !== undefined
      ? [{ ...second, from: first.from }, ...rest]
      : all;
  return hops.toReversed().map((hop) => ({
    from: hop.to,
    to: hop.from,
    source: hop.packet.destination.address,
    destination: hop.packet.source,
  }));
}
