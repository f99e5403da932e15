import Fraction from 'fraction.js';
import type { Assumption, Because } from '../cluster/because.ts';
import type { Pod } from '../cluster/pod.ts';
import type { ServiceName, Station } from './station.ts';
import type { Consulting, GateMet, Http, Mirror, Packet, Party, Rewrite } from './trace.ts';
import type { Verdict } from './verdict.ts';

/** A packet where somebody has it: all that decides what comes of it, and nothing of the way that it came. */
interface Carried {
  readonly at: Party;
  /** Whose address the packet carries as its source. */
  readonly sender: Party;
  readonly packet: Packet;
  /** Null for a request that isn't HTTP. */
  readonly http: Http | null;
  /** Which of the request's headers anybody ahead reads; requests that differ in others alone are one. */
  readonly headersRead: HeadersRead;
  /** How many proxies have passed it on. */
  readonly proxies: number;
  /** The client's address in a PROXY protocol header before the connection; null without one. */
  readonly proxyHeader: string | null;
  /** Whether it has come from somebody else; a packet hasn't where its client still has it. */
  readonly hasCome: boolean;
}

/** All of them; those that somebody wrote, so not `X-Forwarded-For`; or none. */
export type HeadersRead = 'all' | 'written' | 'none';

/** A packet as it comes to a station. */
export interface Arrival extends Carried {
  readonly station: Station;
}

/** A packet in a station's hands, and what was done with it there so far. Immutable; each step gives a new one. */
export interface Flight extends Carried {
  /** The request as it came; null for what isn't HTTP. */
  readonly came: Http | null;
  /** Of all packets that come to the station like this one. */
  readonly share: Fraction;
  readonly handling: Handling;
  /** Everything that this rests on, as it happened. */
  readonly because: readonly Because[];
  /** The rules that it met; null where nobody asked for them. */
  readonly consulted: readonly Consulting[] | null;
  /** Null where nothing here changes how the reply goes. */
  readonly replies: ReplyWay | null;
  readonly mirrors: readonly Mirror[];
  readonly assumed: readonly Assumption[];
  /** Pods' gates that it came to here. */
  readonly gates: readonly GateMet[];
  readonly policies: Following['policies'];
}

/** How a request is followed. */
export interface Following {
  /** Whether the rules of kube-proxy that a packet meets are named. */
  readonly withRules: boolean;
  /** Left out, everything that comes to a pod's gate comes through it. */
  readonly policies: 'asked' | 'left out';
}

/** What a station does to a packet; it stands on the hop that brought the packet there. */
export interface Handling {
  readonly rewrites: readonly Rewrite[];
  readonly because: readonly Because[];
}

/** How a reply goes: past the load balancer or through it, else straight to the client from the address it asked. */
export type ReplyWay = { readonly kind: 'past-balancer' | 'through-balancer' } | ReplyFrom;
interface ReplyFrom {
  readonly kind: 'straight';
  readonly from: string;
}

/** One of the ways in which a station may pass a packet on. `To` is what it comes to: an arrival, or its graph node. */
export interface Move<To> extends Pick<
  Flight,
  'share' | 'handling' | 'because' | 'replies' | 'mirrors' | 'assumed' | 'gates'
> {
  readonly consulted: readonly Consulting[];
  /** The request from here on, where it is another than before; null for what isn't HTTP. */
  readonly asks: { readonly http: Http | null } | null;
  readonly goes: Going<To>;
}

export type Going<To> =
  /** To another party. */
  | { readonly kind: 'hop'; readonly hop: Leg; readonly to: To }
  /** To another station of the same party. */
  | { readonly kind: 'on'; readonly to: To }
  /** `decisive` is what the verdict itself rests on, the most telling first. */
  | { readonly kind: 'end'; readonly verdict: Verdict; readonly decisive: readonly Because[] };

/** A hop without what its end does: that is the next station's. */
export interface Leg extends Handling {
  readonly from: Party;
  readonly crossesNodes: boolean;
}

/** What a station makes of a packet: its shares sum to 1. */
export type Moves = readonly Move<Arrival>[];

/** All that happens to the packet before it is with somebody else. */
export function rewritesOf({ handling, goes }: Move<unknown>): readonly Rewrite[] {
  return goes.kind === 'hop' ? [...handling.rewrites, ...goes.hop.rewrites] : handling.rewrites;
}

const nothing: Handling = { rewrites: [], because: [] };

/** A packet as its client makes it. */
export function takeOff(at: Party, packet: Packet, http: Http | null): Flight {
  const carried = {
    at,
    sender: at,
    packet,
    http,
    headersRead: 'all' as const,
    proxies: 0,
    proxyHeader: null,
    hasCome: false,
  };
  return inHands(carried, { withRules: false, policies: 'asked' });
}

/** A packet that has just come. */
export function inHands(carried: Carried, { withRules, policies }: Following): Flight {
  return {
    ...carriedBy(carried),
    came: carried.http,
    share: new Fraction(1),
    handling: nothing,
    because: [],
    consulted: withRules ? [] : null,
    replies: null,
    mirrors: [],
    assumed: [],
    gates: [],
    policies,
  };
}

/** On to another party, with what was done to the packet before it left. */
export function hopTo(
  flight: Flight,
  to: Party,
  station: Station,
  details: { readonly crossesNodes?: boolean } & Partial<Handling> = {},
): Move<Arrival> {
  const { crossesNodes = false, rewrites = [], because = [] } = details;
  const hop = { from: flight.at, crossesNodes, rewrites, because };
  const arrival = { ...carriedBy(flight), at: to, hasCome: true, station };
  return moveOf(flight, { kind: 'hop', hop, to: arrival }, because);
}

/** On to another station of the same party. */
export function goesOn(flight: Flight, station: Station): Moves {
  return [moveOf(flight, { kind: 'on', to: { ...carriedBy(flight), station } }, [])];
}

/** The flight ends, and how. `because` is what that itself rests on. */
export function ends(flight: Flight, verdict: Verdict, because: readonly Because[] = []): Moves {
  return [moveOf(flight, { kind: 'end', verdict, decisive: because }, because)];
}

export function delivered(flight: Flight, pod: Pod | null, service: ServiceName | null): Moves {
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

function moveOf(flight: Flight, goes: Going<Arrival>, because: readonly Because[]): Move<Arrival> {
  const { share, handling, replies, mirrors, assumed, gates, consulted, http, came } = flight;
  return {
    share,
    handling,
    because: because.length === 0 ? flight.because : [...flight.because, ...because],
    replies,
    mirrors,
    assumed,
    gates,
    consulted: consulted ?? [],
    asks: http === came ? null : { http },
    goes,
  };
}

function carriedBy({ at, sender, packet, http, headersRead, proxies, proxyHeader, hasCome }: Carried): Carried {
  return { at, sender, packet, http, headersRead, proxies, proxyHeader, hasCome };
}

/** The same flight with only this share of it. */
export function shared(flight: Flight, share: Fraction): Flight {
  return { ...flight, share: flight.share.mul(share) };
}

/** The same flight, resting on one more assumption. */
export function assuming(flight: Flight, assumption: Assumption): Flight {
  return { ...flight, assumed: [...flight.assumed, assumption] };
}

/** The same flight at a pod's gate. */
export function comingTo(flight: Flight, gate: GateMet): Flight {
  return { ...flight, gates: [...flight.gates, gate] };
}

/** Puts what a station does to the packet on the hop that brought it; a client's own packet has none yet. */
export function rewrittenBy(
  flight: Flight,
  {
    rewrites = [],
    because,
    packet = flight.packet,
    sender = flight.sender,
  }: Pick<Handling, 'because'> & Partial<Handling> & { readonly packet?: Packet; readonly sender?: Party },
): Flight {
  const { handling } = flight;
  return {
    ...flight,
    packet,
    sender,
    handling: flight.hasCome
      ? { rewrites: [...handling.rewrites, ...rewrites], because: [...handling.because, ...because] }
      : handling,
    because: [...flight.because, ...because],
  };
}
