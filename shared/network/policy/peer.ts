import { isIn } from '../../cluster/address.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { LabelSelector } from '../../cluster/labelSelector.ts';
import { matchesLabels } from '../../cluster/labelSelector.ts';
import { nodeAt, podAt } from '../../cluster/lookups.ts';
import { knownNamespaces } from '../../cluster/namespaces.ts';
import { namespaceNameLabel } from '../../cluster/gatewayApi/gatewayApi.ts';
import type { PolicyPeer } from '../../cluster/networkPolicy.ts';
import type { ClusterNode } from '../../cluster/node.ts';
import type { Pod } from '../../cluster/pod.ts';
import type { PolicyPlugin } from './policyPlugin.ts';

/** Who is at an address, as policies tell: a pod of the pod network, a node and all on its network, or none. */
export interface Peer {
  readonly address: string;
  readonly pod: Pod | null;
  readonly node: ClusterNode | null;
}

export function peerAt(model: ClusterModel, address: string): Peer {
  const pod = podAt(model, address);
  const node = pod === null ? nodeWith(model, address) : null;
  return { address, pod, node };
}

/** A node by its own addresses, or by those that it has in its range of pods. */
function nodeWith(model: ClusterModel, address: string): ClusterNode | null {
  return nodeAt(model, address) ?? model.nodes.find(({ gateways }) => gateways.includes(address)) ?? null;
}

/** Whether it is so; null where that isn't in these files, and then why. */
export type Matched = boolean | Undecided;

export interface Undecided {
  /** The namespace whose labels aren't known. */
  readonly namespace: string;
}

export function isUndecided(matched: Matched): matched is Undecided {
  return typeof matched === 'object';
}

/** Whether an entry of `from` or `to` means a peer; `namespace` is the policy's own. */
export function meansPeer(
  model: ClusterModel,
  entry: PolicyPeer,
  { address, pod, node }: Peer,
  { namespace, plugin }: { readonly namespace: string; readonly plugin: PolicyPlugin },
): Matched {
  if (entry.kind === 'addresses') {
    const isOutside = pod === null && (node === null || plugin.nodesAreSeenAs === 'outside');
    if (plugin.ipBlocksAreFor === 'outside' && !isOutside) return false;
    return isIn(address, entry.range) && !entry.except.some((each) => isIn(address, each));
  }
  if (pod === null || !matchesLabels(entry.pods, pod.labels)) return false;
  return entry.namespaces === null
    ? pod.namespace === namespace
    : selectsNamespace(model, entry.namespaces, pod.namespace);
}

/** Of a namespace that no Namespace in the set describes, the one label is known that the API server gives each. */
export function selectsNamespace({ declared }: ClusterModel, selector: LabelSelector, namespace: string): Matched {
  const described = declared.gatewayApi.namespaceLabels.has(namespace);
  const labels = knownNamespaces(declared).get(namespace) ?? new Map([[namespaceNameLabel, namespace]]);
  if (described) return matchesLabels(selector, labels);
  const known: LabelSelector = {
    labels: new Map([...selector.labels].filter(([key]) => key === namespaceNameLabel)),
    expressions: selector.expressions.filter(({ key }) => key === namespaceNameLabel),
  };
  if (!matchesLabels(known, labels)) return false;
  const isAllKnown =
    known.labels.size === selector.labels.size && known.expressions.length === selector.expressions.length;
  return isAllKnown || { namespace };
}
