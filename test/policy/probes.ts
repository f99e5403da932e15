import { familyOf, isAddress, ofFamily } from '../../shared/cluster/address.ts';
import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import { nodeNamed, podAt } from '../../shared/cluster/lookups.ts';
import type { Protocol } from '../../shared/cluster/service.ts';
import { chosenPlugin } from '../../shared/network/policy/chosenPlugin.ts';
import { type Judgement, judgeAtGate, type PolicyField, type PolicyName } from '../../shared/network/policy/gate.ts';
import type { Direction } from '../../shared/network/policy/policiesOf.ts';
import { readOrigin } from '../../shared/trace/readRequest.ts';
import type { EndedAs, Verdict } from '../../shared/trace/verdict.ts';
import { follow } from '../follow.ts';

/** A question to policies alone, past every Service: may `from` open a connection to `to` at a port? */
export interface Probe {
  /** `pod/NAME.NAMESPACE`, a workload, `node/NAME` or an address; both of them. */
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly expect: Answer;
  /** Of each gate by itself. */
  readonly ingress?: Answer;
  readonly egress?: Answer;
  readonly because?: Readonly<Record<Direction, readonly Reason[]>>;
}

type Answer = 'allow' | 'deny';

/** What a policy, or a rule of it, does to a packet. */
export interface Reason {
  readonly kind: PolicyField['kind'];
  readonly namespace?: string;
  readonly name: string;
  readonly effect: 'isolate' | 'allow' | 'deny' | 'pass';
  /** `#2` for the second of its direction. */
  readonly rule?: string;
}

/**
 * What is otherwise than a probe expects: how its trace ends, what each gate says by itself, and why. Where several
 * rules allow it, one is named.
 */
export function differences(model: ClusterModel, probe: Probe): string[] {
  const trace = traced(model, probe);
  if (typeof trace === 'string') return [trace];
  const { answer, denial } = trace;
  const gates = { egress: atGate(model, probe, 'egress'), ingress: atGate(model, probe, 'ingress') };
  const denying = gates.egress.kind === 'denied' ? gates.egress : gates.ingress;
  const named = denying.kind === 'denied' ? denying.by.map(({ name }) => name) : [];
  return [
    ...unlike('trace', answer, probe.expect),
    ...unlike('denied by', denial?.policies ?? [], answer === 'deny' ? named : []),
    ...directions.flatMap((each) => [
      ...unlike(each, answerOf(gates[each]), probe[each] ?? answerOf(gates[each])),
      ...unlikeReasons(each, reasonsOf(gates[each]), probe.because?.[each] ?? null),
    ]),
    ...unlike('gates', directions.every((each) => gates[each].kind === 'allowed') ? 'allow' : 'deny', probe.expect),
  ];
}

const directions = ['egress', 'ingress'] as const;

function unlike(what: string, found: unknown, wanted: unknown): string[] {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  return a === b ? [] : [`${what}: ${a} and not ${b}`];
}

function unlikeReasons(direction: Direction, found: readonly Reason[], wanted: readonly Reason[] | null): string[] {
  if (wanted === null) return [];
  const isAllowed = wanted.some(({ kind, effect }) => kind === 'NetworkPolicy' && effect === 'allow');
  const named = new Set(found.map(reasonText));
  const expected = wanted.map(reasonText).filter((each) => !isAllowed || named.has(each));
  return unlike(
    `${direction} because of`,
    [...named].toSorted(),
    isAllowed && named.size === 0 ? wanted : expected.toSorted(),
  );
}

function reasonText({ kind, namespace, name, effect, rule }: Reason): string {
  return [kind, namespace ?? '', name, effect, rule ?? ''].join(' ');
}

/** What the trace says of a probe: `allow`, `deny`, or how it ends else. */
export function probed(model: ClusterModel, probe: Probe): string {
  const trace = traced(model, probe);
  return typeof trace === 'string' ? trace : trace.answer;
}

/** How the trace of a probe ends; a text where there is no such trace. */
function traced(
  model: ClusterModel,
  { from, to, port, protocol }: Probe,
): string | { readonly answer: string; readonly denial: Denial | null } {
  const origin = readOrigin(from, model);
  if (origin.kind === 'unreadable') return origin.message;
  const host = addressOf(model, to, from);
  if (host === null) return `there is no ${to}`;
  const target = { kind: 'socket', host, port } as const;
  const { paths } = follow(model, { from: origin.value, target, protocol, method: 'GET', headers: new Map() });
  const verdicts = paths.map(({ verdict }) => verdict);
  const answers = verdicts.map((each) =>
    each.kind === 'denied' ? 'deny' : reaches(each) ? 'allow' : JSON.stringify(each),
  );
  return { answer: [...new Set(answers)].join(', '), denial: verdicts.find(isDenial) ?? null };
}

type Denial = Extract<EndedAs<'denied'>, { reason: 'network-policy' }>;

function isDenial(verdict: Verdict): verdict is Denial {
  return verdict.kind === 'denied' && verdict.reason === 'network-policy';
}

/** Whoever is outside, or on a node's own network, is reached once the packet has left the pod. */
function reaches(verdict: Verdict): boolean {
  return (
    verdict.kind === 'delivered' ||
    (verdict.kind === 'unknown' && (verdict.reason === 'outside-cluster' || verdict.reason === 'node-process')) ||
    (verdict.kind === 'refused' && verdict.reason === 'nothing-listens')
  );
}

/** What one gate says, of a probe on its addresses as given; whoever is no pod of the pod network has none. */
function atGate(model: ClusterModel, { from, to, port, protocol }: Probe, direction: Direction): Judgement {
  const [own, other] = direction === 'egress' ? [from, to] : [to, from];
  const pod = podAt(model, addressOf(model, own, other) ?? '');
  const peer = addressOf(model, other, own);
  if (pod === null || peer === null) return { kind: 'allowed', by: null, passed: [] };
  return judgeAtGate(model, { pod, direction, protocol, peer, port }, chosenPlugin(model.profile).plugin);
}

function answerOf(judgement: Judgement): string {
  return judgement.kind === 'allowed' ? 'allow' : judgement.kind === 'denied' ? 'deny' : judgement.kind;
}

function reasonsOf(judgement: Judgement): Reason[] {
  if (judgement.kind === 'undecided' || judgement.kind === 'tied') return [];
  const passed = judgement.passed.map((each) => ruleReason(each));
  if (judgement.kind === 'allowed') return [...passed, ...(judgement.by === null ? [] : [ruleReason(judgement.by)])];
  return [...passed, ...(judgement.rule === null ? judgement.by.map(isolation) : [ruleReason(judgement.rule)])];
}

function ruleReason(by: PolicyField): Reason {
  const effects = { accept: 'allow', deny: 'deny', pass: 'pass' } as const;
  const effect = by.kind === 'NetworkPolicy' ? 'allow' : effects[by.rule.action];
  return { kind: by.kind, ...named(by), effect, rule: `#${Number(by.rule.at.at(-1)) + 1}` };
}

function isolation(by: PolicyName): Reason {
  return { kind: by.kind, ...named(by), effect: 'isolate' };
}

/** An object's key ends with its kind, namespace and name. */
function named({ field, name }: PolicyName): { readonly namespace?: string; readonly name: string } {
  const namespace = field.object.split('/').at(-2) ?? '';
  return namespace === '' ? { name } : { namespace, name };
}

/** An address of somebody, of the family of the other one's where that is an address. */
function addressOf(model: ClusterModel, whom: string, other: string): string | null {
  if (isAddress(whom)) return whom;
  const node = whom.startsWith('node/') ? nodeNamed(model, whom.slice(5)) : undefined;
  if (node !== undefined) return node.address;
  const found = readOrigin(whom, model);
  if (found.kind === 'unreadable' || found.value.kind !== 'pod') return null;
  const { address, addresses } = found.value.pod;
  return isAddress(other) ? (ofFamily(addresses, familyOf(other))[0] ?? address) : address;
}
