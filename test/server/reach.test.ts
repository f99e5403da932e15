import { afterAll, beforeAll, expect, test } from 'vitest';
import { CancellationTokenSource, LSPErrorCodes } from 'vscode-languageserver/node';
import { type LinesAnswer, reachMethod } from '../../shared/insight/protocol.ts';
import { type Editor, type Folder, newFolder, startEditor } from './editor.ts';

const apps = 60;
const names = Array.from({ length: apps }, (_, index) => `app-${index}`);

/** Each app lets in two others and nobody else, and names a range, so that all pairs are some work. */
function app(name: string, index: number): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: 3
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: main, image: main, ports: [{ containerPort: 8080 }] }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name} }
spec:
  podSelector: { matchLabels: { app: ${name} } }
  ingress:
    - from:
        - podSelector: { matchLabels: { app: app-${(index + 1) % apps} } }
        - podSelector: { matchLabels: { app: app-${(index + 7) % apps} } }
        - ipBlock: { cidr: 10.244.${index}.0/30 }
---
`;
}

let folder: Folder;
let editor: Editor;

beforeAll(async () => {
  folder = newFolder({
    'apps.yaml': names.map(app).join(''),
    'other.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: other }\n',
  });
  editor = await startEditor(folder);
  await editor.open(folder.at('apps.yaml'), names.map(app).join(''));
  await editor.quiet();
}, 60_000);
afterAll(() => editor.stop());

const asked = (file = 'apps.yaml', ...token: CancellationTokenSource[]): Promise<LinesAnswer> =>
  editor.connection.sendRequest<LinesAnswer>(reachMethod, { uri: folder.at(file) }, ...token.map((each) => each.token));

const code = (answer: Promise<LinesAnswer>): Promise<unknown> =>
  answer.then(
    ({ lines }) => lines.length,
    (error: { code: unknown }) => error.code,
  );

test('while it is being answered, others are answered: it comes last', async () => {
  const order: string[] = [];
  const note = (what: string) => () => void order.push(what);
  const all = asked().then(note('reach'));
  for (let time = 0; time < 3; time++) {
    await editor.connection.sendRequest('textDocument/hover', {
      textDocument: { uri: folder.at('other.yaml') },
      position: { line: 1, character: 2 },
    });
    note('hover')();
  }
  await all;
  expect(order).toEqual(['hover', 'hover', 'hover', 'reach']);
});

test('an edit of what it rests on makes it idle, as does somebody who does not want it any more', async () => {
  const answer = code(asked());
  await editor.change(folder.at('apps.yaml'), names.slice(1).map(app).join(''), 2);
  expect(await answer).toBe(LSPErrorCodes.ContentModified);
  const source = new CancellationTokenSource();
  const cancelled = code(asked('apps.yaml', source));
  source.cancel();
  expect(await cancelled).toBe(LSPErrorCodes.RequestCancelled);
});

test('another edit leaves it alone', async () => {
  const answer = code(asked());
  await editor.open(folder.at('other.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: another }\n');
  expect(await answer).toBeGreaterThan(apps);
});
