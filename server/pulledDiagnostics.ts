import {
  type Diagnostic,
  DiagnosticRefreshRequest,
  DocumentDiagnosticReportKind,
  type Connection,
  type FullDocumentDiagnosticReport,
  type PreviousResultId,
  type UnchangedDocumentDiagnosticReport,
  type WorkspaceDocumentDiagnosticReport,
} from 'vscode-languageserver';
import { normal } from './openDocuments.ts';

export type DiagnosticReport = FullDocumentDiagnosticReport | UnchangedDocumentDiagnosticReport;

export interface PulledDiagnosticsOptions {
  readonly connection: Connection;
  /** Whether the client asks again when it is told to. */
  readonly canRefresh: () => boolean;
  readonly versionOf: (uri: string) => number | null;
}

/**
 * The diagnostics for a client that asks for them. It is told to ask again when it was given others than are right now,
 * of whichever file: what is found in one may rest on another.
 */
export class PulledDiagnostics {
  readonly #options: PulledDiagnosticsOptions;
  readonly #known = new Map<string, { readonly id: string; readonly diagnostics: readonly Diagnostic[] }>();
  /** What was last given of a file, by its number. */
  readonly #given = new Map<string, string>();
  #count = 0;
  #isRefreshing = false;

  constructor(options: PulledDiagnosticsOptions) {
    this.#options = options;
  }

  /** A file's diagnostics are others than before. */
  put(uri: string, diagnostics: readonly Diagnostic[]): void {
    if (diagnostics.length === 0) this.#known.delete(uri);
    else this.#known.set(uri, { id: String(++this.#count), diagnostics });
    this.#refresh();
  }

  report(uri: string, before: string | undefined): DiagnosticReport {
    const { id, diagnostics } = this.#known.get(uri) ?? nothing;
    this.#given.set(uri, id);
    return id === before
      ? { kind: DocumentDiagnosticReportKind.Unchanged, resultId: id }
      : { kind: DocumentDiagnosticReportKind.Full, resultId: id, items: [...diagnostics] };
  }

  /** Of each file that has something, or of which the client believes so. */
  reports(before: readonly PreviousResultId[]): WorkspaceDocumentDiagnosticReport[] {
    const ids = new Map(before.map(({ uri, value }) => [normal(uri), value]));
    return [...new Set([...this.#known.keys(), ...ids.keys()])].map((uri) => ({
      uri,
      version: this.#options.versionOf(uri),
      ...this.report(uri, ids.get(uri)),
    }));
  }

  /** Behind what is known in this turn; what is asked meanwhile needs no asking again. */
  #refresh(): void {
    if (this.#isRefreshing || !this.#options.canRefresh()) return;
    this.#isRefreshing = true;
    setTimeout(() => {
      this.#isRefreshing = false;
      const uris = new Set([...this.#known.keys(), ...this.#given.keys()]);
      if ([...uris].every((uri) => (this.#known.get(uri)?.id ?? nothing.id) === this.#given.get(uri))) return;
      void this.#options.connection.sendRequest(DiagnosticRefreshRequest.type).catch(() => undefined);
    }, settling);
  }
}

/** What a file without anything has, under a number of its own. */
const nothing = { id: 'none', diagnostics: [] } as const;

/** A key is answered before others are told to ask again, in milliseconds. */
const settling = 50;
