import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { type LabelSelector, matchesAll } from '../../cluster/labelSelector.ts';
import type { TierPeer, TierRule } from '../../cluster/clusterNetworkPolicy.ts';
import type { PolicyPeer, PolicyPort, PolicyRule } from '../../cluster/networkPolicy.ts';
import { named, peerText, rangeText, selectorsText, selectorText } from '../../network/policy/peerText.ts';
import { chosenBy, type PodGroup, podGroupsIn } from '../../network/policy/selected.ts';
import { podName } from '../../trace/trace.ts';

/** Whom rules allow, in a few words: `ingress-nginx, web → 8080; everybody → 443`. Null where they allow nobody. */
export function allowedText(model: ClusterModel, own: string, rules: readonly PolicyRule[]): string | null {
  if (rules.length === 0) return null;
  const byPorts = new Map<string, Set<string>>();
  for (const { peers, ports } of rules) {
    const text = portsInShort(ports);
    const names = byPorts.get(text) ?? new Set();
    byPorts.set(text, names);
    for (const name of peers === null ? ['everybody'] : peers.flatMap((each) => namesOfPeer(model, own, each)))
      names.add(name);
  }
  const parts = [...byPorts].map(([ports, names]) => {
    const whom = names.has('everybody') ? 'everybody' : listed([...names], mostNames, ', ');
    return ports === '' ? whom : `${whom} → ${ports}`;
  });
  return parts.includes('everybody') ? 'everybody' : listed(parts, mostParts, '; ');
}

/** What the rules of a policy for a whole cluster do, in their order: `accepts monitoring → 9090; denies all pods`. */
export function ruledText(model: ClusterModel, rules: readonly TierRule[]): string {
  const parts = rules.map(({ action, peers, ports }) => {
    const names = [...new Set(peers.flatMap((each) => namesOfTierPeer(model, each)))];
    const text = portsInShort(ports);
    return `${doesInShort[action]} ${listed(names, mostNames, ', ')}${text === '' ? '' : ` → ${text}`}`;
  });
  return listed(parts, mostParts, '; ');
}

const doesInShort: Readonly<Record<TierRule['action'], string>> = {
  accept: 'accepts',
  deny: 'denies',
  pass: 'passes on',
};

function namesOfTierPeer(model: ClusterModel, peer: TierPeer): string[] {
  switch (peer.kind) {
    case 'pods':
      return namesOfPeer(model, '', { ...peer, hasPodSelector: true });
    case 'networks':
      return peer.ranges.map(named);
    case 'nodes':
      return [nodesInShort(peer.nodes)];
    case 'names':
      return peer.names.map(named);
    case 'unknown':
      return [unknownPeer];
    default:
      return peer satisfies never;
  }
}

/** What a rule says, whoever that may be: `from app=web, 10.0.0.0/8 → 8080`. */
export function ruleAsWritten({ peers, ports }: PolicyRule, side: 'from' | 'to'): string {
  const names = (peers ?? []).map(peerText);
  const text = portsInShort(ports);
  return `${side} ${peers === null ? 'everybody' : listed(names, mostNames, ', ')}${text === '' ? '' : ` → ${text}`}`;
}

/** The same of a rule of a policy for the whole cluster: `Deny from all pods → 8080`. */
export function tierRuleAsWritten({ action, peers, ports }: TierRule, side: 'from' | 'to'): string {
  const names = peers.map((each) => {
    switch (each.kind) {
      case 'pods':
        return selectorsText(each);
      case 'networks':
        return listed(each.ranges.map(named), mostNames, ', ');
      case 'nodes':
        return nodesInShort(each.nodes);
      case 'names':
        return listed(each.names.map(named), mostNames, ', ');
      case 'unknown':
        return unknownPeer;
      default:
        return each satisfies never;
    }
  });
  const text = portsInShort(ports);
  return `${action} ${side} ${listed(names, mostNames, ', ')}${text === '' ? '' : ` → ${text}`}`;
}

const unknownPeer = 'a peer of an unknown kind';

function nodesInShort(nodes: LabelSelector): string {
  return matchesAll(nodes) ? 'all nodes' : `nodes with ${selectorText(nodes)}`;
}

/** As many names, and as many parts with ports of their own, as a line has room for. */
const mostNames = 3;
const mostParts = 3;

function listed(texts: readonly string[], most: number, between: string): string {
  const left = texts.length - most;
  return [...texts.slice(0, most), ...(left > 0 ? [`${left} more`] : [])].join(between);
}

/** Empty for every port. */
function portsInShort(ports: readonly PolicyPort[] | null): string {
  return ports === null ? '' : listed(ports.map(portInShort), mostNames, ', ');
}

/** `8080`, `8080-8090`, `UDP 53`, `every TCP port`. */
export function portInShort({ protocol, port, endPort }: PolicyPort): string {
  if (port === null) return protocol === null ? 'every port' : `every ${protocol} port`;
  const own = `${named(String(port))}${endPort === null ? '' : `-${endPort}`}`;
  return protocol === 'TCP' || protocol === null ? own : `${protocol} ${own}`;
}

/** Whom an entry of `from` or `to` means now, name by name; `own` is the policy's namespace. */
function namesOfPeer(model: ClusterModel, own: string, peer: PolicyPeer): string[] {
  if (peer.kind === 'addresses') return [rangeText(peer)];
  const chosen = chosenBy(model, peer, own);
  const perhaps = chosen.undecided.map((each) => `perhaps ${named(each)}`);
  const isWhole = matchesAll(peer.pods);
  if (isWhole && peer.namespaces !== null && matchesAll(peer.namespaces)) return ['all pods'];
  if (isWhole && chosen.namespaces.length > 0)
    return [...chosen.namespaces.map((each) => namespaceText(model, own, each)), ...perhaps];
  if (chosen.groups.length + perhaps.length > 0)
    return [...chosen.groups.map((each) => groupText(each, own)), ...perhaps];
  return [`${selectorsText(peer)} (no pod here)`];
}

/** All pods of a namespace, by its name where none of its neighbours' workloads is called so. */
function namespaceText(model: ClusterModel, own: string, namespace: string): string {
  if (namespace === own) return `all of ${named(own)}`;
  const isAmbiguous = podGroupsIn(model, own).some(({ owner }) => owner.name === namespace);
  return isAmbiguous ? `all of ${named(namespace)}` : named(namespace);
}

function groupText({ owner: { name }, namespace }: PodGroup, own: string): string {
  return named(namespace === own ? name : podName({ name, namespace }));
}
