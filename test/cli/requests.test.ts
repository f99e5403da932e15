import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newFolder } from '../server/editor.ts';

const root = join(import.meta.dirname, '..', '..');
const shop = ['-f', 'examples/E1-gateway'];

interface Answer {
  readonly status: number | null;
  readonly lines: readonly unknown[];
  readonly stderr: string;
}

/** `hoplens trace --requests -` with these lines as standard input. */
function answers(requests: readonly (object | string)[], ...more: readonly string[]): Answer {
  const input = requests.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))).join('\n');
  const command = ['--disable-warning=ExperimentalWarning', 'cli/main.ts', 'trace', '--requests', '-', ...more];
  const { status, stdout, stderr } = spawnSync('node', command, { cwd: root, input, encoding: 'utf8' });
  const lines = stdout.split('\n').filter((line) => line !== '');
  return { status, stderr, lines: lines.map((line): unknown => JSON.parse(line)) };
}

const nothing = { location: null, namespace: null, service: null, pod: null, path: null, host: null };

test('each line is answered by a line, outcomes that differ in the pod alone as one', () => {
  const { status, lines } = answers(
    [
      { target: 'https://shop.example.com/cart/items?sort=price' },
      { target: 'http://shop.example.com/cart?x=1' },
      { target: 'https://other.test/' },
    ],
    ...shop,
  );
  expect(lines).toMatchObject([
    {
      target: 'https://shop.example.com/cart/items?sort=price',
      summary: { text: '3 hops from LB, no SNAT' },
      outcomes: [
        { share: '9/10', verdict: 'delivered', service: 'cart', path: '/items?sort=price', host: 'shop.example.com' },
        { share: '1/10', verdict: 'delivered', service: 'cart-next', path: '/items?sort=price' },
      ],
    },
    {
      outcomes: [
        {
          ...nothing,
          share: '1',
          verdict: 'answered',
          reason: 'redirect',
          status: 301,
          location: 'https://shop.example.com/cart?x=1',
        },
      ],
    },
    { outcomes: [{ ...nothing, share: '1', verdict: 'refused', reason: 'tls-name', status: null }] },
  ]);
  expect(status).toBe(1);
});

test('a pod is a target, from inside and from outside', () => {
  const { status, lines } = answers(
    [
      { target: 'pod/web-0:8080', from: 'pod' },
      { target: 'pod/web-0:8080' },
      { target: 'pod/wbe-0:8080', from: 'pod' },
    ],
    '-f',
    'examples/A7-load-balancer',
  );
  expect(lines).toMatchObject([
    { outcomes: [{ verdict: 'delivered', pod: 'web-0' }] },
    { outcomes: [{ verdict: 'unroutable', reason: 'pod-address' }] },
    { outcomes: [{ verdict: 'unresolved', reason: 'no-such-pod' }] },
  ]);
  expect(status).toBe(1);
});

const unreadable: readonly (readonly [string, object | string, RegExp])[] = [
  ['no JSON', '{target', /no JSON/],
  ['no object', '["http://shop.example.com/"]', /is a JSON object/],
  ['no target', { from: 'internet' }, /needs a "target"/],
  ['a target that can not be read', { target: 'shop??' }, /Can't read the target/],
  ['a Service that is not there', { target: 'svc/cartt' }, /no Service cartt .*; there/],
  ['who asks is not there', { target: 'svc/cart', from: 'pod/x' }, /no pod\/x/],
  ['a stranger', { target: 'svc/cart', methd: 'GET' }, /no "methd"; it can have target/],
  ['a method that is none', { target: 'svc/cart', method: 'G T' }, /"method" is an HTTP method/],
  ['a protocol that is none', { target: 'svc/cart', protocol: 'icmp' }, /tcp, udp or sctp/],
  ['headers that are none', { target: 'svc/cart', headers: { a: 1 } }, /"headers" is an object of texts/],
];

test('what can not be read is said in its place, and all else is answered', () => {
  const good = { target: 'svc/cart', from: 'pod' };
  const { status, lines } = answers([...unreadable.map(([, line]) => line), '', good], ...shop);
  expect(status).toBe(2);
  expect(lines).toMatchObject([
    ...unreadable.map(([, , error], index) => ({ line: index + 1, error: expect.stringMatching(error) as string })),
    { target: 'svc/cart', outcomes: [{ verdict: 'delivered' }] },
  ]);
});

const unusable: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['both on standard input', ['-f', '-'], /can't both be standard input/],
  ['a target beside', ['svc/cart', ...shop], /a TARGET or --requests FILE, not both/],
];

test.each(unusable)('%s', (_, more, says) => {
  const { status, stderr, lines } = answers([], ...more);
  expect(stderr).toMatch(says);
  expect({ status, lines }).toEqual({ status: 2, lines: [] });
});

/** A Gateway whose routes ask for a method and a header. */
const methods = ['get', 'post'];
const choosing = [
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'edge' },
    spec: { gatewayClassName: 'eg', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
  },
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'shop' },
    spec: {
      parentRefs: [{ name: 'edge' }],
      rules: ['a', 'b'].flatMap((team) =>
        methods.map((method) => ({
          matches: [{ method: method.toUpperCase(), headers: [{ name: 'x-team', value: team }] }],
          backendRefs: [{ name: `${method}-${team}`, port: 80 }],
        })),
      ),
    },
  },
  ...['a', 'b'].flatMap((team) =>
    methods.flatMap((method) => {
      const labels = { app: `${method}-${team}` };
      const metadata = { name: labels.app, labels };
      const clusterIP = labels.app === 'post-a' ? '10.96.7.7' : undefined;
      return [
        { apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP, selector: labels, ports: [{ port: 80 }] } },
        { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [] } },
      ];
    }),
  ),
];

test('what a line leaves out, the options say; a byte order mark is none of the first line', () => {
  const folder = newFolder({ 'shop.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: choosing }) });
  const target = 'http://shop.test/';
  const { lines } = answers(
    [
      `\uFEFF${JSON.stringify({ target })}`,
      { target, method: 'get' },
      { target, headers: { 'X-Team': 'b' } },
      { target, method: 'GET', headers: { 'x-team': 'b' } },
      { target: '10.96.7.7:80', from: 'pod', protocol: 'tcp' },
      { target: '10.96.7.7:80', from: 'pod' },
    ],
    '-f',
    folder.path,
    '--header',
    'x-team: a',
    '--method',
    'post',
    '--protocol',
    'udp',
  );
  folder.remove('.');
  expect(lines).toMatchObject([
    ...['post-a', 'get-a', 'post-b', 'get-b', 'post-a'].map((service) => ({ outcomes: [{ service }] })),
    { outcomes: [{ verdict: 'dropped' }] },
  ]);
});
