import { afterAll, expect, test } from 'vitest';
import { rendererBeside } from '../render/beside.ts';
import { definitionsAt } from '../shared/insight/navigation/definitions.ts';
import { occurrencesAt } from '../shared/insight/navigation/occurrences.ts';
import { Workspace } from '../shared/insight/workspace.ts';
import type { Site } from '../shared/manifest/position.ts';
import { BuiltInMemory } from './built/inMemory.ts';
import { placeOf } from './scene.ts';

const renderer = rendererBeside();
afterAll(() => renderer.stop());

/** What somebody asks at the `|` of a text, and the lines that are answered. */
interface Case {
  readonly at: string;
  readonly leadsTo: readonly string[];
  /** Who refers to the same, the thing itself too. */
  readonly occurs?: readonly string[];
}

const shop = `apiVersion: v1
kind: Service
metadata: { name: shop }
spec:
  selector:
    app: shop
  ports:
    - name: http
      port: 80
      targetPort: web
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: shop }
spec:
  selector: { matchLabels: { app: shop } }
  template:
    metadata:
      labels:
        app: shop
    spec:
      containers:
        - name: shop
          ports:
            - name: web
              containerPort: 8080
          readinessProbe: { httpGet: { port: web } }
`;

const around = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec:
  ingressClassName: nginx
  tls: [{ secretName: shop-tls }]
  rules:
    - host: shop.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: { service: { name: shop, port: { name: http } } }
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: nginx }
---
apiVersion: v1
kind: Secret
metadata: { name: shop-tls }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  gatewayClassName: envoy
  listeners:
    - { name: web, port: 80, protocol: HTTP }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: edge, sectionName: web }]
  rules:
    - backendRefs: [{ name: shop, port: 80 }]
---
apiVersion: v1
kind: ConfigMap
metadata: { name: urls }
data:
  url: http://shop.default.svc:80/shop
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: shop }
spec:
  podSelector:
    matchExpressions: [{ key: app, operator: In, values: [shop] }]
  ingress:
    - ports: [{ port: 8080 }]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: shop }
spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: shop } }
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: { name: shop }
spec: { selector: { matchExpressions: [{ key: team, operator: DoesNotExist }] }, endpoints: [{ port: http }] }
`;

const files = { 'shop.yaml': shop, 'around.yaml': around };

function lines(sites: readonly Site[]): string[] {
  return sites.map(({ uri, range }) => `${uri.replace('/w/', '')}:${range.start.line + 1}`).toSorted();
}

const users = ['around.yaml:13', 'around.yaml:37', 'around.yaml:43', 'shop.yaml:3'];
const ofPort = ['around.yaml:13', 'around.yaml:37', 'around.yaml:43', 'around.yaml:62'];
const ofLabel = ['around.yaml:50', 'around.yaml:50', 'shop.yaml:16', 'shop.yaml:20', 'shop.yaml:6'];
const ofContainerPort = ['around.yaml:52', 'shop.yaml:10', 'shop.yaml:27'];

const cases: readonly Case[] = [
  { at: 'service: { name: sh|op', leadsTo: ['shop.yaml:3'], occurs: users },
  { at: 'kind: Service\nmetadata: { name: |shop', leadsTo: ['shop.yaml:3'], occurs: users },
  { at: '[{ name: sh|op, port: 80 }]', leadsTo: ['shop.yaml:3'], occurs: users },
  { at: 'url: http://sh|op.', leadsTo: ['shop.yaml:3'], occurs: users },
  { at: 'svc:8|0/shop', leadsTo: ['shop.yaml:9'], occurs: [...ofPort, 'shop.yaml:9'] },
  { at: 'port: { name: htt|p }', leadsTo: ['shop.yaml:8'], occurs: [...ofPort, 'shop.yaml:8'] },
  { at: '[{ port: ht|tp }]', leadsTo: ['shop.yaml:8'] },
  { at: 'shop, port: 8|0 }', leadsTo: ['shop.yaml:9'] },
  { at: '    app: sh|op\n  ports', leadsTo: ['shop.yaml:20'], occurs: ofLabel },
  { at: '  sele|ctor:\n', leadsTo: ['shop.yaml:20'] },
  { at: 'values: [sh|op]', leadsTo: ['shop.yaml:20'], occurs: ofLabel },
  { at: 'targetPort: w|eb', leadsTo: ['shop.yaml:25'], occurs: [...ofContainerPort, 'shop.yaml:25'] },
  { at: 'httpGet: { port: w|eb', leadsTo: ['shop.yaml:25'] },
  { at: 'port: 80|80 }', leadsTo: ['shop.yaml:26'], occurs: [...ofContainerPort, 'shop.yaml:26'] },
  { at: 'ingressClassName: ngin|x', leadsTo: ['around.yaml:17'], occurs: ['around.yaml:17', 'around.yaml:5'] },
  { at: 'secretName: |shop-tls', leadsTo: ['around.yaml:21'] },
  { at: 'parentRefs: [{ name: ed|ge', leadsTo: ['around.yaml:25'] },
  { at: 'sectionName: we|b', leadsTo: ['around.yaml:29'], occurs: ['around.yaml:29', 'around.yaml:35'] },
  { at: 'kind: Deployment, name: s|hop', leadsTo: ['shop.yaml:14'] },
  { at: 'gatewayClassName: env|oy', leadsTo: [], occurs: [] },
  { at: 'pathType: Pre|fix', leadsTo: [], occurs: [] },
];

test.each(cases)('$at', ({ at, leadsTo, occurs }) => {
  const workspace = new Workspace();
  for (const [uri, text] of Object.entries(files)) workspace.put(uri, text);
  const { uri, position } = placeOf(files, at);
  expect(lines(definitionsAt(workspace, uri, position))).toEqual(leadsTo);
  if (occurs !== undefined)
    expect(lines(occurrencesAt(workspace, uri, position).map(({ site }) => site))).toEqual(occurs.toSorted());
});

test.each([
  ['no such file', 'none.yaml', 0, 0],
  ['beyond the text', 'shop.yaml', 900, 3],
  ['beyond a line', 'shop.yaml', 2, 900],
  ['broken YAML', 'broken.yaml', 2, 12],
])('%s leads nowhere', (_, uri, line, character) => {
  const workspace = new Workspace();
  workspace.put('shop.yaml', shop);
  workspace.put('broken.yaml', 'kind: Service\nmetadata:\n  name: [shop\n');
  expect(definitionsAt(workspace, uri, { line, character })).toEqual([]);
  expect(occurrencesAt(workspace, uri, { line, character })).toEqual([]);
});

const built = {
  'base/kustomization.yaml': 'resources: [shop.yaml, around.yaml]\n',
  'base/shop.yaml': shop,
  'base/around.yaml': around,
  'prod/kustomization.yaml': 'resources: [../base]\nnamePrefix: prod-\npatches: [{ path: port.yaml }]\n',
  'prod/port.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: shop }\nspec: { externalTrafficPolicy: Local }\n',
  'chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 1.0.0\n',
  'chart/values.yaml': 'port: web\n',
  'chart/templates/api.yaml': `apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}-api
spec:
  selector: { app: api }
  ports: [{ port: 80, targetPort: {{ .Values.port }} }]
---
apiVersion: v1
kind: Pod
metadata: { name: api, labels: { app: api } }
spec: { containers: [{ name: api, ports: [{ name: {{ .Values.port }}, containerPort: 8080 }] }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: api }
spec:
  defaultBackend:
    service:
      name: {{ .Release.Name }}-api
      port: { number: 80 }
`,
};

const ofBuilt: readonly Case[] = [
  { at: 'backend: { service: { name: sh|op', leadsTo: ['base/shop.yaml:3'] },
  { at: 'targetPort: we|b', leadsTo: ['base/shop.yaml:25'] },
  { at: 'resources: [../ba|se]', leadsTo: ['base/kustomization.yaml:1'] },
  { at: '[{ path: por|t.yaml }]', leadsTo: ['prod/port.yaml:1'] },
  { at: '[shop.ya|ml, around', leadsTo: ['base/shop.yaml:1'] },
  { at: '      name: {{ .Rel|ease.Name }}-api', leadsTo: ['chart/templates/api.yaml:4'] },
  { at: 'selector: { app: ap|i }', leadsTo: ['chart/templates/api.yaml:11'] },
];

test('in what is built, to the lines that are edited', async () => {
  const { workspace } = await new BuiltInMemory(renderer, built).build();
  const found = ofBuilt.map(({ at }) => {
    const { uri, position } = placeOf(built, at);
    return { at, leadsTo: lines(definitionsAt(workspace, `/w/${uri}`, position)) };
  });
  expect(found).toEqual(ofBuilt);
});
