import type { PlaceOf } from '../../trace/trace.ts';
import type { Answer, What } from './answers.ts';
import { foldedRows, partsOf } from './folding.ts';
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
  const { rows, receivers, withoutPorts } = reach;
  return {
    senders: rows.map(({ sender }) => senderJson(sender, placeOf)),
    receivers: receivers.map(receiverJson),
    answers: foldedRows(reach).flatMap((group): AnswerJson[] => {
      const from = group.senders.map(senderId);
      const parts = partsOf(receivers, group).map(({ answer, receivers: to }) =>
        answerJson(from, to.map(receiverId), answer, placeOf),
      );
      return group.otherwise === null ? parts : [...parts, answerJson(from, [], group.otherwise, placeOf)];
    }),
    withoutPorts: withoutPorts.map(({ who }) => who),
  };
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
