import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { seededRandom } from '../seededRandom.ts';
import type { Texts } from './apps.ts';
import type { Edit } from './edits.ts';
import { type Editor, type OpenDocument, pause } from './editor.ts';
import type { Keystrokes } from './keystrokes.ts';
import { goal, measuredAs, type Run, startLimit, withEditor, write } from './station.ts';
import type { Measured } from './table.ts';

/** Google's demo, whole: a chart, and a base with components and four overlays. */
const demo = join(import.meta.dirname, '..', '..', '..', 'shared', 'built', 'GoogleCloudPlatform__microservices-demo');

/** Where a key is typed in the demo, and which number it makes another. */
const places = [
  { kind: 'a base', file: 'kustomize/base/frontend.yaml', number: /(?<=targetPort: )\d+/ },
  {
    kind: 'a component',
    file: 'kustomize/components/google-cloud-operations/otel-collector.yaml',
    number: /(?<=port: )\d+/,
  },
  { kind: 'a template', file: 'helm-chart/templates/frontend.yaml', number: /(?<=targetPort: )\d+/ },
  { kind: 'the values', file: 'helm-chart/values.yaml', number: /(?<=cpu: )\d+/ },
] as const;

/** Keys in what sets are built of, until the lenses that are asked for behind each are there; then in a plain file. */
export async function keysInSources(run: Run, folder: string): Promise<Measured[]> {
  const name = { row: 13, what: "key in microservices-demo's sources → fresh lenses", goal: goal(120, 250) };
  if (!existsSync(demo)) return [measuredAs(name, { values: [], notes: ['skipped: there is no ../shared/built'] })];
  cpSync(demo, folder, { recursive: true });
  write(folder, new Map([['plain/shop.yaml', plain]]));
  return withEditor(run, folder, async (editor) => {
    await editor.ready(editor.startedAt + startLimit);
    for (const entry of ['kustomize/kustomization.yaml', 'helm-chart/Chart.yaml'])
      await untilBuilt(editor, pathToFileURL(join(folder, entry)).href);
    const found: Measured[] = [];
    for (const { kind, file, number } of places) {
      const uri = pathToFileURL(join(folder, file)).href;
      const document = await editor.open(uri, readFileSync(join(folder, file), 'utf8'));
      await editor.settled(performance.now() + startLimit);
      const keys = await lensKeys(run, editor, { document, number });
      found.push(measuredAs({ ...name, what: `${name.what}, ${kind}` }, keys));
    }
    const row = { row: 14, what: 'key in a plain file beside them → fresh lenses', goal: null };
    found.push(measuredAs(row, await plainKeys(run, editor, folder)));
    return found;
  }).then(async (found) => {
    const alone = join(folder, 'plain');
    const row = { row: 14, what: '  the same without any chart', goal: null };
    return [...found, measuredAs(row, await withEditor(run, alone, (editor) => plainKeys(run, editor, alone)))];
  });
}

/** Keys in a manifest that nothing is built of. */
async function plainKeys(run: Run, editor: Editor, folder: string): Promise<Keystrokes> {
  const uri = pathToFileURL(join(folder, 'plain.yaml')).href;
  await editor.ready(editor.startedAt + startLimit);
  const document = await editor.open(uri, plain);
  await editor.settled(performance.now() + startLimit);
  return lensKeys(run, editor, { document, number: /(?<=targetPort: )\d+/ });
}

/** Until something stands over a kustomization or a chart. */
async function untilBuilt(editor: Editor, entry: string): Promise<void> {
  const deadline = performance.now() + startLimit;
  while (performance.now() < deadline && [null, '[]'].includes(await editor.ask(entry))) await pause(50);
}

/** A key's time runs until its file's lenses are there: what else is built behind it is waited for, but not counted. */
async function lensKeys(
  run: Run,
  editor: Editor,
  { document, number }: { readonly document: OpenDocument; readonly number: RegExp },
): Promise<Keystrokes> {
  const found: Keystrokes = { values: [], began: [], answered: [], work: [], sent: [], changed: [], notes: [] };
  const random = seededRandom(run.seed);
  const deadline = performance.now() + run.seconds * 1000;
  const warmUp = 3;
  for (let key = 0; key < run.keys + warmUp && performance.now() < deadline; key++) {
    const at = number.exec(document.text);
    if (at === null) throw new Error(`nothing to edit in ${document.uri}`);
    const edit: Edit = { start: at.index, length: at[0].length, text: String(8000 + random.below(1000)) };
    const before = editor.worked();
    const start = await editor.change(document, edit);
    await editor.ask(document.uri);
    const time = performance.now() - start;
    const work = editor.worked() - before;
    await editor.settled(deadline);
    if (key < warmUp) continue;
    found.values.push(time);
    found.began.push(start);
    found.work.push(work);
  }
  return found;
}

/** A repository of 100 kustomizations and 10 charts: the open file's first lenses, and when all is built. */
export async function manyBuilds(run: Run, folder: string): Promise<Measured[]> {
  const texts = repository();
  write(folder, texts);
  return withEditor(run, folder, async (editor) => {
    const file = 'apps/app-25/base/shop.yaml';
    const uri = pathToFileURL(join(folder, file)).href;
    await editor.open(uri, texts.get(file) ?? '');
    let first = 0;
    while (first === 0 && performance.now() < editor.startedAt + startLimit) {
      const answer = await editor.ask(uri);
      if (answer !== null && answer !== '[]') first = performance.now() - editor.startedAt;
      else await pause(20);
    }
    for (const entry of texts.keys())
      if (/overlays\/.*kustomization|Chart/.test(entry))
        await untilBuilt(editor, pathToFileURL(join(folder, entry)).href);
    const all = performance.now() - editor.startedAt;
    return [
      measuredAs(
        { row: 15, what: '100 kustomizations, 10 charts: first lenses of the open file', goal: goal(1000) },
        { values: [first], notes: [`${texts.size} files`] },
      ),
      measuredAs({ row: 15, what: '  until all is built', goal: goal(10_000) }, { values: [all] }),
    ];
  });
}

/** Fifty apps with a base and two overlays each, and ten charts, whose values are wrong, so that they are heard of. */
export function repository(): Texts {
  const texts = new Map<string, string>();
  for (let app = 0; app < 50; app++) {
    const at = `apps/app-${app}`;
    texts.set(`${at}/base/kustomization.yaml`, 'resources: [shop.yaml]\n');
    texts.set(`${at}/base/shop.yaml`, plain.replaceAll('shop', `shop-${app}`));
    for (const overlay of ['dev', 'prod'])
      texts.set(
        `${at}/overlays/${overlay}/kustomization.yaml`,
        `resources: [../../base]\nnamespace: ${overlay}\nreplicas: [{ name: shop-${app}, count: 2 }]\n`,
      );
  }
  for (let chart = 0; chart < 10; chart++) {
    const at = `charts/chart-${chart}`;
    texts.set(`${at}/Chart.yaml`, `apiVersion: v2\nname: chart-${chart}\nversion: 1.0.0\n`);
    texts.set(`${at}/values.yaml`, 'port: wrong\n');
    texts.set(
      `${at}/templates/shop.yaml`,
      plain.replaceAll('name: shop', 'name: {{ .Release.Name }}').replace('8080\n---', '{{ .Values.port }}\n---'),
    );
  }
  return texts;
}

const plain = `apiVersion: v1
kind: Service
metadata:
  name: shop
spec:
  selector: { app: shop }
  ports:
    - port: 80
      targetPort: 8080
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  replicas: 3
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec:
      containers:
        - name: shop
          image: example/shop:1
          ports: [{ name: http, containerPort: 8080 }]
`;
