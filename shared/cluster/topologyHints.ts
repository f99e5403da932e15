import { textOf, valueAt } from '../manifest/value.ts';
import { type Family, familyOf } from './address.ts';
import type { ClusterNode } from './node.ts';
import type { Pod } from './pod.ts';
import type { Service } from './service.ts';

/**
 * The zone hints that the EndpointSlice controller gives for the annotation `service.kubernetes.io/topology-mode:
 * Auto`. Each zone gets as large a share of the ready endpoints as its nodes have of the CPU. If a zone has more
 * endpoints than its share, some are hinted to another zone.
 * Source: kubernetes/kubernetes staging/src/k8s.io/endpointslice/topologycache/{topologycache,utils,sliceinfo,event}.go
 * and utils.go `hintsEnabled` (1.36). The controller keeps hints that it once gave as long as they do; here they are
 * given anew, as to a new Service. Where it picks at random among alike (it iterates over maps), the first by name is
 * picked.
 */
export type TopologyHints =
  | {
      readonly kind: 'given';
      /** Each endpoint's hint, in their order; null for one that isn't ready. */
      readonly zones: readonly (string | null)[];
      /** How many serve another zone than their own. */
      readonly moved: number;
    }
  | { readonly kind: 'none'; readonly reason: NoHints; readonly text: string };

export type NoHints =
  | 'node-information-missing'
  | 'too-few-endpoints'
  | 'zones-would-be-overloaded'
  | 'endpoint-without-zone';

/** Whether the Service asks for hints. Of the two annotations the old one counts, if it is there. */
export function asksForTopologyHints({ manifest: { annotations } }: Service): boolean {
  const mode =
    annotations.get('service.kubernetes.io/topology-aware-hints') ??
    annotations.get('service.kubernetes.io/topology-mode');
  return mode === 'Auto' || mode === 'auto';
}

/** A node as far as it counts here; `cpu` is what can be allocated, in thousandths. */
export interface CapacityNode {
  readonly zone: string | null;
  readonly cpu: number;
  readonly ready: boolean;
  readonly isControlPlane: boolean;
}

/**
 * Each zone's share of all CPU, by name; control planes and nodes that aren't ready don't count. Null where a node
 * lacks its zone or its CPU, or there are fewer than two zones.
 */
export function cpuShares(nodes: readonly CapacityNode[]): ReadonlyMap<string, number> | null {
  const counting = nodes.filter(({ ready, isControlPlane }) => ready && !isControlPlane);
  if (counting.some(({ zone, cpu }) => zone === null || zone === '' || cpu === 0)) return null;
  const byZone = new Map<string, number>();
  for (const { zone, cpu } of counting) byZone.set(zone ?? '', (byZone.get(zone ?? '') ?? 0) + cpu);
  if (byZone.size < 2) return null;
  const total = counting.reduce((sum, { cpu }) => sum + cpu, 0);
  return new Map([...byZone].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([zone, cpu]) => [zone, cpu / total]));
}

/** As much more than its part an endpoint may get at most. */
const overload = 0.2;

/** The hints of a Service's endpoints of one family. */
export function topologyHints(
  endpoints: readonly { readonly zone: string | null; readonly ready: boolean }[],
  shares: ReadonlyMap<string, number> | null,
): TopologyHints {
  const none = (reason: NoHints, text: string): TopologyHints => ({ kind: 'none', reason, text });
  const count = endpoints.filter(({ ready }) => ready).length;
  if (shares === null)
    return none(
      'node-information-missing',
      'the ready nodes are in fewer than two zones, or one of them lacks its zone or its CPU',
    );
  if (shares.size > count)
    return none('too-few-endpoints', `${count} ready endpoints are too few for ${shares.size} zones`);
  const least = new Map([...shares].map(([zone, share]) => [zone, Math.ceil(share * count * (1 / (1 + overload)))]));
  if ([...least.values()].reduce((sum, each) => sum + each, 0) > count)
    return none(
      'zones-would-be-overloaded',
      `${count} ready endpoints can't be shared among ${shares.size} zones without too much load on one`,
    );
  if (endpoints.some(({ ready, zone }) => ready && (zone === null || zone === '')))
    return none('endpoint-without-zone', 'a ready endpoint is on a node without a zone');
  const hinted = new Map<string, number>();
  for (const { ready, zone } of endpoints) if (ready && zone !== null) hinted.set(zone, (hinted.get(zone) ?? 0) + 1);
  const desired = new Map([...shares].map(([zone, share]) => [zone, Math.max(share * count, least.get(zone) ?? 0)]));
  const own = endpoints.map(({ ready, zone }) => (ready ? zone : null));
  const zones = redistributed(own, exchangeOf(desired, hinted));
  return { kind: 'given', zones, moved: zones.filter((zone, index) => zone !== own[index]).length };
}

/** How many endpoints zones give to others and receive from them. */
export interface Exchange {
  readonly giving: ReadonlyMap<string, number>;
  readonly receiving: ReadonlyMap<string, number>;
}

/** The endpoints' zones with those exchanged, the first of a zone first; null stays. */
export function redistributed(zones: readonly (string | null)[], exchange: Exchange): (string | null)[] {
  const giving = new Map(exchange.giving);
  const receiving = new Map(exchange.receiving);
  return zones.map((zone) => {
    const [receiver] = receiving.keys();
    if (zone === null || receiver === undefined || !giving.has(zone)) return zone;
    takeOne(giving, zone);
    takeOne(receiving, receiver);
    return receiver;
  });
}

function takeOne(counts: Map<string, number>, zone: string): void {
  const left = (counts.get(zone) ?? 0) - 1;
  if (left > 0) counts.set(zone, left);
  else counts.delete(zone);
}

/** What comes nearest to the number desired in each zone, from what is there; by name. */
export function exchangeOf(desired: ReadonlyMap<string, number>, hinted: ReadonlyMap<string, number>): Exchange {
  const byName = [...desired].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const surplus = new Map<string, number>();
  const lack = new Map<string, number>();
  for (const [zone, target] of byName) {
    const difference = (hinted.get(zone) ?? 0) - target;
    if (difference > 0) surplus.set(zone, difference);
    else if (difference < 0) lack.set(zone, -difference);
  }
  const giving = new Map<string, number>();
  const receiving = new Map<string, number>();
  for (;;) {
    const [giver, gives] = largest(surplus);
    const [receiver, receives] = largest(lack);
    if (giver === null || receiver === null || (gives < 1 && receives < 1) || gives < 0.5 || receives < 0.5) break;
    giving.set(giver, (giving.get(giver) ?? 0) + 1);
    surplus.set(giver, gives - 1);
    receiving.set(receiver, (receiving.get(receiver) ?? 0) + 1);
    lack.set(receiver, receives - 1);
  }
  return { giving, receiving: new Map([...receiving].toSorted(([a], [b]) => (a < b ? -1 : 1))) };
}

function largest(numbers: ReadonlyMap<string, number>): readonly [zone: string | null, number: number] {
  let most: readonly [string | null, number] = [null, 0];
  for (const each of numbers) if (each[1] > most[1]) most = each;
  return most;
}

/** What a Service's annotation makes of its pods' endpoints, per family. */
export interface ServiceTopology {
  readonly byFamily: ReadonlyMap<Family, TopologyHints>;
  readonly zoneByPod: ReadonlyMap<Family, ReadonlyMap<Pod, string | null>>;
  /** No node says what CPU it has: all are taken to have as much. */
  readonly assumesEqualNodes: boolean;
}

/** For a Service that asks for hints; for any other, `trafficDistribution` counts. */
export function serviceTopology(
  service: Service,
  pods: readonly Pod[],
  nodes: readonly ClusterNode[],
): ServiceTopology {
  const written = nodes.map(writtenCpu);
  const assumesEqualNodes = written.includes(null);
  const shares = cpuShares(
    nodes.map(({ zone, ready, labels }, index) => ({
      zone,
      ready,
      cpu: assumesEqualNodes ? 1000 : (written[index] ?? 0),
      isControlPlane:
        labels.has('node-role.kubernetes.io/control-plane') || labels.has('node-role.kubernetes.io/master'),
    })),
  );
  const zones = new Map(nodes.map(({ name, zone }) => [name, zone]));
  const found = service.ipFamilies.map((family) => {
    const own = pods.filter(
      ({ addresses, waits }) => waits === null && addresses.some((each) => familyOf(each) === family),
    );
    const hints = topologyHints(
      own.map((pod) => ({
        zone: zones.get(pod.node) ?? null,
        ready: service.publishNotReadyAddresses || (pod.ready && !pod.terminating),
      })),
      shares,
    );
    const given = new Map(own.map((pod, index) => [pod, hints.kind === 'given' ? (hints.zones[index] ?? null) : null]));
    return { family, hints, given };
  });
  return {
    assumesEqualNodes,
    byFamily: new Map(found.map(({ family, hints }) => [family, hints])),
    zoneByPod: new Map(found.map(({ family, given }) => [family, given])),
  };
}

/** The hints of one pod's endpoint; nobody gets a node's. */
export function hintsOfPod(
  { zoneByPod }: ServiceTopology,
  family: Family,
  pod: Pod,
): { readonly zoneHints: readonly string[]; readonly nodeHints: readonly string[] } {
  const zone = zoneByPod.get(family)?.get(pod) ?? null;
  return { zoneHints: zone === null ? [] : [zone], nodeHints: [] };
}

/** The CPU that a node's status gives; null for a node without a status (assumed, of a profile, or written by hand). */
function writtenCpu({ manifest }: ClusterNode): number | null {
  if (manifest === null || valueAt(manifest.value, 'status') === undefined) return null;
  return milliOf(textOf(valueAt(manifest.value, 'status', 'allocatable', 'cpu')) ?? '');
}

/** A quantity in thousandths, rounded up; 0 for what is none. Source: apimachinery pkg/api/resource/quantity.go. */
function milliOf(quantity: string): number {
  const [, digits, suffix = ''] = /^\+?(\d+\.?\d*|\.\d+)([numkM]?|[eE][-+]?\d+)$/.exec(quantity) ?? [];
  if (digits === undefined) return 0;
  const power = /^[eE]/.test(suffix) ? Number(suffix.slice(1)) : (powers.get(suffix) ?? 0);
  return Math.ceil(Number(`${digits}e${power + 3}`));
}

const powers: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['k', 3],
  ['M', 6],
]);
