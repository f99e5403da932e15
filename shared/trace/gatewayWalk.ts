import Fraction from 'fraction.js';
import { type Because, written } from '../cluster/because.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { Route, RouteBackend } from '../cluster/gatewayApi/route.ts';
import type { Service, ServicePort } from '../cluster/service.ts';
import { policyFault, resolveBackend, tlsPolicyFor } from '../network/gateway/backends.ts';
import { applyFilters, type Filtered } from '../network/gateway/filters.ts';
import type { GatewayImplementation } from '../network/gateway/implementation.ts';
import { type GatewayProxy, listenerPorts } from '../network/gateway/gatewayProxy.ts';
import { type Decision, decide, type RouteEntry } from '../network/gateway/routing.ts';
import type { ServingListener } from '../network/gateway/attachment.ts';
import { faultOf } from '../network/match.ts';
import { pathRead } from '../network/normalization.ts';
import { assuming, delivered, ends, type Flight, shared } from './flight.ts';
import { passedOn, type ProxyInPod, readyEndpoints, takenByProxy, toEndpoints } from './proxyWalk.ts';
import type { Http, Path } from './trace.ts';
import type { Ended, GatewayFault } from './verdict.ts';

/**
 * What a Gateway's proxy does with a request: listener, rule, filters, backend, then straight to a pod. Null where the
 * pod's port is none of a Gateway's: the pod does something else there.
 */
export function routeAtGateway(
  model: ClusterModel,
  flight: Flight,
  proxy: ProxyInPod,
  gateway: GatewayProxy,
): Path[] | null {
  const { packet } = flight;
  const [port] = listenerPorts(gateway, proxy.pod, packet.destination.port, packet.protocol);
  if (port === undefined) return null;
  const taken = takenByProxy(flight, null, gateway.implementation.product);
  if (taken.kind === 'ended') return taken.paths;
  return chosenBackends(model, taken.flight, gateway, { port, client: taken.client }).flatMap((backend) =>
    backend.kind === 'ended' ? backend.paths : toEndpoints(model, backend.flight, proxy, backend),
  );
}

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
  | { readonly kind: 'ended'; readonly paths: Path[] };

/** What a request that reached a Gateway's port comes to. `client` is whom the proxy holds for its client. */
export function chosenBackends(
  model: ClusterModel,
  flight: Flight,
  proxy: GatewayProxy,
  { port, client }: { readonly port: number; readonly client: string },
): GatewayBackend[] {
  const { http, packet } = flight;
  const path = http === null ? null : pathRead(http.path, proxy.implementation.reads);
  if (http !== null && path === null) {
    const text = `${proxy.implementation.product} can't read the path ${http.path}, and answers 400.`;
    return [{ kind: 'ended', paths: ends(flight, { kind: 'answered', reason: 'refused-request', status: 400, text }) }];
  }
  const request = http === null || path === null ? null : { ...http, path };
  const decision = decide(proxy.judged, proxy.implementation, {
    port,
    protocol: packet.protocol,
    request,
    serverName: http?.serverName ?? null,
  });
  if (decision.kind !== 'rule') return [{ kind: 'ended', paths: undecided(flight, proxy, decision, port) }];
  const { listener, entry, rival } = decision;
  const because = becauseOfRoute(listener, entry);
  const known =
    rival === null
      ? flight
      : assuming(flight, {
          id: `age:${entry.route.kind}/${entry.route.namespace}/${entry.route.name}`,
          text:
            `${entry.route.kind}s ${entry.route.name} and ${rival.route.name} ask for the same, ` +
            'and the older would win: taken to be of one age, so the first by name does',
        });
  const isHttp = entry.route.kind === 'HTTPRoute' || entry.route.kind === 'GRPCRoute';
  const { implementation } = proxy;
  const matched: Matched = { implementation, listener, entry, request: null, because, client };
  if (!isHttp || request === null) return byWeight(model, known, matched);
  const filtered = applyFilters(entry.rule.filters, request, entry, { scheme: request.scheme, port });
  if (filtered.answer !== null)
    return [
      {
        kind: 'ended',
        paths: ends(known, answerOfFilter(filtered.answer), [
          ...because,
          written(entry.route.manifest, filtered.answer.by.kind, ...filtered.answer.by.at),
        ]),
      },
    ];
  return byWeight(model, withEffects(known, filtered), { ...matched, request: filtered.request });
}

/** What a filter answers itself. */
function answerOfFilter(answer: NonNullable<Filtered<Http>['answer']>): Ended {
  const { status } = answer;
  return answer.reason === 'redirect'
    ? { kind: 'answered', reason: 'redirect', status, by: 'gateway', location: answer.location }
    : { kind: 'answered', reason: 'cors', status, by: 'gateway', origin: answer.origin, isAllowed: answer.isAllowed };
}

function undecided(
  flight: Flight,
  { gateways, judged }: GatewayProxy,
  decision: Exclude<Decision, { kind: 'rule' }>,
  port: number,
): Path[] {
  const { http } = flight;
  const gateway = gateways.map(({ name }) => name).join(', ');
  const at =
    'listener' in decision
      ? [
          written(
            decision.listener.listener.owner.manifest,
            `listener ${decision.listener.listener.name}`,
            ...decision.listener.listener.at,
          ),
        ]
      : [];
  switch (decision.kind) {
    case 'no-listener':
      return ends(flight, { kind: 'refused', reason: 'nothing-listens', at: 'gateway', gateway, port });
    case 'no-tls-name':
      return ends(flight, {
        kind: 'refused',
        reason: 'tls-name',
        gateway,
        port,
        serverName: http?.serverName ?? null,
      });
    case 'plain-at-tls':
      return http === null
        ? ends(flight, { kind: 'unknown', reason: 'tls-name', gateway, port })
        : ends(flight, { kind: 'answered', reason: 'plain-http', status: 400, gateway, port });
    case 'misdirected':
      return ends(
        flight,
        {
          kind: 'answered',
          reason: 'misdirected',
          status: 421,
          gateway,
          host: http?.host ?? '',
          listener: decision.listener.listener.name,
        },
        at,
      );
    case 'none': {
      const [text] = judged.perhaps;
      if (text !== undefined) return ends(flight, { kind: 'unknown', reason: 'perhaps-attached', text }, at);
      if (http !== null) {
        const { method, host, path } = http;
        return ends(
          flight,
          { kind: 'answered', reason: 'no-matching-rule', status: 404, by: 'gateway', gateway, method, host, path },
          at,
        );
      }
      const { protocol, name } = decision.listener.listener;
      if (protocol === 'HTTP' || protocol === 'HTTPS') return delivered(flight, null, null);
      return ends(flight, { kind: 'refused', reason: 'no-route', gateway, listener: name }, at);
    }
    case 'unreadable': {
      const { route, match } = decision.entry;
      return ends(
        flight,
        {
          kind: 'unknown',
          reason: 'regular-expression',
          of: 'Gateway',
          route: nameOf(route),
          path: http?.path ?? null,
          fault: faultOf(match),
        },
        becauseOfRoute(decision.listener, decision.entry),
      );
    }
    default:
      return decision satisfies never;
  }
}

function becauseOfRoute({ listener }: ServingListener, { route, rule, written: match }: RouteEntry): Because[] {
  return [
    written(route.manifest, `${route.kind} ${route.name}`, ...(match.at.length > 0 ? match.at : rule.at)),
    written(listener.owner.manifest, `listener ${listener.name}`, ...listener.at),
    ...(listener.tls?.mode === 'Terminate'
      ? listener.tls.certificates
          .slice(0, 1)
          .map(({ kind, name, at }) => written(listener.owner.manifest, `TLS ends here, with ${kind} ${name}`, ...at))
      : []),
  ];
}

function nameOf({ kind, name }: Route | RouteBackend): { readonly kind: string; readonly name: string } {
  return { kind, name };
}

function withEffects(flight: Flight, { mirrors, unknown }: Filtered<Http>): Flight {
  const copied: Flight = {
    ...flight,
    mirrors: [
      ...flight.mirrors,
      ...mirrors.map(({ backend, share }) => ({ namespace: backend.namespace, service: backend.name, share })),
    ],
  };
  return unknown.reduce(
    (made, name) =>
      assuming(made, {
        id: `filter:${name}`,
        text: `filter ${name} is the implementation's own: taken to let the request pass as it is`,
      }),
    copied,
  );
}

/** A request with the rule that takes it. */
interface Matched {
  readonly implementation: GatewayImplementation;
  readonly listener: ServingListener;
  readonly entry: RouteEntry;
  /** Null for a connection that isn't HTTP. */
  readonly request: Http | null;
  readonly because: readonly Because[];
  /** Whom the proxy holds for its client. */
  readonly client: string;
}

/** The rule's backends by weight. What is invalid keeps its share, and answers 500 for it. */
function byWeight(model: ClusterModel, flight: Flight, matched: Matched): GatewayBackend[] {
  const { entry, request, because } = matched;
  const { route, rule } = entry;
  const backends = rule.backends.filter(({ weight }) => weight > 0);
  const total = backends.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) {
    const kind = rule.backends.length === 0 ? 'none-named' : 'no-weight';
    return [{ kind: 'ended', paths: fails(flight, request, { kind, route: nameOf(route) }, because) }];
  }
  return backends.map((backend) =>
    routedTo(model, shared(flight, new Fraction(backend.weight, total)), matched, backend),
  );
}

/** A connection that isn't HTTP has no status: it is closed. */
function fails(flight: Flight, request: Http | null, fault: GatewayFault, because: readonly Because[]): Path[] {
  return request === null
    ? ends(flight, { kind: 'refused', reason: 'no-backend', fault }, because)
    : ends(
        flight,
        {
          kind: 'answered',
          reason: 'no-backend',
          status: fault.kind === 'no-endpoints' ? 503 : 500,
          by: 'gateway',
          fault,
        },
        because,
      );
}

function routedTo(
  model: ClusterModel,
  flight: Flight,
  { implementation, listener: { listener }, entry, request, because, client }: Matched,
  backend: RouteBackend,
): GatewayBackend {
  const ended = (paths: Path[]): GatewayBackend => ({ kind: 'ended', paths });
  const { route } = entry;
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
    return ended(fails(flight, request, { kind: 'invalid', condition: resolved.condition }, reasons));
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
  if (readyEndpoints(model, service, port).length === 0)
    return ended(fails(flight, request, { kind: 'no-endpoints', service: service.name }, reasons));
  const policy = tlsPolicyFor(model, service, port);
  const fault = policy === null ? null : policyFault(model, policy);
  if (policy !== null && fault !== null)
    return ended(
      fails(flight, request, { kind: 'tls-policy', policy: policy.name, reason: fault.reason }, [
        ...reasons,
        written(policy.manifest, fault.text, ...fault.at),
      ]),
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
  const filtered = applyFilters(backend.filters, request, entry, { scheme: request.scheme, port: port.port });
  if (filtered.answer !== null)
    return ended(
      ends(trusting, answerOfFilter(filtered.answer), [
        ...reasons,
        written(route.manifest, filtered.answer.by.kind, ...filtered.answer.by.at),
      ]),
    );
  const onward = passedOn(filtered.request, client, implementation.forwardedFor);
  return {
    kind: 'backend',
    flight: withEffects(trusting, filtered),
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
