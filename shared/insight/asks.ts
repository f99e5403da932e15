import type { ClusterModel } from '../cluster/clusterModel.ts';
import { isCounting } from '../cluster/declared.ts';
import { type Gateway, readGateway } from '../cluster/gatewayApi/gateway.ts';
import { isOfGatewayApi } from '../cluster/gatewayApi/gatewayApi.ts';
import { isRoute, readRoute, type Route, type RouteMatch, type RouteRule } from '../cluster/gatewayApi/route.ts';
import { type Ingress, isIngress, readIngress } from '../cluster/ingress.ts';
import { serviceNamed, writtenOnes } from '../cluster/lookups.ts';
import { isExternallyAccessible, isService, type Service } from '../cluster/service.ts';
import { type Manifest, namespaceOf } from '../manifest/manifest.ts';
import { itemsAt, textAt } from '../manifest/value.ts';
import { judgedGatewayOf, parentsOf, type ServingListener } from '../network/gateway/attachment.ts';
import { gatewayEntryOf } from '../network/gateway/gatewayEntry.ts';
import { intersection } from '../network/gateway/hostnames.ts';
import { implementationOf } from '../network/gateway/chosenImplementation.ts';
import { requestMatch } from '../network/gateway/routeEntries.ts';
import type { NamedTextMatch } from '../network/match.ts';
import { addressOfWay, entryOf } from '../network/wayIn.ts';
import { textWitnessOf, witnessOf } from '../network/witness.ts';
import { type Origin, podName, type Request, type Target } from '../trace/trace.ts';
import { plainDetails, type RequestDetails } from './protocol.ts';

/** A request worth tracing, as one would type it. */
export interface Asked {
  /** TARGET as typed, and what it means. */
  readonly target: { readonly text: string; readonly value: Target };
  /** WHO as typed; `pod` is any pod of the namespace. */
  readonly from: 'internet' | 'pod' | TypedOrigin;
  /** The namespace that an asking pod lives in. */
  readonly namespace: string;
  readonly details: RequestDetails;
}

/** Somebody of the set: `deploy/web`, `pod/web-1.shop`. */
export type TypedOrigin = `${string}/${string}`;

/** What is asked, by whoever asks. */
export function requestOf(
  { target, details: { protocol, method, headers } }: Pick<Asked, 'target' | 'details'>,
  from: Origin,
): Request {
  return {
    target: target.value,
    from,
    protocol,
    method,
    headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  };
}

/** An object that requests are made for. */
export type Askable =
  | { readonly kind: 'Service'; readonly service: Service }
  | { readonly kind: 'Ingress'; readonly ingress: Ingress }
  | { readonly kind: 'Gateway'; readonly gateway: Gateway }
  | { readonly kind: 'Route'; readonly route: Route };

/** What a manifest defines that can be asked; null for what nobody asks, and for what is defined again further on. */
export function askableOf(model: ClusterModel, manifest: Manifest): Askable | null {
  if (!isCounting(model.declared, manifest)) return null;
  if (isService(manifest)) {
    const service = serviceNamed(model, namespaceOf(manifest), manifest.name);
    return service === undefined ? null : { kind: 'Service', service };
  }
  if (isIngress(manifest)) return { kind: 'Ingress', ingress: readIngress(manifest) };
  if (!isOfGatewayApi(manifest)) return null;
  if (manifest.kind === 'Gateway') return { kind: 'Gateway', gateway: readGateway(manifest) };
  return isRoute(manifest) ? { kind: 'Route', route: readRoute(manifest) } : null;
}

/** All of a set: its Ingresses, its routes, and the Services that somebody wrote. A Gateway is asked by its routes. */
export function askablesIn({ ingresses, gatewayApi, services }: ClusterModel): Askable[] {
  return [
    ...ingresses.map((ingress) => ({ kind: 'Ingress', ingress }) as const),
    ...gatewayApi.routes.map((route) => ({ kind: 'Route', route }) as const),
    ...writtenOnes(services).map((service) => ({ kind: 'Service', service }) as const),
  ];
}

/** The object itself, by whose name it is known. */
export function objectOf(askable: Askable): Service | Ingress | Gateway | Route {
  switch (askable.kind) {
    case 'Service':
      return askable.service;
    case 'Ingress':
      return askable.ingress;
    case 'Gateway':
      return askable.gateway;
    case 'Route':
      return askable.route;
    default:
      return askable satisfies never;
  }
}

/** The requests worth tracing for an object; empty where there is nothing to ask for. */
export function asksOf(model: ClusterModel, askable: Askable): Asked[] {
  switch (askable.kind) {
    case 'Service':
      return asksOfService(askable.service);
    case 'Ingress':
      return asksOfIngress(model, askable.ingress);
    case 'Gateway':
      return asksOfGateway(model, askable.gateway);
    case 'Route':
      return asksOfRoute(model, askable.route);
    default:
      return askable satisfies never;
  }
}

/**
 * A Service's ports, asked from outside where something leads in, else from a pod.
 * Empty for a Service without ports, unless headless.
 */
function asksOfService(service: Service): Asked[] {
  const { name, namespace, ports } = service;
  const from = isExternallyAccessible(service) ? 'internet' : 'pod';
  const bare = `svc/${podName({ name, namespace })}`;
  if (ports.length === 0)
    return service.headless
      ? [
          {
            from,
            namespace,
            details: plainDetails,
            target: { text: bare, value: { kind: 'service', name, namespace, port: null } },
          },
        ]
      : [];
  return ports.map((port, index) => ({
    from,
    namespace,
    details: { ...plainDetails, protocol: port.protocol },
    target: {
      text: index === 0 ? bare : `${bare}:${port.port}`,
      value: { kind: 'service', name, namespace, port: index === 0 ? null : port.name === '' ? port.port : port.name },
    },
  }));
}

/** One URL for each of an Ingress's rules; of one without rules, for its default backend. */
function asksOfIngress(model: ClusterModel, ingress: Ingress): Asked[] {
  if (ingress.rules.length === 0) return asksOfDefault(model, ingress).slice(0, 1);
  return ingress.rules.map((rule) => askOfIngress(model, ingress, rule));
}

/**
 * What may come to an Ingress's default backend, the likeliest first: hosts that have no path, any host, then the other
 * hosts' roots. Which of them do, the controller decides. Empty without a default backend.
 */
export function asksOfDefault(model: ClusterModel, ingress: Ingress): Asked[] {
  if (ingress.defaultBackend === null) return [];
  const bare = hostsWithoutPaths(ingress);
  const rooted = new Set(ingress.rules.flatMap(({ host, path }) => (/^\/(?:$|[*.(])/.test(path) ? [host] : [])));
  const hosts = new Set([...bare, null, ...ingress.rules.map(({ host }) => host)]);
  return [...hosts]
    .filter((host) => !rooted.has(host))
    .slice(0, mostHosts)
    .map((host) => askOfIngress(model, ingress, { host, path: '/' }));
}

/** So many hosts are tried. */
const mostHosts = 4;

/** The hosts of rules that lead nowhere themselves. */
export function hostsWithoutPaths({ manifest }: Ingress): string[] {
  return itemsAt(manifest.value, 'spec', 'rules').flatMap((rule) => {
    const host = textAt(rule, 'host') ?? '';
    return host === '' || itemsAt(rule, 'http', 'paths').length > 0 ? [] : [host];
  });
}

function askOfIngress(
  model: ClusterModel,
  ingress: Ingress,
  { host, path }: { readonly host: string | null; readonly path: string },
): Asked {
  const address = addressOfWay(model, entryOf(model, ingress).way) ?? 'ingress';
  const scheme = host !== null && ingress.tlsHosts.includes(host) ? 'https' : 'http';
  const [name, port] = (host === null ? address : host.replace(/^\*\./, 'any.')).split(':');
  const concrete =
    witnessOf({ kind: 'expression', expression: path, dialect: 'PCRE', ignoresCase: true, anchors: 'start' }) ??
    (path.replace(/\*$/, '').split(/[()[\]|$^\\?+]/, 1)[0] || '/');
  const number = port === undefined ? (scheme === 'https' ? 443 : 80) : Number(port);
  return {
    from: 'internet',
    namespace: ingress.namespace,
    details: plainDetails,
    target: {
      text: `${scheme}://${name}${port === undefined ? '' : `:${port}`}${concrete}`,
      value: {
        kind: 'url',
        scheme,
        host: name?.toLowerCase() ?? '',
        port: number,
        path: concrete,
        query: new Map(),
        search: '',
      },
    },
  };
}

/** A request for each of a route's matches, at the first listener that it stands behind. Empty where none takes it. */
function asksOfRoute(model: ClusterModel, route: Route): Asked[] {
  for (const { outcome } of parentsOf(model.declared, route)) {
    if (outcome.kind !== 'attached') continue;
    const listeners = judgedGatewayOf(model.declared, outcome.gateway)?.listeners ?? [];
    const listener = listeners.find(
      ({ isAccepted, attached }) => isAccepted && attached.some((each) => each.route === route),
    );
    if (listener !== undefined) return asksAt(model, outcome.gateway, listener, route);
  }
  return [];
}

/** The requests of all routes behind a Gateway. */
function asksOfGateway(model: ClusterModel, gateway: Gateway): Asked[] {
  const listeners = judgedGatewayOf(model.declared, gateway)?.listeners ?? [];
  return listeners
    .filter(({ isAccepted }) => isAccepted)
    .flatMap((listener) => listener.attached.flatMap(({ route }) => asksAt(model, gateway, listener, route)));
}

/** Of several hostnames, which are routed alike, the first stands for all. */
function asksAt(model: ClusterModel, gateway: Gateway, listener: ServingListener, route: Route): Asked[] {
  const asks = asksByRule(model, gateway, listener, route);
  return asks.flatMap(({ ask, hostname }) => (hostname === asks[0]?.hostname ? [ask] : []));
}

/** A request that leads to a rule of a route. */
export interface RuleAsked {
  readonly ask: Asked;
  /** Null for a route of TCP or UDP, which asks nothing. */
  readonly rule: RouteRule | null;
  /** The host that listener and route share, as it is written; null for any. */
  readonly hostname: string | null;
}

/** A request for each match of a route at one listener, host by host, with the rule that it is a match of. */
export function asksByRule(
  model: ClusterModel,
  gateway: Gateway,
  { listener }: ServingListener,
  route: Route,
): RuleAsked[] {
  const entry = gatewayEntryOf(model, gateway);
  const address = addressOfWay(model, entry.way)?.split(':')[0] ?? 'gateway';
  const { port, protocol } = listener;
  const base = { from: 'internet', namespace: route.namespace } as const;
  if (protocol === 'TCP' || protocol === 'UDP')
    return [
      {
        rule: null,
        hostname: null,
        ask: {
          ...base,
          details: { ...plainDetails, protocol },
          target: { text: `${address}:${port}`, value: { kind: 'socket', host: address, port } },
        },
      },
    ];
  const scheme = protocol === 'HTTP' ? 'http' : 'https';
  const hostnames = new Set(intersection(listener.hostname, route.hostnames) ?? [null]);
  const { expressions } = implementationOf(model, gateway).implementation;
  const matches =
    route.kind === 'TLSRoute' || route.kind === 'TCPRoute'
      ? [{ rule: null, match: null }]
      : route.rules.flatMap((rule) => rule.matches.map((match) => ({ rule, match })));
  const wanted = matches.flatMap(({ rule, match }) => {
    const witness =
      match === null
        ? { path: '/', query: new Map<string, string>(), details: plainDetails }
        : witnessOfMatch(match, expressions, route);
    return witness === null ? [] : [{ rule, witness }];
  });
  return [...hostnames].flatMap((hostname) => {
    const host = hostname === null ? address : hostname.replace(/^\*\./, 'any.');
    const at = `${scheme}://${host}${port === (scheme === 'http' ? 80 : 443) ? '' : `:${port}`}`;
    return wanted.map(({ rule, witness: { path, query: asked, details } }): RuleAsked => {
      const query = [...asked].map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
      const search = query.length === 0 ? '' : `?${query.join('&')}`;
      const value: Target = { kind: 'url', scheme, host, port, path, query: asked, search };
      return { rule, hostname, ask: { ...base, details, target: { text: `${at}${path}${search}`, value } } };
    });
  });
}

/** A request that a match takes; null where none can be made up. */
export function witnessOfMatch(
  match: RouteMatch,
  expressions: Parameters<typeof requestMatch>[2],
  { kind }: Route,
): { path: string; query: ReadonlyMap<string, string>; details: RequestDetails } | null {
  const wanted = requestMatch(null, match, expressions);
  const [path, headers, query] = [witnessOf(wanted.path), textsOf(wanted.headers), textsOf(wanted.query)];
  if (path === null || headers === null || query === null) return null;
  return {
    path,
    query,
    details: {
      protocol: 'TCP',
      method: match.method ?? (kind === 'GRPCRoute' ? 'POST' : 'GET'),
      headers: Object.fromEntries(headers),
    },
  };
}

function textsOf(matches: readonly NamedTextMatch[]): ReadonlyMap<string, string> | null {
  const texts = matches.map(({ name, match }) => [name, textWitnessOf(match)] as const);
  return texts.every((each): each is readonly [string, string] => each[1] !== null) ? new Map(texts) : null;
}
