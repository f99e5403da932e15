import { afterAll, expect, test } from 'vitest';
import { rendererBeside } from '../render/beside.ts';
import {
  type PlacedStep,
  type PlacedStop,
  stopsAt,
  stopsBefore,
  stopsBehind,
} from '../shared/insight/navigation/callHierarchy.ts';
import { Workspace } from '../shared/insight/workspace.ts';
import { BuiltInMemory } from './built/inMemory.ts';
import { placeOf } from './scene.ts';

const renderer = rendererBeside({ mostMilliseconds: 60_000 });
afterAll(() => renderer.stop());

const shop = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: edge }
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example.com
      http:
        paths:
          - { path: /cart, pathType: Prefix, backend: { service: { name: cart, port: { number: 80 } } } }
          - { path: /gone, pathType: Prefix, backend: { service: { name: empty, port: { number: 80 } } } }
---
apiVersion: v1
kind: Service
metadata: { name: cart }
spec:
  selector: { app: cart }
  ports: [{ name: http, port: 80, targetPort: 8080 }, { name: admin, port: 81 }]
---
apiVersion: v1
kind: Service
metadata: { name: empty }
spec: { selector: { app: none }, ports: [{ port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: cart }
spec:
  replicas: 2
  selector: { matchLabels: { app: cart } }
  template:
    metadata: { labels: { app: cart } }
    spec: { containers: [{ name: cart, ports: [{ containerPort: 8080 }, { containerPort: 81 }] }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: job }
spec:
  selector: { matchLabels: { app: job } }
  template:
    metadata: { labels: { app: job } }
    spec:
      containers:
        - name: job
          env: [{ name: CART_URL, value: "http://cart:80/" }, { name: OLD_URL, value: "http://cart:8081/" }]
`;

const gateway = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: public }
spec:
  gatewayClassName: eg
  listeners: [{ name: web, port: 80, protocol: HTTP }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: new }
spec:
  parentRefs: [{ name: public }]
  hostnames: [new.example.com]
  rules:
    - backendRefs: [{ name: cart, port: 80 }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: lost }
spec:
  parentRefs: [{ name: public, sectionName: none }]
  hostnames: [lost.example.com]
  rules: [{ backendRefs: [{ name: cart, port: 80 }] }]
`;

const files = { 'shop.yaml': shop, 'gateway.yaml': gateway };

/** What is reached from a cursor, or who reaches it, step by step; where each step is written. */
function tree(workspace: Workspace, texts: Readonly<Record<string, string>>, at: string, way: 'in' | 'out'): string {
  const { uri, position } = placeOf(texts, at);
  const steps = way === 'in' ? stopsBefore : stopsBehind;
  const printed = (stop: PlacedStop, depth: number, ranges: PlacedStep['ranges']): string[] => [
    `${'  '.repeat(depth)}${stop.name}${stop.detail === '' ? '' : ` (${stop.detail})`}` +
      `${ranges.map(({ start }) => ` @${start.line + 1}`).join('')}`,
    ...(depth === 4 ? [] : steps(workspace, stop.data).flatMap((each) => printed(each.stop, depth + 1, each.ranges))),
  ];
  return stopsAt(workspace, workspace.has(uri) ? uri : `/w/${uri}`, position)
    .flatMap((each) => printed(each, 0, []))
    .join('\n');
}

function inFiles(at: string, way: 'in' | 'out'): string {
  const workspace = new Workspace();
  for (const [uri, text] of Object.entries(files)) workspace.put(uri, text);
  return tree(workspace, files, at, way);
}

test('what a host reaches', () => {
  expect(inFiles('host: shop.ex|ample.com', 'out')).toMatchInlineSnapshot(`
    "shop.example.com
      Ingress edge (3 hops from LB, SNAT applied, some answered 503: no backend) @7
        Service cart (3 hops from LB, SNAT applied) @10
          Deployment cart (2 pods, 1 hop from pod, no SNAT) @17
        Service empty (no way in: answered 503: no backend) @11"
  `);
  expect(inFiles('hostnames: [new.ex|ample.com]', 'out')).toMatchInlineSnapshot(`
    "new.example.com
      Gateway public (3 hops from LB, no SNAT) @13
        HTTPRoute new (3 hops from LB, no SNAT) @6
          Service cart (3 hops from LB, no SNAT) @15
            Deployment cart (2 pods, 1 hop from pod, no SNAT) @17"
  `);
  expect(inFiles('hostnames: [lost.ex|ample.com]', 'out')).toMatchInlineSnapshot(`
    "lost.example.com
      HTTPRoute lost (no way in: NoMatchingParent) @22
        Service cart (no way in: NoMatchingParent) @23
          Deployment cart (2 pods, 1 hop from pod, no SNAT) @17"
  `);
});

test('who reaches pods', () => {
  expect(inFiles('metadata: { name: cart }\nspec:\n  replica|s', 'in')).toMatchInlineSnapshot(`
    "Deployment cart
      Service cart (1 hop from pod, no SNAT) @17
        Ingress edge (3 hops from LB, SNAT applied) @10
          shop.example.com @7
        HTTPRoute new (3 hops from LB, no SNAT) @15
          Gateway public (listener web, :80) @3
            new.example.com (at listener web, :80) @13
        HTTPRoute lost (no way in: NoMatchingParent) @23
          Gateway public (no way in: NoMatchingParent) @3
            new.example.com (at listener web, :80) @13
        Deployment job (:80 1 hop from pod, no SNAT; :8081 dropped: no such port) @45 @45"
  `);
});

test('whom policies shut out is told so, where they ask and where they are asked', () => {
  const texts = {
    'shop.yaml': `${shop}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: allow-nginx }
spec:
  podSelector: { matchLabels: { app: cart } }
  ingress: [{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ingress-nginx } } }] }]
`,
  };
  const workspace = new Workspace();
  workspace.put('shop.yaml', texts['shop.yaml']);
  expect(tree(workspace, texts, 'metadata: { name: cart }\nspec:\n  replica|s', 'in')).toMatchInlineSnapshot(`
    "Deployment cart
      Service cart (1 hop from pod, denied by allow-nginx) @17
        Ingress edge (unknown: whether allow-nginx lets it through) @10
          shop.example.com @7
        Deployment job (:80 1 hop from pod, denied by allow-nginx; :8081 dropped: no such port) @45 @45"
  `);
  expect(tree(workspace, texts, 'metadata: { name: jo|b }', 'out')).toMatchInlineSnapshot(`
    "Deployment job
      Service cart (:80 1 hop from pod, denied by allow-nginx; :8081 dropped: no such port) @45 @45
        Deployment cart (2 pods, 1 hop from pod, denied by allow-nginx) @17"
  `);
});

test('who reaches a port', () => {
  expect(inFiles('name: http, port: 8|0', 'in')).toMatchInlineSnapshot(`
    "Service cart :80 (1 hop from pod, no SNAT)
      Ingress edge (3 hops from LB, SNAT applied) @10
        shop.example.com @7
      HTTPRoute new (3 hops from LB, no SNAT) @15
        Gateway public (listener web, :80) @3
          new.example.com (at listener web, :80) @13
      HTTPRoute lost (no way in: NoMatchingParent) @23
        Gateway public (no way in: NoMatchingParent) @3
          new.example.com (at listener web, :80) @13
      Deployment job (1 hop from pod, no SNAT) @45"
  `);
  expect(inFiles('name: admin, port: 8|1', 'in')).toMatchInlineSnapshot(`"Service cart :81 (1 hop from pod, no SNAT)"`);
  expect(inFiles('name: admin, port: 8|1', 'out')).toMatchInlineSnapshot(`
    "Service cart :81 (1 hop from pod, no SNAT)
      Deployment cart (2 pods, 1 hop from pod, no SNAT) @17"
  `);
});

test('what a workload asks', () => {
  expect(inFiles('metadata: { name: jo|b }', 'out')).toMatchInlineSnapshot(`
    "Deployment job
      Service cart (:80 1 hop from pod, no SNAT; :8081 dropped: no such port) @45 @45
        Deployment cart (2 pods, 1 hop from pod, no SNAT) @17"
  `);
});

test('what is gone by then', () => {
  const workspace = new Workspace();
  workspace.put('shop.yaml', shop);
  const [stop] = stopsAt(workspace, 'shop.yaml', { line: 2, character: 20 });
  workspace.remove('shop.yaml');
  expect(stop === undefined ? null : stopsBehind(workspace, stop.data)).toEqual([]);
});

test('in what is built', async () => {
  const built = {
    'base/kustomization.yaml': 'resources: [shop.yaml]\n',
    'base/shop.yaml': shop,
    'prod/kustomization.yaml': 'resources: [../base]\nnamePrefix: prod-\n',
    'chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 1.0.0\n',
    'chart/templates/api.yaml': `apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}-api
spec:
  type: LoadBalancer
  selector: { app: api }
  ports: [{ port: 80 }]
---
apiVersion: v1
kind: Pod
metadata: { name: api, labels: { app: api } }
spec: { containers: [{ name: api, ports: [{ containerPort: 80 }] }] }
`,
  };
  const { workspace } = await new BuiltInMemory(renderer, built).build();
  expect(tree(workspace, built, 'host: shop.ex|ample.com', 'out')).toMatchInlineSnapshot(`
    "shop.example.com
      Ingress prod-edge (3 hops from LB, SNAT applied, some answered 503: no backend) @7
        Service prod-cart (3 hops from LB, SNAT applied) @10
          Deployment prod-cart (2 pods, 1 hop from pod, no SNAT) @17
        Service prod-empty (no way in: answered 503: no backend) @11"
  `);
  expect(tree(workspace, built, 'name: {{ .Rel|ease.Name }}-api', 'out')).toMatchInlineSnapshot(`
    "Service chart-api (2 hops from LB, SNAT applied)
      Pod api (1 pod, 2 hops from LB, SNAT applied) @7"
  `);
});
