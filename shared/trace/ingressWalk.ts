import Fraction from 'fraction.js';
import { familyOf } from '../cluster/address.ts';
import { type Because, written } from '../cluster/because.ts';
import { type ClusterModel, serviceNamed } from '../cluster/clusterModel.ts';
import type { Backend, Ingress } from '../cluster/ingress.ts';
import type { Service, ServicePort } from '../cluster/service.ts';
import { dialectOf } from '../network/ingress/dialects.ts';
import { firstForwarded, forwardedScheme } from '../network/forwarded.ts';
import { type ControllerSettings, settingsOf } from '../network/ingress/controllerSettings.ts';
import {
  type IngressDialect,
  type IngressRoute,
  type RequestAtController,
  type Routed,
  unmodelledAnnotations,
} from '../network/ingress/route.ts';
import { ingressesFor } from '../network/ingress/ingressesByHost.ts';
import type { IngressController } from '../network/ingressController.ts';
import { faultOf, isWildcardFor, replaced, type RequestMatch } from '../network/match.ts';
import { assuming, delivered, ends, type Flight, rewrittenBy, shared } from './flight.ts';
import {
  passedOn,
  proxied,
  type ProxyInPod,
  readyEndpoints,
  speaking,
  takenByProxy,
  toEndpoints,
} from './proxyWalk.ts';
import type { Http, Path } from './trace.ts';
import type { ControllerFault, Ended } from './verdict.ts';

/** What an Ingress controller does with a request that reached one of its pods: match, then straight to a pod. */
export function routeAtController(
  model: ClusterModel,
  flight: Flight,
  proxy: ProxyInPod,
  controller: IngressController,
): Path[] {
  const dialect = dialectOf(controller.implementation);
  const settings = settingsOf(model, proxy.pod);
  const forwardedFor = dialect.forwardedFor(settings);
  const taken = takenByProxy(flight, dialect.readsProxyProtocol(settings), dialect.product);
  if (taken.kind === 'ended') return taken.paths;
  const { http } = taken.flight;
  const rules: ServedRules = {
    ingresses: http === null ? [] : ingressesFor(model, controller, http.host),
    dialect,
  };
  const through = http?.scheme === 'https' ? passedThrough(model, { ...taken.flight, http }, rules, settings) : null;
  if (through !== null)
    return through.kind === 'ended'
      ? through.paths
      : toEndpoints(model, through.flight, proxy, { ...through, request: http });
  const client = (forwardedFor === 'trusts' && http !== null ? firstForwarded(http.headers) : null) ?? taken.client;
  const secured = http?.scheme === 'https' ? withCertificate(taken.flight, rules.ingresses, http) : taken.flight;
  return backendsOf(model, secured, rules, { settings, client }).flatMap((backend) => {
    if (backend.kind === 'ended') return backend.paths;
    const { ingress, service, port, because, flight: sharing } = backend;
    const request =
      http === null ? null : passedOn({ ...http, path: rewrittenPath(backend, http.path) }, client, forwardedFor);
    const { clusterIP } = service;
    return ingress !== null && dialect.viaClusterAddress(ingress, service) && clusterIP !== null
      ? proxy.toCluster(
          proxied(speaking(sharing, proxy.pod, familyOf(clusterIP)) ?? sharing, {
            destination: { address: clusterIP, port: port.port },
            request,
            because,
          }),
        )
      : toEndpoints(model, sharing, proxy, { service, port, request, because });
  });
}

/** What a path becomes where an expression matched it: the captures put into the target. */
function rewrittenPath({ rewrite }: ChosenBackend, path: string): string {
  if (rewrite?.match.path.kind !== 'expression') return path;
  return replaced(rewrite.match.path, path, rewrite.target) ?? path;
}

export interface ChosenBackend {
  readonly kind: 'backend';
  /** Null for the controller's own default. */
  readonly ingress: Ingress | null;
  readonly service: Service;
  readonly port: ServicePort;
  /** With this backend's share, if a canary leaves it one. */
  readonly flight: Flight;
  readonly because: readonly Because[];
  /** The path that the backend is to get; null where it is the request's own. */
  readonly rewrite: { readonly target: string; readonly match: RequestMatch } | null;
}

export type IngressBackend =
  | ChosenBackend
  /** The proxy answers itself, or can't be followed further. */
  | { readonly kind: 'ended'; readonly paths: Path[] };

/** The Ingresses that a controller or a cloud serves together, in its product's dialect. */
export interface ServedRules {
  readonly ingresses: readonly Ingress[];
  readonly dialect: IngressDialect;
}

/**
 * The backends that a proxy may pick for a request by these Ingresses' rules: one, or with a canary two, each with a
 * ready endpoint. `at` is the controller's pod; null for a cloud's load balancer.
 */
export function backendsOf(
  model: ClusterModel,
  flight: Flight,
  { ingresses, dialect }: ServedRules,
  at: { readonly settings: ControllerSettings; readonly client: string } | null = null,
): IngressBackend[] {
  const { http } = flight;
  const ended = (paths: Path[]): IngressBackend[] => [{ kind: 'ended', paths }];
  if (http === null) return ended(delivered(flight, null, null));
  const told =
    at !== null && dialect.forwardedFor(at.settings) === 'trusts' ? http.headers.get(forwardedScheme) : undefined;
  const request: RequestAtController = {
    ...http,
    scheme: told === 'https' || told === 'http' ? told : http.scheme,
    source: at?.client ?? flight.packet.source,
  };
  const routed = dialect.route(ingresses, request, at?.settings);
  const fallback =
    routed.kind === 'none' && at !== null ? defaultService(model, dialect.defaultService(at.settings)) : null;
  if (fallback !== null)
    return [
      fallback.kind === 'here'
        ? {
            kind: 'backend',
            ingress: null,
            service: fallback.service,
            port: fallback.port,
            flight,
            because: [],
            rewrite: null,
          }
        : {
            kind: 'ended',
            paths: ends(flight, {
              kind: 'unknown',
              reason: 'no-backend',
              of: 'controller',
              host: http.host,
              path: http.path,
              service: fallback.name,
            }),
          },
    ];
  switch (routed.kind) {
    case 'none':
      return ended(
        ends(flight, {
          kind: 'answered',
          reason: 'no-matching-rule',
          status: 404,
          by: 'controller',
          host: http.host,
          path: http.path,
        }),
      );
    case 'answered':
      return ended(ends(flight, answerOfField(routed), [written(routed.ingress.manifest, routed.text, ...routed.at)]));
    case 'unreadable':
      return ended(
        ends(
          flight,
          {
            kind: 'unknown',
            reason: 'regular-expression',
            of: 'Ingress',
            expression: routed.route.rule?.path ?? '',
            path: http.path,
            fault: faultOf(routed.route.match),
          },
          becauseOfRule(routed.route),
        ),
      );
    case 'route':
      break;
    default:
      return routed satisfies never;
  }
  const { route } = routed;
  const known = unmodelledAnnotations(dialect, route.ingress).reduce(
    (made, name) =>
      assuming(made, {
        id: `annotation:${name}`,
        text:
          `annotation ${name} of Ingress ${route.ingress.name} is not modelled: ` +
          'taken not to change where requests go',
      }),
    flight,
  );
  const own = route.rule === null ? route.ingress.defaultBackend : route.rule.backend;
  const canary = dialect.canaryOf(ingresses, route, request);
  const rest = new Fraction(1).sub(canary?.share ?? 0);
  return [
    ...(rest.equals(0)
      ? []
      : [chosen(model, shared(known, rest), { ...route, backend: own, because: becauseOfRule(route) })]),
    ...(canary === null
      ? []
      : [
          chosen(model, shared(known, canary.share), {
            ...route,
            ingress: canary.ingress,
            backend: canary.backend,
            because: [
              ...becauseOfRule(route),
              written(canary.ingress.manifest, canary.because, 'metadata', 'annotations'),
            ],
          }),
        ]),
  ];
}

/** What a product answers because a field says so, in the words of the product's own file. */
function answerOfField({ reason, status, text }: Extract<Routed, { kind: 'answered' }>): Ended {
  return reason === 'redirect'
    ? { kind: 'answered', reason, status, by: 'controller', text }
    : { kind: 'answered', reason, status, text };
}

/**
 * TLS that goes on as it is, by the name in its handshake, to the backend of the host's root; null where TLS ends here.
 */
function passedThrough(
  model: ClusterModel,
  flight: Flight & { readonly http: Http },
  { ingresses, dialect }: ServedRules,
  settings: ControllerSettings,
): IngressBackend | null {
  const { host, serverName } = flight.http;
  const name = serverName === null || serverName === '' ? host : serverName;
  for (const ingress of ingresses) {
    const does = dialect.passesTlsThrough(ingress, settings);
    const own = ingress.rules.filter((rule) => rule.host?.toLowerCase() === name);
    const rule = own.find(({ path }) => path === '/') ?? own[0];
    if (does === false || rule === undefined) continue;
    const text = `ssl-passthrough: TLS for ${name} is not ended here, so no path is looked at`;
    const known =
      does === null
        ? assuming(flight, {
            id: 'ssl-passthrough',
            text:
              `${dialect.product} is taken to run with --enable-ssl-passthrough, ` +
              'without which the annotation does nothing',
          })
        : flight;
    return chosen(model, known, {
      ingress,
      backend: rule.backend,
      because: [written(ingress.manifest, text, ...rule.at)],
      rewrite: null,
      match: {
        host: { kind: 'exact', host: name },
        path: { kind: 'text-prefix', path: '' },
        method: null,
        headers: [],
        query: [],
      },
    });
  }
  return null;
}

/** The Service that gets what no rule takes, where the controller has one. */
function defaultService(model: ClusterModel, name: string | null): DefaultService | null {
  if (name === null) return null;
  const [namespace, service] = name.split('/');
  if (namespace === undefined || service === undefined) return null;
  const found = serviceNamed(model, namespace, service);
  const [port] = found?.ports ?? [];
  return found === undefined || port === undefined || readyEndpoints(model, found, port).length === 0
    ? { kind: 'elsewhere', name }
    : { kind: 'here', service: found, port };
}

type DefaultService =
  | { readonly kind: 'here'; readonly service: Service; readonly port: ServicePort }
  | { readonly kind: 'elsewhere'; readonly name: string };

/** With the certificate that the host gets: that of an Ingress's `tls` which names it, else the controller's own. */
function withCertificate(flight: Flight, ingresses: readonly Ingress[], { host, serverName }: Http): Flight {
  const name = serverName === null || serverName === '' ? host : serverName;
  for (const { manifest, tls } of ingresses) {
    const own = tls.find(({ hosts }) =>
      hosts.some((each) => each.toLowerCase() === name || isWildcardFor(each.toLowerCase(), name)),
    );
    if (own === undefined) continue;
    const certificate = own.secret === null ? "the controller's default certificate" : `Secret ${own.secret}`;
    return rewrittenBy(flight, { because: [written(manifest, `TLS ends here, with ${certificate}`, ...own.at)] });
  }
  return assuming(flight, {
    id: `certificate:${name}`,
    text:
      `no tls of an Ingress names ${name}: ` +
      "the controller answers with its default certificate, which clients don't trust",
  });
}

function becauseOfRule({ ingress, rule, rewrite }: IngressRoute): Because[] {
  if (rule === null)
    return [
      written(ingress.manifest, 'defaultBackend', 'spec', ingress.version === 'v1' ? 'defaultBackend' : 'backend'),
    ];
  const matched = written(ingress.manifest, `${rule.host ?? '*'} ${rule.pathType} ${rule.path}`, ...rule.at);
  return rewrite === null ? [matched] : [matched, written(ingress.manifest, rewrite.text, ...rewrite.at)];
}

/** A route that a request takes, and the backend that it takes it to; null where that is no Service. */
interface RouteTaken extends Pick<IngressRoute, 'ingress' | 'rewrite' | 'match'> {
  readonly backend: Backend | null;
  readonly because: readonly Because[];
}

/** A backend with somewhere to send to, else how the proxy answers. `flight` carries this backend's share already. */
function chosen(
  model: ClusterModel,
  flight: Flight,
  { ingress, backend, because, rewrite, match }: RouteTaken,
): IngressBackend {
  const ended = (paths: Path[]): IngressBackend => ({ kind: 'ended', paths });
  if (backend === null)
    return ended(
      ends(flight, { kind: 'unknown', reason: 'no-backend', of: 'Ingress', ingress: ingress.name }, because),
    );
  const service = serviceNamed(model, ingress.namespace, backend.service);
  const port = service === undefined ? undefined : backendPort(service.ports, backend);
  const lacking = (fault: ControllerFault): IngressBackend =>
    ended(
      ends(flight, { kind: 'answered', reason: 'no-backend', status: 503, by: 'controller', fault }, [
        ...because,
        written(ingress.manifest, `backend ${backend.service}`, ...backend.at),
      ]),
    );
  if (service === undefined) return lacking({ kind: 'not-in-set', ingress: ingress.name, service: backend.service });
  if (service.type === 'ExternalName')
    return ended(
      ends(
        flight,
        {
          kind: 'unknown',
          reason: 'external-name',
          service: service.name,
          externalName: service.externalName ?? '',
          askedBy: 'Ingress',
        },
        because,
      ),
    );
  if (port === undefined) return lacking({ kind: 'no-such-port', service: backend.service, port: backend.port });
  if (readyEndpoints(model, service, port).length === 0)
    return lacking({ kind: 'no-endpoints', service: backend.service });
  return {
    kind: 'backend',
    ingress,
    service,
    port,
    flight,
    because,
    rewrite: rewrite === null ? null : { target: rewrite.target, match },
  };
}

/** The port that a backend names, by number or by name; the only one where it names none. */
export function backendPort(ports: readonly ServicePort[], backend: Backend): ServicePort | undefined {
  if (backend.port === null) return ports.length === 1 ? ports[0] : undefined;
  return ports.find((each) => each.port === backend.port || each.name === backend.port);
}
