import { expect, test } from 'vitest';
import { reachability, readSomeone } from '../shared/insight/reachability/reachability.ts';
import { verdictSentence } from '../shared/trace/verdictText.ts';
import { cluster, traceIn } from './scene.ts';

const model = cluster(`
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: p }
spec: { nodes: { count: 2 }, podNetwork: { cni: flannel } }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: NodePort, selector: { app: web }, ports: [{ port: 80, nodePort: 30080 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec: { nodeName: node-1, containers: [{ name: c, ports: [{ containerPort: 80, hostPort: 8081 }] }] }
`);

/** What listens on a node besides pods and kube-proxy, no manifest says. */
test.each<[target: string, from: string, wanted: string]>([
  ['192.168.0.11:8081', 'internet', 'delivered'],
  ['192.168.0.11:30080', 'internet', 'delivered'],
  [
    '192.168.0.11:10250',
    'internet',
    "Nothing in these files takes node-1's port 10250, and they don't say what else runs on the node.",
  ],
  [
    '192.168.0.11:10250',
    'pod/web',
    "Nothing in these files takes node-1's port 10250, and they don't say what else runs on the node.",
  ],
  [
    '192.168.0.12:8081',
    'node/node-2',
    "Nothing in these files takes node-2's port 8081, and they don't say what else runs on the node.",
  ],
  [
    '192.168.0.12:80',
    'internet',
    "Nothing in these files takes node-2's port 80, and they don't say what else runs on the node. Service web's " +
      'port 80 is a port of its cluster address, not of the node.',
  ],
  ['192.168.0.11:30999', 'internet', "Nothing listens on node-1's port 30999."],
  ['127.0.0.1:10250', 'node/node-1', "Nothing listens on node-1's port 10250."],
])('%s from %s: %s', (target, from, wanted) => {
  const { paths } = traceIn(model, target, from);
  expect(paths.map(({ verdict }) => verdictSentence(verdict))).toEqual([wanted]);
});

test('whether anybody reaches it is open', () => {
  const someone = readSomeone(model, 'node/node-1');
  if (someone.kind === 'unreadable') throw new Error(someone.message);
  const question = { from: null, to: someone.value, port: { port: 10250, protocol: 'TCP' as const } };
  const { rows } = reachability({ model, isComplete: true }, question);
  expect(rows.map(({ answers }) => answers.map((each) => each?.kind))).toEqual([['unknown']]);
});
