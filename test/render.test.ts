import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { nodeRenderer } from '../render/node.ts';
import type { FromWorker } from '../render/protocol.ts';
import { createRenderer } from '../render/renderer.ts';
import { openSandbox, type HelmRequest, type Rendered, type Sandbox } from '../render/sandbox.ts';

const wasm = join(import.meta.dirname, '..', 'render', 'render.wasm.br');

type Files = Readonly<Record<string, string>>;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openSandbox(await WebAssembly.compile(brotliDecompressSync(readFileSync(wasm))));
});

const chartRequest: HelmRequest = {
  kind: 'helm',
  chart: '/c',
  values: [],
  inline: [],
  set: [],
  release: 'web',
  namespace: 'shop',
  kubeVersion: '1.34.0',
  apiVersions: [],
};

function build(files: Files, request: Parameters<Sandbox['build']>[0]): Rendered {
  for (const [path, text] of Object.entries(files)) sandbox.put(path, text);
  const rendered = sandbox.build(request);
  for (const path of Object.keys(files)) sandbox.remove(path);
  return rendered;
}

const kustomize = (files: Files): Rendered => build(files, { kind: 'kustomize', root: '/k' });

/** With a Chart.yaml, and in the chart's folder if they have no other. */
function placedFiles(files: Files): Files {
  const whole = { '/c/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n', ...files };
  return Object.fromEntries(
    Object.entries(whole).map(([path, text]) => [path.startsWith('/') ? path : `/c/${path}`, text]),
  );
}

const chart = (files: Files, request: Partial<HelmRequest> = {}): Rendered =>
  build(placedFiles(files), { ...chartRequest, ...request });

const texts = ({ objects, problem }: Rendered): string =>
  problem === null ? objects.map(({ text }) => text).join('---\n') : `${problem.kind}: ${problem.message}`;

const service = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ports:\n  - port: 80\n';

describe('kustomize', () => {
  const overlay = {
    '/k/kustomization.yaml':
      'namePrefix: a-\nresources:\n- ../base\nconfigMapGenerator:\n- name: made\n  literals: [x=y]\n' +
      'patches:\n- path: patch.yaml\n',
    '/k/patch.yaml': 'apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  type: NodePort\n',
    '/base/kustomization.yaml': 'resources:\n- web.yaml\n',
    '/base/web.yaml': service,
  };

  test('prints what `kustomize build` prints', () => {
    expect(texts(kustomize(overlay))).toMatchInlineSnapshot(`
      "apiVersion: v1
      data:
        x: "y"
      kind: ConfigMap
      metadata:
        name: a-made-6gc9d749f7
      ---
      apiVersion: v1
      kind: Service
      metadata:
        name: a-web
      spec:
        ports:
        - port: 80
        type: NodePort
      "
    `);
  });

  test('says where each object comes from, and as what', () => {
    const { objects, read, missing } = kustomize(overlay);
    expect(objects.map(({ original, origin }) => [original?.name, origin?.path ?? origin?.configuredIn])).toEqual([
      ['made', '/k/kustomization.yaml'],
      ['web', '/base/web.yaml'],
    ]);
    expect(read).toEqual(['/base/kustomization.yaml', '/base/web.yaml', '/k/kustomization.yaml', '/k/patch.yaml']);
    expect(missing).toContain('/base/kustomization.yml');
  });

  const root = (text: string, more: Files = {}): Files => ({
    '/k/kustomization.yaml': text,
    '/k/web.yaml': service,
    ...more,
  });
  const other = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: other\n';

  test.each<[string, Files, string]>([
    ['nothing to build', {}, 'no-kustomization'],
    ['a missing resource', root('resources:\n- web.yaml\n- gone.yaml\n'), 'missing-resource /k/kustomization.yaml:3:3'],
    [
      'a missing resource of a base',
      root('resources:\n- ../base\n', { '/base/kustomization.yaml': 'resources:\n- gone.yaml\n' }),
      'missing-resource /base/kustomization.yaml:2:3',
    ],
    [
      'a base without a kustomization',
      root('resources:\n- ../base\n', { '/base/x.yaml': service }),
      'no-kustomization /k/kustomization.yaml:2:3',
    ],
    [
      'a cycle',
      root('resources:\n- ../base\n', { '/base/kustomization.yaml': 'resources:\n- ../k\n' }),
      'cycle /base/kustomization.yaml:2:3',
    ],
    ['a remote base', root('resources:\n- github.com/o/r//base?ref=v1\n'), 'remote-base /k/kustomization.yaml:2:3'],
    ['a remote file', root('resources:\n- https://example.com/x.yaml\n'), 'remote-base /k/kustomization.yaml:2:3'],
    [
      'a patch without a target',
      root('resources:\n- web.yaml\npatches:\n- path: p.yaml\n', { '/k/p.yaml': other }),
      'patch-without-target /k/kustomization.yaml:4:9',
    ],
    [
      'a patch that fails',
      root(
        'resources:\n- web.yaml\npatches:\n- target: {kind: Service}\n  patch: |\n    - {op: remove, path: /spec/no}\n',
      ),
      'patch-failed /k/kustomization.yaml:5:10',
    ],
    [
      'a file that is no YAML',
      root('resources:\n- x.yaml\n', { '/k/x.yaml': 'a: b\nc: d: e\n' }),
      'bad-yaml /k/x.yaml:2',
    ],
    ['a file that is no object', root('resources:\n- x.yaml\n', { '/k/x.yaml': 'a: b\n' }), 'bad-resource /k/x.yaml:1'],
    [
      'two of one name',
      root('resources:\n- web.yaml\n- x.yaml\n', { '/k/x.yaml': service }),
      'duplicate-resource /k/kustomization.yaml:3:3',
    ],
    ['a misspelt field', root('resources:\n- web.yaml\nresource: []\n'), 'bad-kustomization /k/kustomization.yaml:3:1'],
    [
      'a file outside',
      root('resources:\n- ../x.yaml\n', { '/x.yaml': service }),
      'outside-root /k/kustomization.yaml:2:3',
    ],
    ['a chart', root('helmCharts:\n- name: x\n'), 'helm-in-kustomize /k/kustomization.yaml:1:1'],
  ])('%s is told at its line', (_, files, expected) => {
    expect(placed(kustomize(files))).toBe(expected);
  });

  test('a patch whose target matches nothing is warned of', () => {
    const { warnings } = kustomize(
      root('resources: [web.yaml]\npatches:\n- target: {kind: Pod}\n  patch: |\n    - {op: add, path: /a, value: b}\n'),
    );
    expect(warnings).toEqual(['no resource matches the target of a patch: kind "Pod", name ""']);
  });
});

function placed({ problem }: Rendered): string {
  if (problem === null) return 'built';
  const { kind, path, line, column } = problem;
  return path === null ? kind : `${kind} ${[path, line, column].filter((each) => each !== null).join(':')}`;
}

describe('Helm', () => {
  const web = {
    'values.yaml': 'service:\n  port: 80\nlabels:\n  tier: x\n',
    'templates/_names.tpl': '{{- define "name" -}}\n{{ .Release.Name }}-web\n{{- end }}\n',
    'templates/web.yaml':
      'kind: Service\nmetadata:\n  name: {{ include "name" . }}\n  labels:\n' +
      '    {{- toYaml .Values.labels | nindent 4 }}\n' +
      'spec:\n  ports:\n  {{- range $name, $each := dict "http" .Values.service }}\n' +
      '  - name: {{ $name }}\n    port: {{ $each.port }}\n  {{- end }}\n',
    'charts/db/Chart.yaml': 'apiVersion: v2\nname: db\nversion: 1.0.0\n',
    'charts/db/values.yaml': 'size: 1\n',
    'charts/db/templates/db.yaml': 'kind: Db\nsize: {{ .Values.size }}\nzone: {{ .Values.global.zone }}\n',
  };

  test('prints what `helm template` prints', () => {
    expect(texts(chart(web, { set: ['service.port=81', 'global.zone=eu'] }))).toMatchInlineSnapshot(`
      "kind: Service
      metadata:
        name: web-web
        labels:
          tier: x
      spec:
        ports:
        - name: http
          port: 81
      ---
      kind: Db
      size: 1
      zone: eu
      "
    `);
  });

  test.each<[string, Partial<HelmRequest>, string]>([
    ['a values file wins over the chart', { values: ['/1.yaml'] }, 'port: 1'],
    ['the last of two', { values: ['/1.yaml', '/2.yaml'] }, 'port: 2'],
    [
      'a text given with the request wins over files',
      { values: ['/1.yaml'], inline: [{ path: 'release', text: 'service: {port: 3}' }] },
      'port: 3',
    ],
    ['--set wins over all', { values: ['/1.yaml'], set: ['service.port=4'] }, 'port: 4'],
  ])('%s', (_, request, expected) => {
    const files = placedFiles({ ...web, '/1.yaml': 'service: {port: 1}', '/2.yaml': 'service: {port: 2}' });
    expect(/port: \d/.exec(texts(chart(files, request)))?.[0]).toBe(expected);
  });

  const template = (text: string, more: Files = {}): Files => ({ 'templates/a.yaml': text, ...more });
  const dependency =
    'apiVersion: v2\nname: c\nversion: 1.0.0\n' +
    'dependencies:\n- name: redis\n  version: 1.x\n  repository: https://example.com\n';
  const schema = '{"properties": {"b": {"properties": {"c": {"type": "integer"}}}}}';

  test.each<[string, Files, string]>([
    ['a template that does not parse', template('a: b\n{{ if }}\n'), 'template-syntax /c/templates/a.yaml:2'],
    ['`required`', template('a: b\nb: {{ required "say b" .Values.b }}\n'), 'template-failed /c/templates/a.yaml:2:7'],
    ['`fail`', template('{{ fail "no" }}\n'), 'template-failed /c/templates/a.yaml:1:4'],
    ['a nil', template('a: {{ .Values.b.c }}\n'), 'template-failed /c/templates/a.yaml:1:14'],
    [
      'a nil in an included template',
      template('{{ include "h" . }}\n', { 'templates/_h.tpl': '{{ define "h" }}\n{{ .Values.b.c }}{{ end }}\n' }),
      'template-failed /c/templates/_h.tpl:2:11',
    ],
    [
      'what is no YAML',
      template('kind: A\n{{ range list 1 2 }}\nb: c: {{ . }}\n{{ end }}\n'),
      'bad-yaml /c/templates/a.yaml:3:1',
    ],
    ['values that are no YAML', template('', { 'values.yaml': 'a: b\n c: d\n' }), 'bad-values /c/values.yaml:2'],
    [
      'values against the schema',
      template('', { 'values.yaml': 'b:\n  c: x\n', 'values.schema.json': schema }),
      'values-schema /c/values.yaml:2:3',
    ],
    ['a missing sub-chart', template('', { 'Chart.yaml': dependency }), 'missing-subchart /c/Chart.yaml:5:3'],
    [
      'a chart for another Kubernetes',
      template('', { 'Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\nkubeVersion: ">=1.99"\n' }),
      'kube-version /c/Chart.yaml:4:1',
    ],
    [
      'a template that includes itself',
      template('{{ define "x" }}{{ template "x" }}{{ end }}{{ template "x" }}\n'),
      'template-failed /c/templates/a.yaml:1:29',
    ],
  ])('%s is told at its line', (_, files, expected) => {
    expect(placed(chart(files))).toBe(expected);
  });

  test('what is made up and the time are the same each time', () => {
    const random = template(
      'kind: A\na: {{ randAlphaNum 9 }}\nb: {{ now }}\nc: {{ uuidv4 }}\nd: {{ randInt 0 999999 }}\n',
    );
    expect(texts(chart(random))).toBe(texts(chart(random)));
  });
});

describe('the renderer', () => {
  test.each([
    ['too-long', '{{ range until 1000 }}{{ range until 1000 }}{{ range until 1000 }}{{ end }}{{ end }}{{ end }}\n'],
    ['too-much-memory', 'a: {{ repeat 600000000 "a" }}\n'],
  ])('%s: it is cut off, and the next build is made', async (kind, bomb) => {
    const worker = join(import.meta.dirname, '..', 'render', 'worker.ts');
    const renderer = nodeRenderer({ sandbox: wasm, worker, mostMilliseconds: kind === 'too-long' ? 1_500 : 30_000 });
    renderer.put('/c/Chart.yaml', 'apiVersion: v2\nname: c\nversion: 1.0.0\n');
    renderer.put('/c/templates/a.yaml', bomb);
    expect(placed(await renderer.build(chartRequest))).toBe(kind);
    renderer.put('/c/templates/a.yaml', 'kind: A\n');
    expect(texts(await renderer.build(chartRequest))).toBe('kind: A\n');
    renderer.stop();
  });
});

test('a waiting build is replaced by a newer one of the same', async () => {
  const built: string[] = [];
  const answers: ((message: FromWorker) => void)[] = [];
  const renderer = createRenderer({
    module: () => WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])),
    startWorker: () => ({
      post: (message) => {
        if (message.kind === 'build') built.push(message.request.kind === 'helm' ? message.request.set.join() : '');
      },
      onMessage: (hear) => void answers.push(hear),
      onError: () => {},
      terminate: () => {},
    }),
  });
  const asked = ['a', 'b', 'c'].map((set) => renderer.build({ ...chartRequest, set: [set] }));
  await expect.poll(() => built).toEqual(['a']);
  const rendered = { objects: [], read: [], missing: [], problem: null, warnings: [], valuesFiles: [], values: {} };
  answers[0]?.({ kind: 'built', rendered });
  await expect.poll(() => built).toEqual(['a', 'c']);
  answers[0]?.({ kind: 'built', rendered });
  expect(await Promise.all(asked)).toHaveLength(3);
  renderer.stop();
});

const noGo = spawnSync('go', ['version']).error === undefined ? '' : 'Go is not on the path';

test(
  `render.wasm.br is what its source makes${noGo === '' ? '' : ` (skipped: ${noGo})`}`,
  { timeout: 600_000 },
  ({ skip }) => {
    if (noGo !== '') skip(noGo);
    const check = spawnSync(process.execPath, [join(wasm, '..', 'build.mjs'), '--check'], { encoding: 'utf8' });
    // Without a network its modules may not be there.
    if (check.status === 2) skip(check.stderr);
    expect(check.stdout).toBe('render.wasm.br is what its source makes\n');
  },
);
