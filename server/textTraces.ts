import { MessageType, ResponseError, LSPErrorCodes, ShowMessageNotification } from 'vscode-languageserver';
import { textTraceCommand } from '../shared/insight/protocol.ts';
import { readAskedTrace, textTrace } from './features/textTrace.ts';
import { usualFrom } from './features/trace.ts';
import type { Serving } from './languageFeatures.ts';
import { normal } from './openDocuments.ts';

/** As much of a trace as a message may have, in lines; the whole of it is the command's answer. */
const mostShown = 20;

/**
 * `hoplens.trace`, for editors that draw no traces: its answer is the trace as text. Editors that drop a command's
 * answer show what every editor can show, a message with its first lines.
 */
export function registerTextTraces({ connection, workspace, reading, configuration, answering }: Serving): void {
  connection.onExecuteCommand(async ({ command, arguments: given = [] }, token) => {
    if (command !== textTraceCommand) return new ResponseError(LSPErrorCodes.RequestFailed, `No command ${command}.`);
    const asked = readAskedTrace(given);
    if (asked === null)
      return new ResponseError(
        LSPErrorCodes.RequestFailed,
        `${textTraceCommand} takes { uri, target, from }: a manifest, a target such as svc/web, and who asks.`,
      );
    const uri = normal(asked.uri);
    const { defaultFrom } = configuration.of(uri);
    const text = await answering.answered('Trace', uri, token, {
      otherwise: 'Hoplens failed on this request; its log says how.',
      answer: () => {
        const usual = defaultFrom === '' ? usualFrom(workspace, uri, asked.target) : defaultFrom;
        return textTrace(workspace, { ...asked, uri, from: asked.from ?? usual }, (each) => reading.shown(each));
      },
    });
    if (typeof text === 'string')
      void connection.sendNotification(ShowMessageNotification.type, {
        type: MessageType.Info,
        message: text.split('\n').slice(0, mostShown).join('\n').trim(),
      });
    return text;
  });
}
