import { anyPod } from '../cluster/anyPod.ts';
import { endpointsFor } from '../cluster/clusterModel.ts';
import type { Ingress } from '../cluster/ingress.ts';
import { selectedPods } from '../cluster/podSelection.ts';
import type { Service } from '../cluster/service.ts';
import { siteOf } from '../manifest/manifest.ts';
import type { Site } from '../manifest/position.ts';
import { nodesThatDrop } from '../network/localPolicy.ts';
import { verdictText } from '../trace/reason.ts';
import { describeWay } from '../trace/summary.ts';
import type { Origin, Path, Trace } from '../trace/trace.ts';
import { traceRequest } from '../trace/traceRequest.ts';
import { absentBackend, absentPods } from './absence.ts';
import { type Asked, asksOfIngress, asksOfService } from './asks.ts';
import type { JudgedSet } from './rule.ts';

/** What stands over a Service or an Ingress: the way to it, what it reaches, what was assumed. */
export interface Lens {
  readonly site: Site;
  readonly kind: 'Service' | 'Ingress';
  readonly namespace: string;
  readonly name: string;
  /** The way, in the words of a trace: `2 hops from LB, SNAT applied`. */
  readonly way: string;
  /** Whether every packet arrives. */
  readonly isDelivered: boolean;
  /** Beside it, each short: `→ 3 pods`, `~ 3 nodes assumed`. */
  readonly notes: readonly string[];
  /** What to trace when it is clicked; null where there is nothing to ask for. */
  readonly ask: Asked | null;
}

/** The lenses of one file, in its order. */
export function lensesOf(judged: JudgedSet, uri: string): Lens[] {
  const { model } = judged;
  const services = model.services.filter(({ manifest }) => manifest.uri === uri).map((service) => lensOfService(judged, service));
  const ingresses = model.ingresses.filter(({ manifest }) => manifest.uri === uri).map((ingress) => lensOfIngress(judged, ingress));
  return [...services, ...ingresses].toSorted((a, b) => a.site.range.start.line - b.site.range.start.line);
}

/** As many of an Ingress's paths, or a Service's ports, as a lens follows. */
const mostAsked = 12;

function lensOfService(judged: JudgedSet, service: Service): Lens {
  const { model } = judged;
  const asks = asksOfService(service);
  const lens = (way: string, isDelivered: boolean, notes: readonly string[]): Lens =>
    ({ site: siteOf(service.manifest), kind: 'Service', namespace: service.namespace, name: service.name, way, isDelivered, notes, ask: asks[0] ?? null });
  if (service.type === 'ExternalName') return lens(`alias for ${service.externalName ?? ''}`, true, []);
  const missing = whyNoEndpoints(judged, service);
  if (missing !== null) return lens(missing, false, []);
  const traces = asks.slice(0, mostAsked).map((ask) => follow(judged, ask));
  const paths = traces.flatMap(({ paths }) => paths);
  const way = describeWay(paths);
  const dropping = nodesThatDrop(model, service).length;
  const reached = reachedPods(paths);
  const notes = [...(reached > 0 ? [`→ ${reached} ${reached === 1 ? 'pod' : 'pods'}`] : []), ...assumptionNotes(traces)];
  if (way === null) return lens(wayOfTheLost(paths), false, notes);
  if (dropping === 0) return lens(`${way.count}, ${way.source}${partlyLost(paths)}`, !paths.some(isLost), notes);
  return lens(`${way.count}, ${dropping} of ${model.nodes.length} nodes ${dropping === 1 ? 'drops' : 'drop'}`, !paths.some(isLost), [way.source, ...notes]);
}

function lensOfIngress(judged: JudgedSet, ingress: Ingress): Lens {
  const asks = asksOfIngress(judged.model, ingress);
  const lens = (way: string, isDelivered: boolean, notes: readonly string[]): Lens =>
    ({ site: siteOf(ingress.manifest), kind: 'Ingress', namespace: ingress.namespace, name: ingress.name, way, isDelivered, notes, ask: asks[0] ?? null });
  if (asks.length === 0) return lens('no rule and no default backend', false, []);
  const traces = asks.slice(0, mostAsked).map((ask) => follow(judged, ask));
  const paths = traces.flatMap((trace) => trace.paths);
  const way = describeWay(paths);
  const allBackends = [...ingress.rules.map(({ backend }) => backend), ingress.defaultBackend].filter((backend) => backend !== null);
  const backends = [...new Set(allBackends.map(({ service, port }) => `${service}${port === null ? '' : `:${port}`}`))];
  const arrow = backends.length === 0 ? [] : [`→ ${backends.slice(0, 3).join(', ')}${backends.length > 3 ? `, ${backends.length - 3} more` : ''}`];
  const notes = [...arrow, ...assumptionNotes(traces)];
  if (way === null) {
    const perhaps = allBackends.find((backend) => absentBackend(judged, ingress, backend)?.absence === 'perhaps');
    return lens(perhaps === undefined ? wayOfTheLost(paths) : `unknown: Service ${perhaps.service} is not in these files`, false, notes);
  }
  return lens(`${way.count}, ${way.source}${partlyLost(paths)}`, !paths.some(isLost), notes);
}

/** The request of a lens, followed: from outside where that can be, else from some pod of the namespace. */
function follow({ model }: JudgedSet, { target, from, namespace }: Asked): Trace {
  const pod = from === 'pod' ? anyPod(model, namespace) : null;
  const origin: Origin = pod === null ? { kind: 'internet' } : { kind: 'pod', pod };
  return traceRequest(model, { target: target.value, from: origin, protocol: 'TCP', method: 'GET', headers: new Map() });
}

function whyNoEndpoints(judged: JudgedSet, service: Service): string | null {
  const { model } = judged;
  const { byPort, source } = endpointsFor(model, service);
  if (byPort.some((endpoints) => endpoints.length > 0) || source === 'EndpointSlice' || source === 'Endpoints') return null;
  if (service.selector === null) return 'unknown: no selector, and no endpoints in these files';
  const selected = selectedPods(service, model.pods).length;
  if (selected > 0) return service.ports.length === 0 ? null : 'no way in: no pod offers the targetPort';
  return absentPods(judged, service, service.selector).absence === 'sure' ? 'no way in: selector matches no pod' : 'unknown: no pod in these files matches the selector';
}

function wayOfTheLost(paths: readonly Path[]): string {
  const [first] = paths;
  if (first === undefined) return 'no way in: no port';
  const kinds = [...new Set(paths.map(({ verdict }) => verdictText(verdict)))];
  return first.verdict.kind === 'unknown' ? kinds.join(', ') : `no way in: ${kinds.join(', ')}`;
}

function partlyLost(paths: readonly Path[]): string {
  const kinds = [...new Set(paths.filter(isLost).map(({ verdict }) => verdictText(verdict)))];
  return kinds.length === 0 ? '' : `, some ${kinds.join(', some ')}`;
}

function isLost({ verdict }: Path): boolean {
  return verdict.kind !== 'delivered';
}

function reachedPods(paths: readonly Path[]): number {
  return new Set(paths.flatMap(({ verdict }) => (verdict.kind === 'delivered' ? [`${verdict.namespace}/${verdict.pod?.name ?? verdict.address}`] : []))).size;
}

/** The assumptions that decide the way, in the shortest words; the rest stands in the trace. */
const shortly: ReadonlyMap<string, string> = new Map([['nodes', '~ 3 nodes assumed'], ['ingress-controller', '~ controller assumed'], ['container-native', '~ pods as targets assumed']]);

function assumptionNotes(traces: readonly Trace[]): string[] {
  const ids = new Set(traces.flatMap(({ assumptions }) => assumptions.map(({ id }) => id)));
  return [...shortly].flatMap(([id, text]) => (ids.has(id) ? [text] : []));
}

