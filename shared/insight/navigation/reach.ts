import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { isOfGatewayApi } from '../../cluster/gatewayApi/gatewayApi.ts';
import { readGateway } from '../../cluster/gatewayApi/gateway.ts';
import type { Reference } from '../../cluster/gatewayApi/reference.ts';
import { isRoute, readRoute, type Route } from '../../cluster/gatewayApi/route.ts';
import { type Ingress, isIngress, readIngress } from '../../cluster/ingress.ts';
import {
  endpointsOfAllFamilies,
  podsOfManifest,
  selectedPods,
  serviceNamed,
  servicesSelecting,
} from '../../cluster/lookups.ts';
import { readServiceHost } from '../../cluster/mentions.ts';
import { type NamedAddress, namedAddresses } from '../../cluster/namedAddresses.ts';
import { readPodTemplate } from '../../cluster/pod.ts';
import { isService, type Service } from '../../cluster/service.ts';
import { isAssumed } from '../../cluster/because.ts';
import { type Field, fieldOf, type Manifest, namespaceOf } from '../../manifest/manifest.ts';
import type { FieldPath } from '../../manifest/value.ts';
import { judgedGatewayOf, type ParentOutcome, parentsOf } from '../../network/gateway/attachment.ts';
import { type End, endsOf } from '../../trace/ends.ts';
import type { Trace } from '../../trace/graph.ts';
import { describeWay, summarize } from '../../trace/summary.ts';
import type { Target } from '../../trace/trace.ts';
import { traceRequest } from '../../trace/traceRequest.ts';
import { verdictText } from '../../trace/verdictText.ts';
import { askableOf, asksOf, requestOf } from '../asks.ts';
import { follow, lensOf, wayOfLostEnds } from '../lenses.ts';
import { plainDetails } from '../protocol.ts';
import type { JudgedSet } from '../rule.ts';
import { hostsIn } from './hostLinks.ts';
import { manifestIn } from './things.ts';

/**
 * Who reaches what, step by step, as requests go: a host, the Gateway or Ingress that takes it, the route, the Service,
 * the pods. By what the proxies' tables and the traces say, with the verdict of each step; where only a name says that
 * one leads to the other, the step is there and says why nothing comes through.
 */
export type Stop =
  | { readonly kind: 'host'; readonly host: string; readonly field: Field }
  | { readonly kind: 'object'; readonly manifest: Manifest }
  /** A Service's port. */
  | { readonly kind: 'port'; readonly manifest: Manifest; readonly index: number };

/** A step from one stop to another. */
export interface Step {
  readonly stop: Stop;
  /** What comes through: `2 hops from LB, SNAT applied`; `no way in: …`. */
  readonly verdict: string;
  /** Where who is first names who is second. */
  readonly at: readonly Field[];
}

/** As many traces as are made of one object, and workloads that are asked for. */
const mostTraced = 12;

/** As many as are traced of those who lead to one Service; of others only that they do. */
const mostJudged = 50;

/** Whether requests come to such an object, or it makes some. */
export function isStop(manifest: Manifest): boolean {
  return (
    isService(manifest) ||
    isIngress(manifest) ||
    readPodTemplate(manifest) !== null ||
    (isOfGatewayApi(manifest) && (isRoute(manifest) || manifest.kind === 'Gateway'))
  );
}

/** What its own lens says; empty for what has none. */
export function verdictOf(judged: JudgedSet, stop: Stop): string {
  switch (stop.kind) {
    case 'host':
      return '';
    case 'object':
    case 'port':
      return wayOf(judged, stop.manifest);
    default:
      return stop satisfies never;
  }
}

function wayOf(judged: JudgedSet, manifest: Manifest): string {
  return lensOf(judged, manifest)?.way ?? '';
}

function object(manifest: Manifest): Stop {
  return { kind: 'object', manifest };
}

/** What a stop reaches. */
export function reachedFrom(judged: JudgedSet, stop: Stop): Step[] {
  const { model } = judged;
  switch (stop.kind) {
    case 'host':
      return takersOf(judged, stop.host);
    case 'port': {
      const service = serviceOf(model, stop.manifest);
      return service === null ? [] : podsBehind(judged, service, stop.index);
    }
    case 'object': {
      const { manifest } = stop;
      if (isService(manifest)) {
        const service = serviceOf(model, manifest);
        return service === null ? [] : podsBehind(judged, service, null);
      }
      if (isIngress(manifest)) return servicesBehind(judged, manifest);
      if (readPodTemplate(manifest) !== null) return calledBy(judged, manifest);
      if (!isOfGatewayApi(manifest)) return [];
      return isRoute(manifest) ? servicesBehind(judged, manifest) : routesBehind(judged, manifest);
    }
    default:
      return stop satisfies never;
  }
}

/** Who reaches a stop. */
export function reaching(judged: JudgedSet, stop: Stop): Step[] {
  const { model } = judged;
  switch (stop.kind) {
    case 'host':
      return [];
    case 'port':
      return beforeService(judged, stop.manifest, stop.index);
    case 'object': {
      const { manifest } = stop;
      if (isService(manifest)) return beforeService(judged, manifest, null);
      if (isIngress(manifest)) return hostsOf(manifest);
      if (readPodTemplate(manifest) !== null) return servicesBefore(judged, manifest);
      if (!isOfGatewayApi(manifest)) return [];
      return isRoute(manifest) ? gatewaysBefore(model, manifest) : hostsBefore(model, manifest);
    }
    default:
      return stop satisfies never;
  }
}

function serviceOf(model: ClusterModel, manifest: Manifest): Service | null {
  return serviceNamed(model, namespaceOf(manifest), manifest.name) ?? null;
}

/** A Service that is named, and where. */
interface Backend {
  readonly namespace: string;
  readonly name: string;
  readonly port: number | string | null;
  readonly at: FieldPath;
}

function backendsOf(manifest: Manifest): Backend[] {
  if (isIngress(manifest)) {
    const { namespace, rules, defaultBackend, version } = readIngress(manifest);
    const all = [...rules.map(({ backend }) => backend), defaultBackend].filter((each) => each !== null);
    const field = version === 'v1' ? 'name' : 'serviceName';
    return all.map(({ service, port, at }) => ({ namespace, name: service, port, at: [...at, field] }));
  }
  return readRoute(manifest).rules.flatMap(({ backends, filters }) => {
    const mirrors = [...filters, ...backends.flatMap((each) => each.filters)].flatMap((each) =>
      each.kind === 'RequestMirror' ? [each.backend] : [],
    );
    return [...backends, ...mirrors].filter(isOfService).map(({ namespace, name, port, at }) => ({
      namespace,
      name,
      port,
      at: [...at, 'name'],
    }));
  });
}

function isOfService({ kind, group }: Reference): boolean {
  return kind === 'Service' && group === '';
}

/** The traces of an object's requests; of an Ingress, only of those for a Service, where one is asked about. */
function tracesOf(judged: JudgedSet, manifest: Manifest, about: Service | null): Trace[] {
  const askable = askableOf(judged.model, manifest);
  const asks = askable === null ? [] : asksOf(judged.model, askable);
  const rules = askable?.kind === 'Ingress' ? askable.ingress.rules : [];
  const isAbout = (_: unknown, index: number): boolean => {
    const backend = rules[index]?.backend;
    return about === null || backend === undefined || backend?.service === about.name;
  };
  return asks
    .filter(isAbout)
    .slice(0, mostTraced)
    .map((each) => follow(judged, each));
}

/** The Services that an Ingress or a route leads to: those that it names, and whoever else gets its requests. */
function servicesBehind(judged: JudgedSet, manifest: Manifest): Step[] {
  const { model } = judged;
  const traces = tracesOf(judged, manifest, null);
  const named = Map.groupBy(backendsOf(manifest), ({ namespace, name }) => `${namespace}/${name}`);
  const reached = traces.flatMap(({ graph }) =>
    endsOf(graph).flatMap(({ verdict }) =>
      verdict.kind === 'delivered' && verdict.service !== null ? [`${verdict.namespace}/${verdict.service}`] : [],
    ),
  );
  return [...new Set([...named.keys(), ...reached])].flatMap((key): Step[] => {
    const [namespace = '', name = ''] = key.split('/');
    const service = serviceNamed(model, namespace, name);
    if (service === undefined || isAssumed(service.manifest.uri)) return [];
    const at = (named.get(key) ?? []).map((each) => fieldOf(manifest, ...each.at));
    return [{ stop: object(service.manifest), verdict: verdictTo(judged, manifest, { service, traces }), at }];
  });
}

/** What comes of requests that are meant for a Service. */
function verdictTo(
  judged: JudgedSet,
  manifest: Manifest,
  { service: { namespace, name }, traces }: { readonly service: Service; readonly traces: readonly Trace[] },
): string {
  if (traces.length === 0) return wayOf(judged, manifest);
  const isThere = ({ verdict }: End): boolean =>
    verdict.kind === 'delivered' && verdict.service === name && verdict.namespace === namespace;
  const delivering = traces.filter(({ graph }) => endsOf(graph).some(isThere));
  const way = describeWay(delivering);
  const ends = traces.flatMap(({ graph }) => endsOf(graph));
  const lost = ends.filter(({ verdict }) => verdict.kind !== 'delivered');
  if (way === null) return lost.length > 0 || ends.length === 0 ? wayOfLostEnds(lost) : 'no request comes to it';
  const partly = delivering.flatMap(({ graph }) => endsOf(graph)).filter(({ verdict }) => verdict.kind !== 'delivered');
  const kinds = [...new Set(partly.map(({ verdict }) => verdictText(verdict)))];
  return [`${way.count}, ${way.source}`, ...kinds.map((each) => `some ${each}`)].join(', ');
}

/** The workloads whose pods answer for a Service, or for one of its ports. */
function podsBehind(judged: JudgedSet, service: Service, index: number | null): Step[] {
  const { model } = judged;
  if (service.type === 'ExternalName') {
    const host = readServiceHost(service.externalName ?? '', service.namespace);
    const alias = host === null ? undefined : serviceNamed(model, host.namespace, host.name);
    const at = [fieldOf(service.manifest, 'spec', 'externalName')];
    return alias === undefined ? [] : [{ stop: object(alias.manifest), verdict: wayOf(judged, alias.manifest), at }];
  }
  const ports = service.ports.filter((each) => index === null || each.index === index);
  const endpoints = ports.flatMap((port) => endpointsOfAllFamilies(model, service, port));
  const taking = new Set(endpoints.flatMap(({ pod, ready }) => (pod === null || !ready ? [] : [pod])));
  const listed = endpoints.flatMap(({ pod }) => pod ?? []);
  const byWorkload = Map.groupBy(new Set([...selectedPods(model, service), ...listed]), ({ manifest }) => manifest);
  const at = [fieldOf(service.manifest, 'spec', 'selector')];
  const way = wayOf(judged, service.manifest);
  return [...byWorkload].flatMap(([manifest, pods]): Step[] => {
    if (isAssumed(manifest.uri)) return [];
    const count = pods.filter((each) => taking.has(each)).length;
    const of = count === pods.length ? `${count}` : `${count} of ${pods.length}`;
    return [{ stop: object(manifest), verdict: `${of} ${pods.length === 1 ? 'pod' : 'pods'}, ${way}`, at }];
  });
}

/** The Services that the pods of a workload ask, as far as the addresses that they are given say. */
function calledBy(judged: JudgedSet, manifest: Manifest): Step[] {
  const { model } = judged;
  const byService = Map.groupBy(namedAddresses(manifest), ({ service, namespace }) => `${namespace}/${service}`);
  return [...byService.values()].slice(0, mostTraced).flatMap((addresses): Step[] => {
    const [first] = addresses;
    const service = first === undefined ? undefined : serviceNamed(model, first.namespace, first.service);
    if (first === undefined || service === undefined) return [];
    const at = addresses.map((each) => fieldOf(manifest, ...each.at));
    return [{ stop: object(service.manifest), verdict: verdictOfCalls(judged, manifest, addresses), at }];
  });
}

/** What comes of a workload's requests to one Service; each port's for itself, where it asks for several. */
function verdictOfCalls({ model }: JudgedSet, manifest: Manifest, calls: readonly NamedAddress[]): string {
  const [pod] = podsOfManifest(model, manifest);
  if (pod === undefined) return 'no pod asks for it';
  const byPort = new Map(calls.map((each) => [each.port, each]));
  const texts = [...byPort.values()].map(({ service, namespace, port }) => {
    const value: Target = { kind: 'service', name: service, namespace, port };
    const asked = { target: { text: '', value }, details: plainDetails };
    const { text } = summarize(traceRequest(model, requestOf(asked, { kind: 'pod', pod })));
    return byPort.size === 1 ? text : `:${port ?? ''} ${text}`;
  });
  return texts.join('; ');
}

/** Whoever leads to a Service, or to one of its ports: Ingresses, routes, aliases, workloads that ask for it. */
function beforeService(judged: JudgedSet, manifest: Manifest, index: number | null): Step[] {
  const { model } = judged;
  const service = serviceOf(model, manifest);
  if (service === null) return [];
  const port = service.ports.find((each) => each.index === index);
  const isMeant = (asked: number | string | null): boolean =>
    port === undefined || asked === null || asked === port.port || asked === port.name;
  const leading = [
    ...model.ingresses.map((each) => each.manifest),
    ...model.gatewayApi.routes.map((each) => each.manifest),
  ].flatMap((each): Step[] => {
    const backends = backendsOf(each).filter(
      ({ name, namespace, port: asked }) => name === service.name && namespace === service.namespace && isMeant(asked),
    );
    if (backends.length === 0) return [];
    return [{ stop: object(each), verdict: '', at: backends.map(({ at }) => fieldOf(each, ...at)) }];
  });
  const aliases = model.services.flatMap((each): Step[] => {
    const host = each.type === 'ExternalName' ? readServiceHost(each.externalName ?? '', each.namespace) : null;
    const isIt = host?.name === service.name && host.namespace === service.namespace;
    const at = [fieldOf(each.manifest, 'spec', 'externalName')];
    return isIt ? [{ stop: object(each.manifest), verdict: wayOf(judged, each.manifest), at }] : [];
  });
  const asking = model.declared.templates
    .flatMap(({ manifest: by }) => {
      const asked = namedAddresses(by).filter(
        (each) => each.service === service.name && each.namespace === service.namespace && isMeant(each.port),
      );
      return asked.length === 0 ? [] : [{ by, asked }];
    })
    .slice(0, mostTraced)
    .flatMap(({ by, asked }): Step[] => {
      const at = asked.map((each) => fieldOf(by, ...each.at));
      return [{ stop: object(by), verdict: verdictOfCalls(judged, by, asked), at }];
    });
  const traced = leading.map((step, count): Step => {
    if (step.stop.kind !== 'object' || count >= mostJudged) return step;
    const { manifest: by } = step.stop;
    return { ...step, verdict: verdictTo(judged, by, { service, traces: tracesOf(judged, by, service) }) };
  });
  return [...traced, ...aliases, ...asking];
}

function servicesBefore(judged: JudgedSet, manifest: Manifest): Step[] {
  const template = readPodTemplate(manifest);
  if (template === null) return [];
  return servicesSelecting(judged.model, template)
    .filter((each) => !isAssumed(each.manifest.uri))
    .map((service) => ({
      stop: object(service.manifest),
      verdict: wayOf(judged, service.manifest),
      at: [fieldOf(service.manifest, 'spec', 'selector')],
    }));
}

/** Who takes requests for a host: Ingresses; Gateways by their routes; routes behind none. */
function takersOf(judged: JudgedSet, host: string): Step[] {
  const { model } = judged;
  const serving = (manifest: Manifest): readonly Field[] =>
    hostsIn(manifest).flatMap((each) => (each.isServed && each.host === host ? [each.mark.field] : []));
  const ingresses = model.ingresses.flatMap((ingress): Step[] => {
    const at = host === anyHost ? fieldsOfAnyHost(ingress) : serving(ingress.manifest);
    return at.length === 0 ? [] : [{ stop: object(ingress.manifest), verdict: wayOf(judged, ingress.manifest), at }];
  });
  const routes = model.gatewayApi.routes.flatMap((route): Step[] => {
    const at = host === anyHost ? [] : serving(route.manifest);
    const gateways = gatewaysOf(model, route);
    const taking = gateways.length > 0 ? gateways : [route.manifest];
    return at.length === 0
      ? []
      : taking.map((each) => ({ stop: object(each), verdict: wayOf(judged, route.manifest), at }));
  });
  const anyRoute = host === anyHost ? model.gatewayApi.routes.filter(({ hostnames }) => hostnames.length === 0) : [];
  const ofAny = anyRoute.flatMap((route) =>
    gatewaysOf(model, route).map((each): Step => ({
      stop: object(each),
      verdict: wayOf(judged, route.manifest),
      at: [],
    })),
  );
  return distinct([...ingresses, ...routes, ...ofAny]);
}

function gatewaysOf({ declared }: ClusterModel, route: Route): Manifest[] {
  return parentsOf(declared, route).flatMap(({ outcome }) =>
    outcome.kind === 'attached' ? [outcome.gateway.manifest] : [],
  );
}

/** Where no host is named, and all are taken. */
const anyHost = '*';

function fieldsOfAnyHost({ manifest, rules, defaultBackend }: Ingress): Field[] {
  return [
    ...rules.flatMap(({ host, at }) => (host === null ? [fieldOf(manifest, ...at)] : [])),
    ...(defaultBackend === null ? [] : [fieldOf(manifest, ...defaultBackend.at)]),
  ];
}

function hostsOf(manifest: Manifest): Step[] {
  const named = hostsIn(manifest).flatMap(({ host, isServed, mark }): Step[] =>
    isServed ? [{ stop: { kind: 'host', host, field: mark.field }, verdict: '', at: [mark.field] }] : [],
  );
  const any = fieldsOfAnyHost(readIngress(manifest)).map((field): Step => ({
    stop: { kind: 'host', host: anyHost, field },
    verdict: '',
    at: [field],
  }));
  return distinct([...named, ...any]);
}

/** The hosts for which a Gateway's routes are asked. */
function hostsBefore(model: ClusterModel, manifest: Manifest): Step[] {
  const judged = judgedGatewayOf(model.declared, readGateway(manifest));
  const steps = (judged?.listeners ?? []).flatMap(({ listener, attached }) =>
    attached.flatMap(({ route, hostnames }): Step[] => {
      const written = hostsIn(route.manifest);
      return (hostnames ?? [anyHost]).map((host) => {
        const field =
          written.find((each) => each.host === host)?.mark.field ?? fieldOf(route.manifest, 'metadata', 'name');
        return {
          stop: { kind: 'host', host, field },
          verdict: `at listener ${listener.name}, :${listener.port}`,
          at: [field],
        };
      });
    }),
  );
  return distinct(steps);
}

function routesBehind(judged: JudgedSet, manifest: Manifest): Step[] {
  const { model } = judged;
  const listeners = judgedGatewayOf(model.declared, readGateway(manifest))?.listeners ?? [];
  return distinct(
    listeners.flatMap(({ listener, attached }) =>
      attached.map(({ route }): Step => ({
        stop: object(route.manifest),
        verdict: wayOf(judged, route.manifest),
        at: [fieldOf(manifest, ...listener.at)],
      })),
    ),
  );
}

/** A route's Gateways, and what became of it there. */
function gatewaysBefore(model: ClusterModel, manifest: Manifest): Step[] {
  return parentsOf(model.declared, readRoute(manifest)).flatMap(({ reference, outcome }): Step[] => {
    const gateway = model.gatewayApi.gateways.find(
      ({ name, namespace }) => name === reference.name && namespace === reference.namespace,
    );
    if (gateway === undefined) return [];
    return [
      {
        stop: object(gateway.manifest),
        verdict: attachmentText(outcome),
        at: [fieldOf(gateway.manifest, 'metadata', 'name')],
      },
    ];
  });
}

function attachmentText(outcome: ParentOutcome): string {
  switch (outcome.kind) {
    case 'attached':
      return outcome.listeners.map(({ listener: { name, port } }) => `listener ${name}, :${port}`).join('; ');
    case 'refused':
      return `no way in: ${outcome.condition.reason}`;
    case 'absent':
      return 'unknown: its Gateway is not in these files';
    case 'outside':
      return 'unknown: its parent is no Gateway';
    case 'unknown':
      return `unknown: ${outcome.text}`;
    default:
      return outcome satisfies never;
  }
}

/** Each stop once, with all places that name it. */
function distinct(steps: readonly Step[]): Step[] {
  const nameOf = ({ stop }: Step): string => (stop.kind === 'host' ? `host ${stop.host}` : stop.manifest.key);
  return [...Map.groupBy(steps, nameOf).values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [{ ...first, at: [first, ...others].flatMap(({ at }) => at) }],
  );
}

/** A stop by what it is named by outside: the object's key, the host that it is asked for, the port. */
export interface StopName {
  readonly object: string;
  readonly host: string | null;
  readonly port: number | null;
}

export function nameOfStop(stop: Stop): StopName {
  switch (stop.kind) {
    case 'host':
      return { object: stop.field.object, host: stop.host, port: null };
    case 'object':
      return { object: stop.manifest.key, host: null, port: null };
    case 'port':
      return { object: stop.manifest.key, host: null, port: stop.index };
    default:
      return stop satisfies never;
  }
}

/** The stop of a name; null for one that is gone. */
export function stopNamed(model: ClusterModel, { object: key, host, port }: StopName): Stop | null {
  const manifest = manifestIn(model, key);
  if (manifest === null) return null;
  if (host !== null) return { kind: 'host', host, field: fieldOf(manifest, 'metadata', 'name') };
  return port === null ? object(manifest) : { kind: 'port', manifest, index: port };
}
