import { type CancellationToken, type Connection, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import type { InSteps } from '../shared/insight/inSteps.ts';
import type { Workspace } from '../shared/insight/workspace.ts';
import type { Arrivals } from './arrivals.ts';
import type { OpenDocuments } from './openDocuments.ts';

/** What answers a request, and the answer where that fails. */
export interface Work<T> {
  readonly otherwise: T;
  readonly answer: () => T;
}

/** The same where the answer is made in steps. */
export interface SlicedWork<T> {
  readonly otherwise: T;
  readonly answer: () => InSteps<T>;
  /** Hears between the slices how much is done, of 1. */
  readonly onProgress: (done: number) => void;
}

export type Answer<T> = T | ResponseError<void>;

/** As long as a slice of work may keep requests waiting, in milliseconds. */
export const slice = 8;

/** How requests are answered: guarded, so that a fault of ours costs one answer and is logged. */
export interface Answering {
  guarded<T>(what: string, fallback: T, answer: () => T): T;
  /** Answers what is right once the messages that wait are handled, whatever they change. */
  current<T>(what: string, work: Work<T>): Promise<T>;
  /** Answers behind the messages that are waiting: an edit or a cancellation among them makes the answer idle. */
  answered<T>(what: string, uri: string, token: CancellationToken, work: Work<T>): Promise<Answer<T>>;
  /**
   * The same in slices, between which messages are handled. Where something that the answer rests on is another
   * meanwhile, it is idle as well.
   */
  answeredInSlices<T>(what: string, uri: string, token: CancellationToken, work: SlicedWork<T>): Promise<Answer<T>>;
}

export interface AnsweringOptions {
  readonly connection: Connection;
  readonly workspace: Workspace;
  readonly documents: OpenDocuments;
  readonly arrivals: Arrivals;
}

export function answering({ connection, workspace, documents, arrivals }: AnsweringOptions): Answering {
  function guarded<T>(what: string, fallback: T, answer: () => T): T {
    try {
      return answer();
    } catch (error) {
      connection.console.error(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      return fallback;
    }
  }
  /** Behind the messages that are waiting: what makes the answer idle. */
  async function idle(token: CancellationToken, isAnother: () => boolean): Promise<ResponseError<void> | null> {
    await arrivals.handled();
    if (token.isCancellationRequested) return new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
    return isAnother() ? new ResponseError(LSPErrorCodes.ContentModified, 'the document changed') : null;
  }
  return {
    guarded,
    async current(what, work) {
      arrivals.note();
      await arrivals.handled();
      return guarded(what, work.otherwise, () => workspace.ask(work.answer));
    },
    async answered(what, uri, token, work) {
      const version = documents.versionOf(uri);
      arrivals.note();
      const isIdle = await idle(token, () => documents.versionOf(uri) !== version);
      return isIdle ?? guarded(what, work.otherwise, () => workspace.ask(work.answer));
    },
    async answeredInSlices(what, uri, token, { otherwise, answer, onProgress }) {
      const version = documents.versionOf(uri);
      arrivals.note();
      const asking = workspace.asking();
      const isAnother = (): boolean => documents.versionOf(uri) !== version || asking.isStale;
      try {
        const steps = answer();
        for (;;) {
          const isIdle = await idle(token, isAnother);
          if (isIdle !== null) return isIdle;
          const step = guarded(what, { done: true, value: otherwise } as const, () =>
            asking.step(() => sliceOf(steps)),
          );
          if (step.done === true) return step.value;
          onProgress(step.value);
        }
      } finally {
        asking.stop();
      }
    },
  };
}

/** As many steps as a slice has time for: the last of them. */
function sliceOf<T>(steps: InSteps<T>): IteratorResult<number, T> {
  const end = performance.now() + slice;
  let step = steps.next();
  while (step.done !== true && performance.now() < end) step = steps.next();
  return step;
}
