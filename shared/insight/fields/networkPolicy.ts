import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { NetworkPolicy, PolicyPeer, PolicyRule } from '../../cluster/networkPolicy.ts';
import type { FieldPath } from '../../manifest/value.ts';
import { type Direction, isTakenPolicy } from '../../network/policy/policiesOf.ts';
import { chosenBy, groupsOfPolicy, type PodGroup } from '../../network/policy/selected.ts';
import { counted } from '../counted.ts';
import { allowedText } from '../policies/policyWords.ts';
import { areHoldersMeant, blockReading } from './blockReading.ts';
import {
  countOf,
  holdersText,
  idleText,
  listed,
  mostListed,
  namespacesText,
  podsText,
  portText,
  undecidedText,
} from './meantNow.ts';
import { code, type FieldSubject, plain, said, type TrafficField } from './trafficField.ts';

const page = 'https://kubernetes.io/docs/concepts/services-networking/network-policies/';

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
      of([...above, '*', 'namespaceSelector'], peerHelp(ofNamespaces)),
      of(
        [...above, '*', 'ipBlock'],
        peerHelp(({ model }, policy, peer) => addressesText(model, policy, peer, direction)),
      ),
      of(
        [...above, '*', 'ipBlock', 'cidr'],
        peerHelp(({ model }, policy, peer) => addressesText(model, policy, peer, direction)),
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
    const { model, policy } = subject;
    if (policy === null) return '';
    return [...idleText(model, 'NetworkPolicy', isTakenPolicy(model, policy.manifest)), help(subject, policy)].join(
      '\n\n',
    );
  });
}

function ruleAt(policy: NetworkPolicy, direction: Direction, at: FieldPath): PolicyRule | null {
  return policy[direction][Number(at[2])] ?? null;
}

function peerAt(policy: NetworkPolicy, direction: Direction, at: FieldPath): PolicyPeer | null {
  return ruleAt(policy, direction, at)?.peers?.[Number(at[4])] ?? null;
}

function isolatedText(model: ClusterModel, policy: NetworkPolicy, direction: Direction): string {
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

function ofNamespaces({ model, at }: FieldSubject, { namespace }: NetworkPolicy, peer: PolicyPeer): string {
  if (peer.kind === 'addresses') return '';
  const { groups, namespaces, undecided } = chosenBy(model, peer, namespace);
  const isAlone = peer.pods.labels.size + peer.pods.expressions.length === 0;
  const pods = isAlone
    ? `With that it means ${podsText(model, groups)}`
    : `With the \`podSelector\` beside it, it means ${podsText(model, groups)}`;
  const outside = at.includes('egress') ? '' : ' Nobody from outside the cluster is in a namespace.';
  return [`${namespacesText(namespaces)}.`, `${pods}.${outside}`, ...undecidedText(undecided)].join('\n\n');
}

function addressesText(model: ClusterModel, policy: NetworkPolicy, block: PolicyPeer, direction: Direction): string {
  if (block.kind === 'pods') return '';
  const but = block.except.length === 0 ? '' : `, but for ${listed(block.except.map(code))}`;
  return [
    `Whoever is seen with an address of ${code(block.range)}${but}.`,
    holdersText(model, block, areHoldersMeant(model) ? 'meant' : 'not meant'),
    ...blockReading(model, { policy, block, direction }),
  ].join('\n\n');
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
