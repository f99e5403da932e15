import { anyPod } from '../cluster/anyPod.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import { endpointsObjectsOf, endpointsOfAllFamilies, selectedPods, serviceNamed } from '../cluster/lookups.ts';
import type { Gateway } from '../cluster/gatewayApi/gateway.ts';
import type { Route, RouteKind, RouteRule } from '../cluster/gatewayApi/route.ts';
import { type Ingress, isGoneIngress } from '../cluster/ingress.ts';
import type { Service } from '../cluster/service.ts';
import { waitingFor } from '../cluster/waiting.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { type Position, range, type Site } from '../manifest/position.ts';
import { gatewayElsewhere, judgedGatewayOf, type JudgedParent, parentsOf } from '../network/gateway/attachment.ts';
import type { PolicyKind } from '../network/policy/policyPlugin.ts';
import { nodesThatDrop, nodesThatDropInside } from '../network/localPolicy.ts';
import { type End, endsOf } from '../trace/ends.ts';
import type { Trace } from '../trace/graph.ts';
import { isOfUnfollowed } from '../trace/policyGate.ts';
import { readOrigin } from '../trace/readRequest.ts';
import { describeDenied, describePartlyDenied, describeWay, isDeniedByPolicy } from '../trace/summary.ts';
import type { Origin } from '../trace/trace.ts';
import { isLost } from '../trace/verdict.ts';
import { verdictText } from '../trace/verdictText.ts';
import { traceRequest } from '../trace/traceRequest.ts';
import { type Absence, absentBackend, absentPods, absentRouteBackend } from './absence.ts';
import { type Askable, askableOf, type Asked, asksOf, requestOf } from './asks.ts';
import { placeholderBehind } from './placeholders.ts';
import { allowedSenders } from './policies/allowedSender.ts';
import { lensOfClusterPolicy, lensOfPolicy } from './policies/policyLens.ts';
import type { JudgedSet } from './rule.ts';

/**
 * What stands over a Service, an Ingress, a Gateway or a route: the way to it, what it reaches, what was assumed. Over
 * a policy: whom it isolates, and whom it lets through.
 */
export interface Lens extends LensOfObject {
  /** Where its object begins. */
  readonly site: Site;
  /** The root of the build that it speaks of; null for a manifest that is applied as it is written. */
  readonly build: string | null;
}

/** Whether every packet arrives, some, or none; `unknown` where these files can't say. */
export type Outcome = 'arrives' | 'partly' | 'lost' | 'unknown';

/** The same before its place is known. */
export interface LensOfObject {
  readonly kind: 'Service' | 'Ingress' | 'Gateway' | PolicyKind | RouteKind;
  readonly namespace: string;
  readonly name: string;
  /** The way, in the words of a trace: `2 hops from LB, SNAT applied`. */
  readonly way: string;
  readonly outcome: Outcome;
  /** Beside it, each short: `→ 3 pods`, `~ 3 nodes assumed`. */
  readonly notes: readonly string[];
  /** What to trace when it is clicked; null where there is nothing to ask for. */
  readonly ask: Asked | null;
}

/** The lens over an object; null for one that has none, and for one that is defined again further on. */
export function lensOf(judged: JudgedSet, manifest: Manifest): LensOfObject | null {
  const askable = askableOf(judged.model, manifest);
  if (askable === null) return lensOfPolicy(judged, manifest) ?? lensOfClusterPolicy(judged, manifest);
  const asks = asksOf(judged.model, askable);
  const lens = lensOfAskable(judged, askable, asks);
  const unknown = placeholderBehind(judged.model, askable, manifest);
  return unknown === null ? lens : { ...lens, way: `unknown: ${unknown}`, outcome: 'unknown', notes: [] };
}

/** What a lens says of some requests for an object alone. */
export function lensOfAskable(judged: JudgedSet, askable: Askable, asks: readonly Asked[]): LensOfObject {
  switch (askable.kind) {
    case 'Service':
      return lensOfService(judged, askable.service, asks);
    case 'Ingress':
      return lensOfIngress(judged, askable.ingress, asks);
    case 'Gateway':
      return lensOfGateway(judged, askable.gateway, asks);
    case 'Route':
      return lensOfRoute(judged, askable.route, asks);
    default:
      return askable satisfies never;
  }
}

/** Where each lens was shown last: of a file's thousands, few are others after a key. */
const shown = new WeakMap<LensOfObject, Lens>();

/** A lens at the place where its object begins. */
export function lensAt(lens: LensOfObject, uri: string, { line, character }: Position): Lens {
  const before = shown.get(lens);
  const was = before?.site.range.start;
  if (before?.site.uri === uri && was?.line === line && was.character === character) return before;
  const now = { ...lens, build: null, site: { uri, range: range(line, character, line, character + 1) } };
  shown.set(lens, now);
  return now;
}

/** A lens of a text that can't be read just now. */
export function asOfLastReadable(lens: Lens): Lens {
  return { ...lens, notes: [...lens.notes, asOfText] };
}

export const asOfText = 'as of the last readable text';

/** As many of an Ingress's paths, or a Service's ports, as a lens follows. */
const mostAsked = 12;

function lensOfService(judged: JudgedSet, service: Service, asks: readonly Asked[]): LensOfObject {
  const { model } = judged;
  const lens = (way: string, outcome: Outcome, notes: readonly string[], ask = asks[0] ?? null): LensOfObject => ({
    kind: 'Service',
    namespace: service.namespace,
    name: service.name,
    way,
    outcome,
    notes,
    ask,
  });
  if (service.type === 'ExternalName') return lens(`alias for ${service.externalName ?? ''}`, 'arrives', []);
  const missing = whyNoEndpoints(judged, service);
  if (missing !== null) return lens(missing, outcomeOfWay(missing), []);
  const ofAnybody = asks.slice(0, mostAsked).map((ask) => follow(judged, ask));
  const shutOut = whoIsShutOut(judged, { service, asks, traces: ofAnybody });
  const traces = shutOut?.traces ?? ofAnybody;
  const ends = traces.flatMap(({ graph }) => endsOf(graph));
  const way = describeWay(traces);
  const dropping = nodesThatDrop(model, service).length;
  const droppingInside = nodesThatDropInside(model, service).length;
  const reached = reachedPods(ends);
  const notes = [
    ...(reached > 0 ? [`→ ${reached} ${reached === 1 ? 'pod' : 'pods'}`] : []),
    ...(droppingInside > 0 ? [`from inside, ${droppingInside} of ${model.nodes.length} nodes drop`] : []),
    ...(shutOut === null ? [] : [shutOut.note]),
    ...assumptionNotes(traces),
  ];
  const ask = shutOut?.ask;
  if (way === null) return lens(wayOfTheLost(traces), outcomeOf(ends), notes);
  if (dropping === 0) return lens(`${way.count}, ${way.source}${partlyLost(traces)}`, outcomeOf(ends), notes, ask);
  return lens(
    `${way.count}, ${dropping} of ${model.nodes.length} nodes ${dropping === 1 ? 'drops' : 'drop'}`,
    outcomeOf(ends),
    [way.source, ...notes],
    ask,
  );
}

/**
 * Where policies let in none but pods that they name, how it goes for the first of these that comes through, and who
 * shuts out the others; null where anybody's requests come through, or nobody's.
 */
function whoIsShutOut(
  judged: JudgedSet,
  {
    service,
    asks,
    traces,
  }: { readonly service: Service; readonly asks: readonly Asked[]; readonly traces: readonly Trace[] },
): { readonly traces: readonly Trace[]; readonly ask: Asked; readonly note: string } | null {
  const denied = describePartlyDenied(traces);
  if (denied === null || asks[0]?.from !== 'pod' || describeWay(traces) !== null) return null;
  for (const from of allowedSenders(judged.model, service)) {
    const own = asks.slice(0, mostAsked).map((ask) => ({ ...ask, from }));
    const found = own.map((ask) => follow(judged, ask));
    const telling = own[found.findIndex((each) => describeWay([each]) !== null)];
    if (telling !== undefined) return { traces: found, ask: telling, note: `others denied by ${denied.by}` };
  }
  return null;
}

function lensOfIngress(judged: JudgedSet, ingress: Ingress, asks: readonly Asked[]): LensOfObject {
  const lens = (way: string, outcome: Outcome, notes: readonly string[]): LensOfObject => ({
    kind: 'Ingress',
    namespace: ingress.namespace,
    name: ingress.name,
    way,
    outcome,
    notes,
    ask: asks[0] ?? null,
  });
  if (isGoneIngress(ingress.manifest, judged.model.profile.kubernetesMinor))
    return lens(`no way in: Kubernetes no longer serves ${ingress.manifest.apiVersion}`, 'lost', []);
  if (asks.length === 0) return lens('no rule and no default backend', 'lost', []);
  const traces = asks.slice(0, mostAsked).map((ask) => follow(judged, ask));
  const ends = traces.flatMap(({ graph }) => endsOf(graph));
  const way = describeWay(traces);
  const allBackends = [...ingress.rules.map(({ backend }) => backend), ingress.defaultBackend].filter(
    (backend) => backend !== null,
  );
  const backends = [...new Set(allBackends.map(({ service, port }) => `${service}${port === null ? '' : `:${port}`}`))];
  const notes = [...arrowTo(backends), ...assumptionNotes(traces)];
  if (way === null) {
    if (answersOnPurpose(ends)) return lens('redirects', 'arrives', notes);
    const unknown = allBackends.flatMap((backend) => [
      ...whyUnknown(backend.service, absentBackend(judged, ingress, backend)?.absence),
      ...whyServiceUnknown(judged, ingress.namespace, backend.service),
    ]);
    const [known] = unknown;
    return lens(known ?? wayOfTheLost(traces), known === undefined ? outcomeOf(ends) : 'unknown', notes);
  }
  return lens(`${way.count}, ${way.source}${partlyLost(traces)}`, outcomeOf(ends), notes);
}

/** Where it leads, if anywhere. */
function arrowTo(backends: readonly string[]): string[] {
  const more = backends.length > 3 ? `, ${backends.length - 3} more` : '';
  return backends.length === 0 ? [] : [`→ ${backends.slice(0, 3).join(', ')}${more}`];
}

function lensOfGateway(judged: JudgedSet, gateway: Gateway, asks: readonly Asked[]): LensOfObject {
  const { model } = judged;
  const lens = (way: string, outcome: Outcome, notes: readonly string[], ask = asks[0] ?? null): LensOfObject => ({
    kind: 'Gateway',
    namespace: gateway.namespace,
    name: gateway.name,
    way,
    outcome,
    notes,
    ask,
  });
  const attached =
    judgedGatewayOf(model.declared, gateway)?.listeners.flatMap((each) => each.attached.map(({ route }) => route)) ??
    [];
  const count = new Set(attached).size;
  const reached = [`→ ${count} ${count === 1 ? 'route' : 'routes'}`];
  if (count === 0) return lens('no route in these files stands behind it', 'unknown', []);
  const whenLost =
    attached.map((route) => perhapsMissing(judged, route, route.rules)).find((each) => each !== null) ?? null;
  return lensOfTraces(judged, asks, lens, { arrow: reached, whenLost });
}

/** What a lens says of some requests for a route; `rules` are those that they lead to. */
export function lensOfRoute(
  judged: JudgedSet,
  route: Route,
  asks: readonly Asked[],
  rules: readonly RouteRule[] = route.rules,
): LensOfObject {
  const { model } = judged;
  const lens = (way: string, outcome: Outcome, notes: readonly string[], ask = asks[0] ?? null): LensOfObject => ({
    kind: route.kind,
    namespace: route.namespace,
    name: route.name,
    way,
    outcome,
    notes,
    ask,
  });
  const parents = parentsOf(model.declared, route);
  if (!parents.some(({ outcome }) => outcome.kind === 'attached')) {
    const why = whyNotAttached(judged, parents);
    return lens(why, outcomeOfWay(why), []);
  }
  const backends = [
    ...new Set(
      rules.flatMap((rule) => rule.backends.map(({ name, port }) => `${name}${port === null ? '' : `:${port}`}`)),
    ),
  ];
  return lensOfTraces(judged, asks, lens, { arrow: arrowTo(backends), whenLost: perhapsMissing(judged, route, rules) });
}

/** What a lens would say of a load balancer of the profile. */
export function lensOfManual(judged: JudgedSet, ask: Asked): Pick<LensOfObject, 'way' | 'outcome' | 'notes' | 'ask'> {
  const trace = follow(judged, ask);
  const ends = endsOf(trace.graph);
  const way = describeWay([trace]);
  return {
    way:
      way !== null
        ? `${way.count}, ${way.source}${partlyLost([trace])}`
        : answersOnPurpose(ends)
          ? 'redirects'
          : wayOfTheLost([trace]),
    outcome: outcomeOf(ends),
    notes: assumptionNotes([trace]),
    ask,
  };
}

/** From the traces of its requests; a click traces the first that is delivered. */
function lensOfTraces(
  judged: JudgedSet,
  asks: readonly Asked[],
  lens: (way: string, outcome: Outcome, notes: readonly string[], ask?: Asked | null) => LensOfObject,
  { arrow, whenLost }: { readonly arrow: readonly string[]; readonly whenLost: string | null },
): LensOfObject {
  const traces = asks.slice(0, mostAsked).map((ask) => follow(judged, ask));
  const ends = traces.flatMap(({ graph }) => endsOf(graph));
  const way = describeWay(traces);
  const notes = [...arrow, ...assumptionNotes(traces)];
  const telling =
    asks[traces.findIndex((trace) => endsOf(trace.graph).some(({ verdict }) => verdict.kind === 'delivered'))];
  if (way !== null) return lens(`${way.count}, ${way.source}${partlyLost(traces)}`, outcomeOf(ends), notes, telling);
  if (answersOnPurpose(ends)) return lens('redirects', 'arrives', notes);
  return lens(
    ends.length === 0 ? 'unknown: no request can be made up for it' : (whenLost ?? wayOfTheLost(traces)),
    ends.length === 0 || whenLost !== null ? 'unknown' : outcomeOf(ends),
    notes,
  );
}

/** What the lens says if a backend may be applied from elsewhere; null if all are here. */
function perhapsMissing(judged: JudgedSet, route: Route, rules: readonly RouteRule[]): string | null {
  const backends = rules.flatMap((rule) => rule.backends).filter(({ kind }) => kind === 'Service');
  const unknown = backends.flatMap((backend) => [
    ...whyUnknown(backend.name, absentRouteBackend(judged, route, backend)?.absence),
    ...whyServiceUnknown(judged, backend.namespace, backend.name),
  ]);
  return unknown[0] ?? null;
}

/** Why it isn't known whether a Service that a set lacks is there. */
function whyUnknown(service: string, absence: Absence | undefined): string[] {
  switch (absence) {
    case 'perhaps':
      return [`unknown: Service ${service} is not in these files`];
    case 'unsaid':
      return [`unknown: nothing says which namespace Service ${service} is in`];
    default:
      return [];
  }
}

/** Why it isn't known whether a Service of the set has endpoints: what its own lens says. */
function whyServiceUnknown(judged: JudgedSet, namespace: string, name: string): string[] {
  const service = serviceNamed(judged.model, namespace, name);
  const why = service === undefined || service.type === 'ExternalName' ? null : whyNoEndpoints(judged, service);
  return why?.startsWith('unknown: ') === true ? [`unknown: Service ${name}: ${why.slice('unknown: '.length)}`] : [];
}

function whyNotAttached({ model }: JudgedSet, parents: readonly JudgedParent[]): string {
  const [first] = parents;
  if (first === undefined) return 'no way in: no parentRefs';
  for (const { outcome } of parents) if (outcome.kind === 'refused') return `no way in: ${outcome.condition.reason}`;
  switch (first.outcome.kind) {
    case 'absent': {
      const elsewhere = gatewayElsewhere(model.declared, first);
      return elsewhere === null
        ? 'unknown: its Gateway is not in these files'
        : `unknown: its Gateway is in namespace ${elsewhere.namespace}, not in ${first.reference.namespace}`;
    }
    case 'outside':
      return 'unknown: its parent is no Gateway';
    case 'unknown':
      return "unknown: a namespace's labels are not in these files";
    default:
      return 'unknown';
  }
}

/** Traces a request of an object: from outside if that is possible, else from some pod of the namespace. */
export function follow({ model }: JudgedSet, { target, from, namespace, details }: Asked): Trace {
  return traceRequest(model, requestOf({ target, details }, originMeant(model, from, namespace)));
}

function originMeant(model: ClusterModel, from: Asked['from'], namespace: string): Origin {
  const pod = from === 'pod' ? anyPod(model, namespace) : null;
  if (pod !== null) return { kind: 'pod', pod };
  const read = from === 'internet' || from === 'pod' ? null : readOrigin(from, model);
  return read?.kind === 'read' ? read.value : { kind: 'internet' };
}

/** Whether all ends are answers that somebody wrote: a redirect, not a loss. */
function answersOnPurpose(ends: readonly End[]): boolean {
  return ends.length > 0 && ends.every(({ verdict }) => !isLost(verdict));
}

function whyNoEndpoints(judged: JudgedSet, service: Service): string | null {
  const { model } = judged;
  const { source } = model.endpointsOf(service);
  const endpoints = service.ports.flatMap((port) => endpointsOfAllFamilies(model, service, port));
  if (
    endpoints.some(({ ready, serving, terminating }) => ready || (serving && terminating)) ||
    source === 'EndpointSlice' ||
    source === 'Endpoints' ||
    (service.selector === null && endpointsObjectsOf(model, service).length > 0)
  )
    return null;
  if (service.selector === null) return 'unknown: no selector, and no endpoints in these files';
  const selected = selectedPods(model, service).length;
  const [waiting] = waitingFor(model, service);
  if (waiting !== undefined) return `${waiting.waits === 'scaler' ? 'unknown' : 'no way in'}: ${waiting.text}`;
  if (endpoints.length > 0) return null;
  if (selected > 0) return service.ports.length === 0 ? null : 'no way in: no pod offers the targetPort';
  return absentPods(judged, { ...service, selector: service.selector }).absence === 'sure'
    ? 'no way in: selector matches no pod'
    : 'unknown: no pod in these files matches the selector';
}

/** Of requests that end so. What somebody answers on purpose isn't lost. */
function outcomeOf(ends: readonly End[]): Outcome {
  const lost = ends.filter(({ verdict }) => isLost(verdict));
  if (lost.length === 0) return ends.length === 0 ? 'lost' : 'arrives';
  if (lost.length < ends.length) return 'partly';
  return lost.every(({ verdict }) => verdict.kind === 'unknown') ? 'unknown' : 'lost';
}

/** Of what leads nowhere for a reason that is said before anything is traced. */
function outcomeOfWay(way: string): Outcome {
  return way.startsWith('unknown') ? 'unknown' : 'lost';
}

function wayOfTheLost(traces: readonly Trace[]): string {
  return describeDenied(traces) ?? wayOfLostEnds(traces.flatMap(({ graph }) => endsOf(graph)));
}

export function wayOfLostEnds(ends: readonly End[]): string {
  const [first] = ends;
  if (first === undefined) return 'no way in: no port';
  const kinds = [...new Set(ends.map(({ verdict }) => verdictText(verdict)))];
  return first.verdict.kind === 'unknown' ? kinds.join(', ') : `no way in: ${kinds.join(', ')}`;
}

function partlyLost(traces: readonly Trace[]): string {
  const denied = describePartlyDenied(traces);
  const lost = traces
    .flatMap(({ graph }) => endsOf(graph))
    .filter(({ verdict }) => isLost(verdict) && !isDeniedByPolicy(verdict));
  const kinds = [...new Set(lost.map(({ verdict }) => verdictText(verdict)))];
  return [
    ...(denied === null ? [] : [`${denied.share} denied by ${denied.by}`]),
    ...kinds.map((each) => `some ${each}`),
  ]
    .map((each) => `, ${each}`)
    .join('');
}

function reachedPods(ends: readonly End[]): number {
  return new Set(
    ends.flatMap(({ verdict }) =>
      verdict.kind === 'delivered' ? [`${verdict.namespace}/${verdict.pod?.name ?? verdict.address}`] : [],
    ),
  ).size;
}

/** The assumptions that decide the way, in the shortest words; the rest stands in the trace. */
const shortly: ReadonlyMap<string, (text: string) => string> = new Map<string, (text: string) => string>([
  ['nodes', (text) => (text.startsWith('3 nodes') ? '~ 3 nodes assumed' : "~ pods' nodes taken to be all")],
  ['ingress-controller', () => '~ controller assumed'],
  ['gateway-proxy', () => '~ gateway assumed'],
  ['container-native', () => '~ pods as targets assumed'],
]);

function assumptionNotes(traces: readonly Trace[]): string[] {
  const texts = new Map(traces.flatMap(({ assumptions }) => assumptions.map(({ id, text }) => [id, text] as const)));
  const isOpen = traces.some(({ assumptions }) => assumptions.some(isOfUnfollowed));
  const told = [...shortly].flatMap(([id, inShort]) => {
    const text = texts.get(id);
    return text === undefined ? [] : [inShort(text)];
  });
  return isOpen ? [...told, '~ policies that Hoplens does not follow'] : told;
}
