import type { CodeLens } from 'vscode-languageserver';
import type { Asked } from '../../shared/insight/asks.ts';
import { asOfText, type Lens } from '../../shared/insight/lenses.ts';
import { pickBuildCommand, textTraceCommand, traceCommand, type TraceParams } from '../../shared/insight/protocol.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';
import type { ClientAbilities } from '../clientAbilities.ts';
import type { LensPart } from '../settings.ts';
import { usualOrigin } from './trace.ts';

export interface LensOptions {
  /** Which parts of each lens are shown. */
  readonly parts: ReadonlySet<LensPart>;
  /** Whether the client shows traces itself; another has the server answer with text. */
  readonly abilities: Pick<ClientAbilities, 'showsTraces'>;
}

/**
 * Stands over each Service, Ingress, Gateway, route and policy. It says the way there, what it reaches and what was assumed. A
 * click opens the trace.
 */
export function codeLenses(lenses: readonly Lens[], uri: string, options: LensOptions): CodeLens[] {
  return lenses.flatMap((lens) => titles(lens, options.parts).map((title) => codeLens(lens, uri, title, options)));
}

/** What stands over a kustomization or a chart: what it comes to. A click asks what to trace. */
export function entryLenses(
  workspace: Workspace,
  uri: string,
  { showsTraces }: Pick<ClientAbilities, 'showsTraces'>,
): CodeLens[] {
  const lens = workspace.entryLens(uri);
  if (lens === null) return [];
  const { range } = lens.site;
  if (!showsTraces) return [{ range, command: { title: lens.title, command: '' } }];
  return [
    { range, command: { title: lens.title, command: pickBuildCommand, arguments: [uri] } },
    { range, command: { title: 'Trace request', command: traceCommand, arguments: [{ uri }] } },
  ];
}

/** An assumption begins with what means "about". */
function titles({ way, notes, ask }: Lens, parts: ReadonlySet<LensPart>): string[] {
  const isAssumed = (note: string): boolean => note.startsWith('~ ');
  return [
    ...(parts.has('way') ? [way] : []),
    ...notes.filter((note) => note === asOfText || parts.has(isAssumed(note) ? 'assumed' : 'reach')),
    ...(ask !== null && parts.has('trace') ? ['Trace request'] : []),
  ];
}

function codeLens(lens: Lens, uri: string, title: string, { abilities }: LensOptions): CodeLens {
  const { start } = lens.site.range;
  const command = abilities.showsTraces ? traceCommand : textTraceCommand;
  return {
    range: { start, end: { line: start.line, character: start.character + 1 } },
    command:
      lens.ask === null ? { title, command: '' } : { title, command, arguments: [requestOfLens(lens, lens.ask, uri)] },
  };
}

/** What a click on a lens asks for. */
export function requestOfLens({ build }: Lens, ask: Asked, uri: string): TraceParams {
  return {
    uri,
    target: ask.target.text,
    details: ask.details,
    ...(build === null ? {} : { build }),
    from: usualOrigin(ask),
  };
}
