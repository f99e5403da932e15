import { familyOf, isAddress, isIn } from '../../cluster/address.ts';
import { type ClusterModel, indexOfModel } from '../../cluster/clusterModel.ts';
import type { SelectedPods, TierPeer } from '../../cluster/clusterNetworkPolicy.ts';
import type { LabelSelector } from '../../cluster/labelSelector.ts';
import { matchesLabels } from '../../cluster/labelSelector.ts';
import { assumptionOf, nodeReachedAt, podAt, podsWith } from '../../cluster/lookups.ts';
import { knownNamespaces } from '../../cluster/namespaces.ts';
import { namespaceNameLabel } from '../../cluster/gatewayApi/gatewayApi.ts';
import type { PolicyPeer } from '../../cluster/networkPolicy.ts';
import type { ClusterNode } from '../../cluster/node.ts';
import type { Pod } from '../../cluster/pod.ts';
import { itemsAt, textAt } from '../../manifest/value.ts';
import type { PolicyPlugin } from './policyPlugin.ts';

/** Who is at an address, as policies tell: a pod of the pod network, a node and all on its network, or none. */
export interface Peer {
  readonly address: string;
  readonly pod: Pod | null;
  readonly node: ClusterNode | null;
}

export function peerAt(model: ClusterModel, address: string): Peer {
  const pod = podAt(model, address);
  const node = pod === null ? (nodeReachedAt(model, address) ?? null) : null;
  return { address, pod, node };
}

export function peerOf(pod: Pod): Peer {
  return { address: pod.address, pod, node: null };
}

/** Whether it is so, or what would have to be known for that. */
export type Matched = boolean | Undecided;

export type Undecided =
  /** A namespace whose labels nothing in the set says. */
  | { readonly kind: 'namespace'; readonly namespace: string }
  /** A node whose labels nothing in the set says. */
  | { readonly kind: 'node'; readonly node: string }
  /** In which namespace, and with which labels, a proxy runs that nothing in the set shows. */
  | { readonly kind: 'proxy'; readonly pod: string }
  /** Which addresses domain names have. */
  | { readonly kind: 'names'; readonly names: readonly string[] };

export function isUndecided(matched: Matched): matched is Undecided {
  return typeof matched === 'object';
}

/** Whether one of several is so: it is if one is, else it can't be known if one can't. */
export function anyOf<T>(items: readonly T[], isSo: (item: T) => Matched): Matched {
  let undecided: Undecided | null = null;
  for (const item of items) {
    const matched = isSo(item);
    if (matched === true) return true;
    if (isUndecided(matched)) undecided ??= matched;
  }
  return undecided ?? false;
}

/** Whether an entry of a NetworkPolicy's `from` or `to` means a peer; `namespace` is the policy's own. */
export function meansPeer(
  model: ClusterModel,
  entry: PolicyPeer,
  peer: Peer,
  { namespace, plugin }: { readonly namespace: string; readonly plugin: PolicyPlugin },
): Matched {
  const { address, pod, node } = peer;
  if (entry.kind === 'addresses') {
    const isOutside = pod === null && node === null;
    if (plugin.ipBlocksAreFor === 'outside' && !isOutside) return false;
    return isIn(address, entry.range) && !entry.except.some((each) => isIn(address, each));
  }
  if (pod !== null) return meansPod(model, entry, pod, namespace);
  if (plugin.hostPods === 'nobody') return false;
  if (plugin.hostPods === 'by their address if selected' && !entry.hasPodSelector)
    return isOfNodesThemselves(peer) && entry.namespaces !== null && meansNodesThemselves(model, entry.namespaces);
  const onNode = podsWith(model, address).filter(({ hostNetwork }) => hostNetwork);
  return anyOf(onNode, (each) => meansPod(model, entry, each, namespace));
}

type PodsPeer = Extract<PolicyPeer, { kind: 'pods' }>;

function meansPod(model: ClusterModel, { pods, namespaces }: PodsPeer, pod: Pod, own: string): Matched {
  if (namespaces !== null) return meansElsewhere(model, { pods, namespaces }, pod);
  return pod.namespace === own && matchesLabels(pods, pod.labels);
}

/** A proxy that nothing shows may run in any other namespace, with any labels. */
function meansElsewhere(model: ClusterModel, selected: SelectedPods, pod: Pod): Matched {
  const is = selectsPod(model, selected, pod);
  return is === false && assumptionOf(model, pod.manifest) !== null ? { kind: 'proxy', pod: pod.name } : is;
}

/** OVN-Kubernetes' join network, of which each node's gateway router has an address. */
export const joinNetworks = { IPv4: '100.64.0.0/16', IPv6: 'fd98::/64' } as const;

/** What a node sends to pods by its management port, or its gateway router by its own. */
function isOfNodesThemselves({ address, node }: Peer): boolean {
  return node === null ? isIn(address, joinNetworks[familyOf(address)]) : !node.addresses.includes(address);
}

/**
 * Whether a selector picks the namespace whose addresses are those of the nodes: OpenShift's, which has a label for
 * that, or that of OVN-Kubernetes' own installation.
 * Source: ovn-kubernetes go-controller/pkg/ovn/addresssetmanager/addressset_manager.go
 * `getHostNamespaceAddressesForNode`, `useNamespaceAddrSet`; dist/images/ovnkube.sh (8871cd9).
 */
function meansNodesThemselves({ declared }: ClusterModel, selector: LabelSelector): boolean {
  const written = declared.gatewayApi.namespaceLabels;
  return Object.entries(namespacesOfNodes).some(([name, labels]) =>
    matchesLabels(selector, written.get(name) ?? new Map([[namespaceNameLabel, name], ...labels])),
  );
}

const namespacesOfNodes: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'openshift-host-network': [['policy-group.network.openshift.io/host-network', '']],
  'ovn-host-network': [],
};

/** Whether an entry of a cluster's policy means a peer. One by no known field is its rule's business, not a peer's. */
export function meansTierPeer(model: ClusterModel, entry: TierPeer, { address, pod, node }: Peer): Matched {
  switch (entry.kind) {
    case 'pods':
      return pod !== null && meansElsewhere(model, entry, pod);
    case 'networks':
      return entry.ranges.some((each) => isIn(address, each));
    case 'nodes':
      return anyOf(nodesByStatus(model).get(address), (each) => selectsNode(entry.nodes, each));
    case 'names':
      // Names of pods and Services aren't meant. Source: network-policy-api npeps/npep-133-fqdn-egress-selector.md.
      return pod === null && node === null && { kind: 'names', names: entry.names };
    case 'unknown':
      return false;
    default:
      return entry satisfies never;
  }
}

/** Whether a selector of pods in namespaces picks a pod, of the pod network. */
export function selectsPod(
  model: ClusterModel,
  { pods, namespaces }: SelectedPods,
  { namespace, labels }: Pick<Pod, 'namespace' | 'labels'>,
): Matched {
  return matchesLabels(pods, labels) && selectsNamespace(model, namespaces, namespace);
}

/** Of a namespace that no Namespace in the set describes, the one label is known that the API server gives each. */
export function selectsNamespace({ declared }: ClusterModel, selector: LabelSelector, namespace: string): Matched {
  const described = declared.gatewayApi.namespaceLabels.has(namespace);
  const labels = knownNamespaces(declared).get(namespace) ?? new Map([[namespaceNameLabel, namespace]]);
  if (described) return matchesLabels(selector, labels);
  return selectsPartlyKnown(selector, labels) ?? { kind: 'namespace', namespace };
}

/** Of a node that is merely assumed, those labels are known that the kubelet gives each. */
export function selectsNode(selector: LabelSelector, { name, labels, manifest }: ClusterNode): Matched {
  if (manifest !== null) return matchesLabels(selector, labels);
  return selectsPartlyKnown(selector, labels) ?? { kind: 'node', node: name };
}

/** Null where it goes by labels that aren't known. */
function selectsPartlyKnown(selector: LabelSelector, labels: ReadonlyMap<string, string>): boolean | null {
  const known: LabelSelector = {
    labels: new Map([...selector.labels].filter(([key]) => labels.has(key))),
    expressions: selector.expressions.filter(({ key }) => labels.has(key)),
  };
  if (!matchesLabels(known, labels)) return false;
  const isAllKnown =
    known.labels.size === selector.labels.size && known.expressions.length === selector.expressions.length;
  return isAllKnown ? true : null;
}

/** By all addresses of a Node's status, those among them that traffic isn't sent to. */
const nodesByStatus = indexOfModel(
  ({ nodes }) => nodes,
  ({ addresses, manifest }: ClusterNode) => {
    const written = itemsAt(manifest?.value, 'status', 'addresses').map((each) => textAt(each, 'address') ?? '');
    return [...new Set([...addresses, ...written.filter(isAddress)])];
  },
);
