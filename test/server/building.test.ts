import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Editor, type Folder, newFolder, pod, startEditor } from './editor.ts';

let folder: Folder;
let editor: Editor;
const wait = { timeout: 15_000 };

const service = (targetPort: string): string =>
  'apiVersion: v1\nkind: Service\nmetadata: { name: shop }\nspec:\n  selector: { app: shop }\n' +
  `  ports: [{ port: 80, targetPort: ${targetPort} }]\n`;

const template = `apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  selector: { app: {{ .Release.Name }} }
  ports: [{ port: 80, targetPort: {{ .Values.port }} }]
`;

const ingress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec:
  defaultBackend: { service: { name: {{ .Values.backend }}, port: { number: 80 } } }
`;

beforeAll(async () => {
  folder = newFolder({
    'base/kustomization.yaml': 'resources: [shop.yaml, pod.yaml]\n',
    'base/shop.yaml': service('http'),
    'base/pod.yaml': pod('shop'),
    'dev/kustomization.yaml': 'resources: [../base]\nnamePrefix: dev-\n',
    'prod/kustomization.yaml': 'resources: [../base]\n',
    'chart/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
    'chart/values.yaml': 'port: wob\nbackend: shpo\n',
    'chart/templates/ingress.yaml': ingress,
    'chart/templates/shop.yaml': template,
    'chart/templates/pod.yaml': pod('shop'),
    'plain/shop.yaml': `${service('http')}---\n${pod('shop')}`,
  });
  editor = await startEditor(folder);
});

afterAll(() => editor.stop());

test('what is wrong in what is built stands in the sources', async () => {
  await expect
    .poll(() => editor.codes(folder.at('chart/values.yaml')), wait)
    .toEqual(['ingress-backend-missing', 'target-port-not-offered']);
});

test("a base's lens speaks of an overlay, and follows a key in the base", async () => {
  const uri = folder.at('base/shop.yaml');
  await editor.open(uri, service('http'));
  await expect.poll(() => editor.lenses(uri), wait).toContain('dev: 1 hop from pod, no SNAT');
  await editor.change(uri, service('wob'), 2);
  // No waiting here: the answer waits for the build.
  expect(await editor.lenses(uri)).toContain('dev: no way in: no pod offers the targetPort');
  await expect.poll(() => editor.codes(uri), wait).toEqual(['target-port-not-offered']);
  await editor.change(uri, service('http'), 3);
  expect(await editor.lenses(uri)).toContain('dev: 1 hop from pod, no SNAT');
  await expect.poll(() => editor.codes(uri), wait).toEqual([]);
});

test('another overlay can be picked', async () => {
  const uri = folder.at('base/shop.yaml');
  const set: { label: string; files: string[]; builds: { root: string; label: string }[] } =
    await editor.connection.sendRequest('hoplens/judgedSet', { uri });
  expect(set.label).toBe('dev');
  expect(set.files).toContain(folder.at('base/pod.yaml'));
  const prod = set.builds.find(({ label }) => label === 'prod');
  await editor.connection.sendNotification('hoplens/pick', { root: prod?.root });
  expect(await editor.lenses(uri)).toContain('prod: 1 hop from pod, no SNAT');
});

test('a fix edits the values file where the value stands there as it is', async () => {
  const uri = folder.at('chart/values.yaml');
  const start = { line: 1, character: 10 };
  const actions: { title: string; edit: { changes: Record<string, { newText: string }[]> } }[] =
    await editor.connection.sendRequest('textDocument/codeAction', {
      textDocument: { uri },
      range: { start, end: start },
      context: { diagnostics: [] },
    });
  expect(
    actions.slice(0, 1).map(({ edit }) => [Object.keys(edit.changes), Object.values(edit.changes).flat()[0]?.newText]),
  ).toEqual([[[uri], 'shop']]);
});

test('while it cannot be built, what was there stays, and says so', async () => {
  const uri = folder.at('chart/values.yaml');
  const shop = folder.at('chart/templates/shop.yaml');
  await editor.open(uri, 'port: http\nbackend: shop\n');
  await editor.open(shop, template);
  await expect.poll(() => editor.lenses(shop), wait).toContain('1 hop from pod, no SNAT');
  await expect.poll(() => editor.codes(uri), wait).toEqual([]);
  await editor.change(shop, template.replace('{{ .Values.port }}', '{{ .Values.port '), 2);
  await expect.poll(() => editor.codes(shop), wait).toEqual(['template-syntax']);
  const lenses = await editor.lenses(shop);
  expect(lenses).toContain('1 hop from pod, no SNAT');
  expect(lenses).toContain('as it was last built');
  await editor.change(shop, template, 3);
  await expect.poll(() => editor.codes(shop), wait).toEqual([]);
});

test('a hover in a template and in the values says what they come to', async () => {
  const hover = (uri: string, line: number, character: number): Promise<{ contents: { value: string } } | null> =>
    editor.connection.sendRequest('textDocument/hover', { textDocument: { uri }, position: { line, character } });
  const inTemplate = await hover(folder.at('chart/templates/shop.yaml'), 6, 45);
  expect(inTemplate?.contents.value).toContain('`spec.ports.0.targetPort: http` of Service shop');
  const inValues = await hover(folder.at('chart/values.yaml'), 0, 7);
  expect(inValues?.contents.value).toContain('`spec.ports.0.targetPort: http` of Service shop');
});

test('a plain manifest beside them is judged as ever', async () => {
  const uri = folder.at('plain/shop.yaml');
  await editor.open(uri, `${service('wob')}---\n${pod('shop')}`);
  await expect.poll(() => editor.codes(uri), wait).toEqual(['target-port-not-offered']);
});

test('a kustomization that goes leaves its files to be judged as they stand', async () => {
  folder.remove('dev');
  folder.remove('prod');
  folder.remove('base/kustomization.yaml');
  await editor.watched([
    { uri: folder.at('dev'), type: 3 },
    { uri: folder.at('prod'), type: 3 },
    { uri: folder.at('base/kustomization.yaml'), type: 3 },
  ]);
  await expect.poll(() => editor.lenses(folder.at('base/shop.yaml')), wait).toContain('1 hop from pod, no SNAT');
});

test('a hover in a base says what it comes to', async () => {
  const other = newFolder({
    'base/kustomization.yaml': 'resources: [shop.yaml, pod.yaml]\n',
    'base/shop.yaml': service('http'),
    'base/pod.yaml': pod('shop'),
    'prod/kustomization.yaml':
      'resources: [../base]\nnamespace: prod\npatches: [{ path: port.yaml, target: { kind: Service } }]\n',
    'prod/port.yaml': '- op: replace\n  path: /spec/ports/0/port\n  value: 81\n',
  });
  const its = await startEditor(other);
  const uri = other.at('base/shop.yaml');
  await its.open(uri, service('http'));
  await expect.poll(() => its.lenses(uri), wait).toContain('1 hop from pod, no SNAT');
  const hover = (at: string, line: number, character: number): Promise<{ contents: { value: string } } | null> =>
    its.connection.sendRequest('textDocument/hover', { textDocument: { uri: at }, position: { line, character } });
  expect((await hover(uri, 4, 14))?.contents.value).toContain('prod: `spec.selector.app: shop` of Service shop');
  const inPatch = await hover(other.at('prod/port.yaml'), 2, 9);
  expect(inPatch?.contents.value).toContain('prod: `spec.ports.0.port: 81` of Service shop');
  // A patch that changes on the disk.
  other.write({ 'prod/port.yaml': '- op: replace\n  path: /spec/ports/0/targetPort\n  value: wob\n' });
  await its.watched([{ uri: other.at('prod/port.yaml'), type: 2 }]);
  await expect.poll(() => its.lenses(uri), wait).toContain('no way in: no pod offers the targetPort');
  await its.stop();
});

test('a chart that is the workspace itself', async () => {
  const other = newFolder({
    'Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
    'values.yaml': 'port: http\n',
    'templates/shop.yaml': template,
    'templates/pod.yaml': pod('shop'),
  });
  const its = await startEditor(other);
  await expect.poll(() => its.lenses(other.at('templates/shop.yaml')), wait).toContain('1 hop from pod, no SNAT');
  await its.stop();
});
