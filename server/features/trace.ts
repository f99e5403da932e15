import { leadsIn } from '../../shared/insight/entryPoints.ts';
import { isService } from '../../shared/cluster/service.ts';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import { askablesIn, type Asked, asksOf, objectOf, requestOf } from '../../shared/insight/asks.ts';
import {
  plainDetails,
  type SetItem,
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
import { readOrigin, readTarget, workloadAbbreviations } from '../../shared/trace/readRequest.ts';
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
  const scene = sceneMeant(workspace, { uri, build });
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

/** The build that is meant, else the file's set. */
function sceneMeant(workspace: Workspace, { uri, build }: TargetsParams): Scene | null {
  return build !== undefined && workspace.isJudged(build) ? workspace.sceneOfBuild(build) : workspace.sceneOf(uri);
}

/** A field's place by its file's URI. */
export function placeIn(scene: Scene): PlaceOf {
  return (field) => {
    const site = scene.siteOf(field);
    return site === null ? null : { file: site.uri, line: site.range.start.line + 1 };
  };
}

/** Of so many objects the picker says what becomes of requests; of more, what they are. */
const mostDescribed = 300;

/**
 * What can be asked in the file's set, and who can ask: every Service's ports, every Ingress's rules, every route's
 * matches.
 */
export function targets(
  workspace: Workspace,
  params: TargetsParams,
  { defaultFrom }: Pick<Settings, 'defaultFrom'>,
): TargetsAnswer {
  const scene = sceneMeant(workspace, params);
  if (scene === null) return null;
  const { model } = scene;
  const askables = askablesIn(model);
  const lenses = askables.length > mostDescribed ? [] : scene.files.flatMap((file) => scene.lenses(file));
  const ways = new Map(lenses.map(({ kind, namespace, name, way }) => [`${kind}/${namespace}/${name}`, way]));
  const targets = askables.flatMap((askable): TargetItem[] => {
    const { namespace, name, manifest } = objectOf(askable);
    return asksOf(model, askable).map((asked) => ({
      target: asked.target.text,
      from: defaultFrom === '' ? usualOrigin(asked) : defaultFrom,
      details: asked.details,
      description: ways.get(`${manifest.kind}/${namespace}/${name}`) ?? `${manifest.kind} ${name}`,
    }));
  });
  const written = writtenOnes(model.pods);
  const workloads = Map.groupBy(
    written.filter(({ owner, name }) => workloadAbbreviations.has(owner.kind) && owner.name !== name),
    ({ owner, namespace }) => `${workloadAbbreviations.get(owner.kind)}/${podName({ name: owner.name, namespace })}`,
  );
  const pods = written
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
      ...[...workloads]
        .slice(0, 200)
        .map(([from, its]) => ({ from, description: its.length === 1 ? 'its pod' : `one of its ${its.length} pods` })),
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
  const known = targets(workspace, { uri }, { defaultFrom: '' })?.targets.find((each) => each.target === target);
  return known?.from ?? 'internet';
}

/** Every set that has something to ask for; those that something leads into from outside first, then by place. */
export function sets(workspace: Workspace): SetItem[] {
  const plain = workspace.sets().flatMap(({ root, uris }): SetOf[] => {
    const manifests = uris.flatMap((each) => workspace.file(each)?.manifests ?? []);
    const first = manifests.find(isAskable);
    if (first === undefined) return [];
    return [{ item: { label: null, place: root, uri: first.uri, build: null }, manifests }];
  });
  const built = workspace.plans().flatMap(({ root, label, folder, entry }): SetOf[] => {
    const manifests = workspace.isJudged(root) ? (workspace.builtAt(root)?.file.manifests ?? []) : [];
    return manifests.some(isAskable) ? [{ item: { label, place: folder, uri: entry, build: root }, manifests }] : [];
  });
  return [...plain, ...built]
    .map(({ item, manifests }) => ({ item, rank: manifests.some(leadsIn) ? 0 : 1 }))
    .toSorted((a, b) => a.rank - b.rank || (a.item.place < b.item.place ? -1 : 1))
    .map(({ item }) => item);
}

interface SetOf {
  readonly item: SetItem;
  readonly manifests: readonly Manifest[];
}

function isAskable(manifest: Manifest): boolean {
  return isService(manifest) || leadsIn(manifest);
}
