import { isIn } from '../../cluster/address.ts';
import { byKeyOfModel, type ClusterModel, indexOfModel, ofModel } from '../../cluster/clusterModel.ts';
import { type LabelSelector, matchesLabels } from '../../cluster/labelSelector.ts';
import { keptItems, sameItems, sameMembers } from '../../cluster/listChanges.ts';
import { podsOfOwner } from '../../cluster/lookups.ts';
import { knownNamespaces } from '../../cluster/namespaces.ts';
import type { NetworkPolicy, PolicyPeer } from '../../cluster/networkPolicy.ts';
import type { ClusterNode } from '../../cluster/node.ts';
import { once } from '../../cluster/once.ts';
import type { ContainerPort, Pod } from '../../cluster/pod.ts';
import { labelKeysOf, pickedBy } from '../../cluster/podSelection.ts';
import { isUndecided, selectsNamespace, selectsNode } from './peer.ts';

/** Whom policies select now, workload by workload: what only a pod's image or node changes wakes nobody. */

/** Pods of one workload that no policy tells apart. */
export interface PodGroup {
  readonly namespace: string;
  readonly owner: { readonly kind: string; readonly name: string };
  readonly labels: ReadonlyMap<string, string>;
  readonly hostNetwork: boolean;
  readonly count: number;
  readonly ports: readonly Pick<ContainerPort, 'name' | 'port' | 'protocol'>[];
  /** One of them. */
  readonly pod: string;
}

const keyOfGroup = once(({ owner, hostNetwork, labels }: Pick<Pod, 'owner' | 'hostNetwork' | 'labels'>) =>
  JSON.stringify([owner, hostNetwork, [...labels]]),
);

const podsByNamespace = indexOfModel(
  ({ pods }) => pods,
  ({ namespace }: Pod) => [namespace],
);

/** The pods of a namespace, but for those that have ended. */
export const podGroupsIn = byKeyOfModel(
  (model, namespace): readonly PodGroup[] => {
    const there = podsByNamespace(model)
      .get(namespace)
      .filter(({ waits }) => waits !== 'ended');
    return [...Map.groupBy(there, keyOfGroup).values()].flatMap((pods) => {
      const [first] = pods;
      if (first === undefined) return [];
      const { owner, labels, hostNetwork, containers, name } = first;
      const ports = containers.flatMap((each) =>
        each.ports.map(({ name: its, port, protocol }) => ({ name: its, port, protocol })),
      );
      return [{ namespace, owner, labels, hostNetwork, count: pods.length, ports, pod: name }];
    });
  },
  { eager: true, same: sameItems, kept: keptItems(keyOfGroup, sameGroup) },
);

function sameGroup(a: PodGroup, b: PodGroup): boolean {
  return a.count === b.count && a.pod === b.pod && JSON.stringify(a.ports) === JSON.stringify(b.ports);
}

const namespacesOfPods = ofModel(({ pods }) => new Set(pods.map(({ namespace }) => namespace)), {
  eager: true,
  same: sameMembers,
});

/** All namespaces that there are as far as these files show. */
export function namespacesIn(model: ClusterModel): string[] {
  return [...new Set([...knownNamespaces(model.declared).keys(), ...namespacesOfPods(model)])];
}

const groupsByLabel = indexOfModel(
  ofModel((model) => [...namespacesOfPods(model)].flatMap((each) => podGroupsIn(model, each)), {
    eager: true,
    same: sameItems,
  }),
  labelKeysOf,
);

/** The pods that a policy is for, those on their nodes' network among them. */
export function groupsOfPolicy(
  model: ClusterModel,
  { namespace, pods }: Pick<NetworkPolicy, 'namespace' | 'pods'>,
): PodGroup[] {
  const candidates =
    pods.labels.size > 0
      ? pickedBy({ namespace, selector: pods.labels }, groupsByLabel(model))
      : podGroupsIn(model, namespace);
  return candidates.filter(({ labels }) => matchesLabels(pods, labels));
}

/** Whom an entry of `from` or `to` means by its selectors. */
export interface Chosen {
  /** The namespaces that it looks in. */
  readonly namespaces: readonly string[];
  readonly groups: readonly PodGroup[];
  /** Namespaces of which nothing says whether it looks in them. */
  readonly undecided: readonly string[];
}

export function chosenBy(
  model: ClusterModel,
  { pods, namespaces: selector }: Pick<Extract<PolicyPeer, { kind: 'pods' }>, 'pods' | 'namespaces'>,
  own: string,
): Chosen {
  const judged =
    selector === null ? [] : namespacesIn(model).map((each) => ({ each, is: selectsNamespace(model, selector, each) }));
  const namespaces = selector === null ? [own] : judged.flatMap(({ each, is }) => (is === true ? [each] : []));
  const groups = namespaces.flatMap((each) =>
    groupsOfPolicy(model, { namespace: each, pods }).filter(({ hostNetwork }) => !hostNetwork),
  );
  return { namespaces, groups, undecided: judged.flatMap(({ each, is }) => (isUndecided(is) ? [each] : [])) };
}

/** Who has an address of a range now: pods of the pod network, and nodes, by that address. */
export function holdersOf(
  model: ClusterModel,
  { range, except }: Pick<Extract<PolicyPeer, { kind: 'addresses' }>, 'range' | 'except'>,
): { readonly pods: readonly Pod[]; readonly nodes: readonly Pick<ClusterNode, 'name' | 'address'>[] } {
  const isMeant = (address: string): boolean => isIn(address, range) && !except.some((each) => isIn(address, each));
  return {
    pods: model.pods.filter(({ addresses, hostNetwork }) => !hostNetwork && addresses.some(isMeant)),
    nodes: model.nodes.flatMap(({ name, addresses, gateways, tunnels }) => {
      const address = [...addresses, ...gateways, ...tunnels].find(isMeant);
      return address === undefined ? [] : [{ name, address }];
    }),
  };
}

/** The nodes that a selector picks, and those of which nothing says whether it does. */
export function nodesChosen(
  { nodes }: ClusterModel,
  selector: LabelSelector,
): { readonly nodes: readonly ClusterNode[]; readonly undecided: readonly ClusterNode[] } {
  const judged = nodes.map((node) => ({ node, is: selectsNode(selector, node) }));
  return {
    nodes: judged.flatMap(({ node, is }) => (is === true ? [node] : [])),
    undecided: judged.flatMap(({ node, is }) => (isUndecided(is) ? [node] : [])),
  };
}

/** The pods of groups themselves. */
export function podsOfGroups(model: ClusterModel, groups: readonly PodGroup[]): Pod[] {
  return groups.flatMap((group) =>
    podsOfOwner(model, group.owner.kind, { namespace: group.namespace, name: group.owner.name }).filter(
      (pod) => pod.waits !== 'ended' && keyOfGroup(pod) === keyOfGroup(group),
    ),
  );
}
