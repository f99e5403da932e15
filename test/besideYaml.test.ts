import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type CompletionItem,
  type CompletionList,
  createProtocolConnection,
  type FoldingRange,
  type ProtocolConnection,
  type SelectionRange,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { completionsAt } from '../shared/insight/completing/completions.ts';
import { Workspace } from '../shared/insight/workspace.ts';

/**
 * YAML by Red Hat beside us: what it completes and folds we don't. Its Kubernetes schema is a page of the internet; in
 * its place stands one of our own with the fields and values of that which the positions here touch.
 */

const root = join(import.meta.dirname, '..');
const child = spawn(
  process.execPath,
  [join(root, 'node_modules/yaml-language-server/bin/yaml-language-server'), '--stdio'],
  { stdio: ['pipe', 'pipe', 'ignore'] },
);
let connection: ProtocolConnection;
const folder = mkdtempSync(join(tmpdir(), 'hoplens-'));
const schema = join(folder, 'service.json');

const text = { type: 'string' };
const labels = { type: 'object', additionalProperties: text };
const service = {
  type: 'object',
  properties: {
    apiVersion: { enum: ['v1'] },
    kind: { enum: ['Service'] },
    metadata: { type: 'object', properties: { name: text, namespace: text, labels, annotations: labels } },
    spec: {
      type: 'object',
      properties: {
        type: { enum: ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'] },
        selector: labels,
        externalTrafficPolicy: { enum: ['Cluster', 'Local'] },
        ports: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              name: text,
              protocol: { enum: ['TCP', 'UDP', 'SCTP'] },
              port: { type: 'integer' },
              targetPort: {},
            },
          },
        },
      },
    },
  },
};

beforeAll(async () => {
  writeFileSync(schema, JSON.stringify(service));
  connection = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  const settings = { yaml: { completion: true, schemaStore: { enable: false } } };
  connection.onRequest('workspace/configuration', ({ items }: { items: { section: string }[] }) =>
    items.map(({ section }) => (section === 'yaml' ? settings.yaml : {})),
  );
  connection.onRequest('client/registerCapability', () => null);
  connection.onUnhandledNotification(() => undefined);
  connection.listen();
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: { workspace: { configuration: true }, textDocument: { completion: {}, foldingRange: {} } },
  });
  await connection.sendNotification('initialized', {});
  await connection.sendNotification('workspace/didChangeConfiguration', { settings });
});

afterAll(() => {
  connection.dispose();
  child.kill();
  rmSync(folder, { recursive: true });
});

const pods =
  'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: shop }\nspec:\n  template:\n' +
  '    metadata: { labels: { app: shop } }\n' +
  '    spec: { containers: [{ ports: [{ name: web, containerPort: 8080 }] }] }\n';

let opened = 0;

async function open(all: string): Promise<string> {
  const uri = `file:///typing-${opened++}.yaml`;
  const textDocument = { uri, languageId: 'yaml', version: 1, text: all };
  await connection.sendNotification('textDocument/didOpen', { textDocument });
  return uri;
}

const head =
  `# yaml-language-server: $schema=${pathToFileURL(schema).href}\n` +
  'apiVersion: v1\nkind: Service\nmetadata:\n  name: shop\n';
test.each([
  ['a field', `${head}spec:\n  |`, { theirs: 'externalTrafficPolicy', ours: null }],
  ['a value that Kubernetes knows', `${head}spec:\n  type: |`, { theirs: 'NodePort', ours: null }],
  ['a label', `${head}spec:\n  selector:\n    app: |`, { theirs: null, ours: 'shop' }],
  ["a label's key", `${head}spec:\n  selector:\n    |`, { theirs: null, ours: 'app: shop' }],
  [
    'a port of the pods',
    `${head}spec:\n  selector: { app: shop }\n  ports:\n    - targetPort: |`,
    { theirs: null, ours: 'web' },
  ],
  ["a port's field", `${head}spec:\n  ports:\n    - |`, { theirs: 'targetPort', ours: null }],
])('of %s, one of the two speaks', async (_, marked, { theirs, ours }) => {
  const cursor = marked.indexOf('|');
  const before = marked.slice(0, cursor).split('\n');
  const typed = marked.replace('|', '');
  const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  const answer: CompletionList | CompletionItem[] = await connection.sendRequest('textDocument/completion', {
    textDocument: { uri: await open(typed) },
    position,
  });
  const theirLabels = (Array.isArray(answer) ? answer : answer.items).map(({ label }) => label);
  const workspace = new Workspace();
  workspace.put('pods.yaml', pods);
  workspace.put('typing.yaml', typed);
  const ourLabels = completionsAt(workspace, 'typing.yaml', typed, position).items.map(({ label }) => label);
  expect({ theirs: theirLabels, ours: ourLabels }).toEqual({
    theirs: theirs === null ? [] : expect.arrayContaining([theirs]),
    ours: ours === null ? [] : expect.arrayContaining([ours]),
  });
});

test('it folds each document of a file, and selects value, entry and object', async () => {
  const uri = await open(`${head}---\n${pods}`);
  const folds: FoldingRange[] = await connection.sendRequest('textDocument/foldingRange', { textDocument: { uri } });
  expect(folds.map(({ startLine, endLine }) => [startLine, endLine])).toEqual(
    expect.arrayContaining([
      [1, 4],
      [6, 12],
    ]),
  );
  const [selected]: SelectionRange[] = await connection.sendRequest('textDocument/selectionRange', {
    textDocument: { uri },
    positions: [{ line: 4, character: 9 }],
  });
  const lines: number[] = [];
  for (let each = selected; each !== undefined; each = each.parent)
    lines.push(each.range.end.line - each.range.start.line);
  expect(lines).toMatchInlineSnapshot(`
    [
      0,
      0,
      0,
      1,
      3,
    ]
  `);
});
