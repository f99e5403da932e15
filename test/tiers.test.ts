import { expect, test } from 'vitest';
import { cluster, traceIn } from './scene.ts';

/** What a set of tiers looks like: how the load balancer in front is, and what the controller's ConfigMap says. */
interface Tiers {
  readonly balancer: 'TCP' | 'TCP with PROXY protocol' | 'HTTP';
  readonly config?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly tls?: true;
}

function tiers({ balancer, config = {}, annotations = {}, tls }: Tiers): string {
  const profile =
    balancer === 'HTTP'
      ? {
          loadBalancers: [80, 443].map((listen) => ({
            name: `alb-${listen}`,
            address: `203.0.113.${listen === 80 ? 10 : 11}`,
            listen,
            nodePort: 32000,
            layer: 7,
          })),
        }
      : { loadBalancer: { provider: 'digitalocean' } };
  const service = {
    type: balancer === 'HTTP' ? 'NodePort' : 'LoadBalancer',
    selector: { app: 'nginx' },
    ports: [
      { name: 'http', port: 80, nodePort: 32000 },
      { name: 'https', port: 443, nodePort: 32001 },
    ],
  };
  const objects = [
    {
      apiVersion: 'hoplens.dev/v1alpha1',
      kind: 'ClusterProfile',
      metadata: { name: 'p' },
      spec: { nodes: { count: 1 }, ...profile },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'nginx', namespace: 'default' }, data: config },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'nginx', labels: { app: 'nginx' } },
      spec: {
        containers: [
          {
            name: 'c',
            image: 'registry.k8s.io/ingress-nginx/controller:v1.14.0',
            args: ['/nginx-ingress-controller', '--configmap=$(POD_NAMESPACE)/nginx'],
            ports: [{ containerPort: 80 }, { containerPort: 443 }],
          },
        ],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'nginx',
        annotations:
          balancer === 'TCP with PROXY protocol'
            ? { 'service.beta.kubernetes.io/do-loadbalancer-enable-proxy-protocol': 'true' }
            : {},
      },
      spec: service,
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'shop', annotations },
      spec: {
        ingressClassName: 'nginx',
        ...(tls === true ? { tls: [{ hosts: ['shop.example.com'], secretName: 'shop-tls' }] } : {}),
        rules: [
          {
            host: 'shop.example.com',
            http: {
              paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'shop', port: { number: 80 } } } }],
            },
          },
        ],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'shop' },
      spec: { selector: { app: 'shop' }, ports: [{ port: 80, targetPort: 8080 }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'shop', labels: { app: 'shop' } },
      spec: { containers: [{ name: 'c', ports: [{ containerPort: 8080 }] }] },
    },
  ];
  return objects.map((each) => JSON.stringify(each)).join('\n---\n');
}

/** Who the pod is told the client is, or how the request ends before. */
function told(given: Tiers, scheme: 'http' | 'https' = 'http', headers: Readonly<Record<string, string>> = {}): string {
  const {
    paths: [path],
  } = traceIn(
    cluster(tiers(given)),
    given.balancer === 'HTTP'
      ? `${scheme}://203.0.113.${scheme === 'http' ? '10' : '11'}/`
      : `${scheme}://shop.example.com/`,
    'internet',
    { host: 'shop.example.com', ...headers },
  );
  if (path === undefined) throw new Error('no path');
  const { verdict, received } = path;
  if (verdict.kind === 'delivered')
    return (
      `X-Forwarded-For ${received?.headers.get('x-forwarded-for')}, X-Forwarded-Proto ` +
      `${received?.headers.get('x-forwarded-proto')}`
    );
  return verdict.kind === 'answered' ? `${verdict.status} ${verdict.reason}` : `${verdict.kind} ${verdict.reason}`;
}

const forged = { 'x-forwarded-for': '192.0.2.66' };
const trusting = { 'use-forwarded-headers': 'true' };
const client = '198.51.100.7';

test.each<[string, string, string]>([
  [
    'a balancer of layer 7, and nginx that trusts nobody: not even the balancer is left',
    told({ balancer: 'HTTP' }),
    'X-Forwarded-For 10.244.1.1, X-Forwarded-Proto http',
  ],
  [
    'a balancer of layer 7, and nginx that trusts it',
    told({ balancer: 'HTTP', config: trusting }),
    `X-Forwarded-For ${client}, X-Forwarded-Proto http`,
  ],
  [
    'TLS ended by the balancer, and an Ingress with TLS: redirected for ever',
    told({ balancer: 'HTTP', tls: true }, 'https'),
    '308 tls-redirect',
  ],
  [
    'TLS ended by the balancer, which nginx believes',
    told({ balancer: 'HTTP', tls: true, config: trusting }, 'https'),
    `X-Forwarded-For ${client}, X-Forwarded-Proto https`,
  ],
  [
    'a forged header, replaced',
    told({ balancer: 'TCP with PROXY protocol', config: { 'use-proxy-protocol': 'true' } }, 'http', forged),
    `X-Forwarded-For ${client}, X-Forwarded-Proto http`,
  ],
  [
    'a forged header, believed',
    told({ balancer: 'TCP', config: trusting }, 'http', forged),
    'X-Forwarded-For 192.0.2.66, X-Forwarded-Proto http',
  ],
  ['PROXY protocol that nginx does not expect', told({ balancer: 'TCP with PROXY protocol' }), '400 proxy-protocol'],
  [
    'PROXY protocol that nobody sends',
    told({ balancer: 'TCP', config: { 'use-proxy-protocol': 'true' } }),
    'refused proxy-protocol',
  ],
  [
    'an allow list meets the balancer',
    told({ balancer: 'TCP', annotations: { 'nginx.ingress.kubernetes.io/whitelist-source-range': `${client}/32` } }),
    '403 not-allowed',
  ],
  [
    'an allow list meets the client behind PROXY protocol',
    told({
      balancer: 'TCP with PROXY protocol',
      config: { 'use-proxy-protocol': 'true' },
      annotations: { 'nginx.ingress.kubernetes.io/whitelist-source-range': `${client}/32` },
    }),
    `X-Forwarded-For ${client}, X-Forwarded-Proto http`,
  ],
  [
    'redirects turned off for all',
    told({ balancer: 'TCP', tls: true, config: { 'ssl-redirect': 'false', 'use-proxy-protocol': 'false' } }).replace(
      /For [\d.]+/,
      'For …',
    ),
    'X-Forwarded-For …, X-Forwarded-Proto http',
  ],
])('%s', (_, got, wanted) => expect(got).toBe(wanted));

test('what no rule takes goes to the default backend that the controller is told of', () => {
  const withFlag = tiers({ balancer: 'TCP' }).replace(
    '--configmap=$(POD_NAMESPACE)/nginx',
    '--default-backend-service=default/shop',
  );
  expect(
    traceIn(cluster(withFlag), 'http://shop.example.com/', 'internet', { host: 'nobody.example.com' }).paths.map(
      ({ verdict }) => verdict,
    ),
  ).toMatchObject([{ kind: 'delivered', service: 'shop' }]);
});

test.each([
  [['--enable-ssl-passthrough'], 'https https, X-Forwarded-For undefined'],
  [['--configmap=$(POD_NAMESPACE)/nginx'], 'http http, X-Forwarded-For'],
])('ssl-passthrough with %j', (args, wanted) => {
  const yaml = tiers({
    balancer: 'TCP',
    annotations: { 'nginx.ingress.kubernetes.io/ssl-passthrough': 'true' },
  }).replace('--configmap=$(POD_NAMESPACE)/nginx', args.join());
  const [path] = traceIn(cluster(yaml), 'https://shop.example.com/any').paths;
  expect(
    `${path?.received?.scheme} ${path?.received?.serverName === null ? 'http' : 'https'}, X-Forwarded-For ` +
      `${path?.received?.headers.get('x-forwarded-for')}`,
  ).toContain(wanted);
});

test('which certificate a host gets', () => {
  const trace = traceIn(cluster(tiers({ balancer: 'TCP', tls: true })), 'https://shop.example.com/');
  expect(trace.paths[0]?.because.map(({ text }) => text)).toContain('TLS ends here, with Secret shop-tls');
  expect(
    traceIn(cluster(tiers({ balancer: 'TCP' })), 'https://shop.example.com/').assumptions.map(({ id }) => id),
  ).toContain('certificate:shop.example.com');
});
