import { askablesIn, type Asked, asksOf, objectOf, requestOf } from '../../shared/insight/asks.ts';
import {
  plainDetails,
  type TargetItem,
  type TargetsAnswer,
  type TargetsParams,
  type TraceAnswer,
  type TraceParams,
} from '../../shared/insight/protocol.ts';
import { writtenOnes } from '../../shared/cluster/lookups.ts';
import type { Scene } from '../../shared/insight/scene.ts';
import type { Settings } from '../settings.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';
import { readOrigin, readTarget } from '../../shared/trace/readRequest.ts';
import { inUsualMode } from '../../shared/trace/otherMode.ts';
import { type PlaceOf, podName, type Request } from '../../shared/trace/trace.ts';
import { diagramOf } from '../../shared/trace/diagram.ts';
import type { Trace } from '../../shared/trace/graph.ts';
import { traceJson } from '../../shared/trace/traceJson.ts';
import { traceRequest } from '../../shared/trace/traceRequest.ts';

/** A request that could be read, followed through the set of the file that it was asked from. */
export interface Followed {
  readonly kind: 'followed';
  readonly scene: Scene;
  readonly request: Request;
  readonly trace: Trace;
}

/** With the rules that it met on each node, or without. */
export function followed(
  workspace: Workspace,
  { uri, target, from, details = plainDetails, build }: TraceParams,
  { withRules }: { readonly withRules: boolean },
): Followed | Extract<TraceAnswer, { kind: 'unreadable' }> {
  const isBuilt = build !== undefined && workspace.isJudged(build);
  const scene = isBuilt ? workspace.sceneOfBuild(build) : workspace.sceneOf(uri);
  if (scene === null)
    return { kind: 'unreadable', message: 'This file is not among the manifests that Hoplens has read.' };
  const readT = readTarget(target);
  if (readT.kind === 'unreadable') return readT;
  const readO = readOrigin(from, scene.model);
  if (readO.kind === 'unreadable') return readO;
  const request = requestOf({ target: { text: target, value: readT.value }, details }, readO.value);
  return { kind: 'followed', scene, request, trace: traceRequest(scene.model, request, { withRules }) };
}

/** A trace as the panel draws it. */
export function trace(workspace: Workspace, params: TraceParams): TraceAnswer {
  const found = followed(workspace, params, { withRules: true });
  if (found.kind === 'unreadable') return found;
  const { scene, request, trace: answer } = found;
  return {
    kind: 'trace',
    target: params.target,
    from: params.from,
    trace: traceJson(answer, placeIn(scene)),
    diagram: diagramOf(scene.model, answer, placeIn(scene)),
    usualMode: inUsualMode(scene.model, request, answer),
  };
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
  const pods = writtenOnes(model.pods)
    .slice(0, 500)
    .map((pod) => ({ from: `pod/${podName(pod)}`, description: `${pod.owner.kind} ${pod.owner.name} on ${pod.node}` }));
  const isKnown = (from: string): boolean => ['', 'internet', 'pod'].includes(from);
  const nodes = model.nodes.slice(0, 100).map(({ name, address }) => ({ from: `node/${name}`, description: address }));
  return {
    targets,
    origins: [
      ...(isKnown(defaultFrom)
        ? []
        : [{ from: defaultFrom, description: 'who asks by default (hoplens.defaultFrom)' }]),
      { from: 'internet', description: 'a client outside the cluster' },
      { from: 'pod', description: 'any pod' },
      ...pods,
      ...nodes,
    ],
  };
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
