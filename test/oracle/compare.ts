import { createHash } from 'node:crypto';

/**
 * A rule text as lists of lines by place: an iptables chain, or an nftables chain, set or map.
 * Order counts where it decides.
 */
export function placesOf(text: string): Map<string, string[]> {
  const places = text.startsWith('add ') ? nftablesPlaces(text) : iptablesPlaces(text);
  for (const [name, lines] of places) {
    if (lines.length === 0) places.delete(name);
    else if (shared.has(name.split(' ').at(-1) ?? '')) lines.sort();
  }
  return places;
}

/** Places where the lines of several Services stand side by side: kube-proxy's own order there is a Go map's. */
const shared = new Set([
  'KUBE-SERVICES',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-NODEPORTS',
  'KUBE-PROXY-FIREWALL',
  'chains',
  'containers',
  'elements',
]);
/** The kubelet's own, which kube-proxy only makes sure of. */
const optional = new Set(['KUBE-PROXY-CANARY', 'KUBE-KUBELET-CANARY']);

function iptablesPlaces(text: string): Map<string, string[]> {
  const places = new Map<string, string[]>();
  let table = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1);
    const chain = /^:(\S+)/.exec(line)?.[1];
    if (chain !== undefined && chain.startsWith('KUBE-') && !optional.has(chain)) into(places, `${table} ${chain}`);
    const rule = /^-A (\S+) (.*)$/.exec(line);
    // Counters (nfacct) depend on the machine's kernel and decide nothing: one more rule counts nodePorts on localhost.
    if (rule === null || (rule[1] === 'KUBE-NODEPORTS' && line.includes('-m nfacct'))) continue;
    into(places, `${table} ${rule[1] ?? ''}`).push(
      (rule[2] ?? '')
        .replace(/-m nfacct --nfacct-name \S+/, '')
        .replaceAll('"', '')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    );
  }
  return places;
}

function nftablesPlaces(text: string): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const raw of text.split('\n')) {
    const line = raw.replaceAll(/\s+/g, ' ').trim();
    const [, kind, , , name = ''] = line.split(' ');
    if (kind === 'rule') into(places, `rule ${name}`).push(line);
    else if (kind === 'element') into(places, 'elements').push(line);
    else if (kind === 'chain') into(places, 'chains').push(line);
    else if (kind !== undefined && kind !== '') into(places, 'containers').push(line);
  }
  return places;
}

function into(places: Map<string, string[]>, name: string): string[] {
  const lines = places.get(name) ?? [];
  places.set(name, lines);
  return lines;
}

/** The first difference between two rule texts; null where they say the same. */
export function difference(ours: string, theirs: string): string | null {
  const [a, b] = [placesOf(ours), placesOf(theirs)];
  for (const name of new Set([...a.keys(), ...b.keys()])) {
    const [left, right] = [a.get(name)?.join('\n') ?? '(nothing)', b.get(name)?.join('\n') ?? '(nothing)'];
    if (left !== right) return `${name}\n--- Hoplens\n${left}\n--- kube-proxy\n${right}`;
  }
  return null;
}

/** A rule text's digest, up to what `difference` overlooks. */
export function digest(text: string): string {
  return createHash('sha256')
    .update(JSON.stringify([...placesOf(text)].toSorted(([a], [b]) => (a < b ? -1 : 1))))
    .digest('hex')
    .slice(0, 32);
}
