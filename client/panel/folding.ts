import Fraction from 'fraction.js';
import type { Diagram, DiagramBox, DiagramFrame, DiagramLeg } from '../../shared/trace/diagram.ts';

/** A diagram with alike boxes drawn as one: each group is one box of the picture. */
export interface Folded {
  /** The first holds what is on no node. */
  readonly frames: readonly FrameGroup[];
  readonly groups: readonly Group[];
  readonly arrows: readonly GroupArrow[];
  /** The reply's way: from whoever sends it on. */
  readonly replies: readonly GroupArrow[];
}

export interface FrameGroup {
  /** Empty for what is on no node. */
  readonly members: readonly DiagramFrame[];
  /** How many nodes they are; members may stand for more. */
  readonly count: number;
}

export interface Group {
  /** The same from one trace to the next. */
  readonly id: string;
  readonly members: readonly DiagramBox[];
  readonly first: DiagramBox;
  readonly count: number;
  /** Index of its frame. */
  readonly frame: number;
  /** How far it is from whoever asks, in hops, at most. */
  readonly column: number;
}

/** All that goes from one group to another. */
export interface GroupArrow {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  /** Of all packets. */
  readonly share: Fraction;
  /** What each that gets them has of it; null where they differ, or it is one. */
  readonly each: Fraction | null;
  /** What share of these cross nodes. */
  readonly crossing: Fraction;
  /** Whatever occurs, each once: the packet's source and whose it is. */
  readonly senders: readonly Sender[];
  readonly destinations: readonly string[];
  /** The port, where each gets it at an address of its own. */
  readonly ownPorts: readonly number[];
  readonly rewrites: readonly GroupRewrite[];
  readonly because: readonly number[];
}

export interface Sender {
  readonly source: string;
  readonly owner: string;
}

export interface GroupRewrite {
  readonly kind: DiagramLeg['rewrites'][number]['kind'];
  /** What stood there before; whatever occurs. */
  readonly was: readonly string[];
}

/** How much is drawn as one. */
export type Likeness =
  /** Nothing. */
  | 'none'
  /** Boxes of one node that do the same with the same share. */
  | 'on-node'
  /** Such nodes too. */
  | 'nodes'
  /** Whatever the shares are. */
  | 'shares'
  /** All of one kind, or of one Service. */
  | 'kinds';

/** As many boxes as are drawn one by one. */
const mostApart = 14;
/** As many groups as can be told apart in a panel. */
const mostGroups = 24;

/** The least likeness that makes a picture that can be read. */
export function likenessOf(diagram: Diagram): Likeness {
  // Of very many only the first are there: they can't be drawn as if they were all.
  if (diagram.boxes.some(({ standsFor }) => standsFor > 1)) return 'kinds';
  if (diagram.boxes.length + diagram.frames.length <= mostApart) return 'none';
  const steps: readonly Likeness[] = ['on-node', 'nodes', 'shares'];
  return (
    steps.find((likeness) => {
      const { ofFrames, ofBoxes } = classesOf(diagram, likeness, new Set());
      return new Set(ofBoxes).size + new Set(ofFrames).size <= mostGroups;
    }) ?? 'kinds'
  );
}

/** `apart` are the parties and nodes (`frame node-1`) that are drawn alone, whatever they are like. */
export function folded(diagram: Diagram, likeness: Likeness, apart: ReadonlySet<string>): Folded {
  const { ofFrames, ofBoxes } = classesOf(diagram, likeness, apart);
  const frameClasses = [...new Set(ofFrames)];
  const frames: FrameGroup[] = [
    { members: [], count: 0 },
    ...frameClasses.map((each) => {
      const members = diagram.frames.flatMap((frame, index) => (ofFrames[index] === each ? [{ frame, index }] : []));
      return {
        members: members.map(({ frame }) => frame),
        count: members.reduce((sum, { index }) => sum + nodesIn(diagram, index), 0),
      };
    }),
  ];
  const columns = columnsOf(diagram);
  const classes = [...new Set(ofBoxes)];
  const groups = classes.flatMap((each): Group[] => {
    const indexes = diagram.boxes.flatMap((_, index) => (ofBoxes[index] === each ? [index] : []));
    const members = indexes.flatMap((index) => diagram.boxes[index] ?? []);
    const [first] = members;
    if (first === undefined) return [];
    const framed = members.find(({ frame }) => frame !== null)?.frame ?? null;
    return [
      {
        id: `${first.isAsking ? 'start ' : ''}${first.party} ${columns[indexes[0] ?? 0]}`,
        members,
        first,
        count: members.reduce((sum, { standsFor }) => sum + standsFor, 0),
        frame: framed === null ? 0 : frameClasses.indexOf(ofFrames[framed] ?? -1) + 1,
        column: Math.max(...indexes.map((index) => columns[index] ?? 0)),
      },
    ];
  });
  const groupOf = ofBoxes.map((each) => classes.indexOf(each));
  return {
    frames,
    groups,
    arrows: arrowsOf(diagram, groups, groupOf),
    replies: repliesOf(diagram, groupOf),
  };
}

/** How many nodes a frame stands for. */
function nodesIn({ boxes }: Diagram, frame: number): number {
  return boxes.reduce(
    (most, box) => (box.kind === 'node' && box.frame === frame ? Math.max(most, box.standsFor) : most),
    1,
  );
}

/** After how many hops packets come to each box, at most. */
function columnsOf({ boxes, legs }: Diagram): number[] {
  const columns = boxes.map(() => 0);
  const outgoing = Map.groupBy(legs, ({ from }) => from);
  const waiting = boxes.map(() => 0);
  for (const { to } of legs) for (const each of to) waiting[each] = (waiting[each] ?? 0) + 1;
  const free = boxes.flatMap((_, index) => (waiting[index] === 0 ? [index] : []));
  for (const from of free)
    for (const { to } of outgoing.get(from) ?? [])
      for (const each of to) {
        columns[each] = Math.max(columns[each] ?? 0, (columns[from] ?? 0) + 1);
        waiting[each] = (waiting[each] ?? 0) - 1;
        if (waiting[each] === 0) free.push(each);
      }
  return columns;
}

/** For each frame and each box its class: those of one class are drawn as one. */
interface Classes {
  readonly ofFrames: readonly number[];
  readonly ofBoxes: readonly number[];
}

/** Numbers for texts: the same for the same. */
function numbering(): (text: string) => number {
  const known = new Map<string, number>();
  return (text) => {
    const number = known.get(text) ?? known.size;
    known.set(text, number);
    return number;
  };
}

function classesOf(diagram: Diagram, likeness: Likeness, apart: ReadonlySet<string>): Classes {
  const { boxes, frames } = diagram;
  const alone = ({ party }: DiagramBox): string => (apart.has(party) ? party : '');
  const isFrameAlone = (index: number): boolean => apart.has(`frame ${frames[index]?.name}`);
  if (likeness === 'none') return { ofFrames: [...frames.keys()], ofBoxes: [...boxes.keys()] };
  if (likeness === 'kinds') {
    const number = numbering();
    const framesByEnds = frames.map((frame, index) => {
      const own = boxes.filter((box) => box.frame === index && box.kind === 'node').map(endsText);
      return number(JSON.stringify([frame.leftOut, isFrameAlone(index) ? index : null, own]));
    });
    // Those that stand for the rest are wherever the others are, unless some nodes are drawn apart: those have more.
    const isWhole = !frames.some((_, index) => isFrameAlone(index));
    const home = new Map(
      boxes.flatMap(({ kind, service, frame }) =>
        frame === null || !isWhole ? [] : [[`${kind} ${service}`, framesByEnds[frame]] as const],
      ),
    );
    const boxNumber = numbering();
    return {
      ofFrames: framesByEnds,
      ofBoxes: boxes.map((box) => {
        const frame =
          box.frame === null
            ? box.standsFor > 1
              ? home.get(`${box.kind} ${box.service}`)
              : undefined
            : framesByEnds[box.frame];
        const name = isMany(box.kind) ? '' : box.party;
        return boxNumber(
          JSON.stringify([box.kind, name, box.isAsking, box.service, endsText(box), alone(box), frame ?? null]),
        );
      }),
    };
  }
  return refined(diagram, {
    isByShare: likeness !== 'shares',
    isByFrame: likeness === 'on-node',
    alone,
    isFrameAlone,
  });
}

/** Those of which there can be many alike ones. */
function isMany(kind: DiagramBox['kind']): boolean {
  return kind === 'node' || kind === 'pod' || kind === 'external';
}

function endsText({ ends, gates }: DiagramBox): string {
  return [
    ...ends.map(({ kind, reason }) => `${kind} ${reason}`),
    ...gates.map(({ direction, policies }) => `${direction} ${policies.join()}`),
  ].join();
}

interface Distinctions {
  readonly isByShare: boolean;
  readonly isByFrame: boolean;
  readonly alone: (box: DiagramBox) => string;
  readonly isFrameAlone: (index: number) => boolean;
}

/** Boxes are alike whose neighbours are, to any distance: the classes are split until none has to be. */
function refined(
  { boxes, frames, legs }: Diagram,
  { isByShare, isByFrame, alone, isFrameAlone }: Distinctions,
): Classes {
  const start = numbering();
  let ofBoxes = boxes.map((box) =>
    start(
      JSON.stringify([
        box.kind,
        isMany(box.kind) ? '' : box.party,
        box.isAsking,
        box.service,
        endsText(box),
        isByShare ? box.delivered : box.delivered === null,
        alone(box),
      ]),
    ),
  );
  for (;;) {
    const number = numbering();
    const inFrames = frames.map((): number[] => []);
    for (const [index, { frame }] of boxes.entries()) if (frame !== null) inFrames[frame]?.push(ofBoxes[index] ?? 0);
    const ofFrames = frames.map((frame, index) =>
      isByFrame
        ? index
        : number(JSON.stringify([frame.leftOut, isFrameAlone(index) ? index : null, counted(inFrames[index] ?? [])])),
    );
    const around = boxes.map((): string[] => []);
    for (const leg of legs) {
      const classes = leg.to.map((each) => ofBoxes[each] ?? 0);
      const how = `${isByShare ? leg.share : ''} ${leg.crossesNodes} ${leg.rewrites.map(({ kind }) => kind).join()}`;
      around[leg.from]?.push(
        `> ${how} ${isByShare ? counted(classes) : [...new Set(classes)].toSorted(byNumber).join()}`,
      );
      for (const each of leg.to) around[each]?.push(`< ${how} ${ofBoxes[leg.from]}`);
    }
    const next = numbering();
    const split = boxes.map(({ frame }, index) => {
      const near = around[index]?.toSorted() ?? [];
      return next(
        JSON.stringify([
          ofBoxes[index],
          frame === null ? null : ofFrames[frame],
          isByShare ? near : [...new Set(near)],
        ]),
      );
    });
    const isSettled = new Set(split).size === new Set(ofBoxes).size;
    ofBoxes = split;
    if (isSettled) return { ofFrames, ofBoxes };
  }
}

const byNumber = (a: number, b: number): number => a - b;

/** Which numbers there are, and how often. */
function counted(numbers: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const each of numbers) counts.set(each, (counts.get(each) ?? 0) + 1);
  return [...counts]
    .toSorted(([a], [b]) => a - b)
    .map(([each, count]) => `${each}*${count}`)
    .join();
}

interface ArrowInMaking {
  readonly from: number;
  readonly to: number;
  share: Fraction;
  crossing: Fraction;
  readonly eachOf: Map<number, number>;
  readonly senders: Map<string, Sender>;
  readonly destinations: Set<string>;
  readonly ownPorts: Set<number>;
  readonly rewrites: Map<GroupRewrite['kind'], Set<string>>;
  readonly because: Set<number>;
}

function arrowsOf({ boxes, legs }: Diagram, groups: readonly Group[], groupOf: readonly number[]): GroupArrow[] {
  const arrows = new Map<string, ArrowInMaking>();
  for (const leg of legs) {
    const from = groupOf[leg.from] ?? 0;
    const share = new Fraction(leg.share);
    const each = share.valueOf();
    for (const [to, targets] of Map.groupBy(leg.to, (target) => groupOf[target] ?? 0)) {
      const arrow: ArrowInMaking = arrows.get(`${from} ${to}`) ?? {
        from,
        to,
        share: new Fraction(0),
        crossing: new Fraction(0),
        eachOf: new Map(),
        senders: new Map(),
        destinations: new Set(),
        ownPorts: new Set(),
        rewrites: new Map(),
        because: new Set(),
      };
      arrows.set(`${from} ${to}`, arrow);
      const sum = share.mul(targets.length);
      arrow.share = arrow.share.add(sum);
      if (leg.crossesNodes) arrow.crossing = arrow.crossing.add(sum);
      arrow.senders.set(`${leg.source} ${leg.owner}`, { source: leg.source, owner: leg.owner });
      for (const target of targets) {
        const box = boxes[target];
        if (box === undefined) continue;
        arrow.eachOf.set(target, (arrow.eachOf.get(target) ?? 0) + each / box.standsFor);
        if (leg.destination.kind === 'own') arrow.ownPorts.add(leg.destination.port);
        arrow.destinations.add(
          leg.destination.kind === 'own' ? socketOf(box.address, leg.destination.port) : leg.destination.socket,
        );
      }
      for (const { kind, was } of leg.rewrites)
        arrow.rewrites.set(kind, (arrow.rewrites.get(kind) ?? new Set()).add(was));
      for (const index of leg.because) arrow.because.add(index);
    }
  }
  return [...arrows.values()].map((arrow): GroupArrow => {
    const { from, to, share, crossing } = arrow;
    const [start, end] = [groups[from], groups[to]];
    const shares = [...arrow.eachOf.values()];
    const isEven = Math.max(...shares) - Math.min(...shares) < 1e-9 * Math.max(...shares);
    return {
      id: `${start?.id} > ${end?.id}`,
      from,
      to,
      share,
      each: isEven && (end?.count ?? 1) > 1 ? share.div(end?.count ?? 1) : null,
      crossing: share.equals(0) ? share : crossing.div(share),
      senders: [...arrow.senders.values()],
      destinations: [...arrow.destinations],
      ownPorts: [...arrow.ownPorts],
      rewrites: [...arrow.rewrites].map(([kind, was]) => ({ kind, was: [...was] })),
      because: [...arrow.because],
    };
  });
}

function socketOf(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function repliesOf({ replies }: Diagram, groupOf: readonly number[]): GroupArrow[] {
  const all = Map.groupBy(replies, ({ from, to }) => `${groupOf[from]} ${groupOf[to]}`);
  return [...all.values()].flatMap((group): GroupArrow[] => {
    const [first] = group;
    if (first === undefined) return [];
    const [from, to] = [groupOf[first.from] ?? 0, groupOf[first.to] ?? 0];
    return [
      {
        id: `reply ${from} ${to}`,
        from,
        to,
        share: new Fraction(1),
        each: null,
        crossing: new Fraction(0),
        senders: [...new Set(group.map(({ source }) => source))].map((source) => ({ source, owner: '' })),
        destinations: [...new Set(group.map(({ destination }) => destination))],
        ownPorts: [],
        rewrites: [],
        because: [],
      },
    ];
  });
}
