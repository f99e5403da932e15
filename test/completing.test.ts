import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { rendererBeside } from '../render/beside.ts';
import { completionsAt } from '../shared/insight/completing/completions.ts';
import { linksOf, manifestIn } from '../shared/insight/navigation/things.ts';
import { Workspace } from '../shared/insight/workspace.ts';
import type { Field } from '../shared/manifest/manifest.ts';
import type { Range } from '../shared/manifest/position.ts';
import { BuiltInMemory } from './built/inMemory.ts';

const shop = `apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec:
  selector: { app: cart }
  ports:
    - { name: http, port: 80, targetPort: web }
    - { name: metrics, port: 9090 }
---
apiVersion: v1
kind: Service
metadata: { name: pay, namespace: shop }
spec: { selector: { app: pay }, ports: [{ port: 443 }] }
---
apiVersion: v1
kind: Service
metadata: { name: mail, namespace: post }
spec: { ports: [{ port: 25 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: cart, namespace: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: cart } }
  template:
    metadata: { labels: { app: cart, tier: front } }
    spec: { containers: [{ name: cart, ports: [{ name: web, containerPort: 8080 }, { containerPort: 9090 }] }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: pay, namespace: shop }
spec:
  selector: { matchLabels: { app: pay } }
  template:
    metadata: { labels: { app: pay, tier: back } }
    spec: { containers: [{ name: pay, ports: [{ name: tls, containerPort: 8443 }] }] }
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: nginx }
spec: { controller: k8s.io/ingress-nginx }
---
apiVersion: v1
kind: Secret
metadata: { name: shop-tls, namespace: shop }
type: kubernetes.io/tls
data: { tls.crt: "", tls.key: "" }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: shop }
data: { colour: red }
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: envoy }
spec: { controllerName: gateway.envoyproxy.io/gatewayclass-controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: shop }
spec:
  gatewayClassName: envoy
  listeners:
    - { name: web, port: 80, protocol: HTTP }
    - { name: secure, port: 443, protocol: HTTPS, hostname: "*.shop.example.com" }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { team: blue } }
`;

const head = (apiVersion: string, kind: string): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: new, namespace: shop }\n`;
const ingress = head('networking.k8s.io/v1', 'Ingress');
const route = head('gateway.networking.k8s.io/v1', 'HTTPRoute');
const service = head('v1', 'Service');
const policy = head('networking.k8s.io/v1', 'NetworkPolicy');
const clusterPolicy = head('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy').replace(
  ', namespace: shop',
  '',
);
const workload = head('apps/v1', 'Deployment');

/** What is offered at the `|` of a text beside the others, as `what is written: what it is`. */
function offered(text: string): string[] {
  const cursor = text.indexOf('|');
  const before = text.slice(0, cursor).split('\n');
  const typed = text.replace('|', '');
  const workspace = new Workspace();
  workspace.put('shop/all.yaml', shop);
  workspace.put('shop/typing.yaml', typed);
  const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  const { items } = workspace.ask(() => completionsAt(workspace, 'shop/typing.yaml', typed, position));
  return items.map(({ newText, detail }) => `${newText}  ${detail}`);
}

const backend =
  'spec:\n  rules:\n  - http:\n      paths:\n      - path: /\n        pathType: Prefix\n        backend:\n';

const cart = 'cart  Service in shop, 2 endpoints';
const pay = 'pay  Service in shop, 1 endpoint';
const cases: readonly (readonly [place: string, text: string, offers: readonly string[]])[] = [
  ["an Ingress's Service, nothing typed", `${ingress}${backend}          service:\n            name: |`, [cart, pay]],
  [
    'the same, half typed',
    `${ingress}${backend}          service:\n            name: ca|\n            port: {}`,
    [cart, pay],
  ],
  ['the same, in brackets', `${ingress}${backend}          service: { name: |, port: { number: 80 } }`, [cart, pay]],
  [
    'the same, in quotes',
    `${ingress}${backend}          service: { name: "c|" }`,
    ['"cart"  Service in shop, 2 endpoints', '"pay"  Service in shop, 1 endpoint'],
  ],
  [
    'the same, with another line broken',
    `${ingress}  nonsense\n${backend}          service:\n            name: |`,
    [cart, pay],
  ],
  [
    'its port by number',
    `${ingress}${backend}          service:\n            name: cart\n            port:\n              number: |`,
    ['80  80 → 8080 (http), Service cart', '9090  9090 → 9090 (metrics), Service cart'],
  ],
  [
    'its port by name',
    `${ingress}${backend}          service: { name: cart, port: { name: | } }`,
    ['http  80 → 8080 (http), Service cart', 'metrics  9090 → 9090 (metrics), Service cart'],
  ],
  [
    'what the path is called after, first',
    `${ingress}spec:\n  rules:\n  - host: cart.example.com\n    http:` +
      '\n      paths:\n      - path: /pay\n        backend: { service: { name: | } }',
    [pay, cart],
  ],
  ['its class', `${ingress}spec:\n  ingressClassName: |`, ['nginx  IngressClass of k8s.io/ingress-nginx']],
  ['its Secret', `${ingress}spec:\n  tls:\n  - secretName: |`, ['shop-tls  Secret in shop, kubernetes.io/tls']],
  ['a host', `${ingress}spec:\n  rules:\n  - host: |`, ['"*.shop.example.com"  Gateway edge']],
  [
    "a host of its tls: its rules' first",
    `${ingress}spec:\n  tls:\n  - hosts:\n    - |\n  rules:\n  - host: a.example.com`,
    ['a.example.com  Ingress new', '"*.shop.example.com"  Gateway edge'],
  ],
  ["a route's parent", `${route}spec:\n  parentRefs:\n  - name: |`, ['edge  Gateway in shop, 2 listeners']],
  [
    'its listener',
    `${route}spec:\n  parentRefs:\n  - name: edge\n    sectionName: |`,
    ['web  HTTP :80, Gateway edge', 'secure  HTTPS :443 *.shop.example.com, Gateway edge'],
  ],
  ["a route's backend", `${route}spec:\n  rules:\n  - backendRefs:\n    - name: |`, [cart, pay]],
  [
    'the same in another namespace',
    `${route}spec:\n  rules:\n  - backendRefs:\n    - namespace: post\n      name: |`,
    ['mail  Service in post, 0 endpoints'],
  ],
  [
    'its namespace, that with the Service first',
    `${route}spec:\n  rules:\n  - backendRefs:\n    - name: mail\n      namespace: |`,
    ['post  1 object here', 'shop  8 objects here'],
  ],
  [
    'its port',
    `${route}spec:\n  rules:\n  - backendRefs:\n    - name: cart\n      port: |`,
    ['80  80 → 8080 (http), Service cart', '9090  9090 → 9090 (metrics), Service cart'],
  ],
  [
    "a selector's key",
    `${service}spec:\n  selector:\n    |\n`,
    [
      'app: cart  picks Deployment cart',
      'app: pay  picks Deployment pay',
      'tier: back  picks Deployment pay',
      'tier: front  picks Deployment cart',
    ],
  ],
  [
    'the same, half typed',
    `${service}spec:\n  selector:\n    tier: back\n    a|\n`,
    ['app: pay  picks Deployment pay'],
  ],
  [
    'its value',
    `${service}spec:\n  selector:\n    app: |\n`,
    ['cart  picks Deployment cart', 'pay  picks Deployment pay'],
  ],
  [
    'its value, given another label',
    `${service}spec:\n  selector: { tier: back, app: | }`,
    ['pay  picks Deployment pay'],
  ],
  [
    'a targetPort',
    `${service}spec:\n  selector: { app: cart }\n  ports:\n  - port: 80\n    targetPort: |`,
    ['web  → 8080, Deployment cart', '8080  web, Deployment cart', '9090  Deployment cart'],
  ],
  [
    "a policy's own pods",
    `${policy}spec:\n  podSelector:\n    matchLabels:\n      tier: |`,
    ['back  picks Deployment pay', 'front  picks Deployment cart'],
  ],
  [
    'the values of an expression',
    `${policy}spec:\n  podSelector:\n    matchExpressions:\n    - { key: tier, operator: In, values: [front, |] }`,
    ['back  picks Deployment pay', 'front  picks Deployment cart'],
  ],
  [
    "a peer's namespaces",
    `${policy}spec:\n  podSelector: {}\n  ingress:\n  - from:` +
      `\n    - namespaceSelector:\n        matchLabels:\n          |`,
    [
      'kubernetes.io/metadata.name: shop  picks Namespace shop',
      'team: blue  picks Namespace shop',
      'kubernetes.io/metadata.name: post  namespace post, of which no Namespace is here',
    ],
  ],
  [
    "a peer's namespace, by its name",
    `${policy}spec:\n  podSelector: {}\n  ingress:\n  - from:` +
      `\n    - namespaceSelector:\n        matchLabels:\n          kubernetes.io/metadata.name: |`,
    ['shop  picks Namespace shop', 'post  namespace post, of which no Namespace is here'],
  ],
  [
    "a peer's pods, beside its namespaces",
    `${policy}spec:\n  podSelector: {}\n  egress:\n  - to:` +
      `\n    - namespaceSelector: { matchLabels: { team: blue } }\n      podSelector: { matchLabels: { tier: | } }`,
    ['back  picks Deployment pay', 'front  picks Deployment cart'],
  ],
  [
    'what a policy isolates for',
    `${policy}spec:\n  podSelector: { matchLabels: { app: cart } }\n  policyTypes:\n  - Ingress\n  - |`,
    ['Egress  isolates 2 pods for egress'],
  ],
  [
    "a policy's protocol",
    `${policy}spec:\n  podSelector: {}\n  ingress:\n  - ports:\n    - protocol: |`,
    ['TCP  what is meant where nothing is said', 'UDP  ', 'SCTP  '],
  ],
  [
    "a peer's port on the way out",
    `${policy}spec:\n  podSelector: {}\n  egress:\n  - to: [{ podSelector: { matchLabels: { app: pay } } }]\n` +
      '    ports:\n    - port: |',
    ['tls  → 8443, Deployment pay', '8443  tls, Deployment pay'],
  ],
  [
    "a cluster policy's subject",
    `${clusterPolicy}spec:\n  subject:\n    pods:\n      namespaceSelector: { matchLabels: { team: blue } }` +
      `\n      podSelector:\n        matchLabels:\n          tier: |`,
    ['back  picks Deployment pay', 'front  picks Deployment cart'],
  ],
  [
    "a cluster policy's named port",
    `${clusterPolicy}spec:\n` +
      '  subject: { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: pay } } } }' +
      `\n  ingress:\n  - protocols:\n    - destinationNamedPort: |`,
    ['tls  → 8443, Deployment pay'],
  ],
  [
    'a named port of a cluster policy for namespaces',
    `${clusterPolicy}spec:\n  subject: { namespaces: { matchLabels: { team: blue } } }` +
      `\n  ingress:\n  - protocols:\n    - destinationNamedPort: |`,
    ['web  → 8080, Deployment cart', 'tls  → 8443, Deployment pay'],
  ],
  [
    "a cluster policy's port by its number",
    `${clusterPolicy}spec:\n  egress:\n  - to: [{ namespaces: { matchLabels: { team: blue } } }]` +
      `\n    protocols:\n    - tcp: { destinationPort: { number: | } }`,
    ['8080  web, Deployment cart', '9090  Deployment cart', '8443  tls, Deployment pay'],
  ],
  [
    "a cluster policy's tier",
    `${clusterPolicy}spec:\n  tier: |`,
    ['Admin  before all NetworkPolicies', 'Baseline  where no NetworkPolicy isolates the pod'],
  ],
  [
    "a rule's action",
    `${clusterPolicy}spec:\n  ingress:\n  - action: |`,
    [
      'Accept  lets it through, whatever the policies behind say',
      'Deny  drops it, whatever the policies behind allow',
      'Pass  leaves it to the policies of the next tier',
    ],
  ],
  [
    "a policy's port",
    `${policy}spec:\n  podSelector: { matchLabels: { app: pay } }\n  ingress:\n  - ports:\n    - port: |`,
    ['tls  → 8443, Deployment pay', '8443  tls, Deployment pay'],
  ],
  [
    "a probe's port",
    `${workload}spec:\n  template:\n    spec:\n      containers:\n      - ports: [{ name: admin, containerPort: 81 }]` +
      '\n        readinessProbe: { httpGet: { port: | } }',
    ['admin  → 81, Deployment new', '81  admin, Deployment new'],
  ],
  [
    "a pod's labels: what its own selector and Services ask for",
    `${workload}spec:\n  selector: { matchLabels: { run: new } }\n  template:` +
      `\n    metadata:\n      labels:\n        |`,
    [
      'run: new  its own selector asks for it',
      'app: cart  Service cart asks for it',
      'app: pay  Service pay asks for it',
    ],
  ],
  [
    'a ConfigMap',
    `${workload}spec:\n  template:\n    spec:\n      containers:` +
      '\n      - envFrom:\n        - configMapRef:\n            name: |',
    ['settings  ConfigMap in shop'],
  ],
  [
    "a Service in a URL of a pod's environment",
    `${workload}spec:\n  template:\n    spec:\n      containers:` +
      '\n      - env: [{ name: CART, value: "http://c|:80/a" }]',
    [cart, pay],
  ],
  [
    'a key of a ConfigMap',
    `${workload}spec:\n  template:\n    spec:\n      containers:` +
      '\n      - env: [{ name: A, valueFrom: { configMapKeyRef: { name: settings, key: | } } }]',
    ['colour  key of ConfigMap settings'],
  ],
  [
    'what is scaled',
    `${head('autoscaling/v2', 'HorizontalPodAutoscaler')}spec:\n  scaleTargetRef:\n    kind: Deployment\n    name: |`,
    ['cart  Deployment in shop, 2 pods', 'pay  Deployment in shop, 1 pod'],
  ],
  [
    'its kind',
    `${head('autoscaling/v2', 'HorizontalPodAutoscaler')}spec:\n  scaleTargetRef:\n    name: pay\n    kind: |`,
    ['Service  Service pay in shop', 'Deployment  Deployment pay in shop'],
  ],
  [
    'a key before its colon',
    `${service}spec:\n  selector:\n    t|: front\n`,
    ['app  picks 2 Deployments', 'tier  picks 2 Deployments'],
  ],
  ['in JSON', '{ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "|" } }', []],
  [
    'the values that the controller reads',
    `${ingress.replace(' }', ', annotations: { nginx.ingress.kubernetes.io/ssl-redirect: | } }')}` +
      'spec: { ingressClassName: nginx }',
    ['"true"  ingress-nginx reads it', '"false"  ingress-nginx reads it'],
  ],
  ['nothing where nothing is referred to', `${service}spec:\n  type: |`, []],
  ['nothing for the name of the object itself', `apiVersion: v1\nkind: Service\nmetadata:\n  name: |`, []],
  ['nothing in a comment', `${ingress}spec:\n  # name: |`, []],
];

test.each(cases)('%s', (_, text, offers) => {
  expect(offered(text)).toEqual(offers);
});

/** One of so many names is erased; `ALL=1` erases each. */
const share = process.env.ALL === '1' ? 1 : 5;

test('a name that is erased in an example is offered, nearly always first', () => {
  const folder = join(import.meta.dirname, '..', 'examples');
  const workspace = new Workspace([folder]);
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    if (path.endsWith('.yaml')) workspace.put(join(folder, path), readFileSync(join(folder, path), 'utf8'));
  const marks = workspace.ask(() => workspace.uris().flatMap((uri) => marksIn(workspace, uri)));
  const places = marks
    .filter((_, index) => index % share === 0)
    .map(({ uri, text, range: { start, end }, name }) => {
      const lines = text.split('\n');
      const line = lines[start.line] ?? '';
      const typed = lines.with(start.line, line.slice(0, start.character) + line.slice(end.character)).join('\n');
      workspace.put(uri, typed);
      const { items } = workspace.ask(() => completionsAt(workspace, uri, typed, start));
      workspace.put(uri, text);
      return { uri, line: start.line + 1, name, rank: items.findIndex(({ filterText }) => filterText === name) };
    });
  expect(places.filter(({ rank }) => rank === -1)).toEqual([]);
  expect(places.length).toBeGreaterThan(250 / share);
  expect(places.filter(({ rank }) => rank === 0).length / places.length).toBeGreaterThan(0.9);
});

function isSameField(a: Field, b: Field): boolean {
  return a.object === b.object && a.path.join('.') === b.path.join('.');
}

interface ErasableName {
  readonly uri: string;
  readonly text: string;
  readonly range: Range;
  readonly name: string;
}

/** Where a file names something that is in its set. */
function marksIn(workspace: Workspace, uri: string): ErasableName[] {
  const file = workspace.file(uri);
  const scene = workspace.sceneOf(uri);
  if (file === null || scene === null) return [];
  return file.manifests
    .flatMap(({ key }) => manifestIn(scene.model, key) ?? [])
    .flatMap(linksOf)
    .filter(
      ({ by, from, to }) => by !== 'what follows' && to(scene.model).some((each) => !isSameField(each, from.field)),
    )
    .flatMap(({ from: { field, text: name } }) => {
      const site = scene.siteOf(field);
      const line = file.text.split('\n')[site?.range.start.line ?? 0] ?? '';
      const isWritten = site?.uri === uri && line.slice(site.range.start.character, site.range.end.character) === name;
      return isWritten ? [{ uri, text: file.text, range: site.range, name }] : [];
    });
}

const renderer = rendererBeside({ mostMilliseconds: 60_000 });
afterAll(() => renderer.stop());

const built = {
  'base/kustomization.yaml':
    'resources: [shop.yaml, ingress.yaml]\nconfigMapGenerator: [{ name: made, literals: [a=b] }]\n',
  'base/shop.yaml': shop,
  'base/ingress.yaml': `${ingress}spec:\n  defaultBackend: { service: { name: cart, port: { number: 80 } } }\n`,
  'prod/kustomization.yaml':
    'resources: [../base]\nnamePrefix: prod-\npatches:\n' +
    '- target: { kind: Ingress }\n  patch: |-\n' +
    '    - { op: replace, path: /spec/defaultBackend/service/name, value: pay }\n' +
    '- path: patch.yaml\n',
  'prod/patch.yaml': `${workload.replace('new', 'cart')}spec: { template: { metadata: { annotations: { a: b } } } }\n`,
  'chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 1.0.0\n',
  'chart/values.yaml': 'backend: api\nport: web\n',
  'chart/templates/all.yaml': `apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}-own
  {{- if .Values.labels }}
  labels: {{- toYaml .Values.labels | nindent 4 }}
  {{- end }}
spec:
  selector: { app: api }
  ports: [{ port: 80, targetPort: {{ .Values.port }} }]
---
apiVersion: v1
kind: Service
metadata: { name: api }
spec: { selector: { app: api }, ports: [{ name: http, port: 80 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: api, labels: { app: api } }
spec: { containers: [{ name: api, ports: [{ name: web, containerPort: 8080 }] }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: api }
spec:
  defaultBackend: { service: { name: {{ .Values.backend }}, port: { name: http } } }
`,
};

test.each([
  [
    "a base offers the sources' names, with what is generated",
    'base/more.yaml',
    `${workload}spec: { template: { spec: { containers: [{ envFrom: [{ configMapRef: { name: | } }] }] } } }`,
    ['settings', 'made'],
  ],
  [
    'a base names no prefix',
    'base/ingress.yaml',
    `${ingress}spec: { defaultBackend: { service: { name: | } } }`,
    ['cart', 'pay'],
  ],
  [
    'a patch is part of its object',
    'prod/patch.yaml',
    `${workload}spec: { template: { spec: { containers: [{ envFrom: [{ secretRef: { name: | } }] }] } } }`,
    ['shop-tls'],
  ],
  [
    'a template, between its actions',
    'chart/templates/all.yaml',
    built['chart/templates/all.yaml'].replace('selector: { app: api }\n', 'selector:\n    |\n'),
    ['app: api'],
  ],
  ['values, by where they lead', 'chart/values.yaml', 'backend: |api\nport: web\n', ['api']],
  ['values, a port', 'chart/values.yaml', 'backend: api\nport: |web\n', ['web', '8080']],
])('in what is built: %s', async (_, path, text, offers) => {
  const memory = await new BuiltInMemory(renderer, { ...built, 'base/more.yaml': '' }).build();
  const { workspace } = memory;
  // On a busy machine the very first build may be cut off.
  if (workspace.plans().some(({ root }) => !workspace.isJudged(root))) await memory.build();
  const uri = `/w/${path}`;
  const cursor = text.lastIndexOf('|');
  const before = text.slice(0, cursor).split('\n');
  const typed = text.slice(0, cursor) + text.slice(cursor + 1);
  workspace.put(uri, typed);
  const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  const { items } = workspace.ask(() => completionsAt(workspace, uri, typed, position));
  expect(items.map(({ newText }) => newText)).toEqual(offers);
});
