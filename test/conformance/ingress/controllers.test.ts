import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unknownSurroundings } from '../../../shared/network/ingress/surroundings.ts';
import { dialectOf, dialects } from '../../../shared/network/ingress/dialects.ts';
import type { IngressDialect } from '../../../shared/network/ingress/ingressDialect.ts';
import { decidedBy } from '../../decided.ts';
import { clusterOf, traceIn } from '../../scene.ts';
import { checkGolden } from '../golden.ts';

type Written = readonly [path: string, type: 'Exact' | 'Prefix' | 'ImplementationSpecific', service: string];

const backend = (name: string): object => ({ service: { name, port: { number: 80 } } });

function ingress(
  name: string,
  host: string,
  paths: readonly Written[],
  { tls = [] }: { readonly tls?: readonly string[] } = {},
): object {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, creationTimestamp: `2026-01-01T00:00:0${name.length % 10}Z` },
    spec: {
      tls: tls.map((each) => ({ hosts: [each] })),
      rules: [
        {
          host,
          http: { paths: paths.map(([path, pathType, service]) => ({ path, pathType, backend: backend(service) })) },
        },
      ],
    },
  };
}

/** Which Service each controller picks for each request, or what it answers. */
function picked(dialect: IngressDialect, ingresses: readonly object[], requests: readonly string[]): string {
  const { ingresses: read } = clusterOf(ingresses);
  return requests
    .map((request) => {
      const url = new URL(request);
      return decidedBy(dialect.compile(read, unknownSurroundings), {
        scheme: url.protocol === 'https:' ? 'https' : 'http',
        host: url.host,
        path: request.replace(/^\w+:\/\/[^/]+/, ''),
      });
    })
    .join(' ');
}

const byController = (ingresses: readonly object[], requests: readonly string[]): Record<string, string> =>
  Object.fromEntries(dialects.map((dialect) => [dialect.id, picked(dialect, ingresses, requests)]));

test('a Prefix: /foo, /foo/, /foo/bar, /foobar', () => {
  expect(
    byController(
      [ingress('a', 'a.example', [['/foo', 'Prefix', 'foo']])],
      ['/foo', '/foo/', '/foo/bar', '/foobar'].map((path) => `http://a.example${path}`),
    ),
  ).toMatchInlineSnapshot(`
    {
      "alb": "foo foo foo 404",
      "application-gateway": "foo foo foo foo",
      "cilium": "foo foo foo 404",
      "contour": "foo foo foo 404",
      "gke": "foo foo foo 404",
      "haproxy": "foo foo foo 404",
      "ingress-nginx": "foo foo foo 404",
      "istio": "foo foo foo 404",
      "kong": "foo foo foo 404",
      "nginx-ingress": "foo foo foo foo",
      "standard": "foo foo foo 404",
      "traefik": "foo foo foo foo",
    }
  `);
});

test('an Exact path and a Prefix of the same text: /foo, /foo/bar', () => {
  expect(
    byController(
      [
        ingress('a', 'a.example', [
          ['/foo', 'Exact', 'exact'],
          ['/foo', 'Prefix', 'prefix'],
        ]),
      ],
      ['/foo', '/foo/bar'].map((path) => `http://a.example${path}`),
    ),
  ).toMatchInlineSnapshot(`
    {
      "alb": "exact prefix",
      "application-gateway": "exact prefix",
      "cilium": "exact prefix",
      "contour": "exact prefix",
      "gke": "exact prefix",
      "haproxy": "exact prefix",
      "ingress-nginx": "exact prefix",
      "istio": "exact prefix",
      "kong": "prefix prefix",
      "nginx-ingress": "exact prefix",
      "standard": "exact prefix",
      "traefik": "prefix prefix",
    }
  `);
});

test('ImplementationSpecific /api.*: /api, /apis, /api/v1, /x/api', () => {
  expect(
    byController(
      [ingress('a', 'a.example', [['/api.*', 'ImplementationSpecific', 'api']])],
      ['/api', '/apis', '/api/v1', '/x/api'].map((path) => `http://a.example${path}`),
    ),
  ).toMatchInlineSnapshot(`
    {
      "alb": "404 404 404 404",
      "application-gateway": "404 404 404 404",
      "cilium": "api api api 404",
      "contour": "api api api 404",
      "gke": "404 404 404 404",
      "haproxy": "404 404 404 404",
      "ingress-nginx": "404 404 404 404",
      "istio": "api 404 api 404",
      "kong": "404 404 404 404",
      "nginx-ingress": "404 404 404 404",
      "standard": "404 404 404 404",
      "traefik": "404 404 404 404",
    }
  `);
});

test('ImplementationSpecific /: /, /foo', () => {
  expect(
    byController(
      [ingress('a', 'a.example', [['/', 'ImplementationSpecific', 'root']])],
      ['/', '/foo'].map((path) => `http://a.example${path}`),
    ),
  ).toMatchInlineSnapshot(`
    {
      "alb": "root 404",
      "application-gateway": "root root",
      "cilium": "root 404",
      "contour": "root root",
      "gke": "root 404",
      "haproxy": "root root",
      "ingress-nginx": "root root",
      "istio": "root 404",
      "kong": "root root",
      "nginx-ingress": "root root",
      "standard": "root root",
      "traefik": "root root",
    }
  `);
});

test('TLS: plain HTTP, HTTPS', () => {
  expect(
    byController(
      [ingress('a', 'a.example', [['/', 'Prefix', 'root']], { tls: ['a.example'] })],
      ['http://a.example/', 'https://a.example/'],
    ),
  ).toMatchInlineSnapshot(`
    {
      "alb": "root root",
      "application-gateway": "root root",
      "cilium": "301 root",
      "contour": "root close",
      "gke": "root root",
      "haproxy": "302 root",
      "ingress-nginx": "308 root",
      "istio": "root close",
      "kong": "root root",
      "nginx-ingress": "301 root",
      "standard": "root root",
      "traefik": "root root",
    }
  `);
});

test('two Ingresses of one host: /one of the older, /two of the younger', () => {
  expect(
    byController(
      [ingress('a', 'a.example', [['/one', 'Prefix', 'one']]), ingress('bb', 'a.example', [['/two', 'Prefix', 'two']])],
      ['http://a.example/one', 'http://a.example/two'],
    ),
  ).toMatchInlineSnapshot(`
    {
      "alb": "one two",
      "application-gateway": "one two",
      "cilium": "one two",
      "contour": "one two",
      "gke": "one two",
      "haproxy": "one two",
      "ingress-nginx": "one two",
      "istio": "one two",
      "kong": "one two",
      "nginx-ingress": "one 404",
      "standard": "one two",
      "traefik": "one two",
    }
  `);
});

test('an exact host beside a wildcard: a.example.com, b.example.com, a.b.example.com', () => {
  expect(
    byController(
      [
        ingress('a', 'a.example.com', [['/', 'Prefix', 'exact']]),
        ingress('bb', '*.example.com', [['/', 'Prefix', 'wildcard']]),
      ],
      ['http://a.example.com/', 'http://b.example.com/', 'http://a.b.example.com/'],
    ),
  ).toMatchInlineSnapshot(`
    {
      "alb": "exact wildcard wildcard",
      "application-gateway": "exact wildcard 404",
      "cilium": "exact wildcard 404",
      "contour": "exact wildcard 404",
      "gke": "exact wildcard 404",
      "haproxy": "exact wildcard 404",
      "ingress-nginx": "exact wildcard 404",
      "istio": "exact wildcard wildcard",
      "kong": "exact wildcard wildcard",
      "nginx-ingress": "exact wildcard wildcard",
      "standard": "exact wildcard 404",
      "traefik": "exact|wildcard wildcard 404",
    }
  `);
});

test('a wildcard with TLS: http://b.example.com, http://a.b.example.com', () => {
  const tls = ['*.example.com'];
  const dialect = dialectOf('cilium');
  const own = [ingress('a', '*.example.com', [['/', 'Prefix', 'wildcard']], { tls })];
  expect(picked(dialect, own, ['http://b.example.com/', 'http://a.b.example.com/'])).toBe('301 404');
});

test("NGINX (F5): a wildcard's server takes any number of labels from the server without a host", () => {
  checkGolden(
    dialectOf('nginx-ingress'),
    { prefix: 'nginx.org/' },
    {
      ingresses: [
        { name: 'wildcard', rules: [['*.example.com', ['/foo', 'Prefix', 'wildcard:80']]] },
        { name: 'any', annotations: { 'ssl-redirect': 'false' }, rules: [['', ['/bar', 'Prefix', 'any:80']]] },
      ],
      arguments: { 'allow-empty-ingress-host': 'true' },
      requests: [
        ['http://a.example.com/bar', '404'],
        ['http://a.b.example.com/bar', '404'],
        ['http://a.b.example.com/foo', 'wildcard:80'],
        ['http://other.example/bar', 'any:80'],
      ],
    },
  );
});

test('the Ingresses of one ALB group share a load balancer, others have one each', () => {
  const albs = (group: object): string[] => {
    const model = clusterOf([
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'one' },
        spec: { selector: { app: 'one' }, ports: [{ port: 80 }] },
      },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'one', labels: { app: 'one' } },
        spec: { containers: [{ name: 'c', ports: [{ containerPort: 80 }] }] },
      },
      ...['a', 'b'].map((name) => ({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { name, annotations: { 'alb.ingress.kubernetes.io/target-type': 'ip', ...group } },
        spec: {
          ingressClassName: 'alb',
          rules: [
            {
              host: 'shop.example.com',
              http: {
                paths: [
                  { path: `/${name}`, pathType: 'Prefix', backend: { service: { name: 'one', port: { number: 80 } } } },
                ],
              },
            },
            {
              host: `${name}.example.com`,
              http: {
                paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'one', port: { number: 80 } } } }],
              },
            },
          ],
        },
      })),
    ]);
    return ['a', 'b'].map((name) =>
      traceIn(model, `http://a.example.com/${name}`, 'internet', { host: 'shop.example.com' })
        .paths.map(({ verdict }) => verdict.kind)
        .join(),
    );
  };
  expect([albs({}), albs({ 'alb.ingress.kubernetes.io/group.name': 'shop' })]).toEqual([
    ['delivered', 'answered'],
    ['delivered', 'delivered'],
  ]);
});

test('two controllers side by side, each in a namespace of its own, and a default class', () => {
  const controller = (name: string, image: string, address: string): object[] => [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: `${name}-system`, labels: { app: name } },
      spec: { containers: [{ name: 'c', image, ports: [{ containerPort: 80 }] }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: `${name}-system` },
      spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local', selector: { app: name }, ports: [{ port: 80 }] },
      status: { loadBalancer: { ingress: [{ ip: address }] } },
    },
  ];
  const withClass = (name: string, ingressClassName?: string): object => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name },
    spec: {
      ingressClassName,
      rules: [
        {
          host: `${name}.example.com`,
          http: {
            paths: [{ path: '/foo', pathType: 'Prefix', backend: { service: { name: 'app', port: { number: 80 } } } }],
          },
        },
      ],
    },
  });
  const model = clusterOf([
    ...controller('nginx', 'registry.k8s.io/ingress-nginx/controller:v1.14.0', '203.0.113.51'),
    ...controller('traefik', 'traefik:v3.6', '203.0.113.52'),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'traefik', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
      spec: { controller: 'traefik.io/ingress-controller' },
    },
    withClass('named', 'nginx'),
    withClass('classless'),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'app' },
      spec: { selector: { app: 'app' }, ports: [{ port: 80 }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'app', labels: { app: 'app' } },
      spec: { containers: [{ name: 'c', ports: [{ containerPort: 80 }] }] },
    },
  ]);
  // Only Traefik reads a prefix letter by letter.
  expect(
    ['named', 'classless'].map((name) =>
      traceIn(model, `http://${name}.example.com/foobar`)
        .paths.map(({ hops, verdict }) => `${hops[0]?.to.name} ${verdict.kind}`)
        .join(),
    ),
  ).toEqual(['nginx answered', 'traefik delivered']);
});

/** `UPDATE=1 npx vitest run test/conformance/ingress/controllers.test.ts` writes the table. */
test('docs/controllers.md has the table', () => {
  const table = [
    '| id | product | to know | sources |',
    '|---|---|---|---|',
    ...dialects.map(
      ({ id, product, remark, sources }) => `| \`${id}\` | ${product} | ${remark} | ${sources.join('; ')} |`,
    ),
  ].join('\n');
  const file = join(import.meta.dirname, '..', '..', '..', 'docs', 'controllers.md');
  const text = readFileSync(file, 'utf8');
  const expected = text.replace(
    /<!-- controllers -->[^]*<!-- \/controllers -->/,
    () => `<!-- controllers -->\n${table}\n<!-- /controllers -->`,
  );
  if (process.env.UPDATE === '1') writeFileSync(file, expected);
  expect(process.env.UPDATE === '1' ? expected : text).toBe(expected);
});
