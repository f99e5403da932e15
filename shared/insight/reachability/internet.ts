import { addressIn, endsOfRange, familyOf, isIn } from '../../cluster/address.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { podAt } from '../../cluster/lookups.ts';
import type { NetworkPolicy, PolicyRule } from '../../cluster/networkPolicy.ts';
import type { Protocol } from '../../cluster/service.ts';
import { internetClient } from '../../cluster/standIns.ts';
import { judgeAtGate } from '../../network/policy/gate.ts';
import { isolating } from '../../network/policy/policiesOf.ts';
import { commonReading } from '../../network/policy/policyPlugin.ts';
import { portsText } from '../../network/policy/policyText.ts';
import { type Answer, answerOf, reaches, type What } from './answers.ts';
import { type Alike, stopped } from './judging.ts';
import type { AskedPort } from './workloads.ts';

/**
 * Whether pods reach the internet: whoever has a public address, at every port or at the one that is asked for. Judged
 * at their gates, for an address and a port of each kind that some rule tells from others.
 */
export function toInternet(model: ClusterModel, senders: readonly Alike[], asked: AskedPort | null): Answer {
  return answerOf(senders.map((sender) => [outOf(model, sender, asked), sender.pods.length]));
}

function outOf(model: ClusterModel, { pod, gates }: Alike, asked: AskedPort | null): What {
  if (gates.egress === null) return reaches;
  const policies = isolating(model, pod, 'egress');
  const allowing = new Map<PolicyRule, string>();
  let isAllowed = false;
  let stop: What | null = null;
  for (const peer of addressesOf(policies)) {
    if (!isPublic(peer) || podAt(model, peer) !== null) continue;
    if (pod.addresses.every((each) => familyOf(each) !== familyOf(peer))) continue;
    for (const { port, protocol } of asked === null ? portsOf(policies) : [asked]) {
      const judged = judgeAtGate(model, { pod, direction: 'egress', protocol, peer, port }, commonReading);
      if (judged.kind !== 'allowed') stop ??= stopped(judged, 'egress');
      else if (judged.by !== null) allowing.set(judged.by.rule, allowedText(judged.by.rule));
      isAllowed ||= judged.kind === 'allowed';
    }
  }
  if (stop === null) return reaches;
  if (!isAllowed) return stop;
  const at = stop.kind === 'denied' ? stop.at : null;
  return { kind: 'limited', to: [...allowing.values()], policies: policies.map(({ name }) => name), at };
}

function allowedText({ peers, ports }: PolicyRule): string {
  const ranges = peers?.flatMap((each) => (each.kind === 'addresses' ? rangeText(each) : [])) ?? ['everybody'];
  return `${ranges.join(', ')} on ${portsText(ports)}`;
}

function rangeText({ range, except }: { readonly range: string; readonly except: readonly string[] }): string {
  return except.length === 0 ? range : `${range} but for ${except.join(', ')}`;
}

/** An address in each of the parts into which ranges cut all addresses: their first, and the first behind them. */
function addressesOf(policies: readonly NetworkPolicy[]): ReadonlySet<string> {
  const ranges = policies
    .flatMap(({ egress }) => egress.flatMap(({ peers }) => peers ?? []))
    .flatMap((each) => (each.kind === 'addresses' ? [each.range, ...each.except] : []));
  const cuts = ranges.flatMap((range) => {
    const { first, last } = endsOfRange(range);
    return [first, addressIn(`${last}/${familyOf(last) === 'IPv4' ? 32 : 128}`, 1)];
  });
  const behindPrivate = notPublic.map((range) => {
    const { last } = endsOfRange(range);
    return addressIn(`${last}/${familyOf(last) === 'IPv4' ? 32 : 128}`, 1);
  });
  return new Set([internetClient.IPv4, internetClient.IPv6, ...cuts, ...behindPrivate]);
}

/** A port of each kind, in each protocol that is told apart. */
function portsOf(policies: readonly NetworkPolicy[]): AskedPort[] {
  const named = policies.flatMap(({ egress }) => egress.flatMap(({ ports }) => ports ?? []));
  const numbers = named.flatMap(({ port, endPort }) =>
    typeof port === 'number' ? [port, port + 1, (endPort ?? port) + 1] : [],
  );
  const all = [...new Set([1, ...numbers])].filter((port) => port <= 65535);
  return protocols.flatMap((protocol) => all.map((port) => ({ port, protocol })));
}

const protocols: readonly Protocol[] = ['TCP', 'UDP'];

function isPublic(address: string): boolean {
  return !notPublic.some((range) => isIn(address, range));
}

/**
 * What the internet doesn't lead to, though an `ipBlock` may name it.
 * Source: IANA's registries of special-purpose addresses, RFC 6890: those that aren't globally reachable. Without those
 * for documentation, which stand for the internet here.
 */
const notPublic: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/3',
  '::/3',
  '4000::/2',
  '8000::/1',
];
