import { expect, test } from 'vitest';
import { listedTables } from '../shared/network/routeTables.ts';
import { mostRoutes } from '../shared/network/routing/routeTable.ts';
import { verdictSentence } from '../shared/trace/verdictText.ts';
import { routesLines } from '../shared/insight/routesText.ts';
import { clusterOf, traceIn } from './scene.ts';

const ingress = (
  className: string,
  hosts: readonly string[],
  annotations: Readonly<Record<string, string>> = {},
): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'shop', annotations },
  spec: {
    ingressClassName: className,
    rules: hosts.map((host) => ({
      host,
      http: {
        paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'shop', port: { number: 80 } } } }],
      },
    })),
  },
});

test.each([
  {
    what: 'an alias of which nobody can read whether it is the host',
    written: ingress('nginx', ['shop.example.com'], { 'nginx.ingress.kubernetes.io/server-alias': '~^(?=x).*$' }),
    host: 'xyz.example.com',
    met: ['hosts like ^(?=x).*$: /… → shop:80'],
  },
  {
    what: 'TLS for another host',
    written: ingress('haproxy', ['a.example.com', 'b.example.com'], { 'haproxy.org/ssl-passthrough': 'true' }),
    host: 'b.example.com',
    met: ['any host: https, TLS for b.example.com → shop:80; TLS as it is', 'b.example.com: every path → shop:80'],
  },
])('the routes that a host may meet: $what', ({ written, host, met }) => {
  const rows = listedTables(clusterOf([written]), host).flatMap((table) => table.rows);
  const forwarding = rows.filter(({ action }) => action === 'forward');
  expect(forwarding.map(({ hostText, when, does }) => `${hostText}: ${when} → ${does}`)).toEqual(met);
});

test('a request that none of the first 100,000 routes takes is not known to find none', () => {
  const backend = { service: { name: 'shop', port: { number: 80 } } };
  const paths = Array.from({ length: mostRoutes + 1 }, (_, index) => ({
    path: `/${index}`,
    pathType: 'Exact',
    backend,
  }));
  const spec = { ingressClassName: 'cilium', rules: [{ host: 'shop.example', http: { paths } }] };
  const model = clusterOf([{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'shop' }, spec }]);
  expect(routesLines(listedTables(model)).at(-1)?.text).toBe('    and 1 more route, left out');
  const { paths: ways } = traceIn(model, 'http://shop.example/other');
  expect([...new Set(ways.map(({ verdict }) => verdictSentence(verdict)))]).toEqual([
    "None of Cilium's first 100,000 routes takes this; it has 1 more, which Hoplens leaves out.",
  ]);
});
