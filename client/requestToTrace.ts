import type { TraceParams } from '../shared/insight/protocol.ts';

/** What a lens, or the command, asks the panel to show. */
export type RequestToTrace = TraceParams;
