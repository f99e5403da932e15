import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cpuShares, exchangeOf, redistributed, topologyHints } from '../../../shared/cluster/topologyHints.ts';
import { clusterOf } from '../../scene.ts';

type Numbers = Readonly<Record<string, number>>;

/** The EndpointSlice controller's own cases, as facts. Shares and numbers of endpoints are by zone. */
interface Facts {
  readonly nodes: readonly {
    readonly test: string;
    readonly nodes: readonly {
      readonly zone: string;
      readonly cpu: string;
      readonly ready: boolean;
      readonly controlPlane: boolean;
    }[];
    readonly shares: Numbers | null;
  }[];
  readonly exchanges: readonly {
    readonly test: string;
    readonly desired: Numbers;
    readonly hinted: Numbers;
    readonly giving: Numbers;
    readonly receiving: Numbers;
  }[];
  readonly redistributions: readonly {
    readonly test: string;
    readonly zones: readonly string[];
    readonly giving: Numbers;
    readonly receiving: Numbers;
    readonly changes: Numbers;
  }[];
  readonly hints: readonly {
    readonly test: string;
    readonly shares: Numbers | null;
    readonly endpoints: readonly { readonly zone: string; readonly ready: boolean }[];
    /** Null where there are hints. */
    readonly reason: string | null;
    readonly zones: readonly (string | null)[] | null;
  }[];
  /** Three zones with ten nodes of 100m CPU each. */
  readonly services: readonly {
    readonly test: string;
    readonly annotation: string;
    readonly podsPerZone: readonly number[];
    readonly hints: Numbers | null;
    readonly crossZone: number;
  }[];
}

const facts: Facts = JSON.parse(readFileSync(join(import.meta.dirname, 'topologyHints.json'), 'utf8'));
const named = <T extends { readonly test: string }>(cases: readonly T[]): (readonly [string, T])[] =>
  cases.map((each) => [each.test, each]);
const mapOf = (numbers: Numbers): ReadonlyMap<string, number> => new Map(Object.entries(numbers));
const milli = (quantity: string): number => Number(quantity.replace('m', ''));

test.each(named(facts.nodes))('%s', (_, { nodes, shares }) => {
  const got = cpuShares(
    nodes.map(({ zone, cpu, ready, controlPlane }) => ({ zone, ready, cpu: milli(cpu), isControlPlane: controlPlane })),
  );
  expect(got === null ? null : Object.fromEntries(got)).toEqual(shares);
});

test.each(named(facts.exchanges))('%s', (_, { desired, hinted, giving, receiving }) => {
  const got = exchangeOf(mapOf(desired), mapOf(hinted));
  expect([Object.fromEntries(got.giving), Object.fromEntries(got.receiving)]).toEqual([giving, receiving]);
});

test.each(named(facts.redistributions))('%s', (_, { zones, giving, receiving, changes }) => {
  const got: Record<string, number> = {};
  for (const [index, zone] of redistributed(zones, { giving: mapOf(giving), receiving: mapOf(receiving) }).entries()) {
    const own = zones[index] ?? '';
    if (zone === null || zone === own) continue;
    got[zone] = (got[zone] ?? 0) + 1;
    got[own] = (got[own] ?? 0) - 1;
  }
  expect(got).toEqual(changes);
});

test.each(named(facts.hints))('%s', (_, { shares, endpoints, reason, zones }) => {
  const got = topologyHints(endpoints, shares === null ? null : mapOf(shares));
  expect(got.kind === 'given' ? got.zones : got.reason).toEqual(zones ?? reason);
});

const zoneNames = ['zone-a', 'zone-b', 'zone-c'];

test.each(named(facts.services))('%s', (_, { annotation, podsPerZone, hints, crossZone }) => {
  const node = (zone: string, index: number): object => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `${zone}-${index}`, labels: { 'topology.kubernetes.io/zone': zone } },
    status: { conditions: [{ type: 'Ready', status: 'True' }], allocatable: { cpu: '100m' } },
  });
  const pod = (zone: string, index: number): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${zone}-${index}`, labels: { app: 'foo' } },
    spec: { nodeName: `${zone}-${index}`, containers: [{ name: 'c' }] },
  });
  const model = clusterOf([
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'foo', annotations: { 'service.kubernetes.io/topology-aware-hints': annotation } },
      spec: { selector: { app: 'foo' }, ports: [{ port: 80 }] },
    },
    ...zoneNames.flatMap((zone) => Array.from({ length: 10 }, (_each, index) => node(zone, index))),
    ...zoneNames.flatMap((zone, at) =>
      Array.from({ length: podsPerZone[at] ?? 0 }, (_each, index) => pod(zone, index)),
    ),
  ]);
  const [service] = model.services;
  const endpoints = service === undefined ? [] : [...model.endpointsOf(service).byFamily.values()].flat(2);
  const counts: Record<string, number> = {};
  for (const zone of endpoints.flatMap(({ zoneHints }) => zoneHints)) counts[zone] = (counts[zone] ?? 0) + 1;
  expect(endpoints.length).toBe(podsPerZone.reduce((sum, each) => sum + each, 0));
  expect(counts).toEqual(hints ?? {});
  expect(
    endpoints.filter(({ node: at, zoneHints }) => zoneHints.some((zone) => at?.startsWith(zone) !== true)).length,
  ).toBe(crossZone);
});
