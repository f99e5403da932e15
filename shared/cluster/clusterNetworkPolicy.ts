import { groupOf, type Manifest } from '../manifest/manifest.ts';
import {
  type FieldPath,
  integerAt,
  isMap,
  itemsAt,
  keysAt,
  textAt,
  textOf,
  type Value,
  valueAt,
} from '../manifest/value.ts';
import { type FieldError, Faults } from '../manifest/validation/fieldError.ts';
import { judgeLabelSelector } from '../manifest/validation/labelSelector.ts';
import { type LabelSelector, readLabelSelector } from './labelSelector.ts';
import type { PolicyPort } from './networkPolicy.ts';
import { once } from './once.ts';
import type { Protocol } from './service.ts';

/**
 * A policy for a whole cluster. Of the pods that are its subject it judges what its rules match, the first rule first;
 * the rest it leaves to others: it never isolates. An AdminNetworkPolicy is one of tier Admin, the
 * BaselineAdminNetworkPolicy the only one of tier Baseline.
 * Source: sigs.k8s.io/network-policy-api v0.3.0 apis/v1beta1, v1alpha2 (their types are alike), v0.1.7 apis/v1alpha1.
 */
export interface ClusterNetworkPolicy {
  readonly manifest: Manifest;
  readonly kind: ClusterPolicyKind;
  readonly name: string;
  readonly tier: Tier;
  /** From 0 to 1000, the lowest first. */
  readonly priority: number;
  readonly subject: SelectedPods;
  readonly ingress: readonly TierRule[];
  readonly egress: readonly TierRule[];
}

export type ClusterPolicyKind = 'ClusterNetworkPolicy' | 'AdminNetworkPolicy' | 'BaselineAdminNetworkPolicy';

/** Admin comes before all NetworkPolicies; Baseline where none of them isolates the pod. */
export type Tier = 'Admin' | 'Baseline';

/** Pods of the pod network, in the namespaces that a selector picks. */
export interface SelectedPods {
  readonly pods: LabelSelector;
  readonly namespaces: LabelSelector;
}

export interface TierRule {
  /** What somebody calls it; null for a rule without a name. */
  readonly name: string | null;
  readonly action: 'accept' | 'deny' | 'pass';
  readonly peers: readonly TierPeer[];
  /** Null for all traffic. */
  readonly ports: readonly PolicyPort[] | null;
  readonly at: FieldPath;
}

export type TierPeer =
  | ({ readonly kind: 'pods'; readonly at: FieldPath } & SelectedPods)
  /** Whoever has an address of the ranges, pods too. */
  | { readonly kind: 'networks'; readonly ranges: readonly string[]; readonly at: FieldPath }
  | { readonly kind: 'nodes'; readonly nodes: LabelSelector; readonly at: FieldPath }
  /** Whoever outside the cluster has one of the names. */
  | { readonly kind: 'names'; readonly names: readonly string[]; readonly at: FieldPath }
  /** By no field that is known. */
  | { readonly kind: 'unknown'; readonly at: FieldPath };

export const clusterPolicyGroup = 'policy.networking.k8s.io';

const kinds: readonly ClusterPolicyKind[] = [
  'ClusterNetworkPolicy',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
];

/** Which of the kinds a manifest is; null for any other. */
export function clusterPolicyKind(manifest: Manifest): ClusterPolicyKind | null {
  if (groupOf(manifest) !== clusterPolicyGroup) return null;
  return kinds.find((each) => each === manifest.kind) ?? null;
}

/** A ClusterNetworkPolicy, AdminNetworkPolicy or BaselineAdminNetworkPolicy; null for any other object. */
export const readClusterNetworkPolicy = once((manifest: Manifest): ClusterNetworkPolicy | null => {
  const kind = clusterPolicyKind(manifest);
  if (kind === null) return null;
  const spec = valueAt(manifest.value, 'spec');
  const isBaseline =
    kind === 'BaselineAdminNetworkPolicy' || (kind !== 'AdminNetworkPolicy' && textAt(spec, 'tier') === 'Baseline');
  return {
    manifest,
    kind,
    name: manifest.name,
    tier: isBaseline ? 'Baseline' : 'Admin',
    priority: integerAt(spec, 'priority') ?? 0,
    subject: selectedPods(valueAt(spec, 'subject')) ?? nobody,
    ingress: readRules(spec, sides[0]),
    egress: readRules(spec, sides[1]),
  };
});

/** No label is in no values. */
const selectsNone: LabelSelector = { labels: new Map(), expressions: [{ key: 'name', operator: 'In', values: [] }] };

const nobody: SelectedPods = { pods: selectsNone, namespaces: readLabelSelector(undefined) };

/** Where selectors stand in a subject or a peer. */
const selectorPlaces: readonly FieldPath[] = [
  ['namespaces'],
  ['pods', 'namespaceSelector'],
  ['pods', 'podSelector'],
  ['nodes'],
];

/**
 * What is wrong with the selectors of a policy for a cluster. Their definitions take any text for an operator, with
 * values or without, and nobody can read what comes of it.
 * Source: k8s.io/apimachinery pkg/apis/meta/v1/helpers.go `LabelSelectorAsSelector` (0.36): an error for the whole
 * selector. kube-network-policies v0.8.0 pkg/networkpolicy/networkpolicyapi.go takes it for one that selects nobody,
 * ovn-kubernetes go-controller/pkg/ovn/controller/admin_network_policy/types.go leaves out the rule, antrea
 * pkg/controller/types/group.go the selector.
 */
export function selectorFaults({ manifest }: ClusterNetworkPolicy): readonly FieldError[] {
  const faults = new Faults();
  const peers = sides.flatMap(({ direction, side }) =>
    itemsAt(manifest.value, 'spec', direction).flatMap((rule, index) =>
      itemsAt(rule, side).map((_, number): FieldPath => ['spec', direction, index, side, number]),
    ),
  );
  for (const at of [['spec', 'subject'], ...peers])
    for (const place of selectorPlaces) {
      const path = [...at, ...place];
      judgeLabelSelector(valueAt(manifest.value, ...path), path, faults);
    }
  return faults.errors;
}

/** One that can't be read selects nobody. */
function selectorIn(value: Value | undefined): LabelSelector {
  return judgeLabelSelector(value, [], new Faults()) ? readLabelSelector(value) : selectsNone;
}

interface Side {
  readonly direction: 'ingress' | 'egress';
  readonly side: 'from' | 'to';
}

const sides: readonly [Side, Side] = [
  { direction: 'ingress', side: 'from' },
  { direction: 'egress', side: 'to' },
];

function readRules(spec: Value | undefined, { direction, side }: Side): TierRule[] {
  return itemsAt(spec, direction).flatMap((rule, index): TierRule[] => {
    const at = ['spec', direction, index];
    const action = actions.get(textAt(rule, 'action') ?? '');
    if (action === undefined) return [];
    const peers = itemsAt(rule, side).map((each, number) => readPeer(each, [...at, side, number]));
    return [{ name: textAt(rule, 'name') ?? null, action, peers, ports: readPorts(rule, at), at }];
  });
}

/** `Allow` is the older word. */
const actions: ReadonlyMap<string, TierRule['action']> = new Map([
  ['Accept', 'accept'],
  ['Allow', 'accept'],
  ['Deny', 'deny'],
  ['Pass', 'pass'],
]);

function readPeer(value: Value, at: FieldPath): TierPeer {
  const selected = selectedPods(value);
  if (selected !== null) return { kind: 'pods', ...selected, at };
  const nodes = valueAt(value, 'nodes');
  if (isMap(nodes)) return { kind: 'nodes', nodes: selectorIn(nodes), at };
  const [ranges, names] = [textsOf(value, 'networks'), textsOf(value, 'domainNames')];
  if (ranges.length > 0) return { kind: 'networks', ranges, at };
  return names.length > 0 ? { kind: 'names', names, at } : { kind: 'unknown', at };
}

function textsOf(value: Value, key: string): string[] {
  return itemsAt(value, key).flatMap((each) => textOf(each) ?? []);
}

/** Null where neither `namespaces` nor `pods` is written. */
function selectedPods(value: Value | undefined): SelectedPods | null {
  const namespaces = valueAt(value, 'namespaces');
  if (isMap(namespaces)) return { pods: readLabelSelector(undefined), namespaces: selectorIn(namespaces) };
  const pods = valueAt(value, 'pods');
  if (!isMap(pods)) return null;
  return {
    pods: selectorIn(valueAt(pods, 'podSelector')),
    namespaces: selectorIn(valueAt(pods, 'namespaceSelector')),
  };
}

/** `protocols` of a ClusterNetworkPolicy, `ports` of the older kinds; null where neither says anything. */
function readPorts(rule: Value, at: FieldPath): PolicyPort[] | null {
  const [key, read] =
    valueAt(rule, 'protocols') === undefined ? (['ports', readPort] as const) : (['protocols', readProtocol] as const);
  const written = itemsAt(rule, key);
  if (written.length === 0) return null;
  return written.flatMap((each, index) => read(each, [...at, key, index]) ?? []);
}

function readProtocol(value: Value, at: FieldPath): PolicyPort | null {
  const named = textAt(value, 'destinationNamedPort');
  if (named !== undefined) return { protocol: null, port: named, endPort: null, at };
  const [key = ''] = keysAt(value);
  const protocol = protocolsByKey.get(key);
  if (protocol === undefined) return null;
  const number = integerAt(value, key, 'destinationPort', 'number');
  const start = integerAt(value, key, 'destinationPort', 'range', 'start');
  const end = integerAt(value, key, 'destinationPort', 'range', 'end') ?? null;
  return { protocol, port: number ?? start ?? null, endPort: number === undefined ? end : null, at };
}

const protocolsByKey: ReadonlyMap<string, Protocol> = new Map([
  ['tcp', 'TCP'],
  ['udp', 'UDP'],
  ['sctp', 'SCTP'],
]);

function readPort(value: Value, at: FieldPath): PolicyPort | null {
  const named = textAt(value, 'namedPort');
  if (named !== undefined) return { protocol: null, port: named, endPort: null, at };
  const range = valueAt(value, 'portRange');
  const one = valueAt(value, 'portNumber');
  const port = integerAt(one, 'port') ?? integerAt(range, 'start');
  if (port === undefined) return null;
  const protocol = textAt(one ?? range, 'protocol');
  return {
    protocol: protocol === 'UDP' || protocol === 'SCTP' ? protocol : 'TCP',
    port,
    endPort: one === undefined ? (integerAt(range, 'end') ?? null) : null,
    at,
  };
}
