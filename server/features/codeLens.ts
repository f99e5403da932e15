import type { CodeLens } from 'vscode-languageserver/node';
import type { Lens } from '../../shared/insight/lenses.ts';
import { traceCommand } from '../../shared/insight/protocol.ts';

/**
 * Stands over each Service, Ingress, Gateway and route. It says the way there, what it reaches and what was assumed. A
 * click opens the trace.
 */
export function codeLenses(lenses: readonly Lens[], uri: string): CodeLens[] {
  return lenses.flatMap((lens) => titles(lens).map((title) => codeLens(lens, uri, title)));
}

function titles({ way, notes, ask }: Lens): string[] {
  return [way, ...notes, ...(ask === null ? [] : ['Trace request'])];
}

function codeLens({ site, ask }: Lens, uri: string, title: string): CodeLens {
  const { start } = site.range;
  const command =
    ask === null
      ? { title, command: '' }
      : {
          title,
          command: traceCommand,
          arguments: [
            {
              uri,
              target: ask.target.text,
              details: ask.details,
              from: ask.from === 'pod' && ask.namespace !== 'default' ? `pod.${ask.namespace}` : ask.from,
            },
          ],
        };
  return { range: { start, end: { line: start.line, character: start.character + 1 } }, command };
}
