import type { PolicyPort } from '../../cluster/networkPolicy.ts';
import { peerText } from './peerText.ts';
import type { NearRule, PolicyField } from './gate.ts';
import type { Undecided } from './peer.ts';
import type { UnfollowedPolicy } from './unfollowedPolicies.ts';

/** A rule by its policy, and by its number where the policy has an order of rules. */
export function ruleText({ kind, name, rule }: PolicyField): string {
  if (kind === 'NetworkPolicy') return `NetworkPolicy ${name}`;
  const called = rule.name === null ? '' : ` "${rule.name}"`;
  return `${kind} ${name}, rule ${Number(rule.at.at(-1)) + 1}${called}`;
}

/** What a rule does to a packet that it takes. */
export function doesText(by: PolicyField): string {
  if (by.kind === 'NetworkPolicy') return 'allows it';
  switch (by.rule.action) {
    case 'accept':
      return 'accepts it';
    case 'deny':
      return 'denies it';
    case 'pass':
      return 'passes it on';
    default:
      return by.rule.action satisfies never;
  }
}

/** What a policy goes by that nothing in the set says. */
export function goesBy(lacks: Undecided): string {
  switch (lacks.kind) {
    case 'namespace':
      return `goes by labels of namespace ${lacks.namespace}`;
    case 'node':
      return `goes by labels of node ${lacks.node}`;
    case 'proxy':
      return `goes by namespace and labels of ${lacks.pod}, which no file here shows`;
    case 'names':
      return `goes by the addresses of ${namesText(lacks.names)}`;
    default:
      return lacks satisfies never;
  }
}

/** What a rule allows instead, as the rest of a sentence. */
export function nearText({ name, rule, lacks }: NearRule): string {
  switch (lacks) {
    case 'port':
      return `${name} allows it on ${portsText(rule.ports)} alone`;
    case 'port behind':
      return `${name} allows it for Services that lead to ${portsText(rule.ports)} of the pods alone`;
    case 'peer':
      return `${name} allows that port for ${namesText((rule.peers ?? []).map(peerText))}`;
    default:
      return lacks satisfies never;
  }
}

/** What a verdict leaves open to policies of one product that aren't followed. */
export function unfollowedText(policies: readonly UnfollowedPolicy[]): string {
  const [first] = policies;
  const names = namesText(policies.map(({ kind, name }) => `${kind} ${name}`));
  const who = policies.length === 1 ? 'it' : 'they';
  return `Hoplens doesn't follow ${first?.product}'s ${names}: ${who} may decide otherwise`;
}

/** The ports of a rule: `TCP port 80`, `UDP port 53 and TCP port 8053`, `every port`. */
export function portsText(ports: readonly PolicyPort[] | null): string {
  if (ports === null) return 'every port';
  const texts = ports.map(({ protocol, port, endPort }) => {
    const last = endPort === null || endPort === port ? '' : `-${endPort}`;
    const own = port === null ? 'every port' : `port ${port}${last}`;
    return protocol === null ? own : `${protocol} ${own}`;
  });
  return namesText(texts);
}

/** As many of a list as a sentence has room for. */
const mostNamed = 4;

/** `a`, `a and b`, `a, b and 3 more`. */
export function namesText(names: readonly string[]): string {
  const more = names.length > mostNamed ? [`${names.length - mostNamed + 1} more`] : [];
  const shown = [...names.slice(0, mostNamed - more.length), ...more];
  return shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}` : (shown[0] ?? '');
}
