import type { PolicyPort } from '../../cluster/networkPolicy.ts';
import type { NearRule } from './gate.ts';

/** What a rule allows instead, as the rest of a sentence. */
export function nearText({ name, rule, lacks }: NearRule): string {
  return lacks === 'port'
    ? `${name} allows it on ${portsText(rule.ports)} alone`
    : `${name} allows that port, for others`;
}

/** The ports of a rule: `port 80`, `UDP 53 and 8053`, `every port`. */
export function portsText(ports: readonly PolicyPort[] | null): string {
  if (ports === null) return 'every port';
  const texts = ports.map(({ protocol, port, endPort }) => {
    const own = port === null ? 'every port' : `port ${port}${endPort === null ? '' : `-${endPort}`}`;
    return protocol === 'TCP' ? own : `${protocol} ${own}`;
  });
  return namesText(texts);
}

/** As many of a list as a sentence has room for. */
const mostNamed = 4;

/** `a`, `a and b`, `a, b and 3 more`. */
export function namesText(names: readonly string[]): string {
  const more = names.length > mostNamed ? [`${names.length - mostNamed + 1} more`] : [];
  const shown = [...names.slice(0, mostNamed - more.length), ...more];
  return shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}` : (shown[0] ?? '');
}
