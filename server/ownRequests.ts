import { NotificationType, RequestType } from 'vscode-languageserver';
import {
  type JudgedSetAnswer,
  judgedSetMethod,
  type JudgedSetParams,
  pickMethod,
  type PickParams,
  type RoutesAnswer,
  routesMethod,
  type RoutesParams,
  type TargetsAnswer,
  targetsMethod,
  type TargetsParams,
  type TraceAnswer,
  type TraceChoices,
  traceChoicesMethod,
  traceMethod,
  type TraceParams,
  type TraceTextAnswer,
  traceTextMethod,
  type TraceTextParams,
} from '../shared/insight/protocol.ts';
import { judgedSet } from './features/judgedSet.ts';
import { routes } from './features/routes.ts';
import { formattedTrace } from './features/textTrace.ts';
import { targets, trace } from './features/trace.ts';
import { traceChoices } from './features/traceChoices.ts';
import type { Serving } from './languageFeatures.ts';
import { normal } from './openDocuments.ts';

export interface OwnRequestsOptions extends Serving {
  /** Somebody has picked another build: what is shown speaks of another. */
  readonly onPicked: () => void;
}

/** What Hoplens' own client asks beyond the protocol (`shared/insight/protocol.ts`). */
export function registerOwnRequests({ onPicked, ...serving }: OwnRequestsOptions): void {
  const { connection, workspace, configuration, reading } = serving;
  const { answered } = serving.answering;

  const failed = {
    kind: 'unreadable',
    message: 'Hoplens failed on this request; its output channel says how.',
  } as const;
  connection.onRequest(new RequestType<TraceParams, TraceAnswer, void>(traceMethod), async (params, token) => {
    const uri = normal(params.uri);
    // A panel that comes back with its window asks before its file is read, or what is built of it.
    await reading.known(uri);
    return answered<TraceAnswer>('Trace', uri, token, {
      otherwise: failed,
      answer: () => trace(workspace, { ...params, uri }),
    });
  });
  connection.onRequest(new RequestType<TraceTextParams, TraceTextAnswer, void>(traceTextMethod), (params, token) => {
    const uri = normal(params.uri);
    return answered<TraceTextAnswer>('Trace', uri, token, {
      otherwise: failed,
      answer: () => formattedTrace(workspace, { ...params, uri }, (each) => reading.shown(each)),
    });
  });
  connection.onRequest(new RequestType<TraceParams, TraceChoices, void>(traceChoicesMethod), (params, token) => {
    const uri = normal(params.uri);
    return answered<TraceChoices>('What could be traced', uri, token, {
      otherwise: { origins: [], whatIfs: [], builds: [], profiles: [] },
      answer: () => traceChoices(workspace, { ...params, uri }, configuration.of(uri)),
    });
  });
  connection.onRequest(new RequestType<TargetsParams, TargetsAnswer, void>(targetsMethod), (params, token) => {
    const uri = normal(params.uri);
    return answered('Targets', uri, token, {
      otherwise: { targets: [], origins: [] },
      answer: () => targets(workspace, { uri }, configuration.of(uri)),
    });
  });
  connection.onRequest(new RequestType<JudgedSetParams, JudgedSetAnswer, void>(judgedSetMethod), (params, token) => {
    const uri = normal(params.uri);
    return answered('The set of a file', uri, token, { otherwise: null, answer: () => judgedSet(workspace, { uri }) });
  });
  connection.onNotification(new NotificationType<PickParams>(pickMethod), ({ root }) => {
    workspace.pickBuild(root);
    onPicked();
  });
  connection.onRequest(new RequestType<RoutesParams, RoutesAnswer, void>(routesMethod), (params, token) => {
    const uri = normal(params.uri);
    return answered('Routes', uri, token, { otherwise: { lines: [] }, answer: () => routes(workspace, { uri }) });
  });
}
