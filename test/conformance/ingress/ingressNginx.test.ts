import { expect, test } from 'vitest';
import type { ClusterModel } from '../../../shared/cluster/clusterModel.ts';
import type { Verdict } from '../../../shared/trace/verdict.ts';
import { clusterOf, controllerBehindBalancer, traceIn } from '../../scene.ts';

/** ingress-nginx 1.14 behind a load balancer, one app, and the Ingresses at hand. */
function controllerWith(...ingresses: readonly object[]): ClusterModel {
  return clusterOf([
    {
      apiVersion: 'hoplens.dev/v1alpha1',
      kind: 'ClusterProfile',
      metadata: { name: 'nginx' },
      spec: {
        nodes: { count: 1 },
        ingressControllers: [{ class: 'nginx', implementation: 'ingress-nginx', service: 'ingress/nginx' }],
      },
    },
    ...controllerBehindBalancer('ingress', 'nginx', { policy: 'Local' }),
    ...['httpbin', 'next'].flatMap((name) => [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name },
        spec: {
          clusterIP: name === 'next' ? '10.96.0.2' : '10.96.0.1',
          selector: { app: name },
          ports: [{ port: 8000 }],
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, labels: { app: name } },
        spec: { containers: [{ name: 'app', ports: [{ containerPort: 8000 }] }] },
      },
    ]),
    ...ingresses,
  ]);
}

interface Rest {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly tls?: readonly object[];
  readonly service?: string;
}

/** `at` is a host and a path. */
function ingress(name: string, at: string, pathType: string, { annotations, tls, service }: Rest = {}): object {
  const slash = at.indexOf('/');
  const [host, path] = [at.slice(0, slash), at.slice(slash)];
  const backend = { service: { name: service ?? 'httpbin', port: { number: 8000 } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      annotations: Object.fromEntries(
        Object.entries(annotations ?? {}).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]),
      ),
    },
    spec: {
      ingressClassName: 'nginx',
      rules: [
        {
          host,
          http: { paths: [{ path, pathType, backend }] },
        },
      ],
      tls,
    },
  };
}

function ends(model: ClusterModel, url: string, headers: Readonly<Record<string, string>> = {}): string {
  const { paths } = traceIn(model, url, 'internet', headers);
  return paths
    .map(
      ({ probability, verdict }) => `${probability.equals(1) ? '' : `${probability.toFraction()} `}${endOf(verdict)}`,
    )
    .join(', ');
}

function endOf(verdict: Verdict): string {
  if (verdict.kind === 'delivered') return `${verdict.service}`;
  return verdict.kind === 'answered' ? `${verdict.status} ${verdict.reason}` : verdict.reason;
}

const expressions = [
  ingress('regex-match', 'r.example.com/u[A-Z]', 'ImplementationSpecific', { annotations: { 'use-regex': 'true' } }),
  ingress('other', 'r.example.com/HEAD', 'Exact'),
  ingress('elsewhere', 'e.example.com/HEAD', 'Exact'),
];
const rewriting = [
  ingress('rewrite', 'w.example.com/[abc]', 'ImplementationSpecific', { annotations: { 'rewrite-target': '/uuid' } }),
  ingress('other', 'w.example.com/HEAD', 'Exact'),
];
const slashes = [
  ingress('exact', 't.example.com/my-path/', 'Exact'),
  ingress('prefix', 'p.example.com/my-path/', 'Prefix'),
  ingress('regex', 'x.example.com/my-path/', 'ImplementationSpecific', { annotations: { 'use-regex': 'true' } }),
];
const plain = [ingress('plain', 'n.example.com/uuid', 'Exact')];
const secured = [
  ingress('tls', 's.example.com/', 'Prefix', { tls: [{ hosts: ['s.example.com'], secretName: 's' }] }),
  ingress('off', 'o.example.com/', 'Prefix', {
    annotations: { 'ssl-redirect': 'false' },
    tls: [{ hosts: ['o.example.com'], secretName: 'o' }],
  }),
];
const guarded = [
  ingress('allow', 'a.example.com/', 'Prefix', { annotations: { 'whitelist-source-range': '198.51.100.0/24' } }),
  ingress('refuse', 'd.example.com/', 'Prefix', { annotations: { 'whitelist-source-range': '10.0.0.0/8' } }),
];
const canary = [
  ingress('main', 'c.example.com/', 'Prefix'),
  ingress('canary', 'c.example.com/', 'Prefix', {
    annotations: { canary: 'true', 'canary-weight': '20', 'canary-by-header': 'X-Next' },
    service: 'next',
  }),
];
const aliased = [
  ingress('alias', 'z.example.com/', 'Prefix', {
    annotations: {
      'server-alias': 'alias.example.com',
      'from-to-www-redirect': 'true',
    },
  }),
];
const twice = [
  ingress('younger', 'm.example.com/', 'Prefix', { service: 'next' }),
  ingress('older', 'm.example.com/', 'Prefix'),
].map((each, index) => ({
  ...each,
  metadata: { name: `i${index}`, creationTimestamp: index === 0 ? '2026-01-02T00:00:00Z' : '2026-01-01T00:00:00Z' },
}));

test.each([
  ['1: an expression ignores case and is a prefix', expressions, ['http://r.example.com/uuid'], 'httpbin'],
  ['1: and still has to match', expressions, ['http://r.example.com/xuid'], '404 no-matching-rule'],
  [
    '2: use-regex holds for every path of the host, in every Ingress',
    expressions,
    ['http://r.example.com/headers'],
    'httpbin',
  ],
  ["2: and for no other host's", expressions, ['http://e.example.com/headers'], '404 no-matching-rule'],
  ['3: rewrite-target implies it', rewriting, ['http://w.example.com/ABCdef'], 'httpbin'],
  ["3: also for the host's other Ingresses", rewriting, ['http://w.example.com/headers'], 'httpbin'],
  ['4: a missing slash is redirected', slashes, ['http://t.example.com/my-path'], '301 redirect'],
  ['4: for a prefix as well', slashes, ['http://p.example.com/my-path'], '301 redirect'],
  [
    '4: before a shorter path takes it',
    [...slashes, ingress('root', 't.example.com/', 'Prefix')],
    ['http://t.example.com/my-path'],
    '301 redirect',
  ],
  [
    '4: not where the path without it is written too',
    [...slashes, ingress('bare', 't.example.com/my-path', 'ImplementationSpecific')],
    ['http://t.example.com/my-path'],
    'httpbin',
  ],
  ['4: not for an expression', slashes, ['http://x.example.com/my-path'], '404 no-matching-rule'],
  ['5: dots are resolved first', plain, ['http://n.example.com/ip/abc/../../uuid'], 'httpbin'],
  ['5: slashes are merged', plain, ['http://n.example.com////uuid'], 'httpbin'],
  ['5: escapes are read', plain, ['http://n.example.com/%75uid'], 'httpbin'],
  ['TLS covers the host: plain HTTP is redirected', secured, ['http://s.example.com/'], '308 tls-redirect'],
  ['and HTTPS is not', secured, ['https://s.example.com/'], 'httpbin'],
  ['unless it is switched off', secured, ['http://o.example.com/'], 'httpbin'],
  ['an allow list that has the client', guarded, ['http://a.example.com/'], 'httpbin'],
  ['an allow list that does not', guarded, ['http://d.example.com/'], '403 not-allowed'],
  ['a canary takes its share', canary, ['http://c.example.com/'], '4/5 httpbin, 1/5 next'],
  ['or all, by its header', canary, ['http://c.example.com/', { 'x-next': 'always' }], 'next'],
  ['or nothing', canary, ['http://c.example.com/', { 'x-next': 'never' }], 'httpbin'],
  ['another name for the host', aliased, ['http://alias.example.com/'], 'httpbin'],
  ['www. and back: redirected to the one that is named', aliased, ['http://www.z.example.com/x'], '308 redirect'],
  ['of two Ingresses for one path, the older wins', twice, ['http://m.example.com/'], 'httpbin'],
] as const)('%s', (_, ingresses, [url, headers], expected) =>
  expect(ends(controllerWith(...ingresses), url, headers)).toBe(expected),
);

test('service-upstream goes by the cluster address, and kube-proxy picks the pod', () => {
  const [path] = traceIn(
    controllerWith(ingress('up', 'u.example.com/', 'Prefix', { annotations: { 'service-upstream': 'true' } })),
    'http://u.example.com/',
  ).paths;
  expect(path?.hops.at(-1)?.rewrites.map(({ kind, from }) => `${kind} ${from}`)).toEqual(['DNAT 10.96.0.1:8000']);
});

test('rewrite-target puts what the expression caught into the path', () => {
  const [path] = traceIn(
    controllerWith(
      ingress('re', 'u.example.com/api(/|$)(.*)', 'ImplementationSpecific', {
        annotations: { 'rewrite-target': '/$2' },
      }),
    ),
    'http://u.example.com/api/v1/items',
  ).paths;
  expect(path?.received).toMatchObject({ path: '/v1/items', host: 'u.example.com' });
});

test('what is not modelled is said', () => {
  const { assumptions } = traceIn(
    controllerWith(
      ingress('up', 'u.example.com/', 'Prefix', {
        annotations: {
          'auth-url': 'https://auth.example.com',
          affinity: 'cookie',
          'configuration-snippet': 'return 418;',
          'proxy-body-size': '1m',
        },
      }),
    ),
    'http://u.example.com/',
  );
  expect(
    assumptions.filter(({ id }) => id.startsWith('annotation:')).map(({ id }) => id.slice(id.indexOf('/') + 1)),
  ).toEqual(['auth-url', 'affinity', 'configuration-snippet']);
});
