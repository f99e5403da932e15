import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createProtocolConnection,
  type FoldingRange,
  type Position,
  type ProtocolConnection,
  type SelectionRange,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { type Folder, newFolder, root, spawnServer } from './server/editor.ts';

/**
 * Beside the YAML extension by Red Hat, which is yaml-language-server: both are asked at every place of a manifest, and
 * nothing is offered or said twice. The schema stands for Kubernetes', which would have to be fetched; its descriptions
 * are those of k8s.io/api v0.36.4, core/v1/types_swagger_doc_generated.go.
 */
const manifest = `apiVersion: v1
kind: Service
metadata:
  name: shop
  annotations:
    service.beta.kubernetes.io/aws-load-balancer-type: nlb
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  sessionAffinity: None
  selector:
    app: shop
  ports:
    - port: 80
      targetPort: http
      protocol: TCP
---
apiVersion: v1
kind: Pod
metadata:
  name: shop
  labels:
    app: shop
spec:
  containers:
    - name: shop
      image: shop
      ports:
        - name: http
          containerPort: 8080
`;

const oneOf = (description: string, ...values: string[]): object => ({ type: 'string', enum: values, description });
const schema = {
  type: 'object',
  properties: {
    kind: oneOf('Kind is a string value representing the REST resource this object represents.', 'Service', 'Pod'),
    metadata: { type: 'object', description: "Standard object's metadata." },
    spec: {
      type: 'object',
      description: 'Spec defines the behavior of a service.',
      properties: {
        type: oneOf(
          'type determines how the Service is exposed. Defaults to ClusterIP. Valid options are ExternalName, ' +
            'ClusterIP, NodePort, and LoadBalancer. "ClusterIP" allocates a cluster-internal IP address for ' +
            'load-balancing to endpoints. "NodePort" builds on ClusterIP and allocates a port on every node which ' +
            'routes to the same endpoints as the clusterIP. "LoadBalancer" builds on NodePort and creates an ' +
            'external load-balancer (if supported in the current cloud) which routes to the same endpoints as the ' +
            'clusterIP.',
          'ClusterIP',
          'NodePort',
          'LoadBalancer',
          'ExternalName',
        ),
        externalTrafficPolicy: oneOf(
          'externalTrafficPolicy describes how nodes distribute service traffic they receive on one of the ' +
            'Service\'s "externally-facing" addresses (NodePorts, ExternalIPs, and LoadBalancer IPs). If set to ' +
            '"Local", the proxy will configure the service in a way that assumes that external load balancers will ' +
            'take care of balancing the service traffic between nodes, and so each node will deliver traffic only to ' +
            'the node-local endpoints of the service, without masquerading the client source IP. (Traffic mistakenly ' +
            'sent to a node with no endpoints will be dropped.)',
          'Cluster',
          'Local',
        ),
        internalTrafficPolicy: oneOf(
          'InternalTrafficPolicy describes how nodes distribute service traffic they receive on the ClusterIP.',
          'Cluster',
          'Local',
        ),
        sessionAffinity: oneOf(
          'Supports "ClientIP" and "None". Used to maintain session affinity. Enable client IP based session ' +
            'affinity. Must be ClientIP or None. Defaults to None.',
          'None',
          'ClientIP',
        ),
        selector: {
          type: 'object',
          description:
            'Route service traffic to pods with label keys and values matching this selector. Only applies to types ' +
            'ClusterIP, NodePort, and LoadBalancer. Ignored if type is ExternalName.',
        },
        ports: {
          type: 'array',
          description: 'The list of ports that are exposed by this service.',
          items: {
            type: 'object',
            properties: {
              port: { type: 'integer', description: 'The port that will be exposed by this service.' },
              targetPort: {
                description:
                  'Number or name of the port to access on the pods targeted by the service. If this is not ' +
                  "specified, the value of the 'port' field is used (an identity map).",
              },
              protocol: oneOf(
                'The IP protocol for this port. Supports "TCP", "UDP", and "SCTP". Default is TCP.',
                'TCP',
                'UDP',
                'SCTP',
              ),
            },
          },
        },
      },
    },
  },
};

interface Neighbour {
  readonly child: ChildProcess;
  readonly connection: ProtocolConnection;
}

let folder: Folder;
let ours: Neighbour;
let theirs: Neighbour;

beforeAll(async () => {
  folder = newFolder({ 'shop.yaml': manifest, 'schema.json': JSON.stringify(schema) });
  const command = [join(root, 'node_modules/yaml-language-server/bin/yaml-language-server'), '--stdio'];
  [ours, theirs] = await Promise.all([
    start(spawnServer()),
    start(spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'inherit'] })),
  ]);
});

afterAll(async () => {
  for (const { child, connection } of [ours, theirs]) {
    connection.dispose();
    child.kill();
  }
  folder.remove('.');
});

async function start(child: ChildProcess): Promise<Neighbour> {
  if (child.stdout === null || child.stdin === null) throw new Error('no pipe');
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const yaml = {
    hover: true,
    completion: true,
    schemaStore: { enable: false },
    kubernetesCRDStore: { enable: false },
    schemas: { [folder.at('schema.json')]: 'shop.yaml' },
  };
  connection.onRequest('workspace/configuration', ({ items }: { items: { section: string }[] }) =>
    items.map(({ section }) => (section === 'yaml' ? yaml : null)),
  );
  connection.onRequest('client/registerCapability', () => null);
  connection.onRequest('window/workDoneProgress/create', () => null);
  connection.onUnhandledNotification(() => undefined);
  connection.listen();
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: folder.uri,
    capabilities: {
      workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true } },
      textDocument: { hover: { contentFormat: ['markdown'] }, completion: {}, foldingRange: {} },
    },
    workspaceFolders: [{ uri: folder.uri, name: 'shop' }],
  });
  await connection.sendNotification('initialized', {});
  await connection.sendNotification('workspace/didChangeConfiguration', { settings: { yaml } });
  await connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri: folder.at('shop.yaml'), languageId: 'yaml', version: 1, text: manifest },
  });
  return { child, connection };
}

async function completions({ connection }: Neighbour, position: Position): Promise<string[]> {
  const found: { items: { label: string }[] } | { label: string }[] | null = await connection.sendRequest(
    'textDocument/completion',
    { textDocument: { uri: folder.at('shop.yaml') }, position },
  );
  return (Array.isArray(found) ? found : (found?.items ?? [])).map(({ label }) => label);
}

async function hover({ connection }: Neighbour, position: Position): Promise<string> {
  const found: { contents: { value: string } } | null = await connection.sendRequest('textDocument/hover', {
    textDocument: { uri: folder.at('shop.yaml') },
    position,
  });
  return found?.contents.value ?? '';
}

/** In the middle of each line's key, and at the beginning of its value. */
const places = manifest.split('\n').flatMap((text, line): Position[] => {
  const [, before = '', key = ''] = /^([ -]*)([\w./-]+):/.exec(text) ?? [];
  if (key === '') return [];
  const atKey = { line, character: before.length + 1 };
  const value = before.length + key.length + 2;
  return value < text.length ? [atKey, { line, character: value }] : [atKey];
});

test('nothing is offered twice', async () => {
  const theirOffers = new Set<string>();
  for (const place of places) {
    const [one, other] = await Promise.all([completions(ours, place), completions(theirs, place)]);
    for (const label of other) theirOffers.add(label);
    expect({ place, both: one.filter((label) => other.includes(label)) }).toEqual({ place, both: [] });
  }
  expect([...theirOffers]).toEqual(expect.arrayContaining(['Cluster', 'NodePort']));
});

/** Without their marks: each writes Markdown in its own way. */
function sentencesOf(text: string): string[] {
  return text
    .split(/(?<=[.!?:])\s+|\n+/)
    .map((each) => each.replaceAll(/[^\p{L}\p{N}]+/gu, ' ').trim())
    .filter((each) => each.includes(' '));
}

test('nothing is said twice', async () => {
  let both = 0;
  for (const place of places) {
    const [one, other] = await Promise.all([hover(ours, place), hover(theirs, place)]);
    if (one !== '' && other !== '') both++;
    expect(sentencesOf(one).filter((each) => sentencesOf(other).includes(each))).toEqual([]);
  }
  // Where both speak, they speak of different things.
  expect(both).toBeGreaterThan(3);
});

test('it folds each document, and selects from a value to its entry and its object: that is left to it', async () => {
  const textDocument = { uri: folder.at('shop.yaml') };
  const folds: FoldingRange[] = await theirs.connection.sendRequest('textDocument/foldingRange', { textDocument });
  const [service = 0, pod = 0] = manifest.split('---\n').map((each) => each.split('\n').length - 1);
  expect(folds.map(({ startLine, endLine }) => [startLine, endLine])).toEqual(
    expect.arrayContaining([
      [0, service - 1],
      [service + 1, service + pod],
    ]),
  );
  const [selected]: SelectionRange[] = await theirs.connection.sendRequest('textDocument/selectionRange', {
    textDocument,
    positions: [{ line: 3, character: 9 }],
  });
  const lines: number[] = [];
  for (let each = selected; each !== undefined; each = each.parent)
    lines.push(each.range.end.line - each.range.start.line + 1);
  expect(lines.slice(0, 2)).toEqual([1, 1]);
  expect(lines.at(-1)).toBe(service);
});
