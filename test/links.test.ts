import { afterAll, expect, test } from 'vitest';
import { rendererBeside } from '../render/beside.ts';
import { definitionsAt, typeDefinitionsAt } from '../shared/insight/navigation/definitions.ts';
import { occurrencesAt } from '../shared/insight/navigation/occurrences.ts';
import { Workspace } from '../shared/insight/workspace.ts';
import type { Site } from '../shared/manifest/position.ts';
import { BuiltInMemory } from './built/inMemory.ts';
import { placeOf } from './scene.ts';

const renderer = rendererBeside({ mostMilliseconds: 60_000 });
afterAll(() => renderer.stop());

/** What somebody asks at the `|` of a text, and the lines that are answered. */
interface Case {
  readonly at: string;
  readonly leadsTo: readonly string[];
  /** Who answers in its place. */
  readonly answers?: readonly string[];
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

function check(texts: Readonly<Record<string, string>>, { at, leadsTo, answers, occurs }: Case): void {
  const workspace = new Workspace();
  for (const [uri, text] of Object.entries(texts)) workspace.put(uri, text);
  const { uri, position } = placeOf(texts, at);
  expect(lines(definitionsAt(workspace, uri, position))).toEqual(leadsTo);
  if (answers !== undefined) expect(lines(typeDefinitionsAt(workspace, uri, position))).toEqual(answers);
  if (occurs !== undefined)
    expect(lines(occurrencesAt(workspace, uri, position).map(({ site }) => site))).toEqual(occurs.toSorted());
}

test.each(cases)('$at', (each) => check(files, each));

/** A Gateway with its class and controller, a route and a grant between namespaces, policies, whoever names more. */
const apart = {
  'edge.yaml': `apiVersion: v1
kind: Namespace
metadata: { name: edge, labels: { team: platform } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: contour }
spec: { controllerName: projectcontour.io/gateway-controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: public, namespace: edge }
spec:
  gatewayClassName: contour
  listeners:
    - name: web
      port: 443
      protocol: HTTPS
      hostname: "*.example.com"
      tls: { certificateRefs: [{ name: wild, namespace: certs }] }
      allowedRoutes: { namespaces: { from: Selector, selector: { matchLabels: { team: shop } } } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: { name: to-wild, namespace: certs }
spec:
  from: [{ group: gateway.networking.k8s.io, kind: Gateway, namespace: edge }]
  to: [{ group: "", kind: Secret, name: wild }]
---
apiVersion: v1
kind: Secret
metadata: { name: wild, namespace: certs }
---
apiVersion: v1
kind: Service
metadata:
  name: envoy
  namespace: edge
  labels: { gateway.networking.k8s.io/gateway-name: public }
spec: { type: LoadBalancer, selector: { app: envoy }, ports: [{ port: 443, targetPort: 8443 }] }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: envoy, namespace: edge }
spec:
  selector: { matchLabels: { app: envoy } }
  template:
    metadata: { labels: { app: envoy } }
    spec: { containers: [{ name: envoy, image: envoyproxy/envoy:v1.36.0, ports: [{ containerPort: 8443 }] }] }
`,
  'shop.yaml': `apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    team: shop
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: cart, namespace: shop }
spec:
  parentRefs: [{ name: public, namespace: edge }]
  hostnames: [cart.example.com]
  rules:
    - filters: [{ type: RequestMirror, requestMirror: { backendRef: { name: cart, port: 81 } } }]
      backendRefs: [{ name: cart, port: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec:
  clusterIP: None
  selector: { app: cart }
  ports:
    - { name: http, port: 80, targetPort: web }
    - { name: copy, port: 81 }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: cart, namespace: shop }
spec:
  serviceName: cart
  selector: { matchLabels: { app: cart } }
  template:
    metadata: { labels: { app: cart } }
    spec:
      subdomain: cart
      topologySpreadConstraints: [{ maxSkew: 1, labelSelector: { matchLabels: { app: cart } } }]
      containers:
        - name: cart
          ports: [{ name: web, containerPort: 8080 }, { name: copy, containerPort: 81 }]
          lifecycle: { preStop: { httpGet: { port: copy } } }
          envFrom: [{ configMapRef: { name: settings } }]
          env:
            - { name: KEY, valueFrom: { configMapKeyRef: { name: settings, key: level } } }
            - { name: LOG_URL, value: "http://log.tools.svc.cluster.local:9000/" }
      volumes: [{ name: keys, secret: { secretName: keys } }]
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: shop }
data: { level: info }
---
apiVersion: v1
kind: Secret
metadata: { name: keys, namespace: shop }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: cart, namespace: shop }
spec:
  podSelector: { matchLabels: { app: cart } }
  ingress:
    - from: [{ namespaceSelector: { matchLabels: { team: platform } }, podSelector: { matchLabels: { app: envoy } } }]
      ports: [{ port: web }]
  egress:
    - to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: tools } }, podSelector: {} }]
      ports: [{ port: logs }]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: cart, namespace: shop }
spec: { minAvailable: 1, selector: { matchLabels: { app: cart } } }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: cart, namespace: shop }
spec: { scaleTargetRef: { kind: StatefulSet, name: cart } }
---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: { name: cart, namespace: shop }
spec: { selector: { matchLabels: { app: cart } }, podMetricsEndpoints: [{ port: web }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: cart, namespace: shop }
spec:
  hosts: [cart.example.com]
  http: [{ route: [{ destination: { host: cart.shop.svc.cluster.local, port: { number: 80 } } }] }]
`,
  'tools.yaml': `apiVersion: v1
kind: Namespace
metadata: { name: tools }
---
apiVersion: v1
kind: Service
metadata: { name: log, namespace: tools }
spec: { selector: { app: log }, ports: [{ port: 9000, targetPort: logs }] }
---
apiVersion: v1
kind: Pod
metadata: { name: log, namespace: tools, labels: { app: log } }
spec: { containers: [{ name: log, ports: [{ name: logs, containerPort: 9000 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: alias, namespace: tools }
spec: { type: ExternalName, externalName: cart.shop.svc.cluster.local }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: log, namespace: tools }
spec:
  ingressClassName: nginx
  tls: [{ hosts: [log.example.com] }]
  rules:
    - { host: log.example.com, http: { paths: [{ backend: { service: { name: log, port: { number: 9000 } } } }] } }
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: nginx }
spec: { controller: k8s.io/ingress-nginx }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: controller, namespace: tools }
spec:
  selector: { matchLabels: { app: nginx } }
  template:
    metadata: { labels: { app: nginx } }
    spec: { containers: [{ name: nginx, image: registry.k8s.io/ingress-nginx/controller:v1.13.0 }] }
`,
};

const ofApart: readonly Case[] = [
  { at: 'gatewayClassName: con|tour', leadsTo: ['edge.yaml:7'], answers: ['edge.yaml:37', 'edge.yaml:44'] },
  { at: 'controllerName: project|contour', leadsTo: ['edge.yaml:37', 'edge.yaml:44'] },
  { at: '{ name: public, namespace: ed|ge }]', leadsTo: ['edge.yaml:3'] },
  { at: '[{ name: pub|lic, namespace: edge }]', leadsTo: ['edge.yaml:12'] },
  { at: 'name: wild, namespace: cer|ts }] }', leadsTo: ['edge.yaml:25'], occurs: ['edge.yaml:20', 'edge.yaml:25'] },
  {
    at: 'kind: Secret, name: wi|ld',
    leadsTo: ['edge.yaml:32'],
    occurs: ['edge.yaml:20', 'edge.yaml:28', 'edge.yaml:32'],
  },
  { at: 'kind: Gateway, namespace: ed|ge', leadsTo: ['edge.yaml:3'] },
  { at: 'selector: { matchLabels: { te|am: shop', leadsTo: ['shop.yaml:6'] },
  { at: 'hostname: "*.exam|ple.com"', leadsTo: ['edge.yaml:19'] },
  { at: 'hostnames: [ca|rt.example.com]', leadsTo: ['edge.yaml:19', 'shop.yaml:13', 'shop.yaml:89'] },
  { at: 'kind: HTTPRoute\nmetadata: { name: ca|rt', leadsTo: ['shop.yaml:10'], answers: ['edge.yaml:12'] },
  { at: 'name: cart, port: 8|1 }', leadsTo: ['shop.yaml:26'], answers: ['shop.yaml:41'] },
  { at: '[{ name: ca|rt, port: 80 }]', leadsTo: ['shop.yaml:20'], answers: ['shop.yaml:30'] },
  { at: 'serviceName: ca|rt', leadsTo: ['shop.yaml:20'] },
  { at: 'subdomain: ca|rt', leadsTo: ['shop.yaml:20'] },
  { at: 'preStop: { httpGet: { port: co|py', leadsTo: ['shop.yaml:41'] },
  { at: 'configMapRef: { name: sett|ings', leadsTo: ['shop.yaml:51'] },
  { at: 'key: lev|el', leadsTo: ['shop.yaml:52'] },
  { at: 'secretName: ke|ys', leadsTo: ['shop.yaml:56'] },
  { at: 'http://lo|g.tools', leadsTo: ['tools.yaml:7'], answers: ['tools.yaml:12'] },
  { at: 'http://log.too|ls', leadsTo: ['tools.yaml:3'] },
  { at: 'namespaceSelector: { matchLabels: { team: plat|form', leadsTo: ['edge.yaml:3'] },
  { at: 'podSelector: { matchLabels: { app: en|voy', leadsTo: ['edge.yaml:48'] },
  { at: 'ports: [{ port: we|b }]', leadsTo: ['shop.yaml:41'] },
  { at: 'metadata.name: too|ls', leadsTo: ['tools.yaml:3'] },
  { at: 'ports: [{ port: lo|gs }]', leadsTo: ['tools.yaml:13'] },
  { at: 'minAvailable: 1, selector: { matchLabels: { app: ca|rt', leadsTo: ['shop.yaml:35'] },
  { at: 'kind: StatefulSet, name: ca|rt', leadsTo: ['shop.yaml:30'] },
  { at: 'podMetricsEndpoints: [{ port: we|b', leadsTo: ['shop.yaml:41'] },
  { at: 'host: car|t.shop.svc.cluster.local, port', leadsTo: ['shop.yaml:20'] },
  { at: 'cluster.local, port: { number: 8|0', leadsTo: ['shop.yaml:25'] },
  { at: 'externalName: ca|rt', leadsTo: ['shop.yaml:20'] },
  { at: 'tls: [{ hosts: [lo|g.example.com]', leadsTo: ['tools.yaml:27'], occurs: ['tools.yaml:25', 'tools.yaml:27'] },
  { at: 'ingressClassName: ngi|nx', leadsTo: ['tools.yaml:31'], answers: ['tools.yaml:36'] },
  { at: 'controller: k8s.io/ing|ress-nginx', leadsTo: ['tools.yaml:36'] },
];

test.each(ofApart)('across namespaces: $at', (each) => check(apart, each));

const guarded = {
  'policies.yaml': `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress:
    - from:
        - podSelector: { matchExpressions: [{ key: app, operator: NotIn, values: [old] }] }
        - namespaceSelector: {}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny, namespace: shop }
spec: { podSelector: {} }
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: all }
spec:
  tier: Admin
  priority: 1
  subject: { namespaces: { matchLabels: { kubernetes.io/metadata.name: shop } } }
  ingress:
    - action: Deny
      from: [{ pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: old } } } }]
`,
  'web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec: { template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: web }] } } }
---
apiVersion: v1
kind: Pod
metadata: { name: old, namespace: attic, labels: { app: old } }
spec: { containers: [{ name: old }] }
`,
};

const ofGuarded: readonly Case[] = [
  { at: 'name: default-deny, namespace: shop }\nspec: { podSel|ector: {} }', leadsTo: ['web.yaml:3'] },
  { at: 'namespaceSel|ector: {}\n', leadsTo: ['web.yaml:3', 'web.yaml:8'] },
  { at: 'from: [{ pods: { namespaceSelector: {}, podSel|ector', leadsTo: ['web.yaml:8'] },
  {
    at: 'kind: Deployment\nmetadata: { name: w|eb',
    leadsTo: ['web.yaml:3'],
    occurs: [
      'policies.yaml:5',
      'policies.yaml:8',
      'policies.yaml:9',
      'policies.yaml:14',
      'policies.yaml:22',
      'web.yaml:3',
    ],
  },
  {
    at: 'kind: Pod\nmetadata: { name: o|ld',
    leadsTo: ['web.yaml:8'],
    occurs: ['policies.yaml:9', 'policies.yaml:25', 'web.yaml:8'],
  },
];

test.each(ofGuarded)('policies and pods: $at', (each) => check(guarded, each));

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
  'prod/kustomization.yaml': 'resources: [../base, extra.yaml]\nnamePrefix: prod-\npatches: [{ path: port.yaml }]\n',
  'prod/port.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: shop }\nspec: { externalTrafficPolicy: Local }\n',
  // Without the prefix, by which what isn't known to kustomize as a reference leads nowhere.
  'test/kustomization.yaml': 'resources: [../base]\n',
  'prod/extra.yaml': `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: extra }
spec:
  rules:
    - host: "shop.example.com"
      http:
        paths:
          - { path: /extra, pathType: Exact, backend: { service: { name: shop, port: { name: http } } } }
`,
  'chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 1.0.0\n',
  'chart/values.yaml': 'port: web\nhost: api.example.com\nclass: public\n',
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
spec:
  containers:
    - name: api
      envFrom:
        - configMapRef:
            name: api-settings
      ports: [{ name: {{ .Values.port }}, containerPort: 8080 }]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: api }
spec:
  defaultBackend:
    service:
      name: {{ .Release.Name }}-api
      port:
        number: 80
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: {{ .Values.class }} }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: api-settings }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: hosts }
spec:
  ingressClassName: {{ .Values.class }}
  rules:
    - host: {{ .Values.host }}
`,
};

/** One that leaves its pods to a Deployment says nothing of where others name what their pods are given. */
test('a Rollout with a template of its own behind one without', () => {
  const rollouts = {
    'first.yaml':
      'apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: { name: first }\nspec: { workloadRef: {} }\n',
    'second.yaml': `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: second }
spec: { template: { spec: { volumes: [{ name: a, configMap: { name: settings } }] } } }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
`,
  };
  const asked = new Workspace();
  for (const [uri, text] of Object.entries(rollouts)) asked.put(uri, text);
  definitionsAt(asked, 'first.yaml', placeOf(rollouts, 'workloadRef|').position);
  check(rollouts, { at: 'configMap: { name: sett|ings', leadsTo: ['second.yaml:8'] });
});

const ofBuilt: readonly Case[] = [
  { at: 'Prefix\n            backend: { service: { name: sh|op', leadsTo: ['base/shop.yaml:3'] },
  { at: 'targetPort: we|b', leadsTo: ['base/shop.yaml:25'] },
  { at: 'resources: [../ba|se, ', leadsTo: ['base/kustomization.yaml:1'] },
  { at: '[{ path: por|t.yaml }]', leadsTo: ['prod/port.yaml:1'] },
  { at: '[shop.ya|ml, around', leadsTo: ['base/shop.yaml:1'] },
  { at: '      name: {{ .Rel|ease.Name }}-api', leadsTo: ['chart/templates/api.yaml:4'] },
  { at: 'selector: { app: ap|i }', leadsTo: ['chart/templates/api.yaml:11'] },
  // A patch leads to its base, and what it adds to what is there.
  { at: 'kind: Service\nmetadata: { name: sh|op }\nspec: { external', leadsTo: ['base/shop.yaml:3'] },
  { at: 'path: /extra, pathType: Exact, backend: { service: { name: sh|op', leadsTo: ['base/shop.yaml:3'] },
  {
    at: 'path: /extra, pathType: Exact, backend: { service: { name: shop, port: { name: ht|tp',
    leadsTo: ['base/shop.yaml:8'],
  },
  { at: 'name: ed|ge, sectionName: web', leadsTo: ['base/around.yaml:25'] },
  { at: 'sectionName: w|eb', leadsTo: ['base/around.yaml:29'] },
  { at: 'ingressClassName: ng|inx', leadsTo: ['base/around.yaml:17'] },
  { at: 'secretName: shop|-tls', leadsTo: ['base/around.yaml:21'] },
  { at: 'values: [sh|op]', leadsTo: ['base/shop.yaml:20'] },
  { at: 'ports: [{ port: 80|80 }]', leadsTo: ['base/shop.yaml:26'] },
  { at: 'kind: Deployment, name: s|hop', leadsTo: ['base/shop.yaml:14'] },
  { at: '- host: shop.exa|mple.com', leadsTo: ['base/around.yaml:8', 'prod/extra.yaml:6'] },
  // In a template, through the action that writes it.
  { at: 'host: {{ .Values.ho|st }}', leadsTo: ['chart/values.yaml:2'] },
  { at: 'ingressClassName: {{ .Val|ues.class }}', leadsTo: ['chart/templates/api.yaml:31'] },
  { at: 'configMapRef:\n            name: api-set|tings', leadsTo: ['chart/templates/api.yaml:36'] },
  { at: 'targetPort: {{ .Va|lues.port }}', leadsTo: ['chart/values.yaml:1'] },
  { at: 'port:\n        number: 8|0', leadsTo: ['chart/templates/api.yaml:7'] },
];

test('in what is built, to the lines that are edited', async () => {
  const { workspace } = await new BuiltInMemory(renderer, built).build();
  const found = ofBuilt.map(({ at }) => {
    const { uri, position } = placeOf(built, at);
    return { at, leadsTo: lines(definitionsAt(workspace, `/w/${uri}`, position)) };
  });
  expect(found).toEqual(ofBuilt);
});
