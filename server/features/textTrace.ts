import { type CodeAction, CodeActionKind, type Range } from 'vscode-languageserver';
import type { Lens } from '../../shared/insight/lenses.ts';
import {
  plainDetails,
  type RequestDetails,
  textTraceCommand,
  type TraceParams,
  type TraceTextAnswer,
  type TraceTextParams,
} from '../../shared/insight/protocol.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';
import type { Scene } from '../../shared/insight/scene.ts';
import type { PlaceOf } from '../../shared/trace/trace.ts';
import { traceJson, traceJsonText } from '../../shared/trace/traceJson.ts';
import { traceMermaid } from '../../shared/trace/traceMermaid.ts';
import { traceText } from '../../shared/trace/traceText.ts';
import { requestOfLens } from './codeLens.ts';
import { followed, placeIn } from './trace.ts';

/** What the command was given: `{ uri, target, from?, method?, headers?, protocol? }`, or the first three in a row. */
export interface AskedTrace extends Omit<TraceParams, 'from'> {
  /** Null for whoever asks by default. */
  readonly from: string | null;
}

/** What a client sent; null for what names no file and no target. */
export function readAskedTrace(given: readonly unknown[]): AskedTrace | null {
  const [first] = given;
  const named: Readonly<Record<string, unknown>> = isRecord(first)
    ? first
    : { uri: first, target: given[1], from: given[2] };
  const { uri, target, from, build } = named;
  if (typeof uri !== 'string' || typeof target !== 'string') return null;
  return {
    uri,
    target,
    from: typeof from === 'string' && from !== '' ? from : null,
    details: readDetails(isRecord(named['details']) ? named['details'] : named),
    ...(typeof build === 'string' ? { build } : {}),
  };
}

function readDetails({ protocol, method, headers }: Readonly<Record<string, unknown>>): RequestDetails {
  const known = (['TCP', 'UDP', 'SCTP'] as const).find((each) => each === String(protocol).toUpperCase());
  return {
    protocol: known ?? plainDetails.protocol,
    method: typeof method === 'string' ? method : plainDetails.method,
    headers: isRecord(headers)
      ? Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
      : plainDetails.headers,
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A trace as on a terminal, with files as they are shown there; a sentence where the request can't be read. */
export function textTrace(workspace: Workspace, params: TraceParams, shown: (uri: string) => string): string {
  const found = followed(workspace, params, { withRules: false });
  if (found.kind === 'unreadable') return found.message;
  return `${params.target} from ${params.from}\n\n${traceText(found.trace, placeAsShown(found.scene, shown))}`;
}

/** A trace as the command line prints it. */
export function formattedTrace(
  workspace: Workspace,
  { format, ...params }: TraceTextParams,
  shown: (uri: string) => string,
): TraceTextAnswer {
  const found = followed(workspace, params, { withRules: false });
  if (found.kind === 'unreadable') return found;
  const { trace, scene } = found;
  const place = placeAsShown(scene, shown);
  switch (format) {
    case 'text':
      return { kind: 'text', text: traceText(trace, place) };
    case 'mermaid':
      return { kind: 'text', text: traceMermaid(trace, place) };
    case 'json':
      return { kind: 'text', text: traceJsonText(traceJson(trace, place)) };
    default:
      return format satisfies never;
  }
}

function placeAsShown(scene: Scene, shown: (uri: string) => string): PlaceOf {
  const place = placeIn(scene);
  return (field) => {
    const at = place(field);
    return at === null ? null : { ...at, file: shown(at.file) };
  };
}

export const traceKind = `${CodeActionKind.Source}.trace.hoplens`;

/** For editors without lenses: the request that the object at the cursor is worth tracing by. */
export function traceActions(lenses: readonly Lens[], uri: string, { start }: Range): CodeAction[] {
  const lens = lenses.findLast(({ site, ask }) => ask !== null && site.range.start.line <= start.line);
  if (lens === undefined || lens.ask === null) return [];
  const request = requestOfLens(lens, lens.ask, uri);
  const title = `Trace ${request.target}: ${lens.way}`;
  return [{ title, kind: traceKind, command: { title, command: textTraceCommand, arguments: [request] } }];
}
