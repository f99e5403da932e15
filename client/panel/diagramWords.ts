import * as l10n from '@vscode/l10n';
import Fraction from 'fraction.js';
import type { DiagramBox, DiagramEnd, DiagramGate } from '../../shared/trace/diagram.ts';
import type { FrameGroup, Group, GroupArrow } from './folding.ts';

// What the picture says, the list beside it, and whoever reads it aloud: the same words.

/** `1/3 · ~33 %`; empty for all. */
export function shareText(share: Fraction): string {
  return share.equals(1) ? '' : `${share.toFraction()} · ${percent(share)}`;
}

function percent(share: Fraction): string {
  const value = share.valueOf() * 100;
  const shown = value >= 1 ? Math.round(value) : Number(value.toPrecision(1));
  return `${share.mul(100).d === 1n ? '' : '~'}${shown} %`;
}

/** `17 pods` */
function counted(count: string, kind: DiagramBox['kind']): string {
  switch (kind) {
    case 'client':
      return l10n.t('{0} clients', count);
    case 'lb':
      return l10n.t('{0} load balancers', count);
    case 'node':
      return l10n.t('{0} nodes', count);
    case 'pod':
      return l10n.t('{0} pods', count);
    case 'external':
      return l10n.t('{0} addresses', count);
    default:
      return kind satisfies never;
  }
}

export function titleOf({ first, count }: Group): string {
  if (count === 1) return first.party;
  // The one that stands for the rest stands apart from those that are followed one by one.
  const isRest = first.frame === null && first.standsFor === count;
  const number = count.toLocaleString('en');
  return counted(isRest ? l10n.t('{0} more', number) : number, first.kind);
}

/** Which they are: an address, or the first and the last name. */
export function detailOf({ first, members, count }: Group): string {
  if (count === 1) return first.address === first.party ? '' : first.address;
  if (first.service !== null) return l10n.t('of Service {0}', first.service.replace(/^default\//, ''));
  const isAll = members.length === count;
  return `${first.party} … ${isAll ? (members.at(-1)?.party ?? '') : ''}`.trim();
}

export function frameTitle({ members, count }: FrameGroup): string {
  const [first] = members;
  if (first === undefined) return '';
  if (count === 1) return first.name;
  const names = `${first.name} … ${members.length === count ? (members.at(-1)?.name ?? '') : ''}`.trim();
  return l10n.t('{0} nodes: {1}', count.toLocaleString('en'), names);
}

export function endText({ title, share }: DiagramEnd): string {
  const part = shareText(new Fraction(share));
  return part === '' ? title : `${title} (${part})`;
}

/** How packets end in a group, each way once, with what share of all. */
export function endsOf({ members }: Group): DiagramEnd[] {
  const ends = Map.groupBy(
    members.flatMap((member) => member.ends),
    ({ title }) => title,
  );
  return [...ends.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const share = own.reduce((sum, each) => sum.add(each.share), new Fraction(0)).toFraction();
    return [{ ...first, share, because: [...new Set(own.flatMap(({ because }) => because))] }];
  });
}

/** A group's gates on the way in and out, each once, with what share of all they let through and stop. */
export function gatesOf({ members }: Group): DiagramGate[] {
  const all = Map.groupBy(
    members.flatMap(({ gates }) => gates),
    ({ direction }) => direction,
  );
  return [...all].map(([direction, gates]): DiagramGate => ({
    direction,
    passed: sumOf(gates.map(({ passed }) => passed)),
    stopped: sumOf(gates.map(({ stopped }) => stopped)),
    policies: [...new Set(gates.flatMap(({ policies }) => policies))],
    sees: [...new Set(gates.flatMap(({ sees }) => sees))],
    because: [...new Set(gates.flatMap(({ because }) => because))],
  }));
}

function sumOf(shares: readonly (string | null)[]): string | null {
  const there = shares.flatMap((each) => each ?? []);
  return there.length === 0 ? null : there.reduce((sum, each) => sum.add(each), new Fraction(0)).toFraction();
}

/** As many policies as are named at a gate. */
const mostPolicies = 2;

/** Who lets it through; empty where nothing goes through, for what is stopped stands among the ends. */
export function gateText({ direction, passed, policies }: DiagramGate): string {
  if (passed === null) return '';
  const named = policies.slice(0, mostPolicies).join(', ');
  const left = policies.length - mostPolicies;
  const by = left > 0 ? l10n.t('{0}, and {1} more', named, left) : named;
  return direction === 'ingress' ? l10n.t('let in by {0}', by) : l10n.t('let out by {0}', by);
}

/** A part of a line, and whether it is another than where the packet came from. */
export interface Part {
  readonly text: string;
  readonly isChanged: boolean;
}

export interface Line {
  readonly kind: 'share' | 'address' | 'rewrite' | 'crossing';
  readonly parts: readonly Part[];
}

const plain = (kind: Line['kind'], text: string): Line => ({ kind, parts: [{ text, isChanged: false }] });

/** What stands on an arrow, line by line. */
export function linesOf(arrow: GroupArrow): Line[] {
  const { share, each, rewrites, crossing } = arrow;
  const part = [shareText(share), each === null ? '' : l10n.t('{0} each', each.toFraction())].filter(
    (text) => text !== '',
  );
  const does = (kind: string): boolean => rewrites.some((rewrite) => rewrite.kind === kind || rewrite.kind === 'proxy');
  return [
    ...(part.length === 0 ? [] : [plain('share', part.join(', '))]),
    {
      kind: 'address',
      parts: [
        { text: sourceText(arrow), isChanged: does('SNAT') },
        { text: ' → ', isChanged: false },
        { text: destinationText(arrow), isChanged: does('DNAT') },
      ],
    },
    ...(crossing.equals(0) ? [] : [plain('crossing', crossingText(crossing))]),
    ...rewrites.map(({ kind, was }) =>
      plain(
        'rewrite',
        kind === 'proxy' ? l10n.t("the proxy's own connection") : l10n.t('{0}, was {1}', kind, some(was)),
      ),
    ),
  ];
}

function crossingText(crossing: Fraction): string {
  return crossing.equals(1) ? l10n.t('crosses nodes') : l10n.t('{0} of it crosses nodes', percent(crossing));
}

function some(values: readonly string[]): string {
  const [first = ''] = values;
  const port = /:\d+$/.exec(first)?.[0];
  if (values.length === 1) return first;
  return port !== undefined && values.every((each) => each.endsWith(port))
    ? l10n.t('own address{0}', port)
    : l10n.t('another of each');
}

function sourceText({ senders }: GroupArrow): string {
  const sources = [...new Set(senders.map(({ source }) => source))];
  return sources.length === 1 ? (sources[0] ?? '') : l10n.t('{0} addresses', sources.length);
}

function destinationText({ destinations, ownPorts }: GroupArrow): string {
  const [first = ''] = destinations;
  if (destinations.length === 1) return first;
  const [own] = ownPorts;
  return ownPorts.length === 1 && own !== undefined
    ? l10n.t('own address{0}', `:${own}`)
    : l10n.t('{0} addresses', destinations.length);
}

export function lineText({ parts }: Line): string {
  return parts.map(({ text }) => text).join('');
}

/** An arrow in one sentence, which names what it is between as it is drawn. */
export function arrowSentence(arrow: GroupArrow, groups: readonly Group[]): string {
  const [from, to] = [groups[arrow.from], groups[arrow.to]];
  if (from === undefined || to === undefined) return '';
  const words = linesOf(arrow).map(lineText).join('; ');
  return l10n.t('{0} to {1}: {2}', shortened(titleOf(from)), shortened(titleOf(to)), words);
}

/** How much is said of a long name: all of it, or what is drawn. */
type Extent = 'whole' | 'as drawn';

/** A box in one sentence. */
export function groupSentence(group: Group, frame: FrameGroup | undefined, extent: Extent = 'whole'): string {
  const [name, words] = extent === 'whole' ? [asItIs, asItIs] : [shortened, shortenedWords];
  const isPlaced = frame !== undefined && frame.members.length > 0 && group.first.kind !== 'node';
  const place = isPlaced ? l10n.t(', on {0}', name(frameTitle(frame))) : '';
  const named = [titleOf(group), detailOf(group)].filter((each) => each !== '').map(name);
  const gates = gatesOf(group).flatMap((gate) => {
    const text = gateText(gate);
    return text === '' ? [] : [words(text)];
  });
  return `${[named.join(', '), ...gates, ...endsOf(group).map((end) => words(endText(end)))].join('; ')}${place}`;
}

const asItIs = (text: string): string => text;

/** A frame in one sentence, as it is drawn. */
export function frameSentence(frame: FrameGroup): string {
  const parts = [shortened(frameTitle(frame)), shortenedWords(frameNote(frame))];
  return parts.filter((each) => each !== '').join(': ');
}

/** Why a frame's nodes get nothing; empty where they do. */
export function frameNote({ members }: FrameGroup): string {
  return members[0]?.leftOut ?? '';
}

/** Who sees whom as the sender. */
export interface Sight {
  readonly who: string;
  readonly sees: string;
  /** What has become of the address of whoever asks. */
  readonly client: string;
}

export function sightsOf(groups: readonly Group[], arrows: readonly GroupArrow[]): Sight[] {
  const asking = groups.find(({ first }) => first.isAsking);
  if (asking === undefined) return [];
  const client = asking.first.party;
  const seesClient = (index: number): boolean =>
    groups[index]?.first.isAsking === true ||
    arrows.some(({ to, senders }) => to === index && senders.some(({ owner }) => owner === client));
  const inOrder = [...groups.entries()].toSorted(([, a], [, b]) => a.column - b.column);
  const sights = inOrder.flatMap(([index, group]): Sight[] => {
    const coming = arrows.filter(({ to }) => to === index);
    if (coming.length === 0) return [];
    const all = coming.flatMap(({ senders }) => senders).map((each) => [`${each.source} ${each.owner}`, each] as const);
    const senders = [...new Map(all).values()];
    const named = senders.slice(0, mostSenders).map(({ source, owner }) => `${source} (${owner})`);
    const more = senders.length - named.length;
    const sees = named.join(', ');
    const [gate] = gatesOf(group).filter(({ direction }) => direction === 'ingress');
    const isOther = gate !== undefined && gate.sees.some((each) => !senders.some(({ source }) => source === each));
    const seenAtGate = gate?.sees.slice(0, mostSenders).join(', ') ?? '';
    return [
      ...(isOther
        ? [{ who: l10n.t('{0}, at its gate', titleOf(group)), sees: seenAtGate, client: gateClient(gate, asking) }]
        : []),
      {
        who: titleOf(group) + (group.count > 1 ? ` ${detailOf(group)}` : ''),
        sees: more > 0 ? l10n.t('{0}, and {1} more', sees, more) : sees,
        client: !seesClient(index)
          ? coming.some(({ from }) => seesClient(from))
            ? l10n.t('lost here')
            : l10n.t('lost before')
          : senders.every(({ owner }) => owner === client)
            ? l10n.t('seen')
            : l10n.t('seen on some paths'),
      },
    ];
  });
  // Those that see the same are one row.
  return [...Map.groupBy(sights, ({ sees, client: seen }) => `${sees} ${seen}`).values()].flatMap(
    ([first, ...others]) =>
      first === undefined ? [] : [{ ...first, who: [first, ...others].map(({ who }) => who).join(', ') }],
  );
}

/** Whether a gate still sees the address of whoever asks. */
function gateClient({ sees }: DiagramGate, { members }: Group): string {
  const own = members.map(({ address }) => address);
  const seen = sees.filter((each) => own.includes(each)).length;
  return seen === 0 ? l10n.t('lost before') : seen === sees.length ? l10n.t('seen') : l10n.t('seen on some paths');
}

/** As many senders as are named. */
const mostSenders = 3;

/** As many letters of a name as are drawn. */
const mostLetters = 48;

/** Whatever is longer stands where somebody looks at it. */
export function shortened(text: string): string {
  const letters = [...text];
  return letters.length <= mostLetters
    ? text
    : `${letters.slice(0, mostLetters - 12).join('')}…${letters.slice(-11).join('')}`;
}

/** A sentence with no word longer than what is drawn of one. */
export function shortenedWords(text: string): string {
  return text.split(' ').map(shortened).join(' ');
}
