import { counted } from '../counted.ts';
import { podName } from '../../trace/trace.ts';
import { namesText } from '../../network/policy/policyText.ts';
import { atOnce, type InSteps } from '../inSteps.ts';
import type { Answer } from './answers.ts';
import type { What } from './what.ts';
import { foldingRows, type Part, partsOf, type RowGroup } from './folding.ts';
import { laidOut, type Lead, type LinkedLine, listed, type Piece, words } from './pieces.ts';
import type { Reachability, Receiver, Row, Sender } from './reachability.ts';
import { portText, type Workload } from './workloads.ts';

/** As many reasons as one row gives by itself; of more, those that are anybody's who is kept out stand at the end. */
const mostReasons = 3;
/** As many lines of names as one list may have. */
const linesOfNames = 3;
/** Of more lines than these, the longest list of a row is "all others". */
const linesInFull = 2;
const indent = 12;

/** Who reaches whom, for a person: equal rows as one, each with whom it reaches, and whom it doesn't and why. */
export function reachLines(reach: Reachability, width: number): LinkedLine[] {
  return atOnce(makingLines(reach, width));
}

/** The same row by row. */
export function* makingLines(
  reach: Reachability,
  width: number,
  { isInEditor = false }: { readonly isInEditor?: boolean } = {},
): InSteps<LinkedLine[]> {
  const groups = yield* foldingRows(reach);
  if (groups.length === 0)
    return [note('Nobody here asks whom the question is for: no pod, and no way in from outside.')];
  const names = namesIn(reach);
  // An editor has it over the grid.
  const lines: LinkedLine[] = isInEditor ? [] : headOf(reach, names, width);
  const keptOut = new Map<string, KeptOut>();
  const said: Map<string, Receiver[]>[] = [];
  for (const group of groups) {
    said.push(sentencesOf(group, reach.receivers));
    yield 0;
  }
  const atEnd = saidAtEnd(said);
  for (const [index, group] of groups.entries()) {
    if (index > 0 || lines.length > 0) lines.push(note(''));
    lines.push(...headingOf(group.senders, { names, width }));
    const sentences = said[index] ?? new Map<string, Receiver[]>();
    lines.push(...linesOf(group, reach.receivers, { names, width, keptOut, sentences, atEnd }));
    yield index / groups.length;
  }
  return [
    ...lines,
    ...keptOutLines([...keptOut.values()], { names, width }),
    ...endLines(atEnd, width),
    ...footOf(reach, { names, width, isInEditor }),
  ];
}

function note(text: string): LinkedLine {
  return { kind: 'note', text, links: [] };
}

/** What it rests on, each a paragraph of its own. */
export function headOf({ notes }: Reachability, { namespace }: Names, width: number): LinkedLine[] {
  const told = [
    ...(namespace === null ? [] : [`all of them are in namespace ${namespace}`]),
    ...notes.map(({ text }) => text),
  ];
  return told.flatMap((text) => laidOut('note', '~', words(text), { width, indent: 2 }));
}

function footOf(
  { withoutPorts, rows, receivers }: Reachability,
  { names, width, isInEditor }: Room & { readonly isInEditor: boolean },
): LinkedLine[] {
  const silent = withoutPorts.map(({ name, at }): Piece => {
    return { text: names.short(name), to: { kind: 'field', field: at } };
  });
  const pair = isInEditor ? howToGoOn : rows.length > 1 ? pairIn(rows, receivers) : null;
  const told = [
    ...(silent.length === 0 ? [] : [[...words('no port is known of'), ...listed(silent, width * 2)]]),
    ...(pair === null ? [] : [words(pair)]),
  ];
  if (told.length === 0) return [];
  return [note(''), ...told.flatMap((each) => laidOut('note', '~', each, { width, indent: 2 }))];
}

const howToGoOn = "a mark or a name traces its pair, a policy's name leads to its rule";

/** How one pair is asked for, and its way: by the first that is stopped, else by the first. */
function pairIn(rows: readonly Row[], receivers: readonly Receiver[]): string | null {
  for (const kind of ['no', 'partly', 'yes'] as const)
    for (const { sender, answers } of rows) {
      if (sender.kind !== 'workload') continue;
      const receiver = receivers.find(
        (each, index) => each.kind === 'workload' && each.workload !== sender.workload && answers[index]?.kind === kind,
      );
      const way = receiver === undefined ? null : traceOf(sender, receiver);
      if (receiver?.kind !== 'workload' || way === null) continue;
      const [from, to] = [sender.workload.who, receiver.workload.who];
      if (![from, to, way.target].every((each) => /^[\w./:-]+$/.test(each))) continue;
      return `one pair: --from ${from} --to ${to}; its way: hoplens trace ${way.target} --from ${from}`;
    }
  return null;
}

/** Names as they are shown: where all are in one namespace, without it. */
export interface Names {
  readonly namespace: string | null;
  readonly short: (name: string) => string;
}

export function namesIn({ rows, receivers, withoutPorts }: Reachability): Names {
  const workloads = [
    ...rows.flatMap(({ sender }) => (sender.kind === 'workload' ? [sender.workload] : [])),
    ...receivers.flatMap((receiver) => (receiver.kind === 'workload' ? [receiver.workload] : [])),
    ...withoutPorts,
  ];
  const namespaces = new Set(workloads.map(({ pods }) => pods[0]?.namespace));
  const [namespace = null] = namespaces;
  if (namespaces.size !== 1 || namespace === null || namespace === 'default') return { namespace: null, short: itself };
  const end = `.${namespace}`;
  return { namespace, short: (name) => (name.endsWith(end) ? name.slice(0, -end.length) : name) };
}

const itself = (name: string): string => name;

interface Room {
  readonly names: Names;
  readonly width: number;
}

/** Whom policies keep out, whoever asks. */
interface KeptOut {
  readonly receivers: Set<Receiver>;
  readonly what: Extract<What, { kind: 'denied' }>;
}

/** Kept out by all that isolate the receiver, and by nothing that has to do with who asks. */
function plainDenial({ outcomes }: Answer): KeptOut['what'] | null {
  const [first] = outcomes;
  if (first === undefined || outcomes.length > 1 || first.what.kind !== 'denied') return null;
  const { direction, rule, nearest } = first.what;
  return direction === 'ingress' && rule === null && nearest === null ? first.what : null;
}

function keptOutLines(keptOut: readonly KeptOut[], { names, width }: Room): LinkedLine[] {
  if (keptOut.length === 0) return [];
  const isOwn = ({ receivers, what }: KeptOut): boolean =>
    what.policies.length === 1 &&
    [...receivers].every((each) => each.kind === 'workload' && shortest(each.workload) === what.policies[0]);
  const own = keptOut.filter(isOwn);
  const isFolded = own.length > mostReasons;
  const told = isFolded ? keptOut.filter((each) => !isOwn(each)) : keptOut;
  const linesFor = (receivers: readonly Receiver[], by: readonly Piece[]): LinkedLine[] => {
    const who = namesTogether(receivers, { names, leadOf: placeOfReceiver });
    return laidOut('stopped', '', [...withColon(listed(who, width * linesOfNames)), ...by], { width, indent: 2 });
  };
  const lines = told.flatMap(({ receivers, what }) =>
    linesFor([...receivers], [{ text: 'by', to: null }, ...policyPieces(what)]),
  );
  const byOwn = isFolded
    ? linesFor(
        own.flatMap(({ receivers }) => [...receivers]),
        words('each by the policy of its own name'),
      )
    : [];
  return [note(''), { kind: 'heading', text: 'kept out, whoever is not let in', links: [] }, ...lines, ...byOwn];
}

function shortest({ who }: Workload): string {
  return who.slice(who.indexOf('/') + 1).split('.')[0] ?? who;
}

function placeOfReceiver(receiver: Receiver): Lead | null {
  return receiver.kind === 'workload' ? { kind: 'field', field: receiver.workload.at } : null;
}

/** `a, b and c`, each leading to the rule or the policy. */
function policyPieces({ policies, at }: KeptOut['what']): Piece[] {
  const to: Lead | null = at === null ? null : { kind: 'field', field: at };
  const known = new Set(policies);
  return words(namesText(policies)).map((each) => (known.has(each.text.replace(/,$/, '')) ? { ...each, to } : each));
}

function headingOf(senders: readonly Sender[], { names, width }: Room): LinkedLine[] {
  const all = senders.map((sender): Piece => ({ text: names.short(senderName(sender)), to: placeOf(sender) }));
  const isWayIn = senders[0]?.kind === 'entry';
  const start = isWayIn ? words('internet, by') : [];
  const kind = isWayIn ? counted(senders.length, 'way in', 'ways in') : counted(senders.length, 'workload');
  const count = senders.length === 1 ? [] : words(`(${kind})`);
  return laidOut('heading', '', [...start, ...listed(all, width * linesOfNames), ...count], { width, indent: 0 });
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

export function receiverName(receiver: Receiver, { short }: Pick<Names, 'short'> = { short: itself }): string {
  switch (receiver.kind) {
    case 'workload':
      return `${short(receiver.workload.name)}:${portText(receiver.port)}`;
    case 'internet':
      return 'the internet';
    case 'other':
      return `${receiver.who}:${portText(receiver.port)}`;
    default:
      return receiver satisfies never;
  }
}

function linesOf(
  group: RowGroup,
  receivers: readonly Receiver[],
  {
    names,
    width,
    keptOut,
    sentences,
    atEnd,
  }: Room & {
    readonly keptOut: Map<string, KeptOut>;
    readonly sentences: ReadonlyMap<string, readonly Receiver[]>;
    readonly atEnd: ReadonlyMap<string, number>;
  },
): LinkedLine[] {
  const [sender] = group.senders;
  if (sender === undefined) return [];
  const parts = partsOf(receivers, group);
  const isLong = parts.filter(({ answer }) => answer.kind === 'no').length > mostReasons;
  const isAtEnd = (answer: Answer): boolean => isLong && plainDenial(answer) !== null;
  const own = parts.filter(({ answer }) => !isAtEnd(answer));
  const keptOutHere = parts.filter(({ answer }) => isAtEnd(answer));
  for (const part of keptOutHere) noteKeptOut(keptOut, part);
  const shared: Part | null =
    keptOutHere[0] === undefined
      ? null
      : { answer: keptOutHere[0].answer, receivers: keptOutHere.flatMap((each) => each.receivers) };
  const isMarked = markedIn(group, receivers);
  const listOf = (list: readonly Receiver[]): Piece[] =>
    listed(
      namesTogether(list, { names, leadOf: (receiver) => traceOf(sender, receiver), isMarked }),
      (width - indent) * linesOfNames,
    );
  const all = receivers.filter(({ kind }) => kind !== 'internet').length;
  const largest =
    sender.kind === 'workload' ? largestOf([...own, ...(shared === null ? [] : [shared])], { names, width }) : null;
  const lines = own.flatMap((part) => {
    const isRest = part === largest && part.answer.kind === 'yes';
    const pieces = isRest
      ? restOf(part)
      : (everybody(part, { all, isOnly: parts.length === 1 }) ?? listOf(part.receivers));
    return linesOfPart(part.answer, pieces, width);
  });
  const rest = shared === null ? [] : shared === largest ? restOf(shared) : listOf(shared.receivers);
  const kept =
    shared === null
      ? []
      : laidOut('stopped', labels.no, [...withColon(rest), ...words('kept out (see below)')], { width, indent });
  const otherwise = group.otherwise === null ? [] : linesOfPart(group.otherwise, [], width, '  else');
  const none = lines.length + kept.length + otherwise.length === 0 ? [note('  nobody is asked')] : [];
  return [
    ...lines,
    ...kept,
    ...otherwise,
    ...none,
    ...lookupLines(group, width),
    ...otherLines(group, { sentences, atEnd, listOf, width }),
  ];
}

function noteKeptOut(keptOut: Map<string, KeptOut>, { answer, receivers }: Part): void {
  const what = plainDenial(answer);
  if (what === null) return;
  const known = keptOut.get(answer.key) ?? { receivers: new Set(), what };
  keptOut.set(answer.key, known);
  for (const receiver of receivers) known.receivers.add(receiver);
}

/** The part that has more names than there is room for: all who aren't named with others. Null where all have room. */
function largestOf(parts: readonly Part[], { names, width }: Room): Part | null {
  const lengthOf = ({ receivers }: Part): number =>
    receivers.reduce((sum, receiver) => sum + receiverName(receiver, names).length + 2, 0);
  const [first] = parts.toSorted((a, b) => lengthOf(b) - lengthOf(a));
  return first !== undefined && parts.length > 1 && lengthOf(first) > (width - indent) * linesInFull ? first : null;
}

function restOf({ receivers }: Part): Piece[] {
  return words(`all ${receivers.length} others`);
}

/** Null where it isn't about everybody. */
function everybody(
  { answer, receivers }: Part,
  { all, isOnly }: { readonly all: number; readonly isOnly: boolean },
): Piece[] | null {
  const inside = receivers.filter(({ kind }) => kind !== 'internet');
  if (inside.length <= 1 || inside.length < all || inside.some(({ kind }) => kind !== 'workload')) return null;
  if (answer.otherwise.length > 0) return null;
  const internet: Piece[] = inside.length < receivers.length ? [{ text: 'the internet', to: null }] : [];
  const text = isOnly || answer.kind === 'no' ? 'everybody' : 'everybody here';
  return internet.length === 0 ? [{ text, to: null }] : [{ text: `${text},`, to: null }, ...internet];
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
  answer: Answer,
  pieces: readonly Piece[],
  width: number,
  label = labels[answer.kind],
): LinkedLine[] {
  const why = answer.kind === 'yes' && pieces.length > 0 ? [] : reasonOf(answer);
  const colon = why.length === 0 ? pieces : withColon(pieces);
  return laidOut(kinds[answer.kind], label, [...colon, ...why], { width, indent });
}

/** Whether a row's workloads can't look up names: what is asked by name isn't asked at all then. */
function lookupLines({ lookups }: RowGroup, width: number): LinkedLine[] {
  if (lookups === null) return [];
  const pieces = [...words("can't be looked up:"), ...reasonOf(lookups)];
  return laidOut(kinds[lookups.kind], '  names', pieces, { width, indent });
}

/** What others make of a row's pairs: each sentence, with of whom it is so; of none where it is about the rest. */
function sentencesOf({ answers, otherwise }: RowGroup, receivers: readonly Receiver[]): Map<string, Receiver[]> {
  const sentences = new Map<string, Receiver[]>(otherwise?.otherwise.map((text) => [text, []]));
  answers.forEach((answer, index) => {
    const receiver = receivers[index];
    if (answer === null || receiver === undefined) return;
    for (const text of answer.otherwise) sentences.set(text, [...(sentences.get(text) ?? []), receiver]);
  });
  return sentences;
}

/** A sentence of so many rows stands once, at the end. */
const oftenSaid = 3;

/** The sentences that stand at the end, each with its number. */
function saidAtEnd(rows: readonly ReadonlyMap<string, unknown>[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) for (const text of row.keys()) counts.set(text, (counts.get(text) ?? 0) + 1);
  const often = [...counts].filter(([, count]) => count >= oftenSaid);
  return new Map(often.map(([text], index) => [text, index + 1]));
}

function endLines(atEnd: ReadonlyMap<string, number>, width: number): LinkedLine[] {
  if (atEnd.size === 0) return [];
  const lines = [...atEnd].flatMap(([text, number]) =>
    laidOut('note', `*${number}`, words(text), { width, indent: 5 }),
  );
  return [note(''), ...lines];
}

/** As many sentences of other readings as one row has. */
const mostSentences = 4;

/** What others make of some pairs of a row. */
function otherLines(
  { answers }: RowGroup,
  {
    sentences,
    atEnd,
    listOf,
    width,
  }: {
    readonly sentences: ReadonlyMap<string, readonly Receiver[]>;
    readonly atEnd: ReadonlyMap<string, number>;
    readonly listOf: (list: readonly Receiver[]) => Piece[];
    readonly width: number;
  },
): LinkedLine[] {
  const asked = answers.filter((each) => each !== null).length;
  const shown = [...sentences].slice(0, mostSentences);
  const left = sentences.size - shown.length;
  return [
    ...shown.flatMap(([text, whom]) => {
      const number = atEnd.get(text);
      const isAll = whom.length === asked || whom.length === 0;
      const names = isAll ? [] : listOf(whom);
      return number === undefined
        ? laidOut('note', '  *', [...withColon(names), ...words(text)], { width, indent })
        : laidOut('note', `  *${number}`, isAll ? words('see below') : names, { width, indent });
    }),
    ...(left === 0 ? [] : [note(`  *         and ${left} more such differences: --format json has all of them`)]),
  ];
}

function markedIn({ answers }: RowGroup, receivers: readonly Receiver[]): (receiver: Receiver) => boolean {
  const marked = new Set(receivers.filter((_, index) => (answers[index]?.otherwise.length ?? 0) > 0));
  return (receiver) => marked.has(receiver);
}

function withColon(pieces: readonly Piece[]): Piece[] {
  return pieces.map((piece, index) => (index === pieces.length - 1 ? { ...piece, text: `${piece.text}:` } : piece));
}

/** Receivers by name, the ports of one workload together; a star where others decide otherwise. */
function namesTogether(
  receivers: readonly Receiver[],
  {
    names,
    leadOf,
    isMarked = () => false,
  }: {
    readonly names: Names;
    readonly leadOf: (receiver: Receiver) => Lead | null;
    readonly isMarked?: (receiver: Receiver) => boolean;
  },
): Piece[] {
  const pieces: { text: string; to: Lead | null; of: unknown }[] = [];
  for (const receiver of receivers) {
    const last = pieces.at(-1);
    const of = receiver.kind === 'workload' ? receiver.workload : receiver;
    const mark = isMarked(receiver) ? '*' : '';
    if (last?.of === of && receiver.kind === 'workload') last.text += `,${portText(receiver.port)}${mark}`;
    else pieces.push({ text: receiverName(receiver, names) + mark, to: leadOf(receiver), of });
  }
  return pieces;
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
    const text = `${isWhole ? '' : `${share.toFraction()} `}${shortText(what)}`;
    const pieces = words(index === outcomes.length - 1 ? text : `${text},`);
    const at = 'at' in what ? what.at : null;
    if (at === null) return pieces;
    const to: Lead = { kind: 'field', field: at };
    const names = new Set('policies' in what ? what.policies : []);
    return pieces.map((piece) => (names.has(piece.text.replace(/[,:;]$/, '')) ? { ...piece, to } : piece));
  });
}

/** The same, and who comes nearest is not named twice. */
function shortText(what: What): string {
  if (what.kind !== 'denied' || what.rule !== null || what.nearest === null) return whatText(what);
  const [only = '', ...more] = what.policies;
  const near = more.length === 0 && what.nearest.startsWith(`${only} `) ? what.nearest.slice(only.length) : null;
  return near === null ? whatText(what) : `${whatText({ ...what, nearest: null })}, which${near}`;
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
