import type { PlaceOf } from '../../trace/trace.ts';
import type { Answer } from './answers.ts';
import type { What } from './what.ts';
import { foldedRows, partsOf, type RowGroup } from './folding.ts';
import type { Reachability, Receiver, Sender } from './reachability.ts';
import { receiverName, senderName, whatText } from './reachText.ts';

/** Who reaches whom as data. The fields stay; new ones may come. */
export interface ReachJson {
  readonly senders: readonly SenderJson[];
  readonly receivers: readonly ReceiverJson[];
  /** Each pair is in one of them, but for those where nothing leads from one to the other. */
  readonly answers: readonly AnswerJson[];
  /** Workloads that no port is known of: they are among no receivers. */
  readonly withoutPorts: readonly string[];
  /** What all of it rests on: by whose reading policies are judged, which of them do nothing. */
  readonly notes: readonly { readonly id: string; readonly text: string }[];
  /** Where other network plug-ins would decide otherwise, or the same one asked by a Service's address. */
  readonly otherwise: readonly OtherwiseJson[];
  /** Senders that can't look up names of the cluster, or of whom it isn't known. */
  readonly lookups: readonly Omit<AnswerJson, 'to'>[];
}

interface OtherwiseJson {
  /** Ids of senders. */
  readonly from: readonly string[];
  /** Ids of receivers; empty for what becomes of requests that come to none. */
  readonly to: readonly string[];
  readonly text: string;
}

interface SenderJson {
  readonly id: string;
  readonly kind: 'workload' | 'entry' | 'other';
  readonly name: string;
  /** Null for what has none. */
  readonly pods: number | null;
  readonly file: string | null;
  readonly line: number | null;
}

interface ReceiverJson {
  readonly id: string;
  readonly kind: 'workload' | 'internet' | 'other';
  readonly name: string;
  /** Null for every port. */
  readonly port: number | null;
  readonly protocol: string | null;
}

interface AnswerJson {
  /** Ids of senders. */
  readonly from: readonly string[];
  /** Ids of receivers; empty for what becomes of requests that come to none. */
  readonly to: readonly string[];
  readonly answer: Answer['kind'];
  readonly outcomes: readonly OutcomeJson[];
}

interface OutcomeJson {
  readonly share: string;
  readonly kind: What['kind'];
  readonly text: string;
  readonly direction: 'ingress' | 'egress' | null;
  readonly policies: readonly string[];
  readonly file: string | null;
  readonly line: number | null;
}

export function reachJson(reach: Reachability, placeOf: PlaceOf): ReachJson {
  const { rows, receivers, withoutPorts, notes } = reach;
  const groups = foldedRows(reach);
  return {
    senders: rows.map(({ sender }) => senderJson(sender, placeOf)),
    receivers: receivers.map(receiverJson),
    answers: groups.flatMap((group): AnswerJson[] => {
      const from = group.senders.map(senderId);
      const parts = partsOf(receivers, group).map(({ answer, receivers: to }) =>
        answerJson(from, to.map(receiverId), answer, placeOf),
      );
      return group.otherwise === null ? parts : [...parts, answerJson(from, [], group.otherwise, placeOf)];
    }),
    withoutPorts: withoutPorts.map(({ who }) => who),
    notes: notes.map(({ id, text }) => ({ id, text })),
    otherwise: groups.flatMap((group) => otherwiseJson(group, receivers)),
    lookups: groups.flatMap(({ senders, lookups }) => {
      if (lookups === null) return [];
      const { from, answer, outcomes } = answerJson(senders.map(senderId), [], lookups, placeOf);
      return [{ from, answer, outcomes }];
    }),
  };
}

function otherwiseJson({ senders, answers, otherwise }: RowGroup, receivers: readonly Receiver[]): OtherwiseJson[] {
  const sentences = new Map<string, string[]>(otherwise?.otherwise.map((text) => [text, []]));
  receivers.forEach((receiver, index) => {
    for (const text of answers[index]?.otherwise ?? [])
      sentences.set(text, [...(sentences.get(text) ?? []), receiverId(receiver)]);
  });
  const from = senders.map(senderId);
  return [...sentences].map(([text, to]) => ({ from, to, text }));
}

function senderId(sender: Sender): string {
  return sender.kind === 'workload'
    ? sender.workload.who
    : sender.kind === 'entry'
      ? `internet by ${sender.entry.name}`
      : sender.who;
}

function senderJson(sender: Sender, placeOf: PlaceOf): SenderJson {
  const field = sender.kind === 'workload' ? sender.workload.at : sender.kind === 'entry' ? sender.entry.at : null;
  const place = field === null ? null : placeOf(field);
  return {
    id: senderId(sender),
    kind: sender.kind,
    name: senderName(sender),
    pods: sender.kind === 'workload' ? sender.workload.pods.length : null,
    file: place?.file ?? null,
    line: place?.line ?? null,
  };
}

function receiverId(receiver: Receiver): string {
  if (receiver.kind === 'internet') return 'internet';
  const { port, protocol } = receiver.port;
  const who = receiver.kind === 'workload' ? receiver.workload.who : receiver.who;
  return `${who}:${port}${protocol === 'TCP' ? '' : `/${protocol}`}`;
}

function receiverJson(receiver: Receiver): ReceiverJson {
  return {
    id: receiverId(receiver),
    kind: receiver.kind,
    name: receiverName(receiver),
    port: receiver.kind === 'internet' ? null : receiver.port.port,
    protocol: receiver.kind === 'internet' ? null : receiver.port.protocol,
  };
}

function answerJson(
  from: readonly string[],
  to: readonly string[],
  { kind, outcomes }: Answer,
  placeOf: PlaceOf,
): AnswerJson {
  return {
    from,
    to,
    answer: kind,
    outcomes: outcomes.map(({ share, what }): OutcomeJson => {
      const place = 'at' in what && what.at !== null ? placeOf(what.at) : null;
      return {
        share: share.toFraction(),
        kind: what.kind,
        text: whatText(what),
        direction: what.kind === 'denied' ? what.direction : null,
        policies: 'policies' in what ? what.policies : [],
        file: place?.file ?? null,
        line: place?.line ?? null,
      };
    }),
  };
}
