import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { servicesSelecting } from '../../cluster/lookups.ts';
import type { NetworkPolicy, PolicyPeer, PolicyPort, PolicyRule } from '../../cluster/networkPolicy.ts';
import type { Pod } from '../../cluster/pod.ts';
import type { FieldPath } from '../../manifest/value.ts';
import { type Direction, isTakenPolicy } from '../../network/policy/policiesOf.ts';
import { chosenBy, groupsOfPolicy, holdersOf, type PodGroup, podsOfGroups } from '../../network/policy/selected.ts';
import { podName } from '../../trace/trace.ts';
import { counted } from '../counted.ts';
import { allowedText } from '../policies/policyWords.ts';
import { code, type FieldSubject, plain, said, type TrafficField } from './trafficField.ts';

const page = 'https://kubernetes.io/docs/concepts/services-networking/network-policies/';

/** As many pods, workloads or namespaces as a hover lists. */
const mostListed = 8;

const directions = [
  { direction: 'ingress', side: 'from' },
  { direction: 'egress', side: 'to' },
] as const;

/** What each field of a NetworkPolicy selects now: pods, namespaces, addresses, ports. */
export const networkPolicyFields: readonly TrafficField[] = [
  of(['podSelector'], ({ model }, policy) => {
    const groups = groupsOfPolicy(model, policy);
    const onNodes = groups.filter(({ hostNetwork }) => hostNetwork);
    return [
      `Selects ${podsText(model, groups)} of namespace ${plain(policy.namespace)}.`,
      ...(onNodes.length === 0
        ? []
        : [`Of these, ${podsText(model, onNodes)} on the node's network: no policy is for them.`]),
    ].join('\n\n');
  }),
  of(['policyTypes'], ({ model }, policy) =>
    directions.map(({ direction }) => isolatedText(model, policy, direction)).join('\n\n'),
  ),
  ...directions.flatMap(({ direction, side }): TrafficField[] => {
    const above = [direction, '*', side];
    const peerHelp =
      (help: (judged: FieldSubject, policy: NetworkPolicy, peer: PolicyPeer) => string) =>
      (judged: FieldSubject, policy: NetworkPolicy): string => {
        const peer = peerAt(policy, direction, judged.at);
        return peer === null ? '' : help(judged, policy, peer);
      };
    return [
      of([direction], ({ model }, policy) => isolatedText(model, policy, direction)),
      of([direction, '*', side], ({ model, at }, policy) => {
        const rule = ruleAt(policy, direction, at);
        return rule === null ? '' : ruleText(model, policy, rule, direction);
      }),
      of([...above, '*', 'podSelector'], peerHelp(selectedText)),
      of([...above, '*', 'namespaceSelector'], peerHelp(namespacesText)),
      of(
        [...above, '*', 'ipBlock'],
        peerHelp(({ model }, _, peer) => addressesText(model, peer)),
      ),
      of(
        [...above, '*', 'ipBlock', 'cidr'],
        peerHelp(({ model }, _, peer) => addressesText(model, peer)),
      ),
      of(
        [...above, '*', 'ipBlock', 'except'],
        peerHelp(({ model }, _, peer) => exceptText(model, peer)),
      ),
      of([direction, '*', 'ports'], ({ model, at }, policy) => {
        const rule = ruleAt(policy, direction, at);
        return rule === null ? '' : portsOfRule(model, policy, rule, direction);
      }),
      ...['port', 'endPort', 'protocol'].map((name) =>
        of([direction, '*', 'ports', '*', name], ({ model, at }, policy) => {
          const rule = ruleAt(policy, direction, at);
          const port = rule?.ports?.[Number(at[4])];
          if (rule === null || port === undefined) return '';
          return portText(model, port, receiversOf(model, policy, rule, direction));
        }),
      ),
    ];
  }),
];

function of(path: readonly string[], help: (subject: FieldSubject, policy: NetworkPolicy) => string): TrafficField {
  return said('NetworkPolicy', ['spec', ...path], page, (subject) => {
    const { policy } = subject;
    return policy === null ? '' : help(subject, policy);
  });
}

function ruleAt(policy: NetworkPolicy, direction: Direction, at: FieldPath): PolicyRule | null {
  return policy[direction][Number(at[2])] ?? null;
}

function peerAt(policy: NetworkPolicy, direction: Direction, at: FieldPath): PolicyPeer | null {
  return ruleAt(policy, direction, at)?.peers?.[Number(at[4])] ?? null;
}

function isolatedText(model: ClusterModel, policy: NetworkPolicy, direction: Direction): string {
  if (!isTakenPolicy(model, policy.manifest)) return 'The API server refuses this policy: it enforces nothing.';
  const rules = policy[direction];
  const name = direction === 'ingress' ? 'Ingress' : 'Egress';
  if (!policy.isolates[direction])
    return rules.length === 0
      ? `Leaves ${direction} alone.`
      : `Leaves ${direction} alone: \`policyTypes\` lacks \`${name}\`, so the rules under \`${direction}\` do nothing.`;
  const pods = groupsOfPolicy(model, policy).filter(({ hostNetwork }) => !hostNetwork);
  const allowed = allowedText(model, policy.namespace, rules);
  const what =
    direction === 'ingress'
      ? allowed === null
        ? 'lets in nobody'
        : `lets in ${plain(allowed)}`
      : allowed === null
        ? 'lets out to nobody'
        : `lets out to ${plain(allowed)}`;
  const whom = counted(countOf(pods), 'pod');
  return `Isolates ${whom} for ${direction}, and ${what}. What another policy allows passes too.`;
}

function ruleText(model: ClusterModel, policy: NetworkPolicy, rule: PolicyRule, direction: Direction): string {
  const name = direction === 'ingress' ? 'Ingress' : 'Egress';
  if (!policy.isolates[direction]) return `Does nothing: \`policyTypes\` lacks \`${name}\`.`;
  const does = direction === 'ingress' ? 'Lets in' : 'Lets out to';
  const peers = rule.peers ?? [];
  if (peers.length === 0) return `${does} everybody, inside the cluster and outside.`;
  const groups = [
    ...new Set(peers.flatMap((peer) => (peer.kind === 'pods' ? chosenBy(model, peer, policy.namespace).groups : []))),
  ];
  const ranges = peers.flatMap((peer) => (peer.kind === 'addresses' ? [code(peer.range)] : []));
  const entries = peers.length === 1 ? '' : ` Any of its ${peers.length} entries is enough.`;
  const whom = [
    ...(ranges.length < peers.length ? [podsText(model, groups)] : []),
    ...(ranges.length > 0 ? [`addresses of ${listed(ranges)}`] : []),
  ];
  return `${does} ${whom.join(', and ')}.${entries}`;
}

function selectedText({ model }: FieldSubject, { namespace }: NetworkPolicy, peer: PolicyPeer): string {
  if (peer.kind === 'addresses') return '';
  const { groups, namespaces, undecided } = chosenBy(model, peer, namespace);
  const where =
    peer.namespaces === null
      ? `of the policy's own namespace, ${plain(namespace)}`
      : `of the namespaces that stand beside it: ${listed(namespaces.map(plain)) || 'none here'}`;
  return [`Means ${podsText(model, groups)}, ${where}.`, ...undecidedText(undecided)].join('\n\n');
}

function namespacesText({ model, at }: FieldSubject, { namespace }: NetworkPolicy, peer: PolicyPeer): string {
  if (peer.kind === 'addresses') return '';
  const { groups, namespaces, undecided } = chosenBy(model, peer, namespace);
  const has =
    namespaces.length === 0
      ? 'No namespace of these files'
      : `${counted(namespaces.length, 'namespace')}: ${listed(namespaces.map(plain))}`;
  const isAlone = peer.pods.labels.size + peer.pods.expressions.length === 0;
  const pods = isAlone
    ? `With that it means ${podsText(model, groups)}`
    : `With the \`podSelector\` beside it, it means ${podsText(model, groups)}`;
  const outside = at.includes('egress') ? '' : ' Nobody from outside the cluster is in a namespace.';
  return [`${has}.`, `${pods}.${outside}`, ...undecidedText(undecided)].join('\n\n');
}

function undecidedText(undecided: readonly string[]): string[] {
  return undecided.length === 0
    ? []
    : [`Whether ${listed(undecided.map(plain))} is meant isn't known: no Namespace in these files says its labels.`];
}

function addressesText(model: ClusterModel, peer: PolicyPeer): string {
  if (peer.kind === 'pods') return '';
  const but = peer.except.length === 0 ? '' : `, but for ${listed(peer.except.map(code))}`;
  return `Whoever is seen with an address of ${code(peer.range)}${but}.\n\n${holdersText(model, peer)}`;
}

function exceptText(model: ClusterModel, peer: PolicyPeer): string {
  if (peer.kind === 'pods') return '';
  const texts = peer.except.map((range) => `${code(range)}: ${holdersText(model, { range, except: [] })}`);
  return [
    'Not meant by this entry. It denies nobody: another entry, rule or policy may still allow them.',
    ...texts.slice(0, mostListed).map((each) => `- ${each}`),
    ...(texts.length > mostListed ? [`- and ${texts.length - mostListed} more`] : []),
  ].join('\n');
}

function holdersText(model: ClusterModel, range: Parameters<typeof holdersOf>[1]): string {
  const { pods, nodes } = holdersOf(model, range);
  const found = [
    ...(pods.length > 0 ? [namedPods(pods)] : []),
    ...(nodes.length > 0
      ? [`${counted(nodes.length, 'node')}: ${listed(nodes.map(({ name, address }) => `${plain(name)} (${address})`))}`]
      : []),
  ];
  return found.length === 0
    ? 'No pod and no node has such an address now.'
    : `Now these have such an address: ${found.join('; ')}.`;
}

function portsOfRule(model: ClusterModel, policy: NetworkPolicy, rule: PolicyRule, direction: Direction): string {
  const { ports } = rule;
  if (ports === null) return 'Every port of every protocol.';
  const receivers = receiversOf(model, policy, rule, direction);
  return ports
    .slice(0, mostListed)
    .map((each) => portText(model, each, receivers))
    .join('\n\n');
}

/** Whose ports a rule means: those of the pods that get the packet; null where that isn't known to be pods alone. */
function receiversOf(
  model: ClusterModel,
  policy: NetworkPolicy,
  { peers }: PolicyRule,
  direction: Direction,
): readonly PodGroup[] | null {
  if (direction === 'ingress') return groupsOfPolicy(model, policy);
  if (peers === null) return null;
  const groups = peers.map((peer) => (peer.kind === 'pods' ? chosenBy(model, peer, policy.namespace).groups : null));
  return groups.every((each) => each !== null) ? groups.flat() : null;
}

function portText(
  model: ClusterModel,
  { port, protocol, endPort }: PolicyPort,
  receivers: readonly PodGroup[] | null,
): string {
  if (port === null) return `Every ${protocol} port, and none of another protocol.`;
  if (typeof port === 'number' && endPort !== null) {
    const count = counted(Math.max(0, endPort - port + 1), 'port');
    return `${protocol} ports ${port} to ${endPort}, both among them: ${count}.`;
  }
  const own = `${protocol} port ${code(String(port))} of the pod that gets the packet, behind any Service.`;
  if (receivers === null) return own;
  const offering = receivers.flatMap((group) => {
    const found = group.ports.find(
      (each) => each.protocol === protocol && (typeof port === 'number' ? each.port === port : each.name === port),
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
  return [
    `${own}\n\nNone of the ${counted(countOf(receivers), 'pod')} that it is about declares it.`,
    ...services,
  ].join(' ');
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

function countOf(groups: readonly PodGroup[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}

function podsText(model: ClusterModel, groups: readonly PodGroup[]): string {
  return groups.length === 0 ? 'no pod' : namedPods(podsOfGroups(model, groups));
}

function namedPods(pods: readonly Pod[]): string {
  const names = pods.map((pod) => `${plain(podName(pod))}${pod.address === '' ? '' : ` (${pod.address})`}`);
  return `${counted(pods.length, 'pod')}: ${listed(names)}`;
}

function listed(texts: readonly string[]): string {
  const left = texts.length - mostListed;
  return left <= 1 ? texts.join(', ') : `${texts.slice(0, mostListed).join(', ')} and ${left} more`;
}
