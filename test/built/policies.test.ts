import { afterAll, expect, test } from 'vitest';
import { rendererBeside } from '../../render/beside.ts';
import { hover } from '../../server/features/hover.ts';
import { placeOf } from '../scene.ts';
import { BuiltInMemory } from './inMemory.ts';

const renderer = rendererBeside({ mostMilliseconds: 60_000 });
afterAll(() => renderer.stop());

/** What is said of files, built, a line each, and what a hover says at each place marked by `|`. */
async function said(files: Readonly<Record<string, string>>, places: readonly string[]): Promise<string> {
  const built = await new BuiltInMemory(renderer, files).build();
  const hovered = places.map((at) => {
    const { uri, position } = placeOf(files, at);
    const contents = hover(built.workspace, `/w/${uri}`, position)?.contents;
    const text = typeof contents === 'object' && 'value' in contents ? contents.value : '';
    return `hover at ${at.trim()}: ${text.split('\n\n').slice(0, -1).join(' ')}`;
  });
  return [...built.said(), ...hovered].join('\n');
}

const pods = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: web, ports: [{ name: http, containerPort: 8080 }] }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: api }
spec:
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api } }
    spec: { containers: [{ name: api, image: api }] }
`;

test("policies in a chart's template: by its lines, and by the values that decide them", async () => {
  const files = {
    'shop/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
    'shop/values.yaml': 'policy:\n  app: web\n  client: apj\n  port: 80\n',
    'shop/templates/pods.yaml': pods,
    'shop/templates/policy.yaml': `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: {{ .Release.Name }}-web }
spec:
  podSelector:
    matchLabels:
      app: {{ .Values.policy.app }}
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: {{ .Values.policy.client }}
      ports:
        - port: {{ .Values.policy.port }}
`,
  };
  expect(
    await said(files, [
      '  podSele|ctor:\n    matchLabels:\n      app: {{ .Values.policy.app',
      'port: 8|0',
      'client: a|pj',
    ]),
  ).toMatchInlineSnapshot(`
    "shop/Chart.yaml:1 over it: shop: 0 Services, 0 ways in
    shop/templates/policy.yaml:2 over shop-web: isolates 2 pods for ingress | lets in: app=apj (no pod here) → 80
    shop/values.yaml:4 info policy-port-not-offered: NetworkPolicy shop-web opens port 80, but none of its pods declares it; they declare http (8080). Unless something listens there all the same, the rule lets nothing through.
    hover at podSele|ctor:
        matchLabels:
          app: {{ .Values.policy.app: shop: \`spec.podSelector\` of NetworkPolicy shop\\-web **podSelector** Selects 2 pods: web\\-0 (10.244.1.177), web\\-1 (10.244.2.195) of namespace default.
    hover at port: 8|0: shop: \`spec.ingress.0.ports.0.port: 80\` of NetworkPolicy shop\\-web **port** TCP port \`80\` of the pod that gets the packet, behind any Service. None of the 2 pods that it is about declares it.
    hover at client: a|pj: shop: \`spec.ingress.0.from.0.podSelector.matchLabels.app: apj\` of NetworkPolicy shop\\-web **podSelector** Means no pod, of the policy's own namespace, default."
  `);
});

test('policies in a base: by its lines, and by the patch that decides them', async () => {
  const files = {
    'base/kustomization.yaml': 'resources: [pods.yaml, policy.yaml]\n',
    'base/pods.yaml': pods,
    'base/policy.yaml': `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress:
    - from: [{ podSelector: { matchLabels: { app: api } } }]
      ports: [{ port: http }]
`,
    'prod/kustomization.yaml':
      'resources: [../base]\nnamespace: prod\nnamePrefix: prod-\npatches: [{ path: open.yaml }]\n',
    'prod/open.yaml': `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec:
  ingress:
    - from: [{ podSelector: { matchLabels: { app: aip } } }]
`,
  };
  expect(await said(files, ['podSele|ctor: { matchLabels: { app: web', 'app: ai|p'])).toMatchInlineSnapshot(`
    "base/policy.yaml:1 over prod-web: isolates 2 pods for ingress | lets in: app=aip (no pod here)
    prod/kustomization.yaml:1 over it: prod: 0 Services, 0 ways in
    prod/open.yaml:6 warning policy-selects-nothing: NetworkPolicy prod-web lets in no pod of this rule. The nearest, Deployment prod-api, has app: api instead of app: aip.
    hover at podSele|ctor: { matchLabels: { app: web: prod: \`spec.podSelector\` of NetworkPolicy prod\\-web **podSelector** Selects 2 pods: prod\\-web\\-0.prod (10.244.1.54), prod\\-web\\-1.prod (10.244.2.33) of namespace prod.
    hover at app: ai|p: prod: \`spec.ingress.0.from.0.podSelector.matchLabels.app: aip\` of NetworkPolicy prod\\-web **podSelector** Means no pod, of the policy's own namespace, prod."
  `);
});
