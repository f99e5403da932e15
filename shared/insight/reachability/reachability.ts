import type Fraction from 'fraction.js';
import type { Assumption } from '../../cluster/because.ts';
import { type ClusterModel, eachOfModel } from '../../cluster/clusterModel.ts';
import type { Manifest } from '../../manifest/manifest.ts';
import { nodeNamed, podAt, selectedPods } from '../../cluster/lookups.ts';
import { namesText } from '../../network/policy/policyText.ts';
import type { Pod } from '../../cluster/pod.ts';
import { type End, likelyEndsOf } from '../../trace/ends.ts';
import { assumedDns } from '../../trace/lookingUp.ts';
import { type Read, readOrigin } from '../../trace/readRequest.ts';
import type { Origin } from '../../trace/trace.ts';
import { traceRequest } from '../../trace/traceRequest.ts';
import { requestOf } from '../asks.ts';
import { type EntryPoint, entryPointsOfProfile, leadsIn, untracedEntryPointsOf } from '../entryPoints.ts';
import type { JudgedSet } from '../rule.ts';
import { atOnce, type InSteps } from '../inSteps.ts';
import { always, type Answer, answerOf } from './answers.ts';
import { toInternet } from './internet.ts';
import { type Alike, alikeOnes, between, lookups, toldByTrace, tracedTo, whatOf } from './judging.ts';
import { readingNotes } from './notes.ts';
import { type Met, met, passes } from './readings.ts';
import { serviceReaders, servicesTo } from './services.ts';
import { usualAnswers } from './usualAnswers.ts';
import { type AskedPort, onePod, portText, type Workload, workloadOf, workloadsOf } from './workloads.ts';

/** Who may reach whom in a set: each sender with what comes of it at each receiver. */
export interface Reachability {
  readonly receivers: readonly Receiver[];
  readonly rows: readonly Row[];
  /** Workloads that no port is known of, so that nobody asks them. */
  readonly withoutPorts: readonly Workload[];
  /** What all of it rests on. */
  readonly notes: readonly Assumption[];
}

export interface Row {
  readonly sender: Sender;
  /** In the order of the receivers; null where nothing leads from one to the other. */
  readonly answers: readonly (Answer | null)[];
  /** Of a way in: what becomes of those requests that come to no receiver; null where there are none. */
  readonly otherwise: Answer | null;
  /** Of a workload: whether it can look up names; null where no policy keeps it from that. */
  readonly lookups: Answer | null;
}

export type Sender =
  | { readonly kind: 'workload'; readonly workload: Workload }
  /** The internet, by one of its ways in. */
  | { readonly kind: 'entry'; readonly entry: WayIn }
  | OtherSender;

type WayIn = Omit<EntryPoint, 'outcome' | 'notes'>;

/** A node, or an address. */
interface OtherSender {
  readonly kind: 'other';
  readonly who: string;
  readonly origin: Origin;
}

export type Receiver =
  | { readonly kind: 'workload'; readonly workload: Workload; readonly port: AskedPort }
  | { readonly kind: 'internet' }
  | { readonly kind: 'other'; readonly who: string; readonly address: string; readonly port: AskedPort };

export interface Question {
  /** Null for everybody. */
  readonly from: Someone | null;
  readonly to: Someone | null;
  /** Null for all that are known. */
  readonly port: AskedPort | null;
}

/** A WHO of the command line. */
export type Someone =
  | { readonly kind: 'internet' }
  | { readonly kind: 'workload'; readonly workload: Workload }
  | OtherSender;

/** Reads a WHO as `trace --from` does; a workload stands for all of its pods. */
export function readSomeone(model: ClusterModel, text: string): Read<Someone> {
  const origin = readOrigin(text, model);
  if (origin.kind === 'unreadable') {
    const message = hintAt(model, text) ?? origin.message;
    return { kind: 'unreadable', message };
  }
  const { value } = origin;
  if (value.kind === 'internet') return { kind: 'read', value };
  if (value.kind !== 'pod') return { kind: 'read', value: { kind: 'other', who: text, origin: value } };
  const isOne = text === 'pod' || /^pod[./]/.test(text);
  const whole = isOne ? undefined : workloadsOf(model).find(({ who }) => who === workloadOf(value.pod));
  return { kind: 'read', value: { kind: 'workload', workload: whole ?? onePod(model, value.pod, text) } };
}

/** What somebody means who names a Service, or a workload without its kind; null where that can't be guessed. */
function hintAt(model: ClusterModel, text: string): string | null {
  const workloads = workloadsOf(model);
  const [, kind, name = '', namespace] = /^(?:(\w+)\/)?([^./]+)(?:\.(.+))?$/.exec(text) ?? [];
  if (kind === 'svc' || kind === 'service') {
    const found = model.services.find((each) => each.name === name && each.namespace === (namespace ?? 'default'));
    if (found === undefined) return null;
    const pods = new Set(selectedPods(model, found));
    const behind = workloads.filter((each) => each.pods.some((pod) => pods.has(pod))).map(({ who }) => who);
    const by = behind.length === 0 ? 'it has no pods' : `its pods are ${namesText(behind)}`;
    return `${text} is a Service, which neither asks nor is asked here: ${by}.`;
  }
  const called = workloads.filter(({ who }) => {
    const [ownName = '', ownNamespace] = who.slice(who.indexOf('/') + 1).split(/\.(.*)/);
    return ownName === name && (namespace === undefined || namespace === ownNamespace);
  });
  if (called.length === 0) return null;
  const where = namespace === undefined && kind !== undefined ? ' in namespace default' : '';
  const meant = namesText(called.map(({ who }) => who));
  return `There is no ${text}${where}: ${meant} ${called.length === 1 ? 'is' : 'are'} meant, perhaps.`;
}

/** Everything that is asked for; a receiver on a node or at an address takes a port. */
export function reachability(judged: JudgedSet, question: Question): Reachability {
  return atOnce(reaching(judged, question));
}

/** How a receiver is asked by pods. */
interface Asking {
  readonly ask: (workload: Workload, senders: readonly Alike[]) => Answer;
  /** Whether that is traced. */
  readonly isLong: boolean;
}

function askingOf(
  model: ClusterModel,
  receiver: Receiver,
  { alikeIn, port }: { readonly alikeIn: (workload: Workload) => readonly Alike[]; readonly port: AskedPort | null },
): Asking {
  switch (receiver.kind) {
    case 'internet':
      return { ask: (_, senders) => toInternet(model, senders, port), isLong: true };
    case 'workload': {
      const alike = alikeIn(receiver.workload);
      const services = servicesTo(model, receiver.workload.pods, receiver.port);
      const at = { port: receiver.port, services, readers: serviceReaders(model) };
      return { ask: (_, senders) => between(model, senders, alike, at), isLong: isOnNodes(receiver.workload) };
    }
    case 'other': {
      const asked = { ...receiver.port, address: receiver.address };
      const traced = (workload: Workload): Answer =>
        answerOf(workload.pods.flatMap((pod) => tracedTo(model, { kind: 'pod', pod }, asked)));
      return { ask: traced, isLong: true };
    }
    default:
      return receiver satisfies never;
  }
}

function isOnNodes({ pods }: Workload): boolean {
  return pods.some(({ hostNetwork }) => hostNetwork);
}

/** So many pairs that nothing has to be traced for take less than a slice of work. */
const oftenEnough = 16;

/** The same step by step. */
export function* reaching(judged: JudgedSet, { from, to, port }: Question): InSteps<Reachability> {
  const { model } = judged;
  // Each of these is made once for a set.
  for (const make of [() => model.pods, () => model.services, workloadsOf]) {
    make(model);
    yield 0;
  }
  const receivers = receiversOf(model, to, port);
  yield 0;
  const known = new Map<Workload, readonly Alike[]>();
  const alikeIn = (workload: Workload): readonly Alike[] => {
    const before = known.get(workload);
    if (before !== undefined) return before;
    const alike = alikeOnes(model, workload.pods);
    known.set(workload, alike);
    return alike;
  };
  const asks: Asking[] = [];
  for (const receiver of receivers) {
    asks.push(askingOf(model, receiver, { alikeIn, port }));
    yield 0;
  }
  const answering = usualAnswers(receivers.map((each) => (each.kind === 'workload' ? alikeIn(each.workload) : null)));
  const { entries, workloads, others } = yield* sendersOf(judged, from, receivers);
  const all = entries.length + workloads.length;
  const rows: Row[] = others.map((each) => rowOfOther(model, each, receivers));
  const numbers = numbersOf(receivers);
  let isDnsAssumed = false;
  for (const entry of entries) {
    const row = rowOfEntry(model, entry, receivers, numbers);
    // Of the ways in only those that lead to whom somebody asks about.
    if (to === null) rows.push(row);
    else if (row.answers.some((answer) => answer !== null)) rows.push({ ...row, otherwise: null });
    yield rows.length / all;
  }
  for (const workload of workloads) {
    const answers: Answer[] = [];
    const senders = alikeIn(workload);
    const answered = answering(senders);
    for (const [number, { ask, isLong }] of asks.entries()) {
      answers.push(answered(number, () => ask(workload, senders)));
      if (isLong || isOnNodes(workload) || answers.length % oftenEnough === 0) yield rows.length / all;
    }
    const names = lookups(model, senders);
    isDnsAssumed ||= names?.isDnsAssumed === true;
    const sender = { kind: 'workload', workload } as const;
    rows.push({ sender, answers, otherwise: null, lookups: names?.answer ?? null });
  }
  return {
    receivers,
    rows,
    withoutPorts:
      from === null && to === null && port === null ? workloadsOf(model).filter(({ ports }) => ports.length === 0) : [],
    notes: [...readingNotes(model), ...(isDnsAssumed ? [assumedDns] : [])],
  };
}

function receiversOf(model: ClusterModel, to: Someone | null, port: AskedPort | null): Receiver[] {
  const at = (workload: Workload): Receiver[] =>
    (port === null ? workload.ports : [port]).map((each) => ({ kind: 'workload', workload, port: each }));
  if (to === null) return [...workloadsOf(model).flatMap(at), { kind: 'internet' }];
  switch (to.kind) {
    case 'internet':
      return [{ kind: 'internet' }];
    case 'workload':
      return at(to.workload);
    case 'other': {
      const address = addressOf(model, to.origin);
      return port === null || address === null ? [] : [{ kind: 'other', who: to.who, address, port }];
    }
    default:
      return to satisfies never;
  }
}

function addressOf(model: ClusterModel, origin: Origin): string | null {
  if (origin.kind === 'address') return origin.address;
  return origin.kind === 'node' ? (nodeNamed(model, origin.node)?.address ?? null) : null;
}

/** Who is asked about, or everybody: the ways in before the workloads. */
function* sendersOf(
  judged: JudgedSet,
  from: Someone | null,
  receivers: readonly Receiver[],
): InSteps<{
  readonly entries: readonly WayIn[];
  readonly workloads: readonly Workload[];
  readonly others: readonly OtherSender[];
}> {
  const entries = from === null || from.kind === 'internet' ? yield* entriesOf(judged, receivers) : [];
  if (from === null) return { entries, workloads: workloadsOf(judged.model), others: [] };
  return {
    entries,
    workloads: from.kind === 'workload' ? [from.workload] : [],
    others: from.kind === 'other' ? [from] : [],
  };
}

function rowOfOther(model: ClusterModel, sender: OtherSender, receivers: readonly Receiver[]): Row {
  const { origin } = sender;
  const answers = receivers.map((receiver): Answer | null => {
    switch (receiver.kind) {
      // No gate stands before what a node sends.
      case 'internet':
        return origin.kind === 'node' ? always(passes) : null;
      case 'workload':
        return answerOf(
          receiver.workload.pods.flatMap(({ address }) => tracedTo(model, origin, { ...receiver.port, address })),
        );
      case 'other':
        return answerOf(tracedTo(model, origin, { ...receiver.port, address: receiver.address }));
      default:
        return receiver satisfies never;
    }
  });
  return { sender, answers, otherwise: null, lookups: null };
}

/** What is no way in may change without anybody here hearing of it. */
const leadingIn = eachOfModel(
  ({ manifests }) => manifests,
  (manifest: Manifest) => (leadsIn(manifest) ? [manifest] : []),
);

/** The ways in, where there are pods that they may lead to. */
function* entriesOf(judged: JudgedSet, receivers: readonly Receiver[]): InSteps<readonly WayIn[]> {
  if (receivers.every(({ kind }) => kind !== 'workload')) return [];
  const entries: WayIn[] = [];
  for (const manifest of leadingIn(judged.model)) {
    entries.push(...untracedEntryPointsOf(judged, manifest));
    yield 0;
  }
  return [...entries, ...entryPointsOfProfile(judged)];
}

/** At which of the receivers each pod listens, by its port. */
function numbersOf(receivers: readonly Receiver[]): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  receivers.forEach((receiver, index) => {
    if (receiver.kind !== 'workload') return;
    for (const pod of receiver.workload.pods) numbers.set(podPortKey(pod, receiver.port), index);
  });
  return numbers;
}

function podPortKey({ namespace, name }: Pod, port: AskedPort): string {
  return `${namespace}/${name} ${portText(port)}`;
}

function rowOfEntry(
  model: ClusterModel,
  entry: WayIn,
  receivers: readonly Receiver[],
  numbers: ReadonlyMap<string, number>,
): Row {
  const counts = new Map<number, (readonly [Met, Fraction])[]>();
  const others: (readonly [Met, Fraction])[] = [];
  if (entry.ask !== null) {
    const trace = traceRequest(model, requestOf(entry.ask, { kind: 'internet' }));
    const told = toldByTrace(trace);
    for (const end of likelyEndsOf(trace.graph)) {
      const at = askedPodOf(model, end, entry.ask.details.protocol);
      const number = at === null ? undefined : numbers.get(podPortKey(at.pod, at));
      const what = whatOf(end.verdict);
      const own = number === undefined ? others : (counts.get(number) ?? []);
      if (number !== undefined) counts.set(number, own);
      own.push([{ what, others: told }, end.probability]);
    }
  }
  const otherwise: (readonly [Met, Fraction | number])[] =
    entry.ask === null ? [[met({ kind: 'ends', text: entry.way }), 1]] : others;
  return {
    sender: { kind: 'entry', entry },
    answers: receivers.map((_, number) => {
      const own = counts.get(number);
      return own === undefined ? null : answerOf(own);
    }),
    otherwise: otherwise.length === 0 ? null : answerOf(otherwise),
    lookups: null,
  };
}

/** The pod that a request is delivered to, or that it would be but for a gate; null where it ends elsewhere. */
function askedPodOf(
  model: ClusterModel,
  { verdict, node: { arrival } }: End,
  protocol: AskedPort['protocol'],
): (AskedPort & { readonly pod: Pod }) | null {
  if (verdict.kind === 'delivered')
    return verdict.pod === null ? null : { pod: verdict.pod, port: verdict.port, protocol };
  if (verdict.kind !== 'denied' || verdict.reason !== 'network-policy') return null;
  const { station } = arrival;
  const pod = verdict.direction === 'egress' ? podAt(model, verdict.peer) : station.kind === 'pod' ? station.pod : null;
  return pod === null ? null : { pod, port: verdict.port, protocol: verdict.protocol };
}
