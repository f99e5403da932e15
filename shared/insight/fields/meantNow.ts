import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { servicesSelecting } from '../../cluster/lookups.ts';
import type { PolicyPort } from '../../cluster/networkPolicy.ts';
import type { ClusterNode } from '../../cluster/node.ts';
import type { Pod } from '../../cluster/pod.ts';
import { chosenPlugin } from '../../network/policy/chosenPlugin.ts';
import type { PolicyKind } from '../../network/policy/policyPlugin.ts';
import { holdersOf, type PodGroup, podsOfGroups } from '../../network/policy/selected.ts';
import { podName } from '../../trace/trace.ts';
import { counted } from '../counted.ts';
import { code, plain } from './trafficField.ts';

// Whom and what the fields of policies mean now, in Markdown.

/** As many pods, workloads or namespaces as a hover lists. */
export const mostListed = 8;

export function listed(texts: readonly string[]): string {
  const left = texts.length - mostListed;
  return left <= 1 ? texts.join(', ') : `${texts.slice(0, mostListed).join(', ')} and ${left} more`;
}

export function countOf(groups: readonly PodGroup[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}

/** `2 pods: web-0 (10.244.1.5), web-1 (10.244.2.7)` */
export function podsText(model: ClusterModel, groups: readonly PodGroup[]): string {
  return groups.length === 0 ? 'no pod' : namedPods(podsOfGroups(model, groups));
}

function namedPods(pods: readonly Pod[]): string {
  const names = pods.map((pod) => `${plain(podName(pod))}${pod.address === '' ? '' : ` (${pod.address})`}`);
  return `${counted(pods.length, 'pod')}: ${listed(names)}`;
}

/** `1 node: node-1 (192.168.0.11)` */
export function nodesText(nodes: readonly Pick<ClusterNode, 'name' | 'address'>[]): string {
  return nodes.length === 0
    ? 'no node'
    : `${counted(nodes.length, 'node')}: ${listed(nodes.map(({ name, address }) => `${plain(name)} (${address})`))}`;
}

/** `2 namespaces: shop, web` */
export function namespacesText(names: readonly string[]): string {
  return names.length === 0
    ? 'No namespace of these files'
    : `${counted(names.length, 'namespace')}: ${listed(names.map(plain))}`;
}

/** Why a policy does nothing at all; nothing where it does something. */
export function idleText({ profile }: ClusterModel, kind: PolicyKind, isTaken: boolean): string[] {
  if (!isTaken) return ['The API server refuses this policy: it enforces nothing.'];
  const { plugin, said } = chosenPlugin(profile);
  if (plugin.enforces.includes(kind)) return [];
  const by = said === null ? '' : ` (\`${said}\`)`;
  return [
    plugin.enforces.length === 0 && said === 'podNetwork.policies'
      ? `Does nothing: nobody enforces policies here${by}.`
      : `Does nothing: ${plugin.title}${by} enforces no ${kind}.`,
  ];
}

/** That it can't be known of some namespaces; nothing where it can. */
export function undecidedText(undecided: readonly string[]): string[] {
  return undecided.length === 0
    ? []
    : [`Whether ${listed(undecided.map(plain))} is meant isn't known: no Namespace in these files says its labels.`];
}

/** Who has an address of a range; `areMeant` where pods and nodes can be meant by it. */
export function holdersText(
  model: ClusterModel,
  range: Parameters<typeof holdersOf>[1],
  areMeant: 'meant' | 'not meant' = 'meant',
): string {
  const { pods, nodes } = holdersOf(model, range);
  const found = [...(pods.length > 0 ? [namedPods(pods)] : []), ...(nodes.length > 0 ? [nodesText(nodes)] : [])];
  if (found.length === 0) return 'No pod and no node has such an address now.';
  return areMeant === 'meant'
    ? `Now these have such an address: ${found.join('; ')}.`
    : `These have such an address, and aren't meant: ${found.join('; ')}.`;
}

/** What a port of a rule is; `receivers` get the packets, null where they aren't known to be pods alone. */
export function portText(
  model: ClusterModel,
  { port, protocol, endPort }: PolicyPort,
  receivers: readonly PodGroup[] | null,
): string {
  if (port === null)
    return protocol === null
      ? 'Every port of every protocol.'
      : `Every ${protocol} port, and none of another protocol.`;
  if (typeof port === 'number' && endPort !== null) {
    const count = counted(Math.max(0, endPort - port + 1), 'port');
    return `${protocol ?? ''} ports ${port} to ${endPort}, both among them: ${count}.`.trimStart();
  }
  const own =
    `${protocol === null ? 'Port' : `${protocol} port`} ${code(String(port))} of the pod that gets the packet, ` +
    'behind any Service.';
  if (receivers === null) return own;
  const offering = receivers.flatMap((group) => {
    const found = group.ports.find(
      (each) =>
        (protocol === null || each.protocol === protocol) &&
        (typeof port === 'number' ? each.port === port : each.name === port),
    );
    return found === undefined ? [] : [{ group, found }];
  });
  const texts = offering.map(({ group, found }) =>
    typeof port === 'number'
      ? `${plain(group.owner.name)}${found.name === '' ? '' : ` (${code(found.name)})`}`
      : `${found.port} in ${plain(group.owner.name)}`,
  );
  if (texts.length > 0)
    return `${own}\n\n${typeof port === 'number' ? 'It is declared by' : 'It is'} ${listed([...new Set(texts)])}.`;
  if (receivers.length === 0) return own;
  const services = typeof port === 'number' ? servicePorts(model, receivers, port) : [];
  const count = countOf(receivers);
  const whose =
    count === 1
      ? "The pod that it is about doesn't declare it."
      : `None of the ${count} pods that it is about declares it.`;
  return [`${own}\n\n${whose}`, ...services].join(' ');
}

/** A Service's port that leads to another port of the pods: what is easily taken for theirs. */
function servicePorts(model: ClusterModel, receivers: readonly PodGroup[], wanted: number): string[] {
  const found = receivers
    .slice(0, mostListed)
    .flatMap((group) => servicesSelecting(model, group))
    .flatMap(({ name, ports }) =>
      ports.flatMap(({ port, targetPort }) =>
        port === wanted && String(targetPort) !== String(wanted)
          ? [`Port ${wanted} of Service ${plain(name)} leads to ${code(String(targetPort))}.`]
          : [],
      ),
    );
  return [...new Set(found)].slice(0, 1);
}
