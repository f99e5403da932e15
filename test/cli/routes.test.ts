import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

function routes(...args: readonly string[]): string {
  const command = ['--disable-warning=ExperimentalWarning', 'cli/main.ts', 'routes', ...args];
  return spawnSync('node', command, { cwd: root, encoding: 'utf8' }).stdout;
}

test("a Gateway's table, each row with its line", () => {
  expect(routes('-f', 'examples/E1-gateway')).toMatchInlineSnapshot(`
    "Gateway edge (Envoy Gateway) (12 routes)
      any host
        port 80, https                        → closes the connection  examples/E1-gateway/shop.yaml:13
        port 80, an escaped slash in the path, header content-type like application/grpc.*  → 400  examples/E1-gateway/shop.yaml:13
        port 80, an escaped slash in the path  → 307 to {path with slashes read}{query}  examples/E1-gateway/shop.yaml:13
        port 80, every path                   → 301 to https://{authority without :80}{path}{query}  examples/E1-gateway/shop.yaml:27
        port 80                               → 404, no rule  examples/E1-gateway/shop.yaml:13
        port 443, http                        → closes the connection: no plain HTTP  examples/E1-gateway/shop.yaml:14
        port 443, TLS for *.example.com, an escaped slash in the path, header content-type like application/grpc.*  → 400  examples/E1-gateway/shop.yaml:14
        port 443, TLS for *.example.com, an escaped slash in the path  → 307 to {path with slashes read}{query}  examples/E1-gateway/shop.yaml:14
      shop.example.com
        port 443, TLS for *.example.com, /cart and below  → cart:80 (9/10), cart-next:80 (1/10); path becomes {path without /cart}  examples/E1-gateway/shop.yaml:36
        port 443, TLS for *.example.com       → 404, no rule  examples/E1-gateway/shop.yaml:14
      any host
        port 443, TLS for *.example.com       → 404, no rule  examples/E1-gateway/shop.yaml:14
        port 443                              → closes the connection  examples/E1-gateway/shop.yaml:14
    "
  `);
});

test("an Ingress controller's, for one host", () => {
  expect(routes('-f', 'examples/D4-missing-slash')).toMatchInlineSnapshot(`
    "ingress-nginx, class nginx (9 routes)
      any host
        TRACE                                 → 405
        CONNECT                               → 405
      bin.example.com
        exactly /my-path/                     → httpbin:8000  examples/D4-missing-slash/ingress.yaml:10
        exactly /my-path                      → 301 to {scheme}://{host}/my-path/{query}  examples/D4-missing-slash/ingress.yaml:10
        /…                                    → httpbin:8000  examples/D4-missing-slash/ingress.yaml:21
      any host
        /nginx_status…, not from 127.0.0.1, ::1  → 403, not allowed
        /nginx_status…                        → 200
        /healthz…                             → 200
        /…                                    → 404, no rule
    "
  `);
});

test('as JSON', () => {
  const { version, tables } = JSON.parse(routes('-f', 'examples/E1-gateway', '--format', 'json')) as {
    readonly version: number;
    readonly tables: readonly { readonly title: string; readonly routes: readonly object[] }[];
  };
  expect({ version, titles: tables.map(({ title }) => title) }).toEqual({
    version: 1,
    titles: ['Gateway edge (Envoy Gateway)'],
  });
  expect(tables[0]?.routes.find((each) => 'host' in each && each.host === 'shop.example.com')).toEqual({
    host: 'shop.example.com',
    when: 'port 443, TLS for *.example.com, /cart and below',
    does: 'cart:80 (9/10), cart-next:80 (1/10); path becomes {path without /cart}',
    action: 'forward',
    status: null,
    to: [
      { namespace: 'default', service: 'cart', port: 80, share: '9/10' },
      { namespace: 'default', service: 'cart-next', port: 80, share: '1/10' },
    ],
    file: 'examples/E1-gateway/shop.yaml',
    line: 36,
  });
});

test('where nothing routes, that is said', () => {
  expect(routes('-f', 'examples/A7-load-balancer')).toBe('No Ingress and no Gateway: there is no route.\n');
});
