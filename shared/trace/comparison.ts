import Fraction from 'fraction.js';
import { isWhatIf } from '../cluster/whatIf.ts';
import type { MoveJson, NodeJson, TraceJson } from './traceJson.ts';
import { reasonText } from './verdictText.ts';

/**
 * Two traces, one beside the other: what anyone would notice, line by line. All shares are of the whole graph, not of
 * the paths that are listed.
 */
export interface ComparedLine {
  /** What is compared: `delivered`, `pod/web-0 gets`. */
  readonly what: string;
  /** As it is in either; empty where that has none of it. */
  readonly before: string;
  readonly after: string;
  readonly isSame: boolean;
}

type Compared = Pick<TraceJson, 'summary' | 'paths' | 'nodes' | 'moves' | 'assumptions'>;

/** As many receivers, and as many sources, as are listed though some are the same in both. */
const mostAlike = 12;

export function comparedTraces(before: Compared, after: Compared): readonly ComparedLine[] {
  const [a, b] = [seenIn(before), seenIn(after)];
  return [
    line('summary', before.summary.text, after.summary.text),
    line('hops', hopsText(before), hopsText(after)),
    ...linesOf(a.verdicts, b.verdicts, (verdict) => verdict),
    ...fewLines(
      linesOf(a.receivers, b.receivers, (party) => `${party} gets`),
      mostAlike,
    ),
    ...fewLines(
      linesOf(a.sources, b.sources, (source) => `source seen: ${source}`),
      mostAlike,
    ),
    ...fewLines(
      linesOf(assumedIn(before), assumedIn(after), () => 'assumed'),
      0,
    ),
  ];
}

/** A line each for what either has, in the order of the first; shares as they are, `1` as all. */
function linesOf(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  called: (key: string) => string,
): ComparedLine[] {
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys].map((key) => line(called(key), before.get(key) ?? '', after.get(key) ?? ''));
}

function line(what: string, before: string, after: string): ComparedLine {
  return { what, before, after, isSame: before === after };
}

/** Where there are more than `most` lines, those that are the same are one. */
function fewLines(lines: readonly ComparedLine[], most: number): ComparedLine[] {
  const alike = lines.filter(({ isSame }) => isSame);
  const [first] = alike;
  if (lines.length <= most || first === undefined || alike.length === 1) return [...lines];
  const text = `the same in ${alike.length} more lines`;
  return [...lines.filter(({ isSame }) => !isSame), line(first.what, text, text)];
}

interface Seen {
  readonly verdicts: ReadonlyMap<string, string>;
  readonly receivers: ReadonlyMap<string, string>;
  /** Addresses that whoever gets the packets sees as their source, with whose they are. */
  readonly sources: ReadonlyMap<string, string>;
}

function seenIn({ paths, nodes, moves }: Compared): Seen {
  const owners = new Map([
    ...nodes.map(({ party, address }) => [address, party] as const),
    ...paths.flatMap(({ source }) => (source === null ? [] : [[source.atPod, source.party] as const])),
  ]);
  const ends = moves.filter((move) => move.kind === 'end');
  const delivered = ends.filter(({ verdict }) => verdict.kind === 'delivered');
  const at = ({ from }: MoveJson): NodeJson | undefined => nodes[from];
  return {
    verdicts: sharesBy(ends, ({ verdict: { kind, status, reason } }) => {
      const said = status === null ? kind : `${kind} ${status}`;
      return reason === null ? said : `${said}: ${reasonText[reason]}`;
    }),
    receivers: sharesBy(delivered, (move) => at(move)?.party ?? ''),
    sources: sharesBy(delivered, (move) => {
      const source = at(move)?.source ?? '';
      const owner = owners.get(source);
      return owner === undefined ? source : `${source} (${owner})`;
    }),
  };
}

type End = Extract<MoveJson, { kind: 'end' }>;

function sharesBy(ends: readonly End[], keyOf: (end: End) => string): ReadonlyMap<string, string> {
  const groups = Map.groupBy(ends, keyOf);
  const shares = [...groups].map(([key, all]): [string, string] => {
    const sum = all.reduce((share, { probability }) => share.add(new Fraction(probability)), new Fraction(0));
    return [key, shareText(sum)];
  });
  return new Map(shares);
}

/** `1/4 (25 %)`; `all` for everything. */
export function shareText(share: Fraction): string {
  if (share.equals(1)) return 'all';
  const percent = share.mul(100);
  const rounded = percent.valueOf() < 1 ? percent.valueOf().toPrecision(1) : String(Math.round(percent.valueOf()));
  return `${share.toFraction()} (${percent.d === 1n ? '' : '~'}${rounded} %)`;
}

function hopsText({ summary: { hops } }: Compared): string {
  if (hops === null) return '';
  return hops.min === hops.max ? String(hops.min) : `${hops.min}-${hops.max}`;
}

/** Without the what-if that is compared: it is asked for, and no difference that was found. */
function assumedIn({ assumptions }: Compared): ReadonlyMap<string, string> {
  return new Map(assumptions.filter(({ id }) => !isWhatIf(id)).map(({ id, text }) => [id, text]));
}
