import Fraction from 'fraction.js';
import { hostPort } from '../cluster/address.ts';
import { verdictText } from './verdictText.ts';
import { partyId, type Trace } from './trace.ts';

/** A trace as a Mermaid flowchart: parties as boxes, hops as arrows with the share of the packets that takes them. */
export function traceMermaid({ paths }: Trace): string {
  const boxes = new Map<string, string>();
  const arrows = new Map<string, { text: string; share: Fraction }>();
  const box = (key: string, label: string): string => {
    const id = boxes.get(key);
    if (id !== undefined) return id;
    const made = `p${boxes.size}`;
    boxes.set(key, made);
    lines.push(`  ${made}["${escaped(label)}"]`);
    return made;
  };
  const lines = ['flowchart LR'];
  for (const { hops, verdict, probability } of paths) {
    for (const [index, { from, to, packet }] of hops.entries()) {
      const start = box(`${index}:${partyId(from)}`, `${partyId(from)} ${from.address}`.trim());
      const end = box(`${index + 1}:${partyId(to)}`, `${partyId(to)} ${to.address}`.trim());
      const text = `${packet.source} to ${hostPort(packet.destination.address, packet.destination.port)}`;
      const key = `${start} ${end} ${text}`;
      arrows.set(key, { text, share: (arrows.get(key)?.share ?? new Fraction(0)).add(probability) });
    }
    if (verdict.kind === 'delivered') continue;
    const last = hops.at(-1);
    const start = box(
      last === undefined ? 'start' : `${hops.length}:${partyId(last.to)}`,
      last === undefined ? 'client' : partyId(last.to),
    );
    const key = `${start} ${box(`verdict ${hops.length} ${verdictText(verdict)}`, verdictText(verdict))} `;
    arrows.set(key, { text: '', share: (arrows.get(key)?.share ?? new Fraction(0)).add(probability) });
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
