import Fraction from 'fraction.js';
import { hostPort } from '../cluster/address.ts';
import { likelihood, probabilitiesOf } from './ends.ts';
import { depthsOf, type Trace } from './graph.ts';
import { type Party, partyId } from './trace.ts';
import { verdictText } from './verdictText.ts';

/** A trace as a Mermaid flowchart: parties as boxes, hops as arrows with the share of the packets that takes them. */
export function traceMermaid({ graph }: Trace): string {
  const boxes = new Map<string, string>();
  const arrows = new Map<string, { text: string; share: Fraction }>();
  const lines = ['flowchart LR'];
  const box = (key: string, label: string): string => {
    const id = boxes.get(key);
    if (id !== undefined) return id;
    const made = `p${boxes.size}`;
    boxes.set(key, made);
    lines.push(`  ${made}["${escaped(label)}"]`);
    return made;
  };
  const boxOf = (party: Party, depth: number): string =>
    box(`${depth}:${partyId(party)}`, `${partyId(party)} ${party.address}`.trim());
  const arrow = (start: string, end: string, text: string, share: Fraction): void => {
    const key = `${start} ${end} ${text}`;
    arrows.set(key, { text, share: (arrows.get(key)?.share ?? new Fraction(0)).add(share) });
  };
  const depths = depthsOf(graph);
  const probabilities = probabilitiesOf(graph);
  for (const { node, move } of graph.moves) {
    const { goes } = move;
    const share = likelihood(probabilities, node, move.share);
    const depth = depths.get(node) ?? 0;
    if (goes.kind === 'hop') {
      const { at, packet } = goes.to.arrival;
      const { source, destination } = packet;
      const start = boxOf(goes.hop.from, depth);
      arrow(
        start,
        boxOf(at, depths.get(goes.to) ?? depth + 1),
        `${source} to ${hostPort(destination.address, destination.port)}`,
        share,
      );
    } else if (goes.kind === 'end' && goes.verdict.kind !== 'delivered') {
      const { at, hasCome } = node.arrival;
      const start = hasCome ? boxOf(at, depth) : box('start', partyId(at));
      const text = verdictText(goes.verdict);
      arrow(start, box(`verdict ${depth} ${text}`, text), '', share);
    }
  }
  for (const [key, { text, share }] of arrows) {
    const [start, end] = key.split(' ');
    const label = [text, share.toFraction()].filter((each) => each !== '' && each !== '1').join(', ');
    lines.push(`  ${start} -->|"${escaped(label)}"| ${end}`);
  }
  return `${lines.join('\n').replaceAll('-->|""|', '-->')}\n`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/\s+/g, ' ');
}
