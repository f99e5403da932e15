import { afterAll, expect, test } from 'vitest';
import { rendererBeside } from '../render/beside.ts';
import { edited } from '../shared/insight/fixing.ts';
import { type RenameEdit, renamingAt } from '../shared/insight/navigation/renaming.ts';
import { Workspace } from '../shared/insight/workspace.ts';
import { BuiltInMemory } from './built/inMemory.ts';
import { placeOf } from './scene.ts';

const renderer = rendererBeside({ mostMilliseconds: 60_000 });
afterAll(() => renderer.stop());

const shop = `apiVersion: v1
kind: Service
metadata: { name: "shop" }
spec:
  selector: { app: shop, tier: front }
  ports: [{ name: http, port: 80, targetPort: web }]
---
apiVersion: v1
kind: Service
metadata: { name: shop-canary }
spec:
  selector: { app: shop }
  ports: [{ port: 80, targetPort: web }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: shop, labels: { app: shop } }
spec:
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop, tier: front } }
    spec: { containers: [{ name: shop, ports: [{ name: web, containerPort: 8080 }] }] }
`;

const around = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec: { defaultBackend: { service: { name: shop, port: { name: http } } } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec: { gatewayClassName: envoy, listeners: [{ name: plain, port: 80, protocol: HTTP }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: TCPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: edge, sectionName: plain }]
  rules: [{ backendRefs: [{ name: shop, port: 80 }] }]
---
apiVersion: v1
kind: ConfigMap
metadata: { name: urls }
data:
  both: http://shop/shop, http://shop.default.svc/
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: shop }
spec: { podSelector: { matchExpressions: [{ key: app, operator: In, values: [shop] }] } }
`;

const onlyNames =
  'Hoplens renames Services, Gateways, listeners, ports that have a name, labels, hosts, ConfigMaps, Secrets, ' +
  'classes, Namespaces and workloads.';

const files = { 'shop.yaml': shop, 'around.yaml': around };

/** The lines that a renaming changes, as they are then, and what is asked first; or why it is refused. */
function renamed(workspace: Workspace, texts: Readonly<Record<string, string>>, at: string, name: string): string {
  const { uri, position } = placeOf(texts, at);
  const made = renamingAt(workspace, workspace.has(uri) ? uri : `/w/${uri}`, position, name);
  if (made === null) return 'nothing has a name there';
  if (made.kind === 'refused') return made.message;
  return [...Map.groupBy(made.edits, ({ site }) => site.uri)]
    .flatMap(([file, edits]) => {
      const before = workspace.file(file)?.text ?? '';
      const after = edited(
        before,
        edits.map(({ site: { range }, text }) => ({ range, text })),
      ).split('\n');
      const lines = before.split('\n');
      const asked = new Map(edits.map(({ site, doubt }) => [site.range.start.line, doubtText(doubt)]));
      return after.flatMap((line, index) =>
        line === lines[index]
          ? []
          : [`${file.replace('/w/', '')}:${index + 1} ${line.trim()}${asked.get(index) ?? ''}`],
      );
    })
    .join('\n');
}

function doubtText(doubt: RenameEdit['doubt']): string {
  if (doubt === null) return '';
  return doubt.kind === 'other sets' ? `  ? also of ${doubt.sets.join(', ')}` : `  ? ${doubt.kind}`;
}

function inFiles(at: string, name: string): string {
  const workspace = new Workspace();
  for (const [uri, text] of Object.entries(files)) workspace.put(uri, text);
  return renamed(workspace, files, at, name);
}

test('what policies name: labels, namespaces, ports that have a name', () => {
  const policies = `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: a }
spec:
  tier: Admin
  priority: 1
  subject: { namespaces: { matchLabels: { kubernetes.io/metadata.name: shop } } }
  ingress:
    - action: Accept
      from: [{ pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: old } } } }]
      protocols: [{ destinationNamedPort: http }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: b, namespace: shop }
spec:
  podSelector: { matchLabels: { app: old } }
  ingress:
    - from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: shop } } }]
      ports: [{ port: http }]
---
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Pod
metadata: { name: old, namespace: shop, labels: { app: old } }
spec: { containers: [{ name: old, ports: [{ name: http, containerPort: 80 }] }] }
`;
  const change = (at: string, name: string): string => {
    const workspace = new Workspace();
    workspace.put('policies.yaml', policies);
    return renamed(workspace, { 'policies.yaml': policies }, at, name);
  };
  expect(
    [
      change('labels: { app: o|ld }', 'new'),
      change('metadata: { name: s|hop', 'store'),
      change('name: h|ttp', 'web'),
    ].join('\n\n'),
  ).toMatchInlineSnapshot(`
    "policies.yaml:10 from: [{ pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: new } } } }]
    policies.yaml:17 podSelector: { matchLabels: { app: new } }
    policies.yaml:28 metadata: { name: old, namespace: shop, labels: { app: new } }

    policies.yaml:7 subject: { namespaces: { matchLabels: { kubernetes.io/metadata.name: store } } }
    policies.yaml:15 metadata: { name: b, namespace: store }
    policies.yaml:19 - from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: store } } }]
    policies.yaml:24 metadata: { name: store }
    policies.yaml:28 metadata: { name: old, namespace: store, labels: { app: old } }

    policies.yaml:11 protocols: [{ destinationNamedPort: web }]
    policies.yaml:20 ports: [{ port: web }]
    policies.yaml:29 spec: { containers: [{ name: old, ports: [{ name: web, containerPort: 80 }] }] }"
  `);
});

test('a Service, with all that names it', () => {
  expect(inFiles('metadata: { name: "sh|op"', 'store')).toMatchInlineSnapshot(`
    "shop.yaml:3 metadata: { name: "store" }
    around.yaml:4 spec: { defaultBackend: { service: { name: store, port: { name: http } } } }
    around.yaml:16 rules: [{ backendRefs: [{ name: store, port: 80 }] }]
    around.yaml:22 both: http://store/shop, http://store.default.svc/  ? text"
  `);
  expect(inFiles('backendRefs: [{ name: sh|op', 'store')).toBe(inFiles('http://sh|op.default', 'store'));
  // With the cursor at the field's key.
  expect(inFiles('metadata: { n|ame: "shop"', 'store')).toBe(inFiles('http://sh|op.default', 'store'));
});

test('a port, by its name', () => {
  expect(inFiles('ports: [{ name: htt|p', 'plain')).toMatchInlineSnapshot(`
    "shop.yaml:6 ports: [{ name: plain, port: 80, targetPort: web }]
    around.yaml:4 spec: { defaultBackend: { service: { name: shop, port: { name: plain } } } }"
  `);
});

test("a container's port, with all Services that ask for it by name", () => {
  expect(inFiles('80, targetPort: w|eb }]\n---\napiVersion: v1', 'main')).toMatchInlineSnapshot(`
    "shop.yaml:6 ports: [{ name: http, port: 80, targetPort: main }]
    shop.yaml:13 ports: [{ port: 80, targetPort: main }]
    shop.yaml:22 spec: { containers: [{ name: shop, ports: [{ name: main, containerPort: 8080 }] }] }"
  `);
});

test('a Gateway, a listener', () => {
  expect(inFiles('parentRefs: [{ name: ed|ge', 'front')).toMatchInlineSnapshot(`
    "around.yaml:8 metadata: { name: front }
    around.yaml:15 parentRefs: [{ name: front, sectionName: plain }]"
  `);
  expect(inFiles('sectionName: pl|ain', 'http')).toMatchInlineSnapshot(`
    "around.yaml:9 spec: { gatewayClassName: envoy, listeners: [{ name: http, port: 80, protocol: HTTP }] }
    around.yaml:15 parentRefs: [{ name: edge, sectionName: http }]"
  `);
});

test("a label's value and its key, with what selects by it", () => {
  expect(inFiles('{ app: sh|op, tier: front }\n  ports', '1.10')).toMatchInlineSnapshot(`
    "shop.yaml:5 selector: { app: "1.10", tier: front }
    shop.yaml:12 selector: { app: "1.10" }
    shop.yaml:19 selector: { matchLabels: { app: "1.10" } }
    shop.yaml:21 metadata: { labels: { app: "1.10", tier: front } }
    around.yaml:27 spec: { podSelector: { matchExpressions: [{ key: app, operator: In, values: ["1.10"] }] } }"
  `);
  expect(inFiles('{ matchLabels: { a|pp: shop', 'app.kubernetes.io/name')).toMatchInlineSnapshot(`
    "shop.yaml:5 selector: { app.kubernetes.io/name: shop, tier: front }
    shop.yaml:12 selector: { app.kubernetes.io/name: shop }
    shop.yaml:19 selector: { matchLabels: { app.kubernetes.io/name: shop } }
    shop.yaml:21 metadata: { labels: { app.kubernetes.io/name: shop, tier: front } }
    around.yaml:27 spec: { podSelector: { matchExpressions: [{ key: app.kubernetes.io/name, operator: In, values: [shop] }] } }"
  `);
});

test.each([
  [
    'metadata: { name: "sh|op"',
    'Shop',
    "\"Shop\" can't be its name: it must consist of lower case letters, digits or '-', " +
      'and start and end with a letter or digit.',
  ],
  [
    'metadata: { name: "sh|op"',
    `\u202e${'x'.repeat(10_000)}`,
    `"\\u202e${'x'.repeat(79)}…" can't be its name: it must be no more than 63 characters.`,
  ],
  ['metadata: { name: "sh|op"', 'shop-canary', 'There is already a shop-canary in namespace default.'],
  [
    '{ name: w|eb, containerPort',
    'a-very-long-name-of-a-port',
    '"a-very-long-name-of-a-port" can\'t be its name: it must be no more than 15 characters.',
  ],
  ['{ matchLabels: { a|pp: shop', 'tier', "There is already a tier in Deployment shop's labels."],
  ['name: web, containerPort: 80|80', '81', onlyNames],
  ['kind: TCPRoute\nmetadata: { name: sh|op', 'x', onlyNames],
  ['kind: TCP|Route', 'x', 'nothing has a name there'],
])('%s to %s is refused', (at, name, why) => {
  expect(inFiles(at, name)).toBe(why);
});

const more = {
  'more.yaml': `apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Service
metadata: { name: db, namespace: shop }
spec: { clusterIP: None, selector: { app: db } }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: database, namespace: shop }
spec:
  serviceName: db
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec:
      containers:
        - name: db
          envFrom: [{ secretRef: { name: keys } }]
          args: [--host=database-0.db.shop.svc.cluster.local, --site=https://a.example.com/x]
---
apiVersion: v1
kind: Secret
metadata: { name: keys, namespace: shop }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: a, namespace: shop, annotations: { a/b: shop/keys } }
spec:
  ingressClassName: web
  tls: [{ hosts: [a.example.com, b.example.com], secretName: keys }]
  rules: [{ host: a.example.com }]
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: web }
---
apiVersion: example.com/v1
kind: Backup
metadata: { name: keys, namespace: shop }
spec: { secretName: keys, title: keys }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  template: { metadata: { labels: { app: web } } }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web, namespace: shop }
spec: { scaleTargetRef: { kind: Deployment, name: web } }
`,
};

test.each([
  [
    'serviceName: d|b',
    'data',
    'more.yaml:7 metadata: { name: data, namespace: shop }\n' +
      'more.yaml:14 serviceName: data\n' +
      'more.yaml:22 args: [--host=database-0.data.shop.svc.cluster.local, --site=https://a.example.com/x]  ? text',
  ],
  [
    'secretRef: { name: ke|ys',
    'secrets',
    'more.yaml:21 envFrom: [{ secretRef: { name: secrets } }]\n' +
      'more.yaml:26 metadata: { name: secrets, namespace: shop }\n' +
      'more.yaml:30 metadata: { name: a, namespace: shop, annotations: { a/b: shop/secrets } }  ? perhaps\n' +
      'more.yaml:33 tls: [{ hosts: [a.example.com, b.example.com], secretName: secrets }]\n' +
      'more.yaml:43 spec: { secretName: secrets, title: keys }  ? perhaps',
  ],
  [
    'hosts: [a.exam|ple.com',
    'c.example.com',
    'more.yaml:22 args: [--host=database-0.db.shop.svc.cluster.local, --site=https://c.example.com/x]  ? text\n' +
      'more.yaml:33 tls: [{ hosts: [c.example.com, b.example.com], secretName: keys }]\n' +
      'more.yaml:34 rules: [{ host: c.example.com }]',
  ],
  [
    'ingressClassName: we|b',
    'public',
    'more.yaml:32 ingressClassName: public\nmore.yaml:38 metadata: { name: public }',
  ],
  [
    'kind: Deployment, name: we|b',
    'site',
    'more.yaml:47 metadata: { name: site, namespace: shop }\n' +
      'more.yaml:55 spec: { scaleTargetRef: { kind: Deployment, name: site } }',
  ],
  [
    'rules: [{ host: a.exam|ple.com',
    'a b',
    "\"a b\" can't be its name: it must consist of lower case letters, digits, '-' or '.', and start and " +
      'end with a letter or digit.',
  ],
  [
    'metadata: { name: data|base',
    'x',
    "StatefulSet database can't just be renamed: its pods, their DNS names and their volumes are called after it.",
  ],
])('%s is %s everywhere', (at, name, lines) => {
  const workspace = new Workspace();
  for (const [uri, text] of Object.entries(more)) workspace.put(uri, text);
  expect(renamed(workspace, more, at, name)).toBe(lines);
});

test('a Namespace, with all that is in it', () => {
  const workspace = new Workspace();
  for (const [uri, text] of Object.entries(more)) workspace.put(uri, text);
  const lines = renamed(workspace, more, 'kind: Namespace\nmetadata: { name: sh|op', 'store').split('\n');
  expect(lines.map((line) => line.replace(/^more.yaml:(\d+) .*?(  \?.*)?$/, '$1$2'))).toEqual([
    '3',
    '7',
    '12',
    '22  ? text',
    '26',
    '30',
    '42',
    '47',
    '54',
  ]);
});

test('in several sets, and in what kustomizations name', async () => {
  const overlays = {
    'base/kustomization.yaml': 'resources: [shop.yaml]\nconfigMapGenerator: [{ name: settings, literals: [a=b] }]\n',
    'base/shop.yaml': `apiVersion: v1
kind: Service
metadata:
  name: shop
spec:
  selector: { app: shop }
  ports: [{ name: http, port: 80, targetPort: web }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: app }
spec:
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec: { containers: [{ name: app, envFrom: [{ configMapRef: { name: settings } }] }] }
`,
    'prod/kustomization.yaml':
      'namePrefix: prod-\nresources: [../base, ingress.yaml]\nreplicas: [{ name: app, count: 3 }]\n' +
      'patches: [{ path: local.yaml, target: { kind: Service, name: shop } }]\n',
    'prod/local.yaml': '- { op: add, path: /spec/type, value: NodePort }\n',
    'prod/ingress.yaml': `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: edge }
spec:
  defaultBackend:
    service: { name: shop, port: { name: http } }
`,
    'test/kustomization.yaml': 'resources: [../base]\n',
  };
  const { workspace } = await new BuiltInMemory(renderer, overlays).build();
  const made = (at: string, name: string): string => renamed(workspace, overlays, at, name);
  expect(made('name: sh|op\nspec', 'store')).toMatchInlineSnapshot(`
    "prod/kustomization.yaml:4 patches: [{ path: local.yaml, target: { kind: Service, name: store } }]  ? also of test
    base/shop.yaml:4 name: store  ? also of test
    prod/ingress.yaml:6 service: { name: store, port: { name: http } }  ? also of test"
  `);
  expect(made('configMapRef: { name: sett|ings', 'config')).toMatchInlineSnapshot(`
    "base/kustomization.yaml:2 configMapGenerator: [{ name: config, literals: [a=b] }]  ? also of test
    base/shop.yaml:16 spec: { containers: [{ name: app, envFrom: [{ configMapRef: { name: config } }] }] }  ? also of test"
  `);
  expect(made('metadata: { name: ap|p }', 'api')).toMatchInlineSnapshot(`
    "prod/kustomization.yaml:3 replicas: [{ name: api, count: 3 }]  ? also of test
    base/shop.yaml:11 metadata: { name: api }  ? also of test"
  `);
  expect(made('ports: [{ name: ht|tp', 'plain')).toMatchInlineSnapshot(`
    "base/shop.yaml:7 ports: [{ name: plain, port: 80, targetPort: web }]  ? also of test
    prod/ingress.yaml:6 service: { name: shop, port: { name: plain } }  ? also of test"
  `);
});

test('not while something that may name it is not built', async () => {
  const broken = {
    'base/kustomization.yaml': 'resources: [shop.yaml]\n',
    'base/shop.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: shop }\nspec: { ports: [{ port: 80 }] }\n',
    'prod/kustomization.yaml': 'resources: [../base, gone.yaml]\n',
    'test/kustomization.yaml': 'resources: [../base]\n',
  };
  const { workspace } = await new BuiltInMemory(renderer, broken).build();
  expect(renamed(workspace, broken, 'metadata: { name: sh|op', 'store')).toMatch(
    /^prod can't be built, so nobody knows what it names: /,
  );
});

test('in what is built: where the name is written as such', async () => {
  const built = {
    'base/kustomization.yaml': 'resources: [shop.yaml, around.yaml]\n',
    'base/shop.yaml': shop,
    'base/around.yaml': around,
    'prod/kustomization.yaml': 'resources: [../base]\npatches: [{ path: local.yaml }]\n',
    'prod/local.yaml':
      'apiVersion: v1\nkind: Service\nmetadata: { name: shop }\nspec: { externalTrafficPolicy: Local }\n',
    'chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 1.0.0\n',
    'chart/values.yaml': 'portName: main\n',
    'chart/templates/api.yaml': `apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}-api
spec:
  selector:
    app: api
  ports: [{ port: 80, targetPort: {{ .Values.portName }} }]
---
apiVersion: v1
kind: Pod
metadata:
  name: api
  labels:
    app: api
spec: { containers: [{ name: api, ports: [{ name: {{ .Values.portName }}, containerPort: 8080 }] }] }
`,
  };
  const { workspace } = await new BuiltInMemory(renderer, built).build();
  const made = (at: string, name: string): string => renamed(workspace, built, at, name);
  expect(made('metadata: { name: "sh|op"', 'store')).toMatchInlineSnapshot(`
    "base/shop.yaml:3 metadata: { name: "store" }
    prod/local.yaml:3 metadata: { name: store }
    base/around.yaml:4 spec: { defaultBackend: { service: { name: store, port: { name: http } } } }
    base/around.yaml:16 rules: [{ backendRefs: [{ name: store, port: 80 }] }]
    base/around.yaml:22 both: http://store/shop, http://store.default.svc/  ? text"
  `);
  expect(made('  selector:\n    app: a|pi', 'backend')).toMatchInlineSnapshot(`
    "chart/templates/api.yaml:7 app: backend
    chart/templates/api.yaml:15 app: backend"
  `);
  expect(made('  selector:\n    a|pp: api', 'name')).toMatchInlineSnapshot(`
    "chart/templates/api.yaml:7 name: api
    chart/templates/api.yaml:15 name: api"
  `);
  expect(made('portName: ma|in', 'web')).toMatchInlineSnapshot(`"chart/values.yaml:1 portName: web"`);
  expect(made('targetPort: {{ .Val|ues.portName', 'web')).toMatchInlineSnapshot(
    `"main is decided at values.yaml:1: rename it there."`,
  );
  expect(made('  name: {{ .Release.Na|me }}-api', 'web')).toMatchInlineSnapshot(
    `"chart-api isn't written as such at api.yaml:4: it is made there of something else. Rename it by hand."`,
  );
});

test('among variants: in each that names it, asked first', () => {
  const service =
    'kind: Service\napiVersion: v1\nmetadata: { name: web }\nspec: { selector: { app: web }, ports: [{ port: 80 }] }\n';
  const texts = {
    'one.yaml': service,
    'other.yaml': service.replace('port: 80', 'port: 81'),
    'pods.yaml': 'kind: Pod\napiVersion: v1\nmetadata: { name: web-0, labels: { app: web } }\n',
  };
  const workspace = new Workspace(['/w']);
  for (const [uri, text] of Object.entries(texts)) workspace.put(`/w/${uri}`, text);
  expect(renamed(workspace, texts, 'labels: { app: w|eb', 'shop')).toMatchInlineSnapshot(`
    "pods.yaml:3 metadata: { name: web-0, labels: { app: shop } }  ? also of one.yaml, other.yaml
    one.yaml:4 spec: { selector: { app: shop }, ports: [{ port: 80 }] }  ? also of one.yaml, other.yaml
    other.yaml:4 spec: { selector: { app: shop }, ports: [{ port: 81 }] }  ? also of one.yaml, other.yaml"
  `);
});
