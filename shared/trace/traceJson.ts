import type { Because } from '../cluster/because.ts';
import { summarize } from './summary.ts';
import { partyId, type Path, type Trace, type Verdict } from './trace.ts';

/** A trace as the command line's JSON. The field names are a contract; see docs and DESIGN. */
export function traceJson(trace: Trace, nameOf: (uri: string) => string): object {
  return {
    version: 1,
    summary: summarize(trace),
    paths: trace.paths.map((path) => pathJson(path, nameOf)),
    assumptions: trace.assumptions,
  };
}

function pathJson(path: Path, nameOf: (uri: string) => string): object {
  const last = path.seenBy.at(-1);
  const becauseJson = (because: Because): object => ({
    file: because.kind !== 'assumption' && because.site !== null ? nameOf(because.site.uri) : null,
    line: because.kind !== 'assumption' && because.site !== null ? because.site.range.start.line + 1 : null,
    text: because.text,
    ...(because.kind === 'assumption' ? { assumption: because.assumption } : {}),
  });
  return {
    probability: path.probability.toFraction(),
    verdict: verdictJson(path.verdict),
    source: last === undefined ? null : { atPod: last.source, party: partyId(last.owner) },
    hops: path.hops.map(({ from, to, crossesNodes, packet, rewrites, because }) => ({
      from: partyId(from),
      to: partyId(to),
      crossesNodes,
      source: packet.source,
      destination: `${packet.destination.address}:${packet.destination.port}`,
      rewrites: rewrites.map((rewrite) => ({ kind: rewrite.kind, from: rewrite.from, to: rewrite.to, by: rewrite.by, chains: rewrite.chains })),
      because: because.map(becauseJson),
    })),
    seenBy: path.seenBy.map(({ party, source, owner }) => ({ party: partyId(party), source, owner: partyId(owner) })),
    reply: path.reply.map(({ from, to, source, destination }) => ({ from: partyId(from), to: partyId(to), source, destination })),
    because: path.because.map(becauseJson),
  };
}

function verdictJson(verdict: Verdict): object {
  const nothing = { reason: null, status: null, namespace: null, pod: null, service: null, address: null, port: null };
  switch (verdict.kind) {
    case 'delivered': return { kind: verdict.kind, ...nothing, namespace: verdict.namespace, pod: verdict.pod?.name ?? null, service: verdict.service, address: verdict.address, port: verdict.port };
    case 'answered': return { kind: verdict.kind, ...nothing, reason: verdict.reason, status: verdict.status, text: verdict.text };
    default: return { kind: verdict.kind, ...nothing, reason: verdict.reason, text: verdict.text };
  }
}
