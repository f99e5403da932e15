import { buildItems } from './judgedSet.ts';
import { isExternallyAccessible, type Service } from '../../shared/cluster/service.ts';
import { rewritesOf } from '../../shared/trace/flight.ts';
import { askablesIn, type Asked, asksOf, objectOf, requestOf } from '../../shared/insight/asks.ts';
import {
  type OriginItem,
  plainDetails,
  type TargetItem,
  type TargetsAnswer,
  type TargetsParams,
  type TraceAnswer,
  type TraceChoices,
  type TraceParams,
  type TraceTextAnswer,
  type TraceTextParams,
  type WhatIfItem,
} from '../../shared/insight/protocol.ts';
import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import { proxyModes } from '../../shared/cluster/profile.ts';
import { readWhatIf, type WhatIf, whatIfText, withWhatIf } from '../../shared/cluster/whatIf.ts';
import { podAt, writtenOnes } from '../../shared/cluster/lookups.ts';
import type { Scene } from '../../shared/insight/scene.ts';
import type { Settings } from '../settings.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';
import { readOrigin, readTarget } from '../../shared/trace/readRequest.ts';
import { inUsualMode } from '../../shared/trace/otherMode.ts';
import { diagramOf } from '../../shared/trace/diagram.ts';
import type { Trace } from '../../shared/trace/graph.ts';
import { type PlaceOf, podName, type Request } from '../../shared/trace/trace.ts';
import { traceJson } from '../../shared/trace/traceJson.ts';
import { traceMermaid } from '../../shared/trace/traceMermaid.ts';
import { traceRequest } from '../../shared/trace/traceRequest.ts';
import { traceText } from '../../shared/trace/traceText.ts';

/** Follows a request through the set of the file that it was asked from. */
export function trace(workspace: Workspace, params: TraceParams): TraceAnswer {
  const found = followed(workspace, params);
  if (found.kind === 'unreadable') return found;
  const { scene, model, request, answer, whatIf } = found;
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

/** The same as the command line prints it. */
export function traceAsText(workspace: Workspace, { format, ...params }: TraceTextParams): TraceTextAnswer {
  const found = followed(workspace, params);
  if (found.kind === 'unreadable') return found;
  const { answer, scene } = found;
  switch (format) {
    case 'text':
      return { kind: 'text', text: traceText(answer, placeIn(scene)) };
    case 'mermaid':
      return { kind: 'text', text: traceMermaid(answer) };
    case 'json':
      return { kind: 'text', text: `${JSON.stringify(traceJson(answer, placeIn(scene)), null, 2)}\n` };
    default:
      return format satisfies never;
  }
}

interface Followed {
  readonly kind: 'followed';
  readonly scene: Scene;
  readonly model: ClusterModel;
  readonly request: Request;
  readonly answer: Trace;
  readonly whatIf: readonly WhatIf[];
}

type Unreadable = Extract<TraceAnswer, { kind: 'unreadable' }>;

function followed(workspace: Workspace, params: TraceParams): Followed | Unreadable {
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
  const answer = traceRequest(model, request, { withRules: true });
  return { kind: 'followed', scene, model, request, answer, whatIf: assumed };
}

const notRead: Unreadable = {
  kind: 'unreadable',
  message: 'This file is not among the manifests that Hoplens has read.',
};

function sceneFor(workspace: Workspace, { uri, build, profile }: TraceParams): Scene | null {
  const isBuilt = build !== undefined && workspace.isJudged(build);
  const scene = isBuilt ? workspace.sceneOfBuild(build) : workspace.readableSceneOf(uri);
  return scene === null || profile === undefined ? scene : (workspace.underProfile(scene, profile) ?? scene);
}

function buildOf(workspace: Workspace, { set }: Scene): string | null {
  return set.kind === 'built' ? (workspace.builtAt(set.root)?.plan.label ?? null) : null;
}

/** A field's place by its file's URI. */
function placeIn(scene: Scene): PlaceOf {
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

function originsIn(model: ClusterModel, { defaultFrom }: Pick<Settings, 'defaultFrom'>): OriginItem[] {
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

/** Who else could ask, and what might be otherwise: of the nodes, pods and Services that a trace meets. */
export function traceChoices(
  workspace: Workspace,
  params: TraceParams,
  settings: Pick<Settings, 'defaultFrom'>,
): TraceChoices {
  const scene = sceneFor(workspace, params);
  if (scene === null) return { origins: [], whatIfs: [], builds: [], profiles: [] };
  const found = followed(workspace, params);
  const { model } = scene;
  const { mode } = model.profile.kubeProxy;
  return {
    origins: originsIn(model, settings),
    whatIfs: [
      ...(found.kind === 'followed' ? whatIfsOf(found) : []),
      ...proxyModes
        .filter((each) => each !== mode)
        .map((each): WhatIfItem => ({
          text: `kube-proxy=${each}`,
          label: `kube-proxy in ${each} mode`,
          description: `${mode} now`,
          about: 'proxy',
        })),
    ],
    builds: buildItems(workspace.builtOf(params.uri)),
    profiles: workspace.profiles().map(({ uri, name }) => ({ file: uri, name })),
  };
}

/** As many nodes, pods and Services as are offered of each; others can be typed. */
const mostOffered = 100;

function whatIfsOf({ model, answer: { graph } }: Followed): WhatIfItem[] {
  const parties = graph.nodes.map(({ arrival }) => arrival.at);
  const pods = new Map(
    parties
      .flatMap(({ kind, address }) => (kind === 'pod' ? (podAt(model, address) ?? []) : []))
      .map((pod) => [podName(pod), pod]),
  );
  const nodes = new Set([
    ...parties.flatMap((each) => (each.kind === 'node' ? [each.name] : [])),
    ...[...pods.values()].map(({ node }) => node),
  ]);
  const met = new Set(
    graph.moves.flatMap(({ move }) =>
      [...move.because, ...rewritesOf(move).flatMap(({ because }) => because)].flatMap((each) =>
        each.kind === 'field' && each.field !== null ? [each.field.object] : [],
      ),
    ),
  );
  const services = model.services.filter(({ manifest }) => met.has(manifest.key));
  return [
    ...[...nodes].toSorted(byName.compare).slice(0, mostOffered).flatMap(nodeItems),
    ...services.slice(0, mostOffered).flatMap(policyItems),
    ...[...pods.keys()].toSorted(byName.compare).slice(0, mostOffered).flatMap(podItems),
  ];
}

const byName = new Intl.Collator('en', { numeric: true });

function nodeItems(name: string): WhatIfItem[] {
  const item = (state: string, label: string, description: string): WhatIfItem => ({
    text: `node/${name}=${state}`,
    label: `${name} ${label}`,
    description,
    about: 'node',
  });
  return [
    item('down', 'is down', 'nobody reaches it, and everybody knows'),
    item('drained', 'is drained', 'its pods are gone'),
    item('just-drained', 'was just drained', 'its pods are gone, and no load balancer has noticed yet'),
  ];
}

function podItems(name: string): WhatIfItem[] {
  const item = (state: string, label: string, description: string): WhatIfItem => ({
    text: `pod/${name}=${state}`,
    label: `${name} ${label}`,
    description,
    about: 'pod',
  });
  return [
    item('not-ready', 'is not ready', 'it gets no new connections'),
    item('terminating', 'is terminating', 'it gets new connections only where no other is ready'),
    item('gone', 'is gone', ''),
  ];
}

function policyItems(service: Service): WhatIfItem[] {
  const fields = [
    ...(isExternallyAccessible(service) ? (['externalTrafficPolicy'] as const) : []),
    ...(service.type === 'ExternalName' ? [] : (['internalTrafficPolicy'] as const)),
  ];
  const name = podName(service);
  return fields.map((field) => {
    const other = service[field] === 'Local' ? 'Cluster' : 'Local';
    return {
      text: `svc/${name}.${field}=${other}`,
      label: `${field}: ${other}`,
      description: `of Service ${name}, ${service[field]} now`,
      about: 'service',
    };
  });
}
