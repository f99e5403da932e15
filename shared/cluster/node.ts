import ipaddr from 'ipaddr.js';
import type { Manifest } from '../manifest/manifest.ts';
import { itemsAt, textAt } from '../manifest/value.ts';
import type { Assumption } from './because.ts';
import type { Profile } from './profile.ts';

export interface ClusterNode {
  readonly name: string;
  readonly address: string;
  readonly podCIDR: string;
  /** The pod bridge's own address, the first of the node's pod range. */
  readonly gateway: string;
  readonly zone: string | null;
  readonly labels: ReadonlyMap<string, string>;
  readonly ready: boolean;
  readonly manifest: Manifest | null;
}

/** The set's own Nodes, else the profile's, else three. */
export function nodesOf(manifests: readonly Manifest[], profile: Profile): { nodes: ClusterNode[]; assumptions: Assumption[] } {
  const real = manifests.filter(({ kind, apiVersion }) => kind === 'Node' && apiVersion === 'v1');
  if (real.length > 0) {
    return { nodes: real.map((manifest, index) => fromManifest(manifest, index, profile)), assumptions: [] };
  }
  if (profile.nodes !== null) {
    return {
      assumptions: [],
      nodes: profile.nodes.map((node, index) => withNetwork({ ...node, address: node.address ?? nodeAddress(index), manifest: null }, node.podCIDR, index, profile)),
    };
  }
  const count = profile.nodeCount ?? 3;
  const assumptions = profile.nodeCount === null
    ? [{ id: 'nodes', text: profile.name === null ? '3 nodes assumed: the set has no Node and no ClusterProfile' : '3 nodes assumed: the set has no Node and the ClusterProfile names none' }]
    : [];
  const nodes = Array.from({ length: count }, (_, index) =>
    withNetwork({ name: `node-${index + 1}`, address: nodeAddress(index), zone: null, labels: new Map(), ready: true, manifest: null }, null, index, profile));
  return { nodes, assumptions };
}

function fromManifest(manifest: Manifest, index: number, profile: Profile): ClusterNode {
  const { value, labels } = manifest;
  const address = itemsAt(value, 'status', 'addresses').find((each) => textAt(each, 'type') === 'InternalIP');
  const ready = itemsAt(value, 'status', 'conditions').find((each) => textAt(each, 'type') === 'Ready');
  return withNetwork({
    name: manifest.name,
    address: textAt(address, 'address') ?? nodeAddress(index),
    zone: labels.get('topology.kubernetes.io/zone') ?? null,
    labels,
    ready: textAt(ready, 'status') !== 'False' && textAt(ready, 'status') !== 'Unknown',
    manifest,
  }, textAt(value, 'spec', 'podCIDR') ?? null, index, profile);
}

function withNetwork(node: Omit<ClusterNode, 'podCIDR' | 'gateway'>, podCIDR: string | null, index: number, profile: Profile): ClusterNode {
  const cidr = podCIDR !== null && ipaddr.isValidCIDR(podCIDR) ? podCIDR : nodePodRange(profile.podNetwork.cidr, index);
  const labels = node.labels.has('kubernetes.io/hostname') ? node.labels : new Map([...node.labels, ['kubernetes.io/hostname', node.name], ['kubernetes.io/os', 'linux'], ['kubernetes.io/arch', 'amd64']]);
  return { ...node, labels, podCIDR: cidr, gateway: addressIn(cidr, 1) };
}

function nodeAddress(index: number): string {
  return `192.168.${Math.floor((index + 11) / 256)}.${(index + 11) % 256}`;
}

/** The node's share of the pod network: its (index + 1)th /24, as a node IPAM controller with default mask gives it. */
function nodePodRange(cluster: string, index: number): string {
  const [, length] = ipaddr.parseCIDR(cluster);
  if (length > 24) return cluster;
  return `${addressIn(cluster, (index + 1) * 256)}/24`;
}

/** The address at an offset from a range's first. */
export function addressIn(cidr: string, offset: number): string {
  const plain = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\//.exec(cidr);
  if (plain !== null) {
    const sum = Number(plain[1]) * 2 ** 24 + Number(plain[2]) * 2 ** 16 + Number(plain[3]) * 2 ** 8 + Number(plain[4]) + offset;
    return `${Math.floor(sum / 2 ** 24) % 256}.${Math.floor(sum / 2 ** 16) % 256}.${Math.floor(sum / 2 ** 8) % 256}.${sum % 256}`;
  }
  const [address] = ipaddr.parseCIDR(cidr);
  const bytes = address.toByteArray();
  let carry = offset;
  for (let index = bytes.length - 1; index >= 0 && carry > 0; index--) {
    const sum = (bytes[index] ?? 0) + carry;
    bytes[index] = sum % 256;
    carry = Math.floor(sum / 256);
  }
  return ipaddr.fromByteArray(bytes).toString();
}

/** Whether an address lies in a range; false where either can't be read or their families differ. */
export function isIn(address: string, cidr: string): boolean {
  if (!ipaddr.isValid(address) || !ipaddr.isValidCIDR(cidr)) return false;
  const parsed = ipaddr.parse(address);
  const range = ipaddr.parseCIDR(cidr);
  return parsed.kind() === range[0].kind() && parsed.match(range);
}
