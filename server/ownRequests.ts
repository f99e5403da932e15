import { NotificationType, RequestType, RequestType0 } from 'vscode-languageserver';
import {
  type EntryPointsAnswer,
  entryPointsMethod,
  type EntryPointsParams,
  type EntrySetsAnswer,
  entrySetsMethod,
  type JudgedSetAnswer,
  judgedSetMethod,
  type JudgedSetParams,
  type LinesAnswer,
  type LinesParams,
  pickMethod,
  type PickParams,
  type ProfileAnswer,
  profileMethod,
  type ProfileParams,
  reachMethod,
  routesMethod,
  type SetItem,
  setsMethod,
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
  type WorkspaceState,
} from '../shared/insight/protocol.ts';
import { profileFromCluster } from '../shared/insight/profileFromCluster.ts';
import type { Work } from './answering.ts';
import { EntryPointsView } from './features/entryPoints.ts';
import { judgedSet } from './features/judgedSet.ts';
import { reach } from './features/reach.ts';
import { routes } from './features/routes.ts';
import { formattedTrace } from './features/textTrace.ts';
import { sets, targets, trace } from './features/trace.ts';
import { traceChoices } from './features/traceChoices.ts';
import type { Serving } from './languageFeatures.ts';
import { longWork } from './longWork.ts';
import { normal } from './openDocuments.ts';

export interface OwnRequestsOptions extends Serving {
  /** Somebody has picked another build: what is shown speaks of another. */
  readonly onPicked: () => void;
  /** What goes on before everything is known; null where nothing does. */
  readonly underWay: () => Exclude<WorkspaceState, { kind: 'ready' }> | null;
}

/** What Hoplens' own client asks beyond the protocol (`shared/insight/protocol.ts`). */
export function registerOwnRequests({ onPicked, underWay, ...serving }: OwnRequestsOptions): void {
  const { connection, workspace, configuration, reading, abilities } = serving;
  const { answered, answeredInSlices, current, guarded } = serving.answering;

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
      otherwise: null,
      answer: () => targets(workspace, { ...params, uri }, configuration.of(uri)),
    });
  });
  connection.onRequest(new RequestType0<SetItem[], void>(setsMethod), (token) =>
    answered('Sets', '', token, { otherwise: [], answer: () => sets(workspace) }),
  );
  const entryPoints = new EntryPointsView(workspace, () => current('Entry points', nothing));
  connection.onRequest(new RequestType0<EntrySetsAnswer, void>(entrySetsMethod), (token) => {
    const otherwise: EntrySetsAnswer = { state: { kind: 'ready', manifests: 0, remoteCharts: 0 }, sets: [] };
    return answered('Entry points', '', token, { otherwise, answer: () => entryPoints.sets(underWay()) });
  });
  connection.onRequest(
    new RequestType<EntryPointsParams, EntryPointsAnswer, void>(entryPointsMethod),
    ({ root }): Promise<EntryPointsAnswer> =>
      entryPoints.entries(root).catch((error: unknown) => {
        connection.console.error(`Entry points: ${error instanceof Error ? (error.stack ?? '') : String(error)}`);
        return null;
      }),
  );
  connection.onRequest(
    new RequestType<ProfileParams, ProfileAnswer, void>(profileMethod),
    ({ printed }): ProfileAnswer =>
      guarded<ProfileAnswer>(
        'A profile from a cluster',
        { kind: 'nothing', message: 'Hoplens failed on this text; its output channel says how.' },
        () => profileFromCluster(printed),
      ),
  );
  connection.onRequest(new RequestType<JudgedSetParams, JudgedSetAnswer, void>(judgedSetMethod), (params, token) => {
    const uri = normal(params.uri);
    return answered('The set of a file', uri, token, { otherwise: null, answer: () => judgedSet(workspace, { uri }) });
  });
  connection.onNotification(new NotificationType<PickParams>(pickMethod), ({ root }) => {
    workspace.pickBuild(root);
    onPicked();
  });
  connection.onRequest(new RequestType<LinesParams, LinesAnswer, void>(routesMethod), (params, token) => {
    const uri = normal(params.uri);
    return answered('Routes', uri, token, { otherwise: { lines: [] }, answer: () => routes(workspace, { uri }) });
  });
  connection.onRequest(new RequestType<LinesParams, LinesAnswer, void>(reachMethod), async (params, token) => {
    const uri = normal(params.uri);
    const { onProgress, end } = longWork(connection, 'Hoplens: who reaches whom', abilities().showsProgress);
    const answer = await answeredInSlices<LinesAnswer>('Who reaches whom', uri, token, {
      otherwise: { lines: [] },
      answer: () => reach(workspace, { uri }),
      onProgress,
    });
    end();
    return answer;
  });
}

const nothing: Work<void> = { otherwise: undefined, answer: () => undefined };
