import type { DiagnosticReport, PulledDiagnostics } from './pulledDiagnostics.ts';
import type { Serving } from './languageFeatures.ts';
import { normal } from './openDocuments.ts';

/** Diagnostics for clients that ask for them: of one document, and of all files. */
export function registerDiagnosticRequests(serving: Serving, pulled: PulledDiagnostics): void {
  const { connection, publisher, building, documents } = serving;
  const { current } = serving.answering;
  connection.languages.diagnostics.on(async ({ textDocument, previousResultId }) => {
    const uri = normal(textDocument.uri);
    await building.ready(uri);
    return current<DiagnosticReport>('Diagnostics', {
      otherwise: { kind: 'full', items: [] },
      answer: () => {
        publisher.now(uri);
        return pulled.report(uri, previousResultId);
      },
    });
  });
  connection.languages.diagnostics.onWorkspace(({ previousResultIds }) =>
    current('Diagnostics of all files', {
      otherwise: { items: [] },
      answer: () => {
        for (const uri of documents.uris()) publisher.now(uri);
        return { items: pulled.reports(previousResultIds) };
      },
    }),
  );
}
