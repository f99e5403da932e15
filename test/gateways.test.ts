import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fieldHelpAt } from '../shared/insight/fieldHelp.ts';
import type { ClusterModel } from '../shared/cluster/clusterModel.ts';
import { conditionsOf } from '../shared/network/gateway/conditions.ts';
import { implementations } from '../shared/network/gateway/implementations/all.ts';
import { parseFile } from '../shared/manifest/parseFile.ts';
import { cluster, oneFile, traceIn } from './scene.ts';

const example = (folder: string, file: string): string =>
  readFileSync(join(import.meta.dirname, '..', 'examples', folder, file), 'utf8');
const usualClass: Readonly<Record<string, string>> = {
  standard: 'standard',
  'envoy-gateway': 'eg',
  istio: 'istio',
  cilium: 'cilium',
  contour: 'contour',
  kgateway: 'kgateway',
  'nginx-gateway-fabric': 'nginx',
  traefik: 'traefik',
  kong: 'kong',
  gke: 'gke-l7-rilb',
  'aws-load-balancer-controller': 'aws-alb',
  'azure-alb': 'azure-alb-external',
};
const profile =
  'apiVersion: hoplens.dev/v1alpha1\nkind: ClusterProfile\nmetadata: { name: test }\n' +
  'spec: { ingressControllers: [{ class: standard, implementation: standard }] }\n---\n';

function endsOf(model: ClusterModel, target: string): string {
  return [
    ...new Set(
      traceIn(model, target).paths.map(({ verdict }) =>
        verdict.kind === 'delivered'
          ? (verdict.service ?? '')
          : verdict.kind === 'answered'
            ? `${verdict.status}`
            : verdict.kind,
      ),
    ),
  ].join(', ');
}

test('one expression, as each implementation reads it', () => {
  const paths = ['/item/7', '/item/77', '/item/x', '/old/item/7', '//item/7'];
  const readings = Object.fromEntries(
    implementations.map(({ id }) => {
      const model = cluster(
        profile +
          example('E3-expressions-differ', 'items.yaml').replace(
            'gatewayClassName: eg',
            `gatewayClassName: ${usualClass[id]}`,
          ),
      );
      return [id, paths.map((path) => `${path} ${endsOf(model, `http://items.example.com${path}`)}`).join(', ')];
    }),
  );
  expect(readings).toMatchInlineSnapshot(`
    {
      "aws-load-balancer-controller": "/item/7 unknown, /item/77 unknown, /item/x by-prefix, /old/item/7 unknown, //item/7 unknown",
      "azure-alb": "/item/7 unknown, /item/77 unknown, /item/x by-prefix, /old/item/7 unknown, //item/7 unknown",
      "cilium": "/item/7 unknown, /item/77 unknown, /item/x by-prefix, /old/item/7 unknown, //item/7 unknown",
      "contour": "/item/7 by-expression, /item/77 by-prefix, /item/x by-prefix, /old/item/7 404, //item/7 by-expression",
      "envoy-gateway": "/item/7 by-expression, /item/77 by-prefix, /item/x by-prefix, /old/item/7 404, //item/7 by-expression",
      "gke": "/item/7 unknown, /item/77 unknown, /item/x by-prefix, /old/item/7 unknown, //item/7 unknown",
      "istio": "/item/7 by-prefix, /item/77 by-prefix, /item/x by-prefix, /old/item/7 404, //item/7 404",
      "kgateway": "/item/7 unknown, /item/77 unknown, /item/x by-prefix, /old/item/7 unknown, //item/7 unknown",
      "kong": "/item/7 by-expression, /item/77 by-expression, /item/x by-prefix, /old/item/7 404, //item/7 by-expression",
      "nginx-gateway-fabric": "/item/7 by-expression, /item/77 by-expression, /item/x by-prefix, /old/item/7 404, //item/7 by-expression",
      "standard": "/item/7 by-expression, /item/77 by-prefix, /item/x by-prefix, /old/item/7 404, //item/7 404",
      "traefik": "/item/7 by-expression, /item/77 by-expression, /item/x by-prefix, /old/item/7 by-expression, //item/7 by-expression",
    }
  `);
});

/** Source: traefik/traefik pkg/provider/kubernetes/gateway/httproute.go (`buildMatchRule`, `loadMiddlewares`). */
test('Traefik ranks by numbers: length before host, an expression like a prefix, equal ones by chance', () => {
  const route = (name: string, hosts: string, rules: string): string => `
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: default }
spec: { parentRefs: [{ name: web }], hostnames: [${hosts}], rules: [${rules}] }`;
  const rule = (type: string, path: string, service: string, more = ''): string =>
    `{ matches: [{ path: { type: ${type}, value: '${path}' } }], ` +
    `backendRefs: [{ name: ${service}, port: 80 }]${more} }`;
  const services = ['host', 'long', 'like', 'same', 'copied'].map((name, index) =>
    [
      `apiVersion: v1\nkind: Service\nmetadata: { name: ${name}, namespace: default }\n` +
        `spec: { selector: { app: ${name} }, ports: [{ port: 80 }] }`,
      `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, namespace: default, labels: { app: ${name} } }\n` +
        `spec: { containers: [{ name: app }] }\n` +
        `status: { podIP: 10.244.1.${10 + index}, conditions: [{ type: Ready, status: "True" }] }`,
    ].join('\n---\n'),
  );
  const mirror = ', filters: [{ type: RequestMirror, requestMirror: { backendRef: { name: host, port: 80 } } }]';
  const model = cluster(
    [
      `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: web, namespace: default }
spec: { gatewayClassName: traefik, listeners: [{ name: http, port: 80, protocol: HTTP }] }
---
${services.join('\n---\n')}`,
      route('a', 'a.test', rule('PathPrefix', '/foo', 'host')),
      route('b', '', `${rule('PathPrefix', '/foo/bar', 'long')}, ${rule('PathPrefix', '/copied', 'copied', mirror)}`),
      route('c', 'a.test', rule('RegularExpression', '/ba./foo', 'like')),
      route('d', 'a.test', rule('PathPrefix', '/foo', 'same')),
    ].join(''),
  );
  const paths = ['/foo', '/foo/bar/x', '/foo/baz/foo', '/foo/.', '/%zz', '/copied'];
  expect(paths.map((path) => `${path} ${endsOf(model, `http://a.test.${path}`)}`)).toEqual([
    '/foo host, same',
    '/foo/bar/x long',
    '/foo/baz/foo like',
    '/foo/. host, same',
    '/%zz 400',
    '/copied 500',
  ]);
});

test('the way in, and what the pod sees', () => {
  const ways = Object.fromEntries(
    implementations.map(({ id }) => {
      const model = cluster(
        profile +
          example('E3-expressions-differ', 'items.yaml').replace(
            'gatewayClassName: eg',
            `gatewayClassName: ${usualClass[id]}`,
          ),
      );
      const [path] = traceIn(model, 'http://items.example.com/item').paths;
      if (path === undefined) throw new Error('no path');
      const { hops, received, seenBy } = path;
      return [
        id,
        `${hops.map(({ to }) => to.kind).join(' → ')}; proxy sees ${seenBy.at(-2)?.source}, pod sees ` +
          `${seenBy.at(-1)?.source}, X-Forwarded-For ${received?.headers.get('x-forwarded-for')}`,
      ];
    }),
  );
  expect(ways).toMatchInlineSnapshot(`
    {
      "aws-load-balancer-controller": "lb → pod; proxy sees 198.51.100.7, pod sees 192.0.2.205, X-Forwarded-For 198.51.100.7",
      "azure-alb": "lb → pod; proxy sees 198.51.100.7, pod sees 192.0.2.205, X-Forwarded-For 198.51.100.7",
      "cilium": "lb → node → pod → pod; proxy sees 198.51.100.7, pod sees 10.244.1.128, X-Forwarded-For 198.51.100.7",
      "contour": "lb → node → pod → pod; proxy sees 198.51.100.7, pod sees 10.244.1.84, X-Forwarded-For 198.51.100.7",
      "envoy-gateway": "lb → node → pod → pod; proxy sees 198.51.100.7, pod sees 10.244.1.27, X-Forwarded-For 198.51.100.7",
      "gke": "lb → pod; proxy sees 198.51.100.7, pod sees 192.0.2.205, X-Forwarded-For 198.51.100.7",
      "istio": "lb → node → pod → pod; proxy sees 10.244.1.1, pod sees 10.244.1.217, X-Forwarded-For 10.244.1.1",
      "kgateway": "lb → node → pod → pod; proxy sees 10.244.1.1, pod sees 10.244.1.95, X-Forwarded-For 10.244.1.1",
      "kong": "lb → node → pod → pod; proxy sees 10.244.1.1, pod sees 10.244.1.202, X-Forwarded-For 10.244.1.1",
      "nginx-gateway-fabric": "lb → node → pod → pod; proxy sees 198.51.100.7, pod sees 10.244.1.179, X-Forwarded-For 198.51.100.7",
      "standard": "lb → node → pod → pod; proxy sees 10.244.1.1, pod sees 10.244.1.182, X-Forwarded-For 10.244.1.1",
      "traefik": "lb → node → pod → pod; proxy sees 10.244.1.1, pod sees 10.244.1.120, X-Forwarded-For 10.244.1.1",
    }
  `);
});

/**
 * Source: kubernetes-sigs/gateway-api apis/v1/httproute_types.go, `HTTPPathModifier.ReplacePrefixMatch` (v1.6.1):
 * its table.
 */
test.each([
  ['/foo/bar', '/foo', '/xyz', '/xyz/bar'],
  ['/foo/bar', '/foo', '/xyz/', '/xyz/bar'],
  ['/foo/bar', '/foo/', '/xyz', '/xyz/bar'],
  ['/foo/bar', '/foo/', '/xyz/', '/xyz/bar'],
  ['/foo', '/foo', '/xyz', '/xyz'],
  ['/foo/', '/foo', '/xyz', '/xyz/'],
  ['/foo/bar', '/foo', '', '/bar'],
  ['/foo/', '/foo', '', '/'],
  ['/foo', '/foo', '', '/'],
  ['/foo/', '/foo', '/', '/'],
  ['/foo', '/foo', '/', '/'],
])('%s, whose prefix %s becomes %j, is asked for as %s', (path, prefix, replacement, wanted) => {
  const yaml = example('E1-gateway', 'shop.yaml')
    .replace('value: /cart', `value: ${prefix}`)
    .replace('replacePrefixMatch: /', `replacePrefixMatch: ${JSON.stringify(replacement)}`);
  expect(traceIn(cluster(yaml), `https://shop.example.com${path}`).paths[0]?.received?.path).toBe(wanted);
});

test.each([
  { className: 'own', what: 'the younger is refused', refused: ['GRPCRoute a Accepted Conflicted'] },
  { className: 'eg', what: 'Envoy Gateway serves both', refused: [] },
])('of an HTTPRoute and a GRPCRoute for one host: $what', ({ className, refused }) => {
  const route = (kind: string, name: string, created: string): string =>
    `apiVersion: gateway.networking.k8s.io/v1\nkind: ${kind}\n` +
    `metadata: { name: ${name}, creationTimestamp: "${created}" }\n` +
    'spec: { parentRefs: [{ name: edge }], hostnames: [shop.example.com], rules: [{ backendRefs: [{ name: ' +
    'by-prefix, port: 80 }] }] }\n---\n';
  const model = cluster(
    route('GRPCRoute', 'a', '2026-02-02T00:00:00Z') +
      route('HTTPRoute', 'b', '2026-01-01T00:00:00Z') +
      example('E3-expressions-differ', 'items.yaml')
        .replaceAll('gatewayClassName: eg', `gatewayClassName: ${className}`)
        .replace('name: items', 'name: items, creationTimestamp: "2026-03-03T00:00:00Z"'),
  );
  expect(
    conditionsOf(model).map(({ manifest, type, reason }) => `${manifest.kind} ${manifest.name} ${type} ${reason}`),
  ).toEqual(refused);
});

test('of a protocol that nobody knows, it is only said that nobody knows it', () => {
  const yaml = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  gatewayClassName: eg
  listeners: [{ name: odd, port: 80, protocol: ODD, allowedRoutes: { kinds: [{ kind: HTTPRoute }] } }]
`;
  expect(conditionsOf(cluster(yaml)).map(({ reason }) => reason)).toEqual(['UnsupportedProtocol']);
});

/** Source: traefik/traefik pkg/provider/kubernetes/gateway/kubernetes.go (`supportedRouteKinds`; 3.7.13). */
test.each([
  ['eg', []],
  ['traefik', ['Gateway InvalidRouteKinds', 'TCPRoute NotAllowedByListeners']],
])('a TCPRoute where a listener of class %s ends TLS', (className, wanted) => {
  const yaml = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: web }
spec:
  gatewayClassName: ${className}
  listeners:
    - name: db
      port: 5432
      protocol: TLS
      tls: { mode: Terminate, certificateRefs: [{ name: db }] }
      allowedRoutes: { kinds: [{ kind: TCPRoute }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: TCPRoute
metadata: { name: db, namespace: web }
spec:
  parentRefs: [{ name: edge }]
  rules: [{ backendRefs: [{ name: db, port: 5432 }] }]
---
apiVersion: v1
kind: Service
metadata: { name: db, namespace: web }
spec: { selector: { app: db }, ports: [{ port: 5432 }] }
`;
  expect(conditionsOf(cluster(yaml)).map(({ manifest, reason }) => `${manifest.kind} ${reason}`)).toEqual(wanted);
});

test("a Gateway's infrastructure annotations tell the load balancer in front", () => {
  const yaml = example('E3-expressions-differ', 'items.yaml').replace(
    'gatewayClassName: eg',
    'gatewayClassName: istio\n' +
      '  infrastructure: { annotations: { service.beta.kubernetes.io/aws-load-balancer-type: external, ' +
      'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type: instance } }',
  );
  const [path] = traceIn(cluster(yaml), 'http://items.example.com/item').paths;
  expect(path?.hops[0]?.because.map(({ text }) => text)).toEqual([
    'type: LoadBalancer',
    'AWS Network Load Balancer, instance targets (service.beta.kubernetes.io/aws-load-balancer-type: external)',
  ]);
});

test('lenses over Gateways and routes', () => {
  const lenses = (yaml: string): string[] =>
    oneFile(yaml)
      .lenses('test.yaml')
      .filter(({ kind }) => kind !== 'Service')
      .map(({ kind, name, way, notes }) => `${kind} ${name}: ${[way, ...notes].join(' | ')}`);
  expect({
    E1: lenses(example('E1-gateway', 'shop.yaml')),
    E2: lenses(example('E2-reference-grant', 'routes.yaml')),
    elsewhere: lenses(example('E3-expressions-differ', 'items.yaml').replace('name: edge }]', 'name: other }]')),
  }).toMatchInlineSnapshot(`
    {
      "E1": [
        "Gateway edge: 3 hops from LB, no SNAT | → 2 routes | ~ 3 nodes assumed | ~ gateway assumed",
        "HTTPRoute to-https: redirects | ~ 3 nodes assumed | ~ gateway assumed",
        "HTTPRoute shop: 3 hops from LB, no SNAT | → cart:80, cart-next:80 | ~ 3 nodes assumed | ~ gateway assumed",
      ],
      "E2": [
        "Gateway edge: 3 hops from LB, SNAT applied, some answered 500: no backend | → 1 route | ~ 3 nodes assumed | ~ gateway assumed",
        "HTTPRoute shop: 3 hops from LB, SNAT applied, some answered 500: no backend | → cart:80, stock:80 | ~ 3 nodes assumed | ~ gateway assumed",
      ],
      "elsewhere": [
        "Gateway edge: no route in these files stands behind it",
        "HTTPRoute items: unknown: its Gateway is not in these files",
      ],
    }
  `);
});

test('what a person reads who hovers', () => {
  const yaml = example('E1-gateway', 'shop.yaml');
  const model = cluster(yaml);
  const hover = (text: string): string => {
    const at = yaml.indexOf(text);
    const lines = yaml.slice(0, at).split('\n');
    return (
      fieldHelpAt({ model, isComplete: true }, parseFile('test.yaml', yaml), {
        line: lines.length - 1,
        character: lines.at(-1)?.length ?? 0,
      })
        ?.markdown.split('\n\n')
        .slice(1, -1)
        .join(' ') ?? 'nothing'
    );
  };
  expect(
    Object.fromEntries(
      [
        'gatewayClassName',
        'port: 443',
        'name: edge, namespace: infra, sectionName',
        'hostnames',
        'type: PathPrefix',
        'weight: 9',
      ].map((text) => [text, hover(text)]),
    ),
  ).toMatchInlineSnapshot(`
    {
      "gatewayClassName": "Envoy Gateway. Its Service is made with \`externalTrafficPolicy: Local\`, so Envoy sees the client; an expression comes before every prefix; a request meets the rules of its most specific hostname alone. the proxy of Envoy Gateway for Gateway edge behind a load balancer assumed: neither the set nor a ClusterProfile shows it.",
      "hostnames": "What the route takes are the names that it shares with its listeners: shop.example.com. Exact names come before wildcards, longer before shorter.",
      "name: edge, namespace: infra, sectionName": "Behind https (HTTPS 443, \\*.example.com).",
      "port: 443": "Behind it: shop.",
      "type: PathPrefix": "Takes /cart and what lies under it, element by element: /foo takes /foo/bar, not /foobar. The longest prefix comes first.",
      "weight: 9": "cart gets 9/10 of the rule's requests.",
    }
  `);
});

test('a route whose Gateway is elsewhere: not known, rather than no such name', () => {
  const model = cluster(
    'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: shop }\n' +
      'spec: { parentRefs: [{ name: edge }], hostnames: [shop.example.com] }',
  );
  expect(traceIn(model, 'https://shop.example.com/').paths.map(({ verdict }) => verdict)).toMatchObject([
    { kind: 'unknown', reason: 'no-gateway' },
  ]);
});

test.each([
  {
    what: 'an expression that does not compile',
    from: 'type: RegularExpression, value: "/item/[0-9]"',
    to: 'type: RegularExpression, value: "/item/([0-9"',
    path: '/item/7',
    end: 'unknown: regular-expression',
  },
  {
    what: 'a class that nobody knows',
    from: 'gatewayClassName: eg',
    to: 'gatewayClassName: own',
    path: '/item',
    end: 'delivered',
  },
  {
    what: 'a backend of an own kind',
    from: 'backendRefs: [{ name: by-prefix, port: 80 }]',
    to: 'backendRefs: [{ name: s3, kind: Backend, group: gateway.envoyproxy.io }]',
    path: '/item',
    end: 'unknown: foreign-backend',
  },
  {
    what: 'a kind that nobody has',
    from: 'backendRefs: [{ name: by-prefix, port: 80 }]',
    to: 'backendRefs: [{ name: s3, kind: Bucket, group: example.com }]',
    path: '/item',
    end: '500: no-backend',
  },
  {
    what: 'a namespace that is not written',
    from: 'listeners:',
    to: 'x: 1\n  listeners:',
    path: '/item',
    end: 'delivered',
  },
  {
    what: 'a filter of an own kind',
    from: 'backendRefs: [{ name: by-prefix',
    to:
      'filters: [{ type: ExtensionRef, extensionRef: { group: a.example, kind: Auth, name: one } }]\n' +
      '      backendRefs: [{ name: by-prefix',
    path: '/item',
    end: 'delivered',
  },
])('bad input: $what', ({ from, to, path, end }) => {
  const yaml = example('E3-expressions-differ', 'items.yaml');
  expect(yaml).toContain(from);
  const { paths, assumptions } = traceIn(cluster(yaml.replace(from, to)), `http://items.example.com${path}`);
  expect([
    ...new Set(
      paths.map(({ verdict }) =>
        verdict.kind === 'delivered'
          ? 'delivered'
          : verdict.kind === 'answered'
            ? `${verdict.status}: ${verdict.reason}`
            : `${verdict.kind}: ${verdict.reason}`,
      ),
    ),
  ]).toEqual([end]);
  if (to.includes('ExtensionRef'))
    expect(assumptions.map(({ text }) => text)).toContain(
      "filter Auth one is the implementation's own: taken to let the request pass as it is",
    );
  if (to.includes(': own')) expect(assumptions.map(({ id }) => id)).toContain('gateway-implementation');
});

/** `UPDATE=1 npx vitest run test/gateways.test.ts` writes the table. */
test('docs/gateways.md has the table', () => {
  const rows = implementations.map(
    ({ id, product, controllerNames, expressions, dataPlane, forwardedFor, unclaimed, remark, sources }) => {
      const reading =
        expressions === null
          ? 'not known'
          : `${expressions.dialect}, ` +
            `${{ both: 'whole', start: 'from the start', none: 'anywhere' }[expressions.anchors]}, ` +
            `${expressions.rank.replaceAll('-', ' ')}`;
      const way =
        dataPlane.kind === 'own'
          ? `Service of its own (${dataPlane.externalTrafficPolicy}), ${dataPlane.runs}`
          : dataPlane.kind === 'shared'
            ? `its controller's Service (${dataPlane.externalTrafficPolicy})`
            : `cloud load balancer to ${dataPlane.target}`;
      return (
        `| \`${id}\` | ${product} | ${controllerNames.map((each) => `\`${each}\``).join('<br>') || '–'} | ${way} | ` +
        `${reading} | ${forwardedFor} | ${unclaimed.includes('GatewayHTTPListenerIsolation') ? 'no' : 'yes'} | ` +
        `${remark} | ${sources.join('; ')} |`
      );
    },
  );
  const table = [
    '| id | product | controllers | what stands in front | regular expressions in paths | X-Forwarded-For | ' +
      'isolates listeners | to know | sources |',
    '|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
  const file = join(import.meta.dirname, '..', 'docs', 'gateways.md');
  const text = readFileSync(file, 'utf8');
  const expected = text.replace(
    /<!-- implementations -->[^]*<!-- \/implementations -->/,
    () => `<!-- implementations -->\n${table}\n<!-- /implementations -->`,
  );
  if (process.env.UPDATE === '1') writeFileSync(file, expected);
  expect(process.env.UPDATE === '1' ? expected : text).toBe(expected);
});
