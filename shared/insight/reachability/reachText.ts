import { counted } from '../counted.ts';
import { podName } from '../../trace/trace.ts';
import { namesText } from '../../network/policy/policyText.ts';
import { atOnce, type InSteps } from '../inSteps.ts';
import type { Answer, What } from './answers.ts';
import { foldingRows, type Part, partsOf, type RowGroup } from './folding.ts';
import { laidOut, type Lead, type LinkedLine, listed, type Piece, words } from './pieces.ts';
import type { Reachability, Receiver, Sender } from './reachability.ts';
import { portText } from './workloads.ts';

/** As many reasons as one row gives before it counts the rest. */
const mostReasons = 6;
/** As many lines of names as one list may have. */
const linesOfNames = 3;
const indent = 12;

/** Who reaches whom, for a person: equal rows as one, each with whom it reaches, and whom it doesn't and why. */
export function reachLines(reach: Reachability, width: number): LinkedLine[] {
  return atOnce(makingLines(reach, width));
}

/** The same row by row. */
export function* makingLines(reach: Reachability, width: number): InSteps<LinkedLine[]> {
  const groups = yield* foldingRows(reach);
  if (groups.length === 0) return [note('Nobody asks: there is no pod and no way in from outside.')];
  const lines: LinkedLine[] = [];
  for (const [index, group] of groups.entries()) {
    if (index > 0) lines.push(note(''));
    lines.push(...headingOf(group.senders, width), ...linesOf(group, reach.receivers, width));
    yield index / groups.length;
  }
  return [...lines, ...notesOf(reach, width)];
}

function note(text: string): LinkedLine {
  return { kind: 'note', text, links: [] };
}

function notesOf({ withoutPorts }: Reachability, width: number): LinkedLine[] {
  if (withoutPorts.length === 0) return [];
  const names = withoutPorts.map(({ name, at }): Piece => ({ text: name, to: { kind: 'field', field: at } }));
  return [
    note(''),
    ...laidOut('note', '', [...words('~ no port is known of'), ...listed(names, width * 2)], { width, indent: 0 }),
  ];
}

function headingOf(senders: readonly Sender[], width: number): LinkedLine[] {
  const names = senders.map((sender): Piece => ({ text: senderName(sender), to: placeOf(sender) }));
  const isWayIn = senders[0]?.kind === 'entry';
  const start = isWayIn ? words('internet, by') : [];
  const all = isWayIn ? counted(senders.length, 'way in', 'ways in') : counted(senders.length, 'workload');
  const count = senders.length === 1 ? [] : words(`(${all})`);
  return laidOut('heading', '', [...start, ...listed(names, width), ...count], { width, indent: 0 });
}

export function senderName(sender: Sender): string {
  switch (sender.kind) {
    case 'workload':
      return sender.workload.name;
    case 'entry':
      return sender.entry.name;
    case 'other':
      return sender.who;
    default:
      return sender satisfies never;
  }
}

function placeOf(sender: Sender): Lead | null {
  switch (sender.kind) {
    case 'workload':
      return { kind: 'field', field: sender.workload.at };
    case 'entry':
      return { kind: 'field', field: sender.entry.at };
    case 'other':
      return null;
    default:
      return sender satisfies never;
  }
}

export function receiverName(receiver: Receiver): string {
  switch (receiver.kind) {
    case 'workload':
      return `${receiver.workload.name}:${portText(receiver.port)}`;
    case 'internet':
      return 'the internet';
    case 'other':
      return `${receiver.who}:${portText(receiver.port)}`;
    default:
      return receiver satisfies never;
  }
}

function linesOf(group: RowGroup, receivers: readonly Receiver[], width: number): LinkedLine[] {
  const [sender] = group.senders;
  if (sender === undefined) return [];
  const inside = receivers.filter(({ kind }) => kind !== 'internet');
  const parts = partsOf(receivers, group);
  const stopped = parts.filter(({ answer }) => answer.kind === 'no');
  const shown = stopped.length > mostReasons ? stopped.slice(0, mostReasons - 1) : stopped;
  const rest = stopped.slice(shown.length).flatMap((part) => part.receivers);
  const lines = [...parts.filter(({ answer }) => answer.kind !== 'no'), ...shown].flatMap((part) =>
    linesOfPart(sender, part, { all: inside.length, isOnly: parts.length === 1, width }),
  );
  const more =
    rest.length === 0
      ? []
      : laidOut('stopped', '  not', [...namesOf(sender, rest, width), ...words('each by other policies')], {
          width,
          indent,
        });
  const otherwise =
    group.otherwise === null ? [] : laidOut('stopped', '  else', words(answerText(group.otherwise)), { width, indent });
  const none = lines.length + more.length + otherwise.length === 0 ? [note('  nobody is asked')] : [];
  return [...lines, ...more, ...otherwise, ...none];
}

const labels: Readonly<Record<Answer['kind'], string>> = {
  yes: '  reaches',
  partly: '  partly',
  unknown: '  unknown',
  no: '  not',
};

const kinds: Readonly<Record<Answer['kind'], LinkedLine['kind']>> = {
  yes: 'reaches',
  partly: 'partly',
  unknown: 'partly',
  no: 'stopped',
};

function linesOfPart(
  sender: Sender,
  { answer, receivers }: Part,
  { all, isOnly, width }: { readonly all: number; readonly isOnly: boolean; readonly width: number },
): LinkedLine[] {
  const inside = receivers.filter(({ kind }) => kind !== 'internet');
  const hasInternet = inside.length < receivers.length;
  const internet: Piece[] = hasInternet ? [{ text: 'the internet', to: null }] : [];
  const names =
    sender.kind === 'workload' && inside.length > 1 && inside.length === all
      ? [{ text: isOnly || answer.kind === 'no' ? 'everybody' : 'everybody here', to: null }, ...internet]
      : null;
  const pieces = names === null ? namesOf(sender, receivers, width) : listed(names, width);
  const why = answer.kind === 'yes' ? [] : reasonOf(answer);
  const colon = why.length === 0 ? pieces : withColon(pieces);
  return laidOut(kinds[answer.kind], labels[answer.kind], [...colon, ...why], { width, indent });
}

function withColon(pieces: readonly Piece[]): Piece[] {
  return pieces.map((piece, index) => (index === pieces.length - 1 ? { ...piece, text: `${piece.text}:` } : piece));
}

/** Receivers by name, the ports of one workload together. */
function namesOf(sender: Sender, receivers: readonly Receiver[], width: number): Piece[] {
  const names: { text: string; to: Lead | null; of: unknown }[] = [];
  for (const receiver of receivers) {
    const last = names.at(-1);
    const of = receiver.kind === 'workload' ? receiver.workload : receiver;
    if (last?.of === of && receiver.kind === 'workload') last.text += `,${portText(receiver.port)}`;
    else names.push({ text: receiverName(receiver), to: traceOf(sender, receiver), of });
  }
  return listed(names, (width - indent) * linesOfNames);
}

/** The request that shows a sender's way to a receiver; null where none is to be made. */
export function traceOf(sender: Sender, receiver: Receiver): Extract<Lead, { kind: 'trace' }> | null {
  if (sender.kind === 'entry') {
    const { ask } = sender.entry;
    if (ask === null) return null;
    return { kind: 'trace', from: 'internet', target: ask.target.text, protocol: ask.details.protocol };
  }
  const from = sender.kind === 'workload' ? sender.workload.who : sender.who;
  switch (receiver.kind) {
    case 'workload': {
      const [first, second] = receiver.workload.pods;
      const isOwn = sender.kind === 'workload' && sender.workload === receiver.workload;
      const pod = isOwn ? (second ?? first) : first;
      if (pod === undefined) return null;
      const { port, protocol } = receiver.port;
      return { kind: 'trace', from, target: `pod/${podName(pod)}:${port}`, protocol };
    }
    case 'other':
      return {
        kind: 'trace',
        from,
        target: `${receiver.address}:${receiver.port.port}`,
        protocol: receiver.port.protocol,
      };
    case 'internet':
      return null;
    default:
      return receiver satisfies never;
  }
}

/** Why not, or not always, in words that lead to the rule. */
function reasonOf({ outcomes }: Answer): Piece[] {
  const isWhole = outcomes.length === 1;
  return outcomes.flatMap(({ share, what }, index) => {
    const text = `${isWhole ? '' : `${share.toFraction()} `}${whatText(what)}`;
    const pieces = words(index === outcomes.length - 1 ? text : `${text},`);
    const at = 'at' in what ? what.at : null;
    if (at === null) return pieces;
    const to: Lead = { kind: 'field', field: at };
    const names = new Set('policies' in what ? what.policies : []);
    return pieces.map((piece) => (names.has(piece.text.replace(/[,:;]$/, '')) ? { ...piece, to } : piece));
  });
}

/** An answer in words. */
export function answerText(answer: Answer): string {
  return answer.outcomes
    .map(({ share, what }) => `${answer.outcomes.length === 1 ? '' : `${share.toFraction()} `}${whatText(what)}`)
    .join(', ');
}

export function whatText(what: What): string {
  switch (what.kind) {
    case 'reaches':
      return 'reaches';
    case 'limited':
      return what.to.length === 0 ? `not what ${namesText(what.policies)} denies` : `only ${what.to.join('; ')}`;
    case 'denied': {
      const who = what.rule ?? namesText(what.policies);
      const near = what.nearest === null ? '' : `; ${what.nearest}`;
      return what.direction === 'ingress' ? `kept out by ${who}${near}` : `kept in by ${who}${near}`;
    }
    case 'undecided':
    case 'ends':
      return what.text;
    default:
      return what satisfies never;
  }
}
