import type { RequestDetails, TraceParams } from '../shared/insight/protocol.ts';
import type { PanelView } from './panel/messages.ts';

/** By this the editor knows our panels when a window comes back. */
export const tracePanelType = 'hoplens.trace';

/**
 * What a panel showed when its window was left, read with care: an older version may have written it. Of the traces,
 * nothing is taken: they are asked for again. Null where no request can be made out.
 */
export function savedView(state: unknown): PanelView | null {
  const { sides, isPinned } = fieldsOf(state);
  const requests = (Array.isArray(sides) ? sides : []).flatMap((side) => requestIn(fieldsOf(side)['request']) ?? []);
  if (requests.length === 0) return null;
  return {
    sides: requests.slice(0, 2).map((request) => ({ request, trace: null, message: null })),
    isPinned: isPinned === true,
  };
}

function requestIn(value: unknown): TraceParams | null {
  const { uri, target, from, details, build, whatIf, profile } = fieldsOf(value);
  if (typeof uri !== 'string' || typeof target !== 'string' || typeof from !== 'string') return null;
  return {
    uri,
    target,
    from,
    details: detailsIn(details),
    build: typeof build === 'string' ? build : undefined,
    whatIf: Array.isArray(whatIf) ? whatIf.filter((each) => typeof each === 'string') : undefined,
    profile: typeof profile === 'string' ? profile : undefined,
  };
}

function detailsIn(value: unknown): RequestDetails | undefined {
  const { protocol, method, headers } = fieldsOf(value);
  if ((protocol !== 'TCP' && protocol !== 'UDP' && protocol !== 'SCTP') || typeof method !== 'string') return undefined;
  const pairs = Object.entries(fieldsOf(headers)).flatMap(([name, text]) =>
    typeof text === 'string' ? [[name, text] as const] : [],
  );
  return { protocol, method, headers: Object.fromEntries(pairs) };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
