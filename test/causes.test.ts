import { expect, test } from 'vitest';
import { Workspace } from '../shared/insight/workspace.ts';

const route = (name: string, service: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name} }
spec:
  parentRefs: [{ name: edge }]
  hostnames: [${name}.example.com]
  rules: [{ backendRefs: [{ name: ${service}, port: 80 }] }]
`;
const service = (name: string, more = ''): string => `
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { ${more}selector: { app: ${name} }, ports: [{ port: 80 }] }
`;

/** What is found in files of one set, as `file:line severity rule: message`, with the related places indented. */
function found(files: Readonly<Record<string, string>>): string[] {
  const workspace = new Workspace();
  for (const [uri, text] of Object.entries(files)) workspace.put(uri, text);
  return Object.keys(files).flatMap((uri) =>
    workspace
      .findings(uri)
      .flatMap(({ rule, severity, message, site, related }) => [
        `${uri}:${site.range.start.line} ${severity} ${rule}: ${message}`,
        ...related.map((each) => `  ${each.site.uri}:${each.site.range.start.line} ${each.message}`),
      ]),
  );
}

test('a fault of one cause is told once in a set, with the other places and one fix for all', () => {
  const files = { 'a.yaml': route('a', 'crat'), 'b.yaml': route('b', 'crat'), 'c.yaml': service('cart') };
  expect(found(files)).toMatchInlineSnapshot(`
    [
      "a.yaml:7 warning route-backend-missing: HTTPRoute a names Service crat, which isn't among the Services of namespace default: the gateway answers 500 itself (BackendNotFound). Did you mean cart? (The same in 1 more place.)",
      "  b.yaml:7 HTTPRoute b, too",
    ]
  `);
  const workspace = new Workspace();
  for (const [uri, text] of Object.entries(files)) workspace.put(uri, text);
  expect(workspace.findings('a.yaml')[0]?.fixes[0]?.edits.map(({ site, text }) => `${site.uri}: ${text}`)).toEqual([
    'a.yaml: cart',
    'b.yaml: cart',
  ]);
  // The first one mended, the second tells.
  workspace.put('a.yaml', route('a', 'cart'));
  expect(workspace.findings('a.yaml')).toEqual([]);
  expect(workspace.findings('b.yaml').map(({ message }) => message)).toMatchInlineSnapshot(`
    [
      "HTTPRoute b names Service crat, which isn't among the Services of namespace default: the gateway answers 500 itself (BackendNotFound). Did you mean cart?",
    ]
  `);
});

test('where the first place is ignored, the next tells', () => {
  const ignored = route('a', 'crat').replace('  rules:', '  # hoplens-ignore route-backend-missing: later\n  rules:');
  expect(
    found({ 'a.yaml': ignored, 'b.yaml': route('b', 'crat'), 'c.yaml': route('c', 'crat'), 'd.yaml': service('cart') }),
  ).toMatchInlineSnapshot(`
    [
      "b.yaml:7 warning route-backend-missing: HTTPRoute b names Service crat, which isn't among the Services of namespace default: the gateway answers 500 itself (BackendNotFound). Did you mean cart? (The same in 1 more place.)",
      "  c.yaml:7 HTTPRoute c, too",
    ]
  `);
});

test('what is merely worth knowing is told once a file', () => {
  expect(
    found({
      'a.yaml': `${route('a', 'elsewhere')}---${route('b', 'elsewhere')}`,
      'b.yaml': route('c', 'elsewhere'),
      'c.yaml': service('cart'),
    }),
  ).toMatchInlineSnapshot(`
    [
      "a.yaml:7 info route-backend-missing: HTTPRoute a names Service elsewhere, which isn't among the Services of namespace default: unless it is applied from elsewhere, the gateway answers 500 itself (BackendNotFound). (The same in 1 more place.)",
      "  a.yaml:15 HTTPRoute b, too",
      "b.yaml:7 info route-backend-missing: HTTPRoute c names Service elsewhere, which isn't among the Services of namespace default: unless it is applied from elsewhere, the gateway answers 500 itself (BackendNotFound).",
    ]
  `);
});

test('of an object that is refused, nothing else is told', () => {
  const lost = service('cart').replace('app: cart', 'app: crat');
  const pods = `---
apiVersion: v1
kind: Pod
metadata: { name: cart, labels: { app: cart } }
spec: { containers: [{ name: cart, image: cart }] }
`;
  expect(found({ 'a.yaml': lost + pods })).toMatchInlineSnapshot(`
    [
      "a.yaml:4 warning selector-matches-no-pod: Service cart selects no pod, so every connection to it is rejected. The nearest, Pod cart, has app: cart instead of app: crat.",
      "  a.yaml:8 Pod cart",
    ]
  `);
  expect(found({ 'a.yaml': lost.replace('{ selector', '{ tipe: NodePort, selector') + pods })).toMatchInlineSnapshot(`
    [
      "a.yaml:4 error refused-by-api-server: spec.tipe: is no field of the API; type is. The API server refuses Service cart.",
    ]
  `);
});

test('what others lack of an object that is refused follows from that, and is not told', () => {
  const deployment = (label: string): string => `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: cart }
spec:
  selector: { matchLabels: { app: cart } }
  template:
    metadata: { labels: { app: ${label} } }
    spec: { containers: [{ name: cart, image: example/cart }] }
`;
  expect(found({ 'a.yaml': service('cart') + deployment('crat') }).filter((each) => !each.startsWith(' '))).toEqual([
    expect.stringContaining('a.yaml:12 error selector-not-of-template'),
  ]);
});

test('what an Ingress, a route and a variable miss of one Service is told once', () => {
  const ingress = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec: { defaultBackend: { service: { name: crat, port: { number: 80 } } } }
`;
  const config = `
apiVersion: v1
kind: ConfigMap
metadata: { name: shop }
data: { cart: 'http://crat:80/' }
`;
  expect(found({ 'a.yaml': ingress, 'b.yaml': config, 'c.yaml': route('r', 'crat'), 'd.yaml': service('cart') }))
    .toMatchInlineSnapshot(`
    [
      "a.yaml:4 warning ingress-backend-missing: Ingress shop names Service crat, which isn't among the Services of namespace default: the controller has nowhere to send its requests. Did you mean cart? (The same in 2 more places.)",
      "  b.yaml:4 ConfigMap shop, too",
      "  c.yaml:7 HTTPRoute r, too",
    ]
  `);
});
