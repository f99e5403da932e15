import Fraction from 'fraction.js';
import type { DiagramBox, DiagramEnd } from '../../shared/trace/diagram.ts';
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

const plurals: Readonly<Record<DiagramBox['kind'], string>> = {
  client: 'clients',
  lb: 'load balancers',
  node: 'nodes',
  pod: 'pods',
  external: 'addresses',
};

export function titleOf({ first, count }: Group): string {
  if (count === 1) return first.party;
  // The one that stands for the rest stands apart from those that are followed one by one.
  const more = first.frame === null && first.standsFor === count ? ' more' : '';
  return `${count.toLocaleString('en')}${more} ${plurals[first.kind]}`;
}

/** Which they are: an address, or the first and the last name. */
export function detailOf({ first, members, count }: Group): string {
  if (count === 1) return first.address === first.party ? '' : first.address;
  if (first.service !== null) return `of Service ${first.service.replace(/^default\//, '')}`;
  const isAll = members.length === count;
  return `${first.party} … ${isAll ? (members.at(-1)?.party ?? '') : ''}`.trim();
}

export function frameTitle({ members, count }: FrameGroup): string {
  const [first] = members;
  if (first === undefined) return '';
  if (count === 1) return first.name;
  const names = `${first.name} … ${members.length === count ? (members.at(-1)?.name ?? '') : ''}`.trim();
  return `${count.toLocaleString('en')} nodes: ${names}`;
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
  const part = [shareText(share), each === null ? '' : `${each.toFraction()} each`].filter((text) => text !== '');
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
      plain('rewrite', kind === 'proxy' ? "the proxy's own connection" : `${kind}, was ${some(was)}`),
    ),
  ];
}

function crossingText(crossing: Fraction): string {
  return crossing.equals(1) ? 'crosses nodes' : `${percent(crossing)} of it crosses nodes`;
}

function some(values: readonly string[]): string {
  const [first = ''] = values;
  const port = /:\d+$/.exec(first)?.[0];
  if (values.length === 1) return first;
  return port !== undefined && values.every((each) => each.endsWith(port)) ? `own address${port}` : 'another of each';
}

function sourceText({ senders }: GroupArrow): string {
  const sources = [...new Set(senders.map(({ source }) => source))];
  return sources.length === 1 ? (sources[0] ?? '') : `${sources.length} addresses`;
}

function destinationText({ destinations, ownPorts }: GroupArrow): string {
  const [first = ''] = destinations;
  if (destinations.length === 1) return first;
  return ownPorts.length === 1 ? `own address:${ownPorts[0]}` : `${destinations.length} addresses`;
}

export function lineText({ parts }: Line): string {
  return parts.map(({ text }) => text).join('');
}

/** An arrow in one sentence. */
export function arrowSentence(arrow: GroupArrow, groups: readonly Group[]): string {
  const [from, to] = [groups[arrow.from], groups[arrow.to]];
  if (from === undefined || to === undefined) return '';
  return `${titleOf(from)} to ${titleOf(to)}: ${linesOf(arrow).map(lineText).join('; ')}`;
}

/** A box in one sentence. */
export function groupSentence(group: Group, frame: FrameGroup | undefined): string {
  const place =
    frame === undefined || frame.members.length === 0 || group.first.kind === 'node' ? '' : `, on ${frameTitle(frame)}`;
  const ends = endsOf(group).map((end) => `; ${endText(end)}`);
  const detail = detailOf(group);
  return `${titleOf(group)}${detail === '' ? '' : `, ${detail}`}${ends.join('')}${place}`;
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
    const more = senders.length > mostSenders ? `, and ${senders.length - mostSenders} more` : '';
    return [
      {
        who: titleOf(group) + (group.count > 1 ? ` ${detailOf(group)}` : ''),
        sees: named.join(', ') + more,
        client: !seesClient(index)
          ? coming.some(({ from }) => seesClient(from))
            ? 'lost here'
            : 'lost before'
          : senders.every(({ owner }) => owner === client)
            ? 'seen'
            : 'seen on some paths',
      },
    ];
  });
  // Those that see the same are one row.
  return [...Map.groupBy(sights, ({ sees, client: seen }) => `${sees} ${seen}`).values()].flatMap(
    ([first, ...others]) =>
      first === undefined ? [] : [{ ...first, who: [first, ...others].map(({ who }) => who).join(', ') }],
  );
}

/** As many senders as are named. */
const mostSenders = 3;
