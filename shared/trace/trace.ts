import type { Field } from '../manifest/manifest.ts';
import type Fraction from 'fraction.js';
import type { Because } from '../cluster/because.ts';
import type { Pod } from '../cluster/pod.ts';
import type { Protocol } from '../cluster/service.ts';
import type { ForwardedFor } from '../network/forwarded.ts';
import type { RuleLine } from '../network/kubeProxy/ruleLine.ts';
import type { Verdict } from './verdict.ts';

/** Who asks. */
export type Origin =
  | { readonly kind: 'internet' }
  | { readonly kind: 'pod'; readonly pod: Pod }
  | { readonly kind: 'node'; readonly node: string }
  | { readonly kind: 'address'; readonly address: string };

/** For what: the five ways to name it on the command line. */
export type Target =
  | {
      readonly kind: 'url';
      readonly scheme: 'http' | 'https';
      readonly host: string;
      readonly port: number;
      readonly path: string;
      readonly query: ReadonlyMap<string, string>;
      /** `?` and the query as it is typed; empty where there is none. */
      readonly search: string;
    }
  | {
      readonly kind: 'service';
      readonly name: string;
      readonly namespace: string;
      readonly port: number | string | null;
    }
  | { readonly kind: 'pod'; readonly name: string; readonly namespace: string; readonly port: number }
  | { readonly kind: 'socket'; readonly host: string; readonly port: number };

export interface Request {
  readonly from: Origin;
  readonly target: Target;
  readonly protocol: Protocol;
  readonly method: string;
  readonly headers: ReadonlyMap<string, string>;
}

/** One way from the client to an end; of a request, the probabilities of all of them sum to exactly 1. */
export interface Path {
  readonly probability: Fraction;
  readonly hops: readonly Hop[];
  readonly verdict: Verdict;
  /** What each party that received the packet saw as its source, in the order of the hops. */
  readonly seenBy: readonly Sighting[];
  /** The reply's way back, empty where nothing is delivered or answered. */
  readonly reply: readonly ReplyStep[];
  readonly because: readonly Because[];
  /** What the verdict itself rests on, the most telling first; empty where the hops say it all. */
  readonly decisive: readonly Because[];
  /** The HTTP request as the last party gets it, with proxies' headers; null where it isn't known to be HTTP. */
  readonly received: Http | null;
  /** The pods' gates that it came to, in order. */
  readonly gates: readonly GateMet[];
  /** Who else gets a copy of the request, and of what share of such requests. */
  readonly mirrors: readonly Mirror[];
  /** The rules that the packet met on the way, if they were asked for; empty where no rule did anything to it. */
  readonly consulted: readonly Consulted[];
}

export interface Http {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
  /** `?` and the query as it was asked; empty where there is none. */
  readonly search: string;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** The name in the TLS handshake: `''` where it names nobody, null without TLS. */
  readonly serverName: string | null;
  /** How the last proxy made its `X-Forwarded-For`; nothing where none has. */
  readonly forwarding?: Forwarding;
}

/** Of which value a proxy made `X-Forwarded-For`, and how. */
export interface Forwarding {
  readonly came: string | undefined;
  readonly source: string;
  readonly how: ForwardedFor;
}

export interface Mirror {
  readonly namespace: string;
  readonly service: string;
  readonly share: Fraction;
}

/** A pod's gate where policies judged the packet, on its way in or out. */
export interface GateMet {
  readonly direction: 'ingress' | 'egress';
  readonly pod: string;
  /** The address on the other side, as the gate sees it. */
  readonly peer: string;
  readonly outcome: 'passed' | 'stopped' | 'undecided';
  /** The policy whose rule decides it; of a packet that is stopped, all that isolate the pod. */
  readonly policies: readonly string[];
  /** The rule that decides it, or comes nearest, first. */
  readonly because: readonly Because[];
}

/** Looks up the rules that a packet met on a node; null where none did anything to it. There can be very many. */
export type Consulting = () => Consulted | null;

/** What kube-proxy's rules on one node did to the packet, line by line. */
export interface Consulted {
  readonly at: Party;
  readonly rules: readonly RuleLine[];
}

/** One leg between two parties that receive the packet. A Service is no party: it only rewrites. */
export interface Hop {
  readonly from: Party;
  readonly to: Party;
  readonly crossesNodes: boolean;
  /** As it reaches `to`, before `to` rewrites anything. */
  readonly packet: Packet;
  /** What `to` (or the sending pod's node, for a packet that leaves a pod) does to the packet. */
  readonly rewrites: readonly Rewrite[];
  readonly because: readonly Because[];
}

export interface Party {
  readonly kind: 'client' | 'lb' | 'node' | 'pod' | 'external';
  readonly name: string;
  readonly address: string;
}

export interface Packet {
  readonly protocol: Protocol;
  readonly source: string;
  readonly destination: { readonly address: string; readonly port: number };
}

export interface Rewrite {
  readonly kind: 'DNAT' | 'SNAT' | 'proxy';
  readonly from: string;
  readonly to: string;
  /** The chain, or the component, that does it. */
  readonly by: string;
  /** Every chain that the packet met on the way to this rewrite. */
  readonly chains: readonly string[];
  readonly because: readonly Because[];
}

export interface Sighting {
  readonly party: Party;
  readonly source: string;
  /** Whose address that is. */
  readonly owner: Party;
}

export interface ReplyStep {
  readonly from: Party;
  readonly to: Party;
  /** The addresses that the reply carries when it arrives. */
  readonly source: string;
  readonly destination: string;
}

export function partyId({ kind, name }: Party): string {
  return kind === 'client' ? 'client' : `${kind}/${name}`;
}

/** A pod's name as a person types it: its namespace only where that isn't `default`. */
export function podName({ name, namespace }: Pick<Pod, 'name' | 'namespace'>): string {
  return namespace === 'default' ? name : `${name}.${namespace}`;
}

/** What a reader calls the place of a field; its line counts from 1. Null for what stands in no text. */
export type PlaceOf = (field: Field) => { readonly file: string; readonly line: number } | null;
