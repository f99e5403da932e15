import { afterAll, expect, test } from 'vitest';
import { rendererBeside } from '../../render/beside.ts';
import { BuiltInMemory } from './inMemory.ts';

const renderer = rendererBeside({ mostMilliseconds: 60_000 });
afterAll(() => renderer.stop());

/** All that is said of files, built, a line each. */
async function said(files: Readonly<Record<string, string>>): Promise<string> {
  return (await new BuiltInMemory(renderer, files).build()).said().join('\n');
}

const web = `kind: Service
apiVersion: v1
metadata: { name: web }
spec:
  type: LoadBalancer
  externalTrafficPolicy: Cluster
  selector: { app: web }
  ports: [{ port: 80, targetPort: 8080 }]
---
kind: Deployment
apiVersion: apps/v1
metadata: { name: web }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers: [{ name: web, image: web, ports: [{ containerPort: 8080 }] }]
`;

const base = { 'base/kustomization.yaml': 'resources: [web.yaml]\n', 'base/web.yaml': web };

const localPatch = `apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  externalTrafficPolicy: Local
`;

const overlays = {
  ...base,
  'overlays/dev/kustomization.yaml':
    'resources: [../../base]\nnamePrefix: dev-\nreplicas:\n  - name: web\n    count: 1\n',
  'overlays/prod/kustomization.yaml':
    'resources: [../../base]\nnamespace: prod\npatches: [{ path: local.yaml }]\nreplicas: [{ name: web, count: 2 }]\n',
  'overlays/prod/local.yaml': localPatch,
};

/** A Service of a chart whose type and ports come from values. */
const chart = {
  'shop/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
  'shop/values.yaml': 'service:\n  type: ClusterIP\n  port: 80\n  targetPort: http\nreplicas: 2\n',
  'shop/templates/_names.tpl': '{{- define "shop.labels" -}}\napp: {{ .Release.Name }}\n{{- end -}}\n',
  'shop/templates/service.yaml': `apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  type: {{ .Values.service.type }}
  {{- if eq .Values.service.type "LoadBalancer" }}
  externalTrafficPolicy: {{ .Values.service.policy | default "Local" }}
  {{- end }}
  selector:
    {{- include "shop.labels" . | nindent 4 }}
  ports:
    - port: {{ .Values.service.port }}
      targetPort: {{ .Values.service.targetPort }}
`,
  'shop/templates/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels: {{- include "shop.labels" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "shop.labels" . | nindent 8 }}
    spec:
      containers:
        - name: shop
          image: shop
          ports:
            - name: web
              containerPort: 8080
`,
};

test("a base's Service says what the first overlay makes of it, and that the others differ", async () => {
  expect(await said(overlays)).toMatchInlineSnapshot(`
    "base/web.yaml:1 over dev-web: dev: 2 hops from LB, SNAT applied | → 1 pod | differs in 1 of 2 overlays
    overlays/dev/kustomization.yaml:1 over it: dev: 1 Service, 1 way in
    overlays/prod/kustomization.yaml:1 over it: prod: 1 Service, 1 way in
    overlays/prod/local.yaml:5 hint local-policy-drops: 1 of 3 nodes (node-3) drops traffic for Service web: no pod of it runs there. The load balancer's health check on port 31855 leaves them out; until it notices a change, packets are lost. With the 3 nodes that are assumed."
  `);
});

test('a finding stands at the transformer that decides it, and names the overlay that it holds in', async () => {
  expect(
    await said({
      ...base,
      'base/web.yaml': web.replace('Policy: Cluster', 'Policy: Local'),
      'a/kustomization.yaml': 'resources: [../base]\nreplicas:\n  - name: web\n    count: 2\n',
      'b/kustomization.yaml': 'resources: [../base]\nreplicas:\n  - name: web\n    count: 9\n',
    }),
  ).toMatchInlineSnapshot(`
    "a/kustomization.yaml:1 over it: a: 1 Service, 1 way in
    b/kustomization.yaml:1 over it: b: 1 Service, 1 way in
    base/web.yaml:1 over web: a: 2 hops from LB, 1 of 3 nodes drops | source preserved | → 2 pods | differs in 1 of 2 overlays
    base/web.yaml:6 hint local-policy-drops: 1 of 3 nodes (node-3) drops traffic for Service web: no pod of it runs there. The load balancer's health check on port 30967 leaves them out; until it notices a change, packets are lost. With the 3 nodes that are assumed. (in a)"
  `);
});

test('a selector that only matches behind the label transformer is right', async () => {
  expect(
    await said({
      'kustomization.yaml': 'resources: [web.yaml]\nlabels:\n  - pairs: { team: shop }\n    includeSelectors: true\n',
      'web.yaml': web,
    }),
  ).toMatchInlineSnapshot(`
    "kustomization.yaml:1 over it: w: 1 Service, 1 way in
    web.yaml:1 over web: 2 hops from LB, SNAT applied | → 3 pods"
  `);
});

test('a patch written into the kustomization', async () => {
  expect(
    await said({
      'kustomization.yaml':
        'resources: [web.yaml]\npatches:\n  - target: { kind: Service }\n    patch: |-\n' +
        '      - op: replace\n        path: /spec/ports/0/targetPort\n        value: 8081\n',
      'web.yaml': web,
    }),
  ).toMatchInlineSnapshot(`
    "kustomization.yaml:1 over it: w: 1 Service, 1 way in
    kustomization.yaml:7 info target-port-not-offered: No selected pod declares TCP port 8081; they declare 8080. Unless something listens there all the same, connections to port 80 of Service web are refused.
    web.yaml:1 over web: 2 hops from LB, SNAT applied | → 3 pods"
  `);
});

test('a selector of which a patch sets one label leads to the patch', async () => {
  const selected = (kind: string, path: string): string =>
    `resources: [web.yaml]\npatches:\n  - target: { kind: ${kind} }\n    patch: |-\n` +
    `      - op: add\n        path: ${path}\n        value: wbe\n`;
  const policy = `---
kind: NetworkPolicy
apiVersion: networking.k8s.io/v1
metadata: { name: web }
spec: { podSelector: { matchLabels: { app: web } }, ingress: [] }
`;
  const files = { 'web.yaml': web + policy };
  expect(
    [
      await said({ ...files, 'kustomization.yaml': selected('Service', '/spec/selector/app') }),
      await said({ ...files, 'kustomization.yaml': selected('NetworkPolicy', '/spec/podSelector/matchLabels/app') }),
    ].join('\n'),
  ).toMatchInlineSnapshot(`
    "kustomization.yaml:1 over it: w: 1 Service, 1 way in
    kustomization.yaml:7 warning selector-matches-no-pod: Service web selects no pod, so every connection to it is rejected. The nearest, Deployment web, has app: web instead of app: wbe.
    web.yaml:1 over web: no way in: selector matches no pod
    web.yaml:21 over web: isolates 3 pods for ingress | lets in nobody
    kustomization.yaml:1 over it: w: 1 Service, 1 way in
    kustomization.yaml:7 warning policy-selects-nothing: NetworkPolicy web selects no pod, so it guards none. The nearest, Deployment web, has app: web instead of app: wbe.
    web.yaml:1 over web: 2 hops from LB, SNAT applied | → 3 pods
    web.yaml:21 over web: isolates no pod"
  `);
});

test("a chart's template, and the values file's line that is wrong", async () => {
  expect(await said(chart)).toMatchInlineSnapshot(`
    "shop/Chart.yaml:1 over it: shop: 1 Service, 0 ways in
    shop/templates/service.yaml:2 over shop: no way in: no pod offers the targetPort
    shop/values.yaml:4 warning target-port-not-offered: No selected pod has a TCP container port named http, so port 80 of Service shop has no endpoints and rejects every connection. They offer web."
  `);
});

test('values beside the chart are a set of their own', async () => {
  expect(
    await said({
      ...chart,
      'shop/values.yaml': chart['shop/values.yaml'].replace('targetPort: http', 'targetPort: web'),
      'shop/values-prod.yaml': 'service:\n  type: LoadBalancer\n  policy: Local\n',
    }),
  ).toMatchInlineSnapshot(`
    "shop/Chart.yaml:1 over it: shop: 1 Service, 0 ways in, built in 2 ways
    shop/templates/service.yaml:2 over shop: shop: 1 hop from pod, no SNAT | → 2 pods | differs in 1 of 2 values files
    shop/values-prod.yaml:3 hint local-policy-drops: 1 of 3 nodes (node-3) drops traffic for Service shop: no pod of it runs there. The load balancer's health check on port 32297 leaves them out; until it notices a change, packets are lost. With the 3 nodes that are assumed. (in values-prod.yaml)"
  `);
});

test('a missing resource is said at its line', async () => {
  expect(await said({ 'kustomization.yaml': 'resources:\n  - web.yaml\n  - gone.yaml\n', 'web.yaml': web }))
    .toMatchInlineSnapshot(`
    "kustomization.yaml:1 over it: w: can't be built
    kustomization.yaml:3 error missing-resource: 'gone.yaml' doesn't exist
    web.yaml:1 over web: 2 hops from LB, SNAT applied | → 3 pods"
  `);
});

test("what isn't in the workspace is named, with the patches of it left out", async () => {
  expect(
    await said({
      'kustomization.yaml':
        'resources:\n  - web.yaml\n  - https://example.com/base.yaml\npatches:\n  - path: other.yaml\n',
      'web.yaml': web,
      'other.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: other }\nspec: { type: NodePort }\n',
    }),
  ).toMatchInlineSnapshot(`
    "kustomization.yaml:1 over it: w: 1 Service, 1 way in
    kustomization.yaml:3 info not-in-workspace: https://example.com/base.yaml isn't in this workspace, so what depends on it is left open.
    web.yaml:1 over web: 2 hops from LB, SNAT applied | → 3 pods"
  `);
});

test("Flux's Kustomization lays its namespace and patches over a folder", async () => {
  expect(
    await said({
      'app/web.yaml': web.replace(
        '[{ port: 80, targetPort: 8080 }]',
        '\n    - port: ${port:=81}\n      targetPort: 8080',
      ),
      'clusters/prod.yaml': `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: shop, namespace: flux-system }
spec:
  path: ./app
  targetNamespace: shop
  postBuild: { substitute: { port: "8000" } }
  patches:
    - target: { kind: Service }
      patch: |
        - op: replace
          path: /spec/externalTrafficPolicy
          value: Local
`,
    }),
  ).toMatchInlineSnapshot(`
    "app/web.yaml:1 over web: 2 hops from LB, source preserved | → 3 pods
    clusters/prod.yaml:1 over it: shop: 1 Service, 1 way in"
  `);
});

test("an ApplicationSet's list of Applications, each with its values", async () => {
  expect(
    await said({
      ...chart,
      'apps.yaml': `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: { name: shops }
spec:
  generators: [{ list: { elements: [{ name: one, port: 8000 }, { name: two, port: 9000 }] } }]
  template:
    metadata: { name: '{{name}}' }
    spec:
      destination: { namespace: shop }
      source:
        path: shop
        helm:
          values: |
            service:
              targetPort: wob
`,
    }),
  ).toMatchInlineSnapshot(`
    "apps.yaml:15 warning target-port-not-offered: No selected pod has a TCP container port named wob, so port 80 of Service one has no endpoints and rejects every connection. They offer web.
    shop/Chart.yaml:1 over it: shop: 1 Service, 0 ways in, built in 3 ways
    shop/templates/service.yaml:2 over shop: shop: no way in: no pod offers the targetPort
    shop/values.yaml:4 warning target-port-not-offered: No selected pod has a TCP container port named http, so port 80 of Service shop has no endpoints and rejects every connection. They offer web. (in shop)"
  `);
});

test("a kustomization's own chart", async () => {
  expect(
    await said({
      ...Object.fromEntries(Object.entries(chart).map(([path, text]) => [`charts/${path}`, text])),
      'kustomization.yaml':
        'namespace: shop\nhelmCharts:\n  - name: shop\n    releaseName: mine\n' +
        '    valuesInline: { service: { targetPort: web } }\n',
    }),
  ).toMatchInlineSnapshot(`
    "charts/shop/Chart.yaml:1 over it: shop: 1 Service, 0 ways in
    charts/shop/templates/service.yaml:2 over shop: no way in: no pod offers the targetPort
    charts/shop/values.yaml:4 warning target-port-not-offered: No selected pod has a TCP container port named http, so port 80 of Service shop has no endpoints and rejects every connection. They offer web.
    kustomization.yaml:1 over it: w: 1 Service, 0 ways in
    kustomization.yaml:3 over mine: 1 hop from pod, no SNAT | → 2 pods"
  `);
});

test('a template that fails, a schema that is broken, a sub-chart of a repository', async () => {
  expect(
    await said({
      'a/Chart.yaml': 'apiVersion: v2\nname: a\nversion: 1.0.0\n',
      'a/templates/x.yaml': 'kind: {{ .Values.kind\n',
      'b/Chart.yaml': 'apiVersion: v2\nname: b\nversion: 1.0.0\n',
      'b/values.yaml': 'port: high\n',
      'b/values.schema.json': '{"properties": {"port": {"type": "integer"}}}',
      'c/Chart.yaml':
        'apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies:\n' +
        '  - name: redis\n    version: 1.0.0\n    repository: https://example.com\n',
      'c/templates/x.yaml': 'kind: ConfigMap\napiVersion: v1\nmetadata: { name: x }\n',
    }),
  ).toMatchInlineSnapshot(`
    "a/Chart.yaml:1 over it: a: can't be built
    a/templates/x.yaml:2 error template-syntax: unclosed action started at a/templates/x.yaml:1
    b/Chart.yaml:1 over it: b: can't be built
    b/values.yaml:1 error values-schema: port: got string, want integer (the schema of chart b)
    c/Chart.yaml:1 over it: c: 0 Services, 0 ways in
    c/Chart.yaml:5 info not-in-workspace: The chart redis of https://example.com isn't in this workspace, so what depends on it is left open."
  `);
});

test('hoplens.yaml says how a chart is installed', async () => {
  expect(
    await said({
      ...chart,
      'hoplens.yaml': `apiVersion: hoplens.dev/v1alpha1
kind: ManifestSets
metadata: { name: shops }
spec:
  charts:
    - name: live
      path: shop
      values: [live.yaml, gone.yaml]
      release: web
`,
      'live.yaml': 'service:\n  type: NodePort\n  targetPort: web\n',
    }),
  ).toMatchInlineSnapshot(`
    "hoplens.yaml:8 error manifest-sets: There is no such file of values.
    shop/Chart.yaml:1 over it: shop: 1 Service, 0 ways in, built in 2 ways
    shop/Chart.yaml:1 error bad-values: '/w/gone.yaml' doesn't exist
    shop/templates/service.yaml:2 over shop: shop: no way in: no pod offers the targetPort
    shop/values.yaml:4 warning target-port-not-offered: No selected pod has a TCP container port named http, so port 80 of Service shop has no endpoints and rejects every connection. They offer web. (in shop)"
  `);
});

test("without a build, a source's finding is not that of its raw text", async () => {
  const built = new BuiltInMemory(renderer, overlays);
  expect(built.said()).toEqual([]);
});

test('a base outside of the workspace is named, and the rest is built', async () => {
  expect(await said({ 'kustomization.yaml': 'resources:\n  - ../base\n  - web.yaml\n', 'web.yaml': web }))
    .toMatchInlineSnapshot(`
    "kustomization.yaml:1 over it: w: 1 Service, 1 way in
    kustomization.yaml:2 info not-in-workspace: ../base isn't in this workspace, so what depends on it is left open.
    web.yaml:1 over web: 2 hops from LB, SNAT applied | → 3 pods"
  `);
});

test('what a chart leaves without a namespace lands in that of its release', async () => {
  const release = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: live, namespace: flux-system }
spec:
  targetNamespace: web
  chart: { spec: { chart: ./shop, sourceRef: { kind: GitRepository, name: here } } }
  values: { service: { targetPort: web } }
  postRenderers: [{ kustomize: { patches: [] } }]
`;
  const named = chart['shop/templates/service.yaml'].replace(
    'metadata:',
    'metadata:\n  namespace: {{ .Release.Namespace }}',
  );
  expect(await said({ ...chart, 'shop/templates/service.yaml': named, 'release.yaml': release }))
    .toMatchInlineSnapshot(`
      "release.yaml:1 info not-in-workspace: What postRenderers of live change isn't done here, so what depends on it is left open.
      shop/Chart.yaml:1 over it: shop: 1 Service, 0 ways in, built in 2 ways
      shop/templates/service.yaml:2 over shop: shop: no way in: no pod offers the targetPort | differs in 1 of 2 builds
      shop/values.yaml:4 warning target-port-not-offered: No selected pod has a TCP container port named http, so port 80 of Service shop has no endpoints and rejects every connection. They offer web. (in shop)"
    `);
});

test('kustomizations in a circle say so', async () => {
  const circle = { 'a/kustomization.yaml': 'resources: [../b]\n', 'b/kustomization.yaml': 'resources: [../a]\n' };
  expect(await said(circle)).toMatchInlineSnapshot(`
    "a/kustomization.yaml:1 over it: a: can't be built
    b/kustomization.yaml:1 error cycle: cycle detected: '../a' is being built already, or something in it"
  `);
});

test('a patch between two prefixes is where its value is decided', async () => {
  expect(
    await said({
      ...base,
      'inner/kustomization.yaml': 'resources: [../base]\nnamePrefix: m-\n',
      'outer/kustomization.yaml': 'resources: [../inner]\nnamePrefix: o-\npatches: [{ path: patch.yaml }]\n',
      'outer/patch.yaml':
        'apiVersion: v1\nkind: Service\nmetadata: { name: m-web }\n' +
        'spec: { ports: [{ port: 80, targetPort: 8081 }] }\n',
    }),
  ).toMatchInlineSnapshot(`
    "base/web.yaml:1 over o-m-web: 2 hops from LB, SNAT applied | → 3 pods
    outer/kustomization.yaml:1 over it: outer: 1 Service, 1 way in
    outer/patch.yaml:4 info target-port-not-offered: No selected pod declares TCP port 8081; they declare 8080. Unless something listens there all the same, connections to port 80 of Service o-m-web are refused."
  `);
});

test('what is ignored in a base, a values file or a template, is so where it is built', async () => {
  const refused = web.replace('port: 80, ', 'port: 80, nodePort: 80, ');
  const overlay = {
    'a/kustomization.yaml': 'resources: [../base]\n',
    'base/kustomization.yaml': 'resources: [web.yaml]\n',
  };
  const ignoring = refused.replace(/(nodePort: 80.*)/, '$1 # hoplens-ignore node-port-out-of-range: as it was');
  const findings = async (files: Readonly<Record<string, string>>): Promise<string[]> =>
    (await new BuiltInMemory(renderer, files).build())
      .said()
      .flatMap((line) => /^(\S+) (?:error|warning|info) (\S+):/.exec(line)?.slice(1).join(' ') ?? []);
  expect(await findings({ ...overlay, 'base/web.yaml': refused })).toEqual(['base/web.yaml:8 node-port-out-of-range']);
  expect(await findings({ ...overlay, 'base/web.yaml': ignoring })).toEqual([]);
  const chart = (service: string): Readonly<Record<string, string>> => ({
    'c/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n',
    'c/values.yaml': 'a: 1\n',
    'c/templates/web.yaml': service,
  });
  expect(await findings(chart(refused))).toEqual(['c/templates/web.yaml:8 node-port-out-of-range']);
  expect(await findings(chart(ignoring))).toEqual([]);
  const inAction = `{{/* hoplens-ignore node-port-out-of-range: as it was */}}\n${refused}`;
  expect(await findings(chart(inAction))).toEqual([]);
});

test('a key that comes twice in a base is told there, as what kustomize refuses', async () => {
  expect(
    await said({
      'base/kustomization.yaml': 'resources: [web.yaml]\n',
      'base/web.yaml':
        'apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  name: shop\nspec: { ports: [{ port: 80 }] }\n',
      'prod/kustomization.yaml': 'resources: [../base]\n',
    }),
  ).toMatchInlineSnapshot(`
    "base/web.yaml:1 over shop: unknown: no selector, and no endpoints in these files
    base/web.yaml:5 error yaml-duplicate-key: name stands in this map more than once: kubectl takes the last and says nothing, kustomize refuses the file.
    prod/kustomization.yaml:1 over it: prod: can't be built"
  `);
});

test('quotes that a chart lacks are told where they are to be put, and put only where they come through', async () => {
  const files = {
    'unquoted/Chart.yaml': chart['shop/Chart.yaml'],
    'unquoted/values.yaml': 'port: "8080"\nannotations:\n  prometheus.io/port: 9090\n',
    'unquoted/templates/pod.yaml': `apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations:
    {{- toYaml .Values.annotations | nindent 4 }}
spec:
  containers:
    - name: web
      image: web
      env:
        - name: PORT
          value: {{ .Values.port }}
`,
  };
  const { workspace } = await new BuiltInMemory(renderer, files).build();
  const found = workspace.uris().flatMap((uri) => workspace.findings(uri));
  const told = found.map(({ site: { uri, range }, rule, message, fixes }) => {
    const edits = fixes.flatMap((fix) => fix.edits.map(({ site, text }) => `${site.range.start.character} ${text}`));
    return [`${uri}:${range.start.line + 1} ${rule}: ${message}`, ...edits].join(' | ');
  });
  expect(told.toSorted().join('\n')).toMatchInlineSnapshot(`
    "/w/unquoted/templates/pod.yaml:13 quotes-missing: spec.containers[0].env[0].value: the chart prints 8080 without quotes, and it must be a text: put it in quotes, in a template by \`| quote\`. The API server refuses Pod web.
    /w/unquoted/values.yaml:3 quotes-missing: metadata.annotations[prometheus.io/port]: the chart prints 9090 without quotes, and it must be a text: put it in quotes, in a template by \`| quote\`. The API server refuses Pod web. | 22 " | 26 ""
  `);
});
