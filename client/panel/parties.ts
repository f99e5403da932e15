import Fraction from 'fraction.js';
import type { TraceJson } from '../../shared/trace/traceJson.ts';
import { isLost } from '../../shared/trace/verdict.ts';

/** Who has packets of a trace, a box each, and what goes from one to another. */
export interface Parties {
  readonly boxes: ReadonlyMap<string, PartyBox>;
  readonly legs: readonly Leg[];
}

export interface PartyBox {
  readonly kind: 'client' | 'lb' | 'node' | 'pod' | 'external' | 'verdict' | 'answer';
  readonly title: string;
  readonly detail: string;
}

export interface Leg {
  readonly from: string;
  readonly to: string;
  /** Addresses as the packet arrives; what its sender did to it stands on the arrow before. Empty at an end. */
  readonly lines: readonly string[];
  readonly crossesNodes: boolean;
  readonly share: Fraction;
}

/** More boxes than this can't be told apart in a panel's width: alike ones are drawn as one. */
const mostBoxes = 24;

export function partiesOf({ nodes, moves }: Pick<TraceJson, 'nodes' | 'moves'>): Parties {
  const boxes = new Map<string, PartyBox>();
  const legs: Leg[] = [];
  /** The Service whose packets a box is there for. */
  const whose = new Map<string, string>();
  // A party has one box, but whoever asks has another as the one who asks.
  const asking = new Set([0]);
  for (const move of moves) if (move.kind === 'on' && asking.has(move.from)) asking.add(move.to);
  const boxOf = (index: number): string => {
    const { party = 'client', address = '' } = nodes[index] ?? {};
    const id = asking.has(index) ? `start ${party}` : party;
    if (!boxes.has(id)) boxes.set(id, { kind: boxKind(party), title: party, detail: address });
    return id;
  };
  for (const move of moves) {
    const { kind, from } = move;
    const share = new Fraction(move.probability);
    if (kind === 'hop') {
      const { source = '', destination = '' } = nodes[move.to] ?? {};
      const { crossesNodes } = move;
      const lines = [`${source} →`, destination, ...(crossesNodes ? ['crosses nodes'] : [])];
      legs.push({ from: boxOf(from), to: boxOf(move.to), lines, crossesNodes, share });
    } else if (kind === 'end' && move.verdict.kind === 'delivered') {
      const { namespace, service } = move.verdict;
      whose.set(boxOf(from), `${namespace}/${service}`);
    } else if (kind === 'end') {
      const { verdict } = move;
      const at = boxOf(from);
      const end = `verdict ${verdict.kind} ${verdict.reason ?? ''} ${at}`;
      boxes.set(end, {
        kind: isLost(verdict) ? 'verdict' : 'answer',
        title: verdict.status === null ? verdict.kind : `${verdict.kind} ${verdict.status}`,
        detail: verdict.reason ?? '',
      });
      legs.push({ from: at, to: end, lines: [], crossesNodes: false, share });
    }
  }
  const all = { boxes, legs: joined(legs) };
  if (boxes.size <= mostBoxes) return all;
  const alike = folded(all, (id) => [whose.get(id), ...sharesInto(all, id)].join());
  return alike.boxes.size <= mostBoxes ? alike : folded(all, (id) => whose.get(id) ?? '');
}

/** What share of the packets comes to a box from each other one. */
function sharesInto({ legs }: Parties, id: string): string[] {
  return legs
    .filter(({ to }) => to === id)
    .map(({ share }) => share.toFraction())
    .toSorted();
}

/** One leg for all between the same two, with its addresses where they are the same for all. */
function joined(legs: readonly Leg[]): Leg[] {
  return [...Map.groupBy(legs, ({ from, to }) => `${from}\n${to}`).values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const isAlike = group.every(({ lines }) => lines.join() === first.lines.join());
    const crossing = group.filter(({ crossesNodes }) => crossesNodes).length;
    const some = crossing > 0 && crossing < group.length ? ['some cross nodes'] : [];
    const share = group.reduce((sum, each) => sum.add(each.share), new Fraction(0));
    return { ...first, share, lines: isAlike ? first.lines : some, crossesNodes: crossing === group.length };
  });
}

/**
 * Those of one kind that get packets from the same ones, send to the same ones, and are alike otherwise, are one box.
 */
function folded({ boxes, legs }: Parties, alikeBy: (id: string) => string): Parties {
  const isEnd = ({ kind }: PartyBox): boolean => kind === 'verdict' || kind === 'answer';
  // Each party has an end of its own; of those that say the same one is enough.
  const endOf = (id: string): string => {
    const box = boxes.get(id);
    return box !== undefined && isEnd(box) ? `${box.title} ${box.detail}` : id;
  };
  const before = neighbours(legs.map(({ from, to }) => [endOf(to), endOf(from)]));
  const after = neighbours(legs.map(({ from, to }) => [endOf(from), endOf(to)]));
  const groupOf = (id: string, box: PartyBox): string =>
    isEnd(box) ? endOf(id) : [box.kind, before.get(id) ?? '', after.get(id) ?? '', alikeBy(id)].join('\n');
  const groups = [...Map.groupBy(boxes, ([id, box]) => groupOf(id, box)).values()];
  const idOf = new Map(groups.flatMap((group) => group.map(([id]) => [id, group[0]?.[0] ?? id] as const)));
  return {
    boxes: new Map(
      groups.flatMap((group) => {
        const [first] = group;
        return first === undefined
          ? []
          : [
              [
                first[0],
                together(
                  group.map(([, box]) => box),
                  first[1],
                ),
              ] as const,
            ];
      }),
    ),
    legs: joined(legs.map((leg) => ({ ...leg, from: idOf.get(leg.from) ?? leg.from, to: idOf.get(leg.to) ?? leg.to }))),
  };
}

/** All that stand beside the first of some pairs, as one text that is the same for the same ones. */
function neighbours(pairs: readonly (readonly [string, string])[]): Map<string, string> {
  const groups = Map.groupBy(pairs, ([id]) => id);
  return new Map([...groups].map(([id, own]) => [id, [...new Set(own.map(([, other]) => other))].toSorted().join()]));
}

const plurals: Readonly<Record<PartyBox['kind'], string>> = {
  client: 'clients',
  lb: 'load balancers',
  node: 'nodes',
  pod: 'pods',
  external: 'addresses',
  verdict: '',
  answer: '',
};

function together(boxes: readonly PartyBox[], first: PartyBox): PartyBox {
  const plural = plurals[first.kind];
  const last = boxes.at(-1) ?? first;
  if (boxes.length === 1 || plural === '') return first;
  return { kind: first.kind, title: `${boxes.length} ${plural}`, detail: `${first.title} … ${last.title}` };
}

function boxKind(party: string): PartyBox['kind'] {
  const [kind] = party.split('/');
  return kind === 'lb' || kind === 'node' || kind === 'pod' || kind === 'external' ? kind : 'client';
}
