import type { RequestDetails } from '../shared/insight/protocol.ts';

/** What a lens, or the command, asks the panel to show. */
export interface RequestToTrace {
  /** The file whose manifest set is meant. */
  readonly uri: string;
  readonly target: string;
  readonly from: string;
  readonly details?: RequestDetails | undefined;
  /** The build that is meant, of several that the file is part of; absent for the one that is spoken of first. */
  readonly build?: string | undefined;
}
