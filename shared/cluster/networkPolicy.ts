import { type Manifest, namespaceOf } from '../manifest/manifest.ts';
import { type FieldPath, integerAt, itemsAt, textAt, textOf, type Value, valueAt } from '../manifest/value.ts';
import { type LabelSelector, readLabelSelector } from './labelSelector.ts';
import { once } from './once.ts';
import type { Protocol } from './service.ts';

/**
 * A NetworkPolicy with the API server's defaults. Of the pods that it selects, a direction that it `isolates` lets
 * through only what some rule of some policy allows; the other direction it leaves alone.
 * Source: k8s.io/api networking/v1/types.go `NetworkPolicySpec`; kubernetes/kubernetes
 * pkg/apis/networking/v1/defaults.go `SetDefaults_NetworkPolicy`, `SetDefaults_NetworkPolicyPort` (1.36).
 */
export interface NetworkPolicy {
  readonly manifest: Manifest;
  readonly namespace: string;
  readonly name: string;
  /** The pods of its own namespace that it is for. */
  readonly pods: LabelSelector;
  readonly isolates: { readonly ingress: boolean; readonly egress: boolean };
  readonly ingress: readonly PolicyRule[];
  readonly egress: readonly PolicyRule[];
}

/** What is allowed: any of the ports with any of the peers. */
export interface PolicyRule {
  /** Null for anybody. */
  readonly peers: readonly PolicyPeer[] | null;
  /** Null for every port. */
  readonly ports: readonly PolicyPort[] | null;
  readonly at: FieldPath;
}

export type PolicyPeer =
  | {
      readonly kind: 'pods';
      readonly pods: LabelSelector;
      /** All pods are meant without one; some plug-ins make a difference. */
      readonly hasPodSelector: boolean;
      readonly namespaces: PeerNamespaces;
      readonly at: FieldPath;
    }
  | {
      readonly kind: 'addresses';
      readonly range: string;
      readonly except: readonly string[];
      readonly at: FieldPath;
    };

/** Null for the policy's own namespace. */
export type PeerNamespaces = LabelSelector | null;

export interface PolicyPort {
  /** Null for a name's own, in the policies that don't ask for one. */
  readonly protocol: Protocol | null;
  /** A number, a container port's name, or null for every port of the protocol. */
  readonly port: number | string | null;
  /** The last of a range; null for one port. */
  readonly endPort: number | null;
  readonly at: FieldPath;
}

export function isNetworkPolicy({ kind, apiVersion }: Manifest): boolean {
  return kind === 'NetworkPolicy' && apiVersion === 'networking.k8s.io/v1';
}

export const readNetworkPolicy = once((manifest: Manifest): NetworkPolicy => {
  const spec = valueAt(manifest.value, 'spec');
  const ingress = readRules(spec, 'ingress', 'from');
  const egress = readRules(spec, 'egress', 'to');
  const written = itemsAt(spec, 'policyTypes').flatMap((each) => textOf(each) ?? []);
  const types = written.length > 0 ? written : ['Ingress', ...(egress.length > 0 ? ['Egress'] : [])];
  return {
    manifest,
    namespace: namespaceOf(manifest),
    name: manifest.name,
    pods: readLabelSelector(valueAt(spec, 'podSelector')),
    isolates: { ingress: types.includes('Ingress'), egress: types.includes('Egress') },
    ingress,
    egress,
  };
});

function readRules(spec: Value | undefined, direction: 'ingress' | 'egress', side: 'from' | 'to'): PolicyRule[] {
  return itemsAt(spec, direction).map((rule, index): PolicyRule => {
    const at = ['spec', direction, index];
    const peers = itemsAt(rule, side).map((each, number) => readPeer(each, [...at, side, number]));
    const ports = itemsAt(rule, 'ports').map((each, number) => readPort(each, [...at, 'ports', number]));
    return { peers: peers.length === 0 ? null : peers, ports: ports.length === 0 ? null : ports, at };
  });
}

function readPeer(value: Value, at: FieldPath): PolicyPeer {
  const block = valueAt(value, 'ipBlock');
  if (block !== undefined) {
    const except = itemsAt(block, 'except').flatMap((each) => textOf(each) ?? []);
    return { kind: 'addresses', range: textAt(block, 'cidr') ?? '', except, at };
  }
  const namespaces = valueAt(value, 'namespaceSelector');
  const pods = valueAt(value, 'podSelector');
  return {
    kind: 'pods',
    pods: readLabelSelector(pods),
    hasPodSelector: pods !== undefined && pods !== null,
    namespaces: namespaces === undefined || namespaces === null ? null : readLabelSelector(namespaces),
    at,
  };
}

function readPort(value: Value, at: FieldPath): PolicyPort {
  const protocol = textAt(value, 'protocol');
  const port = valueAt(value, 'port');
  return {
    protocol: protocol === 'UDP' || protocol === 'SCTP' ? protocol : 'TCP',
    port: typeof port === 'number' || typeof port === 'string' ? port : null,
    endPort: integerAt(value, 'endPort') ?? null,
    at,
  };
}
