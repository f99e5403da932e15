import { expect, test } from 'vitest';
import type { Ingress } from '../../shared/cluster/ingress.ts';
import { ingressNginx } from '../../shared/network/ingress/ingressNginx.ts';
import { clusterOf } from '../scene.ts';
import { type SeededRandom, seededRandom } from '../seededRandom.ts';
import { ask, freePort, inFolder, isThere, withProxy } from './realProxy.ts';
import { name, nginxConfig, repeatsLocation } from './nginxConfig.ts';

const seeds = { first: 1, count: 40 };
const requestsEach = 40;
const hosts = ['a.example.com', 'b.example.com', '*.example.com'];
const asked = ['a.example.com', 'b.example.com', 'c.example.com', 'other.test'];
const paths = ['/', '/foo', '/foo/', '/foo/bar', '/foo/bar/', '/FOO', '/foobar', '/api', '/api/v1', '/a.c'];
const expressions = ['/fo+', '/foo/(bar|baz)', '/[a-z]{3}', '/api/v[0-9]', '/foo$'];
const wanted = [
  '/',
  '/foo',
  '/foo/',
  '/foo/bar',
  '/foo/bar/',
  '/foo/bar/baz',
  '/FOO',
  '/foobar',
  '/Foo/BAR',
  '/api',
  '/api/',
  '/api/v1',
  '/api/v2/x',
  '/abc',
  '/a.c',
  '//foo',
  '/x/../foo',
  '/foo/./bar',
  '/%66oo',
  '/foo%2Fbar',
  '/nothing',
];

function randomIngresses(random: SeededRandom): Ingress[] {
  const objects = Array.from({ length: 1 + random.below(4) }, (_, index) => {
    const usesRegex = random.below(5) === 0;
    return {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: {
        name: `i${index}`,
        annotations: usesRegex ? { 'nginx.ingress.kubernetes.io/use-regex': 'true' } : {},
      },
      spec: {
        rules: Array.from({ length: 1 + random.below(2) }, () => ({
          host: random.pick(hosts),
          http: {
            paths: Array.from({ length: 1 + random.below(3) }, () => ({
              path: random.pick(usesRegex ? expressions : paths),
              pathType: usesRegex
                ? 'ImplementationSpecific'
                : random.pick(['Exact', 'Prefix', 'Prefix', 'ImplementationSpecific']),
              backend: { service: { name: 'x', port: { number: 80 } } },
            })),
          },
        })),
      },
    };
  });
  return [...clusterOf(objects).ingresses];
}

/**
 * Ingresses whose locations don't repeat: nginx refuses a configuration in which they do,
 * so that ingress-nginx's webhook lets none through.
 */
function acceptedIngresses(random: SeededRandom): Ingress[] {
  for (;;) {
    const ingresses = randomIngresses(random);
    if (!repeatsLocation(ingresses)) return ingresses;
  }
}

/** What our engine says, in the words of the configuration's backend. */
function ours(ingresses: readonly Ingress[], host: string, path: string): string {
  const routed = ingressNginx.route(ingresses, {
    host,
    path,
    method: 'GET',
    headers: new Map(),
    query: new Map(),
    scheme: 'http',
    source: '198.51.100.7',
  });
  switch (routed.kind) {
    case 'route':
      return routed.route.rule === null ? '404' : `200 ${name(routed.route.ingress, routed.route.rule)}`;
    case 'answered':
      return `${routed.status}`;
    case 'none':
      return '404';
    case 'unreadable':
      return 'unreadable';
    default:
      return routed satisfies never;
  }
}

const hasNginx = isThere('nginx');

test.skipIf(!hasNginx)(
  `a real nginx, configured as ingress-nginx would, takes ${seeds.count * requestsEach} random hosts and paths ` +
    `as we say (seeds from ${seeds.first})${hasNginx ? '' : ': skipped, there is no nginx'}`,
  { timeout: 120_000 },
  async () => {
    const different: string[] = [];
    for (let seed = seeds.first; seed < seeds.first + seeds.count; seed++) {
      const random = seededRandom(seed);
      const ingresses = acceptedIngresses(random);
      const [port, backend] = [await freePort(), await freePort()];
      await inFolder(async (folder) => {
        const config = nginxConfig(ingresses, folder, port, backend);
        await withProxy({ command: 'nginx', config, folder, port, label: `seed ${seed}` }, async () => {
          for (let attempt = 0; attempt < requestsEach; attempt++) {
            const [host, path] = [random.pick(asked), random.pick(wanted)];
            const [we, nginx] = [ours(ingresses, host, path), await ask(port, host, path)];
            if (we !== nginx)
              different.push(
                `seed ${seed}: ${host}${path}: we say ${we}, nginx ${nginx}\n${config
                  .split('\n')
                  .filter((line) => /server_name|^location/.test(line))
                  .join('\n')}`,
              );
          }
        });
      });
    }
    expect(different.slice(0, 3)).toEqual([]);
  },
);
