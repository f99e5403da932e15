import { askablesIn, type Asked, asksOf, objectOf, requestOf } from '../../shared/insight/asks.ts';
import {
  type OriginItem,
  plainDetails,
  type TargetItem,
  type TargetsAnswer,
  type TargetsParams,
  type TraceAnswer,
  type TraceParams,
} from '../../shared/insight/protocol.ts';
import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import { readWhatIf, type WhatIf, whatIfText, withWhatIf } from '../../shared/cluster/whatIf.ts';
import { writtenOnes } from '../../shared/cluster/lookups.ts';
import type { Scene } from '../../shared/insight/scene.ts';
import type { Settings } from '../settings.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';
import { readOrigin, readTarget } from '../../shared/trace/readRequest.ts';
import { inUsualMode } from '../../shared/trace/otherMode.ts';
import { diagramOf } from '../../shared/trace/diagram.ts';
import type { Trace } from '../../shared/trace/graph.ts';
import { type PlaceOf, podName, type Request } from '../../shared/trace/trace.ts';
import { traceJson } from '../../shared/trace/traceJson.ts';
import { traceRequest } from '../../shared/trace/traceRequest.ts';

/** A trace as the panel draws it. */
export function trace(workspace: Workspace, params: TraceParams): TraceAnswer {
  const found = followed(workspace, params, { withRules: true });
  if (found.kind === 'unreadable') return found;
  const { scene, model, request, trace: answer, whatIf } = found;
  return {
    kind: 'trace',
    target: params.target,
    from: params.from,
    trace: traceJson(answer, placeIn(scene)),
    diagram: diagramOf(model, answer, placeIn(scene)),
    usualMode: inUsualMode(model, request, answer),
    whatIf: whatIf.map(whatIfText),
    build: buildOf(workspace, scene),
    profile: params.profile === undefined ? null : (model.declared.profile.name ?? null),
    unread: workspace.unreadIn(scene).map(({ uri, line, message }) => ({ file: uri, line: line + 1, message })),
  };
}

/** A request that could be read, followed through the set of the file that it was asked from. */
export interface Followed {
  readonly kind: 'followed';
  readonly scene: Scene;
  /** With what is assumed otherwise than written. */
  readonly model: ClusterModel;
  readonly request: Request;
  readonly trace: Trace;
  readonly whatIf: readonly WhatIf[];
}

type Unreadable = Extract<TraceAnswer, { kind: 'unreadable' }>;

/** With the rules that it met on each node, or without. */
export function followed(
  workspace: Workspace,
  params: TraceParams,
  { withRules }: { readonly withRules: boolean },
): Followed | Unreadable {
  const { target, from, details = plainDetails, whatIf = [] } = params;
  const scene = sceneFor(workspace, params);
  if (scene === null) return notRead;
  const assumed: WhatIf[] = [];
  let model = scene.model;
  for (const text of whatIf) {
    const read = readWhatIf(text, model);
    if (read.kind === 'unreadable') return read;
    assumed.push(read.value);
    model = withWhatIf(model, read.value);
  }
  const readT = readTarget(target);
  if (readT.kind === 'unreadable') return readT;
  const readO = readOrigin(from, model);
  if (readO.kind === 'unreadable') return readO;
  const request = requestOf({ target: { text: target, value: readT.value }, details }, readO.value);
  return {
    kind: 'followed',
    scene,
    model,
    request,
    trace: traceRequest(model, request, { withRules }),
    whatIf: assumed,
  };
}

const notRead: Unreadable = {
  kind: 'unreadable',
  message: 'This file is not among the manifests that Hoplens has read.',
};

export function sceneFor(workspace: Workspace, { uri, build, profile }: TraceParams): Scene | null {
  const isBuilt = build !== undefined && workspace.isJudged(build);
  const scene = isBuilt ? workspace.sceneOfBuild(build) : workspace.readableSceneOf(uri);
  return scene === null || profile === undefined ? scene : (workspace.underProfile(scene, profile) ?? scene);
}

function buildOf(workspace: Workspace, { set }: Scene): string | null {
  return set.kind === 'built' ? (workspace.builtAt(set.root)?.plan.label ?? null) : null;
}

/** A field's place by its file's URI. */
export function placeIn(scene: Scene): PlaceOf {
  return (field) => {
    const site = scene.siteOf(field);
    return site === null ? null : { file: site.uri, line: site.range.start.line + 1 };
  };
}

/**
 * What can be asked in the file's set, and who can ask: every Service's ports, every Ingress's rules, every route's
 * matches.
 */
export function targets(
  workspace: Workspace,
  { uri }: TargetsParams,
  { defaultFrom }: Pick<Settings, 'defaultFrom'>,
): TargetsAnswer {
  const scene = workspace.sceneOf(uri);
  if (scene === null) return { targets: [], origins: [] };
  const { model } = scene;
  const ways = new Map(
    scene.files
      .flatMap((file) => scene.lenses(file))
      .map(({ kind, namespace, name, way }) => [`${kind}/${namespace}/${name}`, way]),
  );
  const targets = askablesIn(model).flatMap((askable): TargetItem[] => {
    const { namespace, name, manifest } = objectOf(askable);
    return asksOf(model, askable).map((asked) => ({
      target: asked.target.text,
      from: defaultFrom === '' ? usualOrigin(asked) : defaultFrom,
      details: asked.details,
      description: ways.get(`${manifest.kind}/${namespace}/${name}`) ?? '',
    }));
  });
  return { targets, origins: originsIn(model, { defaultFrom }) };
}

export function originsIn(model: ClusterModel, { defaultFrom }: Pick<Settings, 'defaultFrom'>): OriginItem[] {
  const pods = writtenOnes(model.pods)
    .slice(0, 500)
    .map((pod) => ({ from: `pod/${podName(pod)}`, description: `${pod.owner.kind} ${pod.owner.name} on ${pod.node}` }));
  const isKnown = (from: string): boolean => ['', 'internet', 'pod'].includes(from);
  const nodes = model.nodes.slice(0, 100).map(({ name, address }) => ({ from: `node/${name}`, description: address }));
  return [
    ...(isKnown(defaultFrom) ? [] : [{ from: defaultFrom, description: 'who asks by default (hoplens.defaultFrom)' }]),
    { from: 'internet', description: 'a client outside the cluster' },
    { from: 'pod', description: 'any pod' },
    ...pods,
    ...nodes,
  ];
}

/** WHO as typed. */
export function usualOrigin({ from, namespace }: Pick<Asked, 'from' | 'namespace'>): string {
  return from === 'pod' && namespace !== 'default' ? `pod.${namespace}` : from;
}

/** Who usually asks for a target of a file's set; the internet for one that nobody asks for. */
export function usualFrom(workspace: Workspace, uri: string, target: string): string {
  const known = targets(workspace, { uri }, { defaultFrom: '' }).targets.find((each) => each.target === target);
  return known?.from ?? 'internet';
}
