import Fraction from 'fraction.js';
import { hostPort } from '../cluster/address.ts';
import type { Because } from '../cluster/because.ts';
import { printable, printableStart } from '../manifest/printable.ts';
import { namesText } from '../network/policy/policyText.ts';
import { likelihood, probabilitiesOf } from './ends.ts';
import { depthsOf, type GraphNode, type Trace } from './graph.ts';
import { type GateMet, type Party, partyId, type PlaceOf } from './trace.ts';
import { verdictText } from './verdictText.ts';

/** An arrow: one that ends in a cross leads nowhere. */
interface Arrow {
  readonly start: string;
  readonly end: string;
  readonly head: '-->' | '--x';
  readonly text: string;
  /** Whom a gate stops. */
  readonly stopped: Set<string>;
  share: Fraction;
}

/**
 * A trace as a Mermaid flowchart: parties as boxes, hops as arrows with the share of the packets that takes them, a
 * pod's gate that policies judge at as a hexagon before the pod, or behind it.
 */
export function traceMermaid({ graph }: Trace, placeOf: PlaceOf): string {
  const boxes = new Map<string, string>();
  const arrows = new Map<string, Arrow>();
  const lines = ['flowchart LR'];
  const drawn = (key: string, [open, close]: readonly [string, string], label: string): string => {
    const id = boxes.get(key);
    if (id !== undefined) return id;
    const made = `p${boxes.size}`;
    boxes.set(key, made);
    lines.push(`  ${made}${open}"${label}"${close}`);
    return made;
  };
  const box = (key: string, label: string): string => drawn(key, ['[', ']'], escaped(label));
  const boxOf = (party: Party, depth: number): string =>
    box(`${depth}:${partyId(party)}`, `${partyId(party)} ${party.address}`.trim());
  const arrow = (
    start: string,
    end: string,
    share: Fraction,
    { text = '', head = '-->' }: Partial<Pick<Arrow, 'text' | 'head'>> = {},
  ): Arrow => {
    const key = `${start} ${end} ${text}`;
    const known = arrows.get(key) ?? { start, end, head, text, stopped: new Set(), share: new Fraction(0) };
    arrows.set(key, known);
    known.share = known.share.add(share);
    return known;
  };
  const depths = depthsOf(graph);
  const depthOf = (node: GraphNode): number => depths.get(node) ?? 0;
  const probabilities = probabilitiesOf(graph);
  const gateKey = (node: GraphNode, direction: GateMet['direction']): string =>
    `${direction} ${depthOf(node)}:${partyId(node.arrival.at)}`;
  const judged = new Set(
    graph.moves.flatMap(({ node, move }) => move.gates.map(({ direction }) => gateKey(node, direction))),
  );
  const gate = (node: GraphNode, direction: GateMet['direction']): string =>
    drawn(
      `gate ${gateKey(node, direction)}`,
      ['{{', '}}'],
      escaped(`gate ${direction === 'ingress' ? 'into' : 'out of'} ${partyId(node.arrival.at)}`),
    );
  for (const { node, move } of graph.moves) {
    const { goes } = move;
    const { at, hasCome, sender, packet: came } = node.arrival;
    const share = likelihood(probabilities, node, move.share);
    const depth = depthOf(node);
    for (const { direction, outcome, policies } of move.gates) {
      if (outcome !== 'passed') continue;
      const by = namesText(policies.map(shortName));
      if (direction === 'ingress') arrow(gate(node, direction), boxOf(at, depth), share, { text: `let in by ${by}` });
      else arrow(boxOf(at, depth), gate(node, direction), share, { text: `let out by ${by}` });
    }
    if (goes.kind === 'hop') {
      const { at: target, packet } = goes.to.arrival;
      const { source, destination } = packet;
      const start = judged.has(gateKey(node, 'egress')) ? gate(node, 'egress') : boxOf(goes.hop.from, depth);
      const isJudged = goes.to.moves.some(({ gates }) => gates.some(({ direction }) => direction === 'ingress'));
      const end = isJudged ? gate(goes.to, 'ingress') : boxOf(target, depths.get(goes.to) ?? depth + 1);
      arrow(start, end, share, { text: `${source} to ${hostPort(destination.address, destination.port)}` });
    } else if (goes.kind === 'end' && goes.verdict.kind !== 'delivered') {
      const stop = move.gates.find(({ outcome }) => outcome !== 'passed');
      const text = verdictText(goes.verdict);
      if (stop === undefined) {
        const start = hasCome ? boxOf(at, depth) : box('start', partyId(at));
        arrow(start, box(`verdict ${depth} ${text}`, text), share);
        continue;
      }
      const { direction, peer } = stop;
      if (direction === 'egress') arrow(boxOf(at, depth), gate(node, direction), share);
      const start = gate(node, direction);
      const [first] = goes.decisive;
      const why = first === undefined ? '' : `<br/>${escaped(becauseText(first, placeOf))}`;
      const end = drawn(`verdict ${depth} ${text} ${why}`, ['[', ']'], `${escaped(text)}${why}`);
      const whose = direction === 'ingress' && came.source === peer ? ` (${partyId(sender)})` : '';
      arrow(start, end, share, { head: '--x' }).stopped.add(`${peer}${whose}`);
    }
  }
  for (const { start, end, head, text, stopped, share } of arrows.values()) {
    const whom = stopped.size === 0 ? '' : `stops ${namesText([...stopped])}`;
    const label = [text, whom, share.toFraction()].filter((each) => each !== '' && each !== '1').join(', ');
    lines.push(label === '' ? `  ${start} ${head} ${end}` : `  ${start} ${head}|"${escaped(label)}"| ${end}`);
  }
  return `${lines.join('\n')}\n`;
}

function becauseText(because: Because, placeOf: PlaceOf): string {
  const place = because.kind === 'assumption' || because.field === null ? null : placeOf(because.field);
  return place === null ? because.text : `${because.text} (${place.file}:${place.line})`;
}

/** As much of a policy's name as an arrow has room for. */
function shortName(name: string): string {
  return printableStart(name, 60);
}

/** Mermaid takes `#lt;` for what HTML calls `&lt;`. */
function escaped(text: string): string {
  return printable(text.replace(/\s+/g, ' '))
    .replaceAll('#', '#35;')
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
