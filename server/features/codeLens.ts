import type { CodeLens } from 'vscode-languageserver/node';
import type { Lens } from '../../shared/insight/lenses.ts';
import { pickBuildCommand, traceCommand } from '../../shared/insight/protocol.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';

/**
 * Stands over each Service, Ingress, Gateway and route. It says the way there, what it reaches and what was assumed. A
 * click opens the trace.
 */
export function codeLenses(lenses: readonly Lens[], uri: string): CodeLens[] {
  return lenses.flatMap((lens) => titles(lens).map((title) => codeLens(lens, uri, title)));
}

/** What stands over a kustomization or a chart: what it comes to. A click asks what to trace. */
export function entryLenses(workspace: Workspace, uri: string): CodeLens[] {
  const lens = workspace.entryLens(uri);
  if (lens === null) return [];
  const { range } = lens.site;
  return [
    { range, command: { title: lens.title, command: pickBuildCommand, arguments: [uri] } },
    { range, command: { title: 'Trace request', command: traceCommand, arguments: [{ uri }] } },
  ];
}

function titles({ way, notes, ask }: Lens): string[] {
  return [way, ...notes, ...(ask === null ? [] : ['Trace request'])];
}

function codeLens({ site, ask, build }: Lens, uri: string, title: string): CodeLens {
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
              ...(build === null ? {} : { build }),
              from: ask.from === 'pod' && ask.namespace !== 'default' ? `pod.${ask.namespace}` : ask.from,
            },
          ],
        };
  return { range: { start, end: { line: start.line, character: start.character + 1 } }, command };
}
