import { addressIn, type Family, familyOf } from './address.ts';
import { usualRanges } from './clusterRanges.ts';
import type { Derived, Graph } from './derived.ts';
import { sameEntries } from './listChanges.ts';
import type { Profile } from './profile.ts';

/**
 * Addresses and ports that nobody wrote: this file hands out all of them. Each depends on the name of the one that it
 * is for, by a hash; where two names want the same, the first by name has it, and the other takes its next. So an edit
 * moves the stand-ins of its own object, and at the most those of a few that clash with it. What is written anywhere is
 * never handed out.
 */
export interface Claim {
  /** The name of the one that it is for: unique within its space. */
  readonly name: string;
  /** Those of a lower rank have their wish before all others. */
  readonly rank: number;
  /** What it would take, in the order of its wishes: the `attempt`th, from 0. */
  readonly wish: (attempt: number) => string;
}

/** As many wishes as a claim has; the last one is then taken, whoever has it. */
const mostAttempts = 100_000;

/** As many of a claim's wishes as are remembered: few are refused more. */
const rememberedWishes = 24;

function claim(name: string, wish: (attempt: number) => string, rank = 0): Claim {
  const wishes: string[] = [];
  const known = (attempt: number): string =>
    attempt < rememberedWishes ? (wishes[attempt] ??= wish(attempt)) : wish(attempt);
  return { name, rank, wish: known };
}

/** Hands out one text each, no two alike and none of those `taken`; by the names of the claims. */
export function handOut(claims: readonly Claim[], taken: Iterable<string>): ReadonlyMap<string, string> {
  return handOutInTurn(claims.toSorted(byName), taken);
}

/** The same to claims that come and go. */
export function handingOut(
  graph: Graph,
  claims: () => readonly Claim[],
  taken: () => readonly string[],
): Derived<ReadonlyMap<string, string>> {
  const inTurn = graph.sorted(claims, byName);
  return graph.derived(() => handOutInTurn(inTurn.get(), taken()), { eager: true, same: sameEntries });
}

function handOutInTurn(claims: readonly Claim[], taken: Iterable<string>): ReadonlyMap<string, string> {
  const gone = new Set(taken);
  const given = new Map<string, string>();
  for (const { name, wish } of claims) {
    let attempt = 0;
    let wished = wish(0);
    while (gone.has(wished) && attempt < mostAttempts) wished = wish(++attempt);
    gone.add(wished);
    given.set(name, wished);
  }
  return given;
}

function byName(a: Claim, b: Claim): number {
  const byRank = a.rank - b.rank;
  return byRank !== 0 ? byRank : a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/**
 * Which of so many places a name wants: scattered at first, so that those who clash once don't clash again; then in a
 * row.
 */
function placeOf(hash: number, attempt: number, size: number): number {
  const step = attempt < scattered ? 1 + (Math.imul(hash, 0x9e3779b1) >>> 8) : 1;
  return (hash + attempt * step) % size;
}

const scattered = 16;

/** As many wishes as it takes to have tried every place. */
function allTried(size: number): number {
  return scattered + size;
}

/**
 * What is given where a range has no place left: of another range, that nobody is in. No cluster could give these
 * either, but nobody is taken for somebody else.
 */
const beyond: Readonly<Record<'services' | 'pods', Readonly<Record<Family, string>>>> = {
  services: { IPv4: '100.64.0.0/11', IPv6: 'fd00:10:97::/112' },
  pods: { IPv4: '100.96.0.0/11', IPv6: 'fd00:10:245::/112' },
};
const beyondSize = 60_000;

function addressBeyond(of: keyof typeof beyond, family: Family, hash: number, attempt: number): string {
  return addressIn(beyond[of][family], 1 + placeOf(hash, attempt, beyondSize));
}

/** FNV-1a, 32 bits: spreads names, nothing more. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  // The last letter alone would move it by little: names that count up would stand in a row.
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) >>> 0;
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** Whose load balancer an address stands for; each has ranges of its own. */
export type BalancerOwner = 'service' | 'ingress' | 'gateway' | 'profile';

interface AddressRange {
  readonly cidr: string;
  readonly from: number;
  readonly size: number;
}

/**
 * The ranges for documentation (RFC 5737, RFC 3849), where an address is seen to be none of anybody's; when those are
 * taken, the one for benchmarks (RFC 2544). 198.51.100.0/24 is the clients'.
 */
const balancerRanges: Readonly<Record<BalancerOwner, Readonly<Record<Family, readonly AddressRange[]>>>> = {
  service: {
    IPv4: [
      { cidr: '203.0.113.0/24', from: 10, size: 240 },
      { cidr: '198.18.0.0/16', from: 1, size: 65_000 },
    ],
    IPv6: [{ cidr: '2001:db8:3::/112', from: 10, size: 60_000 }],
  },
  ingress: {
    IPv4: [
      { cidr: '192.0.2.0/24', from: 10, size: 118 },
      { cidr: '198.19.0.0/18', from: 1, size: 16_000 },
    ],
    IPv6: [{ cidr: '2001:db8:4::/112', from: 10, size: 60_000 }],
  },
  gateway: {
    IPv4: [
      { cidr: '192.0.2.128/25', from: 0, size: 122 },
      { cidr: '198.19.64.0/18', from: 1, size: 16_000 },
    ],
    IPv6: [{ cidr: '2001:db8:5::/112', from: 10, size: 60_000 }],
  },
  profile: {
    IPv4: [
      { cidr: '203.0.113.0/28', from: 1, size: 9 },
      { cidr: '198.19.128.0/18', from: 1, size: 16_000 },
    ],
    IPv6: [{ cidr: '2001:db8:6::/112', from: 10, size: 60_000 }],
  },
};

/** The claim's name of who wants an address of each of its families. */
export function familyClaimName(family: Family, name: string): string {
  return `${family} ${name}`;
}

/**
 * The address of a load balancer that nobody wrote. `name` names its owner. The first range is small: who doesn't get
 * its first wish there has the next, so that one balancer more moves one other at the most.
 */
export function balancerClaim(owner: BalancerOwner, name: string, family: Family): Claim {
  const hash = hashOf(name);
  const [first, next] = balancerRanges[owner][family];
  const wish = (attempt: number): string => {
    const range = attempt === 0 ? first : (next ?? first);
    return range === undefined ? '' : addressIn(range.cidr, range.from + placeOf(hash, attempt, range.size));
  };
  return claim(familyClaimName(family, name), wish);
}

/**
 * A cluster address of a Service, in the cluster's range of the family; in the usual one where the profile has none.
 */
export function clusterAddressClaim(name: string, family: Family, { serviceCidrs }: Profile): Claim {
  const range = serviceCidrs.find((each) => familyOf(each) === family) ?? usualRanges[family].services;
  const size = Math.min(60_000, sizeOf(range) - 2);
  // The API server itself has the first address, and DNS the tenth: dynamic ones mostly come from further up.
  const reserved = size > 1024 ? 256 : 1;
  const hash = hashOf(name);
  const places = Math.max(1, size - reserved);
  const tried = allTried(places);
  const wish = (attempt: number): string =>
    attempt < tried
      ? addressIn(range, reserved + placeOf(hash, attempt, places))
      : addressBeyond('services', family, hash, attempt - tried);
  return claim(familyClaimName(family, name), wish);
}

function sizeOf(cidr: string): number {
  const bits = (familyOf(cidr) === 'IPv4' ? 32 : 128) - Number(cidr.slice(cidr.indexOf('/') + 1));
  return bits > 20 ? 2 ** 20 : 2 ** bits;
}

/** A nodePort, or a health check's; protocols share the numbers, so that none is taken twice. */
export function nodePortClaim(name: string, { nodePortRange: { from, to } }: Profile): Claim {
  const hash = hashOf(name);
  const size = to - from + 1;
  const tried = allTried(size);
  // Behind the range, or before it.
  const [first, last] = to < 60_000 ? [to + 1, 65_535] : [1024, from - 1];
  return claim(name, (attempt) =>
    String(
      attempt < tried
        ? from + placeOf(hash, attempt, size)
        : first + placeOf(hash, attempt - tried, Math.max(1, last - first + 1)),
    ),
  );
}

/**
 * The offsets in a node's pod range that pods are given: the node has the first, and who merely asks the last but one.
 */
const firstPod = 2;
const askingPod = 254;
/** As often as a node's own range is tried before the rest of the pod network. */
const attemptsOnNode = 12;

/** Where a pod is given its address. */
export interface PodRange {
  /** The node's own range. */
  readonly node: string;
  /** The pod network of the family. */
  readonly network: string;
  readonly isOfSomeNode: (address: string) => boolean;
}

/** Which pod of which workload; the `index`th, from 0. */
export interface PodClaimant {
  readonly workload: string;
  readonly index: number;
}

/**
 * The address of a pod on a node, of one family: within the node's range; where that is full, in a part of the pod
 * network that no node has. A workload's first pods have theirs before the further ones of others: one replica more
 * moves few.
 */
export function podClaim({ workload, index }: PodClaimant, { node, network, isOfSomeNode }: PodRange): Claim {
  const hash = hashOf(`${workload}/${index}`);
  const size = Math.max(1, Math.min(sizeOf(node), 65_536) - 6);
  const all = Math.max(1, Math.min(sizeOf(network), 2 ** 20) - 2);
  const onNode = (attempt: number): string => addressIn(node, firstPod + placeOf(hash, attempt, size));
  const tried = all <= size ? allTried(size) : attemptsOnNode + all;
  const wish = (attempt: number): string => {
    if (attempt >= tried) return addressBeyond('pods', familyOf(node), hash, attempt - tried);
    if (all <= size || attempt < attemptsOnNode) return onNode(attempt);
    for (let step = 0; step < all; step++) {
      const address = addressIn(network, 1 + ((hash + (attempt + step) * 61) % all));
      if (!isOfSomeNode(address)) return address;
    }
    return onNode(attempt);
  };
  return claim(podClaimName(familyOf(node), { workload, index }), wish, index);
}

export function podClaimName(family: Family, { workload, index }: PodClaimant): string {
  return familyClaimName(family, `${workload}/${index}`);
}

/** The address of a node that nobody wrote: the `index`th, from 0. */
export function nodeAddress(index: number, family: Family): string {
  const host = index + 11;
  return family === 'IPv4' ? `192.168.${Math.floor(host / 256)}.${host % 256}` : `fd00:192:168::${host.toString(16)}`;
}

/** The addresses that a client of the internet is given (TEST-NET-2, RFC 5737; the documentation prefix, RFC 3849). */
export const internetClient: Readonly<Record<Family, string>> = { IPv4: '198.51.100.7', IPv6: '2001:db8:7::7' };

/** Of a pod that is nobody's, and merely asks: on a node, one of each of its ranges. */
export function askingPodAddresses({ podCIDRs }: { readonly podCIDRs: readonly string[] }): string[] {
  return podCIDRs.map((cidr) => addressIn(cidr, askingPod));
}
