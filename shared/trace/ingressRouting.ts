import { type Assumption, type Because, written } from '../cluster/because.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { Ingress } from '../cluster/ingress.ts';
import { serviceNamed } from '../cluster/lookups.ts';
import type { Service, ServicePort } from '../cluster/service.ts';
import { lackOf, whyNoneIsReady } from '../cluster/waiting.ts';
import { forwardedScheme } from '../network/forwarded.ts';
import type { ControllerSettings } from '../network/ingress/controllerSettings.ts';
import { type IngressDialect, unmodelledAnnotations } from '../network/ingress/ingressDialect.ts';
import { faultOf, isWildcardFor } from '../network/match.ts';
import { hostRead, pathRead } from '../network/normalization.ts';
import { oneRequest, type SeenRequest } from '../network/routing/asked.ts';
import { edited } from '../network/routing/edits.ts';
import { locationOf, type Redirected } from '../network/routing/location.ts';
import {
  type Answer,
  type Close,
  type Forward,
  routeFor,
  type RouteTable,
  type TableRoute,
  tiedWith,
  type WeightedBackend,
} from '../network/routing/routeTable.ts';
import { assuming, delivered, ends, type Flight, rewrittenBy, shared } from './flight.ts';
import { byChance, ended, type EndedAtProxy, readyEndpoints } from './proxying.ts';
import type { Http } from './trace.ts';
import type { ControllerFault, Ended } from './verdict.ts';

export interface ChosenBackend {
  readonly kind: 'backend';
  /** Null for the controller's own default. */
  readonly ingress: Ingress | null;
  readonly service: Service;
  readonly port: ServicePort;
  /** With this backend's share, where there are several. */
  readonly flight: Flight;
  readonly because: readonly Because[];
  readonly forward: Forward;
  /** As the proxy asks it; null for what isn't HTTP. */
  readonly request: Http | null;
  /** Null where the dialect decides. */
  readonly viaClusterAddress: boolean | null;
}

export type IngressBackend = ChosenBackend | EndedAtProxy;

/** The Ingresses that a controller or a cloud serves together, in its product's dialect. */
export interface ServedRules {
  readonly ingresses: readonly Ingress[];
  readonly dialect: IngressDialect;
  readonly table: RouteTable;
}

/**
 * The backends that a proxy may pick for a request by these Ingresses' rules: one, or several with their shares, each
 * with a ready endpoint. `at` is the controller's pod; null for a cloud's load balancer.
 */
export function backendsOf(
  model: ClusterModel,
  flight: Flight,
  { ingresses, dialect, table }: ServedRules,
  at: { readonly settings: ControllerSettings; readonly client: string } | null = null,
): IngressBackend[] {
  const { http } = flight;
  if (http === null) return [ended(delivered(flight, null, null))];
  const told =
    at !== null && dialect.forwardedFor(at.settings) === 'trusts' ? http.headers.get(forwardedScheme) : undefined;
  const path = pathRead(http.path, table.reads);
  const host = hostRead(http.host, table.reads);
  const said = pathRead(http.path, table.says);
  if (path === null || said === null || host === null)
    return [ended(ends(flight, refusedBy(dialect, http, host !== null)))];
  const seen: SeenRequest = {
    ...http,
    scheme: told === 'https' || told === 'http' ? told : http.scheme,
    host,
    path,
    client: at?.client ?? flight.packet.source,
  };
  const asked: Redirected = { ...http, host, authority: http.host, said, path };
  const found = routeFor(table, oneRequest(seen));
  if (found === 'left-out')
    return [ended(ends(flight, { kind: 'unknown', reason: 'left-out', product: dialect.product, left: table.left }))];
  const passesTls = found?.route.action.kind === 'forward' && found.route.action.passesTls;
  const saying = { ...flight, http: { ...http, path: said } };
  const secured =
    at !== null && http.scheme === 'https' && !passesTls ? withCertificate(saying, ingresses, http) : saying;
  if (found === null) {
    const facts = {
      reason: 'no-matching-rule',
      status: 404,
      by: 'controller',
      host: http.host,
      path: http.path,
    } as const;
    return [ended(ends(secured, { kind: 'answered', ...facts }))];
  }
  const { route, isKnown } = found;
  if (!isKnown) {
    const facts = {
      of: 'Ingress',
      expression: route.of?.rule?.path ?? '',
      path: http.path,
      fault: faultOf(route.match),
    } as const;
    return [ended(ends(secured, { kind: 'unknown', reason: 'regular-expression', ...facts }, route.because))];
  }
  const tied = tiedWith(table, route, oneRequest(seen));
  const names = tied.map(({ of }) => [of === null ? dialect.product : `Ingress ${of.ingress.name}`]);
  const sharing = byChance(secured, dialect.product, names);
  return tied.flatMap((each) => done(model, sharing, { dialect, route: each, asked, client: seen.client }));
}

interface Decided {
  readonly dialect: IngressDialect;
  readonly route: TableRoute;
  readonly asked: Redirected;
  readonly client: string;
}

/** What the route that decides makes of a request. */
function done(model: ClusterModel, secured: Flight, { dialect, route, asked, client }: Decided): IngressBackend[] {
  const { http } = secured;
  if (http === null) return [];
  const resting = [...route.assumed, ...unmodelled(dialect, route)].reduce(assuming, secured);
  switch (route.action.kind) {
    case 'forward': {
      const { action } = route;
      const request = edited(http, action.edits, asked);
      return action.to
        .filter(({ share }) => !share.equals(0))
        .map((backend) =>
          chosen(model, shared(resting, backend.share), { backend, route, forward: action, request, dialect }),
        );
    }
    case 'answer':
      return [ended(ends(secured, answerOf(route.action, client, asked), route.because))];
    case 'close':
      return [ended(ends(secured, closedBy(dialect, route.action), route.because))];
    case 'unknown':
      return [
        ended(
          ends(
            secured,
            { kind: 'unknown', reason: 'not-modelled', product: dialect.product, what: route.action.what },
            [...route.because],
          ),
        ),
      ];
    default:
      return route.action satisfies never;
  }
}

function unmodelled(dialect: IngressDialect, { of, action }: TableRoute): Assumption[] {
  if (of === null || action.kind !== 'forward' || action.passesTls) return [];
  return unmodelledAnnotations(dialect, of.ingress).map((name) => ({
    id: `annotation:${name}`,
    text: `annotation ${name} of Ingress ${of.ingress.name} is not modelled: taken not to change where requests go`,
  }));
}

/** What a product answers because a field says so, in the words of the product's own file. */
function answerOf({ status, reason, location, text: template }: Answer, client: string, request: Redirected): Ended {
  const to = location === null ? null : locationOf(location, request);
  const text = template.replaceAll('{location}', to ?? '').replaceAll('{client}', client);
  switch (reason) {
    case 'redirect':
      return { kind: 'answered', reason, status, by: 'controller', text, location: to };
    case 'tls-redirect':
      return { kind: 'answered', reason, status, text, location: to };
    case 'cors':
    case 'cors-refused':
      return { kind: 'answered', reason: 'cors', status, by: 'controller', text };
    case 'misdirected':
    case 'plain-http':
    case 'refused-request':
    case 'refused-routes':
    case 'refused-rule':
      return { kind: 'answered', reason: 'refused-request', status, text };
    case 'not-allowed':
    case 'unauthorized':
      return { kind: 'answered', reason, status, text };
    case 'no-matching-rule':
      return { kind: 'answered', reason, status, by: 'controller', host: request.authority, path: request.said };
    default:
      return reason satisfies never;
  }
}

function closedBy({ product }: IngressDialect, { reason }: Close): Ended {
  const common = { kind: 'refused', reason: 'nothing-listens' } as const;
  if (reason === 'plain-http') return { ...common, at: 'plain-http' };
  return { ...common, at: 'controller', product, lacks: reason === 'tls-name' ? 'tls-name' : 'route' };
}

/** A request that the proxy can't read. */
function refusedBy({ product }: IngressDialect, { host, path }: Http, isPath: boolean): Ended {
  const what = isPath ? `the path ${path}` : `the host ${host}`;
  const text = `${product} can't read ${what}, and answers 400.`;
  return { kind: 'answered', reason: 'refused-request', status: 400, text };
}

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

/** A backend with somewhere to send to, else how the proxy answers. `flight` carries this backend's share already. */
function chosen(
  model: ClusterModel,
  flight: Flight,
  {
    backend,
    route,
    forward,
    request,
    dialect,
  }: {
    readonly dialect: IngressDialect;
    readonly backend: WeightedBackend;
    readonly route: TableRoute;
    readonly forward: Forward;
    readonly request: Http;
  },
): IngressBackend {
  const { ingress, namespace, service: name, viaClusterAddress } = backend;
  const because = [...route.because, ...backend.because];
  if (name === null)
    return ended(
      ends(flight, { kind: 'unknown', reason: 'no-backend', of: 'Ingress', ingress: ingress?.name ?? '' }, because),
    );
  const service = serviceNamed(model, namespace, name);
  const port =
    ingress === null ? service?.ports[0] : service && backendPort(service.ports, backend, dialect.takesTargetPorts);
  const isEmpty = service !== undefined && port !== undefined && readyEndpoints(model, service, port).length === 0;
  // The controller's own default is its operator's affair: the set need not hold it.
  if (ingress === null && (service === undefined || port === undefined || isEmpty)) {
    const { host = '', path = '' } = flight.http ?? {};
    const facts = { of: 'controller', host, path, service: `${namespace}/${name}` } as const;
    return ended(ends(flight, { kind: 'unknown', reason: 'no-backend', ...facts }));
  }
  const lacking = (fault: ControllerFault, why: readonly Because[] = []): IngressBackend =>
    ended(
      ends(
        flight,
        { kind: 'answered', reason: 'no-backend', status: route.statusWithoutBackend, by: 'controller', fault },
        [...because, ...(backend.at === null ? [] : [backend.at]), ...why],
      ),
    );
  if (service === undefined) return lacking({ kind: 'not-in-set', ingress: ingress?.name ?? '', service: name });
  if (service.type === 'ExternalName') {
    const facts = { service: name, externalName: service.externalName ?? '', askedBy: 'Ingress' } as const;
    return ended(ends(flight, { kind: 'unknown', reason: 'external-name', ...facts }, because));
  }
  if (port === undefined) return lacking({ kind: 'no-such-port', service: name, port: backend.port });
  if (isEmpty && viaClusterAddress !== true)
    return lacking(
      { kind: 'no-endpoints', service: name, lacks: lackOf(model, service) },
      whyNoneIsReady(model, service),
    );
  return { kind: 'backend', ingress, service, port, flight, because, forward, request, viaClusterAddress };
}

/** The port that a backend names, by number or by name; the only one where it names none. */
function backendPort(
  ports: readonly ServicePort[],
  { port }: Pick<WeightedBackend, 'port'>,
  takesTargetPorts: boolean,
): ServicePort | undefined {
  if (port === null) return ports.length === 1 ? ports[0] : undefined;
  return ports.find(
    (each) => each.port === port || each.name === port || (takesTargetPorts && each.targetPort === port),
  );
}
