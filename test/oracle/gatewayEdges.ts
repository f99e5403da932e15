import type { GatewayObject, GatewayRequest, GatewaySet } from './randomGateways.ts';

/** Small sets on the places where implementations differ, each with its requests: what random sets seldom meet. */
export interface Edge {
  readonly name: string;
  readonly set: GatewaySet;
}

const apiVersion = 'gateway.networking.k8s.io/v1';
const tls = { protocol: 'HTTPS', tls: { certificateRefs: [{ name: 'certificate' }] } };

function gateway(...listeners: readonly object[]): GatewayObject {
  return {
    apiVersion,
    kind: 'Gateway',
    metadata: { name: 'g', namespace: 'default' },
    spec: {
      gatewayClassName: 'judged',
      listeners: listeners.map((each, index) => ({ name: `l${index}`, port: 80, protocol: 'HTTP', ...each })),
    },
  };
}

function route(
  name: string,
  rules: readonly object[],
  hostnames?: readonly string[],
  kind = 'HTTPRoute',
): GatewayObject {
  return {
    apiVersion,
    kind,
    metadata: { name, namespace: 'default' },
    spec: { parentRefs: [{ name: 'g' }], ...(hostnames === undefined ? {} : { hostnames }), rules },
  };
}

function to(...names: readonly string[]): { readonly backendRefs: readonly object[] } {
  return { backendRefs: names.map((name) => ({ name, port: 8080 })) };
}

function get(target: string, more: Partial<GatewayRequest> = {}): GatewayRequest {
  return {
    gateway: 'default/g',
    port: 80,
    serverName: null,
    method: 'GET',
    target,
    host: 'a.example.com',
    headers: {},
    ...more,
  };
}

function call(target: string): GatewayRequest {
  return get(target, { method: 'POST', headers: { 'content-type': 'application/grpc' } });
}

/** One plain listener, one route of the given rules. */
function ruled(name: string, rules: readonly object[], ...requests: readonly GatewayRequest[]): Edge {
  return { name, set: { objects: [gateway({}), route('r', rules)], requests } };
}

function filtered(filter: object, then: object = to('s1')): object {
  return { filters: [filter], ...then };
}

const prefixes = ['/', '/a', '/a/'].flatMap((prefix) =>
  ['', '/', '/new', '/new/'].flatMap((value) => {
    const matches = [{ path: { type: 'PathPrefix', value: prefix } }];
    const path = { type: 'ReplacePrefixMatch', replacePrefixMatch: value };
    const requests = ['/', '/a', '/a/', '/a/b?q=1'].map((each) => get(each));
    return [
      ruled(
        `rewrite of prefix ${prefix} to "${value}"`,
        [{ matches, ...filtered({ type: 'URLRewrite', urlRewrite: { path } }) }],
        ...requests,
      ),
      ruled(
        `redirect of prefix ${prefix} to "${value}"`,
        [{ matches, ...filtered({ type: 'RequestRedirect', requestRedirect: { path } }, {}) }],
        ...requests,
      ),
    ];
  }),
);

const fullPaths = ['', '/', '/new', '/new?x=1'].flatMap((value) => {
  const path = { type: 'ReplaceFullPath', replaceFullPath: value };
  const requests = ['/a?q=1', '/', '/a?q', '/a?'].map((each) => get(each));
  return [
    ruled(`rewrite to "${value}"`, [filtered({ type: 'URLRewrite', urlRewrite: { path } })], ...requests),
    ruled(
      `redirect to "${value}"`,
      [filtered({ type: 'RequestRedirect', requestRedirect: { path } }, {})],
      ...requests,
    ),
  ];
});

const redirects = [
  {},
  { scheme: 'https' },
  { scheme: 'http' },
  { port: 8080 },
  { port: 80 },
  { port: 443 },
  { scheme: 'https', port: 443 },
  { scheme: 'https', port: 80 },
  { hostname: 'x.org' },
].flatMap((requestRedirect) =>
  [80, 8080].map((port): Edge => ({
    name: `redirect ${JSON.stringify(requestRedirect)} at port ${port}`,
    set: {
      objects: [gateway({ port }), route('r', [filtered({ type: 'RequestRedirect', requestRedirect }, {})])],
      requests: ['a.example.com', 'a.example.com:80', 'a.example.com:8080'].map((host) => get('/', { host, port })),
    },
  })),
);

const backends = [
  [],
  ['missing'],
  ['empty'],
  ['empty', 'missing'],
  ['s1', 'empty'],
  ['s1', 'missing'],
  ['s1', 'empty', 'missing'],
].map((names) => ruled(`backends: ${names.join(', ')}`, [to(...names)], get('/')));

const one = { name: 'x-one', value: 'changed' };
const host = { name: 'Host', value: 'x.org' };
const headers = [
  { set: [host] },
  { set: [host, one] },
  { add: [host] },
  { remove: ['Host'] },
  { add: [one] },
  { set: [one], add: [{ name: 'X-One', value: 'added' }], remove: ['x-one'] },
  { add: [one], remove: ['x-one'] },
].map((requestHeaderModifier) =>
  ruled(
    `headers ${JSON.stringify(requestHeaderModifier)}`,
    [filtered({ type: 'RequestHeaderModifier', requestHeaderModifier })],
    get('/', { headers: { 'x-one': '1' } }),
  ),
);

const mirrors = ['s2', 'missing', 'empty'].map((name) =>
  ruled(
    `copied to ${name}`,
    [filtered({ type: 'RequestMirror', requestMirror: { backendRef: { name, port: 8080 } } })],
    get('/'),
  ),
);

const exact = (value: string): object => ({ path: { type: 'Exact', value } });
const prefix = (value: string): object => ({ path: { type: 'PathPrefix', value } });
const both = { 'x-one': '1', 'x-two': '1' };
const orders: Edge[] = [
  [
    'a method, two headers',
    { method: 'GET' },
    {
      headers: [
        { name: 'x-one', value: '1' },
        { name: 'x-two', value: '1' },
      ],
    },
  ],
  ['a header, a method', { headers: [{ name: 'x-one', value: '1' }] }, { method: 'GET' }],
  [
    'a header by expression, one by value',
    { headers: [{ name: 'x-one', type: 'RegularExpression', value: '.*' }] },
    { headers: [{ name: 'x-two', value: '1' }] },
  ],
  ['/a, /a/', prefix('/a'), prefix('/a/')],
  ['nothing, /', {}, prefix('/')],
  ['a query, a method', { queryParams: [{ name: 'q', value: '1' }] }, { method: 'GET' }],
].map(([name, first, second]) => ({
  name: `which first: ${String(name)}`,
  set: {
    objects: [
      gateway({}),
      route('r1', [{ matches: [first], ...to('s1') }]),
      route('r2', [{ matches: [second], ...to('s2') }]),
    ],
    requests: ['/a', '/a/', '/a/b?q=1'].map((each) => get(each, { headers: both })),
  },
}));

const hostnames: Edge[] = [
  {
    name: 'a hostname of its own, and one for all: no fall-through',
    set: {
      objects: [
        gateway({}),
        route('r1', [{ matches: [exact('/only')], ...to('s1') }], ['a.example.com']),
        route('r2', [to('s2')]),
      ],
      requests: [get('/only'), get('/other'), get('/', { host: 'b.example.com' })],
    },
  },
  {
    name: 'two listeners of one port both cover a hostname',
    set: {
      objects: [
        gateway({ hostname: '*.com' }, { hostname: '*.example.com' }),
        route('r', [to('s1')], ['a.example.com']),
      ],
      requests: [get('/'), get('/', { host: 'b.example.com' })],
    },
  },
  {
    name: 'the listener whose hostname fits best has no route',
    set: {
      objects: [
        gateway({ hostname: 'a.example.com' }, {}),
        { ...route('r', [to('s1')]), spec: { parentRefs: [{ name: 'g', sectionName: 'l1' }], rules: [to('s1')] } },
      ],
      requests: [get('/'), get('/', { host: 'b.example.com' })],
    },
  },
  { name: 'no route at all', set: { objects: [gateway({})], requests: [get('/'), get('/a%2Fb')] } },
  {
    name: 'the handshake names another listener',
    set: {
      objects: [
        gateway({ hostname: 'a.example.com', ...tls }, { hostname: 'b.example.com', ...tls }),
        route('r', [to('s1')]),
      ],
      requests: [
        get('/', { host: 'b.example.com', serverName: 'a.example.com' }),
        get('/', { serverName: 'c.example.com' }),
        get('/', { host: 'c.example.com', serverName: 'a.example.com' }),
      ],
    },
  },
  {
    name: 'plain HTTP at a listener with TLS',
    set: { objects: [gateway(tls), route('r', [to('s1')])], requests: [get('/')] },
  },
  {
    name: 'a certificate that is missing',
    set: {
      objects: [gateway({ ...tls, tls: { certificateRefs: [{ name: 'nothing' }] } }), route('r', [to('s1')])],
      requests: [get('/', { serverName: 'a.example.com' })],
    },
  },
];

const queries = [
  ['a b', '/?q=a%20b', '/?q=a+b'],
  ['1', '/?q=1&q=2', '/?q=2&q=1', '/?Q=1'],
].map(([value, ...targets]) =>
  ruled(
    `query q=${value}`,
    [{ matches: [{ queryParams: [{ name: 'q', value }] }], ...to('s1') }],
    ...targets.map((each) => get(each)),
  ),
);

const calls = [
  { service: 'pkg.Users' },
  { method: 'Get' },
  { service: 'pkg.Users', method: 'Get' },
  { type: 'RegularExpression', service: 'pkg\\..*', method: 'G.t' },
].map((method): Edge => ({
  name: `gRPC ${JSON.stringify(method)}`,
  set: {
    objects: [gateway({}), route('r', [{ matches: [{ method }], ...to('s1') }], undefined, 'GRPCRoute')],
    requests: ['/pkg.Users/Get', '/pkg.Users/List', '/Users/Get', '/pkg.Users/Get/more', '/a/b'].map(call),
  },
}));

export const edges: readonly Edge[] = [
  ...prefixes,
  ...fullPaths,
  ...redirects,
  ...backends,
  ...headers,
  ...mirrors,
  ruled(
    'copied and redirected',
    [
      {
        filters: [
          { type: 'RequestMirror', requestMirror: { backendRef: { name: 's2', port: 8080 } } },
          { type: 'RequestRedirect', requestRedirect: {} },
        ],
      },
    ],
    get('/'),
  ),
  ...orders,
  ...hostnames,
  ...queries,
  ...calls,
  {
    name: 'a GRPCRoute and an HTTPRoute of one hostname',
    set: {
      objects: [gateway({}), route('grpc', [to('s1')], undefined, 'GRPCRoute'), route('r', [to('s2')])],
      requests: [call('/pkg.Users/Get'), get('/a'), call('/a%2Fb')],
    },
  },
  ruled(
    'paths',
    [to('s1')],
    ...['/./a', '/a/..', '/a/.', '/..', '/a/b/../..', '//', '/a//', '/a//..', '/a/%2e%2e/b', '/a;x', '/a/..;x/b'].map(
      (each) => get(each),
    ),
    ...['/a\\b', '/a%5Cb', '/a%2Fb?x=%2F', '/a%2fb/../c'].map((each) => get(each)),
  ),
];
