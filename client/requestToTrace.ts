import type { RequestDetails } from '../shared/insight/protocol.ts';

/** What a lens, or the command, asks the panel to show. */
export interface RequestToTrace {
  /** The file whose manifest set is meant. */
  readonly uri: string;
  readonly target: string;
  readonly from: string;
  readonly details?: RequestDetails | undefined;
}
