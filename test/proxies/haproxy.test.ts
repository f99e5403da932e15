import { expect, test } from 'vitest';
import type { Ingress } from '../../shared/cluster/ingress.ts';
import { unknownSurroundings } from '../../shared/network/ingress/surroundings.ts';
import { haproxy } from '../../shared/network/ingress/haproxy.ts';
import { decidedBy } from '../decided.ts';
import { clusterOf } from '../scene.ts';
import { type SeededRandom, seededRandom } from '../seededRandom.ts';
import { balancerConfig, haproxyConfig } from './haproxyConfig.ts';
import { ask, freePort, inFolder, isThere, withProxy } from './realProxy.ts';

const seeds = { first: 1, count: 40 };
const requestsEach = 60;
const hosts = ['a.example.com', 'b.example.com', '*.example.com', null];
const asked = ['a.example.com', 'B.example.com', 'c.example.com', 'd.c.example.com', 'other.test'];
const paths = ['/', '/foo', '/foo/', '/foo/bar', '/foo/bar/', '/FOO', '/foobar', '/api', '/api/v1', '/a.c'];
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
  '/nothing',
];

function randomIngresses(random: SeededRandom): readonly Ingress[] {
  const taken = new Set<string>();
  return clusterOf(
    Array.from({ length: 1 + random.below(4) }, (_, index) => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: `i${index}` },
      spec: {
        rules: Array.from({ length: 1 + random.below(2) }, () => {
          const host = random.pick(hosts);
          const own = Array.from({ length: 1 + random.below(3) }, () => ({
            path: random.pick(paths),
            pathType: random.pick(['Exact', 'Prefix', 'Prefix', 'ImplementationSpecific']),
            backend: { service: { name: 'x', port: { number: 80 } } },
          })).filter(({ path, pathType }) => {
            // Two rules that begin alike go to one backend here: their maps don't say which of them it was.
            const key = `${host} ${pathType === 'Exact' ? `= ${path}` : path.replace(/(?<=.)\/$/, '')}`;
            return taken.has(key) ? false : taken.add(key) !== undefined;
          });
          return { ...(host === null ? {} : { host }), http: { paths: own } };
        }),
      },
    })),
  ).ingresses;
}

function rulesOf(ingresses: readonly Ingress[]): string {
  return ingresses
    .flatMap(({ name, rules }) =>
      rules.map(({ host, pathType, path }, index) => `${name}/${index} ${host} ${pathType} ${path}`),
    )
    .join(', ');
}

function ours(ingresses: readonly Ingress[], host: string, path: string): string {
  return decidedBy(haproxy.compile(ingresses, unknownSurroundings), { scheme: 'http', host, path }, ({ of }) =>
    of?.rule == null ? '404' : `200 ${of.ingress.name}/${of.ingress.rules.indexOf(of.rule)}`,
  );
}

const hasHaproxy = isThere('haproxy');
const hasBoth = hasHaproxy && isThere('nginx');

test.skipIf(!hasHaproxy)(
  `a real HAProxy, configured as its controller would, takes ${seeds.count * requestsEach} random hosts and ` +
    `paths as we say (seeds from ${seeds.first})${hasHaproxy ? '' : ': skipped, there is no haproxy'}`,
  { timeout: 120_000 },
  async () => {
    const different: string[] = [];
    for (let seed = seeds.first; seed < seeds.first + seeds.count; seed++) {
      const random = seededRandom(seed);
      const ingresses = randomIngresses(random);
      const port = await freePort();
      await inFolder(async (folder) => {
        const config = haproxyConfig(ingresses, folder, port);
        await withProxy({ command: 'haproxy', config, folder, port, label: `seed ${seed}` }, async () => {
          for (let attempt = 0; attempt < requestsEach; attempt++) {
            const [host, path] = [random.pick(asked), random.pick(wanted)];
            const [we, they] = [ours(ingresses, host, path), await ask(port, host, path)];
            if (we !== they)
              different.push(`seed ${seed}: ${host}${path}: we say ${we}, HAProxy ${they}; ` + rulesOf(ingresses));
          }
        });
      });
    }
    expect(different.slice(0, 3)).toEqual([]);
  },
);

/** What `takenByProxy` claims, asked of the real things: HAProxy as a load balancer of layer 4, nginx behind it. */
test.skipIf(!hasBoth).each([
  { sends: false, expects: false, outcome: '200 127.0.0.1', meaning: 'the balancer is all that nginx sees' },
  { sends: true, expects: true, outcome: '200 127.0.0.9', meaning: 'nginx sees the client' },
  {
    sends: true,
    expects: false,
    outcome: '400',
    meaning: 'a header that nginx does not expect makes the request unreadable',
  },
  {
    sends: false,
    expects: true,
    outcome: 'closed',
    meaning: 'a header that nginx misses makes it close the connection',
  },
])(
  'PROXY protocol sent: $sends, expected: $expects: $meaning',
  { timeout: 30_000 },
  async ({ sends, expects, outcome }) => {
    const [port, behind] = [await freePort(), await freePort()];
    await inFolder(async (folder) => {
      const nginx = {
        command: 'nginx' as const,
        folder,
        port: behind,
        label: 'nginx',
        config: `worker_processes 1; daemon off; error_log ${folder}/error.log; pid ${folder}/nginx.pid;
events { worker_connections 64; }
http { access_log off; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p;
fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
server { listen 127.0.0.1:${behind}${expects ? ' proxy_protocol' : ''};
${expects ? 'set_real_ip_from 127.0.0.1; real_ip_header proxy_protocol;' : ''}
location / { default_type text/plain; return 200 $remote_addr; } } }`,
      };
      const config = balancerConfig(port, behind, sends);
      await withProxy(nginx, () =>
        withProxy({ command: 'haproxy', config, folder, port, label: 'haproxy' }, async () => {
          expect(await ask(port, 'x', '/', '127.0.0.9').catch(() => 'closed')).toBe(outcome);
        }),
      );
    });
  },
);
