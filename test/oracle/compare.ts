import { createHash } from 'node:crypto';

/** An iptables-save text as chains: what stands in each, in order. Chains that Services share are sorted, for kube-proxy's own order is a Go map's. */
export function chainsOf(text: string): Map<string, string[]> {
  const chains = new Map<string, string[]>();
  let table = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1);
    const chain = /^:(\S+)/.exec(line)?.[1];
    if (chain !== undefined && chain.startsWith('KUBE-') && !optional.has(chain)) chains.set(`${table} ${chain}`, chains.get(`${table} ${chain}`) ?? []);
    const rule = /^-A (\S+) (.*)$/.exec(line);
    if (rule === null) continue;
    const key = `${table} ${rule[1] ?? ''}`;
    const rules = chains.get(key);
    // Counters (nfacct) depend on the machine's kernel and decide nothing: one more rule counts nodePorts on localhost.
    if (rule[1] === 'KUBE-NODEPORTS' && line.includes('-m nfacct')) continue;
    const text = (rule[2] ?? '').replace(/-m nfacct --nfacct-name \S+/, '').replaceAll('"', '').replaceAll(/\s+/g, ' ').trim();
    if (rules === undefined) chains.set(key, [text]);
    else rules.push(text);
  }
  for (const [name, rules] of chains) if (shared.has(name.split(' ')[1] ?? '')) rules.sort();
  return chains;
}

const shared = new Set(['KUBE-SERVICES', 'KUBE-EXTERNAL-SERVICES', 'KUBE-NODEPORTS', 'KUBE-PROXY-FIREWALL']);
/** The kubelet's own, which kube-proxy only makes sure of. */
const optional = new Set(['KUBE-PROXY-CANARY', 'KUBE-KUBELET-CANARY']);

/** The first difference between two rule texts; null where they say the same. */
export function difference(ours: string, theirs: string): string | null {
  const [a, b] = [chainsOf(ours), chainsOf(theirs)];
  for (const name of new Set([...a.keys(), ...b.keys()])) {
    const [left, right] = [a.get(name)?.join('\n') ?? '(no such chain)', b.get(name)?.join('\n') ?? '(no such chain)'];
    if (left !== right && !(left === '' && right === '(no such chain)') && !(right === '' && left === '(no such chain)')) return `${name}\n--- Hoplens\n${left}\n--- kube-proxy\n${right}`;
  }
  return null;
}

/** A rule text's digest, up to what `difference` overlooks. */
export function digest(text: string): string {
  const chains = [...chainsOf(text)].filter(([, rules]) => rules.length > 0).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(chains)).digest('hex').slice(0, 32);
}
