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
  pickMethod,
  type PickParams,
  type ProfileAnswer,
  profileMethod,
  type ProfileParams,
  type RoutesAnswer,
  routesMethod,
  type RoutesParams,
  type SetItem,
  setsMethod,
  type TargetsAnswer,
  targetsMethod,
  type TargetsParams,
  type TraceAnswer,
  traceMethod,
  type TraceParams,
  type WorkspaceState,
} from '../shared/insight/protocol.ts';
import { profileFromCluster } from '../shared/insight/profileFromCluster.ts';
import type { Work } from './answering.ts';
import { EntryPointsView } from './features/entryPoints.ts';
import { judgedSet } from './features/judgedSet.ts';
import { routes } from './features/routes.ts';
import { sets, targets, trace } from './features/trace.ts';
import type { Serving } from './languageFeatures.ts';
import { normal } from './openDocuments.ts';

export interface OwnRequestsOptions extends Serving {
  /** Somebody has picked another build: what is shown speaks of another. */
  readonly onPicked: () => void;
  /** What goes on before everything is known; null where nothing does. */
  readonly underWay: () => Exclude<WorkspaceState, { kind: 'ready' }> | null;
}

/** What Hoplens' own client asks beyond the protocol (`shared/insight/protocol.ts`). */
export function registerOwnRequests({ onPicked, underWay, ...serving }: OwnRequestsOptions): void {
  const { connection, workspace, configuration } = serving;
  const { answered, current, guarded } = serving.answering;

  connection.onRequest(new RequestType<TraceParams, TraceAnswer, void>(traceMethod), (params, token) => {
    const uri = normal(params.uri);
    const message = 'Hoplens failed on this request; its output channel says how.';
    return answered<TraceAnswer>('Trace', uri, token, {
      otherwise: { kind: 'unreadable', message },
      answer: () => trace(workspace, { ...params, uri }),
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
  connection.onRequest(new RequestType<RoutesParams, RoutesAnswer, void>(routesMethod), (params, token) => {
    const uri = normal(params.uri);
    return answered('Routes', uri, token, { otherwise: { lines: [] }, answer: () => routes(workspace, { uri }) });
  });
}

const nothing: Work<void> = { otherwise: undefined, answer: () => undefined };
