import { addressIn, endsOfRange, familyOf, isIn, ofFamily } from '../../cluster/address.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { podAt } from '../../cluster/lookups.ts';
import { once } from '../../cluster/once.ts';
import type { Protocol } from '../../cluster/service.ts';
import { internetClient } from '../../cluster/standIns.ts';
import { chosenPlugin } from '../../network/policy/chosenPlugin.ts';
import type { PolicyField } from '../../network/policy/gate.ts';
import { enforcedText, mayDecideOtherwise } from '../../network/policy/otherPlugins.ts';
import type { PolicyPlugin } from '../../network/policy/policyPlugin.ts';
import { portsText } from '../../network/policy/policyText.ts';
import { policiesAt, type Telling } from '../../network/policy/telling.ts';
import { type Answer, answerOf } from './answers.ts';
import type { What } from './what.ts';
import { type Alike, type Gate, judgementAt, stopped } from './judging.ts';
import { comesOf, type Met, type OtherReading, passes } from './readings.ts';
import type { AskedPort } from './workloads.ts';

/**
 * Whether pods reach the internet: whoever has a public address, at every port or at the one that is asked for. Judged
 * at their gates, for an address and a port of each kind that some rule tells from others.
 */
export function toInternet(model: ClusterModel, senders: readonly Alike[], asked: AskedPort | null): Answer {
  return answerOf(senders.map((sender) => [outOf(model, sender, asked), sender.pods.length]));
}

function outOf(model: ClusterModel, sender: Alike, asked: AskedPort | null): Met {
  const gate = sender.gates.egress;
  if (gate === null) return passes;
  const { plugin, others } = chosenPlugin(model.profile);
  const what = outBy(model, sender, { gate, asked, plugin });
  const { kinds } = gate;
  // Of who is outside, all plug-ins think alike.
  const atIssue = { kinds, hasRanges: false, hasPortRanges: true, protocol: asked?.protocol ?? 'TCP' } as const;
  const readings = others
    .filter((each) => mayDecideOtherwise(plugin, each, atIssue))
    .flatMap((each): OtherReading[] => {
      const comes = comesOf(outBy(model, sender, { gate, asked, plugin: each }));
      if (comes === comesOf(what)) return [];
      const isOfKinds = [...kinds].some((kind) => plugin.enforces.includes(kind) !== each.enforces.includes(kind));
      const why = isOfKinds ? enforcedText(each) : 'ports are read otherwise there';
      return [{ kind: 'at-gate', title: each.title, way: 'out', service: null, why, comes }];
    });
  return { what, others: readings };
}

function outBy(
  model: ClusterModel,
  { pod }: Alike,
  {
    gate: { telling },
    asked,
    plugin,
  }: { readonly gate: Gate; readonly asked: AskedPort | null; readonly plugin: PolicyPlugin },
): What {
  const allowing = new Map<object, string>();
  let isAllowed = false;
  let isAllowedByNone = false;
  let stop: What | null = null;
  for (const to of addressesOf(telling)) {
    const [from] = ofFamily(pod.addresses, familyOf(to));
    if (from === undefined || podAt(model, to) !== null) continue;
    for (const port of asked === null ? portsOf(telling) : [asked]) {
      const packet = { protocol: port.protocol, source: from, destination: { address: to, port: port.port } };
      const judgement = judgementAt(model, packet, { pod, direction: 'egress', service: null }, plugin);
      if (judgement.kind !== 'allowed') {
        const what = stopped(model, judgement, 'egress');
        stop = stop === null || what.kind === 'undecided' ? what : stop;
        continue;
      }
      isAllowed = true;
      if (judgement.by === null) isAllowedByNone = true;
      else allowing.set(judgement.by.rule, allowedText(judgement.by));
    }
  }
  if (stop === null) return passes.what;
  if (!isAllowed || stop.kind !== 'denied') return stop;
  const policies = policiesAt(model, pod, 'egress').map(({ name }) => name);
  return { kind: 'limited', to: isAllowedByNone ? [] : [...allowing.values()], policies, at: stop.at };
}

function allowedText(by: PolicyField): string {
  return by.rule.peers === null ? `on ${portsText(by.rule.ports)}` : `${whomText(by)} on ${portsText(by.rule.ports)}`;
}

function whomText({ rule }: PolicyField): string {
  if (rule.peers === null) return '';
  const ranges = rule.peers.flatMap((each) => {
    if (each.kind === 'networks') return each.ranges;
    return each.kind === 'addresses' ? [rangeText(each)] : [];
  });
  return ranges.join(', ');
}

function rangeText({ range, except }: { readonly range: string; readonly except: readonly string[] }): string {
  return except.length === 0 ? range : `${range} but for ${except.join(', ')}`;
}

/** A public address in each of the parts into which ranges cut all addresses. */
const addressesOf = once(
  ({ ranges }: Telling): ReadonlySet<string> => new Set([...publicOnes, ...ranges.flatMap(cutsBy).filter(isPublic)]),
);

/** A range's first address, and the first behind it. */
function cutsBy(range: string): readonly string[] {
  const { first, last } = endsOfRange(range);
  return [first, addressIn(`${last}/${familyOf(last) === 'IPv4' ? 32 : 128}`, 1)];
}

/** A port of each kind, in each protocol that is told apart. */
function portsOf({ ports }: Telling): AskedPort[] {
  const numbers = ports.flatMap(({ port, endPort }) =>
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

/** In the parts into which those cut all addresses. */
const publicOnes = [internetClient.IPv4, internetClient.IPv6, ...notPublic.flatMap(cutsBy)].filter(isPublic);
