import Fraction from 'fraction.js';
import { type Assumption, type Because, written } from '../cluster/because.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { Route, RouteBackend } from '../cluster/gatewayApi/route.ts';
import type { Service, ServicePort } from '../cluster/service.ts';
import { lackOf, whyNoneIsReady } from '../cluster/waiting.ts';
import type { ServingListener } from '../network/gateway/attachment.ts';
import { policyFault, resolveBackend, tlsPolicyFor } from '../network/gateway/backends.ts';
import type { GatewayProxy } from '../network/gateway/gatewayProxy.ts';
import { type GatewayRoute, gatewayTable } from '../network/gateway/gatewayTable.ts';
import type { GatewayImplementation } from '../network/gateway/implementation.ts';
import type { RouteEntry } from '../network/gateway/routeEntry.ts';
import type { Mirrored } from '../network/gateway/filtering.ts';
import type { WeightedRouteBackend } from '../network/gateway/ruleRoutes.ts';
import { faultOf } from '../network/match.ts';
import { pathRead } from '../network/normalization.ts';
import { type Asked, oneConnection, type SeenRequest } from '../network/routing/asked.ts';
import { edited } from '../network/routing/edits.ts';
import { locationOf, type Redirected } from '../network/routing/location.ts';
import { type Answer, type Close, type Forward, routeFor, takes, tiedWith } from '../network/routing/routeTable.ts';
import { assuming, delivered, ends, type Flight, type Moves, shared } from './flight.ts';
import { byChance, ended, type EndedAtProxy, passedOn, readyEndpoints } from './proxying.ts';
import type { Http } from './trace.ts';
import type { Ended, GatewayFault } from './verdict.ts';

/** A backend that the proxy sends to, with ready endpoints; or how it ends before. `flight` carries its share. */
export type GatewayBackend =
  | {
      readonly kind: 'backend';
      readonly flight: Flight;
      readonly service: Service;
      readonly port: ServicePort;
      readonly request: Http | null;
      readonly because: readonly Because[];
    }
  | EndedAtProxy;

/** What a request that reached a Gateway's port comes to. `client` is whom the proxy holds for its client. */
export function chosenBackends(
  model: ClusterModel,
  flight: Flight,
  proxy: GatewayProxy,
  { port, client }: { readonly port: number; readonly client: string },
): GatewayBackend[] {
  const { http, packet } = flight;
  const { implementation, judged } = proxy;
  const table = gatewayTable(judged, implementation);
  const path = http === null ? null : pathRead(http.path, table.reads);
  const said = http === null ? null : pathRead(http.path, table.says);
  if (http !== null && (path === null || said === null)) {
    const text = `${implementation.product} can't read the path ${http.path}, and answers 400.`;
    return [ended(ends(flight, { kind: 'answered', reason: 'refused-request', status: 400, text }))];
  }
  const seen = http === null || path === null ? null : seenBy(implementation, { ...http, path }, client);
  const request = http === null || path === null || said === null ? null : { ...http, path: said, read: path };
  const arrival = { port, protocol: packet.protocol, serverName: http?.serverName ?? null };
  const asked = oneConnection(arrival, seen);
  const found = routeFor(table, asked);
  const gateway = proxy.gateways.map(({ name }) => name).join(', ');
  if (found === 'left-out') {
    const facts = { product: implementation.product, left: table.left } as const;
    return [ended(ends(flight, { kind: 'unknown', reason: 'left-out', ...facts }))];
  }
  if (found === null || found.route.of === null)
    return [ended(ends(flight, { kind: 'refused', reason: 'nothing-listens', at: 'gateway', gateway, port }))];
  const { route, isKnown } = found;
  const { listener, entry } = found.route.of;
  const context: Answering = { product: implementation.product, gateway, port, listener, http, request };
  if (!isKnown && entry === null) return [ended(unreadConnection(flight, route, context))];
  if (!isKnown && entry !== null && http !== null)
    return [ended(ends(flight, unreadable(entry, http.path), route.because))];
  if (!isKnown) return [ended(delivered(flight, null, null))];
  const tied = distinct(tiedWith(table, route, asked));
  const sharing = byChance(flight, implementation.product, tied.map(namesOf));
  return tied.flatMap((each) => done(model, sharing, { implementation, route: each, asked, context, client }));
}

/** Those that do something else than the ones before them. */
function distinct(tied: readonly GatewayRoute[]): readonly GatewayRoute[] {
  const doing = new Map(
    tied.map((route) => {
      const { action, of } = route;
      const does = action.kind === 'forward' ? action.edits : action;
      return [`${of?.entry?.route.manifest.key ?? ''} ${of?.entry?.rule.at.join('.')} ${JSON.stringify(does)}`, route];
    }),
  );
  return [...doing.values()];
}

function namesOf({ of }: GatewayRoute): string[] {
  return of?.entry ? [`${of.entry.route.kind} ${of.entry.route.name}`] : [];
}

interface Decided {
  readonly implementation: GatewayImplementation;
  readonly route: GatewayRoute;
  readonly asked: Asked;
  readonly context: Answering;
  readonly client: string;
}

/** What the route that decides makes of a request. */
function done(
  model: ClusterModel,
  flight: Flight,
  { implementation, route, asked, context, client }: Decided,
): GatewayBackend[] {
  const { action, of } = route;
  const { request } = context;
  const entryAsked = of === null || request === null ? null : of.entry;
  const fault = entryAsked === null ? null : mirrorFault(model, implementation, entryAsked);
  if (fault !== null) return [ended(ends(flight, refusedRule(implementation.product, fault), route.because))];
  switch (action.kind) {
    case 'answer':
      return [ended(ends(flight, answerOf(action, context), route.because))];
    case 'close':
      return [ended(ends(flight, closeOf(action, context), action.reason === 'tls-name' ? [] : route.because))];
    case 'unknown':
      return [ended(ends(flight, { kind: 'unknown', reason: 'perhaps-attached', text: action.what }, route.because))];
    case 'forward': {
      if (of === null || of.entry === null) return [];
      const { listener, entry, rival } = of;
      const isContested = rival !== null && takes({ ...route.match, ...rival.match }, asked) === true;
      const known = [...(isContested ? [ageAssumed(entry, rival)] : []), ...route.assumed].reduce(assuming, flight);
      const isHttp = entry.route.kind === 'HTTPRoute' || entry.route.kind === 'GRPCRoute';
      const passed = isHttp && request !== null ? edited(request, action.edits, redirectedOf(request)) : null;
      return byWeight(model, known, { implementation, listener, entry, request: passed, route, action, client });
    }
    default:
      return action satisfies never;
  }
}

/** A request as a proxy compares it: path and query are `:path` there, and a rule may ask for that as for a header. */
function seenBy({ ways }: GatewayImplementation, request: Http, client: string): SeenRequest {
  const headers = new Map([...request.headers, [':path', request.path + request.search]]);
  return { ...request, headers, client, query: ways.query === 'decoded' ? request.query : queryAsWritten(request) };
}

/** The first of each name. */
function queryAsWritten({ search }: Http): ReadonlyMap<string, string> {
  const pairs = search
    .slice(1)
    .split('&')
    .filter((each) => each !== '')
    .map((each) => [each.replace(/=.*$/s, ''), /=(.*)$/s.exec(each)?.[1] ?? ''] as const);
  return new Map(pairs.toReversed());
}

/** A request as the proxy says it on; `read` is its path as the proxy's rules see it. */
interface HttpRead extends Http {
  readonly read: string;
}

/** Who answers what, and of which request. */
interface Answering {
  readonly product: string;
  readonly gateway: string;
  readonly port: number;
  readonly listener: Pick<ServingListener, 'listener'>;
  readonly http: Http | null;
  readonly request: HttpRead | null;
}

/** A request as its edits and redirects are made of it. */
function redirectedOf({ read, ...http }: HttpRead): Redirected {
  return { ...http, authority: http.host, said: http.path, path: read };
}

function ageAssumed({ route }: RouteEntry, rival: RouteEntry): Assumption {
  return {
    id: `age:${route.kind}/${route.namespace}/${route.name}`,
    text:
      `${route.kind}s ${route.name} and ${rival.route.name} ask for the same, ` +
      'and the older would win: taken to be of one age, so the first by name does',
  };
}

/** What the listener itself does with a connection that isn't known to be HTTP. */
function unreadConnection(flight: Flight, { action }: GatewayRoute, { gateway, port }: Answering): Moves {
  return action.kind === 'answer' && action.reason === 'plain-http'
    ? ends(flight, { kind: 'unknown', reason: 'tls-name', gateway, port })
    : delivered(flight, null, null);
}

function unreadable({ route, match }: RouteEntry, path: string): Ended {
  const facts = { of: 'Gateway', route: nameOf(route), path, fault: faultOf(match) } as const;
  return { kind: 'unknown', reason: 'regular-expression', ...facts };
}

function closeOf({ reason }: Close, { gateway, port, listener, http }: Answering): Ended {
  switch (reason) {
    case 'plain-http':
      return { kind: 'refused', reason: 'nothing-listens', at: 'plain-http' };
    case 'tls-name':
      return { kind: 'refused', reason: 'tls-name', gateway, port, serverName: http?.serverName ?? null };
    case 'no-route':
      return { kind: 'refused', reason: 'no-route', gateway, listener: listener.listener.name };
    default:
      return reason satisfies never;
  }
}

function answerOf(
  { reason, status, location, text }: Answer,
  { product, gateway, port, listener, http, request }: Answering,
): Ended {
  const { host = '', method = '', path = '', headers } = http ?? {};
  const to = location === null || request === null ? '' : locationOf(location, redirectedOf(request));
  switch (reason) {
    case 'redirect':
      return { kind: 'answered', reason, status, by: 'gateway', location: to };
    case 'tls-redirect':
      return { kind: 'answered', reason, status, text, location: to };
    case 'cors':
    case 'cors-refused': {
      const origin = headers?.get('origin') ?? '';
      return { kind: 'answered', reason: 'cors', status, by: 'gateway', origin, isAllowed: reason === 'cors' };
    }
    case 'misdirected':
      return { kind: 'answered', reason, status, gateway, host, listener: listener.listener.name };
    case 'plain-http':
      return { kind: 'answered', reason, status, gateway, port };
    case 'no-matching-rule':
      return { kind: 'answered', reason, status, by: 'gateway', gateway, method, host, path };
    case 'not-allowed':
    case 'unauthorized':
    case 'refused-request':
    case 'refused-routes':
      return { kind: 'answered', reason, status, text };
    case 'refused-rule':
      return refusedRule(product, text);
    default:
      return reason satisfies never;
  }
}

function refusedRule(product: string, why: string): Ended {
  const text = `${product} refuses the rule as it is written, and answers 500: ${why}.`;
  return { kind: 'answered', reason: 'refused-rule', status: 500, text };
}

/** Why a rule fails by what it copies requests to; null where it doesn't, or whom it copies to may be missing. */
function mirrorFault(
  model: ClusterModel,
  { ways, ownBackends }: GatewayImplementation,
  { route, rule }: RouteEntry,
): string | null {
  if (ways.mirrors !== 'required') return null;
  const mirrors = rule.filters.flatMap((filter) => (filter.kind === 'RequestMirror' ? [filter.backend] : []));
  for (const backend of mirrors) {
    const resolved = resolveBackend(model, route, backend, ownBackends);
    if (resolved.kind === 'invalid')
      return `it copies to a backend that isn't there. ${resolved.condition.text.replace(/\.$/, '')}`;
  }
  const isRedirected = rule.filters.some(({ kind }) => kind === 'RequestRedirect');
  const isCopied = mirrors.some((backend) => isAnswered(model, route, backend, ownBackends));
  return isRedirected && isCopied ? 'it redirects what it copies' : null;
}

/** Whether somebody is there to get a request; what isn't a Service is taken to be. */
function isAnswered(
  model: ClusterModel,
  route: Route,
  backend: Mirrored['backend'],
  ownBackends: readonly string[] | null,
): boolean {
  const resolved = resolveBackend(model, route, backend, ownBackends);
  return (
    resolved.kind === 'foreign' ||
    (resolved.kind === 'service' && readyEndpoints(model, resolved.service, resolved.port).length > 0)
  );
}

function nameOf({ kind, name }: Route | RouteBackend): { readonly kind: string; readonly name: string } {
  return { kind, name };
}

/** What is copied to nobody isn't copied. */
function withMirrors(
  model: ClusterModel,
  flight: Flight,
  { implementation: { ownBackends }, entry: { route } }: Matched,
  { mirrors }: WeightedRouteBackend,
): Flight {
  const copies = mirrors
    .filter(({ backend }) => isAnswered(model, route, backend, ownBackends))
    .map(({ backend: { namespace, name }, share }) => ({ namespace, service: name, share }));
  return copies.length === 0 ? flight : { ...flight, mirrors: [...flight.mirrors, ...copies] };
}

/** A request with the route that takes it. */
interface Matched {
  readonly implementation: GatewayImplementation;
  readonly listener: ServingListener;
  readonly entry: RouteEntry;
  readonly route: GatewayRoute;
  readonly action: Forward<WeightedRouteBackend>;
  /** As the rule passes it on; null for a connection that isn't HTTP. */
  readonly request: HttpRead | null;
  /** Whom the proxy holds for its client. */
  readonly client: string;
}

/** The rule's backends by weight. What is invalid keeps its share, and answers 500 for it. */
function byWeight(model: ClusterModel, flight: Flight, matched: Matched): GatewayBackend[] {
  const { entry, implementation, request, route, action } = matched;
  const found = sharing(model, matched, action.to).map((each) =>
    routedTo(model, shared(withMirrors(model, flight, matched, each), each.share), matched, each),
  );
  const isTogether = implementation.ways.withoutBackend === 'together' && request !== null;
  if (found.length > 0) return isTogether ? answeredTogether(found, hasInvalidBackend(model, matched)) : found;
  const kind = entry.rule.backends.length === 0 ? 'none-named' : 'no-weight';
  const fault = { kind, route: nameOf(entry.route) } as const;
  const none = fails(flight, request, { fault, status: route.statusWithoutBackend, route: entry.route }, route.because);
  return [ended(none)];
}

/** Where an invalid backend has no share, the others have it. */
function sharing(
  model: ClusterModel,
  { implementation: { ways, ownBackends }, entry: { route } }: Matched,
  to: readonly WeightedRouteBackend[],
): readonly WeightedRouteBackend[] {
  if (ways.withoutBackend !== 'left-out') return to;
  const valid = to.filter(({ backend }) => resolveBackend(model, route, backend, ownBackends).kind !== 'invalid');
  const total = valid.reduce((sum, { share }) => sum.add(share), new Fraction(0));
  return valid.length === 0 ? to : valid.map((each) => ({ ...each, share: each.share.div(total) }));
}

/**
 * One status for all of a rule's backends that can't be asked: 503 where one of them has no endpoint; but 500 where one
 * is invalid, even without weight, and none can be asked.
 */
function answeredTogether(found: readonly GatewayBackend[], hasInvalid: boolean): GatewayBackend[] {
  const statuses = found.map(statusWithoutBackend);
  const isNobody = !statuses.includes(null);
  const status = isNobody && (hasInvalid || statuses.includes(500)) ? 500 : statuses.includes(503) ? 503 : 500;
  return found.map((each, index) => (statuses[index] === null ? each : ended(answeredWith(each, status))));
}

function hasInvalidBackend(model: ClusterModel, { implementation, entry: { route, rule } }: Matched): boolean {
  const { ownBackends } = implementation;
  return rule.backends.some((backend) => resolveBackend(model, route, backend, ownBackends).kind === 'invalid');
}

/** What is answered for a backend that can't be asked; null where it can. */
function statusWithoutBackend(backend: GatewayBackend): number | null {
  const [move] = backend.kind === 'ended' ? backend.moves : [];
  const verdict = move?.goes.kind === 'end' ? move.goes.verdict : null;
  return verdict?.kind === 'answered' && (verdict.reason === 'no-backend' || verdict.reason === 'refused-rule')
    ? verdict.status
    : null;
}

function answeredWith(backend: GatewayBackend, status: number): Moves {
  if (backend.kind !== 'ended') return [];
  return backend.moves.map((move) => {
    const { goes } = move;
    if (goes.kind !== 'end' || goes.verdict.kind !== 'answered') return move;
    return { ...move, goes: { ...goes, verdict: { ...goes.verdict, status } } };
  });
}

/** What a proxy can't send on, and the status that it answers. */
interface Failure {
  readonly fault: GatewayFault;
  readonly status: number;
  readonly route: Route;
}

/** A connection that isn't HTTP has no status: it is closed; a packet of UDP is dropped. */
function fails(
  flight: Flight,
  request: Http | null,
  { fault, status, route }: Failure,
  because: readonly Because[],
): Moves {
  if (request === null) {
    const kind = flight.packet.protocol === 'UDP' ? 'dropped' : 'refused';
    return ends(flight, { kind, reason: 'no-backend', fault }, because);
  }
  const speaks = route.kind === 'GRPCRoute' ? 'gRPC' : 'HTTP';
  return ends(flight, { kind: 'answered', reason: 'no-backend', status, by: 'gateway', fault, speaks }, because);
}

function routedTo(
  model: ClusterModel,
  flight: Flight,
  { implementation, listener: { listener }, entry: { route }, request, route: { because }, client }: Matched,
  { backend, edits, assumed, answer }: WeightedRouteBackend,
): GatewayBackend {
  const reasons = [...because, written(route.manifest, `backend ${backend.name}`, ...backend.at)];
  const resolved = resolveBackend(model, route, backend, implementation.ownBackends);
  if (resolved.kind === 'foreign')
    return ended(
      ends(
        flight,
        {
          kind: 'unknown',
          reason: 'foreign-backend',
          route: nameOf(route),
          backend: { group: backend.group, ...nameOf(backend) },
        },
        reasons,
      ),
    );
  if (resolved.kind === 'invalid')
    return ended(
      fails(
        flight,
        request,
        { fault: { kind: 'invalid', condition: resolved.condition }, status: 500, route },
        reasons,
      ),
    );
  const { service, port } = resolved;
  if (service.type === 'ExternalName')
    return ended(
      ends(
        flight,
        {
          kind: 'unknown',
          reason: 'external-name',
          service: service.name,
          externalName: service.externalName ?? '',
          askedBy: 'Gateway',
        },
        reasons,
      ),
    );
  const answered = (): GatewayBackend | null => {
    if (answer === null || request === null) return null;
    const { http } = flight;
    const at = { product: implementation.product, gateway: '', port: port.port, listener: { listener }, http, request };
    return ended(ends(flight, answerOf(answer.answer, at), [...reasons, answer.because]));
  };
  // A redirect asks nobody behind it; what refuses the filter finds out later that nobody is there.
  const redirected = answer?.answer.reason === 'redirect' ? answered() : null;
  if (redirected !== null) return redirected;
  if (readyEndpoints(model, service, port).length === 0)
    return ended(
      fails(
        flight,
        request,
        { fault: { kind: 'no-endpoints', service: service.name, lacks: lackOf(model, service) }, status: 503, route },
        [...reasons, ...whyNoneIsReady(model, service)],
      ),
    );
  const refused = answered();
  if (refused !== null) return refused;
  const policy = tlsPolicyFor(model, service, port);
  const fault = policy === null ? null : policyFault(model, policy);
  if (policy !== null && fault !== null)
    return ended(
      fails(
        flight,
        request,
        { fault: { kind: 'tls-policy', policy: policy.name, reason: fault.reason }, status: 500, route },
        [...reasons, written(policy.manifest, fault.text, ...fault.at)],
      ),
    );
  const known =
    route.manifest.namespace !== null || backend.namespace === route.namespace
      ? flight
      : assuming(flight, {
          id: `namespace:${route.kind}/${route.name}`,
          text:
            `${route.kind} ${route.name} names no namespace: ` +
            `taken to be applied where it may use Service ${service.name} of namespace ${backend.namespace}`,
        });
  const trusting =
    policy === null
      ? known
      : assuming(known, {
          id: `backend-tls:${policy.namespace}/${policy.name}`,
          text:
            `the certificate of Service ${service.name} is taken to be for ${policy.hostname} ` +
            `and signed as BackendTLSPolicy ${policy.name} wants it`,
        });
  if (request === null)
    return {
      kind: 'backend',
      flight: trusting,
      service,
      port,
      because: reasons,
      request: unopened(flight.http, listener.tls?.mode ?? null),
    };
  const { read: _, ...asked } = edited(request, edits, redirectedOf({ ...request, read: request.path }));
  const onward = passedOn(asked, client, implementation.forwardedFor);
  return {
    kind: 'backend',
    flight: assumed.reduce(assuming, trusting),
    service,
    port,
    because: reasons,
    request: policy === null ? onward : { ...onward, scheme: 'https', serverName: policy.hostname },
  };
}

/** Passed through, TLS stays as it is; ended by the listener, what was in it goes on in the open. */
function unopened(http: Http | null, mode: 'Terminate' | 'Passthrough' | null): Http | null {
  return http === null || mode !== 'Terminate' ? http : { ...http, scheme: 'http', serverName: null };
}
