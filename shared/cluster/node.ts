import { nodeAddress } from './standIns.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { booleanAt, itemsAt, textAt, textOf, type Value, valueAt } from '../manifest/value.ts';
import {
  addressIn,
  canonicalRange,
  type Family,
  familyOf,
  isIn,
  ofFamily,
  partOfRange,
  readAddresses,
} from './address.ts';
import type { Assumption } from './because.ts';
import { nodeNameOf, type Pod, podHasEnded, writtenPodAddresses } from './pod.ts';
import { type Cni, type Encapsulation, podRangeLength, type Profile } from './profile.ts';

export interface ClusterNode {
  readonly name: string;
  /** Its first address: what other nodes and a load balancer send to. */
  readonly address: string;
  /** All its own addresses, of both families, the first one first. */
  readonly addresses: readonly string[];
  /** Its share of the pod network, of each of the cluster's families. */
  readonly podCIDRs: readonly string[];
  /**
   * The addresses that the node itself has in its pod ranges: the first of each, on the pod bridge or on each pod's
   * link. Empty for a CNI that gives it none (Calico's links have no address).
   */
  readonly gateways: readonly string[];
  /**
   * The addresses of the interface by which it reaches other nodes' pods: of a tunnel, of a virtual switch; what it
   * sends there itself, or masquerades, has that one for its source. Empty where that is the interface of its own ones.
   */
  readonly tunnels: readonly string[];
  readonly zone: string | null;
  readonly labels: ReadonlyMap<string, string>;
  readonly ready: boolean;
  /**
   * Whether load balancers still send to it, whatever its health check says by now:
   * the window before they have noticed.
   */
  readonly stillBalanced?: boolean;
  readonly manifest: Manifest | null;
}

/** The ranges of pods that a Node has; none of one that doesn't say. */
export function rangesOfNode({ value, apiVersion }: Manifest): readonly string[] {
  if (apiVersion !== 'v1') return [];
  const listed = itemsAt(value, 'spec', 'podCIDRs').flatMap((each) => textOf(each) ?? []);
  const own = listed.length > 0 ? listed : [textAt(value, 'spec', 'podCIDR') ?? ''];
  return own.flatMap((each) => canonicalRange(each) ?? []);
}

/** The addresses of a running pod in the pod network, each as a range of one; none of one on its node's network. */
export function rangesOfRunningPod(manifest: Manifest): readonly string[] {
  if (booleanAt(manifest.value, 'spec', 'hostNetwork') === true) return [];
  return writtenPodAddresses(manifest).map((each) => `${each}/${familyOf(each) === 'IPv4' ? 32 : 128}`);
}

/** A node as a pod that runs on it shows it: its addresses (`status.hostIPs`), and ranges around the pod's own. */
export interface NodeOfPod {
  readonly addresses: readonly string[];
  readonly ranges: readonly string[];
}

type NamedNode = readonly [name: string, node: NodeOfPod];

/** The node that a running pod names; none of a pod that only is to be, or that has ended. */
export function nodeNamedBy(manifest: Manifest): readonly NamedNode[] {
  const { value } = manifest;
  const name = nodeNameOf(valueAt(value, 'spec'));
  if (name === undefined || podHasEnded(value)) return [];
  const written = [valueAt(value, 'status', 'hostIP'), ...itemsAt(value, 'status', 'hostIPs').map(ipOf)];
  const addresses = readAddresses(written.flatMap((each) => textOf(each) ?? []));
  const isThere = addresses.length > 0 || writtenPodAddresses(manifest).length > 0;
  const ranges = rangesOfRunningPod(manifest).flatMap((each) => {
    const address = each.split('/')[0] ?? '';
    return canonicalRange(`${address}/${podRangeLength[familyOf(address)]}`) ?? [];
  });
  return isThere ? [[name, { addresses, ranges }]] : [];
}

/** What pods show of their nodes, by the nodes' names: what one of them doesn't show, the next one may. */
export function nodesByName(named: readonly NamedNode[]): ReadonlyMap<string, NodeOfPod> {
  const byName = new Map<string, NodeOfPod>();
  for (const [name, shown] of named) {
    const known = byName.get(name) ?? shown;
    byName.set(name, {
      addresses: known.addresses.length > 0 ? known.addresses : shown.addresses,
      ranges: known.ranges.length > 0 ? known.ranges : shown.ranges,
    });
  }
  return byName;
}

function ipOf(each: Value): Value | undefined {
  return valueAt(each, 'ip');
}

/** The set's own Nodes (`manifests` of that kind), else the profile's, else those that pods run on, else three. */
export function nodesOf(
  manifests: readonly Manifest[],
  profile: Profile,
  named: ReadonlyMap<string, NodeOfPod>,
): { nodes: ClusterNode[]; assumptions: Assumption[] } {
  const real = manifests.filter(({ kind, apiVersion }) => kind === 'Node' && apiVersion === 'v1');
  if (real.length > 0) {
    return { nodes: real.map((manifest, index) => fromManifest(manifest, index, profile)), assumptions: [] };
  }
  if (profile.nodes !== null) {
    return {
      assumptions: [],
      nodes: profile.nodes.map((node, index) =>
        withNetwork(
          { ...node, manifest: null },
          { own: node.address?.split(',') ?? [], ranges: node.podCIDR?.split(',') ?? [] },
          index,
          profile,
        ),
      ),
    };
  }
  const known = [...named].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const count = Math.max(known.length, profile.nodeCount ?? (known.length > 0 ? 0 : 3));
  const nodes = Array.from({ length: count }, (_, index) => {
    const [name, shown] = known[index] ?? [`node-${index + 1}`, { addresses: [], ranges: [] }];
    return withNetwork(
      { name, zone: null, labels: new Map(), ready: true, manifest: null },
      { own: shown.addresses, ranges: shown.ranges },
      index,
      profile,
    );
  });
  return { nodes, assumptions: profile.nodeCount === null ? [nodesAssumed(profile, known.length)] : [] };
}

function nodesAssumed({ name }: Profile, known: number): Assumption {
  const lacks = name === null ? 'and no ClusterProfile' : 'and the ClusterProfile names none';
  const text =
    known > 0
      ? `the ${known === 1 ? 'node' : `${known} nodes`} that pods run on taken to be all: the set has no Node ${lacks}`
      : `3 nodes assumed: the set has no Node ${lacks}`;
  return { id: 'nodes', text };
}

function fromManifest(manifest: Manifest, index: number, profile: Profile): ClusterNode {
  const { value, labels } = manifest;
  const addresses = itemsAt(value, 'status', 'addresses').flatMap((each) =>
    textAt(each, 'type') === 'InternalIP' ? (textAt(each, 'address') ?? []) : [],
  );
  const ready = itemsAt(value, 'status', 'conditions').find((each) => textAt(each, 'type') === 'Ready');
  return withNetwork(
    {
      name: manifest.name,
      zone: labels.get('topology.kubernetes.io/zone') ?? null,
      labels,
      ready: textAt(ready, 'status') !== 'False' && textAt(ready, 'status') !== 'Unknown',
      manifest,
    },
    { own: addresses, ranges: rangesOfNode(manifest) },
    index,
    profile,
  );
}

function withNetwork(
  node: Omit<ClusterNode, 'address' | 'addresses' | 'podCIDRs' | 'gateways' | 'tunnels'>,
  { own, ranges }: { readonly own: readonly string[]; readonly ranges: readonly string[] },
  index: number,
  profile: Profile,
): ClusterNode {
  const readable = ranges.flatMap((each) => canonicalRange(each) ?? []);
  const podCIDRs = profile.podNetwork.cidrs.map(
    (cidr) =>
      readable.find((each) => familyOf(each) === familyOf(cidr)) ??
      partOfRange(cidr, index, podRangeLength[familyOf(cidr)]),
  );
  const known = readAddresses(own);
  // A family that pods have, the node has too; where no address of it is written, one is assumed.
  const assumed = profile.podNetwork.cidrs
    .map(familyOf)
    .filter(
      (family) => ofFamily(known, family).length === 0 && (known.length === 0 || profile.podNetwork.cidrs.length > 1),
    )
    .map((family) => nodeAddress(index, family));
  const addresses = [...known, ...assumed];
  const labels = node.labels.has('kubernetes.io/hostname')
    ? node.labels
    : new Map([
        ...node.labels,
        ['kubernetes.io/hostname', node.name],
        ['kubernetes.io/os', 'linux'],
        ['kubernetes.io/arch', 'amd64'],
      ]);
  const tunnels = tunnelsOf({ manifest: node.manifest, podCIDRs }, profile);
  return {
    ...node,
    labels,
    address: addresses[0] ?? nodeAddress(index, 'IPv4'),
    addresses,
    podCIDRs,
    gateways: hasGateways(profile.podNetwork.cni)
      ? podCIDRs.map((cidr) => addressIn(cidr, 1))
      : addressesOnPodLinks(tunnels, profile),
    tunnels,
  };
}

/**
 * What a node sends its own pods by where their links have no address: the very tunnel's where that leads to all of
 * them. Else the node's own in IPv4; in IPv6 the kernel takes, of all that the node has, what is nearest to the pod's,
 * and that is its tunnel's (RFC 6724, rule 8; tried on a real kernel).
 */
function addressesOnPodLinks(tunnels: readonly string[], { podNetwork }: Profile): readonly string[] {
  return isOneInterface(podNetwork.cni) ? tunnels : ofFamily(tunnels, 'IPv6');
}

/** The node's end of each pod's link carries the address of its range. */
const pointToPoint: readonly Cni[] = ['ptp', 'kindnet'];

/**
 * Whether a CNI plugin gives the node an address in its pod range:
 * on a bridge, or on the host's end of each pod's link.
 */
function hasGateways(cni: Cni): boolean {
  return ['bridge', 'kubenet', 'flannel', 'kube-router', 'antrea', ...pointToPoint].includes(cni);
}

/** Whether a CNI plugin's node reaches its own pods by the very interface that leads to others. */
function isOneInterface(cni: Cni): boolean {
  return ['cilium', 'weave', 'ovn-kubernetes'].includes(cni);
}

/**
 * What packets from node to node are wrapped in where the profile doesn't say it: what a plugin's own manifests have.
 * Null where these differ among themselves: Calico's, of which calico.yaml has IPIP and custom-resources.yaml wraps
 * only between subnets.
 * Sources: flannel-io/flannel Documentation/kube-flannel.yml (cdf7605), projectcalico/calico manifests/canal.yaml,
 * calico.yaml, custom-resources.yaml (87c1590), cilium/cilium install/kubernetes/cilium/templates/cilium-configmap.yaml
 * (1.20.2; GKE's and EKS' are native), antrea-io/antrea build/charts/antrea/values.yaml (fc70f2b), ovn-kubernetes
 * docs/design/architecture.md (8871cd9).
 */
export function usualEncapsulation(cni: Cni): Encapsulation | null {
  switch (cni) {
    case 'flannel':
    case 'canal':
    case 'cilium':
    case 'weave':
      return 'vxlan';
    case 'antrea':
    case 'ovn-kubernetes':
      return 'geneve';
    case 'calico':
      return null;
    case 'bridge':
    case 'ptp':
    case 'kube-router':
    case 'kindnet':
    case 'aws-vpc':
    case 'azure':
    case 'gke-dataplane-v2':
    case 'kubenet':
      return 'none';
    default:
      return cni satisfies never;
  }
}

/** What Flannel writes at its Node. */
export const flannelBackend = 'flannel.alpha.coreos.com/backend-type';

/** The addresses by which a node sends to other nodes' pods; none where that is as it would to anybody. */
function tunnelsOf(node: Pick<ClusterNode, 'manifest' | 'podCIDRs'>, { podNetwork }: Profile): string[] {
  const { cni, encapsulation } = podNetwork;
  const isDirect = textAt(annotationsOf(node.manifest), flannelBackend) === 'host-gw';
  const known = encapsulation ?? (isDirect ? 'none' : usualEncapsulation(cni));
  return known === null || known === 'none' ? [] : tunnelAddresses(node, cni);
}

/**
 * The addresses that a node would send to other nodes' pods by if it did so through a tunnel, of each range one.
 * Flannel's interface has the first of the range (`lease.Subnet.IP`), Antrea's gateway the second, OVN-Kubernetes'
 * management port the third; Calico and Cilium take any from their own ranges, which is written at the Node.
 */
export function tunnelAddresses(
  { manifest, podCIDRs }: Pick<ClusterNode, 'manifest' | 'podCIDRs'>,
  cni: Cni,
): string[] {
  const annotations = annotationsOf(manifest);
  const written = readAddresses(tunnelAnnotations.flatMap((each) => textAt(annotations, each) ?? []));
  return podCIDRs.map((cidr) => ofFamily(written, familyOf(cidr))[0] ?? addressIn(cidr, placeOfTunnel(cni)));
}

function annotationsOf(manifest: Manifest | null): Value | undefined {
  return valueAt(manifest?.value, 'metadata', 'annotations');
}

function placeOfTunnel(cni: Cni): number {
  return cni === 'ovn-kubernetes' ? 2 : ['antrea', 'cilium', 'weave'].includes(cni) ? 1 : 0;
}

/**
 * Sources: projectcalico/calico libcalico-go/lib/backend/k8s/resources/node.go:45-54 (87c1590), cilium/cilium
 * pkg/annotation/k8s.go:82 (1.20.2).
 */
const tunnelAnnotations = [
  'projectcalico.org/IPv4IPIPTunnelAddr',
  'projectcalico.org/IPv4VXLANTunnelAddr',
  'projectcalico.org/IPv6VXLANTunnelAddr',
  'projectcalico.org/IPv4WireguardInterfaceAddr',
  'projectcalico.org/IPv6WireguardInterfaceAddr',
  'network.cilium.io/ipv4-cilium-host',
  'network.cilium.io/ipv6-cilium-host',
];

/**
 * The source of what a node's own process sends to a pod of the pod network: that of the interface by which it does.
 * Undefined where that is the node's own.
 */
export function addressTowards(
  node: ClusterNode,
  pod: Pick<Pod, 'node' | 'hostNetwork'>,
  family: Family,
): string | undefined {
  if (pod.hostNetwork) return undefined;
  return ofFamily(pod.node === node.name ? node.gateways : node.tunnels, family)[0];
}

/**
 * Whether a node's route for an address leads out of it, though an EndpointSlice says that the node runs it: of the
 * plugins that give each node a range, and the node an address there, only what is in the range is on the bridge. False
 * where the range isn't known: a real Node without one.
 */
export function leadsOut(node: ClusterNode, { podNetwork }: Profile, address: string): boolean {
  const { manifest, podCIDRs, addresses } = node;
  const isKnown = manifest === null || rangesOfNode(manifest).length > 0;
  return (
    isKnown &&
    hasGateways(podNetwork.cni) &&
    !addresses.includes(address) &&
    !podCIDRs.some((cidr) => isIn(address, cidr))
  );
}

/** With point-to-point links, the node has its gateway's address only while some pod's link carries it. */
export function withLinks(
  nodes: readonly ClusterNode[],
  profile: Profile,
  podsOf: () => readonly { readonly node: string; readonly hostNetwork: boolean; readonly waits: unknown }[],
): readonly ClusterNode[] {
  if (!pointToPoint.includes(profile.podNetwork.cni)) return nodes;
  const linked = new Set(
    podsOf()
      .filter(({ hostNetwork, waits }) => !hostNetwork && waits === null)
      .map(({ node }) => node),
  );
  return nodes.map((node) => (linked.has(node.name) ? node : { ...node, gateways: [] }));
}

/** The node's first address of a family, by which kube-proxy knows it; null where it has none. */
export function addressOfFamily({ addresses }: Pick<ClusterNode, 'addresses'>, family: Family): string | null {
  return ofFamily(addresses, family)[0] ?? null;
}

/**
 * Whether the node itself has the address: its own, its pod bridge's or tunnel's, or the loopback's (what the kernel
 * calls LOCAL).
 */
export function isLocalTo(
  { addresses, gateways, tunnels }: Pick<ClusterNode, 'addresses' | 'gateways' | 'tunnels'>,
  address: string,
): boolean {
  const isOwn = addresses.includes(address) || gateways.includes(address) || tunnels.includes(address);
  return isOwn || isLoopback(address);
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
