import { afterAll, expect, test } from 'vitest';
import { rendererBeside } from '../render/beside.ts';
import type { HintLevel } from '../shared/insight/hints.ts';
import { Workspace } from '../shared/insight/workspace.ts';
import { BuiltInMemory } from './built/inMemory.ts';

const renderer = rendererBeside({ mostMilliseconds: 60_000 });
afterAll(() => renderer.stop());

/** The text with its hints drawn in. */
function drawn(workspace: Workspace, uri: string, level: HintLevel = 'quiet'): string {
  const watch = workspace.watchHints(uri, () => undefined);
  const hints = watch.get().filter(({ shownIn }) => shownIn === 'quiet' || level === 'all');
  watch.stop();
  const lines = (workspace.file(uri)?.text ?? '').split('\n');
  for (const { position, text } of hints.toSorted((a, b) => b.position.character - a.position.character)) {
    const line = lines[position.line] ?? '';
    lines[position.line] = `${line.slice(0, position.character)} «${text}»${line.slice(position.character)}`;
  }
  return lines.join('\n');
}

const shop = `apiVersion: v1
kind: Service
metadata: { name: shop }
spec:
  type: LoadBalancer
  selector:
    app: shop
  ports:
    - name: http
      port: 80
      targetPort: web
    - name: admin
      port: 81
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec:
      containers:
        - name: shop
          image: shop:1
          ports: [{ name: web, containerPort: 8080 }]
          readinessProbe: { httpGet: { port: web } }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec:
  defaultBackend: { service: { name: shop, port: { name: http } } }
  rules:
    - http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: shop, port: { number: 80 } } } }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: shop }
spec:
  podSelector: { matchLabels: { app: shop } }
  ingress:
    - from: [{ podSelector: { matchLabels: { app: none } } }]
      ports: [{ port: web }]
`;

test('what values come to', () => {
  const workspace = new Workspace();
  workspace.put('shop.yaml', shop);
  expect(drawn(workspace, 'shop.yaml')).toMatchInlineSnapshot(`
    "apiVersion: v1
    kind: Service
    metadata: { name: shop }
    spec:
      type: LoadBalancer
      selector: «2 endpoints»
        app: shop
      ports:
        - name: http
          port: 80
          targetPort: web «→ 8080»
        - name: admin
          port: 81
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: { name: shop }
    spec:
      replicas: 2
      selector: { matchLabels: { app: shop } }
      template:
        metadata: { labels: { app: shop } }
        spec:
          containers:
            - name: shop
              image: shop:1
              ports: [{ name: web, containerPort: 8080 }]
              readinessProbe: { httpGet: { port: web «→ 8080» } }
    ---
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata: { name: shop }
    spec:
      defaultBackend: { service: { name: shop, port: { name: http «→ 8080» } } }
      rules:
        - http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: shop, port: { number: 80 } } } }] }
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: { name: shop }
    spec:
      podSelector: { matchLabels: { app: shop } } «2 pods»
      ingress:
        - from: [{ podSelector: { matchLabels: { app: none } } «0 pods» }]
          ports: [{ port: web «→ 8080» }]
    "
  `);
  const quiet = drawn(workspace, 'shop.yaml').split('\n');
  const others = drawn(workspace, 'shop.yaml', 'all').split('\n');
  expect(others.filter((line, index) => line !== quiet[index])).toMatchInlineSnapshot(`
    [
      "  type: LoadBalancer «203.0.113.84 (stand-in)» «10.96.126.202 (stand-in)»",
      "      port: 80 «nodePort 31275 (stand-in)»",
      "      port: 81 «→ 81» «nodePort 31359 (stand-in)»",
      "    - http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: shop, port: { number: 80 «→ 8080» } } } }] }",
    ]
  `);
});

test('what overlays make of a base', async () => {
  const overlay = (patch: string): string => `resources: [../base]\n${patch}\n`;
  const { workspace } = await new BuiltInMemory(renderer, {
    'base/kustomization.yaml': 'resources: [shop.yaml]\n',
    'base/shop.yaml': shop,
    'dev/kustomization.yaml': overlay('images: [{ name: shop, newTag: "2" }]\nreplicas: [{ name: shop, count: 1 }]'),
    'prod/kustomization.yaml': overlay('images: [{ name: shop, newTag: "2" }]\nreplicas: [{ name: shop, count: 5 }]'),
  }).build();
  const lines = drawn(workspace, '/w/base/shop.yaml').split('\n');
  expect(lines.filter((line) => line.includes('«'))).toMatchInlineSnapshot(`
    [
      "  selector: «dev: 1 endpoint, prod: 5 endpoints»",
      "      targetPort: web «→ 8080»",
      "  replicas: 2 «dev: 1, prod: 5»",
      "          image: shop:1 «dev, prod: shop:2»",
      "          readinessProbe: { httpGet: { port: web «→ 8080» } }",
      "  defaultBackend: { service: { name: shop, port: { name: http «→ 8080» } } }",
      "  podSelector: { matchLabels: { app: shop } } «dev: 1 pod, prod: 5 pods»",
      "    - from: [{ podSelector: { matchLabels: { app: none } } «0 pods» }]",
      "      ports: [{ port: web «→ 8080» }]",
    ]
  `);
});

test('what files of values make of a value, and where a value leads', async () => {
  const { workspace } = await new BuiltInMemory(renderer, {
    'chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 1.0.0\n',
    'chart/values.yaml': 'replicas: 2\nport: web\n',
    'chart/values-prod.yaml': 'replicas: 5\n',
    'chart/templates/all.yaml': shop
      .replace('replicas: 2', 'replicas: {{ .Values.replicas }}')
      .replace('targetPort: web', 'targetPort: {{ .Values.port }}'),
  }).build();
  expect(drawn(workspace, '/w/chart/values.yaml')).toMatchInlineSnapshot(`
    "replicas: 2 «values-prod.yaml: 5»
    port: web «→ 8080»
    "
  `);
});
