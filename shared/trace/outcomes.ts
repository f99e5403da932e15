import type Fraction from 'fraction.js';
import { type End, likelyEndsOf } from './ends.ts';
import type { Trace, TraceGraph } from './graph.ts';
import { type Summary, summarize } from './summary.ts';
import type { ReasonCode, VerdictKind } from './verdict.ts';

/** What a request comes to, without the way there; outcomes that differ in nothing but the pod are one. */
export interface Outcome {
  readonly share: string;
  readonly verdict: VerdictKind;
  readonly reason: ReasonCode | null;
  readonly status: number | null;
  /** Where the client is redirected to; null for what is no redirect. */
  readonly location: string | null;
  readonly namespace: string | null;
  readonly service: string | null;
  /** Null where several get a share. */
  readonly pod: string | null;
  /** Path and query as the backend is asked; null where nothing is delivered, and for what isn't HTTP. */
  readonly path: string | null;
  readonly host: string | null;
}

/** A line of the answers to many requests. */
export interface RequestAnswer {
  readonly target: string;
  readonly summary: Summary;
  readonly outcomes: readonly Outcome[];
  readonly assumptions: readonly { readonly id: string; readonly text: string }[];
}

export function requestAnswer(target: string, trace: Trace): RequestAnswer {
  return {
    target,
    summary: summarize(trace),
    outcomes: outcomesOf(trace.graph),
    assumptions: trace.assumptions.map(({ id, text }) => ({ id, text })),
  };
}

export function outcomesOf(graph: TraceGraph): Outcome[] {
  const found = new Map<string, { share: Fraction; outcome: Omit<Outcome, 'share'> }>();
  for (const { probability: share, ...end } of likelyEndsOf(graph)) {
    const outcome = outcomeOf(end);
    const key = JSON.stringify({ ...outcome, pod: null });
    const known = found.get(key);
    if (known === undefined) found.set(key, { share, outcome });
    else {
      const isOnePod = known.outcome.pod === outcome.pod;
      found.set(key, {
        share: known.share.add(share),
        outcome: isOnePod ? known.outcome : { ...known.outcome, pod: null },
      });
    }
  }
  return [...found.values()].map(({ share, outcome }) => ({ share: share.toFraction(), ...outcome }));
}

function outcomeOf({ verdict, received }: End): Omit<Outcome, 'share'> {
  const ended = { status: null, location: null, namespace: null, service: null, pod: null, path: null, host: null };
  switch (verdict.kind) {
    case 'delivered':
      return {
        ...ended,
        verdict: verdict.kind,
        reason: null,
        namespace: verdict.namespace,
        service: verdict.service,
        pod: verdict.pod?.name ?? null,
        path: received === null ? null : `${received.path}${received.search}`,
        host: received?.host ?? null,
      };
    case 'answered': {
      const isRedirect = verdict.reason === 'redirect' || verdict.reason === 'tls-redirect';
      const location = isRedirect ? verdict.location : null;
      return { ...ended, verdict: verdict.kind, reason: verdict.reason, status: verdict.status, location };
    }
    default:
      return { ...ended, verdict: verdict.kind, reason: verdict.reason };
  }
}
