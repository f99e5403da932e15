import { type CancellationToken, type Connection, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import type { Workspace } from '../shared/insight/workspace.ts';
import type { Arrivals } from './arrivals.ts';
import type { OpenDocuments } from './openDocuments.ts';

/** What answers a request, and the answer where that fails. */
export interface Work<T> {
  readonly otherwise: T;
  readonly answer: () => T;
}

export type Answer<T> = T | ResponseError<void>;

/** How requests are answered: guarded, so that a fault of ours costs one answer and is logged. */
export interface Answering {
  guarded<T>(what: string, fallback: T, answer: () => T): T;
  /** Answers what is right once the messages that wait are handled, whatever they change. */
  current<T>(what: string, work: Work<T>): Promise<T>;
  /** Answers behind the messages that are waiting: an edit or a cancellation among them makes the answer idle. */
  answered<T>(what: string, uri: string, token: CancellationToken, work: Work<T>): Promise<Answer<T>>;
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
      await arrivals.handled();
      if (token.isCancellationRequested) return new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
      if (documents.versionOf(uri) !== version)
        return new ResponseError(LSPErrorCodes.ContentModified, 'the document changed');
      return guarded(what, work.otherwise, () => workspace.ask(work.answer));
    },
  };
}
