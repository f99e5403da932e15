import { afterAll, expect, test } from 'vitest';
import { rendererBeside } from '../render/beside.ts';
import { symbolsIn, symbolsLike } from '../shared/insight/navigation/symbols.ts';
import { documentSymbols, workspaceSymbols } from '../server/features/symbols.ts';
import type { Workspace } from '../shared/insight/workspace.ts';
import { BuiltInMemory } from './built/inMemory.ts';
import { oneFile } from './scene.ts';

const renderer = rendererBeside({ mostMilliseconds: 60_000 });
afterAll(() => renderer.stop());

const shop = `apiVersion: v1
kind: Service
metadata: { name: shop, namespace: web }
spec:
  ports:
    - { name: http, port: 80, targetPort: web }
    - { name: dns, port: 53, protocol: UDP }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec:
  defaultBackend: { service: { name: other, port: { name: http } } }
  rules:
    - host: shop.example.com
      http:
        paths:
          - { path: /cart, backend: { service: { name: cart, port: { number: 80 } } } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  listeners:
    - { name: web, port: 80, protocol: HTTP, hostname: "*.example.com" }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  hostnames: [a.example.com, b.example.com]
  rules:
    - matches: [{ path: { value: /api }, method: GET }]
      backendRefs: [{ name: v1, port: 80 }, { name: v2, port: 80 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: shop }
spec: { template: { spec: { containers: [{ name: main, ports: [{ name: web, containerPort: 8080 }] }] } } }
`;

const policies = `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: shut }
spec:
  tier: Admin
  priority: 1
  subject: { namespaces: {} }
  ingress:
    - name: scrapes
      action: Accept
      from: [{ pods: { namespaceSelector: { matchLabels: { team: ops } }, podSelector: { matchLabels: { app: p } } } }]
      protocols: [{ tcp: { destinationPort: { range: { start: 9000, end: 9099 } } } }, { destinationNamedPort: web }]
    - { action: Deny, from: [{ namespaces: {} }] }
  egress:
    - { action: Pass, to: [{ networks: [10.0.0.0/8] }, { nodes: {} }, { domainNames: [a.example.com] }] }
---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata: { name: default }
spec:
  subject: { namespaces: {} }
  ingress: [{ action: Allow, from: [{ namespaces: { matchLabels: { kubernetes.io/metadata.name: web } } }] }]
`;

function outline(workspace: Workspace, uri: string): string {
  const lines = symbolsIn(workspace, uri).flatMap((each) => [
    `${each.nameRange.start.line + 1} ${each.name} ${each.detail}`,
    ...each.parts.map(({ name, detail, range }) => `  ${range.start.line + 1} ${name} ${detail}`),
  ]);
  return lines.map((each) => each.trimEnd()).join('\n');
}

function like(workspace: Workspace, query: string): string[] {
  return symbolsLike(workspace, query).map(({ name, site }) => `${site.uri}:${site.range.start.line + 1} ${name}`);
}

test('an outline', () => {
  expect(outline(oneFile(shop), 'test.yaml')).toMatchInlineSnapshot(`
    "3 Service shop web
      6 :80 → web http
      7 :53 dns UDP
    11 Ingress shop
      18 shop.example.com/cart → cart:80
      13 * → other:http
    22 Gateway edge
      25 web :80 HTTP *.example.com
    29 HTTPRoute shop
      33 a.example.com/api GET → v1:80, v2:80
      33 b.example.com/api GET → v1:80, v2:80
    38 Deployment shop
      39 main :8080 web"
  `);
});

test('an outline of policies for the whole cluster has their rules', () => {
  expect(outline(oneFile(policies), 'test.yaml')).toMatchInlineSnapshot(`
    "3 ClusterNetworkPolicy shut
      9 accept from app=p of namespaces with team=ops → 9000-9099, web scrapes
      13 deny from all pods
      15 pass to 10.0.0.0/8, all nodes, a.example.com
    19 BaselineAdminNetworkPolicy default
      22 accept from web"
  `);
});

test.each([
  ['edge', ['test.yaml:22 Gateway edge']],
  ['CART', ['test.yaml:18 shop.example.com/cart → cart:80']],
  ['https://shop.example.com/cart', ['test.yaml:18 shop.example.com/cart → cart:80']],
  ['b.example.com', ['test.yaml:33 b.example.com/api GET → v1:80, v2:80']],
  ['nothing', []],
])('looking for %s', (query, found) => {
  expect(like(oneFile(shop), query)).toEqual(found);
});

test('a template has the objects that it makes', async () => {
  const { workspace } = await new BuiltInMemory(renderer, {
    'chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 1.0.0\n',
    'chart/templates/api.yaml':
      'apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}-api\nspec:\n  ports:\n    - port: 80\n',
  }).build();
  expect(outline(workspace, '/w/chart/templates/api.yaml')).toMatchInlineSnapshot(`
    "2 Service chart-api
      7 :80"
  `);
  expect(like(workspace, '-api')).toMatchInlineSnapshot(`
    [
      "/w/chart/templates/api.yaml:4 Service chart-api",
    ]
  `);
});

test('what turns the direction of writing and what is too long is shown as text', () => {
  const name = `<img onerror=x>\u202e$(bug)${'a'.repeat(10_000)}`;
  const workspace = oneFile(`apiVersion: v1\nkind: Service\nmetadata: { name: ${JSON.stringify(name)} }\n`);
  const shown = `Service ${name}`.slice(0, 200).replace('\u202e', '\\u202e');
  expect(documentSymbols(workspace, 'test.yaml').map((each) => each.name)).toEqual([`${shown}…`]);
  expect(workspaceSymbols(workspace, '$(bug)').map((each) => each.name)).toEqual([`${shown}…`]);
});
