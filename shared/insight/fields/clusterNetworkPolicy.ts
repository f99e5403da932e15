import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { ClusterNetworkPolicy, SelectedPods, TierPeer, TierRule } from '../../cluster/clusterNetworkPolicy.ts';
import type { FieldPath } from '../../manifest/value.ts';
import { type Direction, isolating, isTakenClusterPolicy, tierAt } from '../../network/policy/policiesOf.ts';
import { chosenBy, type Chosen, nodesChosen, type PodGroup } from '../../network/policy/selected.ts';
import { counted } from '../counted.ts';
import { ruledText } from '../policies/policyWords.ts';
import {
  countOf,
  holdersText,
  idleText,
  listed,
  mostListed,
  namespacesText,
  nodesText,
  podsText,
  portText,
  undecidedText,
} from './meantNow.ts';
import { code, type FieldSubject, plain, said, type TrafficField } from './trafficField.ts';

const page = 'https://network-policy-api.sigs.k8s.io/api-overview/';

const directions = [
  { direction: 'ingress', side: 'from' },
  { direction: 'egress', side: 'to' },
] as const;

/** The fields beneath an item of `protocols`, and of the older kinds' `ports`. */
const portFields = [
  ['destinationNamedPort'],
  ['namedPort'],
  ...['tcp', 'udp', 'sctp'].flatMap((protocol) => [
    [protocol],
    ...[[], ['number'], ['range'], ['range', 'start'], ['range', 'end']].map((end) => [
      protocol,
      'destinationPort',
      ...end,
    ]),
  ]),
  ...[[], ['port'], ['protocol']].map((end) => ['portNumber', ...end]),
  ...[[], ['start'], ['end'], ['protocol']].map((end) => ['portRange', ...end]),
];

/** What each field of a policy for the whole cluster means now: pods, namespaces, nodes, addresses, ports. */
export const clusterNetworkPolicyFields: readonly TrafficField[] = [
  of(['tier'], ({ model }, policy) => tierText(model, policy)),
  of(['priority'], ({ model }, policy) => priorityText(model, policy)),
  of(['subject'], ({ model }, policy) => subjectText(model, policy)),
  of(['subject', 'namespaces'], ({ model }, { subject }) => namespacesOf(model, subject)),
  of(['subject', 'pods'], ({ model }, policy) => subjectText(model, policy)),
  of(['subject', 'pods', 'podSelector'], ({ model }, policy) => subjectText(model, policy)),
  of(['subject', 'pods', 'namespaceSelector'], ({ model }, { subject }) => namespacesOf(model, subject)),
  ...directions.flatMap(({ direction, side }): TrafficField[] => {
    const ruled =
      (help: (judged: FieldSubject, policy: ClusterNetworkPolicy, rule: TierRule) => string) =>
      (judged: FieldSubject, policy: ClusterNetworkPolicy): string => {
        const rule = policy[direction].find(({ at }) => isBeneath(judged.at, at));
        return rule === undefined ? notRead : help(judged, policy, rule);
      };
    const meaning = (help: (model: ClusterModel, peer: TierPeer) => string) =>
      ruled(({ model, at }, _, { peers }) => {
        const peer = peers.find((each) => isBeneath(at, each.at));
        return peer === undefined ? '' : help(model, peer);
      });
    const peer = [direction, '*', side, '*'];
    return [
      of([direction], ({ model }, policy) => rulesText(model, policy, direction)),
      ...['name', 'action'].map((name) =>
        of(
          [direction, '*', name],
          ruled(({ model }, policy, rule) => ruleText(model, policy, rule, direction)),
        ),
      ),
      of(
        [direction, '*', side],
        ruled(({ model }, _, { peers }) => peers.map((each) => peerText(model, each)).join('\n\n')),
      ),
      of([...peer, 'namespaces'], meaning(peerText)),
      of([...peer, 'pods'], meaning(peerText)),
      of([...peer, 'pods', 'podSelector'], meaning(peerText)),
      of(
        [...peer, 'pods', 'namespaceSelector'],
        meaning((model, each) => (each.kind === 'pods' ? namespacesOf(model, each) : '')),
      ),
      ...['nodes', 'networks', 'domainNames'].map((name) => of([...peer, name], meaning(peerText))),
      ...['protocols', 'ports'].flatMap((list) => [
        of(
          [direction, '*', list],
          ruled(({ model }, policy, rule) => portsText(model, policy, { rule, direction, at: rule.at })),
        ),
        ...portFields.map((path) =>
          of(
            [direction, '*', list, '*', ...path],
            ruled(({ model, at }, policy, rule) => portsText(model, policy, { rule, direction, at: at.slice(0, 5) })),
          ),
        ),
      ]),
    ];
  }),
];

const notRead = 'A rule without a known `action` does nothing.';

function of(
  path: readonly string[],
  help: (subject: FieldSubject, policy: ClusterNetworkPolicy) => string,
): TrafficField {
  return said('ClusterPolicy', ['spec', ...path], page, (subject) => {
    const { model, clusterPolicy: policy } = subject;
    if (policy === null) return '';
    const { manifest, kind } = policy;
    return [...idleText(model, kind, isTakenClusterPolicy(model, manifest)), help(subject, policy)].join('\n\n');
  });
}

function isBeneath(path: FieldPath, above: FieldPath): boolean {
  return above.every((step, index) => path[index] === step);
}

/** Of namespaces that it names itself, wherever the policy is. */
function chosen(model: ClusterModel, selected: SelectedPods): Chosen {
  return chosenBy(model, selected, '');
}

function subjectText(model: ClusterModel, { subject }: ClusterNetworkPolicy): string {
  const { groups, namespaces, undecided } = chosen(model, subject);
  return [
    `For ${podsText(model, groups)}, of ${inNamespaces(namespaces)}.`,
    "Pods on their nodes' network are nobody's subject.",
    ...undecidedText(undecided),
  ].join('\n\n');
}

function inNamespaces(namespaces: Chosen['namespaces']): string {
  if (namespaces.length === 0) return 'no namespace of these files';
  return `${namespaces.length === 1 ? 'namespace' : 'namespaces'} ${listed(namespaces.map(plain))}`;
}

function namespacesOf(model: ClusterModel, selected: SelectedPods): string {
  const { groups, namespaces, undecided } = chosen(model, selected);
  return [`${namespacesText(namespaces)}.`, `It means ${podsText(model, groups)}.`, ...undecidedText(undecided)].join(
    '\n\n',
  );
}

/** As many of a policy's workloads as are asked what else is said of them. */
const mostAsked = 50;

function tierText(model: ClusterModel, policy: ClusterNetworkPolicy): string {
  if (policy.tier === 'Admin')
    return (
      'Judged before all NetworkPolicies: what its rules accept or deny is settled, whatever these say. What no rule ' +
      'here takes goes on to the next policy of the tier, then to the NetworkPolicies.'
    );
  const { groups } = chosen(model, policy.subject);
  const isolated = directions.flatMap(({ direction }) => {
    const count = countOf(groups.slice(0, mostAsked).filter((each) => isolating(model, each, direction).length > 0));
    const isAny = policy[direction].length > 0 && count > 0;
    return isAny ? [`${count} of its ${counted(countOf(groups), 'pod')} for ${direction}`] : [];
  });
  return [
    'Judged last, and only where no NetworkPolicy isolates the pod.',
    ...(isolated.length === 0
      ? []
      : [`NetworkPolicies isolate ${isolated.join(', ')}: of that, this policy has no say.`]),
  ].join('\n\n');
}

function priorityText(model: ClusterModel, policy: ClusterNetworkPolicy): string {
  const { groups } = chosen(model, policy.subject);
  const beside = new Set(
    groups
      .slice(0, mostAsked)
      .flatMap((each) => directions.flatMap(({ direction }) => tierAt(model, each, direction, policy.tier)))
      .map((each) => each.policy)
      .filter(({ manifest }) => manifest.key !== policy.manifest.key),
  );
  const named = (is: (priority: number) => boolean): string =>
    listed(
      [...beside]
        .filter(({ priority }) => is(priority))
        .toSorted((a, b) => a.priority - b.priority)
        .map(({ name, priority }) => `${plain(name)} (${priority})`),
    );
  const [before, alike, after] = [
    named((each) => each < policy.priority),
    named((each) => each === policy.priority),
    named((each) => each > policy.priority),
  ];
  return [
    `The lowest number comes first, of 0 to 1000. Of tier ${policy.tier}, for pods that it is for too:`,
    [
      ...(before === '' ? [] : [`- before it: ${before}`]),
      ...(alike === '' ? [] : [`- of the same priority: ${alike}; where they disagree, either may win`]),
      ...(after === '' ? [] : [`- behind it: ${after}`]),
      ...(beside.size === 0 ? ['- no other policy'] : []),
    ].join('\n'),
  ].join('\n\n');
}

/** What a rule does to a packet that it takes. */
const doesText: Readonly<Record<TierRule['action'], Readonly<Record<Direction, string>>>> = {
  accept: { ingress: 'Lets it in', egress: 'Lets it out' },
  deny: { ingress: 'Drops it on its way in', egress: 'Drops it on its way out' },
  pass: { ingress: 'Leaves it to the NetworkPolicies', egress: 'Leaves it to the NetworkPolicies' },
};

const besides: Readonly<Record<ClusterNetworkPolicy['tier'], Readonly<Record<TierRule['action'], string>>>> = {
  Admin: {
    accept: ', whatever NetworkPolicies say',
    deny: ', whatever NetworkPolicies allow',
    pass: ': no further rule of tier Admin is asked',
  },
  Baseline: { accept: '', deny: '', pass: ', which is to let it through: none isolates the pod here' },
};

function ruleText(model: ClusterModel, policy: ClusterNetworkPolicy, rule: TierRule, direction: Direction): string {
  const { peers, action } = rule;
  if (peers.some(({ kind }) => kind === 'unknown'))
    return action === 'accept'
      ? 'Accepts nothing: it has a peer that is named by no known field.'
      : 'Denies everything: it has a peer that is named by no known field.';
  const earlier = policy[direction].indexOf(rule);
  return [
    `${doesText[action][direction]}${besides[policy.tier][action]}.` +
      (earlier === 0
        ? ''
        : ` What ${earlier === 1 ? 'the rule' : `one of the ${earlier} rules`} before it takes, never comes here.`),
    ...peers.slice(0, mostListed).map((each) => peerText(model, each)),
  ].join('\n\n');
}

function rulesText(model: ClusterModel, policy: ClusterNetworkPolicy, direction: Direction): string {
  const rules = policy[direction];
  const count = counted(countOf(chosen(model, policy.subject).groups), 'pod');
  const rest =
    policy.tier === 'Admin'
      ? 'What none of them takes goes on to the next policy of the tier, then to the NetworkPolicies.'
      : 'What none of them takes is let through.';
  return [
    `For ${count}, the first rule that takes a packet decides:`,
    [
      ...rules.slice(0, mostListed).map((each, index) => `${index + 1}. ${plain(ruledText(model, [each]))}`),
      ...(rules.length > mostListed ? [`${mostListed + 1}. … ${rules.length - mostListed} more`] : []),
    ].join('\n'),
    rest,
  ].join('\n\n');
}

/** Whom a peer of a rule means now. */
function peerText(model: ClusterModel, peer: TierPeer): string {
  switch (peer.kind) {
    case 'pods': {
      const { groups, namespaces, undecided } = chosen(model, peer);
      return [`Means ${podsText(model, groups)}, of ${inNamespaces(namespaces)}.`, ...undecidedText(undecided)].join(
        '\n\n',
      );
    }
    case 'networks':
      return peer.ranges
        .slice(0, mostListed)
        .map((range) => `Whoever has an address of ${code(range)}. ${holdersText(model, { range, except: [] })}`)
        .join('\n\n');
    case 'nodes': {
      const { nodes, undecided } = nodesChosen(model, peer.nodes);
      const unknown = listed(undecided.map(({ name }) => plain(name)));
      return [
        `Means ${nodesText(nodes)}, by their own addresses.`,
        ...(unknown === '' ? [] : [`Whether ${unknown} is meant isn't known: no Node in these files says its labels.`]),
      ].join('\n\n');
    }
    case 'names':
      return (
        `Whoever outside the cluster is called ${listed(peer.names.map(code))}. Which addresses that are isn't in ` +
        'these files: where it depends on them, a trace ends as unknown.'
      );
    case 'unknown':
      return 'Named by no known field: its rule accepts nothing, or denies everything.';
    default:
      return peer satisfies never;
  }
}

function portsText(
  model: ClusterModel,
  policy: ClusterNetworkPolicy,
  { rule, direction, at }: { readonly rule: TierRule; readonly direction: Direction; readonly at: FieldPath },
): string {
  if (rule.ports === null) return 'Every port of every protocol.';
  const ports = rule.ports.filter((each) => isBeneath(each.at, at));
  const receivers = receiversOf(model, policy, rule, direction);
  return ports
    .slice(0, mostListed)
    .map((each) => portText(model, each, receivers))
    .join('\n\n');
}

/** Those that get the packets that a rule is about; null where they aren't known to be pods alone. */
function receiversOf(
  model: ClusterModel,
  { subject }: ClusterNetworkPolicy,
  { peers }: TierRule,
  direction: Direction,
): readonly PodGroup[] | null {
  if (direction === 'ingress') return chosen(model, subject).groups;
  const groups = peers.map((peer) => (peer.kind === 'pods' ? chosen(model, peer).groups : null));
  return groups.every((each) => each !== null) ? groups.flat() : null;
}
