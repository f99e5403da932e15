import type { ClusterModel } from '../cluster/clusterModel.ts';
import { type ProxyMode, withMode } from '../cluster/profile.ts';
import { summarize } from './summary.ts';
import type { Path, Request, Trace } from './trace.ts';
import { traceRequest } from './traceRequest.ts';

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

function fingerprint({ paths }: Trace): string {
  return paths.map(endOf).toSorted().join('\n');
}

function endOf({ verdict, seenBy, hops, probability }: Path): string {
  const where = verdict.kind === 'delivered' ? `${verdict.address} ${seenBy.at(-1)?.source}` : verdict.reason;
  return `${probability.toFraction()} ${hops.length} ${verdict.kind} ${where}`;
}

function lineOf(trace: Trace): string {
  const sources = [
    ...new Set(
      trace.paths.flatMap(({ verdict, seenBy }) => (verdict.kind === 'delivered' ? (seenBy.at(-1)?.source ?? []) : [])),
    ),
  ];
  const shown = `${sources.slice(0, 3).join(', ')}${sources.length > 3 ? ', …' : ''}`;
  return `${summarize(trace).text}${sources.length === 0 ? '' : `; pods see ${shown}`}`;
}
