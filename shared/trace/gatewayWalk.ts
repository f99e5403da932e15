import Fraction from 'fraction.js';
import { type Because, written } from '../cluster/because.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { RouteBackend } from '../cluster/gatewayApi/route.ts';
import type { Pod } from '../cluster/pod.ts';
import type { Service, ServicePort } from '../cluster/service.ts';
import { policyFault, resolveBackend, tlsPolicyFor } from '../network/gateway/backends.ts';
import { applyFilters, type Filtered } from '../network/gateway/filters.ts';
import { type GatewayProxy, listenerPorts } from '../network/gateway/gatewayProxy.ts';
import { type Decision, decide, type RouteEntry } from '../network/gateway/routing.ts';
import type { ServingListener } from '../network/gateway/attachment.ts';
import { faultOf, faultText } from '../network/match.ts';
import { answers, assuming, delivered, ends, type Flight, shared } from './flight.ts';
import { type Onward, passedOn, readyEndpoints, takenByProxy, toEndpoints } from './proxyWalk.ts';
import type { Http, Path } from './trace.ts';

/**
 * What a Gateway's proxy does with a request: listener, rule, filters, backend, then straight to a pod. Null where the pod's
 * port is none of a Gateway's: the pod does something else there.
 */
export function routeAtGateway(
  model: ClusterModel,
  flight: Flight,
  pod: Pod,
  proxy: GatewayProxy,
  onward: Onward,
): Path[] | null {
  const { packet } = flight;
  const [port] = listenerPorts(proxy, pod, packet.destination.port, packet.protocol);
  if (port === undefined) return null;
  const taken = takenByProxy(flight, null, proxy.implementation.product);
  if (taken.kind === 'ended') return taken.paths;
  return chosenBackends(model, taken.flight, proxy, port, taken.client).flatMap((found) =>
    found.kind === 'ended'
      ? found.paths
      : toEndpoints(model, found.flight, pod, found, found.request, found.because, onward),
  );
}

/** A backend that the proxy sends to, with ready endpoints; or how it ends before. `flight` carries the backend's share. */
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

/** What a request that reached a Gateway's port comes to. */
export function chosenBackends(
  model: ClusterModel,
  flight: Flight,
  proxy: GatewayProxy,
  port: number,
  client = flight.packet.source,
): GatewayBackend[] {
  const { http, packet } = flight;
  const request = http === null ? null : { ...http, path: proxy.implementation.normalize(http.path) };
  const decision = decide(proxy.judged, proxy.implementation, {
    port,
    protocol: packet.protocol,
    request,
    serverName: http?.serverName ?? null,
  });
  if (decision.kind !== 'rule') return [{ kind: 'ended', paths: undecided(flight, proxy, decision, port) }];
  const { listener, entry, rival } = decision;
  const because = becauseOf(listener, entry);
  const known =
    rival === null
      ? flight
      : assuming(flight, {
          id: `age:${entry.route.kind}/${entry.route.namespace}/${entry.route.name}`,
          text: `${entry.route.kind}s ${entry.route.name} and ${rival.route.name} ask for the same, and the older would win: taken to be of one age, so the first by name does`,
        });
  const isHttp = entry.route.kind === 'HTTPRoute' || entry.route.kind === 'GRPCRoute';
  if (!isHttp || request === null) return split(model, known, proxy, entry, null, listener, because, client);
  const filtered = applyFilters(entry.rule.filters, request, entry, { scheme: request.scheme, port });
  if (filtered.answer !== null)
    return [
      {
        kind: 'ended',
        paths: [
          answers(known, filtered.answer, [
            ...because,
            written(entry.route.manifest, filtered.answer.by.kind, ...filtered.answer.by.at),
          ]),
        ],
      },
    ];
  return split(model, withEffects(known, filtered), proxy, entry, filtered.request, listener, because, client);
}

function undecided(
  flight: Flight,
  { gateways, judged }: GatewayProxy,
  decision: Exclude<Decision, { kind: 'rule' }>,
  port: number,
): Path[] {
  const { http } = flight;
  const name = gateways.map((gateway) => gateway.name).join(', ');
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
      return ends(flight, 'refused', 'nothing-listens', `Gateway ${name} has no working listener on port ${port}.`);
    case 'no-tls-name':
      return ends(
        flight,
        'refused',
        'tls-name',
        `Gateway ${name} has no TLS for ${http?.serverName === '' ? 'a client that names no host' : (http?.serverName ?? 'it')} on port ${port}: the handshake fails.`,
      );
    case 'plain-at-tls':
      return http === null
        ? ends(
            flight,
            'unknown',
            'tls-name',
            `Port ${port} of Gateway ${name} speaks TLS: whom it leads to hangs on the name in the handshake, so ask by https://.`,
          )
        : [
            answers(flight, {
              reason: 'plain-http',
              status: 400,
              text: `Plain HTTP at port ${port} of Gateway ${name}, which speaks TLS.`,
            }),
          ];
    case 'misdirected':
      return [
        answers(
          flight,
          {
            reason: 'misdirected',
            status: 421,
            text: `${http?.host ?? ''} belongs to another listener of Gateway ${name} than ${decision.listener.listener.name}, whose TLS was asked for.`,
          },
          at,
        ),
      ];
    case 'none': {
      if (judged.perhaps[0] !== undefined) return ends(flight, 'unknown', 'perhaps-attached', judged.perhaps[0], at);
      if (http !== null)
        return [
          answers(
            flight,
            {
              reason: 'no-matching-rule',
              status: 404,
              text: `No route of Gateway ${name} takes ${http.method} ${http.host}${http.path}: the gateway answers 404 itself.`,
            },
            at,
          ),
        ];
      const { protocol } = decision.listener.listener;
      if (protocol === 'HTTP' || protocol === 'HTTPS') return delivered(flight, null, null);
      return ends(
        flight,
        'refused',
        'no-route',
        `No route stands behind listener ${decision.listener.listener.name} of Gateway ${name}.`,
        at,
      );
    }
    case 'unreadable': {
      const fault = faultOf(decision.entry.match);
      return ends(
        flight,
        'unknown',
        'regular-expression',
        `Whether ${decision.entry.route.kind} ${decision.entry.route.name} takes ${http?.path ?? 'it'} is not known: it asks ${fault === null ? "for something that Hoplens can't read as this implementation does" : `by a regular expression that ${faultText(fault)}`}.`,
        becauseOf(decision.listener, decision.entry),
      );
    }
    default:
      return decision satisfies never;
  }
}

function becauseOf({ listener }: ServingListener, { route, rule, written: match }: RouteEntry): Because[] {
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

/** The rule's backends by weight. What is invalid keeps its share, and answers 500 for it. */
function split(
  model: ClusterModel,
  flight: Flight,
  proxy: GatewayProxy,
  entry: RouteEntry,
  request: Http | null,
  listener: ServingListener,
  because: readonly Because[],
  client: string,
): GatewayBackend[] {
  const { route, rule } = entry;
  const backends = rule.backends.filter(({ weight }) => weight > 0);
  const total = backends.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) {
    const text =
      rule.backends.length === 0
        ? `${route.kind} ${route.name} names no backend for this`
        : `Every backend of ${route.kind} ${route.name} has weight 0`;
    return [{ kind: 'ended', paths: fails(flight, request, 500, `${text}: the gateway answers 500 itself.`, because) }];
  }
  return backends.map((backend) =>
    toBackend(
      model,
      shared(flight, new Fraction(backend.weight, total)),
      proxy,
      entry,
      backend,
      request,
      listener,
      because,
      client,
    ),
  );
}

/** A connection that isn't HTTP has no status: it is closed. */
function fails(
  flight: Flight,
  request: Http | null,
  status: number,
  text: string,
  because: readonly Because[],
): Path[] {
  return request === null
    ? ends(
        flight,
        'refused',
        'no-backend',
        text.replace(/: the gateway answers \d+ itself\.$/, ': the gateway closes the connection.'),
        because,
      )
    : [answers(flight, { reason: 'no-backend', status, text }, because)];
}

function toBackend(
  model: ClusterModel,
  flight: Flight,
  { implementation }: GatewayProxy,
  entry: RouteEntry,
  backend: RouteBackend,
  request: Http | null,
  { listener }: ServingListener,
  because: readonly Because[],
  client: string,
): GatewayBackend {
  const ended = (paths: Path[]): GatewayBackend => ({ kind: 'ended', paths });
  const { route } = entry;
  const reasons = [...because, written(route.manifest, `backend ${backend.name}`, ...backend.at)];
  const resolved = resolveBackend(model, route, backend, implementation.ownBackends);
  if (resolved.kind === 'foreign')
    return ended(
      ends(flight, 'unknown', 'foreign-backend', `${route.kind} ${route.name} sends this to ${resolved.text}`, reasons),
    );
  if (resolved.kind === 'invalid')
    return ended(
      fails(
        flight,
        request,
        500,
        `${resolved.condition.text.replace(/\.$/, '')} (${resolved.condition.reason}): the gateway answers 500 itself.`,
        reasons,
      ),
    );
  const { service, port } = resolved;
  if (service.type === 'ExternalName')
    return ended(
      ends(
        flight,
        'unknown',
        'external-name',
        `Service ${service.name} is an alias for ${service.externalName ?? ''}, outside what the manifests describe; many implementations refuse such a backend.`,
        reasons,
      ),
    );
  if (readyEndpoints(model, service, port).length === 0)
    return ended(
      fails(
        flight,
        request,
        503,
        `Service ${service.name} has no ready endpoint: the gateway answers 503 itself.`,
        reasons,
      ),
    );
  const policy = tlsPolicyFor(model, service, port);
  const fault = policy === null ? null : policyFault(model, policy);
  if (policy !== null && fault !== null)
    return ended(
      fails(
        flight,
        request,
        500,
        `BackendTLSPolicy ${policy.name} can't be used (${fault.reason}): the gateway answers 500 itself.`,
        [...reasons, written(policy.manifest, fault.text, ...fault.at)],
      ),
    );
  const known =
    route.manifest.namespace !== null || backend.namespace === route.namespace
      ? flight
      : assuming(flight, {
          id: `namespace:${route.kind}/${route.name}`,
          text: `${route.kind} ${route.name} names no namespace: taken to be applied where it may use Service ${service.name} of namespace ${backend.namespace}`,
        });
  const trusting =
    policy === null
      ? known
      : assuming(known, {
          id: `backend-tls:${policy.namespace}/${policy.name}`,
          text: `the certificate of Service ${service.name} is taken to be for ${policy.hostname} and signed as BackendTLSPolicy ${policy.name} wants it`,
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
    return ended([
      answers(trusting, filtered.answer, [
        ...reasons,
        written(route.manifest, filtered.answer.by.kind, ...filtered.answer.by.at),
      ]),
    ]);
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
