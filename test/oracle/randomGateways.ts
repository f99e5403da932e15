import type { SeededRandom } from '../seededRandom.ts';

/** A request at one of the Gateways, as it stands on the wire. */
export interface GatewayRequest {
  /** `namespace/name`. */
  readonly gateway: string;
  readonly port: number;
  /** The name in the TLS handshake; null without TLS. */
  readonly serverName: string | null;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Gateways with their routes and all that those name, and what is asked of them. */
export interface GatewaySet {
  readonly objects: readonly GatewayObject[];
  readonly requests: readonly GatewayRequest[];
}

export interface GatewayObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

const services = [
  { namespace: 'default', name: 's1', address: '10.244.0.11' },
  { namespace: 'default', name: 's2', address: '10.244.0.12' },
  { namespace: 'default', name: 's3', address: '10.244.0.13' },
  { namespace: 'other', name: 's4', address: '10.244.0.14' },
  /** Nothing runs behind it. */
  { namespace: 'default', name: 'empty', address: null },
];
const podPort = 3000;

/** Whose endpoint an address is. */
export function serviceAt(endpoint: string): string {
  const found = services.find(({ address }) => `${address}:${podPort}` === endpoint);
  return found === undefined ? endpoint : `${found.namespace}/${found.name}`;
}

/** What every set holds: the class, the namespaces, the Services with their pods. */
export function baseOf(controllerName: string): readonly GatewayObject[] {
  return [
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: 'judged' },
      spec: { controllerName },
    },
    ...surroundings,
  ];
}

const surroundings: readonly GatewayObject[] = [
  ...['default', 'other'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
  })),
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'certificate', namespace: 'default' },
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': 'Li4u', 'tls.key': 'Li4u' },
  },
  ...services.flatMap(({ namespace, name, address }): GatewayObject[] => [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: {
        clusterIP: `10.96.0.${services.findIndex((each) => each.name === name) + 101}`,
        selector: { app: name },
        ports: [{ name: 'web', port: 8080, targetPort: podPort, protocol: 'TCP' }],
      },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${name}-1`, namespace, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: 'web', port: podPort, protocol: 'TCP' }],
      endpoints:
        address === null
          ? []
          : [{ addresses: [address], conditions: { ready: true, serving: true }, nodeName: 'node-1' }],
    },
    ...(address === null
      ? []
      : [
          {
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name: `${name}-pod`, namespace, labels: { app: name } },
            spec: { nodeName: 'node-1', containers: [{ name: 'app', ports: [{ containerPort: podPort }] }] },
            status: {
              phase: 'Running',
              podIP: address,
              podIPs: [{ ip: address }],
              conditions: [{ type: 'Ready', status: 'True' }],
            },
          },
        ]),
  ]),
];

const listenerHostnames = [
  null,
  null,
  '*.example.com',
  'a.example.com',
  'b.example.com',
  '*.b.example.com',
  '*.com',
  'example.com',
];
const routeHostnames = [
  'a.example.com',
  'b.example.com',
  'x.b.example.com',
  'example.com',
  '*.example.com',
  '*.b.example.com',
  '*.com',
  'other.org',
];
const askedHosts = [
  'a.example.com',
  'A.Example.com',
  'b.example.com',
  'x.b.example.com',
  'y.x.b.example.com',
  'example.com',
  'c.example.com',
  'other.org',
  'org',
  'a.example.com:8080',
  'b.example.com:80',
];
const plainPaths = ['/', '/a', '/a/', '/a/b', '/ab', '/a/b/c', '/A', '/v1/users', '/v1', '/v1/'];
const expressions = ['/a.*', '/v[0-9]+/.*', '/(a|v1)', '/a/b?', '.*', '/a/[a-z]+/c'];
const headerNames = ['x-one', 'x-two', 'X-Three'];
const values = ['1', 'two', 'a b', ''];
const methods = ['GET', 'POST', 'DELETE'];

function some<T>(random: SeededRandom, most: number, make: () => T): T[] {
  return Array.from({ length: random.below(most + 1) }, make);
}

function maybe(random: SeededRandom, oneIn: number): boolean {
  return random.below(oneIn) === 0;
}

/** Keeps the first of each name: a list may name nothing twice. */
function byName<T extends { readonly name: string }>(items: readonly T[]): T[] {
  return items.filter(
    ({ name }, index) => items.findIndex((each) => each.name.toLowerCase() === name.toLowerCase()) === index,
  );
}

/** `statuses` are those that a redirect may have: newer schemas take more. */
export function randomGateways(random: SeededRandom, statuses = [301, 302, 303, 307, 308]): GatewaySet {
  const gateways = Array.from({ length: 1 + random.below(2) }, (_, index) => gateway(random, `g${index}`));
  const names = gateways.map(({ metadata: { name } }) => name);
  const routes = Array.from({ length: 1 + random.below(4) }, (_, index) =>
    httpRoute(random, `r${index}`, { gateways: names, statuses }),
  );
  if (maybe(random, 4)) routes.push(grpcRoute(random, 'grpc', names));
  if (maybe(random, 3)) routes.push(grant);
  return { objects: [...gateways, ...routes], requests: Array.from({ length: 12 }, () => ask(random, gateways)) };
}

const grant: GatewayObject = {
  apiVersion: 'gateway.networking.k8s.io/v1beta1',
  kind: 'ReferenceGrant',
  metadata: { name: 'from-default', namespace: 'other' },
  spec: {
    from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'default' }],
    to: [{ group: '', kind: 'Service' }],
  },
};

interface Listener {
  readonly name: string;
  readonly port: number;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly hostname?: string;
}

interface GatewayMade extends GatewayObject {
  readonly spec: { readonly gatewayClassName: string; readonly listeners: readonly Listener[] };
}

function gateway(random: SeededRandom, name: string): GatewayMade {
  const listeners = Array.from({ length: 1 + random.below(4) }, (_, index): Listener => {
    const protocol = maybe(random, 3) ? 'HTTPS' : 'HTTP';
    const hostname = random.pick(listenerHostnames);
    return {
      name: `l${index}`,
      port: protocol === 'HTTPS' ? random.pick([443, 443, 8443]) : random.pick([80, 80, 8080]),
      protocol,
      ...(hostname === null ? {} : { hostname }),
      ...(protocol === 'HTTPS' ? { tls: { mode: 'Terminate', certificateRefs: [{ name: 'certificate' }] } } : {}),
      ...(maybe(random, 2) ? { allowedRoutes: { namespaces: { from: 'All' } } } : {}),
    };
  });
  // Two alike conflict, which is a question of status, and seldom asked here.
  const distinct = listeners.filter(
    (each, index) =>
      maybe(random, 20) ||
      listeners.findIndex(({ port, hostname }) => port === each.port && hostname === each.hostname) === index,
  );
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name, namespace: 'default' },
    spec: { gatewayClassName: 'judged', listeners: distinct },
  };
}

function parents(random: SeededRandom, gateways: readonly string[]): object[] {
  return gateways
    .filter((_, index) => index === 0 || maybe(random, 2))
    .map((name) => ({
      name,
      namespace: 'default',
      ...(maybe(random, 4) ? { sectionName: `l${random.below(3)}` } : {}),
      ...(maybe(random, 8) ? { port: random.pick([80, 443, 8080]) } : {}),
    }));
}

function routeMetadata(random: SeededRandom, name: string): GatewayObject['metadata'] {
  return {
    name,
    namespace: maybe(random, 6) ? 'other' : 'default',
    creationTimestamp: random.pick(['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z']),
  };
}

interface RouteKnowing {
  readonly gateways: readonly string[];
  readonly statuses: readonly number[];
}

function httpRoute(random: SeededRandom, name: string, { gateways, statuses }: RouteKnowing): GatewayObject {
  const hostnames = [...new Set(some(random, 2, () => random.pick(routeHostnames)))];
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: routeMetadata(random, name),
    spec: {
      parentRefs: parents(random, gateways),
      ...(hostnames.length > 0 ? { hostnames } : {}),
      rules: Array.from({ length: 1 + random.below(3) }, () => httpRule(random, statuses)),
    },
  };
}

function httpRule(random: SeededRandom, statuses: readonly number[]): object {
  const matches = some(random, 2, () => httpMatch(random));
  const [only] = matches;
  const isPrefix = matches.length === 1 && (only?.path === undefined || only.path.type === 'PathPrefix');
  const filters = httpFilters(random, { isPrefix, statuses });
  const isRedirect = filters.some((each) => 'requestRedirect' in each);
  return {
    ...(matches.length > 0 ? { matches } : {}),
    ...(filters.length > 0 ? { filters } : {}),
    ...(isRedirect ? {} : { backendRefs: backendRefs(random) }),
  };
}

function httpMatch(random: SeededRandom): { readonly path?: { readonly type: string; readonly value: string } } {
  const headers = byName(
    some(random, 2, () => ({
      name: random.pick(headerNames),
      ...(maybe(random, 4)
        ? { type: 'RegularExpression', value: random.pick(['[0-9]+', 't.o', '.*']) }
        : { value: random.pick(['1', 'two']) }),
    })),
  );
  const queryParams = byName(
    some(random, 1, () => ({
      name: random.pick(['q', 'p']),
      ...(maybe(random, 4) ? { type: 'RegularExpression', value: '[0-9]+' } : { value: random.pick(['1', 'two']) }),
    })),
  );
  return {
    ...(maybe(random, 6) ? {} : { path: httpPath(random) }),
    ...(maybe(random, 5) ? { method: random.pick(methods) } : {}),
    ...(headers.length > 0 && maybe(random, 2) ? { headers } : {}),
    ...(queryParams.length > 0 && maybe(random, 2) ? { queryParams } : {}),
  };
}

function httpPath(random: SeededRandom): { readonly type: string; readonly value: string } {
  const type = random.pick(['PathPrefix', 'PathPrefix', 'PathPrefix', 'Exact', 'Exact', 'RegularExpression']);
  return { type, value: random.pick(type === 'RegularExpression' ? expressions : plainPaths) };
}

function pathModifier(random: SeededRandom, isPrefix: boolean): object {
  const replacement = random.pick(['/', '/new', '/new/', '/new/x', '']);
  return isPrefix && !maybe(random, 3)
    ? { type: 'ReplacePrefixMatch', replacePrefixMatch: replacement }
    : { type: 'ReplaceFullPath', replaceFullPath: replacement };
}

function httpFilters(
  random: SeededRandom,
  { isPrefix, statuses }: { readonly isPrefix: boolean; readonly statuses: readonly number[] },
): object[] {
  const filters: object[] = [];
  if (maybe(random, 6)) {
    filters.push({
      type: 'RequestRedirect',
      requestRedirect: {
        ...(maybe(random, 3) ? { scheme: random.pick(['http', 'https']) } : {}),
        ...(maybe(random, 3) ? { hostname: 'redirected.example.com' } : {}),
        ...(maybe(random, 3) ? { port: random.pick([80, 443, 8080]) } : {}),
        ...(maybe(random, 2) ? { path: pathModifier(random, isPrefix) } : {}),
        ...(maybe(random, 2) ? { statusCode: random.pick(statuses) } : {}),
      },
    });
  } else if (maybe(random, 4)) {
    filters.push({
      type: 'URLRewrite',
      urlRewrite: {
        ...(maybe(random, 3) ? { hostname: 'rewritten.example.com' } : {}),
        path: pathModifier(random, isPrefix),
      },
    });
  }
  if (maybe(random, 5)) filters.push({ type: 'RequestHeaderModifier', requestHeaderModifier: headerChange(random) });
  if (maybe(random, 10)) filters.push({ type: 'RequestMirror', requestMirror: mirror(random) });
  return filters;
}

function headerChange(random: SeededRandom): object {
  const changed = (): { name: string; value: string }[] =>
    byName(some(random, 1, () => ({ name: random.pick(headerNames), value: random.pick(['changed', '1', 'two']) })));
  const set = maybe(random, 6) ? [{ name: 'Host', value: 'set.example.com' }] : changed();
  const add = changed();
  const remove = some(random, 1, () => random.pick(headerNames));
  return {
    ...(set.length > 0 ? { set } : {}),
    ...(add.length > 0 ? { add } : {}),
    ...(remove.length > 0 || (set.length === 0 && add.length === 0) ? { remove: [random.pick(headerNames)] } : {}),
  };
}

function mirror(random: SeededRandom): object {
  return {
    backendRef: { name: random.pick(['s3', 's2', 'empty', 'missing']), port: 8080 },
    ...(maybe(random, 3) ? { percent: random.pick([0, 25, 100]) } : {}),
  };
}

function backendRefs(random: SeededRandom): object[] {
  const names = maybe(random, 12)
    ? []
    : [...new Set(Array.from({ length: 1 + random.below(2) }, () => backendName(random)))];
  return names.map((name) => ({
    name,
    ...(name === 's4' || maybe(random, 12) ? { namespace: 'other' } : { namespace: 'default' }),
    port: maybe(random, 15) ? 81 : 8080,
    ...(maybe(random, 3) ? { weight: random.pick([0, 1, 2, 3]) } : {}),
    ...(maybe(random, 12)
      ? { filters: [{ type: 'RequestHeaderModifier', requestHeaderModifier: headerChange(random) }] }
      : {}),
  }));
}

function backendName(random: SeededRandom): string {
  return random.pick(['s1', 's1', 's2', 's2', 's3', 's4', 'empty', 'missing']);
}

function grpcRoute(random: SeededRandom, name: string, gateways: readonly string[]): GatewayObject {
  const hostnames = [...new Set(some(random, 2, () => random.pick(routeHostnames)))];
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GRPCRoute',
    metadata: routeMetadata(random, name),
    spec: {
      parentRefs: parents(random, gateways),
      ...(hostnames.length > 0 ? { hostnames } : {}),
      rules: Array.from({ length: 1 + random.below(2) }, () => ({
        ...(maybe(random, 4)
          ? {}
          : {
              matches: [
                {
                  method: maybe(random, 3)
                    ? { type: 'RegularExpression', service: 'pkg\\..*', method: random.pick(['Get', 'G.t']) }
                    : random.pick([
                        { service: 'pkg.Users' },
                        { method: 'Get' },
                        { service: 'pkg.Users', method: 'Get' },
                      ]),
                },
              ],
            }),
        backendRefs: [{ name: random.pick(['s1', 's2', 's3']), namespace: 'default', port: 8080 }],
      })),
    },
  };
}

const nearMisses = [
  '/a%2Fb',
  '/a%5Cb',
  '/v1%2fusers',
  '/./a',
  '/x/../a',
  '/a/..',
  '/a/.',
  '/a/../v1/users',
  '/%2e%2e/a',
  '/../a',
  '//a',
  '/a//b',
  '/a/b/',
  '/a/b//',
  '/v1//users',
  '/V1/users',
  '/a\\b',
  '/new',
  '/abc',
  '/a;x=1',
  '/v1/users/7',
  '/pkg.Users/Get',
  '/pkg.Users/List',
  '/pkg.Other/Get',
];

function ask(random: SeededRandom, gateways: readonly GatewayMade[]): GatewayRequest {
  const { metadata, spec } = random.pick(gateways);
  const { port, protocol } = random.pick(spec.listeners);
  const host = random.pick(askedHosts);
  const [name = host] = host.split(':');
  const path = maybe(random, 2) ? random.pick(nearMisses) : random.pick(plainPaths);
  const query = maybe(random, 3) ? random.pick(['?q=1', '?q=two&p=1', '?p=two', '?q', '?']) : '';
  const isGrpc = path.startsWith('/pkg.');
  return {
    gateway: `default/${metadata.name}`,
    port,
    serverName: protocol === 'HTTP' ? null : maybe(random, 8) ? 'b.example.com' : name.toLowerCase(),
    method: isGrpc ? 'POST' : random.pick(['GET', 'GET', 'GET', ...methods]),
    target: `${path}${query}`,
    host,
    headers: {
      ...Object.fromEntries(some(random, 2, () => [random.pick(headerNames).toLowerCase(), random.pick(values)])),
      ...(isGrpc ? { 'content-type': 'application/grpc' } : {}),
    },
  };
}
