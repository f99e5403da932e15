import type { RequestDetails, TraceAnswer } from '../../shared/insight/protocol.ts';

/** What the extension and its panel say to each other. */
export type ToPanel = {
  readonly kind: 'show';
  readonly request: { readonly target: string; readonly from: string; readonly details?: RequestDetails | undefined };
  readonly answer: TraceAnswer;
};

export type FromPanel =
  | { readonly kind: 'ready' }
  /** Show this line (from 1) of this file (a URI) in the editor. */
  | { readonly kind: 'open'; readonly file: string; readonly line: number };

/** Shows a line (from 1) of a file (a URI) in the editor. */
export type Open = (file: string, line: number) => void;
