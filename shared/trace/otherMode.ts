import Fraction from 'fraction.js';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import { type ProxyMode, withMode } from '../cluster/profile.ts';
import { endsOf } from './ends.ts';
import type { GraphNode, Trace } from './graph.ts';
import { summarize } from './summary.ts';
import type { Request } from './trace.ts';
import { traceRequest } from './traceRequest.ts';
import type { Verdict } from './verdict.ts';

/** What most clusters run, and most people have in mind. */
const usualMode: ProxyMode = 'iptables';

/**
 * How the same request ends with kube-proxy in iptables mode, in one line; null where the profile's mode changes
 * nothing that anyone would notice: the way, the sources that are seen, the verdicts.
 */
export function inUsualMode(
  model: ClusterModel,
  request: Request,
  trace: Trace,
): { readonly mode: ProxyMode; readonly text: string } | null {
  const { kubeProxy } = model.profile;
  if (kubeProxy.mode === usualMode) return null;
  const usual = traceRequest(
    model.but({ profile: { get: () => ({ ...model.profile, kubeProxy: withMode(kubeProxy, usualMode) }) } }),
    request,
  );
  return fingerprint(usual) === fingerprint(trace) ? null : { mode: usualMode, text: lineOf(usual) };
}

/** What anyone would notice of a trace: with what probability it ends how, after how many hops, and what is seen. */
function fingerprint({ graph }: Trace): string {
  const found = new Map<string, Fraction>();
  const hops = new Map<GraphNode, Map<number, Fraction>>([[graph.start, new Map([[0, new Fraction(1)]])]]);
  for (const node of graph.nodes) {
    for (const [count, coming] of hops.get(node) ?? []) {
      for (const { goes, share } of node.moves) {
        const own = coming.mul(share);
        if (goes.kind === 'end') add(found, `${count} ${endOf(node, goes.verdict)}`, own);
        else add(countsAt(hops, goes.to), goes.kind === 'hop' ? count + 1 : count, own);
      }
    }
  }
  return [...found]
    .map(([end, share]) => `${share.toFraction()} ${end}`)
    .toSorted()
    .join('\n');
}

function countsAt(hops: Map<GraphNode, Map<number, Fraction>>, node: GraphNode): Map<number, Fraction> {
  const counts = hops.get(node) ?? new Map<number, Fraction>();
  hops.set(node, counts);
  return counts;
}

function add<K>(shares: Map<K, Fraction>, key: K, share: Fraction): void {
  shares.set(key, shares.get(key)?.add(share) ?? share);
}

function endOf({ arrival }: GraphNode, verdict: Verdict): string {
  return verdict.kind === 'delivered'
    ? `delivered ${verdict.address} ${arrival.packet.source}`
    : `${verdict.kind} ${verdict.reason}`;
}

function lineOf({ graph }: Trace): string {
  const delivered = endsOf(graph).filter(({ verdict }) => verdict.kind === 'delivered');
  const sources = [...new Set(delivered.map(({ node }) => node.arrival.packet.source))];
  const shown = `${sources.slice(0, 3).join(', ')}${sources.length > 3 ? ', …' : ''}`;
  return `${summarize({ graph }).text}${sources.length === 0 ? '' : `; pods see ${shown}`}`;
}
