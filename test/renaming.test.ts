import { afterAll, expect, test } from 'vitest';
import { rendererBeside } from '../render/beside.ts';
import { edited } from '../shared/insight/fixing.ts';
import { renamingAt } from '../shared/insight/navigation/renaming.ts';
import { Workspace } from '../shared/insight/workspace.ts';
import { BuiltInMemory } from './built/inMemory.ts';
import { placeOf } from './scene.ts';

const renderer = rendererBeside();
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

const onlyNames = 'Hoplens renames Services, Gateways, listeners, ports that have a name, and labels.';

const files = { 'shop.yaml': shop, 'around.yaml': around };

/** The lines that a renaming changes, as they are then; or why it is refused. */
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
      return after.flatMap((line, index) =>
        line === lines[index] ? [] : [`${file.replace('/w/', '')}:${index + 1} ${line.trim()}`],
      );
    })
    .join('\n');
}

function inFiles(at: string, name: string): string {
  const workspace = new Workspace();
  for (const [uri, text] of Object.entries(files)) workspace.put(uri, text);
  return renamed(workspace, files, at, name);
}

test('a Service, with all that names it', () => {
  expect(inFiles('metadata: { name: "sh|op"', 'store')).toMatchInlineSnapshot(`
    "shop.yaml:3 metadata: { name: "store" }
    around.yaml:4 spec: { defaultBackend: { service: { name: store, port: { name: http } } } }
    around.yaml:16 rules: [{ backendRefs: [{ name: store, port: 80 }] }]
    around.yaml:22 both: http://store/shop, http://store.default.svc/"
  `);
  expect(inFiles('backendRefs: [{ name: sh|op', 'store')).toBe(inFiles('http://sh|op.default', 'store'));
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
  ['metadata: { name: "sh|op"', 'shop-canary', 'There is already a shop-canary in namespace default.'],
  [
    '{ name: w|eb, containerPort',
    'a-very-long-name-of-a-port',
    '"a-very-long-name-of-a-port" can\'t be its name: it must be no more than 15 characters.',
  ],
  ['{ matchLabels: { a|pp: shop', 'tier', "There is already a tier in Deployment shop's labels."],
  ['name: web, containerPort: 80|80', '81', onlyNames],
  ['metadata: { name: ur|ls', 'x', onlyNames],
  ['kind: TCP|Route', 'x', 'nothing has a name there'],
])('%s to %s is refused', (at, name, why) => {
  expect(inFiles(at, name)).toBe(why);
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
    base/around.yaml:22 both: http://store/shop, http://store.default.svc/"
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
